"""Make the record of a stored capture as a crawl would have made it: the one way of all that is read again."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import re
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import attrs
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Headers, HtmlResponse, Response, TextResponse
from scrapy.responsetypes import responsetypes
from scrapy.statscollectors import DummyStatsCollector

from sabah import __version__
from sabah.archive.http import MOST_PACKINGS, codings
from sabah.items import Article, copied, what_is_missing
from sabah.normalize.hashes import revision_hash, text_hash
from sabah.pages import NotAnArticle, read
from sabah.pages.page import CUT, text_of
from sabah.pages.record import Hint
from sabah.site.addresses import parse_address
from sabah.site.captures import instant
from sabah.site.link import Link
from sabah.storage import agreement, snapshots
from sabah.storage.errors import StorageError
from sabah.storage.identity import as_doubted_as, as_stored
from sabah.storage.last import record_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from sabah.storage.readings import Kept
    from sabah.storage.repair import Missing
    from sabah.storage.snapshots import Capture


class NotUnpackedError(ValueError):
    """The payload is not what its Content-Encoding says, or beyond DOWNLOAD_MAXSIZE; the text is one line."""


class Responses:
    """Calling it with a capture gives its response, unpacked as in a crawl; of a rendered page what the browser made of it."""

    def __init__(self, crawler: Crawler) -> None:
        """`crawler`: whose settings limit the size of a page and whose stats count it."""
        self._unpack = HttpCompressionMiddleware(crawler=crawler)
        self._most = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    def __call__(self, capture: Capture) -> Response:
        """Raises NotUnpackedError."""
        status, headers = status_and_headers(capture)
        flags = [CUT] if capture.cut else []
        if capture.rendered is not None:
            return HtmlResponse(capture.url, status=status, body=capture.rendered, encoding="utf-8", flags=flags)
        kind = responsetypes.from_args(headers=headers, url=capture.url, body=capture.payload)
        response = kind(capture.url, status=status, headers=headers, body=capture.payload, flags=flags)
        if (times := len(codings(headers.getlist("Content-Encoding")))) > MOST_PACKINGS:
            raise NotUnpackedError(f"the page is packed {times} times, more than {MOST_PACKINGS}")
        try:
            unpacked = self._unpack.process_response(Request(capture.url), response)
        except IgnoreRequest as error:
            raise NotUnpackedError(str(error)) from error
        except Exception as error:  # each packing has errors of its own, and some are no more than Exception
            raise NotUnpackedError(f"the page cannot be unpacked ({type(error).__name__}: {error})") from error
        assert isinstance(unpacked, Response)
        if self._most and len(unpacked.body) > self._most:
            raise NotUnpackedError(f"the page has {len(unpacked.body)} B, more than DOWNLOAD_MAXSIZE ({self._most} B)")
        return unpacked


@cache
def responses(page_bytes: int) -> Responses:
    """Of this process, without a crawl: pages of `page_bytes` unpacked at most, as DOWNLOAD_MAXSIZE says (0: of any size)."""
    # With a log it would begin to log all there is.
    crawler = Crawler(Spider, {"LOG_ENABLED": False, "DOWNLOAD_MAXSIZE": page_bytes})
    crawler.stats = DummyStatsCollector(crawler)
    return Responses(crawler)


def status_and_headers(capture: Capture) -> tuple[int, Headers]:
    """Status and headers of the answer as received."""
    first, *lines = capture.head.rstrip(b"\r\n").split(b"\r\n")
    headers = Headers()
    for line in lines:
        name, _, value = line.partition(b":")
        headers.appendlist(name, value.strip())
    return int(first.split(None, 2)[1]), headers


class RefusedError(Exception):
    """The page gives no record that may be stored; the text says why, in the words of a crawl."""


class DroppedError(Exception):
    """A pipeline of the user's does not want the record; the text says which, and why."""


class PipelineError(Exception):
    """A pipeline of the user's has failed over the record; the text names it."""


Pipelines = Callable[["Article"], "Article"]
"""What the user's own pipelines make of a record. Raises DroppedError and PipelineError."""


@attrs.frozen
class Made:
    record: Article
    marks: int
    links: tuple[str, ...]
    """Canonical addresses of the articles that the page names."""


def made(responses: Responses, capture: Capture, hint: Hint, provenance: Mapping[str, Any] | None = None) -> Made:
    """What today's readers find on the page; `provenance` has the fields that no page decides, and the address where that is decided. Raises RefusedError."""
    try:
        reading = read(responses(capture), capture.url, hint)
    except (NotAnArticle, NotUnpackedError) as error:
        raise RefusedError(str(error)) from error
    try:
        given = dict(provenance or {})
        url = given.pop("url", None)
        record = Article(**{**reading.values, **given})
        if url is not None:
            record = as_stored(record, url, capture.url)
    except ValueError as error:
        raise RefusedError(f"the record would be wrong: {error}") from error
    if missing := what_is_missing(record):
        raise RefusedError(missing)
    return Made(record, reading.marks, reading.links.articles)


