"""One run's hold on the data folder: what scheduler, middlewares and pipelines talk to."""

from __future__ import annotations

import json
from contextlib import closing, suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from sabah import clock
from sabah.clock import new_id
from sabah.storage import clocks, faults, recovery
from sabah.storage.commit import Committer
from sabah.storage.errors import StorageError, reported
from sabah.storage.files import Files
from sabah.storage.frontier import BATCH, Frontier, unknown
from sabah.storage.ledger import Ledger
from sabah.storage.locks import Lock, UnderWay, take_turn
from sabah.storage.outcomes import Looks
from sabah.storage.recovery import Recovered, close_files, discard, end, lock_path, recover, release
from sabah.storage.repair import Repair
from sabah.storage.revisits import Due, Schedule
from sabah.storage.sources import delivered
from sabah.storage.writer import GROUP_PAGES, GROUP_SECONDS, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from concurrent.futures import Future
    from datetime import timedelta
    from pathlib import Path

    from sabah.storage.agreement import Consistent
    from sabah.storage.frontier import Claim, Follow, Holds, Skips
    from sabah.storage.last import Rehash
    from sabah.storage.lines import Signature
    from sabah.storage.pages import Committed, Page
    from sabah.storage.readings import Batch
    from sabah.storage.recovery import Recovered
    from sabah.storage.repair import Rebuild, Repaired
    from sabah.storage.sources import Delivered


def begin(ledger: Ledger, crawl_id: str, scope: str, row: tuple[str, str, str | None]) -> tuple[int, int]:
    """Ids of the scope and of the new row for the run: `row` is spider, arguments as JSON, job. Inside a transaction."""
    ledger.run("INSERT OR IGNORE INTO scopes (key) VALUES (?)", scope)
    number = ledger.one("SELECT id FROM scopes WHERE key = ?", scope)[0]
    run = ledger.run(
        "INSERT INTO runs (crawl_id, scope, spider, arguments, job, started_at) VALUES (?, ?, ?, ?, ?, ?)",
        crawl_id, number, *row, clock.timestamp(),
    ).lastrowid  # fmt: skip
    assert run is not None
    return number, run


def keep_refused(folder: Path, spider: str, arguments: Mapping[str, str], job: str, reason: str) -> None:
    """A row of a job that could not be begun, in a folder that has a ledger. Its scope is its own: what it wanted is not known.

    Raises StorageError, and ValueError where the clock cannot be read.
    """
    crawl_id, row = new_id(), (spider, json.dumps(dict(arguments), sort_keys=True), job)
    with closing(Ledger.open(folder)) as ledger, ledger.transaction("refused"):
        run = begin(ledger, crawl_id, json.dumps([spider, "refused"]), row)[1]
        end(ledger, run, "failed", f"refused: {reason}")


T = TypeVar("T")

SNAPSHOT_BYTES: Final = 1_000_000_000
"""Size at which a run begins its next snapshot file: 1 GB, as WARC's recommendation has it."""

RUNS_TO_FAIL: Final = 5
"""Runs in which an address may fail for good before no further run tries it."""

REDIRECTS: Final = 20
REFUSED_OF_OLD: Final = 50


@attrs.frozen(kw_only=True)
class Options:
    limit: int | None = None
    """Articles this run may store; what comes after is left pending."""

    group_pages: int = GROUP_PAGES
    group_seconds: float = GROUP_SECONDS
    snapshot_bytes: int = SNAPSHOT_BYTES
    runs_to_fail: int = RUNS_TO_FAIL
    schedule: Schedule = attrs.Factory(Schedule)
    look_again: bool = True
    """Whether stored articles that are due, and what was gone, are asked for again."""

    insists: bool = False
    """Whether addresses that were refused are asked for as soon as they are named, those refused for good too."""

    refused_of_old: int = REFUSED_OF_OLD
    """How many may be asked for of those that were refused by a sabah that did not ask again."""

    redirects: int = REDIRECTS
    """How many from article to article are followed, one after the other."""

    sign: Callable[[str | None], Signature] | None = None
    """Makes, in the writer's thread, the signature of a body that is kept with its line; None: none is."""

    rehash: Rehash | None = None
    """Reads, in the writer's thread, a stored page again; None: a record that differs is always a revision."""


