"""The HTTP answer in a response record, brought to one form: chunks joined, no packing claimed that is not there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import attrs

from sabah.warcs.records import BrokenError, length_said

if TYPE_CHECKING:
    from collections.abc import Iterable

_END: Final = re.compile(rb"\r?\n\r?\n")
_LINES: Final = re.compile(rb"\r?\n(?![ \t])")
_FOLD: Final = re.compile(rb"\r?\n[ \t]+")
_STATUS: Final = re.compile(rb"HTTP/[0-9.]+ +([0-9]{3})(?: |\Z)")
_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_MARKUP: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<[!?A-Za-z][\x09-\x7e]{24}")
_NO_LAST: Final = "its last chunk is missing"
_HTML: Final = ("text/html", "application/xhtml+xml")


@attrs.frozen
class Answer:
    status: int
    head: bytes
    """Status line and headers, each ended by CRLF, and a blank line."""

    payload: bytes
    """Without chunks; packed as the Content-Encoding in `head` says, plain where none is there."""

    is_html: bool
    """By its Content-Type; without one, whether it looks so."""

    packing: str = ""
    """The Content-Encoding of `payload`; empty where it is plain."""

    cut: str = ""
    """Why the payload is not all that was sent, as far as chunks and Content-Length tell; empty where they do not."""


def answer(block: bytes) -> Answer:
    """The answer a response record's block holds, whoever wrote it. Raises BrokenError where it holds none.

    Crawlers write it as sent, chunks and packing and all; or with both undone, be it with the headers that say so renamed
    (`X-Crawler-Content-Encoding`), left out or left in. A Content-Length says what was sent, be it of a page that has been unpacked since: only what is
    shorter, and is neither joined nor unpacked, is cut.
    """
    end = _END.search(block)
    first, *lines = _LINES.split(block[: end.start()] if end else block)
    status = _STATUS.match(first)
    if status is None:
        raise BrokenError(f"it holds no HTTP answer ({first[:20]!r})")
    payload = block[end.end() :] if end else b""
    headers = [_FOLD.sub(b" ", line) for line in lines if b":" in line]
    if any(b"chunked" in value.lower() for value in _values(headers, b"transfer-encoding")):
        payload, cut = _joined(payload)
    else:
        cut = _short(headers, payload)
    gone = {b"transfer-encoding"}
    packing = b",".join(_values(headers, b"content-encoding")).decode("latin-1").lower()
    if _MARKUP.match(payload):
        gone.add(b"content-encoding")
        packing = ""
    kept = [line for line in headers if _name(line) not in gone]
    kinds = _values(headers, b"content-type")
    kind = kinds[0].partition(b";")[0].strip().lower().decode("latin-1") if kinds else ""
    return Answer(
        int(status[1]), b"".join(b"%b\r\n" % line for line in (first, *kept, b"")), payload,
        kind in _HTML if kind else _MARKUP.match(payload) is not None, packing, cut,
    )  # fmt: skip


def _joined(payload: bytes) -> tuple[bytes, str]:
    """The chunks in one; as it is where it is not in chunks, and of a cut one what there is, and why that is not all."""
    parts: list[bytes] = []
    at = 0
    while at < len(payload):
        size = _SIZE.match(payload, at)
        if size is None:
            return (b"".join(parts), _NO_LAST) if parts else (payload, "")
        length, begin = int(size[1], 16), size.end()
        if not length:
            return b"".join(parts), ""
        parts.append(payload[begin : begin + length])
        at = begin + length
        if payload[at : at + 2] == b"\r\n":
            at += 2
        elif at < len(payload) and payload[at : at + 1] == b"\n":
            at += 1
        elif at < len(payload):
            return (b"".join(parts), _NO_LAST) if len(parts) > 1 else (payload, "")
    return b"".join(parts), _NO_LAST


def _short(headers: Iterable[bytes], payload: bytes) -> str:
    """Why a payload without chunks is not all that was sent; empty where nothing tells."""
    if _MARKUP.match(payload) and any(_values(headers, b"content-encoding")):
        return ""  # unpacked, and the length is of what was packed
    lengths = (length_said(value.decode("latin-1")) for value in _values(headers, b"content-length"))
    said = [one for one in lengths if one is not None]
    if said and len(payload) < min(said):
        return f"{len(payload):,} of {min(said):,} bytes"
    return ""


def _name(line: bytes) -> bytes:
    return line.partition(b":")[0].strip().lower()


def _values(headers: Iterable[bytes], name: bytes) -> list[bytes]:
    return [line.partition(b":")[2].strip() for line in headers if _name(line) == name]
