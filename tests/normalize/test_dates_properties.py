"""Whatever instant is printed, in whatever form, comes back."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from sabah.normalize.dates import DateError, find_date, parse_date, split_dateline

ISTANBUL = ZoneInfo("Europe/Istanbul")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

OFFSETS = st.integers(-12 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
FIRST, LAST = date(1925, 1, 1), date(9998, 12, 31)
INSTANTS = st.builds(
    datetime.combine, st.dates(FIRST, LAST), st.times().map(lambda clock: clock.replace(microsecond=0)), OFFSETS
)
MINUTES = INSTANTS.map(lambda at: at.replace(second=0))
BLANKS = st.sampled_from([" ", "\u00a0", "  ", "\u2009", "\n"])
HALVES = st.sampled_from([("am", "pm"), ("AM", "PM"), ("Am", "pM"), ("a.m.", "p.m."), ("A.M.", "P.M.")])
CITIES = st.sampled_from(["", "ISTANBUL", "DAMASCUS ", "TEL AVIV", "ŞANLIURFA ", "MAR DEL PLATA", "SEP"])
LABELS = st.sampled_from(["", "Last Update: ", "Last Update", "Published ", "UPDATED: ", "Updated"])


@st.composite
def days(draw: st.DrawFn, day: date) -> str:
    name = MONTHS[day.month - 1]
    number = draw(st.sampled_from([f"{day.day}", f"{day.day:02}"]))
    return f"{name}{draw(BLANKS)}{number},{draw(BLANKS)}{day.year:04}"


@st.composite
def clocks(draw: st.DrawFn, at: datetime) -> str:
    hour = at.hour % 12 or 12
    number = draw(st.sampled_from([f"{hour}", f"{hour:02}"]))
    return f"{number}:{at.minute:02}{draw(st.just('') | BLANKS)}{draw(HALVES)[at.hour >= 12]}"


@st.composite
def zones(draw: st.DrawFn, at: datetime) -> str:
    offset = at.utcoffset() or timedelta()
    sign = "+" if offset >= timedelta() else draw(st.sampled_from("-−"))
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    forms = [f"GMT{sign}{hours:02}:{minutes:02}", f"GMT{sign}{hours:02}{minutes:02}", f"GMT{sign}{hours}:{minutes:02}"]
    if not minutes:
        forms.append(f"GMT{sign}{hours}")
    if not offset:
        forms.append("GMT")
    return draw(st.sampled_from(forms))


@given(st.data(), MINUTES, CITIES, LABELS)
@settings(deadline=None)
def test_top_of_the_article(data: st.DataObject, at: datetime, city: str, label: str) -> None:
    front = data.draw(st.sampled_from([city, label]))
    dash = data.draw(st.sampled_from([" - ", " – ", "\u00a0-\u00a0", "-", " "]))
    printed = f"{data.draw(days(at.date()))}{dash}{data.draw(clocks(at))}{data.draw(BLANKS)}{data.draw(zones(at))}"
    found, moment = split_dateline(front + printed)
    assert (moment.at, moment.at.utcoffset(), moment.zone_source) == (at, at.utcoffset(), "printed")
    assert found == (city.strip() or None if front == city else None)
    assert moment.raw == " ".join(printed.split()) == find_date(front + printed)
    assert datetime.fromisoformat(moment.isoformat()) == at


@given(st.data(), MINUTES.map(lambda at: at.replace(tzinfo=ISTANBUL)), LABELS)
@settings(deadline=None)
def test_forms_without_an_offset(data: st.DataObject, at: datetime, label: str) -> None:
    forms = (f"{data.draw(days(at.date()))} {data.draw(clocks(at))}", f"{at:%d.%m.}{at.year:04} {at:%H:%M}")
    for printed in forms:
        moment = parse_date(label + printed)
        # compared by offset, too: aware datetimes of one zone compare by their clocks alone
        assert (moment.at.replace(tzinfo=None), moment.at.utcoffset()) == (at.replace(tzinfo=None), at.utcoffset())
        assert moment.zone_source == "assumed"
        zone = data.draw(OFFSETS)
        on_page = parse_date(label + printed, page_zone=zone)
        assert (on_page.at, on_page.zone_source) == (at.replace(tzinfo=zone), "page")


@given(INSTANTS)
@settings(deadline=None)
def test_metadata_and_feeds(at: datetime) -> None:
    for printed in (at.isoformat(), at.isoformat(" "), at.isoformat(timespec="milliseconds"), format_datetime(at)):
        moment = parse_date(printed)
        assert (moment.at, moment.at.utcoffset(), moment.zone_source, moment.raw) == (
            at,
            at.utcoffset(),
            "printed",
            printed,
        )


@given(st.data(), st.dates(FIRST, LAST), LABELS)
@settings(deadline=None)
def test_forms_without_a_time(data: st.DataObject, day: date, label: str) -> None:
    path = f"/{day.year:04}/{day.month:02}/{day.day:02}/"
    for printed in (label + data.draw(days(day)), label + f"{day:%d.%m.}{day.year:04}", day.isoformat(), path):
        moment = parse_date(printed)
        assert (moment.at.date(), moment.precision, moment.zone_source) == (day, "day", "assumed")


DATE_LIKE = st.lists(
    st.sampled_from(
        [*MONTHS, *"0123456789 :,.-+/TZ", "GMT", "am", "pm", "2021", "14", "Tue", "Last Update", "ISTANBUL", "UTC"]
    ),
    max_size=14,
).map("".join)


@given(DATE_LIKE | st.text(st.characters(exclude_categories=())), st.booleans())
@example("Sep 14, 2021 - 10:51 am GMT+3" + "-" * 150, False)
@example("-" * 150 + "x" * 40, False)
@settings(deadline=None, max_examples=500)
def test_any_text_is_a_date_or_a_date_error(text: str, opinion: bool) -> None:
    find_date(text)
    try:
        moment = parse_date(text, opinion=opinion)
    except DateError:
        return
    assert moment.at.utcoffset() is not None
    assert find_date(text) is not None
    assert parse_date(moment.raw, opinion=opinion) == moment
