"""What each address of the newspaper answers. Handlers look at the path alone; the origin's own host name does not matter."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from sabah.replica import editor, listings, pages, truth

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sabah.replica.newspaper import Newspaper

ROBOTS: Final = "User-agent: *\nDisallow: /search\nDisallow: /player\n\nUser-agent: ReplicaAds\nDisallow:\n"
_HTML: Final = "text/html; charset=UTF-8"
_BATCH: Final = 50


class Routes:
    """The handlers over one newspaper."""

    def __init__(self, paper: Newspaper, latency: float) -> None:
        self.paper = paper
        self.latency = latency
        self.requests: Counter[str] = Counter()
        """Requests by path, but for the replica's own addresses."""
        self._not_found = pages.not_found_page()

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/robots.txt", self.robots)
        app.router.add_get("/search", self.search)
        app.router.add_get("/_truth.jsonl", self.truth)
        app.router.add_get("/_truth/listings.jsonl", self.listings)
        app.router.add_get("/_log", self.log)
        app.router.add_get("/{path:.*}", self.page)

    async def page(self, request: web.Request) -> web.Response:
        """An article, its AMP twin, a redirect from its second address, a listing, or 404."""
        path = request.rel_url.raw_path
        await self._arrive(path)
        plain = path.rstrip("/") or "/"
        amp = plain.endswith("/amp")
        if amp:
            plain = plain[: -len("/amp")]
        number = self.paper.find(plain)
        if number is None:
            number = self.paper.find_alias(plain)
            if number is not None and self.paper.alias_redirects(number):
                return web.Response(status=301, headers={"Location": self.paper.stub(number).url + "/amp" * amp})
        if number is not None:
            return self._article(number, amp)
        found = None if amp else listings.listing(self.paper, plain)
        if found:
            return _html(pages.listing_page(self.paper, found))
        return _html(self._not_found, status=404)

    def _article(self, number: int, amp: bool) -> web.Response:
        article = editor.article(self.paper, number)
        body = pages.amp_page(self.paper, article) if amp else pages.article_page(self.paper, article)
        return _html(body, modified=pages.last_modified(article))

    async def search(self, request: web.Request) -> web.Response:
        await self._arrive("/search")
        return _html(pages.search_page(listings.search(self.paper, dict(request.query))))

    async def robots(self, request: web.Request) -> web.Response:
        await self._arrive(request.path)
        return web.Response(text=ROBOTS)

    async def truth(self, request: web.Request) -> web.StreamResponse:
        """The expected record and links of every article, oldest first."""
        return await _stream(
            request, (truth.entry(editor.article(self.paper, number)) for number in range(self.paper.total))
        )

    async def listings(self, request: web.Request) -> web.StreamResponse:
        """The expected links of home, sections and author archives."""
        found = (listings.listing(self.paper, path) for path in listings.paths(self.paper))
        most_read = truth.addresses(link for _, link in editor.most_read(self.paper))
        lines = (
            {
                "path": one.path,
                "links": {
                    "cards": truth.addresses(card.link for card in one.cards),
                    "most_read": most_read,
                    "dead": truth.addresses(card.link for card in one.cards if card.link.dead),
                },
            }
            for one in found
            if one
        )
        return await _stream(request, lines)

    async def log(self, _: web.Request) -> web.Response:
        """Requests by path so far."""
        return web.json_response(dict(self.requests))

    async def _arrive(self, path: str) -> None:
        self.requests[path] += 1
        if self.latency:
            await asyncio.sleep(self.latency)


def _html(body: bytes, status: int = 200, modified: str | None = None) -> web.Response:
    headers = {"Content-Type": _HTML}
    if modified:
        headers["Last-Modified"] = modified
    return web.Response(body=body, status=status, headers=headers)


async def _stream(request: web.Request, entries: Iterable[dict[str, Any]]) -> web.StreamResponse:
    """JSON Lines, made as they are sent."""
    response = web.StreamResponse(headers={"Content-Type": "application/jsonl; charset=utf-8"})
    await response.prepare(request)
    batch: list[str] = []
    for one in entries:
        batch.append(json.dumps(one, ensure_ascii=False))
        if len(batch) == _BATCH:
            await response.write(("\n".join(batch) + "\n").encode())
            batch.clear()
            await asyncio.sleep(0)  # pages are served meanwhile
    await response.write("".join(line + "\n" for line in batch).encode())
    return response
