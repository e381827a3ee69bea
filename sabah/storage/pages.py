"""A page under way: from the claim of its address to the commit that ends it, and what the commit answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence

    from sabah.items import Article
    from sabah.site.link import Link
    from sabah.storage.last import Compared
    from sabah.storage.snapshots import Capture
    from sabah.storage.sources import Source

READ: Final = frozenset({"done", "refused", "dropped"})
"""Outcomes of a page that was read: its links are known, it is not fetched again."""

NOT_MODIFIED: Final = 304


@attrs.define(kw_only=True, eq=False)
class Page:
    """One page: what the ledger knew of it, what was answered, what was read, and what became of it. All of it is committed together, or nothing.

    Retries and redirects of its request share the one object. When it is handed to the writer (`handed_in`) it is not changed any more.
    """

    url: str | None = None
    """Canonical address asked for; None where links are given and no page names them."""

    # What the ledger knew of the address when this run claimed it.

    id: int | None = None
    """Row of the article's address that this run has claimed; None for a listing, a feed, a list of given addresses, and what nobody claimed."""

    depth: int = -1
    """Steps from a listing or a given address: 0 for what those name, -1 for a listing itself."""

    found_on: str | None = None
    first_seen_at: str | None = None
    stored_modified: str | None = None
    """The Last-Modified header that came with what is stored."""

    hint: str | None = None
    capture: str | None = None
    """As of a Link."""

    state: str = "pending"
    """What it was before: `done` or `gone` for a further look."""

    gone: int = 0
    """Visits in a row that have found it gone."""

    failures: int = 0
    blocked: int = 0
    """Rows of blocks that it was one of, since it was dealt with last."""

    aged_from: str | None = None
    published_at: str | None = None
    """Of the last record stored of it, for a further look; None where there is none."""

    stored_marks: int | None = None
    """What the page bore that is stored of it, a bit each; None where nobody knows."""

    # The last answer.

    attempts: int = 0
    """Requests made for it, retries and redirects included."""

    status: int | None = None
    """HTTP status, None where no response came."""

    fetched_at: str | None = None
    """ISO 8601, UTC."""

    origin: str | None = None
    """Where the bytes came from: `live`, `replica` or `archive`."""

    captured_at: str | None = None
    """Of a page of the web archive, when that captured it."""

    last_modified: str | None = None
    """The header, as sent."""

    raw_page: Capture | None = None
    """The response as received."""

    packed: bytes | None = None
    """The same as `snapshots.pack` gives it, where that is done already."""

    cut: bool = False
    """Whether it was taken without its end, because that did not come at any of three times."""

    # What was read.

    links: Sequence[Link] = ()
    """Every article address it names, wanted or not, in page order."""

    namer: tuple[str, str] = ("given", "")
    """Kind (`given`, or `index`: made of an archive's index) and name of the list of addresses that names the links, where no page does."""

    all_due: bool = False
    """Whether it stands for every stored article that is to be looked at again now, and names no link."""

    source: Source | None = None
    """The listing or feed it is, as it answered. Unchanged since the last time, it names what it named then."""

    read: Article | None = None
    """The record as the readers left it, before any pipeline."""

    marks: int | None = None
    """What its page bears, a bit each."""

    left_out: str | None = None
    """When its article was published, where that is outside the dates wanted: it is done without a record, until a run wants that day."""

    reasons: Sequence[str] = ()
    """A sentence for each refusal, or for a record that was dropped: a line of rejected.jsonl each."""

    instead: str | None = None
    """What the page is in place of the article, as it says itself: `home page`, `section page`, `error page`."""

    # What the pipelines made of it.

    record: Article | None = None
    """Its record. One that bears another address than `url` marks `url` as an alias of that."""

    compared: Compared | None = None
    """What it was found to be beside the one stored last; the commit decides where it is None, or where another is the last by then."""

    pipeline: str | None = None
    """The one that is at work on the record, or was last."""

    spoilt_by: str | None = None
    """The first that made something else of it."""

    dropped: bool = False
    """By a pipeline of the user's, whose words are in `reasons`."""

    fault: str | None = None
    """The pipeline that failed over the record: by no fault of the address's, which is not tried less for it."""

    # What became of it.

    outcome: str = "done"
    """`done`, `refused`, `dropped`, `gone`, `unchanged` (what is stored of it stands), `failed` (for this run), or `absent` (the archive has no capture of it, which says
    nothing of the newspaper: pending again for whoever else wants it)."""

    leads_to: Link | None = None
    """The article it redirects to, which is not fetched on its behalf: it is named in its place, at the same depth."""

    for_good: bool = False
    """Whether every step of that redirect says that it is permanent (301 or 308)."""

    taken: int = 0
    """How often the scheduler has taken a request of it."""

    handed_in: bool = False
    """Its end has been handed to the writer; what comes after does not count."""

    ended: bool = False
    """Its end is on the disk."""

    # Of pages that no crawl fetched.

    named: Link | None = None
    """The article's address, where the page is a capture from a file of another tool: it takes the place of a claim, and `fetched_at` is when it was captured."""

    nth: int = 0
    """Which of the captures of it in that second, from 0 on."""

    kept: int | None = None
    """Of a page that gave no record once and gives one now: the id of its snapshot, which is stored. Nothing is done where the address has one by then."""

    @property
    def known(self) -> bool:
        """Whether it is a further look at an article that is stored."""
        return self.published_at is not None

    @property
    def moves(self) -> bool:
        """Whether it is a look at a stored article that finds it moved to another address."""
        return self.known and self.leads_to is not None and self.for_good

    @property
    def astray(self) -> bool:
        """Whether it is a look at a stored article that met another page in its place."""
        return self.known and self.named is None and self.instead is not None and self.outcome in ("failed", "refused")

    @property
    def address(self) -> int:
        """Row of the address of a page that is claimed."""
        assert self.id is not None
        return self.id

    @property
    def if_modified_since(self) -> str | None:
        """The date that came with what is stored, where that is still thought to be there."""
        return self.stored_modified if self.known and self.state == "done" else None

    def name(self, links: Sequence[Link]) -> None:
        """Takes links along, in page order."""
        self.links = [*self.links, *links]

    def end(self, outcome: str | None = None, leads_to: Link | None = None) -> None:
        """Decides what became of it. Of a page that failed nothing is kept but the answer: it will be fetched again."""
        outcome = outcome or self.outcome
        if self.fault is not None:
            outcome = "failed"
        elif outcome == "done" and self.status == NOT_MODIFIED:
            outcome = "unchanged"
        elif outcome == "done" and self.reasons and self.record is None:
            outcome = "dropped" if self.dropped else "refused"
        self.outcome, self.leads_to = outcome, leads_to
        if outcome not in READ or leads_to is not None:
            self.record = self.source = self.marks = self.left_out = None
            self.reasons, self.links = (), ()
        if self.record is not None or self.reasons:
            self.left_out = None
        if outcome == "unchanged" or (leads_to is not None and not self.moves):
            self.raw_page = None


@attrs.frozen
class Committed:
    """What became of a page. It is on the disk when this arrives."""

    articles: tuple[Article, ...]
    """The records as stored, revision and all; those the ledger had already are not among them."""

    unwanted: Counter[str]
    """Links not followed, by reason."""

    circle: bool = False
    """Its redirect leads back to it; it has failed."""

    chain: tuple[str, ...] = ()
    """Addresses that redirect to each other, the first of them first, where those are more than are followed: the first and the last have failed."""

    refused_for_good: bool = False
    """It was refused, and is not asked for again."""

    within: bool = True
    """False where the run's limit was reached before it: nothing of it was stored, its address is free again."""

    moved: tuple[Article, ...] = ()
    """The last lines of articles that have moved to the page's address, or from it, as stored."""

    passed_over: str | None = None
    """Why nothing of a capture was stored that is `named`."""
