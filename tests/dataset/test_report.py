from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from sabah.dataset.filters import Filters
from sabah.dataset.report.charts import columns, ticks
from sabah.dataset.report.numbers import Gap, gaps, numbers, read
from sabah.dataset.report.page import report
from sabah.dataset.selection import Selection
from sabah.storage.ledger import Ledger
from tests import forked
from tests.dataset import made
from tests.dataset.conftest import ARTICLES, HOSTILE, article
from tests.dataset.in_process import scrapy
from tests.running import REPOSITORY, environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

HOSTILE_KEYWORDS = [
    HOSTILE,
    "</script><script>document.title='broken'</script>",
    "<b>bold</b>",
    "<img src=http://127.0.0.1:9/x>",
]
_TABLES = """() => Object.fromEntries([...document.querySelectorAll("table")].map(table => [
    table.id, [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.textContent))
]))"""


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = made.dataset(tmp_path_factory.mktemp("report"), ARTICLES)
    more = [
        article(f"more-{n}", keywords=HOSTILE_KEYWORDS, agencies=["Reuters"], published_at=f"2026-10-{1 + n:02}T10:00:00+03:00")
        for n in range(9)
    ]  # fmt: skip
    made.dataset(output, more, crawl_id="20261102T080000Z-0a1b2c", at="2026-11-02T08:00:00+00:00", verdict="blocked")
    report(output, lambda *_: None)
    return output


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM_PATH") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if path is None:
        pytest.skip("NO CHROMIUM: the report was not seen in a browser; `make chromium`, or name one in CHROMIUM_PATH")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_in_chromium(dataset: Path, browser: Browser) -> None:
    said: list[str] = []
    for width, scheme in ((1100, "light"), (390, "dark")):
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: said.extend([] if request.url.startswith("file:") else [request.url]))
        page.goto((dataset / "report.html").as_uri())
        page.wait_for_selector("html[data-drawn]", state="attached")
        _seen(page, dataset, width)
        light = page.evaluate("getComputedStyle(document.querySelector('.xtick text')).fill") == "rgb(29, 35, 41)"
        assert light == (scheme == "light")
        page.emulate_media(media="print")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        page.close()
    assert said == []


def _seen(page: Page, dataset: Path, width: int) -> None:
    assert page.title() == "Daily Sabah dataset: report"
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert (
        page.locator(".chart svg.main-svg").count()
        >= page.locator(".chart").count()
        == int(page.get_attribute("html", "data-drawn") or 0)
        == 10
    )
    assert set(page.locator("#keywords .labels div").all_text_contents()) >= set(_shown(HOSTILE_KEYWORDS))
    totals = {one.get_attribute("id"): one.get_attribute("data-number") for one in page.locator("dd").all()}
    ledger = Ledger.read(dataset)
    assert totals == {
        "total-articles": str(ledger.one("SELECT count(DISTINCT address) FROM articles")[0]), "total-lines": str(ledger.one("SELECT count(*) FROM articles WHERE reading = 1")[0]),
        "total-withdrawn": "1", "total-moved": "0", "total-duplicates": "2", "total-alike": "3", "total-refusals": "0", "total-pending": "0",
    }  # fmt: skip
    tables: dict[str, list[list[Any]]] = page.evaluate(_TABLES)
    months = ledger.all(
        "SELECT u.section, substr(a.published_at, 1, 7), count(DISTINCT a.address) FROM articles a JOIN addresses u ON u.id = a.address GROUP BY 1, 2"
    )
    assert sorted(tables["table-months"]) == sorted([section, month, str(count)] for section, month, count in months)
    runs = ledger.all("SELECT crawl_id, spider, started_at, pages, articles, verdict FROM runs ORDER BY id")
    ledger.close()
    assert [row[:6] for row in tables["table-verdicts"]] == [[str(cell) for cell in run] for run in runs]
    assert tables["table-speed"] == [
        [run[0], run[5], str(round(run[3] / 600, 2))] for run in runs
    ]  # each took 10 minutes
    assert ["2020", "keywords", "12", "16"] in tables["table-coverage"]
    assert ["headline", "css", "1"] in tables["table-sources"]
    assert ["Reuters", "2026", "9"] in tables["table-agencies"]
    assert tables["table-revisions"] == [["1", "16"], ["2", "2"]]
    assert tables["table-duplicates"] == [["world", "2", "3"]]
    earliest = ARTICLES[2].url
    assert tables["table-groups"] == [["equal", "3", earliest], ["alike", "3", earliest]]
    assert tables["table-changes"] == [["2026-11", "1", "1", "0"]]
    assert sum(int(row[1]) for row in tables["table-freshness"]) == 18


