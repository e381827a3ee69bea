from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sabah.normalize.bylines import Byline, parse_byline

AA, AFP, AP = "Anadolu Agency", "Agence France-Presse", "Associated Press"
DPA, DS, WIRES = "Deutsche Presse-Agentur", "Daily Sabah", "Wire Services"


@pytest.mark.parametrize(
    ("text", "printed", "agencies"),
    [
        ("by ASSOCIATED PRESS", "ASSOCIATED PRESS", (AP,)),
        ("by Associated Press", "Associated Press", (AP,)),
        ("by The Associated Press", "The Associated Press", (AP,)),
        ("AP", "AP", (AP,)),
        ("by Daily Sabah", "Daily Sabah", (DS,)),
        ("by DAILY SABAH", "DAILY SABAH", (DS,)),
        ("by Daily Sabah Staff", "Daily Sabah Staff", (DS,)),
        ("by Daily Sabah with AA", "Daily Sabah with AA", (DS, AA)),
        ("BY DAILY SABAH WITH AGENCIES", "DAILY SABAH WITH AGENCIES", (DS, WIRES)),
        ("by Daily Sabah with Agencies", "Daily Sabah with Agencies", (DS, WIRES)),
        ("by Daily Sabah with wire services", "Daily Sabah with wire services", (DS, WIRES)),
        ("by COMPILED FROM WIRE SERVICES", "COMPILED FROM WIRE SERVICES", (WIRES,)),
        ("by Daily Sabah with AFP, AP and Reuters", "Daily Sabah with AFP, AP and Reuters", (DS, AFP, AP, "Reuters")),
        ("by Deutsche Presse-Agentur - dpa", "Deutsche Presse-Agentur - dpa", (DPA,)),
        ("by German Press Agency - DPA", "German Press Agency - DPA", (DPA,)),
        ("by French Press Agency - AFP", "French Press Agency - AFP", (AFP,)),
        ("by Agence France-Presse – AFP", "Agence France-Presse – AFP", (AFP,)),
        ("by Anadolu Agency (AA)", "Anadolu Agency (AA)", (AA,)),
        ("by ANADOLU AGENCY", "ANADOLU AGENCY", (AA,)),
        ("by AA/DHA", "AA/DHA", (AA, "Demirören News Agency")),
        ("by DEMİRÖREN NEWS AGENCY", "DEMİRÖREN NEWS AGENCY", ("Demirören News Agency",)),
        ("by İHLAS NEWS AGENCY & IHA", "İHLAS NEWS AGENCY & IHA", ("Ihlas News Agency",)),
        ("by REUTERS", "REUTERS", ("Reuters",)),
        ("by Bloomberg", "Bloomberg", ("Bloomberg",)),
        ("by xinhua", "xinhua", ("Xinhua",)),
        ("by EPA", "EPA", ("European Pressphoto Agency",)),
    ],
)
def test_agencies_have_one_spelling(text: str, printed: str, agencies: tuple[str, ...]) -> None:
    assert parse_byline(text) == Byline(printed, (), agencies)


@pytest.mark.parametrize(
    ("text", "printed", "authors"),
    [
        ("by Melih Altınok", "Melih Altınok", ("Melih Altınok",)),
        ("BY MELIH ALTINOK", "MELIH ALTINOK", ("MELIH ALTINOK",)),
        ("by: Ragıp Soylu", "Ragıp Soylu", ("Ragıp Soylu",)),
        ("Ragıp Soylu", "Ragıp Soylu", ("Ragıp Soylu",)),
        (
            "by  AYŞE BETÜL BAL\n AND MERVE AYDOĞAN",
            "AYŞE BETÜL BAL AND MERVE AYDOĞAN",
            ("AYŞE BETÜL BAL", "MERVE AYDOĞAN"),
        ),
        ("by Jane Roe, John Doe & Ali Veli", "Jane Roe, John Doe & Ali Veli", ("Jane Roe", "John Doe", "Ali Veli")),
        ("Byron Reuters-Smith", "Byron Reuters-Smith", ("Byron Reuters-Smith",)),
        (
            "by Andy Anderson and Wither Withand",
            "Andy Anderson and Wither Withand",
            ("Andy Anderson", "Wither Withand"),
        ),
        ("by Dr. Jane Roe, Ph.D.", "Dr. Jane Roe, Ph.D.", ("Dr. Jane Roe, Ph.D.",)),
        (
            "by Prof. Ali Veli, PhD, MD and Jane Roe",
            "Prof. Ali Veli, PhD, MD and Jane Roe",
            ("Prof. Ali Veli, PhD, MD", "Jane Roe"),
        ),
        ("by John Doe, Jr., Ali Veli", "John Doe, Jr., Ali Veli", ("John Doe, Jr.", "Ali Veli")),
        ("by Jane Roe (Ankara)", "Jane Roe (Ankara)", ("Jane Roe (Ankara)",)),
        ("by Jean-Paul d’Arc-Özgür", "Jean-Paul d’Arc-Özgür", ("Jean-Paul d’Arc-Özgür",)),
    ],
)
def test_persons_stay_as_printed(text: str, printed: str, authors: tuple[str, ...]) -> None:
    assert parse_byline(text) == Byline(printed, authors, ())


@pytest.mark.parametrize(
    ("text", "authors", "agencies"),
    [
        ("by Jane Roe with AP", ("Jane Roe",), (AP,)),
        ("by Jane Roe (AP)", ("Jane Roe",), (AP,)),
        ("by Jane Roe - Anadolu Agency", ("Jane Roe",), (AA,)),
        ("by Daily Sabah and Ali Veli, AA", ("Ali Veli",), (DS, AA)),
    ],
)
def test_persons_and_agencies_part(text: str, authors: tuple[str, ...], agencies: tuple[str, ...]) -> None:
    byline = parse_byline(text)
    assert byline is not None
    assert (byline.authors, byline.agencies) == (authors, agencies)


@pytest.mark.parametrize("text", ["", " \u00a0", "by", "BY ", "by:", "by - ", "–"])
def test_nobody(text: str) -> None:
    assert parse_byline(text) is None


@given(st.text(st.characters(exclude_categories=())))
@settings(deadline=None)
def test_any_text_is_nobody_or_somebody(text: str) -> None:
    byline = parse_byline(text)
    if byline is not None:
        assert byline.printed
        assert byline.authors or byline.agencies
        assert all(byline.authors)
