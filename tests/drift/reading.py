"""A page as a crawl would read it: its record, or why there is none; and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import orjson
from scrapy.http import HtmlResponse

from sabah.items import Article, what_is_missing
from sabah.monitors.features import REFUSED, Seen, seen
from sabah.pages import NotAnArticle, read
from sabah.pages.marks import names
from sabah.storage.lines import to_line
from tests.truth import OWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sabah.pages.record import Hint

NOT_VALUES = OWN | {"layout", "sources", "text_hash", "revision_hash", "language", "word_count"}
"""No value of the article: how it was read, and what follows from other values."""

OF_SOURCE = {
    "published_raw": "published_at",
    "published_precision": "published_at",
    "zone_source": "published_at",
    "modified_raw": "modified_at",
}
"""How a date is written and how precisely, which is another matter where it is read elsewhere."""

DATES = frozenset({"published_at", "modified_at"})


@attrs.frozen
class Outcome:
    seen: Seen
    values: int = 0
    missing: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    """Fields that are there and not the truth."""

    shown: Mapping[str, Any] = attrs.field(factory=dict)


def outcome(
    url: str, html: str, truth: Mapping[str, Any], changed: frozenset[str] = frozenset(), *, ours: bool = True, hint: Hint | None = None,
) -> Outcome:  # fmt: skip
    """`changed` are fields whose truth is no longer what it was, because the page prints something else; `hint` is what a feed said of the page."""
    try:
        reading = read(HtmlResponse(url, body=html.encode()), url, hint)
        article = Article(**reading.values)
        reason = what_is_missing(article)
    except NotAnArticle as error:
        reason = str(error)
    except ValueError as error:
        reason = f"the record would be wrong: {error}"
    if reason is not None:
        refused = Seen(url=url, kind=truth["kind"], layout=REFUSED, features={}, ours=ours)
        return Outcome(refused, missing=("record",), shown={"reason": reason})
    record = orjson.loads(to_line(article))
    missing: list[str] = []
    wrong: list[str] = []
    values = 0
    for name in truth.keys() - NOT_VALUES - changed:
        given = record[name]
        values += given is not None and given != []
        how = _compared(name, record, truth, changed)
        if how is not None:
            (wrong if how else missing).append(name)
    shown = {name: (record[name], truth[name]) for name in wrong}
    return Outcome(seen(record, names(reading.marks), ours=ours), values, tuple(missing), tuple(wrong), shown)


def _compared(name: str, record: Mapping[str, Any], truth: Mapping[str, Any], changed: frozenset[str]) -> bool | None:
    """None for a right value, True for a wrong one, False for less than the truth."""
    given, expected = record[name], truth[name]
    if given == expected:
        return None
    if name in DATES and given and expected:
        precisions = {record["published_precision"], truth["published_precision"]} if name == "published_at" else set()
        if "published_precision" in changed:
            precisions.add("day")
        return None if _same_date(given, expected, precisions, zone=record["zone_source"] != "assumed") else True
    if name in OF_SOURCE and record["sources"][OF_SOURCE[name]] != truth["sources"][OF_SOURCE[name]]:
        return None  # the same thing said elsewhere, in other words
    if name == "zone_source" and given == "assumed":
        return None  # by definition what holds where no zone is printed
    if name == "published_precision" and given == "day":
        return False
    if name == "related" and sorted(given) == sorted(expected):
        return None  # in the order of the page, which is another when a box has moved
    return is_wrong(name, given, expected)


def _same_date(given: str, expected: str, precisions: set[str], *, zone: bool) -> bool:
    """The same minute and offset (seconds are in the head alone); where one of both is a day, the same day."""
    if "day" in precisions:
        return given[:10] == expected[:10]
    return given[:16] == expected[:16] and (not zone or given[19:] == expected[19:])


def is_wrong(name: str, given: Any, expected: Any) -> bool:
    """Whether something is there that is not in the truth. A list may lack entries, a picture its caption: that is less, not wrong."""
    if given is None or given == []:
        return False
    if isinstance(given, list) and isinstance(expected, list):
        if name == "images":
            known = {one["url"]: one for one in expected}
            return any(
                one["url"] not in known
                or any(one[part] not in {None, known[one["url"]][part]} for part in ("caption", "credit"))
                for one in given
            )
        return any(one not in expected for one in given)
    return True
