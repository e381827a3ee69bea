"""The cookie notice goes, wherever it stands at the end; the text stays."""

from __future__ import annotations

import pytest

from sabah.pages.body import without_notice

ENGLISH = (
    "Please click to read our informative text prepared pursuant to the Law on the Protection of Personal Data No. 6698 and to get information about "
    "the cookies used on our website in accordance with the relevant legislation."
)
TURKISH = (
    "6698 sayılı Kişisel Verilerin Korunması Kanunu uyarınca hazırlanmış aydınlatma metnimizi okumak ve sitemizde ilgili mevzuata uygun olarak "
    "kullanılan çerezlerle ilgili bilgi almak için lütfen tıklayınız."
)
LONG = "We use cookies on our website. Your personal data is processed under Law No. 6698. Cookies are small files. Click here for our cookie policy."
HALVES = (
    "Please click to read our informative text prepared pursuant to the Law on the Protection of Personal Data No. 6698",
    "and to get information about the cookies used on our website.",
)
TEXT = ["One paragraph about U.S. plans.", "The council, founded in 1998, said “no.” It meets on Friday."]


@pytest.mark.parametrize(
    "notice", [ENGLISH, TURKISH, LONG, f"{ENGLISH} {TURKISH}", f"{TURKISH} {ENGLISH}", f"{ENGLISH} OK"]
)
@pytest.mark.parametrize("glue", [" ", ""])
def test_a_notice_glued_to_the_last_sentence(notice: str, glue: str) -> None:
    assert without_notice([*TEXT, notice]) == TEXT
    assert without_notice([TEXT[0], TEXT[1] + glue + notice]) == TEXT
    assert without_notice([*TEXT, "It said “we will.”" + glue + notice]) == [*TEXT, "It said “we will.”"]
    assert without_notice([" ".join(TEXT) + glue + notice]) == [" ".join(TEXT)]


@pytest.mark.parametrize("notice", [ENGLISH, TURKISH])
def test_a_notice_behind_a_sentence_that_does_not_end(notice: str) -> None:
    assert without_notice([TEXT[0], f"And so on {notice}"]) == [TEXT[0], "And so on"]
    assert without_notice([TEXT[0], f"And so on{notice}"]) == [TEXT[0], "And so on"]


@pytest.mark.parametrize("buttons", [[], ["OK"], ["Accept"], ["Reject", "Accept all"], ["Kabul et", "Kapat"]])
@pytest.mark.parametrize(
    "notice",
    [
        [ENGLISH],
        [TURKISH],
        [ENGLISH, TURKISH],
        [*HALVES],
        LONG.replace("No. ", "No.\0").replace(". ", ".\n").replace("\0", " ").split("\n"),
    ],
)
def test_a_notice_in_several_blocks(notice: list[str], buttons: list[str]) -> None:
    assert without_notice([*TEXT, *notice, *buttons]) == TEXT


@pytest.mark.parametrize(
    "last",
    [
        "Websites that set cookies without asking would be fined under a new article of Law No. 6698.",
        "“Please click on our cookie notice under Law No. 6698,” he said.",
        "Our towns deserve better than Law No. 6698 and its cookies, we said.",
        "OK",
        "Law No. 6698 was passed in 2016. Its cookies rules are new.",
    ],
)
def test_an_article_about_the_law_keeps_its_text(last: str) -> None:
    assert without_notice([*TEXT, last]) == [*TEXT, last]
    if last != "OK":
        assert without_notice([*TEXT, last, ENGLISH]) == [*TEXT, last]
        assert without_notice([*TEXT, f"{last} {ENGLISH}"]) == [*TEXT, last]
