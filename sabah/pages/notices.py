"""The cookie notice that sticks to the end of a text (FACTS section 1), in English and Turkish."""

from __future__ import annotations

import re
from itertools import pairwise

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
