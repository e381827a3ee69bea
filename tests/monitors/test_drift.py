"""The detectors over pages as they are and as a new theme would have them; `make drift` does this at length."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import attrs
import orjson
import pytest
from scrapy.http import HtmlResponse

from sabah.items import Article
from sabah.monitors.drift import at_least, deviations, none_of
from sabah.monitors.features import ABSENT, seen
from sabah.normalize.dates import parse_date
from sabah.pages import read
from sabah.pages.marks import names
from sabah.pages.record import Hint
from sabah.storage.lines import to_line
from tests.drift.__main__ import mutated, unmutated
from tests.drift.crawls import crawl
from tests.drift.mutations import ByScript, Moved, Mutation, OtherDates, Removed, RenamedClass, Translated
from tests.drift.orders import ORDERS, Orders
from tests.drift.pages import Page, of_replica
from tests.drift.reading import Outcome, outcome
from tests.pages.saved import saved
from tests.running import article

if TYPE_CHECKING:
    from sabah.monitors.features import Seen

URL = "https://www.dailysabah.com/world/europe/a-headline"


def test_chances_are_exact() -> None:
    assert at_least(1, 2, 1, 2) == pytest.approx(5 / 6)
    assert none_of(3, 30, 30) == pytest.approx(1 / 5456)
    assert at_least(0, 5, 3, 9) == pytest.approx(1)


@pytest.fixture(scope="module")
def pages() -> list[Page]:
    return of_replica(31, 2000, Random(31).sample(range(2000), 260))


@pytest.fixture(scope="module")
def history(pages: list[Page]) -> list[Outcome]:
    return [outcome(one.url, one.html, one.truth, ours=False) for one in pages[:200]]


@pytest.mark.parametrize(
    ("mutation", "field"),
    [
        (RenamedClass("main_page_title", "title"), "headline"),
        (RenamedClass("left_mobile_details", "info"), "published_at"),
        (RenamedClass("article_body", "text"), "layout"),
        (OtherDates("%d/%m/%Y %H:%M"), "layout"),
        (Translated("last update", "Son Güncelleme"), "modified_at"),
        (Translated("keywords", "ETİKETLER"), "keywords"),
        (Removed("image_holder"), "images"),
        (Moved("main_page_title", "out of the article"), None),
        (ByScript("whole"), "layout"),
    ],
)
def test_a_new_theme_is_seen(mutation: Mutation, field: str | None, pages: list[Page], history: list[Outcome]) -> None:
    made = crawl("replica", history, pages[200:], [mutation], 30)
    assert made is not None
    assert made.good, made.describe()
    assert not any({"published_at", "url"} & set(one.wrong) for one in made.outcomes), made.describe()
    if field:
        assert field in {one.field for one in made.found}, [str(one) for one in made.found]


def test_nothing_new_raises_no_alarm(history: list[Outcome]) -> None:
    seen = [one.seen for one in history]
    assert deviations([*seen[:150], *(attrs.evolve(one, ours=True) for one in seen[150:])]) == []
    assert deviations([attrs.evolve(one, ours=True) for one in seen]) == [], "nor in a first run"
    assert deviations(seen) == []


def _broken(history: list[Outcome], number: int, field: str, source: str, *, ours: bool) -> list[Seen]:
    """Articles of today's layout whose `field` was read elsewhere."""
    found = [one.seen for one in history if (one.seen.layout, one.seen.kind) == ("2020", "article")][:number]
    assert len(found) == number
    return [attrs.evolve(one, ours=ours, features={**one.features, field: source}) for one in found]


def test_an_alarm_of_a_first_run_goes_on_in_the_next(history: list[Outcome]) -> None:
    before = _broken(history, 40, "headline", "text", ours=False)
    ours = _broken(history, 60, "headline", "text", ours=True)[40:]
    assert "headline" in {one.field for one in deviations([*before, *ours])}


