"""The archive's index files: CDX with its header line, and CDXJ as Common Crawl writes it, with the lines that real ones have."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from itertools import islice
from typing import TYPE_CHECKING, Final

from replica.archive import key
from replica.dice import Dice

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from replica.archive import Archive, Capture

_LINES: Final = 410
_HEADER: Final = b" CDX N b a m s k r M S V g\n"
_MEMBER: Final = 300
"""Lines in each gzip member of a packed index; Common Crawl packs 3000."""
_OTHERS: Final = (
    ("https://www.dailysabah.com/", "text/html", "200"),
    ("https://www.dailysabah.com/world", "text/html", "200"),
    ("http://dailysabah.com/", "text/html", "301"),
    ("https://www.dailysabah.com/robots.txt", "text/plain", "200"),
    ("https://www.dailysabah.com/rss/politics", "text/xml", "200"),
    ("https://www.dailysabah.com/search?qsection=world&pgno=3", "text/html", "200"),
    ("https://www.dailysabah.com/arabic/economy/2019/05/06/a-story", "text/html", "200"),
    ("https://www.dailysabah.com/world/x/news/%22onclick", "text/html", "404"),
    ("https://www.dailysabah.com/site/css/main.css?v=118", "text/css", "200"),
    ("https://idsb.tmgrup.com.tr/ly/uploads/images/2020/05/01/33411.jpg", "image/jpeg", "200"),
    ("https://www.dailysabah.com/turkey/a%20b/news", "unk", "-"),
    ("dns:www.dailysabah.com", "text/dns", "-"),
)
"""What else an index of the site names: no article, or none that was there."""


def cdx(archive: Archive, now: dt.datetime) -> Iterator[bytes]:
    """CDX lines with their header, roughly in the order of their keys."""
    yield _HEADER
    for number, capture in _captures(archive, now):
        if capture is None:
            yield from _nasty(archive, number, is_json=False)
        else:
            mime, status = ("warc/revisit", "-") if capture.is_revisit else ("text/html", str(capture.status))
            yield _cdx_line(capture.url, capture.time, mime, status, _digest(capture), number)


def cdxj(archive: Archive, now: dt.datetime) -> Iterator[bytes]:
    """CDXJ lines, `KEY TIME {JSON}`, roughly in the order of their keys."""
    for number, capture in _captures(archive, now):
        if capture is None:
            yield from _nasty(archive, number, is_json=True)
        else:
            mime = "warc/revisit" if capture.is_revisit else "text/html"
            yield _cdxj_line(capture.url, capture.time, mime, str(capture.status), _digest(capture), number)


def packed(lines: Iterator[bytes]) -> bytes:
    """The lines in gzip, in several members as archives pack them."""
    return b"".join(gzip.compress(b"".join(some), mtime=0) for some in iter(lambda: tuple(islice(lines, _MEMBER)), ()))


def _captures(archive: Archive, now: dt.datetime) -> Iterator[tuple[int, Capture | None]]:
    """Every capture; in between None, where other lines stand."""
    paper = archive.paper
    for place, number in enumerate(sorted(range(paper.total), key=lambda one: paper.stub(one).path)):
        if place % 7 == 0:
            yield number, None
        for capture in archive.captures(number, now):
            yield number, capture


def _nasty(archive: Archive, number: int, *, is_json: bool) -> Iterator[bytes]:
    """A line of something else; now and then one that is cut off, blank, or no text."""
    dice = Dice(archive.paper.seed, number, _LINES)
    url, mime, status = dice.pick(_OTHERS)
    time = f"20{14 + dice.below(12)}{1 + dice.below(12):02}{1 + dice.below(28):02}{dice.below(24):02}0709"
    make = _cdxj_line if is_json else _cdx_line
    line = make(url, time, mime, status, "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", number)
    yield line
    roll = dice.below(100)
    whole = make(f"https://www.dailysabah.com{archive.paper.stub(number).path}", time, "text/html", "200", "X", number)
    if roll < 8:
        yield whole[: 10 + roll * 6] + b"\n"
    elif roll < 11:
        yield b"\n"
    elif roll < 14:
        yield b"com,dailysabah)/caf\xe9 \xff\xfe\n"
    elif roll < 17:
        yield whole.replace(time.encode(), b"20211399999999", 1)


def _cdx_line(url: str, time: str, mime: str, status: str, digest: str, number: int) -> bytes:
    length, offset, name = _place(number, time)
    return f"{key(url)} {time} {url} {mime} {status} {digest} - - {length} {offset} {name}\n".encode()


def _cdxj_line(url: str, time: str, mime: str, status: str, digest: str, number: int) -> bytes:
    length, offset, name = _place(number, time)
    about = {"url": url, "mime": mime, "mime-detected": "text/html" if "html" in mime else mime, "status": status, "digest": digest, "length": length, "offset": offset, "filename": name}  # fmt: skip
    if status == "301":
        about["redirect"] = url.replace("http://", "https://", 1)
    elif mime == "text/html" and status == "200":
        about |= {"charset": "UTF-8", "languages": "eng"}
    return f"{key(url)} {time} {json.dumps(about)}\n".encode()


def _place(number: int, time: str) -> tuple[str, str, str]:
    """Length, offset and file of the archived record."""
    name = f"crawl-data/CC-MAIN-{time[:4]}-{time[4:6]}/segments/{number % 100:03}/warc/{time}-{number:05}.warc.gz"
    return str(20_000 + number * 331 % 30_000), str(number * 40_009), name


def _digest(capture: Capture) -> str:
    text = f"{capture.number} {capture.version} {capture.is_amp} {capture.status}"
    return base64.b32encode(hashlib.sha1(text.encode(), usedforsecurity=False).digest()).decode()
