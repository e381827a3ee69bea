"""Which stored article a page is of, where its canonical link names another address than was asked for, or its section has several names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from sabah.items import KINDS_WITHOUT_TEXT
from sabah.normalize.hashes import text_hash
from sabah.site.addresses import is_in_one_section, is_respelled, parse_address, respelled, slug_of
from sabah.storage.errors import StorageError, reported
from sabah.storage.last import Compared, Last

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sabah.items import Article
    from sabah.site.addresses import Address
    from sabah.storage.last import Rehash
    from sabah.storage.ledger import Ledger
    from sabah.storage.pages import Page

    Stored = Callable[[Last], Article]
    """Gives the record of a row. Raises StorageError where its line is not whole."""

DISAGREES: Final = "canonical_disagrees"

_RESOLVED: Final = """
WITH RECURSIVE way (id, hops) AS (
    SELECT id, 0 FROM addresses WHERE url = ?
    UNION ALL SELECT a.alias_of, hops + 1 FROM way JOIN addresses a ON a.id = way.id WHERE a.alias_of IS NOT NULL AND hops < 20
)
SELECT a.id, a.url FROM way JOIN addresses a ON a.id = way.id WHERE a.alias_of IS NULL
"""
"""What an address leads to; nothing where it leads in a circle, as old ledgers have some."""

_TWINS: Final = """
SELECT DISTINCT a.id, a.url FROM articles t JOIN addresses a ON a.id = t.address WHERE t.text_hash = ? AND a.url <> ? ORDER BY t.id LIMIT 50
"""


def placed(ledger: Ledger, page: Page, stored: Stored | None = None) -> Page:
    """The page with its record at the address of the article that it is of. Raises StorageError."""
    record = page.record
    if record is None or page.url is None:
        return page
    url, doubted = article_of(ledger, page.url, record, stored, page.read)
    if url == record.url:
        return page
    record = under(record, url)
    return attrs.evolve(page, record=_doubted(record) if doubted else record)


def under(record: Article, url: str) -> Article:
    """The record at another address, with the kind and the section that this says, where the record had those that its own says."""
    if url == record.url:
        return record
    own, other = parse_address(record.url), parse_address(url)
    if own is None or other is None:
        return attrs.evolve(record, url=url)
    said = {
        name: getattr(other, name) for name in ("section", "subsection") if getattr(record, name) == getattr(own, name)
    }
    if record.kind == own.kind and (record.body is not None or other.kind in KINDS_WITHOUT_TEXT):
        said["kind"] = other.kind
    return attrs.evolve(record, url=url, **said)


def as_stored(record: Article, url: str, asked: str) -> Article:
    """What is read again from the page that was asked for at `asked`, at the address `url` that it was stored under."""
    named, address = parse_address(record.url), parse_address(url)
    doubted = url == asked != record.url and named and address and not is_in_one_section(address, named)
    return _doubted(under(record, url)) if doubted else under(record, url)


def as_doubted_as(record: Article, before: Article) -> Article:
    """The record with the mark of a canonical link not believed if that before has it: what was stored at the time has decided."""
    if (DISAGREES in record.marks) == (DISAGREES in before.marks):
        return record
    marks = [one for one in record.marks if one != DISAGREES]
    return attrs.evolve(record, marks=[*marks, *(one for one in before.marks if one == DISAGREES)])


def compare(ledger: Ledger, page: Page, run: int, rehash: Rehash | None, piped: Article | None = None) -> Compared:
    """Compares what `run` has read of a page, and what the user's pipelines made of it, with the record stored last of its article; nothing is written. Raises StorageError."""
    record = page.read
    assert record is not None
    with reported(ledger.path), ledger.moment():
        url, _ = article_of(ledger, page.url or record.url, record, piped=piped)
        row = ledger.one("SELECT id, hint FROM addresses WHERE url = ?", url)
        last = Last.of(ledger, row[0]) if row else None
    if last is None:
        return Compared(None, same=False)
    return Compared(last.id, last.says(record, ledger, run, row[1], rehash, piped=piped))


