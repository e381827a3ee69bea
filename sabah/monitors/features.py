"""What a record shows of its page's layout: for each field a word that stays the same while the layout does."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from sabah.items import SOURCE_FIELDS
from sabah.pages.marks import NAMES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

ABSENT: Final = "nowhere"
"""In place of a source, for a field without a value."""

REFUSED: Final = "refused"
"""In place of a layout, for a page that gave no record because marks of an article are missing."""

OF_HINTS: Final = frozenset({"feed", "address"})
"""Sources of a value that are not the page."""

DESCRIPTIONS: Final = frozenset({"meta description", "meta og:description"})
"""Marks of a page that describes itself; a record has the feed's words where none does."""

_DIGITS: Final = re.compile(r"\d+")
_WORDS: Final = re.compile(r"[^\W\d_]+")
_AM: Final = frozenset({"am", "pm"})
_ENDS: Final = tuple(".!?…”\"'’)]:;")


@attrs.frozen(kw_only=True)
class Seen:
    """One page that was read, or refused for its layout."""

    url: str
    kind: str
    layout: str
    features: Mapping[str, str]
    """`headline`, `byline` … to where each was read; and the form of some values. A refused page has none."""

    lines: frozenset[int] = frozenset()
    """Digests of the body's blocks."""

    text: str = ""
    """The record's `text_hash`: of several pages with one text one counts."""

    found: Mapping[str, str] = attrs.field(factory=dict)
    """Some values, to show what was found."""

    ours: bool = False
    """Whether the run that is judged read it."""


def seen(record: Mapping[str, Any], marks: Collection[str] | None = None, *, ours: bool = False) -> Seen:
    """What a record (as stored) shows of its page. What a feed or the address gave is no feature of it: the same page shows the same, whoever named it."""
    sources = {
        field: ABSENT if source is None or source in OF_HINTS else source for field, source in record["sources"].items()
    }
    features = {field: sources[field] for field in SOURCE_FIELDS}
    for field in ("standfirst", "article_id", "videos"):
        features[field] = "there" if record[field] else ABSENT
    if marks is not None:  # else nobody knows whose words the description is
        features["description"] = "there" if record["description"] and not DESCRIPTIONS.isdisjoint(marks) else ABSENT
    images = record["images"]
    if images:
        features["caption of the picture"] = "there" if images[0]["caption"] else ABSENT
        features["credit of the picture"] = "there" if images[0]["credit"] else ABSENT
        features["second picture"] = "there" if len(images) > 1 else ABSENT
    is_dated = sources["published_at"] != ABSENT
    features["form of published_at"] = form(record["published_raw"]) if is_dated and record["published_raw"] else ABSENT
    if record["modified_raw"] and sources["modified_at"] != ABSENT:
        features["form of modified_at"] = form(record["modified_raw"])
    features["offset of published_at"] = (record["zone_source"] or ABSENT) if is_dated else ABSENT
    if record["related"]:
        features["number of related"] = "few" if len(record["related"]) < 3 else "several"
    if record["keywords"]:
        features["number of keywords"] = "several" if len(record["keywords"]) > 1 else "one"
    if marks is not None:
        features |= {name: "there" if name in marks else ABSENT for name in NAMES}
    body = record["body"]
    blocks = body.split("\n\n") if body else []
    if blocks:
        features["end of body"] = "sentence" if blocks[-1].endswith(_ENDS) else "fragment"
        features["parts of body"] = "several" if len(blocks) > 1 else "one"
    return Seen(
        url=record["url"],
        kind=record["kind"],
        layout=record["layout"],
        features=features,
        lines=frozenset(map(digest, blocks)),
        text=record["text_hash"],
        found={
            name: str(record[name])
            for name in ("headline", "byline", "dateline", "published_raw", "modified_raw")
            if record[name] and (is_dated or name != "published_raw")
        },
        ours=ours,
    )


def digest(block: str) -> int:
    """Eight bytes that stand for a block of text."""
    return int.from_bytes(hashlib.blake2b(block.encode(), digest_size=8).digest(), "big")


def form(printed: str) -> str:
    """How something is written: `Sep 14, 2021 - 10:51 am GMT+3` gives `A 9, 9 - 9:9 am GMT+9`."""
    words = _WORDS.sub(
        lambda word: word[0] if word[0].isupper() and len(word[0]) == 3 and word[0] == "GMT" else _word(word[0]),
        printed,
    )
    return _DIGITS.sub("9", words)


def _word(word: str) -> str:
    return "am" if word.lower() in _AM else "A" * min(len(word), 4)
