"""Lines of the index files of web archives: CDX as the Wayback Machine writes it, CDXJ as Common Crawl and pywb do."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final

import attrs
import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TIME: Final = re.compile(r"(?:19|20)[0-9]{12}\Z", re.ASCII)
_LEGEND: Final = re.compile(r"\A.CDX((?:.[A-Za-z]){3,})\Z")
_USUAL: Final = {"b": 1, "a": 2, "m": 3, "s": 4}
"""Places of time, address, type and status in every form of 7 to 11 fields that is written without a header line."""

_FEWEST, _MOST = 7, 11


class NoCapture(ValueError):
    """The line is none of an index; the message says why."""


@attrs.define
class Capture:
    url: str
    """As captured."""

    time: str
    """14 digits, UTC."""

    is_page: bool
    """Whether it is a whole page: status 200 and HTML, or a revisit, whose page is that of an earlier capture."""


def captures(lines: Iterable[str]) -> Iterator[Capture | NoCapture | None]:
    """One for each line: what it says, what is wrong with it, or None for header lines, comments and blank lines.

    A header line (` CDX N b a m s k r M S V g`) tells the fields of the lines after it.
    """
    places, separator = _USUAL, " "
    for line in lines:
        text = line.rstrip("\r\n")
        if text[1:4] == "CDX" and (legend := _LEGEND.match(text)):
            separator = text[0]
            letters = legend[1][1:].split(separator)
            places = {letter: place for place, letter in enumerate(letters) if letter in _USUAL}
            yield None if len(places) == len(_USUAL) else NoCapture("the header line lacks one of b, a, m, s")
        elif not text.strip() or text[0] in "!#":
            yield None
        else:
            try:
                yield _of_json(text) if "{" in text else _of_fields(text, places, separator)
            except NoCapture as error:
                yield error


def instant(time: str) -> dt.datetime:
    """The time of a capture, aware. Raises ValueError for what is no time."""
    return dt.datetime.strptime(f"{time}+0000", "%Y%m%d%H%M%S%z")


def is_time(text: str) -> bool:
    """Whether a text is the time of a capture: 14 digits that name a second there has been."""
    if not _TIME.match(text):
        return False
    try:
        instant(text)
    except ValueError:
        return False
    return True


def _of_fields(text: str, places: dict[str, int], separator: str) -> Capture:
    fields = text.strip(separator).split(separator)
    if places is _USUAL and not _FEWEST <= len(fields) <= _MOST:
        raise NoCapture(f"{len(fields)} fields instead of {_FEWEST} to {_MOST}")
    try:
        time, url, kind, status = fields[places["b"]], fields[places["a"]], fields[places["m"]], fields[places["s"]]
    except IndexError:
        raise NoCapture(f"{len(fields)} fields are too few") from None
    return _capture(url, time, kind, status)


def _of_json(text: str) -> Capture:
    """`KEY TIME {JSON}`; OpenWayback's `(KEY TIME TYPE {JSON}` with a time in ISO 8601 too."""
    head, _, rest = text.partition("{")
    words = head.split()
    if len(words) < 2:
        raise NoCapture("no key and time stand before the JSON")
    try:
        said = orjson.loads("{" + rest)
    except orjson.JSONDecodeError:
        raise NoCapture("its JSON is broken") from None
    kind = said.get("mime") or said.get("mct") or said.get("mime-detected") or ""
    status = said.get("status") or said.get("hsc") or "-"
    return _capture(
        str(said.get("url") or said.get("uri") or ""), re.sub(r"[^0-9]", "", words[1])[:14], str(kind), str(status)
    )


def _capture(url: str, time: str, kind: str, status: str) -> Capture:
    if not _TIME.match(time):
        raise NoCapture(f"{time!r:.40} is no time of 14 digits")
    if "://" not in url and not url.startswith("dns:"):
        raise NoCapture(f"{url!r:.80} is no address")
    return Capture(url, time, (status == "200" and "html" in kind) or kind == "warc/revisit")
