"""A record that a user's pipeline changes, one that it drops and one it fails over: through a crawl, a revisit, a re-reading and a repair."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from sabah.storage.ledger import Ledger
from tests.running import REPOSITORY, SITE, Crawl, SmallSite, article, crawl, environment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.running import Page

OWN = {"tests.additions.DropPipeline": 200, "tests.additions.BrokenPipeline": 300, "tests.additions.ShoutPipeline": 400}
WITH = ("-s", f"ITEM_PIPELINES={json.dumps(OWN)}")
NAMES = ("keep", "drop", "break")
LINES = "".join(f"{SITE}/world/{name}/news\n" for name in NAMES)
MORNING, NOON, EVENING = (f"2021-09-14T{hour}:00:00+03:00" for hour in ("11", "13", "20"))


def pages(**more: str) -> dict[str, Page]:
    return {
        f"/world/{name}/news": article(name.capitalize(), body=f"Text of {name}{more.get(name, '')}.") for name in NAMES
    }


def records(output: Path) -> dict[tuple[str, int, int], dict[str, Any]]:
    found = Crawl(0, "", "", output).articles
    return {(one["url"].split("/")[4], one["revision"], one["reading"]): one for one in found}


def states(output: Path) -> dict[str, str]:
    with closing(Ledger.read(output)) as ledger:
        return {url.split("/")[4]: state for url, state in ledger.all("SELECT url, state FROM addresses")}


def reparse(output: Path, *more: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "scrapy", "reparse", "-s", f"OUTPUT_DIR={output}", *more],
        cwd=REPOSITORY, env=environment(), capture_output=True, text=True,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def addresses(site: SmallSite, output: Path, *more: str, **env: str) -> Crawl:
    return crawl("addresses", "-a", "file=-", *more, output=output, origin=site.origin, stdin=LINES, **env)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Crawled without pipelines of a user's."""
    folder = tmp_path_factory.mktemp("plain") / "output"
    with SmallSite(pages()) as site:
        assert addresses(site, folder, SABAH_NOW=MORNING).code == 0
    return folder


