"""A listing that shows more as it is scrolled, or when a button is pressed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs
from scrapy.http import HtmlResponse

from sabah.pages.card_dates import card_dates
from sabah.pages.listing import read_listing
from sabah.rendering import in_page
from sabah.rendering.errors import RenderError
from sabah.rendering.rendered import Rendered

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Awaitable, Callable, Sequence

    from sabah.rendering.door import Door
    from sabah.rendering.tab import Tab

OVER: Final = 1.0
"""Seconds without a request, an answer or a new link after a scroll or a click: the listing has no more. What is waited for is never cut off by it."""

_AGAIN: Final = 0.45
"""Seconds between two scrolls or clicks that nothing has come of; scripts that wait for the end of a scroll do so for 0.1 to 0.3."""

_TRIES: Final = 5
"""Scrolls or clicks after which an answer that brings no new link is believed."""

_STEP: Final = 0.2


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


async def render(tab: Tab, door: Door, document: bytes, url: str, patience: float, enough: Enough) -> Rendered:
    """The listing with all it loads, or as much as is wanted.

    What was there before the page crashed, got stuck or waited for too long is kept, and is `unfinished`. Raises RenderError where nothing was.
    """
    links: dict[str, None] = {}
    html, rounds, began = "", -1, door.now()
    try:
        await tab.show(url, document, door)
        await _first(tab, door, patience)
        while True:
            count = await tab.run(in_page.LINKS)
            html = await tab.html()
            listing = read_listing(HtmlResponse(url, body=html, encoding="utf-8"))
            new = [link for link in listing.links if link not in links]
            why = None
            if new or rounds < 0:
                links.update(dict.fromkeys(new))
                rounds, began = rounds + 1, door.now()
                why = await enough.why(html, url, new, list(links), rounds)
            why = why or await _more(tab, door, count, began, patience)
            if why is not None:
                return Rendered(html, unfinished=why == "late", links=tuple(links), why=why)
    except RenderError:
        if not links:
            raise
        return Rendered(html, unfinished=True, links=tuple(links), why="lost")


async def _first(tab: Tab, door: Door, patience: float) -> None:
    """Waits for the first links of a page that comes without any."""
    refused_wall = False
    while not await tab.run(in_page.ANY_CARD, {"patience": _STEP * 1000}, waits=_STEP):
        if door.refused is not None:
            raise door.refused
        if door.still > OVER / 2 and not refused_wall:
            refused_wall = await tab.run(in_page.REFUSE)
        if door.silent > patience or (door.still > OVER and not refused_wall):
            return


async def _more(tab: Tab, door: Door, before: int, began: float, patience: float) -> str | None:
    """Asks the page for more until the number of its links is another than `before`; `end` or `late` where nothing has come since `began`."""
    asked, tries = 0.0, 0
    while True:
        if door.refused is not None:
            raise door.refused
        if tries > _TRIES and not door.under_way and door.now() - asked > _AGAIN:
            return "end"
        waited = door.now() - began
        if waited > OVER and door.still > OVER:
            return "end"
        if waited > patience and door.silent > patience:
            return "late"
        # Not while scripts are on their way, and again where nothing came of it: a button may stand there before its script.
        if not door.under_way and door.now() - asked > _AGAIN:
            asked, tries = door.now(), tries + 1
            await tab.run(in_page.MORE)
        if await tab.run(in_page.GROWN, {"before": before, "patience": _STEP * 1000}, waits=_STEP):
            return None
