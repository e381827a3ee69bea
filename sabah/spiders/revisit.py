"""Stored articles looked at again when their age says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sabah.spiders.arguments import Arguments, parse_revisit_arguments
from sabah.spiders.base import SabahSpider
from sabah.storage.pages import Page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping


class RevisitSpider(SabahSpider):
    """`[-a since=] [-a until=] [-a limit=]`: every article of the dataset that is due (REVISIT_AGES), whoever stored it, and every page that was
    refused and is to be asked for again (REFUSED_AGES).

    Links are not followed. Stats: `revisit/due` (addresses on the list at the start).
    """

    name = "revisit"

    @classmethod
    def parse_arguments(cls, given: Mapping[str, str]) -> Arguments:
        return parse_revisit_arguments(given)

    async def start(self) -> AsyncIterator[Page]:
        yield Page(all_due=True)
