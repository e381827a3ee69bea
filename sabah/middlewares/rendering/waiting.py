"""Wait in the browser until an article is there, or a listing shows no more: it is scrolled, or its button is pressed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs
from scrapy.http import HtmlResponse

from sabah.middlewares.rendering import in_page
from sabah.middlewares.rendering.rendered import Rendered, RenderError
from sabah.pages.listing import card_dates, read_listing
from sabah.pages.not_the_page import article_shell

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Awaitable, Callable, Sequence

    from playwright.async_api import JSHandle

    from sabah.middlewares.rendering.requests import Door
    from sabah.middlewares.rendering.tab import Tab
    from sabah.site.addresses import Address

OVER: Final = 1.0
"""Seconds without a request, an answer or a new link after a scroll or a click: the listing has no more. What is waited for is never cut off by it."""

_AGAIN: Final = 0.45
"""Seconds between two scrolls or clicks that nothing has come of; scripts that wait for the end of a scroll do so for 0.1 to 0.3."""

_TRIES: Final = 5
"""Scrolls or clicks after which an answer that brings no new link is believed."""

_MOST_TRIES: Final = 25
"""Scrolls and clicks after which a page is believed that has buttons nobody has pressed yet: every teaser may have one of its own."""

_CARDS_STEP: Final = 0.2


@attrs.frozen(kw_only=True)
class Enough:
    """When a listing need not be loaded further."""

    rounds: int
    """Times it may be asked for more."""

    since: dt.date | None = None
    limit: int | None = None
    unknown: Callable[[Sequence[str]], Awaitable[int]]
    """How many of the addresses the dataset does not have: those the limit counts."""

    async def why(self, html: str, url: str, new: Sequence[str], every: Sequence[str], rounds: int) -> str | None:
        """`since` when all that came last is dated before it, `limit`, `most`; None to go on."""
        if self.since is not None and new:
            dates = card_dates(html, url)
            if all(link in dates and dates[link] < self.since for link in new):
                return "since"
        if self.limit is not None and await self.unknown(every) >= self.limit:
            return "limit"
        return "most" if rounds >= self.rounds else None


async def render_listing(tab: Tab, door: Door, document: bytes, url: str, patience: float, enough: Enough) -> Rendered:
    """The listing with all it loads, or as much as is wanted.

    What was there before the page crashed, got stuck or waited for too long is kept, and is `unfinished`. Raises RenderError where nothing was.
    """
    links: dict[str, None] = {}
    html, rounds, asking = "", -1, _Asking(tab, door, patience)
    try:
        await tab.show(url, document, door)
        await _first(tab, door, patience)
        while True:
            linked = await tab.run(in_page.LINKED)
            html = await tab.html()
            listing = read_listing(HtmlResponse(url, body=html, encoding="utf-8"))
            new = [link for link in listing.links if link not in links]
            why = None
            if new or rounds < 0:
                links.update(dict.fromkeys(new))
                rounds += 1
                asking.brought_something()
                why = await enough.why(html, url, new, list(links), rounds)
            why = why or await asking.more(linked)
            if why is not None:
                return Rendered(html, unfinished=why == "late", links=tuple(links), why=why)
    except RenderError:
        if not links:
            raise
        return Rendered(html, unfinished=True, links=tuple(links), why="lost")


async def _first(tab: Tab, door: Door, patience: float) -> None:
    """Waits for the first links of a page that comes without any."""
    refused_wall = False
    while not await tab.run(in_page.ANY_CARD, {"patience": _CARDS_STEP * 1000}, waits=_CARDS_STEP):
        if door.refused is not None:
            raise door.refused
        if door.still > OVER / 2 and not refused_wall:
            refused_wall = await tab.run(in_page.REFUSE)
        if door.silent > patience or (door.still > OVER and not refused_wall):
            return


class _Asking:
    """Asks the page for more, one way after another."""

    def __init__(self, tab: Tab, door: Door, patience: float) -> None:
        self.tab, self.door, self.patience = tab, door, patience
        self._tried: JSHandle | None = None
        self._asked = 0.0
        self._left = 0
        """Ways of asking that have not been tried in vain."""

        self.brought_something()

    def brought_something(self) -> None:
        """To be called when articles have come that were not there."""
        self._began = self._quiet_since = self.door.now()
        self._asked, self._tries, self._brought = 0.0, 0, True

    async def more(self, before: str) -> str | None:
        """None when links lead elsewhere than `before`; `end` or `late` where no article has come for too long, whatever else has."""
        door = self.door
        while True:
            if door.refused is not None:
                raise door.refused
            if why := self._over():
                return why
            # Not while scripts are on their way, and again where nothing came of it: a button may stand there before its script.
            if not door.under_way and door.now() - self._asked > _AGAIN:
                await self._ask()
            if await self.tab.run(in_page.GROWN, {"before": before, "patience": _CARDS_STEP * 1000}, waits=_CARDS_STEP):
                return None

    def _over(self) -> str | None:
        door, now = self.door, self.door.now()
        if not self._left or self._tries >= _MOST_TRIES:
            if self._tries > _TRIES and not door.under_way and now - self._asked > _AGAIN:
                return "end"
            if now - self._quiet_since > OVER and door.still > OVER:
                return "end"
        return "late" if now - self._began > self.patience and door.silent > self.patience else None

    async def _ask(self) -> None:
        if self._tried is None:
            self._tried = await self.tab.handle(in_page.TRIED)
        done = await self.tab.run(in_page.MORE, {"tried": self._tried, "brought": self._brought})
        self._asked, self._left = self.door.now(), done["left"]
        self._tries, self._brought = self._tries + 1, False
        if done["fresh"]:
            self._quiet_since = self._asked


QUIET: Final = 80
"""Milliseconds without growth of the text, after headline and text are there and nothing is asked for any more: a script that puts in a paragraph
after another does it in one go or in frames of 16 ms."""

_ARTICLE_STEP: Final = 0.25
"""Seconds between two looks at what the page has asked for."""


async def render_article(
    tab: Tab, door: Door, url: str, document: bytes, address: Address, patience: float
) -> Rendered:
    """The page when its article is there. Raises RenderError for one that brings none, within `patience` seconds after the newspaper's last answer.

    A page that goes on asking is taken as it is then, where it has an article, and so is one that has it when the run ends; it is `unfinished`.
    """
    await tab.show(url, document, door)
    refused_wall, there_since = False, None
    wanted = {"body": address.kind not in ("video", "gallery"), "quiet": QUIET, "patience": _ARTICLE_STEP * 1000}
    while True:
        there = await tab.run(in_page.ARTICLE, wanted, waits=_ARTICLE_STEP)
        there_since = (there_since or door.now()) if there else None
        late = door.silent > patience
        for_long = there_since is not None and door.now() - there_since > patience
        if there and (late or for_long or not door.under_way or door.refused is not None):
            html = await tab.html()
            if article_shell(html, address) is None:
                return Rendered(html, unfinished=bool(door.under_way))
        if door.refused is not None:
            raise door.refused
        if late and (not door.under_way or door.silent > 3 * patience):
            raise RenderError(f"no article came within {patience:.0f} s")
        if not there and not refused_wall and door.still > _ARTICLE_STEP:
            refused_wall = bool(await tab.run(in_page.REFUSE))
