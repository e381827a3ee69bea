"""An article that a script puts into its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sabah.pages.not_the_page import article_shell
from sabah.rendering import in_page
from sabah.rendering.errors import RenderError
from sabah.rendering.rendered import Rendered

if TYPE_CHECKING:
    from sabah.rendering.door import Door
    from sabah.rendering.tab import Tab
    from sabah.site.addresses import Address

QUIET: Final = 80
"""Milliseconds without growth of the text, after headline and text are there and nothing is asked for any more: a script that puts in a paragraph
after another does it in one go or in frames of 16 ms."""

_STEP: Final = 0.25
"""Seconds between two looks at what the page has asked for."""


async def render(tab: Tab, door: Door, url: str, document: bytes, address: Address, patience: float) -> Rendered:
    """The page when its article is there. Raises RenderError for one that brings none, within `patience` seconds after the newspaper's last answer.

    A page that goes on asking is taken as it is then, where it has an article, and so is one that has it when the run ends; it is `unfinished`.
    """
    await tab.show(url, document, door)
    refused_wall, there_since = False, None
    wanted = {"body": address.kind not in ("video", "gallery"), "quiet": QUIET, "patience": _STEP * 1000}
    while True:
        there = await tab.run(in_page.ARTICLE, wanted, waits=_STEP)
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
        if not there and not refused_wall and door.still > _STEP:
            refused_wall = bool(await tab.run(in_page.REFUSE))