def links_to(urls: Iterable[str]) -> tuple[Link, ...]:
    """Links to canonical addresses of articles."""
    return tuple(Link.to(address) for address in map(parse_address, urls) if address is not None)


logger = logging.getLogger(__name__)


class Rebuilder:
    """Calling it with a missing record reads its snapshot; None where the page gives no record any more."""

    def __init__(self, responses: Responses, pipelines: Pipelines | None = None) -> None:
        """`pipelines`: of the user's own, through which the record went when it was stored."""
        self.responses, self.pipelines = responses, pipelines

    def __call__(self, missing: Missing) -> Article | None:
        captured = captured_at(missing.capture, missing.captured) if missing.origin == "archive" else None
        provenance = {**missing.provenance(), "url": missing.url, "captured_at": captured}
        try:
            record = made(self.responses, missing.capture, Hint.from_json(missing.hint), provenance).record
        except RefusedError:
            return None
        if self.pipelines is None:
            return record
        try:
            return self.pipelines(copied(record))
        except (DroppedError, PipelineError) as error:
            # It was stored: what pipelines say of it today does not take it away.
            logger.warning("Rebuilt as the page reads: %s: %s", record.url, error)
            return record


def is_consistent(record: Article) -> bool:
    """Whether hashes and number of words of a record are those of its words."""
    images = [(one.caption, one.credit) for one in record.images]
    hashed = revision_hash(
        headline=record.headline, standfirst=record.standfirst, byline=record.byline, dateline=record.dateline, published_raw=record.published_raw,
        body=record.body, keywords=record.keywords, images=images,
    )  # fmt: skip
    words = len(record.body.split()) if record.body else 0
    return (record.text_hash, record.revision_hash, record.word_count) == (
        text_hash(record.headline, record.body),
        hashed,
        words,
    )


class Rehash:
    """Calling it with a stored page and what a feed said of it (JSON) gives the revision hash that the readers of today find there; None for no record.

    So a page that is met again is told from the same page read otherwise: a change of readers is no change of the newspaper's.
    """

    def __init__(self, responses: Responses) -> None:
        self.responses = responses

    def __call__(self, capture: Capture, hint: str | None) -> str | None:
        try:
            return made(self.responses, capture, Hint.from_json(hint)).record.revision_hash
        except RefusedError:
            return None


def captured_at(capture: Capture, named: str | None) -> str | None:
    """When the archive captured the page (ISO 8601, UTC): as its WARC file says, or the answer, or the index that named it (14 digits)."""
    if capture.taken_from is not None:
        return capture.at
    said = (status_and_headers(capture)[1].get("Memento-Datetime") or b"").decode("latin-1")
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        if named is None:
            return None
        at = instant(named[:14])
    return at.astimezone(dt.UTC).isoformat(timespec="seconds")


PROVENANCE: Final = (
    "revision", "reading", "duplicate_of", "found_on", "first_seen_at", "fetched_at", "status", "origin", "crawl_id", "snapshot", "withdrawn_at", "captured_at",
    "moved_to",
)  # fmt: skip
"""Fields that no page decides."""

FIELDS: Final = tuple(
    field.name
    for field in attrs.fields(Article)
    if field.name not in (*PROVENANCE, "url", "reader_version", "schema_version")
)
"""Fields in which a reading may differ from the last; the address is the record's key."""


@attrs.frozen
class Task:
    """A snapshot to be read, in the data folder."""

    folder: Path
    kept: Kept
    page_bytes: int
    """Of a page, unpacked, at most."""

    number: int = 0
    """Which of all it is."""

    origin: str | None = None
    """Of a page that was refused: where its run got pages from, where that is known."""

    always: bool = False
    """Whether the record is wanted also where nothing has changed: pipelines have still to see it."""

    def __str__(self) -> str:
        return self.kept.url


@attrs.frozen(kw_only=True)
class Outcome:
    """What came of it: one of `record`, `refused`, `dropped`, `fault`, `broken`, or none of them where nothing has changed."""

    record: Article | None = None
    """The new reading with the provenance of the last; or the first, of a page that was refused."""

    before: Article | None = None
    """What was read last, beside a record that differs from it."""

    marks: int | None = None
    links: tuple[str, ...] = ()
    """Canonical addresses that a page names which was refused."""

    refused: str | None = None
    """Why the page gives no record."""

    refused_before: bool = False
    """Whether it gave none before."""

    dropped: str | None = None
    """The pipeline that does not want the record, and why."""

    fault: str | None = None
    """The pipeline that has failed over it, and how."""

    broken: str | None = None
    """Why the snapshot, or the line, could not be read."""

    overtaken: bool = False
    """It was forgotten, or given another record, meanwhile."""

    @property
    def changed(self) -> tuple[str, ...]:
        """Names of the fields that differ."""
        if self.record is None or self.before is None:
            return ()
        return tuple(name for name in FIELDS if getattr(self.record, name) != getattr(self.before, name))


