"""What a crawl hands to the writer, and what it hears back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections import Counter

    from sabah.items import Article
    from sabah.storage.frontier import Claimed
    from sabah.storage.last import Compared
    from sabah.storage.naming import Named
    from sabah.storage.snapshots import Capture
    from sabah.storage.sources import Source


@attrs.frozen(kw_only=True)
class Page:
    """The end of one page: all of it is committed together, or nothing."""

    url: str | None
    """Canonical address asked for; None where the links are given and no page names them."""

    claim: Claimed | None = None
    """The article address this run holds; None for a listing, a feed or a list of given addresses."""

    named: Named | None = None
    """The article's address, where the page is a capture from a file of another tool: it takes the place of a claim, and `fetched_at` is when it was captured."""

    nth: int = 0
    """Which of the captures of it in that second, from 0 on."""

    state: str = "done"
    """What became of a claimed address: `done`, `refused`, `dropped` (a record, which a pipeline of the user's does not want), `gone`, `unchanged` (what is stored of it stands), `failed` (for this run), or `absent` (the archive has no capture of it, which
    says nothing of the newspaper: pending again for whoever else wants it)."""

    status: int | None = None
    """HTTP status, None where no response came."""

    fetched_at: str | None = None
    """ISO 8601, UTC."""

    last_modified: str | None = None
    """The header, as sent."""

    attempts: int = 1
    """Requests made for it, retries and redirects included."""

    articles: tuple[Article, ...] = ()
    """Its records. One that bears another address than `url` marks `url` as an alias of that."""

    read: Article | None = None
    """The record as the readers left it, before any pipeline."""

    compared: Compared | None = None
    """What it was found to be beside the one stored last; the commit decides where it is None, or where another is the last by then."""

    fault: bool = False
    """Whether it has failed by no fault of the address's: that is not tried less for it."""

    leads_to: Named | None = None
    """The article it redirects to, which is not fetched on its behalf: it is named in its place, at the same depth."""

    left_out: str | None = None
    """When its article was published, where that is outside the dates wanted: it is done without a record, until a run wants that day."""

    reasons: tuple[str, ...] = ()
    """A sentence for each refusal, or for a record that was dropped: a line of rejected.jsonl each."""

    capture: Capture | None = None
    """The response as received."""

    packed: bytes | None = None
    """The same as `snapshots.pack` gives it, where that is done already."""

    marks: int | None = None
    """What its articles' pages bear, a bit each."""

    links: tuple[Named, ...] = ()
    """Every article address it names, wanted or not, in page order."""

    namer: tuple[str, str] = ("given", "")
    """Kind (`given`, or `index`: made of an archive's index) and name of the list of addresses that names the links, where no page does."""

    depth: int = 0
    """At which its links are named: 0 for a listing, one more than its own for an article."""

    source: Source | None = None
    """The listing or feed it is. Unchanged since the last time, it names what it named then."""

    kept: int | None = None
    """Of a page that was refused once and gives a record now: the id of its snapshot, which is stored. Nothing is done where the address is refused no more."""


@attrs.frozen
class Committed:
    """What became of a page. It is on the disk when this arrives."""

    articles: tuple[Article, ...]
    """The records as stored, revision and all; those the ledger had already are not among them."""

    unwanted: Counter[str]
    """Links not followed, by reason."""

    circle: bool = False
    """Its redirect leads back to it; it has failed."""

    within: bool = True
    """False where the run's limit was reached before it: nothing of it was stored, its address is free again."""

    passed_over: str | None = None
    """Why nothing of a capture was stored that is `named`."""
