"""What spiders yield beside requests and records, and the words for what is not asked for."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, Self

import attrs
from scrapy.exceptions import IgnoreRequest

from sabah.site.addresses import parse_address

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sabah.site.addresses import Address

OUT_OF_SCOPE: Final = "out of scope"
TOO_DEEP: Final = "too deep"

known_address = lru_cache(maxsize=20_000)(parse_address)
"""Most links of a page were on pages shortly before; twenty thousand addresses are about 12 MB."""


class NotAsked(IgnoreRequest):
    """The run ended before the request's turn: it never left, and its address is still pending."""


@attrs.frozen
class Found:
    """Addresses of articles that a page names, in page order: what a spider yields in place of a request for each.

    They are recorded in the commit of the page that names them, and asked for when it is their turn. One object for about thirty links,
    because each thing yielded passes every spider middleware.
    """

    addresses: tuple[Address, ...]
    depth: int
    """Steps from a listing or a given address: 0 for what those name."""

    hints: Mapping[str, str] = attrs.field(factory=dict, eq=False)
    """What a feed says of them, by canonical address: JSON as `pages.hint` writes it."""

    captures: Mapping[str, str] = attrs.field(factory=dict, eq=False)
    """The archive's captures of them, by canonical address: 14 digits, and behind a blank the address captured where it is another."""

    namer: tuple[str, str] = ("given", "")
    """Kind and name of the list that names them, where no page does: `given`, or `index` where it was made of an archive's index."""

    @classmethod
    def at(cls, depth: int, urls: Iterable[str]) -> Self:
        """Those of the addresses that are of articles."""
        known = (known_address(url) for url in urls)
        return cls(tuple(one for one in known if one is not None and one.is_article), depth)


@attrs.frozen
class Due:
    """What a spider yields at its start that wants every stored article which is to be looked at again now."""
