"""What each address of the newspaper answers. Handlers look at the path alone; the origin's own host name does not matter."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import attrs
from aiohttp import web

from replica import editor, listings, pages, strangers, wire
from replica.edition import Edition
from replica.feeds import Feeds, index_page
from replica.model import SITE
from replica.wayback import Wayback

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from replica.clock import Clock
    from replica.control import Log
    from replica.faults import Faults
    from replica.newspaper import Newspaper

ROBOTS: Final = "User-agent: *\nDisallow: /search\nDisallow: /player\n\nUser-agent: ReplicaAds\nDisallow:\n"
_HTML: Final = "text/html; charset=UTF-8"
_XML: Final = "text/xml; charset=UTF-8"


class Routes:
    """The handlers over one newspaper."""

    def __init__(self, paper: Newspaper, latency: float, clock: Clock, faults: Faults, log: Log) -> None:
        self.paper = paper
        self.latency = latency
        self.clock = clock
        self.faults = faults
        self.log = log
        self.feeds = Feeds(paper)
        self.wayback = Wayback(paper)
        self._not_found = pages.not_found_page()

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/robots.txt", self.robots)
        app.router.add_get("/search", self.search)
        app.router.add_get("/web/{path:.*}", self.archived)
        app.router.add_get("/{path:.*}", self.page)

    async def page(self, request: web.Request) -> web.StreamResponse:
        """An article, its AMP twin, a redirect from its second address, a listing, a feed, or 404."""
        return await self._answer(request, lambda path: self.made(request, path))

    async def search(self, request: web.Request) -> web.StreamResponse:
        query = dict(request.query)
        return await self._answer(
            request, lambda _: _html(pages.search_page(listings.search(self.paper, query, self.clock.now)))
        )

    async def robots(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, lambda _: web.Response(text=ROBOTS))

    async def archived(self, request: web.Request) -> web.StreamResponse:
        """A capture of the stand-in archive."""
        return await self._answer(request, lambda _: self.wayback.answer(request.raw_path, self.clock.now))

    async def _answer(self, request: web.Request, make: Callable[[str], web.Response]) -> web.StreamResponse:
        """What `make` gives for the path, or what a fault makes of it."""
        path = request.rel_url.raw_path
        place = self.log.arrive(path, conditional="If-Modified-Since" in request.headers)
        if self.latency:
            await asyncio.sleep(self.latency)
        response = make(path)
        return await self.spoiled(request, response, path, place)

    async def spoiled(self, request: web.Request, response: web.Response, path: str, place: int) -> web.StreamResponse:
        """An answer as it is sent: itself, or what a fault makes of it; `place` is its entry in the log."""
        self.log.answer(place, response.status)
        rule = self.faults.choose(path, has_body=response.status == 200) if self.faults.rules else None
        if rule is None:
            return response
        spoiled, status = await wire.spoiled(request, response, rule, self.clock.now)
        self.log.answer(place, status)
        return spoiled

    def made(self, request: web.Request, path: str) -> web.Response:
        """The page at a path, not counted and not spoiled."""
        plain = path.rstrip("/") or "/"
        amp = plain.endswith("/amp")
        if amp:
            plain = plain[: -len("/amp")]
        edition = Edition(self.paper, self.clock.now if self.paper.life else None)
        number = self.paper.find(plain)
        second = self.paper.find_alias(plain) if number is None else None
        moved = self.paper.find_moved(plain) if number is None and second is None else None
        if moved is not None and edition.status(moved) == 200 and edition.moved(moved):
            return self._article(request, edition, moved, amp)
        known = number if number is not None else second
        if known is not None and (status := edition.status(known)) != 200:
            return _html(self._not_found, status=status)
        if second is not None and self.paper.alias_redirects(second):
            return web.Response(status=301, headers={"Location": self.paper.stub(second).url + "/amp" * amp})
        if known is not None:
            if edition.moved(known):
                return web.Response(
                    status=301, headers={"Location": SITE + self.paper.moved_path(known) + "/amp" * amp}
                )
            if not edition.is_ready(known):
                return _not_ready(known)
            return self._article(request, edition, known, amp)
        return self._list(request, edition.now, plain) or _html(self._not_found, status=404)

    def _article(self, request: web.Request, edition: Edition, number: int, amp: bool) -> web.Response:
        article = editor.article(self.paper, number, edition.version(number))
        if edition.moved(number):
            article = attrs.evolve(article, stub=attrs.evolve(article.stub, path=self.paper.moved_path(number)))
        changed = edition.changed_page(number) or pages.changed(article)
        render = pages.amp_page if amp else pages.article_page
        return _fresh(request, changed, lambda: render(self.paper, article))

    def _list(self, request: web.Request, now: dt.datetime | None, path: str) -> web.Response | None:
        """A listing, a feed, or the index of feeds; None for any other path."""
        found = listings.listing(self.paper, path, now)
        if found:
            return _fresh(request, found.changed, lambda: pages.listing_page(self.paper, found))
        feed = self.feeds.find(path, now)
        if feed:
            return _fresh(request, feed.changed, lambda: self.feeds.xml(feed, now), _XML)
        return _html(index_page()) if path == "/rss" else None


def _not_ready(number: int) -> web.Response:
    """What stands in the place of an article that is announced: nothing at all, a page of maintenance, or the way home."""
    if number % 3 == 0:
        return web.Response(status=302, headers={"Location": f"{SITE}/"})
    return _html(b"" if number % 3 == 1 else strangers.maintenance())


def _html(body: bytes, status: int = 200) -> web.Response:
    return web.Response(body=body, status=status, headers={"Content-Type": _HTML})


def _fresh(request: web.Request, changed: dt.datetime, make: Callable[[], bytes], kind: str = _HTML) -> web.Response:
    """A page with its Last-Modified, or 304 to a client that has it."""
    headers = {"Last-Modified": pages.http_date(changed)}
    since = request.if_modified_since if "If-Modified-Since" in request.headers else None
    if since and changed <= since:
        return web.Response(status=304, headers=headers)
    return web.Response(body=make(), headers={"Content-Type": kind, **headers})
