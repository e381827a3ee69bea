"""What a further look at a stored article comes to where it gives no record: unchanged, gone, withdrawn, or nothing at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import orjson

from sabah import clock
from sabah.storage.errors import StorageError
from sabah.storage.files import piece
from sabah.storage.revisits import aged_from
from sabah.storage.segments import from_line

if TYPE_CHECKING:
    from sabah.items import Article
    from sabah.storage.frontier import Claimed
    from sabah.storage.ledger import Ledger
    from sabah.storage.pages import Page
    from sabah.storage.revisits import Schedule


@attrs.frozen
class Next:
    """What the ledger remembers of an address for its next look."""

    due_at: str | None = None
    aged_from: str | None = None
    gone: int = 0


class Looks:
    """All of it inside the transaction that commits the page."""

    def __init__(self, ledger: Ledger, schedule: Schedule, runs_to_fail: int) -> None:
        self.ledger, self.schedule, self.runs_to_fail = ledger, schedule, runs_to_fail

    def next(self, page: Page, claim: Claimed) -> Next:
        """After a page that was read, or an address without a record that is gone: that is asked for once more, then no longer."""
        if page.articles and page.fetched_at is not None:
            record = page.articles[0]
            if page.named is not None and claim.known and claim.state == "done":
                # A file was read, the newspaper was not looked at: that is due when it was.
                return Next(*self.ledger.one("SELECT due_at, aged_from FROM addresses WHERE id = ?", claim.id))
            if record.published_at is None or record.origin == "archive":
                return Next()
            start = aged_from(record.published_at, record.published_precision, page.fetched_at, claim.aged_from)
            return Next(self.schedule.due(start, page.fetched_at), start)
        if page.state == "gone" and page.fetched_at is not None:
            return Next(None if claim.gone else self.schedule.confirmation(page.fetched_at), gone=claim.gone + 1)
        return Next()

    def end(self, page: Page, claim: Claimed) -> None:
        """The address of a stored article after a look that gave no record."""
        if page.leads_to is not None:
            due = self.schedule.due(claim.aged_from, page.fetched_at or clock.timestamp())
            self._write(page, claim, "due_at = ?, gone = 0, failures = 0", due)
        elif page.state == "unchanged":
            assert page.fetched_at is not None
            due = self.schedule.due(claim.aged_from, page.fetched_at)
            self._write(page, claim, "last_fetched_at = ?, due_at = ?, gone = 0, failures = 0", page.fetched_at, due)
        elif page.state == "gone":
            assert page.fetched_at is not None
            final = claim.state == "gone" or withdraws(page)
            due = None if final else self.schedule.confirmation(page.fetched_at)
            kept = claim.last_modified if claim.state == "done" and not final else None
            self._write(
                page, claim, "state = ?, last_fetched_at = ?, last_modified = ?, due_at = ?, gone = gone + 1, failures = 0",
                "gone" if final else "done", page.fetched_at, kept, due,
            )  # fmt: skip
        else:
            self._failed(page, claim)

    def _failed(self, page: Page, claim: Claimed) -> None:
        """Nothing is known but that it failed: due as before, for the next run; after so many in a row the schedule goes on."""
        if claim.failures + 1 < self.runs_to_fail:
            self._write(page, claim, "failures = failures + 1")
        else:
            due = self.schedule.due(claim.aged_from, page.fetched_at or clock.timestamp())
            self._write(page, claim, "failures = 0, due_at = ?", due)

    def _write(self, page: Page, claim: Claimed, what: str, *values: object) -> None:
        self.ledger.run(
            f"UPDATE addresses SET run = NULL, attempts = attempts + ?, last_status = ?, {what} WHERE id = ?",  # noqa: S608
            page.attempts, page.status, *values, claim.id,
        )  # fmt: skip

    def withdrawal(self, page: Page, claim: Claimed) -> Article:
        """The last revision's record as the next one, withdrawn. Raises StorageError where its line is not whole."""
        revision, name, offset, length = self.ledger.one(
            "SELECT t.revision, f.name, t.offset, t.length FROM articles t JOIN files f ON f.id = t.file WHERE t.address = ?"
            " ORDER BY t.revision DESC, t.reading DESC LIMIT 1",
            claim.id,
        )
        path = self.ledger.folder / name
        try:
            last = from_line(piece(path, offset, length))
        except (orjson.JSONDecodeError, TypeError, ValueError) as error:
            raise StorageError(
                f"{path}:{offset}: the line of {claim.url} is damaged. Start once with -s DEEP_REPAIR=True: it is rebuilt."
            ) from error
        return attrs.evolve(
            last, revision=revision + 1, reading=1, withdrawn_at=page.fetched_at, fetched_at=page.fetched_at, status=page.status
        )  # fmt: skip


def withdraws(page: Page) -> bool:
    """Whether it is the second visit in a row that finds a stored article gone."""
    claim = page.claim
    return claim is not None and claim.known and claim.state == "done" and page.state == "gone" and claim.gone > 0