def article_of(
    ledger: Ledger, asked: str, record: Article, stored: Stored | None = None, piped: Article | None = None
) -> tuple[str, bool]:
    """Address of the article that the page is of which was found at `asked`, and whether what its canonical link says is not believed. Raises StorageError.

    `record.url` is the address that the link names, if that has the same slug. The newspaper's word is enough within one section; beyond it headline or text have to be those
    of what is stored there. An address that has records of its own keeps them: the histories of two articles are never mixed. `piped` is the record before or after the
    user's pipelines, of which the stored one has seen the same.
    """
    address, named = parse_address(asked), parse_address(record.url)
    if address is None or named is None or slug_of(address) != slug_of(named):
        return record.url, False  # no link decided that
    records = [record]
    if piped is not None and (piped.headline, piped.body) != (record.headline, record.body):
        records.append(piped)
    return _Search(ledger, asked, address, records, stored).found(record.url, named)


@attrs.frozen
class _Target:
    """What an address leads to."""

    url: str
    last: Last | None = None
    """What is stored last of it."""

    sent_on: bool = False
    """Whether the newspaper was seen to send it on for good, and it has not ended yet."""


@attrs.frozen
class _Search:
    ledger: Ledger
    asked: str
    address: Address
    records: list[Article]
    stored: Stored | None

    def found(self, url: str, named: Address) -> tuple[str, bool]:
        sql = "SELECT EXISTS (SELECT 1 FROM articles WHERE address = a.id), alias_of IS NOT NULL FROM addresses a WHERE url = ?"
        is_stored, leads_on = self.ledger.one(sql, self.asked) or (False, False)
        is_near = is_in_one_section(self.address, named)
        if is_stored:
            return self.asked, not is_near
        if url != self.asked:
            to = self._resolved(url)
            if to.url == self.asked:
                return to.url, False
            if to.last is not None and to.last.moved_to is not None:
                return self.asked, not is_near
            if is_near if to.last is None else is_respelled(self.address, named) or self._agrees(to.last):
                return to.url, False
        for other in self._others(leads_on=leads_on):
            return other, False
        # The other stands at its own address and does not agree, or nobody knows what it says.
        return self.asked, url != self.asked

    def _others(self, *, leads_on: bool) -> Iterator[str]:
        """Addresses at which the same article is stored, though the page does not name them."""
        if leads_on:
            to = self._resolved(self.asked)
            other = parse_address(to.url)
            if to.last is not None and other is not None and is_in_one_section(self.address, other):
                yield to.url
        for to in map(self._resolved, respelled(self.address)):
            if (
                to.last is not None
                and not to.sent_on
                and to.last.withdrawn_at is None
                and self._agrees(to.last, text_alone=True)
            ):
                yield to.url
        for record in self.records:
            if record.body is not None:
                yield from self._naming(record)

    def _naming(self, record: Article) -> Iterator[str]:
        """Those of the same slug and text whose canonical link named another address, when nothing was stored there."""
        for row, url in self.ledger.all(_TWINS, record.text_hash, self.asked):
            other, last = parse_address(url), Last.of(self.ledger, row)
            if (
                other is None
                or last is None
                or last.withdrawn_at is not None
                or slug_of(other) != slug_of(self.address)
            ):
                continue
            found = self._record(last)
            if found is not None and DISAGREES in found.marks:
                yield url

    def _resolved(self, url: str) -> _Target:
        row = self.ledger.one(_RESOLVED, url)
        if row is None:
            return _Target(url)
        last = Last.of(self.ledger, row[0])
        sent = self.ledger.one("SELECT 1 FROM signs WHERE address = ? AND target IS NOT NULL", row[0]) is not None
        return _Target(row[1], last, sent)

    def _agrees(self, last: Last, *, text_alone: bool = False) -> bool:
        other = self._record(last)
        return other is not None and any(
            _is_same_text(one, other) or (not text_alone and _is_same(one.headline, other.headline))
            for one in self.records
        )

    def _record(self, last: Last) -> Article | None:
        """None where its line is damaged, which a start makes good: nobody knows what it says, and the page stays where it is."""
        try:
            return self.stored(last) if self.stored is not None else last.record(self.ledger)
        except StorageError:
            return None


def _is_same_text(one: Article, other: Article) -> bool:
    """Without a text, as many galleries are, the headline is all there is."""
    if one.body is None and other.body is None:
        return _is_same(one.headline, other.headline)
    return one.body is not None and other.body is not None and _is_same(one.body, other.body)


def _is_same(one: str, other: str) -> bool:
    return one == other or text_hash(one, None) == text_hash(other, None)


def _doubted(record: Article) -> Article:
    return record if DISAGREES in record.marks else attrs.evolve(record, marks=[*record.marks, DISAGREES])