_CELLS = """id => {
    const chart = document.getElementById("chart-" + id), box = chart.parentElement, axis = chart._fullLayout.xaxis, rows = chart._fullLayout.yaxis;
    const labels = [...box.querySelectorAll(".labels div")].map(one => one.getBoundingClientRect());
    return {
        cell: axis._length / (axis.range[1] - axis.range[0]), row: rows._length / chart.data[0].z.length, columns: chart.data[0].z[0].length,
        scrolls: box.scrollWidth > box.clientWidth, labels: Math.max(...labels.map(one => one.width)), height: labels[0].height,
        off: Math.max(...labels.map((one, n) => Math.abs(one.top + one.height / 2 - chart.getBoundingClientRect().top - rows._offset - rows.d2p(n)))),
        drawn: chart.querySelector(".heatmaplayer image").getBoundingClientRect().width, shades: chart.data[0].z.map(row => [...row])
    };
}"""


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_many_months_on_a_phone(tmp_path: Path, browser: Browser) -> None:
    months = [f"{2014 + n // 12}-{n % 12 + 1:02}" for n in range(145)]
    found = [
        article(f"m{n}", keywords=["syria"], published_at=f"{month}-10T10:00:00+03:00")
        for n, month in enumerate(months)
    ]
    found += [article(f"busy{n}", keywords=["syria"], published_at="2020-06-10T10:00:00+03:00") for n in range(400)]
    found.append(article("bogus", section="arts", published_at="2999-01-01T10:00:00+03:00"))
    report(made.dataset(tmp_path, found), lambda *_: None)
    for scheme in ("light", "dark"):
        page = browser.new_page(viewport={"width": 375, "height": 700}, color_scheme=scheme, has_touch=True)
        page.goto((tmp_path / "report.html").as_uri())
        page.wait_for_selector("html[data-drawn]", state="attached")
        assert page.evaluate("document.documentElement.scrollWidth") == 375
        seen = page.evaluate(_CELLS, "months")
        assert seen["columns"] == 145 + 2  # all months, a break, the bogus one
        assert seen["cell"] >= 12
        assert seen["drawn"] >= 12 * 147 - 1
        assert seen["row"] == seen["height"] == 28
        assert seen["off"] < 1
        assert seen["scrolls"]
        assert seen["labels"] <= 0.4 * 375
        world = seen["shades"][0]
        assert min(one for one in world if one) > 0.04 * max(filter(None, world)) > 0
        assert seen["shades"][1][-2:] == [None, 1]
        for id_ in ("coverage", "keywords"):  # their cells have figures in them
            assert page.evaluate(_CELLS, id_)["cell"] >= 36
        _swiped(page)
        page.emulate_media(media="print")
        assert not page.evaluate(_CELLS, "months")["scrolls"]
        page.close()


