"""The body of an article: its blocks without captions and without the notices that stick to its end."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from sabah.normalize.dates import DateError, find_date, parse_date
from sabah.pages.byline_and_date import is_city
from sabah.pages.captions import PictureTexts, read_picture_texts
from sabah.pages.tree import finder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from lxml.etree import _Element as Element

_LAW = re.compile(r"(?<!\d)6698(?!\d)")
_COOKIES = re.compile(r"cookie|çerez", re.IGNORECASE)
_TOPIC = re.compile(
    r"cookie|çerez|\b6698\b|\bkvkk\b|personal data|kişisel veri|privacy|gizlilik|informative text|clarification text|aydınlatma|veri politika|data policy"
    r"|\b(?:click|tap) (?:here|ok|accept)|(?:buraya|için) tıkla",
    re.IGNORECASE,
)
_TO_THE_READER = re.compile(
    r"\b(?:please|click|your|this (?:web ?)?site|we (?:use|set|place|process|collect|store)|by (?:continuing|using|clicking|visiting)"
    r"|our (?:[\w-]+ ){0,3}(?:(?:web ?)?sites?|pages?|texts?|notices?|polic(?:y|ies)|statements?|terms))\b"
    r"|\w(?:[iı]m[iı]z|[uü]m[uü]z|[iı]n[iı]z|[uü]n[uü]z|maktay[iı]z|mekteyiz|[iıuü]yoruz)|lütfen|tıkla",
    re.IGNORECASE,
)
_BUTTON = re.compile(
    r"(?:(?:i )?(?:accept|agree|decline|reject)(?: all)?(?: cookies)?|ok(?:ay)?|got it|close|dismiss|continue|read more|learn more|more(?: info(?:rmation)?)?|details"
    r"|tamam|kabul(?: et| ediyorum)?|anladım|kapat|reddet|detaylar|detaylı bilgi|[x×✕])[.!]?",
    re.IGNORECASE,
)
_QUOTED = re.compile(r'“[^”]*”?|"[^"]*"?')
_SENTENCE_END = re.compile(
    r"(?<![Nn][Oo])(?<![.!?])[.!?]++[”’\"')\]]*\s*(?=[^\W_])"
    r"|\s*(?=(?:Please (?:click|tap|read|see|visit)|Click here|We use cookies|By continuing|Lütfen)\b)"
    r"|(?<=[^\s\d,;:(])(?<!\bve)\s*(?=6698 sayılı)"
)
_FILLER = "\x00"
_LAST_BLOCKS = 6


def without_notice(blocks: list[str]) -> list[str]:
    """The blocks up to the first sentence of the notice.

    A notice is the run of sentences at the end that speak to the reader of cookies, personal data and the like, with the names of their buttons, over the
    last few blocks; together they name cookies and Law No. 6698. What somebody says in quotes is no notice, so an article about that law keeps its text.
    """
    first = max(0, len(blocks) - _LAST_BLOCKS)
    if not _LAW.search(" ".join(blocks[first:])):
        return blocks
    found: list[tuple[int, int, str]] = []
    start: tuple[int, int] | None = None
    for number in range(len(blocks) - 1, first - 1, -1):
        for at, sentence in reversed(_sentences(blocks[number])):
            found.append((number, at, sentence))
            if _BUTTON.fullmatch(sentence):
                continue
            if not _TOPIC.search(sentence):
                return _cut(blocks, start, found[:-1])
            if _TO_THE_READER.search(sentence):
                start = (number, at)
    return _cut(blocks, start, found)


def _cut(blocks: list[str], start: tuple[int, int] | None, found: list[tuple[int, int, str]]) -> list[str]:
    notice = " ".join(sentence for number, at, sentence in found if start is not None and (number, at) >= start)
    if start is None or not (_LAW.search(notice) and _COOKIES.search(notice)):
        return blocks
    rest = blocks[start[0]][: start[1]].rstrip(" -–—•|*")
    return [*blocks[: start[0]], *([rest] if rest else [])]


def _sentences(block: str) -> list[tuple[int, str]]:
    """Where each sentence of a block begins, and the sentence; what is quoted is blanked out."""
    masked = _QUOTED.sub(_masked, block)
    starts = [0, *(match.end() for match in _SENTENCE_END.finditer(masked)), len(masked)]
    starts = list(dict.fromkeys(starts))
    pairs = pairwise(starts)
    return [(start, sentence) for start, end in pairs if (sentence := masked[start:end].strip())]


def _masked(quote: re.Match[str]) -> str:
    said = quote.group()
    ends = said.rstrip('”"')[-1:] in {".", "!", "?"}
    return _FILLER * (len(said) - 1) + ("." if ends else _FILLER)


_ASIDE = re.compile(r"related-topic|article-newsletter|numbered_list")
_controls = finder(".//a[starts-with(@href, 'javascript:')]")
_SECOND_BYLINE = re.compile(
    r"(?:by (?P<byline>.{1,80}?)\s*)?(?P<date>[A-Z][a-z]{2} \d{2}, \d{4} \d{1,2}:\d{2} [ap]m)", re.IGNORECASE
)
_SLUG = re.compile(r"\w+(?:-\w+)+")
"""A topic label, as cards bear it."""

_TEXT_TAGS = frozenset({"p", "h2", "h3", "h4", "blockquote"})
_LONGEST_BYLINE, _LONGEST_DATE = 100, 60
_SHARE = frozenset(
    {"shortlink copied", "Shortlink copied", "RECOMMENDED", "RELATED TOPICS", "ADVERTISEMENT", "Advertisement"}
)


def read_body(body: Element, left_out: Collection[Element] = ()) -> PictureTexts:
    """Paragraphs and sub-headings of the article, and the captions printed among them.

    Not among the paragraphs: these captions, the second byline with its date, the share block, and the cookie notice under Law No. 6698 at the end. An
    article about that law keeps its paragraphs.
    """
    found = read_picture_texts(body, {*left_out, *asides(body), *_buttons(body)})
    found.lines = without_notices(found.lines)
    return found


def asides(body: Element) -> list[Element]:
    """The boxes inside a body that are known by their class."""
    return [one for one in body.iterdescendants() if (names := one.get("class")) and _ASIDE.search(names)]


def _buttons(body: Element) -> Iterator[Element]:
    """Links that lead nowhere and stand alone: words to press, as those of a share block. In a sentence they are text, around a picture they are its."""
    for link in _controls(body):
        around, before = link.getparent(), link.getprevious()
        if around is None or len(link) or around.tag in _TEXT_TAGS:
            continue
        if not f"{(around.text if before is None else before.tail) or ''}{link.tail or ''}".strip():
            yield link


def without_notices(found: list[str]) -> list[str]:
    """The blocks without second byline, details, share block and cookie notice."""
    kept = [one for one in _without_details(found) if one not in _SHARE and not _is_second_byline(one)]
    if len(kept) > 1 and _SLUG.fullmatch(kept[-1]):
        kept.pop()
    return without_notice(kept)


def _without_details(found: list[str]) -> list[str]:
    """The blocks without one that is nothing but a date with a clock, and the city in capitals and the byline right before it."""
    kept: list[str] = []
    for block in found:
        if len(block) > _LONGEST_DATE or ":" not in block or find_date(block) != block:
            kept.append(block)
            continue
        if kept and kept[-1].isupper() and is_city(kept[-1]):
            kept.pop()
        if (
            kept
            and kept[-1].lower().startswith("by ")
            and len(kept[-1]) < _LONGEST_BYLINE
            and not kept[-1].endswith(".")
        ):
            kept.pop()
    return kept


def _is_second_byline(block: str) -> bool:
    match = _SECOND_BYLINE.fullmatch(block)
    if not match:
        return False
    try:
        parse_date(match["date"])
    except DateError:
        return False
    return True
