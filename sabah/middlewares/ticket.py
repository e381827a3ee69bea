"""A page's ticket: what has become of it so far, from the request to the commit that ends it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import attrs

from sabah.spiders.base import NOT_MODIFIED
from sabah.storage.naming import Named
from sabah.storage.pages import Page

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sabah.items import Article
    from sabah.site.addresses import Address
    from sabah.spiders.found import Found
    from sabah.storage.frontier import Claimed
    from sabah.storage.last import Compared
    from sabah.storage.snapshots import Capture
    from sabah.storage.sources import Source

TICKET: Final = "ticket"
"""Where a request's meta has it. Copies made by retries and redirects share the one object."""


NONE: Final[Mapping[str, str]] = MappingProxyType({})


@attrs.define(eq=False)
class Ticket:
    url: str | None
    claim: Claimed | None = None
    """None for a listing, a feed or a list of addresses."""

    attempts: int = 0
    status: int | None = None
    fetched_at: str | None = None
    last_modified: str | None = None
    capture: Capture | None = None
    """Of the last answer, as are the fields above it."""

    links: list[Named] = attrs.field(factory=list)
    depth: int = 0
    """At which its links are named."""

    source: Source | None = None
    """The listing or feed it is, as it answered."""

    read: Article | None = None
    """The record as the readers left it; `articles` has it as the pipelines left it."""

    compared: Compared | None = None
    pipeline: str | None = None
    """The one that is at work on the record, or was last."""

    spoilt_by: str | None = None
    """The first that made something else of it."""

    articles: list[Article] = attrs.field(factory=list)
    reasons: list[str] = attrs.field(factory=list)
    dropped: bool = False
    """By a pipeline of the user's, whose words are in `reasons`."""

    fault: str | None = None
    """The pipeline that failed over the record."""

    left_out: str | None = None
    marks: int | None = None
    taken: int = 0
    """How often the scheduler has taken a request of it."""

    settled: bool = False
    """Its end has been handed in; what comes after does not count."""

    ended: bool = False
    """Its end is on the disk."""

    def name(self, found: Found) -> None:
        """Takes links along, in page order."""
        self.depth = found.depth
        self.links += named(found.addresses, found.hints, found.captures)

    def page(self, state: str = "done", leads_to: Named | None = None) -> Page:
        """Its end. Of a page that failed nothing is kept but the answer: it will be fetched again."""
        unchanged = self.status == NOT_MODIFIED
        if self.fault is not None:
            state = "failed"
        elif state == "done" and unchanged:
            state = "unchanged"
        elif state == "done" and self.reasons and not self.articles:
            state = "dropped" if self.dropped else "refused"
        whole: Mapping[str, Any] = {}
        if state in ("done", "refused", "dropped") and leads_to is None:
            whole = {
                "articles": tuple(self.articles), "reasons": tuple(self.reasons), "links": tuple(self.links), "source": self.source,
                "marks": self.marks, "read": self.read, "compared": self.compared,
                "left_out": None if self.articles or self.reasons else self.left_out,
            }  # fmt: skip
        return Page(
            url=self.url, claim=self.claim, state=state, status=self.status, fetched_at=self.fetched_at,
            last_modified=self.last_modified, attempts=self.attempts, depth=self.depth, leads_to=leads_to, fault=self.fault is not None,
            capture=None if leads_to or unchanged else self.capture, **whole,
        )  # fmt: skip


def named(
    addresses: Iterable[Address], hints: Mapping[str, str] = NONE, captures: Mapping[str, str] = NONE
) -> list[Named]:
    """The addresses as the ledger takes them."""
    return [
        Named(
            url=one.canonical, kind=one.kind, section=one.section, subsection=one.subsection,
            hint=hints.get(one.canonical), capture=captures.get(one.canonical),
        )
        for one in addresses
    ]  # fmt: skip
