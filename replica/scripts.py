"""A newspaper that comes by script: shells for articles, listings that load more. Wraps the pages that Routes makes."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, Final

import attrs
from aiohttp import web

from replica import boxes_html, listings
from replica.dice import Dice
from replica.look import look
from replica.surroundings import template

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from replica.control import Log
    from replica.routes import Routes

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PART: Final = "/theme_dailysabah/part"
MORE: Final = "/theme_dailysabah/more"
HANGS: Final = "/theme_dailysabah/never"
SCRIPTS: Final = {f"/theme_dailysabah/js/{name}.js": f"scripts/{name}.js" for name in ("article", "listing")}
FORMS: Final = ("plain", "pieces", "late", "wall", "hanging")
"""How an article comes: its text at once; paragraph after paragraph; after a second answer; when a consent wall was refused; beside a
request that is never answered."""

WAYS: Final = ("scroll", "button")
_FIRST, _NEXT = 4, 10
_FORM: Final = 77
_MAIN: Final = re.compile(
    rb"(?<=</header>\n).*?(?=<div class=\"popup\")|(?<=</header>).*?(?=<div class=\"popup\")", re.DOTALL
)
_FRAME: Final = '<div id="app" data-form="%s"><div class="skeleton"></div></div>%s<script src="/theme_dailysabah/js/article.js"></script>\n'
_WALL: Final = (
    '<div class="consent" style="position:fixed;inset:0;z-index:9999;background:#fff"><p>We and our partners store and process '
    "personal data on your device to show you content and advertising that suits you, and we need your choice before you go on reading.</p>"
    '<button class="agree">Accept all</button><button class="refuse">Reject all</button></div>'
)


@attrs.frozen
class Scripted:
    """`articles` and `listings`: whether these come by script. AMP pages never do."""

    routes: Routes
    log: Log
    articles: bool
    listings: bool
    form: str | None = None
    """The one form of all articles; None for all of FORMS by turns."""

    @web.middleware
    async def answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        path = request.path
        if path not in (PART, MORE, HANGS) and path not in SCRIPTS:
            return self._framed(request, await handler(request))
        place = self.log.arrive(path, conditional=False)
        if self.routes.latency:
            await asyncio.sleep(self.routes.latency)
        if path == HANGS:
            await asyncio.sleep(3600)
        made = self._script(path) if path in SCRIPTS else self._part(request) if path == PART else self._more(request)
        return await self.routes.spoiled(request, made, path, place)

    def _framed(self, request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
        """The page without what its script will bring."""
        path = request.rel_url.raw_path
        if not isinstance(response, web.Response) or response.status != 200 or not isinstance(response.body, bytes):
            return response
        number = self._number(path)
        if number is not None and self.articles and not path.rstrip("/").endswith("/amp"):
            form = self.form_of(number)
            frame = (_FRAME % (form, _WALL if form == "wall" else "")).encode()
            response.body = _MAIN.sub(lambda _: frame, response.body, count=1)
        elif (
            self.listings
            and b'<div class="widgets">' in response.body
            and len(path.strip("/").split("/")) == 1
            and path != "/"
        ):
            response.body = self._first_cards(path, response.body)
        return response

    @staticmethod
    def _script(path: str) -> web.Response:
        return web.Response(body=template(SCRIPTS[path]).render().encode(), content_type="application/javascript")

    def form_of(self, number: int) -> str:
        return self.form or FORMS[Dice(self.routes.paper.seed, number, _FORM).below(len(FORMS))]

    def _number(self, path: str) -> int | None:
        plain = path.rstrip("/").removesuffix("/amp")
        number = self.routes.paper.find(plain)
        return number if number is not None else self.routes.paper.find_alias(plain)

    def _part(self, request: web.Request) -> web.Response:
        """What belongs into an article's frame."""
        made = self.routes.made(request, request.query["path"])
        found = _MAIN.search(made.body) if isinstance(made.body, bytes) else None
        if found is None:
            return web.Response(status=404)
        return web.json_response({"html": found.group().decode()})

    def _first_cards(self, path: str, page: bytes) -> bytes:
        cards, left = self._cards(path, 0, _FIRST)
        way = WAYS[sum(path.encode()) % len(WAYS)]
        button = '<button class="more_news" type="button">Load more</button>' if way == "button" else ""
        mark = "" if button else ' class="infinite-scroll"'
        start = page.index(b'<div class="widgets">')
        end = page.index(b"</div></div>\n<aside", start)
        inner = (
            f'<div class="widgets">{cards}</div><div id="more"{mark} data-list="{path}" data-from="{_FIRST}" data-left="{left}" data-way="{way}">{button}</div>'
            f'<script src="/theme_dailysabah/js/listing.js" defer></script>'
        )
        return page[:start] + inner.encode() + page[end + len(b"</div>") :]

    def _more(self, request: web.Request) -> web.Response:
        first = int(request.query["from"])
        cards, left = self._cards(request.query["list"], first, _NEXT)
        return web.json_response({"html": cards, "from": first + _NEXT, "left": left})

    def _cards(self, path: str, first: int, count: int) -> tuple[str, int]:
        """HTML of so many cards of the listing from `first` on, newest first with their days, and how many come after them."""
        every = listings.whole(self.routes.paper, path, self.routes.clock.now)
        shown = every[first : first + count]
        appearance = look(self.routes.paper.seed, 0)
        html = "".join(boxes_html.card(card, appearance, day) for card, day in shown)
        return html, max(0, len(every) - first - count)


def parse(text: str) -> dict[str, Any]:
    """`articles`, `listings`, `all`, each also as `articles:FORM`, for `--scripts`. Raises ValueError."""
    what, _, form = text.partition(":")
    if what not in ("articles", "listings", "all") or (form and (form not in FORMS or what == "listings")):
        raise ValueError(text)
    return {"articles": what != "listings", "listings": what != "articles", "form": form or None}