@attrs.frozen
class Refused:
    """What a run has met, or asked for, that is refused as it ends."""

    waiting: int
    """Addresses that are asked for again."""

    seconds: int | None
    """Until the first of them is due; 0 where it is already, None where there is none."""


class Store:
    """An open run. Its methods may be called from any thread; futures answer from the writer's thread."""

    def __init__(
        self,
        ledger: Ledger,
        lock: Lock,
        turn: Lock | None,
        run: int,
        crawl_id: str,
        frontier: Frontier,
        options: Options,
        recovered: Recovered,
    ) -> None:
        self.folder, self.crawl_id, self.recovered = ledger.folder, crawl_id, recovered
        self.run = run
        """Its row."""

        self._ledger, self._lock, self._turn, self._frontier = ledger, lock, turn, frontier
        self._runs_to_fail = options.runs_to_fail
        self._files = Files(ledger, run, crawl_id, options.snapshot_bytes)
        self._schedule = options.schedule
        self._looks = Looks(ledger, options.schedule, options.runs_to_fail)
        self._named_from = ledger.one("SELECT coalesce(max(id), 0) + 1 FROM addresses")[0]
        self._committer = Committer(
            ledger, frontier, self._files, self._looks, options.limit, options.sign, options.rehash, redirects=options.redirects
        )  # fmt: skip
        self._writer = Writer(self._committer.commit, pages=options.group_pages, seconds=options.group_seconds)

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        spider: str,
        arguments: Mapping[str, Any],
        scope: str,
        follow: Follow,
        holds: Holds | None = None,
        skips: Skips | None = None,
        crawl_id: str | None = None,
        job: str | None = None,
        options: Options | None = None,
    ) -> Store:
        """Begins a run in `folder` after clearing up behind dead ones.

        `scope` names what is wanted: runs of one scope go on where the last ended. `follow` decides, in the writer's thread, on links,
        `holds` on what an earlier run left out for its date, `skips` on what need not be asked for.
        A `crawl_id` given must be one never used before. Raises StorageError; and UnderWay for a `job` whose scope another job has in
        hand, after keeping a row of that.
        """
        options = options or Options()
        crawl_id = crawl_id or new_id()
        ledger = Ledger.open(folder)
        lock: Lock | None = None
        turn: Lock | None = None
        row = (spider, json.dumps(dict(arguments), sort_keys=True), job)
        try:
            if job is not None:
                try:
                    with reported(folder):
                        turn = take_turn(folder, scope, crawl_id, job)
                except UnderWay as other:
                    with ledger.transaction("run"):
                        end(ledger, begin(ledger, crawl_id, scope, row)[1], "no_new", str(other))
                    raise
            recovered = recover(ledger)
            # The lock before the row: a row whose lock is free is a dead run's.
            path = lock_path(folder, crawl_id)
            with reported(path):
                lock = Lock(path)
            faults.point("run-locked")
            with ledger.transaction("run"):
                number, run = begin(ledger, crawl_id, scope, row)
                ledger.run(
                    "UPDATE addresses SET state = 'pending' WHERE state = 'failed' AND failures < ? AND deaths < ?",
                    options.runs_to_fail, recovery.DEADLY,
                )  # fmt: skip
            frontier = Frontier(
                ledger, number, run, follow, holds, look_again=options.look_again, skips=skips, insists=options.insists,
                refused_of_old=options.refused_of_old, schedule=options.schedule,
            )  # fmt: skip
            return cls(ledger, lock, turn, run, crawl_id, frontier, options, recovered)
        except BaseException:
            ledger.close()
            for one in (lock, turn):
                if one is not None:
                    one.release(remove=True)
            raise

    def store(self, page: Page) -> Future[Committed]:
        """Answers when the page, its records and all it named are on the disk. Fails with StorageError: then the run has to end."""
        return self._writer.store(page)

    def keep(self, batch: Batch) -> Future[list[Committed]]:
        """As `store`, for what is read from an archive: all of the batch in one commit. After a failure the run has to end."""
        return self._writer.call(lambda: self._committer.commit(batch.pages, batch))

    def claim(self, size: int = BATCH) -> Future[Claim]:
        """The next addresses to fetch. None and nothing waiting: the scope is done. None but waiting: ask again after a while."""

        def work() -> Claim:
            claim = self._frontier.claim(size)
            if not claim.addresses and claim.held and (recovered := recover(self._ledger)).claims:
                claim = attrs.evolve(self._frontier.claim(size), deadly=recovered.deadly)
            return claim

        return self._writer.call(work)

    def want_due(self) -> Future[int]:
        """Puts every stored article that is to be looked at now on the scope's list; answers how many are on it."""

        def work() -> int:
            with self._ledger.transaction("due"):
                return self._frontier.want_due()

        return self._writer.call(work)

    def delivered(self, source: str) -> Future[Delivered | None]:
        """What the listing or feed gave when it was last whole; None where it has to be asked for all of it."""
        return self._writer.call(lambda: delivered(self._ledger, source))

    def unknown(self, urls: Sequence[str]) -> Future[int]:
        """How many of the canonical addresses have never been fetched with an outcome."""
        return self._writer.call(lambda: unknown(self._ledger, urls, Due.at(clock.timestamp(), self._schedule)))

    def left(self) -> Future[int]:
        """How many addresses of the scope have failed, in this run or in others, and are left to the next."""
        return self._writer.call(
            lambda: self._ledger.one(
                "SELECT count(*) FROM wants w JOIN addresses a ON a.id = w.address WHERE w.scope = ? AND a.state = 'failed' AND a.failures < ? AND a.deaths < ?",
                self._frontier.scope, self._runs_to_fail, recovery.DEADLY,
            )[0]
        )  # fmt: skip

    def refused(self) -> Future[Refused]:
        """What is refused now of what this run has asked for or met."""

        def work() -> Refused:
            due = [one for one in self._frontier.refused.values() if one is not None]
            first = datetime.fromisoformat(min(due)) - clock.now() if due else None
            return Refused(len(due), None if first is None else max(0, round(first.total_seconds())))

        return self._writer.call(work)

    def in_hand(self, pages: Iterable[Page]) -> None:
        """Notes what is under way now: should the process die, that may be why. Called in any thread until the run is closed."""
        with suppress(OSError):  # a full disk: what is being stored meets it, and says it
            recovery.note(self._lock, (one.address for one in pages))

    def release(self, claimed: Iterable[Page]) -> Future[None]:
        """Gives addresses back unfetched."""

        def work() -> None:
            with self._ledger.transaction("claim"):
                self._frontier.release(one.address for one in claimed)

        return self._writer.call(work)

    def reopen(self, failed: Iterable[Page]) -> Future[None]:
        """Makes addresses pending that failed in this run by a block, and takes the failure back. They come last from now on."""

        def work() -> None:
            with self._ledger.transaction("reopen"):
                self._ledger.connection.executemany(
                    "UPDATE addresses SET state = 'pending', failures = max(failures - 1, 0), blocked = ?2 + 1 WHERE id = ?1 AND state = 'failed'",
                    [(one.address, one.blocked) for one in failed],
                )

        return self._writer.call(work)

    def repair(self, rebuild: Rebuild, *, deep: bool = False, consistent: Consistent | None = None) -> Future[Repaired]:
        """Makes good stored lines and snapshots that are missing; `deep` reads every one of them, as is done where an index of the ledger had to be built anew. `rebuild` and `consistent` are called in the writer's thread."""

        def work() -> Repaired:
            all_of_it = deep or self._ledger.mended
            repaired = Repair(self._ledger, self._files, rebuild, consistent).run(deep=all_of_it)
            with self._ledger.transaction(
                "clock"
            ):  # after the lines are whole, of which one says when its article came out
                clocks.write_due_times(self._ledger, self._schedule)
                if all_of_it:
                    self._ledger.compared()
            return repaired

        return self._writer.call(work)

    def go_by_answers(self, behind: timedelta | None) -> Future[bool]:
        """The clock, which was `behind` by so much (negative: ahead), is corrected, and no due time is written from now on; None: it was right after all. Answers whether due times are written."""

        def work() -> bool:
            self._looks.plans = behind is None
            with self._ledger.transaction("clock"):
                if behind is None:
                    self._ledger.run("UPDATE runs SET clock = NULL WHERE id = ?", self.run)
                else:
                    clocks.go_by_answers(self._ledger, self.run, behind, self._named_from)
            return self._looks.plans

        return self._writer.call(work)

    def set_right(self) -> Future[int]:
        """Sets right what runs with a wrong clock have written, now that this one's is confirmed; how many addresses."""

        def work() -> int:
            with self._ledger.transaction("clock"):
                return clocks.set_right(self._ledger, self.run, self._schedule)

        return self._writer.call(work)

    def withdraw_astray(self) -> Future[list[tuple[str, str | None]]]:
        """Withdraws the articles in whose place other pages have stood for a week; answers their addresses and what stood there. For the run's end."""

        def work() -> list[tuple[str, str | None]]:
            return [
                (self._ledger.one("SELECT url FROM addresses WHERE id = ?", one.address)[0], one.instead)
                for one in self._committer.withdraw_astray()
            ]

        return self._writer.call(work)

    def ask(self, question: Callable[[Ledger, int], T]) -> Future[T]:
        """The answer to a question about the ledger and this run (its row's id), after everything handed in before."""
        return self._writer.call(lambda: question(self._ledger, self.run))

    def close(
        self,
        verdict: str,
        reason: str | None = None,
        counts: Mapping[str, Any] | None = None,
        held: Mapping[str, str] | None = None,
    ) -> None:
        """Ends the run after storing what was handed in; its claims are given back. Raises StorageError; the next start then does it."""

        def work() -> None:
            try:
                with self._ledger.transaction("end"):
                    release(self._ledger, self.run)
                    close_files(self._ledger, self.run)
                    end(
                        self._ledger,
                        self.run,
                        verdict,
                        reason,
                        None if counts is None else json.dumps(dict(counts), sort_keys=True),
                        None if held is None else json.dumps(dict(held), ensure_ascii=False),
                    )
                discard(self._ledger)
            finally:
                self._ledger.close()

        try:
            self._writer.close(work)
        except StorageError:
            self._lock.release()
            raise
        else:
            self._lock.release(remove=True)
        finally:
            if self._turn is not None:
                self._turn.release(remove=True)