@pytest.fixture(scope="module")
def piped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Crawled with them."""
    folder = tmp_path_factory.mktemp("piped") / "output"
    with SmallSite(pages()) as site:
        done = addresses(site, folder, *WITH, SABAH_NOW=MORNING)
    assert done.code == 10, done.err
    assert done.verdict.startswith("partial: pipelines failed over 1 page: tests.additions.BrokenPipeline; 1 stored, ")
    assert ", 1 dropped" in done.verdict
    return folder


def copy(folder: Path, to: Path) -> Path:
    shutil.copytree(folder, to / "output")
    return to / "output"


def test_a_crawl(piped: Path) -> None:
    assert {key: one["headline"] for key, one in records(piped).items()} == {("keep", 1, 1): "KEEP"}
    assert states(piped) == {"keep": "done", "drop": "dropped", "break": "failed"}


@pytest.mark.parametrize(("changed", "revisions"), [({}, 1), ({"keep": ", corrected", "drop": ", corrected"}, 2)])
def test_a_revisit(piped: Path, tmp_path: Path, changed: Mapping[str, str], revisions: int) -> None:
    """What the newspaper has not changed is no revision, though what is stored differs from the page; what was dropped has its look too."""
    output = copy(piped, tmp_path)
    with SmallSite(pages(**changed)) as site:
        done = crawl("revisit", *WITH, output=output, origin=site.origin, SABAH_NOW=NOON)
    assert done.code == 0, done.err
    assert sorted(site.asked) == ["/robots.txt", "/world/drop/news", "/world/keep/news"]
    assert list(records(output)) == [("keep", number, 1) for number in range(1, revisions + 1)]
    assert {one["headline"] for one in records(output).values()} == {"KEEP"}
    assert states(output)["drop"] == "dropped"


def test_a_revisit_of_what_was_stored_before_there_were_pipelines(plain: Path, tmp_path: Path) -> None:
    """A drop or a fault takes nothing away."""
    output = copy(plain, tmp_path)
    everything = dict.fromkeys(NAMES, ", corrected")
    with SmallSite(pages(**everything)) as site:
        done = crawl("revisit", *WITH, output=output, origin=site.origin, SABAH_NOW=NOON)
        assert done.code == 10, done.err
        assert set(records(output)) == {("keep", 1, 1), ("keep", 2, 1), ("drop", 1, 1), ("break", 1, 1)}
        assert set(states(output).values()) == {"done"}
        again = crawl("revisit", *WITH, output=output, origin=site.origin, SABAH_NOW=NOON)
        assert max(site.asked) == "/world/keep/news"
        assert site.asked.count("/world/break/news") == 2, "due for the next run"
        assert site.asked.count("/world/drop/news") == 1, "not before its next look"
        assert again.code == 10
        mended = crawl("revisit", output=output, origin=site.origin, SABAH_NOW=NOON)
    assert mended.code == 0, mended.err
    assert ("break", 2, 1) in records(output)


def test_the_next_crawl_asks_for_what_a_pipeline_failed_over(piped: Path, tmp_path: Path) -> None:
    output = copy(piped, tmp_path)
    with SmallSite(pages()) as site:
        done = addresses(site, output, SABAH_NOW=MORNING)
    assert (done.code, site.asked) == (0, ["/robots.txt", "/world/break/news"]), done.err
    assert states(output) == {"keep": "done", "drop": "dropped", "break": "done"}


def test_a_re_reading_with_the_same_pipelines_changes_nothing(piped: Path, tmp_path: Path) -> None:
    output = copy(piped, tmp_path)
    code, said = reparse(output, *WITH)
    assert (code, said) == (0, "reparse: no_new: 0 readings written, 1 unchanged, 0 no longer read, 1 dropped, 0 broken, 0 without snapshot\n") or (code, "1 unchanged" in said, "1 dropped" in said) == (0, True, True)  # fmt: skip
    assert set(records(output)) == {("keep", 1, 1)}


def test_a_re_reading_without_them_stores_what_was_dropped_and_takes_back_what_was_changed(
    piped: Path, tmp_path: Path
) -> None:
    output = copy(piped, tmp_path)
    code, said = reparse(output)
    assert code == 0, said
    assert {key: one["headline"] for key, one in records(output).items()} == {
        ("keep", 1, 1): "KEEP", ("keep", 1, 2): "Keep", ("drop", 1, 1): "Drop",
    }  # fmt: skip
    assert states(output)["drop"] == "done"


def test_a_re_reading_of_what_was_stored_before_there_were_pipelines(plain: Path, tmp_path: Path) -> None:
    output = copy(plain, tmp_path)
    before = {path: path.read_bytes() for path in output.glob("articles/*")}
    code, looked = reparse(output, "--dry-run", *WITH)
    assert (code, before) == (10, {path: path.read_bytes() for path in output.glob("articles/*")})
    assert "1 reading to write (headline 1), 0 unchanged, 0 no longer read, 1 dropped, 1 failed" in looked
    code, said = reparse(output, *WITH)
    assert code == 10
    assert "partial: pipelines failed over 1 page; what is stored stands; 1 reading written" in said
    assert f"failed: {SITE}/world/break/news: tests.additions.BrokenPipeline: RuntimeError: the pipeline's own" in said
    assert {key: one["headline"] for key, one in records(output).items()} == {
        ("keep", 1, 1): "Keep", ("keep", 1, 2): "KEEP", ("drop", 1, 1): "Drop", ("break", 1, 1): "Break",
    }  # fmt: skip


def test_a_line_that_was_lost_is_rebuilt_through_them(piped: Path, tmp_path: Path) -> None:
    output = copy(piped, tmp_path)
    (segment,) = output.glob("articles/*")
    segment.write_bytes(b"")
    with SmallSite(pages()) as site:
        done = crawl("revisit", *WITH, output=output, origin=site.origin, SABAH_NOW=MORNING)
    assert "1 lines rebuilt" in done.err, done.err
    assert [one["headline"] for one in records(output).values()] == ["KEEP"]


def test_a_pipeline_with_a_connection_of_one_thread(
    plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "seen.sqlite"
    monkeypatch.setenv("COUNT_DATABASE", str(database))
    counting = "ITEM_PIPELINES=" + json.dumps({"tests.additions.CountPipeline": 300})
    code, said = reparse(plain, "--dry-run", "--jobs", "1", "-s", counting)
    assert code == 0, said
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT count(*) FROM seen").fetchone() == (3,)


def test_a_pipeline_that_cannot_be_imported_or_opened_is_one_line(piped: Path) -> None:
    for given, code, words in (
        ('{"nowhere.Pipeline": 200}', 2, "nowhere.Pipeline"),
        ('{"sabah.pipelines.store.StorePipeline": null}', 2, "sabah.pipelines.store.StorePipeline"),
        ('{"tests.additions.ShoutPipeline": 950}', 2, "stands between 101 and 799"),
        ("{", 2, "must be a dictionary, in JSON"),
        ('{"tests.additions.UnopenedPipeline": 200}', 1, "failed: the pipelines cannot be opened without a crawl: RuntimeError: no database"),
    ):  # fmt: skip
        done, said = reparse(piped, "-s", f"ITEM_PIPELINES={given}")
        assert (done, said.count("\n")) == (code, 1), said
        assert words in said


def test_a_pipeline_that_cannot_be_closed_is_one_line_behind_what_was_done(piped: Path) -> None:
    code, said = reparse(piped, "-s", 'ITEM_PIPELINES={"tests.additions.UnclosedPipeline": 200}')
    assert (code, said.splitlines()[1:]) == (
        1,
        ["reparse: failed: the pipelines cannot be closed: RuntimeError: the database has gone"],
    )
    assert said.startswith("reparse: ok: 1 reading written")