def _swiped(page: Page) -> None:
    """A finger on the heat map scrolls it, and its labels stay."""
    page.locator("#months").scroll_into_view_if_needed()
    box = page.locator("#months .drawn").bounding_box()
    before = page.locator("#months .labels").bounding_box()
    assert box is not None
    newest = page.evaluate("document.querySelector('#months .drawn').scrollLeft")
    assert (
        newest
        == page.evaluate("(box => box.scrollWidth - box.clientWidth)(document.querySelector('#months .drawn'))")
        > 0
    )
    finger = page.context.new_cdp_session(page)
    for kind, x in (("touchStart", 150), *(("touchMove", x) for x in range(160, 330, 10)), ("touchEnd", None)):
        points = [] if x is None else [{"x": x, "y": box["y"] + 20}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    page.wait_for_function(f"document.querySelector('#months .drawn').scrollLeft < {newest - 50}", timeout=5_000)
    assert page.locator("#months .labels").bounding_box() == before


def test_columns() -> None:
    assert columns([]) == []
    assert columns(["2021-11", "2022-02"]) == ["2021-11", "2021-12", "2022-01", "2022-02"]
    assert columns(["0001-01", "2021-12", "2023-12", "2999-01"]) == [
        "0001-01", None, *(f"{2021 + n // 12}-{n % 12 + 1:02}" for n in range(11, 36)), None, "2999-01",
    ]  # fmt: skip
    assert ticks(columns(["2021-11", "2023-02", "2999-01"])) == {0: "Nov 2021", 17: "Jan 2999"}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_keywords_that_begin_alike(tmp_path: Path, browser: Browser) -> None:
    begins = "the same thirty-nine characters at first "
    found = [article(f"k{n}", keywords=[begins + "one"]) for n in range(3)] + [article("k9", keywords=[begins + "two"])]
    report(made.dataset(tmp_path, found), lambda *_: None)
    page = browser.new_page()
    page.goto((tmp_path / "report.html").as_uri())
    page.wait_for_selector("html[data-drawn]", state="attached")
    assert page.locator("#chart-keywords .heatmap-label").all_text_contents() == ["3", "1"]
    page.close()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_one_month_and_none(tmp_path: Path, browser: Browser) -> None:
    found = [article("one"), article("one", headline="Changed", revision=2)]
    made.dataset(tmp_path / "one", found)
    made.dataset(tmp_path / "none", [])
    page = browser.new_page()
    for name in ("one", "none"):
        report(tmp_path / name, lambda *_: None)
        page.goto((tmp_path / name / "report.html").as_uri())
        page.wait_for_selector("html[data-drawn]", state="attached")
        if name == "one":
            assert page.locator("#chart-changes .xtick text").all_text_contents() == ["Nov 2026"]
        else:
            assert page.locator(".chart").count() == page.locator("#chart-speed").count() == 1
            assert "Nothing yet." in page.locator("#freshness").inner_text()
    page.close()


def _shown(texts: list[str]) -> list[str]:
    plain = ["".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text) for text in texts]
    return [text if len(text) <= 40 else text[:39] + "…" for text in plain]


def test_years_and_latest_as_printed(tmp_path: Path) -> None:
    found = [
        article("new-year", keywords=["syria"], published_at="2021-01-01T01:00:00+03:00"),
        article("new-year-2", keywords=["syria"], published_at="2020-12-31T23:30:00+00:00"),
        article("never", keywords=["syria"], published_at=None),
        article("west", keywords=["syria"], published_at="2020-12-31T22:00:00-05:00"),
    ]
    made.dataset(tmp_path, found)
    known, counted = read(tmp_path, tmp_path, lambda *_: None)
    assert counted.keywords == {("syria", "2021"): 1, ("syria", "2020"): 2}
    assert [row[:3] for row in known.newest] == [("world", 4, "2020-12-31T22:00:00-05:00")]


def test_of_a_revision_its_newest_reading_tells_when_it_was_published(tmp_path: Path) -> None:
    wrong, right = "2024-08-02T10:00:00+03:00", "2026-10-31T10:00:00+03:00"
    found = [
        article("one", published_at=wrong),
        article("one", published_at=wrong, revision=2, headline="Changed"),
        article("two", published_at=wrong),
    ]
    made.dataset(tmp_path, found)
    again = [article("one", published_at=right, reading=2), article("two", published_at=right, reading=2)]
    again += [article("two", published_at=right.replace("10-31", "10-30"), reading=3)]
    made.dataset(tmp_path, again, crawl_id="20261203T080000Z-0a1b2c", at="2026-12-03T08:00:00+00:00")
    known, _ = read(tmp_path, tmp_path, lambda *_: None)
    assert known.months == {"world": {"2026-10": 2}}
    assert {name: count for name, count in known.ages.items() if count} == {"1-3 days": 2}
    assert known.newest == [("world", 2, right, "2026-11-01T08:00:00+00:00")], "stored when it was read first"
    assert known.revisions == {1: 1, 2: 1}
    assert known.changes == [("2026-11", 1, 0, 0)]
    assert (known.summary.articles, known.summary.revisions, known.summary.readings) == (2, 3, 3)


