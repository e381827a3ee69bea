"""One page, parsed once: what every layout reads from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from sabah.pages.metadata import Metadata
    from sabah.site.addresses import Address

OPINION_KINDS = frozenset({"column", "op-ed", "editorial", "readers-corner"})


@attrs.frozen
class Page:
    root: Element
    base: str
    """Address that relative links are resolved against."""

    url: str
    """Canonical address of the record."""

    address: Address | None
    """None for a page of another newspaper."""

    metadata: Metadata

    html: str
    """The document as text."""

    is_whole: bool
    """Whether the document came to its end (`</html>`)."""

    @property
    def kind(self) -> str:
        return self.address.kind if self.address else "article"

    @property
    def is_opinion(self) -> bool:
        """Opinion pieces print `12:05 am` where they have no time."""
        return self.kind in OPINION_KINDS
