"""What an answer without its end may say of a stored article: a new headline or text, and nothing of what has not come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from sabah.items import SOURCE_FIELDS
from sabah.normalize.hashes import revision_hash, text_hash

if TYPE_CHECKING:
    from sabah.items import Article

CUT: Final = "answer_cut"

_TEXTS: Final = (
    "article_id", "standfirst", "description", "byline", "dateline", "published_at", "published_precision", "published_raw", "zone_source", "modified_at",
    "modified_raw", "body",
)  # fmt: skip
_LISTS: Final = ("authors", "agencies", "keywords", "images", "videos", "related")


def is_cut(record: Article) -> bool:
    return CUT in record.marks


def repeats(cut: Article, stored: Article) -> bool:
    """Whether the record of a cut answer has the headline of what is stored, and its text or the beginning of it."""
    return cut.headline == stored.headline and (stored.body or "").startswith(cut.body or "")


def adds(record: Article, stored: Article) -> bool:
    """Whether a record has what a cut answer, which is stored, had not."""
    return is_cut(stored) and not is_cut(record) and completed(stored, record) != stored


def completed(cut: Article, stored: Article) -> Article:
    """The record of a cut answer with what only the stored one has, or has more of; hashes and number of words are those of the whole."""
    kept = {name: value for name, value in _kept(cut, stored).items() if value != getattr(cut, name)}
    if not kept:
        return cut
    sources = {name: (stored if name in kept else cut).sources[name] for name in SOURCE_FIELDS}
    whole = attrs.evolve(cut, **kept, sources=sources)
    return attrs.evolve(
        whole,
        word_count=len(whole.body.split()) if whole.body else 0,
        text_hash=text_hash(whole.headline, whole.body),
        revision_hash=revision_hash(
            headline=whole.headline, standfirst=whole.standfirst, byline=whole.byline, dateline=whole.dateline, published_raw=whole.published_raw,
            body=whole.body, keywords=whole.keywords, images=[(one.caption, one.credit) for one in whole.images],
        ),
    )  # fmt: skip


def _kept(record: Article, stored: Article) -> dict[str, Any]:
    """The values of the record; those of the stored one where the record has none, or only the first of a list."""
    values: dict[str, Any] = {name: getattr(record, name) or getattr(stored, name) for name in _TEXTS}
    for name in _LISTS:
        own, before = getattr(record, name), getattr(stored, name)
        values[name] = before if before[: len(own)] == own else own
    return values
