"""Byline, city and date above the text, whatever markup parts them (FACTS sections 1, 5 and 6)."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

import attrs
from lxml import etree

from sabah.normalize.bylines import parse_byline
from sabah.normalize.dates import find_date
from sabah.normalize.text import clean
from sabah.pages.tree import beginning, holds_more, lineage, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

_BOXES = frozenset(["span", "div", "p", "li", "ul", "h2", "h3", "h4", "h5", "time", "br", "dt", "dd"])
_BY = re.compile(r"by(?:\s*:|\s|\Z)", re.IGNORECASE)
_OTHER_LABEL = re.compile(r"(?:from|par|por|von|author|written|yazan|haber)\b|\w+\s*:", re.IGNORECASE)
_CITY = re.compile(r"[^\W\d_](?:[^\W\d_]|[ .,'’‘ʼ`/&()–—-]){1,59}")
_LABEL = re.compile(r"\A(?:published|posted|updated?|date)\b:?|\A[\W_]+", re.IGNORECASE)
_SEPARATORS = " ,|:;/·•–—-"
_JOINTS = frozenset({"with", "and", "by", "via", "-", "–", "&", "/"})
_LONGEST_CITY = 5  # words
_MOST_WORDS = 60  # of a byline with its city
_FIRST_IN_BODY = 6  # elements
_LONGEST_SECOND = 150
_AROUND_DATE = 200
_MOST_INSIDE = 100  # elements in one that prints byline and date and hardly more
_SECOND = re.compile(
    r"(?:(?P<byline>by .{1,80}?)[\s,|–-]*)?(?P<date>(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6} \d{1,2}, \d{4} (?:- )?\d{1,2}:\d{2} [ap]m(?: GMT\S*)?)",
    re.IGNORECASE,
)


@attrs.frozen
class ByDate:
    """The words of byline, city and date."""

    byline: str | None = None
    city: str | None = None
    date: str | None = None
    unread: bool = False
    """Whether something else stands there that may be a byline."""


def read_details(details: Element) -> ByDate:
    """Byline, city and date of the block under the headline, any of which may be missing.

    What stands behind the date is passed over. Of what stands before it, `by …` and known agencies are the byline; a city has no digits and is no
    agency. What is neither is dropped: it costs no more than itself.
    """
    units = list(_units(details))
    dated = next((number for number, unit in enumerate(units) if _date_with_clock(unit)), None)
    if dated is None:
        dated = next((number for number, unit in enumerate(units) if find_date(unit)), None)
    if dated is None:
        return _of_texts(units, None)
    printed = _date_with_clock(units[dated]) or find_date(units[dated]) or ""
    front = _LABEL.sub("", clean(units[dated]).partition(printed)[0].strip()).rstrip(_SEPARATORS)
    return _of_texts([*units[:dated], *([front] if front else [])], printed, front)


def read_second(area: Element, headline: Element | None, body: Element | None) -> ByDate:
    """The byline repeated under the hero, `by X` + `Sep 14, 2021 10:51 am`: above the body or the first thing in it."""
    behind = False
    for node in area.iter():
        behind = behind or node is headline
        candidates = islice(node.iter(), _FIRST_IN_BODY) if node is body else [node]
        for one in candidates if behind or headline is None else ():
            if len(one) > _FIRST_IN_BODY or holds_more(one, _MOST_INSIDE):
                continue
            line = beginning(one, _LONGEST_SECOND)
            match = _SECOND.fullmatch(line) if len(line) < _LONGEST_SECOND else None
            if match:
                before = one.getprevious()
                byline = match["byline"] or (text(before) if before is not None and _BY.match(text(before)) else None)
                return ByDate(byline, None, match["date"])
        if node is body:
            break
    return ByDate()


def find_details(area: Element, headline: Element, body: Element) -> Element | None:
    """What looks like the block of byline, city and date between headline and body, where its class does not tell: the largest element around the first date
    with a clock that holds hardly more than these.
    """
    around = {*lineage(headline), *lineage(body)}
    behind = False
    for node in area.iter():
        behind = behind or node is headline
        if node is body:
            return None
        if not behind or node in around or holds_more(node, _MOST_INSIDE):
            continue
        own = beginning(node, _AROUND_DATE + 1)
        if len(own) > _AROUND_DATE:
            continue
        if (date := _date_with_clock(own)) and own.endswith(date) and not _is_linked(node):
            return node
    return None


def _is_linked(node: Element) -> bool:
    return next(node.iter("a", "img"), None) is not None


def _date_with_clock(unit: str) -> str | None:
    date = find_date(unit)
    return date if date and ":" in date else None


def _of_texts(texts: list[str], date: str | None, glued: str = "") -> ByDate:
    """Sorts the texts before a date; the `glued` one stood in one element with it and may hold byline and city."""
    byline = city = None
    unknown: list[str] = []
    for one in texts:
        if _has_digit(one) and not _is_agency(one):
            unknown.append(one)  # a date in a form not known, perhaps with more before it
            continue
        said, place = _divided(one) if one == glued else (None, None)
        if said or (not place and _is_byline(one)):
            byline = byline or said or one
            city = city or place
        else:
            unknown.append(one)
    if (
        byline is None
        and unknown
        and (sum(not _has_digit(one) for one in unknown) > 1 or not unknown[0].isupper())
        and not _has_digit(unknown[0])
        and not _OTHER_LABEL.match(unknown[0])
        and unknown[0] != glued
    ):
        byline = unknown.pop(0)
    place = city or next((one for one in reversed(unknown) if is_city(one) and (byline or one.isupper())), None)
    return ByDate(byline, place, date, unread=byline is None and any(one != place for one in unknown))


def is_city(printed: str) -> bool:
    """Whether it has the form of a city as datelines print one: a capital first, a few words, no digits, and no agency."""
    return (
        bool(_CITY.fullmatch(printed))
        and printed[0].isupper()
        and len(printed.split()) <= _LONGEST_CITY
        and not _is_byline(printed)
    )


def _is_byline(printed: str) -> bool:
    return bool(_BY.match(printed)) or _is_agency(printed)


def _is_agency(printed: str) -> bool:
    known = parse_byline(printed)
    return known is not None and bool(known.agencies) and not known.authors


def _divided(line: str) -> tuple[str | None, str | None]:
    """Byline and city of `by Daily Sabah ISTANBUL`: the city stands in capitals behind an agency, or behind a name that is not in capitals."""
    if not _BY.match(line):
        return None, None
    words = line.split(" ")
    if len(words) > _MOST_WORDS:
        return line, None
    cuts = range(2, len(words) + 1)
    agencies = (cut for cut in reversed(cuts) if _is_agency(" ".join(words[:cut])))
    persons = (cut for cut in cuts if _may_end_name(words[cut - 1]))
    for cut in (*agencies, *persons):
        place = " ".join(words[cut:])
        if not place or (place.isupper() and is_city(place)):
            return " ".join(words[:cut]), place or None
    return line, None


def _may_end_name(word: str) -> bool:
    return (not word.isupper() and word.lower() not in _JOINTS) or _is_agency(word)


def _has_digit(printed: str) -> bool:
    return any(one.isdigit() for one in printed)


def _units(details: Element) -> Iterator[str]:
    """The text of each box inside, or of what stands between boxes; a lone "by" is joined to what follows."""
    waiting = ""
    for unit in _stretches(details):
        printed = f"{waiting} {unit}".strip()
        waiting = printed if _BY.fullmatch(printed) else ""
        if not waiting:
            yield printed


def _stretches(details: Element) -> Iterator[str]:
    run: list[str] = []
    for event, node in etree.iterwalk(details, events=("start", "end")):
        if node.tag in _BOXES or node is details:
            if unit := clean("".join(run)):
                yield unit
            run.clear()
        if event == "start":
            run.append(node.text or "")
        elif node is not details:
            run.append(node.tail or "")