@pytest.mark.parametrize("layout", ["generic", "refused"])
def test_a_first_run_of_pages_of_no_known_layout(layout: str, history: list[Outcome]) -> None:
    lost = [attrs.evolve(one.seen, ours=True, layout=layout, kind="article") for one in history[:10]]
    (found,) = deviations(lost)
    assert str(found).startswith("10 of the last 10 pages of kind article bear no mark of a known layout; one ")
    whole = [attrs.evolve(one, layout="2020") for one in lost]
    assert "layout" not in {one.field for one in deviations([*whole[:6], *lost[6:]])}, "fewer than half"


def test_a_column_whose_articles_end_alike_is_no_change_of_layout(history: list[Outcome]) -> None:
    seen = [one.seen for one in history[:80]]
    column = [
        attrs.evolve(
            one, ours=True, lines=one.lines | {1, 2}, url=f"https://www.dailysabah.com/opinion/columns/{number}"
        )
        for number, one in enumerate(seen[70:])
    ]
    assert "body" not in {one.field for one in deviations([*seen[:70], *column])}
    everywhere = [attrs.evolve(one, ours=True, lines=one.lines | {1, 2}) for one in seen[70:]]
    assert "body" in {one.field for one in deviations([*seen[:70], *everywhere])}
    assert "body" not in {one.field for one in deviations(everywhere)}, "nothing is known to be new"


def test_the_report_is_made() -> None:
    report = mutated(Random(5), 5, 2, loud=False, total=200, pool=60, size=8)
    assert next(report.lines()).startswith("2 mutated crawls: ")
    assert unmutated(Random(6), 6, 5, total=600, pages=100) == []


@pytest.fixture(scope="module", params=[False, True], ids=["with descriptions", "without descriptions"])
def orders(request: pytest.FixtureRequest) -> Orders:
    return Orders(Random(23), 23, 300, silent=request.param)


@pytest.mark.parametrize("order", ORDERS)
def test_no_order_of_commands_raises_an_alarm(order: str, orders: Orders) -> None:
    assert orders.alarms(order) == []


@pytest.mark.parametrize(
    "hint",
    [
        Hint(description="A teaser."),
        Hint(published=parse_date("Tue, 14 Sep 2021 10:51:00 +0300")),
        Hint(parse_date("Tue, 14 Sep 2021 10:51:00 +0300"), "A teaser."),
        Hint(parse_date("2021-09-14")),
        Hint(parse_date("Tue, 14 Sep 2021 07:51:00 GMT"), "Another.\nOf two lines."),
    ],
)
@pytest.mark.parametrize(
    "html",
    [
        article("Headline"),
        article("Headline", date=None),
        saved("dates-in-metadata").decode(),
        saved("bare-minimum").decode(),
    ],
)
def test_a_page_shows_the_same_whoever_has_named_it(html: str, hint: Hint) -> None:
    def shown(hint: Hint | None) -> Seen:
        reading = read(HtmlResponse(URL, body=html.encode()), URL, hint)
        return seen(orjson.loads(to_line(Article(**reading.values))), names(reading.marks))

    assert attrs.evolve(shown(hint), text="") == attrs.evolve(shown(None), text="")


def test_a_date_that_only_the_address_has_is_none_of_the_page() -> None:
    url = "https://www.dailysabah.com/world/2016/01/12/a-story"
    reading = read(HtmlResponse(url, body=article("Headline", date=None).encode()), url)
    assert reading.values["sources"]["published_at"] == "address"
    shown = seen(orjson.loads(to_line(Article(**reading.values))), names(reading.marks)).features
    assert {shown[name] for name in ("published_at", "form of published_at", "offset of published_at")} == {ABSENT}


def test_a_record_older_than_the_marks_does_not_say_whose_description_it_has() -> None:
    reading = read(HtmlResponse(URL, body=article("Headline").encode()), URL, Hint(description="A teaser."))
    assert "description" not in seen(orjson.loads(to_line(Article(**reading.values)))).features
