"""A link: the address of an article as a page names it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import attrs

if TYPE_CHECKING:
    from sabah.site.addresses import Address


@attrs.frozen(kw_only=True)
class Link:
    """An article's address, and what the page that names it says of it."""

    url: str
    """Canonical address."""

    kind: str
    section: str | None = None
    subsection: str | None = None

    hint: str | None = None
    """JSON object with what a feed says of it: `published_at` (ISO 8601), `published_raw`, `description`; those it has."""

    capture: str | None = None
    """The archive's capture to read in place of the live page: 14 digits, and behind a blank the address captured where it is another."""

    @classmethod
    def to(cls, address: Address, *, hint: str | None = None, capture: str | None = None) -> Self:
        """A link to the article at an address that `parse_address` has understood."""
        return cls(
            url=address.canonical, kind=address.kind, section=address.section, subsection=address.subsection, hint=hint, capture=capture
        )  # fmt: skip
