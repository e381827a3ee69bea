from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sabah.normalize.hashes import revision_hash, text_hash

REVISION: dict[str, Any] = {
    "headline": "Ferry to Üsküdar returns",
    "standfirst": None,
    "byline": "DAILY SABAH",
    "dateline": "ISTANBUL",
    "published_raw": "Sep 14, 2021 - 10:51 am GMT+3",
    "body": "One.\n\nTwo.",
    "keywords": ["ferry", "üsküdar"],
    "images": [("The ferry.", "AA Photo"), (None, None)],
}


def test_text_hash_is_the_digest_of_the_folded_text() -> None:
    assert text_hash("  Two\u00a0WORDS ", "ﬁrst\n\n\nSecond") == hashlib.sha256(b"two words\nfirst second").hexdigest()
    assert text_hash("A", None) == text_hash("a", "") == hashlib.sha256(b"a\n").hexdigest()


def test_text_hash_tells_headline_from_body() -> None:
    assert text_hash("a b", "c") != text_hash("a", "b c")


def test_revision_hash_is_the_digest_of_the_compact_json() -> None:
    written = (
        '["Ferry to Üsküdar returns",null,"DAILY SABAH","ISTANBUL","Sep 14, 2021 - 10:51 am GMT+3","One.\\n\\nTwo.",'
        '["ferry","üsküdar"],[["The ferry.","AA Photo"],[null,null]]]'
    )
    assert revision_hash(**REVISION) == hashlib.sha256(written.encode()).hexdigest()


@pytest.mark.parametrize(
    "change",
    [
        {"headline": "Ferry to Üsküdar Returns"},
        {"standfirst": "After nine years"},
        {"byline": None},
        {"dateline": "ANKARA"},
        {"published_raw": "Sep 14, 2021 - 10:52 am GMT+3"},
        {"body": "One.\n\nTwo"},
        {"keywords": ["üsküdar", "ferry"]},
        {"images": [("The ferry.", "AFP Photo"), (None, None)]},
        {"images": [("The ferry.", "AA Photo")]},
    ],
)
def test_any_change_of_the_newspaper_is_another_revision(change: dict[str, Any]) -> None:
    assert revision_hash(**REVISION | change) != revision_hash(**REVISION)


@given(st.text(st.characters(exclude_categories=())))
@settings(deadline=None)
def test_any_text_has_a_hash(text: str) -> None:
    assert len(text_hash(text, text)) == 64
    assert len(revision_hash(**REVISION | {"headline": text})) == 64
