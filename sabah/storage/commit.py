"""A group of pages becomes one transaction: snapshots, lines, rows; all or nothing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import attrs

from sabah import clock
from sabah.items import Refusal, as_of
from sabah.storage import agreement, lines, readings, snapshots, sources
from sabah.storage.files import place
from sabah.storage.identity import placed
from sabah.storage.last import Last
from sabah.storage.lines import digest, to_line
from sabah.storage.outcomes import Ends, withdraws
from sabah.storage.pages import Committed
from sabah.storage.readings import Readings
from sabah.storage.signs import Ending, Signs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sabah.items import Article
    from sabah.site.link import Link
    from sabah.storage.files import Appender, Files
    from sabah.storage.frontier import Frontier
    from sabah.storage.last import Rehash
    from sabah.storage.ledger import Ledger
    from sabah.storage.lines import Signature
    from sabah.storage.outcomes import Looks
    from sabah.storage.pages import Page
    from sabah.storage.readings import Batch, Reread


class Committer:
    """Stores groups of pages for one run."""

    def __init__(
        self,
        ledger: Ledger,
        frontier: Frontier,
        files: Files,
        looks: Looks,
        limit: int | None,
        sign: Callable[[str | None], Signature] | None = None,
        rehash: Rehash | None = None,
        *,
        redirects: int,
    ) -> None:
        self.ledger, self.frontier, self.files, self.looks = ledger, frontier, files, looks
        self.signs = Signs(ledger, frontier.run, looks.schedule)
        self.ends = Ends(ledger, frontier, looks, self.signs, redirects)
        self.sign, self.rehash = sign, rehash
        self.left = limit
        self.readings = Readings(ledger, frontier.scope, files.crawl_id)
        self._appenders: dict[str, Appender] = {}
        self._fresh: dict[int, Article] = {}
        """Records of the present group, by their rows."""

    def commit(self, pages: Sequence[Page], batch: Batch | None = None) -> list[Committed]:
        """Order of writes: snapshots, lines, each fsynced, then the rows that name them. Raises StorageError, and nothing of the group counts.

        The readings of `batch` answer after its pages, each with itself or, where what was read is no more what is stored last, with nothing.
        """
        readings = batch.readings if batch else ()
        packed = [
            page.packed or (snapshots.pack(page.raw_page) if page.raw_page and page.id is not None else b"")
            for page in pages
        ]
        kinds = {
            "snapshot": any(packed),
            "article": any(page.record or withdraws(page) or self._may_end_others(page) for page in pages)
            or bool(readings),
            "rejected": any(page.reasons for page in pages),
        }
        needed = [kind for kind, yes in kinds.items() if yes]
        self.files.prepare(*needed)
        with self.ledger.transaction("pages"):
            self.signs.begin()
            self._fresh = {}
            self._appenders = {kind: self.files.appender(kind) for kind in needed}
            results = [self._one(page, data) for page, data in zip(pages, packed, strict=True)]
            results += [self._reading(one) for one in readings]
            self._flush()
            ended = (
                batch.read
                if batch
                else sum(one.within and page.id is not None for one, page in zip(results, pages, strict=False))
            )
            stored = sum(len(one.articles) + len(one.moved) for one in results)
            looks = [
                page
                for page in pages
                if page.known and page.named is None and (page.astray or page.outcome != "failed")
            ]
            self.ledger.run(
                "UPDATE runs SET pages = pages + ?, articles = articles + ?, looks = looks + ?, astray = astray + ? WHERE id = ?",
                ended, stored, len(looks), sum(page.astray for page in looks), self.frontier.run,
            )  # fmt: skip
            if batch is not None:
                self.readings.reach(batch.place)
        return results

    def _one(self, page: Page, packed: bytes) -> Committed:
        page = placed(self.ledger, page, self._stored)
        if page.kept is not None and not self.readings.still_refused(page):
            return Committed((), Counter())
        return (self._page if page.named is None else self._capture)(page, packed)

    def withdraw_astray(self) -> list[Ending]:
        """Withdraws the articles in whose place other pages have stood for a week, at the run's end; those beyond its limit are left to the next. Raises StorageError."""
        if not self.signs.withdrawn() or self.left == 0:
            return []
        self.files.prepare("article")
        with self.ledger.transaction("looks"):
            self.signs.begin()
            self._appenders = {"article": self.files.appender("article")}
            endings = self.signs.withdrawn()[: self.left]
            for ending in endings:
                self._last_line(ending)
                self.looks.close(ending)
                self.signs.clear(ending.address)
            self._flush()
            self.ledger.run("UPDATE runs SET articles = articles + ? WHERE id = ?", len(endings), self.frontier.run)
        return endings

    def _flush(self) -> None:
        for appender in self._appenders.values():
            appender.flush()
            self.ledger.run("UPDATE files SET length = ? WHERE id = ?", appender.end, appender.file)

    def _reading(self, reading: Reread) -> Committed:
        return Committed(tuple(self._line(*line) for line in self.readings.lines(reading)), Counter())

    def _capture(self, page: Page, packed: bytes) -> Committed:
        taken = readings.take(self.frontier, page)
        if isinstance(taken, str):
            return Committed((), Counter(), passed_over=taken)
        return self._page(taken, packed)

    def _page(self, page: Page, packed: bytes) -> Committed:
        if self.left == 0:
            if page.id is not None:
                self.frontier.release([page.id])
            return Committed((), Counter(), within=False)
        stored: list[Article] = []
        refused_for_good = False
        final = self.ends.address(page)
        found = self.frontier.naming.register(page.links, page.record.url if page.record else page.url, page.depth + 1)
        if page.source is not None:
            if page.source.unchanged:
                found = sources.named_before(self.ledger, page.source.name)
            sources.record(self.ledger, page.source, found)
        self.frontier.naming.note(*_namer(page), found)
        if page.id is not None and final is not None:
            if page.leads_to is not None:
                return self._redirect(page, page.id, page.leads_to, packed)
            if self.ends.forgotten(page.id, final):
                return self.ends.drop(page.id)
            snapshot = self._snapshot(page, final, packed)
            if page.record is not None:
                stored = self._article(page, page.record, final, *snapshot)
            for reason in page.reasons:
                self._refusal(page, reason, *snapshot)
            if page.known and page.record is None:
                return self._look(page, page.id, snapshot[0])
            refused_for_good = self.ends.end(page, page.id, final, found)
        self._count(stored)
        moved = self._moved(final) if final is not None and page.record is not None else ()
        return Committed(
            tuple(stored), self.frontier.want(found, page.depth + 1), moved=moved, refused_for_good=refused_for_good
        )

    def _count(self, stored: Sequence[Article]) -> None:
        if self.left is not None:
            self.left = max(0, self.left - len(stored))

    def _look(self, page: Page, address: int, snapshot: int | None) -> Committed:
        """A further look at a stored article that gave no record; the links it had stand."""
        stored: tuple[Article, ...] = ()
        if withdraws(page):
            stored = (self._last_line(Ending(address, page.fetched_at, page.status, snapshot)),)
        if page.astray:
            self.signs.astray(page, address, snapshot)
        self.ends.end(page, address, address, [])
        self._count(stored)
        moved = self._moved(address) if page.outcome == "unchanged" else ()
        return Committed(stored, self.frontier.through(address, page.depth), moved=moved)

    def _redirect(self, page: Page, address: int, leads_to: Link, packed: bytes) -> Committed:
        """A redirect to another article. Where it is for good, what is stored ends as soon as there is a record at its end; until then it is as any other."""
        committed = self.ends.redirect(page, address, leads_to)
        if not page.for_good or committed.circle or committed.chain or self.ends.forgotten(address):
            return committed
        (target,) = self.ledger.one("SELECT id FROM addresses WHERE url = ?", leads_to.url)
        target = self.signs.end_of_way(target)
        last = Last.of(self.ledger, address) if page.known else None
        if last is not None and last.withdrawn_at is None:
            self.signs.move(page, address, target, self._snapshot(page, address, packed)[0])
        return attrs.evolve(committed, moved=self._moved(target))

    def _may_end_others(self, page: Page) -> bool:
        """Whether articles may end with this page that are stored under other addresses."""
        return page.moves or ((page.for_good or page.outcome == "unchanged") and self.signs.any_move())

    def _moved(self, address: int) -> tuple[Article, ...]:
        """Ends the articles that were sent on to this address, if that has a record; also beyond the limit, which is that of articles.

        A sign that another process has given since the files were prepared waits for the next look.
        """
        ended: list[Article] = []
        while "article" in self._appenders and (sent := self.signs.sent_to(address)):
            for ending in sent:
                ended.append(self._last_line(ending))
                self.looks.close(ending)
                self.signs.clear(ending.address)
                self.signs.lead_on(ending.address, address)
        self._count(ended)
        return tuple(ended)

    def _last_line(self, ending: Ending) -> Article:
        name = None if ending.snapshot is None else self.readings.snapshot(ending.snapshot)
        record = attrs.evolve(self.looks.withdrawal(ending), crawl_id=self.files.crawl_id, snapshot=name)
        return self._line(record, ending.address, ending.snapshot, instead=ending.instead)

    def _snapshot(self, page: Page, address: int, packed: bytes) -> tuple[int | None, str | None]:
        if page.kept is not None:
            return page.kept, self.readings.snapshot(page.kept)
        if not packed:
            return None, None
        appender = self._appenders["snapshot"]
        if appender.end == 0:
            appender.add(snapshots.opening(appender.name.rpartition("/")[2], clock.timestamp()))
        offset = appender.add(packed)
        row = self.ledger.run(
            "INSERT INTO snapshots (address, file, offset, length, status, fetched_at) VALUES (?, ?, ?, ?, ?, ?)",
            address, appender.file, offset, len(packed), page.status, page.fetched_at,
        )  # fmt: skip
        return row.lastrowid, place(appender.name, offset)

    def _article(
        self, page: Page, record: Article, address: int, snapshot: int | None, name: str | None
    ) -> list[Article]:
        """The record as stored, in a list; empty where its revision is stored already."""
        found_on, first_seen_at, hint = self.ledger.one(
            "SELECT found_on, first_seen_at, hint FROM addresses WHERE id = ?", address
        )
        last = Last.of(self.ledger, address)
        if last is not None and self._is_stored(last, page, record, hint):
            return []
        if last is not None and agreement.is_cut(record):
            record = agreement.completed(record, self._stored(last))
        # Without a text there is no same text: two galleries may share a headline.
        twin = record.body and self.ledger.one(
            "SELECT a.url FROM articles t JOIN addresses a ON a.id = t.address WHERE t.text_hash = ? AND t.address <> ? ORDER BY t.id LIMIT 1",
            record.text_hash, address,
        )  # fmt: skip
        record = attrs.evolve(
            record,
            revision=last.highest + 1 if last else 1,
            duplicate_of=twin[0] if twin else None,
            found_on=found_on,
            first_seen_at=first_seen_at,
            fetched_at=page.fetched_at,
            status=page.status,
            crawl_id=self.files.crawl_id,
            snapshot=name,
        )
        return [self._line(record, address, snapshot, page.marks)]

    def _is_stored(self, last: Last, page: Page, record: Article, hint: str | None) -> bool:
        """Whether the record is what is stored last: as the pipeline found, unless something was stored since it looked."""
        if page.compared is not None and page.compared.article == last.id:
            return page.compared.same
        return last.says(record, self.ledger, self.frontier.run, hint, self.rehash, self._stored)

    def _stored(self, last: Last) -> Article:
        """The record of a row: of one that this group has stored, the line is not in its file yet. Raises StorageError where it is not whole."""
        return self._fresh.get(last.id) or last.record(self.ledger)

    def _line(
        self,
        record: Article,
        address: int,
        snapshot: int | None,
        marks: int | None = None,
        *,
        instead: str | None = None,
    ) -> Article:
        appender, text = self._appenders["article"], to_line(record)
        row = self.ledger.run(
            "INSERT INTO articles (address, revision, reading, text_hash, revision_hash, file, offset, length, snapshot, run, origin, layout,"
            " published_at, modified_at, stored_at, withdrawn_at, marks, digest, as_of, moved_to, instead) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            address, record.revision, record.reading, record.text_hash, record.revision_hash, appender.file, appender.add(text), len(text),
            snapshot, self.frontier.run, record.origin, record.layout, record.published_at, record.modified_at, clock.timestamp(), record.withdrawn_at, marks,
            digest(text), as_of(record), record.moved_to, instead,
        )  # fmt: skip
        assert row.lastrowid is not None
        self._fresh[row.lastrowid] = record
        if self.sign is not None:
            lines.keep(self.ledger, row.lastrowid, self.sign(record.body))
        return record

    def _refusal(self, page: Page, reason: str, snapshot: int | None, name: str | None) -> None:
        assert page.url is not None
        refusal = Refusal(
            url=page.url, reason=reason, status=page.status, found_on=page.found_on,
            fetched_at=page.fetched_at, crawl_id=self.files.crawl_id, snapshot=name,
        )  # fmt: skip
        appender, text = self._appenders["rejected"], to_line(refusal)
        self.ledger.run(
            "INSERT INTO refusals (address, reason, status, fetched_at, run, snapshot, file, offset, length, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            page.id, refusal.reason, page.status, page.fetched_at, self.frontier.run, snapshot, appender.file, appender.add(text), len(text), digest(text),
        )  # fmt: skip


def _namer(page: Page) -> tuple[str, str]:
    """Kind and name of what names the links of a page: of all articles one, because which of them names what is in the ledger's `links`."""
    if page.source is not None:
        return page.source.kind, page.source.name
    return ("article", "") if page.url is not None else page.namer