def test_all_of_one_moment(tmp_path: Path) -> None:
    """A crawl that commits between the numbers of the ledger and the reading of the records is in neither."""
    output = made.dataset(tmp_path / "output", [article("one"), article("two")])
    with Selection(output, Filters(), tmp_path / "work.sqlite") as selection:
        with selection.moment() as ledger:
            known = numbers(ledger)
            made.dataset(output, [article("three")], crawl_id="20261102T080000Z-0a1b2c")
            chosen = selection.choose()
        assert known.summary.articles == chosen.articles == 2
    assert read(output, tmp_path, lambda *_: None)[0].summary.articles == 3


def test_what_a_killed_report_leaves(tmp_path: Path) -> None:
    """The next one removes it, and nothing of one that lives."""
    output = made.dataset(tmp_path, [article("one")])
    script = f"""
from pathlib import Path
from sabah.dataset.report.numbers import numbers
from sabah.dataset.report.page import report
from sabah.dataset.selection import Selection
def stop(stage, done, of):
    print(stage, flush=True)
    input()
report(Path({str(output)!r}), stop)
"""
    killed, living = (
        subprocess.Popen([sys.executable, "-c", script], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(2)
    )
    for process in (killed, living):
        assert process.stdout is not None
        assert process.stdout.readline() == b"asking the ledger\n"
    assert len(list(output.glob(".report*"))) == 2
    killed.kill()
    killed.communicate()
    report(output, lambda *_: None)
    assert len(list(output.glob(".report*"))) == 1
    living.communicate(b"\n" * 9)
    assert living.returncode == 0
    assert list(output.glob(".report*")) == []


@pytest.mark.parametrize(("ends", "said"), [("exit 0", ""), ("exit 1", "report: no browser could be opened\n")])
def test_open(tmp_path: Path, ends: str, said: str) -> None:
    output = made.dataset(tmp_path / "output", [article("one")])
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/shown\n{ends}\n')
    script.chmod(0o755)
    ran = forked.run(
        [sys.executable, "-m", "scrapy", "report", "--open"], cwd=REPOSITORY, text=True, capture_output=True, timeout=120,
        env=environment(SABAH_OUTPUT_DIR=str(output), BROWSER=f"{script} %s"),
    )  # fmt: skip
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, f"report: {output / 'report.html'}\n", said)
    assert (tmp_path / "shown").read_text() == (output / "report.html").as_uri() + "\n"


def test_a_folder_has_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = made.dataset(tmp_path, [article("one")])
    (output / "report.html").mkdir()
    assert scrapy(output, "report") == 15
    out, said = capsys.readouterr()
    assert (out, said.count("\n")) == ("", 1)
    assert said.startswith(f"report: {output / 'report.html'}: Is a directory. ")


def test_text_of_the_site_is_no_code(dataset: Path) -> None:
    text = (dataset / "report.html").read_text("utf-8")
    assert "<b>bold" not in text
    assert "<img src=http" not in text
    assert "document.title='broken'</script>" not in text
    assert not any(one in text for one in ("\x1b", "\x00", "\x07", "\u202e"))
    assert not list(dataset.glob(".report*"))


def test_gaps() -> None:
    usual = Counter(
        {f"2026-03-{day:02}": 10 for day in range(1, 32)} | {f"2026-04-{day:02}": 10 for day in range(1, 31)}
    )
    assert gaps({"world": usual}) == []
    assert gaps({"world": {**usual, "2026-03-18": 2}}) == [Gap(None, "2026-03-18", 1, 2, 10.0)]
    without = {day: count for day, count in usual.items() if not "2026-04-06" <= day <= "2026-04-12"}
    found = gaps({"world": without, "arts": usual})
    assert found == [Gap("world", "2026-04-06", 7, 0, 70.0)]
    assert gaps({"arts": {"2026-03-01": 1, "2026-04-30": 1}, "none": {}}) == []
    apart = gaps({"world": {"0001-01-01": 1, **usual}, "arts": {"9999-12-31": 9}})
    assert {gap.first[:4] for gap in apart} == {
        "2026"
    }  # only around what is usual, and found without a look at 8,000 years