def reread(task: Task) -> Outcome:
    """For any process. What a reader raises beside its own error goes through."""
    kept = task.kept
    try:
        capture = snapshots.read(task.folder / kept.name, kept.offset)
        before = _stored(task)
    except (snapshots.SnapshotError, StorageError) as error:
        return Outcome(broken=str(error))
    if before is None and not _is_of_an_article(capture):
        return Outcome(refused="the address leads to a page that is no article", refused_before=True)
    try:
        one = made(responses(task.page_bytes), capture, _hint(kept, before), _provenance(task, capture, before))
    except RefusedError as error:
        return Outcome(refused=str(error), refused_before=before is None)
    record = one.record if before is None else as_doubted_as(one.record, before)
    if before is not None and agreement.is_cut(record):
        record = agreement.completed(record, before)
    outcome = Outcome(record=record, before=before, marks=one.marks, links=() if before else one.links)
    return outcome if task.always or before is None or outcome.changed else Outcome()


def piped(outcome: Outcome, pipelines: Pipelines) -> Outcome:
    """The outcome with what the user's pipelines make of its record."""
    if outcome.record is None:
        return outcome
    try:
        changed = attrs.evolve(outcome, record=pipelines(copied(outcome.record)))
    except DroppedError as dropped:
        return Outcome(dropped=str(dropped))
    except PipelineError as error:
        return Outcome(fault=str(error))
    return changed if changed.before is None or changed.changed else Outcome()


def _provenance(task: Task, capture: snapshots.Capture, before: Article | None) -> dict[str, object]:
    if before is not None:
        return {name: getattr(before, name) for name in (*PROVENANCE, "url")}
    origin = task.origin if capture.taken_from is None else "archive"
    return {
        "origin": origin,
        "captured_at": captured_at(capture, task.kept.capture) if origin == "archive" else None,
    }


def _hint(kept: Kept, before: Article | None) -> Hint:
    """What a feed said. A teaser that was heard of after the page was read is no difference between readers."""
    hint = Hint.from_json(kept.hint)
    return attrs.evolve(hint, description=None) if before is not None and before.description is None else hint


def _is_of_an_article(capture: snapshots.Capture) -> bool:
    """Whether the page came from an article's address, and not from one that this redirects to."""
    if capture.taken_from is not None:
        return True  # of a file no redirects are followed
    target = capture.request.split(b" ", 2)[1].decode("latin-1")
    address = parse_address(f"https://www.dailysabah.com{target}")
    return address is not None and address.is_article


def _stored(task: Task) -> Article | None:
    kept = task.kept
    if kept.segment is None:
        return None
    assert kept.line_offset is not None
    assert kept.line_length is not None
    return record_at(task.folder / kept.segment, kept.line_offset, kept.line_length)


ROOMS: Final = ("pages", "normalize", "site")
MODULES: Final = ("items.py", "loaders.py")


@cache
def readers() -> str:
    """`VERSION-DIGEST`, the same for the same code."""
    package, digest = files("sabah"), hashlib.sha256()
    for part in (*MODULES, *ROOMS):
        for module in _modules(package / part):
            digest.update(module.name.encode() + module.read_bytes())
    return f"{__version__}-{digest.hexdigest()[:12]}"


def _modules(part: Traversable) -> list[Traversable]:
    if part.is_file():
        return [part]
    return sorted((one for one in part.iterdir() if one.name.endswith(".py")), key=lambda one: one.name)


_NOWHERE: Final = "https://nowhere.invalid/"
_HEAD: Final = re.compile(r"<head\b[^>]*>", re.IGNORECASE)


def values_of(page: bytes) -> dict[str, Any]:
    """What is read from the bytes alone, under the address that their canonical link names. Raises NotAnArticle."""
    return read(HtmlResponse(_NOWHERE, body=page)).values


def alone(response: Response, url: str) -> bytes:
    """The page at `url` in bytes that alone are read as the response is: those received, or in UTF-8 with charset and address put in. Raises NotAnArticle."""
    values = read(response, url).values
    assert isinstance(response, TextResponse)  # of what is no text there is no record
    why = ""
    for page in (response.body, _with_head(text_of(response), url)):
        try:
            found = values_of(page)
        except NotAnArticle as error:
            why = str(error)
        else:
            if found == values:
                return page
            why = ", ".join(name for name in values if found[name] != values[name])
    raise NotAnArticle(
        f"the page as a file is read otherwise than its answer ({why}); correct it and give it as a FILE"
    )


def _with_head(text: str, url: str) -> bytes:
    said = f'<meta charset="utf-8"><link rel="canonical" href="{url}">'
    head = _HEAD.search(text)
    end = head.end() if head else 0
    return f"{text[:end]}{said}{text[end:]}".encode(errors="replace")
