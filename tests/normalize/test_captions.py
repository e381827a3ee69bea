from __future__ import annotations

import html

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sabah.normalize.captions import Caption, parse_caption
from sabah.normalize.text import clean, unescape


@pytest.mark.parametrize(
    ("alt", "text", "credit"),
    [
        (
            "President Ada Lorn, right, listens to Marlo's Ben Tor in Port Ellis, Marlo, Sept. 13, 2021. (Castle Pool Photo via AP)",
            "President Ada Lorn, right, listens to Marlo's Ben Tor in Port Ellis, Marlo, Sept. 13, 2021.",
            "Castle Pool Photo via AP",
        ),
        (
            "Envoys of Marlo (R) and the Union attend a meeting in Vell, Dec. 3, 2021. (AFP File Photo)",
            "Envoys of Marlo (R) and the Union attend a meeting in Vell, Dec. 3, 2021.",
            "AFP File Photo",
        ),
        (
            "Marlo&amp;#039;s President Ada Lorn (R) sits beside Premier Ben Tor (2nd L) as Cem Dal (2nd R) leaves, Oct. 22, 2022. (AFP Photo)",
            "Marlo's President Ada Lorn (R) sits beside Premier Ben Tor (2nd L) as Cem Dal (2nd R) leaves, Oct. 22, 2022.",
            "AFP Photo",
        ),
        (
            "The Prime Minister&amp;#039;s Questions (PMQ&amp;#039;s). Vell, Oct. 12, 2022. (MARLO PARLIAMENT via AFP)",
            "The Prime Minister's Questions (PMQ's). Vell, Oct. 12, 2022.",
            "MARLO PARLIAMENT via AFP",
        ),
        (
            "A sign &quot;Cour de Justice de l'Union&quot; at the Marlo Court of Justice (MCJ) in Vell, April 1, 2022. (Reuters File Photo)",
            "A sign \"Cour de Justice de l'Union\" at the Marlo Court of Justice (MCJ) in Vell, April 1, 2022.",
            "Reuters File Photo",
        ),
        (
            "Zavi, 30 kilometers (19 miles) west of Port Ellis, Oct. 13, 2022. (AP File Photo)",
            "Zavi, 30 kilometers (19 miles) west of Port Ellis, Oct. 13, 2022.",
            "AP File Photo",
        ),
        (
            "A session in Vell, Oct. 13, 2022. (Marlo Parliament Media Office/Handout via Reuters)",
            "A session in Vell, Oct. 13, 2022.",
            "Marlo Parliament Media Office/Handout via Reuters",
        ),
        ("Storm Ida nears the coast, Oct. 22, 2022. (NOAA/GOES Handout via AFP)", "Storm Ida nears the coast, Oct. 22, 2022.", "NOAA/GOES Handout via AFP"),
        ("An arrival hall, Vell, Oct.12, 2022. (REUTERS Photo)", "An arrival hall, Vell, Oct.12, 2022.", "REUTERS Photo"),
        (
            "(FILES) In this file photo, a vaccine is prepared in Vell, Jan. 7, 2022. (Photo by Frederic J. BROWN / AFP)",
            "(FILES) In this file photo, a vaccine is prepared in Vell, Jan. 7, 2022.",
            "Photo by Frederic J. BROWN / AFP",
        ),
        (
            "A school opens in Port Ellis. (Marlo Fund For Development (MFFD) via AA Photo)",
            "A school opens in Port Ellis.",
            "Marlo Fund For Development (MFFD) via AA Photo",
        ),
        ("Snow in Vell. (DHA Photo).", "Snow in Vell.", "DHA Photo"),
        ("Snow in Vell.(IHA Photo) .", "Snow in Vell.", "IHA Photo"),
        ("Snow in Vell.\u00a0( EPA\u00a0Photo )\n", "Snow in Vell.", "EPA Photo"),
        ("The film's poster. (20th Moon Films via AP)", "The film's poster.", "20th Moon Films via AP"),
        ("(Alamy via Reuters)", None, "Alamy via Reuters"),
    ],
)  # fmt: skip
def test_final_brackets_are_the_credit(alt: str, text: str | None, credit: str) -> None:
    assert parse_caption(alt) == Caption(text, credit)


@pytest.mark.parametrize(
    "alt",
    [
        "Ada Lorn and Ben Tor (R)",
        "Ada Lorn (L) and Ben Tor (C).",
        "Ada Lorn (2nd L)",
        "Ada Lorn (left)",
        "Ada Lorn (3rd from L), Ben Tor (back row, second from right)",
        "Ada Lorn and Ben Tor (L-R)",
        "A rocky island 3 kilometers (1.8 miles)",
        "A heat of 40 degrees Celsius (104 degrees Fahrenheit)",
        "A heat of 40 C (104 F).",
        "A loan of TL 90 billion ($5 billion)",
        "A loan of $5 billion (TL 90 billion)",
        "The old bridge (2016)",
        "The old bridge (1914-1918)",
        "The old bridge (Sept. 13, 2021)",
        "The old bridge (May 2021)",
        "A talk at the Marlo Atomic Energy Agency (MAEA).",
        "The score (2-1)",
        "Nothing ()",
        "Never closed (AFP Photo",
        "Never opened AFP Photo)",
        "Closed twice (AFP Photo))",
        "(AFP Photo) in front",
        "No brackets at all",
    ],
)
def test_other_brackets_are_part_of_the_caption(alt: str) -> None:
    assert parse_caption(alt) == Caption(alt, None)


def test_a_stray_bracket_before_the_credit_stays_in_the_caption() -> None:
    assert parse_caption("An island (the largest (AA Photo)") == Caption("An island (the largest", "AA Photo")


@pytest.mark.parametrize("alt", ["", "  ", "No Image", "NO IMAGE", " no\u00a0image "])
def test_no_caption(alt: str) -> None:
    assert parse_caption(alt) == Caption(None, None)


SENTENCES = st.from_regex(
    r"[A-Z][a-z]{2,9}( [A-Za-z]{2,9}| \((R|2nd L|19 miles)\)){0,5}, (Sept\. 13|April 1), 2021\.", fullmatch=True
)
CREDITS = st.from_regex(
    r"([A-Z][a-z]{3,9} ){0,2}(\(Q[A-Z]FD\) )?(via AP|AFP Photo|/Handout via Reuters|\(AA\) Photo)", fullmatch=True
)


@given(SENTENCES, CREDITS, st.sampled_from(["", ".", " ."]), st.integers(0, 3))
@settings(deadline=None)
def test_a_written_caption_comes_apart_again(text: str, credit: str, stop: str, times_escaped: int) -> None:
    alt = f"{text} ({credit}){stop}"
    for _ in range(times_escaped):
        alt = html.escape(alt)
    assert parse_caption(alt) == Caption(text, credit)


@given(st.text(st.sampled_from("aR AFP1.()(&;#39\u00a0,")) | st.text(st.characters(exclude_categories=())))
@settings(deadline=None)
def test_caption_and_credit_are_the_whole_alt(alt: str) -> None:
    line = clean(unescape(alt))
    assume(line.casefold() != "no image")
    caption = parse_caption(alt)
    if caption.credit is None:
        assert (caption.text or "") == line
    else:
        together = f"{caption.text or ''}({caption.credit})"
        assert together.replace(" ", "") == line.rstrip(". ").replace(" ", "")
        assert caption.credit.count("(") == caption.credit.count(")")