def made_good(recovered: Recovered, repaired: Repaired) -> str:
    """What was found of the runs before, in one line; empty where all was in order."""
    said = []
    if recovered.runs:
        said.append(
            f"{len(recovered.runs)} runs had died ({', '.join(recovered.runs)}): {recovered.claims} addresses are free again, "
            f"{recovered.cut} bytes beyond the last commit were cut off"
        )
    if repaired.files:
        said.append(
            f"{len(repaired.files)} files were not whole ({', '.join(repaired.files)}): {repaired.rebuilt} lines rebuilt, "
            f"{len(repaired.pending)} addresses to be fetched again, {repaired.snapshots} snapshots lost"
            + (f", earlier revisions lost of {', '.join(sorted(set(repaired.lost)))}" if repaired.lost else "")
        )
    if repaired.rows:
        said.append(f"{repaired.rows} rows of the ledger did not say what their lines say, and were set right")
    if repaired.doubtful:
        said.append(
            f"lines that do not agree with the ledger and have no page to be read again: {', '.join(sorted(set(repaired.doubtful)))}"
        )
    if recovered.aside:
        said.append(
            f"{len(recovered.aside)} files that the ledger does not know were moved to unknown/ (a lost or an older ledger?): "
            "what they hold is asked for again"
        )
    return "; ".join(said)
