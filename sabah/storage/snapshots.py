"""Raw pages as standard WARC: a response and a request record for each fetch, each a gzip member of its own; a third where scripts have filled the page."""

from __future__ import annotations

import base64
import hashlib
import io
import zlib
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote

import attrs
from isal import isal_zlib
from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]
from warcio.exceptions import ArchiveLoadFailed  # type: ignore[import-untyped]
from warcio.recordloader import ArcWarcRecord  # type: ignore[import-untyped]
from warcio.statusandheaders import StatusAndHeaders  # type: ignore[import-untyped]
from warcio.warcwriter import WARCWriter  # type: ignore[import-untyped]

from sabah import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LEVEL: Final = 2
"""Of ISA-L's deflate. A page of 113 KB: level 2 gives 19.7 KB in 0.18 ms; zlib's 3 gives 19.7 KB in 0.90 ms, its 6 gives 18.2 KB in 1.75 ms."""

VERSION: Final = "WARC/1.1"
RENDERED_TYPE: Final = "text/html; charset=utf-8"
_TAKEN: Final = b"taken-from: "
_CONCURRENT: Final = "WARC-Concurrent-To"
_TRUNCATED: Final = ("WARC-Truncated", "disconnect")
BLANK: Final = b"\r\n\r\n"


class SnapshotError(ValueError):
    """There is no whole snapshot at the place named; the text says what is wrong."""


@attrs.frozen(kw_only=True)
class Capture:
    """One fetch, byte for byte."""

    url: str
    """Canonical address: the records' target."""

    at: str
    """ISO 8601, UTC, whole seconds."""

    request: bytes = b""
    """Request line, headers, blank line (and body) as sent; empty where `taken_from` says that another has asked."""

    head: bytes
    """Status line, headers, blank line as received."""

    payload: bytes
    """Body as received, Content-Encoding and all."""

    taken_from: str | None = None
    """The file of another tool that has the record, and where in it: `crawl.warc.gz:4711`."""

    cut: bool = False
    """Whether it was taken without its end (`WARC-Truncated: disconnect`)."""

    rendered: bytes | None = None
    """The document as a browser made it of the response, HTML in UTF-8; None where the response is the page."""


def head(first: str, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A block of HTTP headers from its first line (`HTTP/1.1 200 OK`) and its names and values."""
    return b"".join((first.encode(), b"\r\n", *(b"%b: %b\r\n" % pair for pair in headers), b"\r\n"))


def pack(capture: Capture, level: int = LEVEL) -> bytes:
    """The response record, the request record after it, and the conversion record of a rendered page, ready to append. Pure: may run in any thread.

    In place of the request that another tool has made a metadata record says where the response was taken from.

    The response names the conversion (WARC-Concurrent-To), which names the response (WARC-Refers-To): a reader of either knows of the other.
    """
    target = [("WARC-Target-URI", capture.url), ("WARC-Date", f"{capture.at[:19]}Z")]
    block, body = capture.head + capture.payload, capture.request.partition(BLANK)[2]
    fields = [*target, _payload(capture.payload), *([_TRUNCATED] if capture.cut else [])]
    if capture.taken_from is None:
        request = _member("request", [*target, _payload(body)], capture.request, level)
    else:
        request = _member(
            "metadata",
            target,
            b"%b%b\r\n" % (_TAKEN, quote(capture.taken_from, errors="surrogateescape").encode()),
            level,
        )
    if capture.rendered is None:
        return _member("response", fields, block, level) + request
    response, conversion = WARCWriter._make_warc_id(), WARCWriter._make_warc_id()
    about = [
        *target, ("WARC-Refers-To", response), ("WARC-Refers-To-Target-URI", capture.url), ("WARC-Refers-To-Date", f"{capture.at[:19]}Z"),
        _payload(capture.rendered),
    ]  # fmt: skip
    return (
        _member("response", [*fields, (_CONCURRENT, conversion)], block, level, response)
        + request
        + _member("conversion", about, capture.rendered, level, conversion)
    )


def opening(name: str, at: str) -> bytes:
    """The warcinfo record every file begins with."""
    fields = f"software: sabah/{__version__}\r\nformat: WARC File Format 1.1\r\n".encode()
    return _member("warcinfo", [("WARC-Date", f"{at[:19]}Z"), ("WARC-Filename", name)], fields, LEVEL)


def read(path: Path, offset: int) -> Capture:
    """The snapshot whose response record begins at `offset`. Raises SnapshotError, also where file or digest do not hold."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            # Unparsed: the block comes back as it was received.
            records = iter(ArchiveIterator(file, no_record_parse=True))
            fields, block = _block(next(records), "response", path, offset)
            second = next(records)
            _, request = _block(second, "metadata" if second.rec_type == "metadata" else "request", path, offset)
            rendered = None
            if conversion := fields.get_header(_CONCURRENT):
                about, rendered = _block(next(records), "conversion", path, offset)
                if about.get_header("WARC-Record-ID") != conversion:
                    raise SnapshotError(f"{path}:{offset}: the conversion record is another page's")
    except (OSError, ArchiveLoadFailed, StopIteration, EOFError, zlib.error) as error:
        raise SnapshotError(f"{path}:{offset}: no whole snapshot there ({type(error).__name__})") from error
    head, blank, payload = block.partition(BLANK)
    at = fields.get_header("WARC-Date").replace("Z", "+00:00")
    taken_from = None
    if second.rec_type == "metadata":
        taken_from, request = unquote(request.removeprefix(_TAKEN).rstrip().decode(), errors="surrogateescape"), b""
    return Capture(
        url=fields.get_header("WARC-Target-URI"),
        at=at,
        request=request,
        head=head + blank,
        payload=payload,
        taken_from=taken_from,
        cut=fields.get_header(_TRUNCATED[0]) is not None,
        rendered=rendered,
    )


def _block(record: Any, kind: str, path: Path, offset: int) -> tuple[Any, bytes]:
    if record.rec_type != kind:
        raise SnapshotError(f"{path}:{offset}: a {record.rec_type} record where a {kind} should be")
    block = record.raw_stream.read()
    if _digest(block) != record.rec_headers.get_header("WARC-Block-Digest"):
        raise SnapshotError(f"{path}:{offset}: the {kind} record is damaged (digest)")
    return record.rec_headers, block


def _member(kind: str, headers: list[tuple[str, str]], block: bytes, level: int, identity: str | None = None) -> bytes:
    # Built by hand from the block as it is: warcio's builder would parse the HTTP headers and print its own.
    kinds = WARCWriter.WARC_RECORDS
    own = [
        ("WARC-Type", kind),
        ("WARC-Record-ID", identity or WARCWriter._make_warc_id()),
        ("WARC-Block-Digest", _digest(block)),
    ]
    fields = StatusAndHeaders("", own + headers, protocol=VERSION)
    out = io.BytesIO()
    content = kinds.get(kind) or RENDERED_TYPE
    record: Any = ArcWarcRecord("warc", kind, fields, io.BytesIO(block), None, content, len(block))
    WARCWriter(out, gzip=False).write_record(record)
    packer = isal_zlib.compressobj(level, isal_zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return packer.compress(out.getbuffer()) + packer.flush()


def _payload(data: bytes) -> tuple[str, str]:
    return "WARC-Payload-Digest", _digest(data)


def _digest(data: bytes) -> str:
    # SHA-1 in base32 is what WARC tools expect; it guards against damage, not against forgery.
    return "sha1:" + base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()
