"""What the newspaper changed: `scrapy diff` and `scrapy status --changes` on the small newspaper's four editions."""

from __future__ import annotations

import json
import os
import shutil
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from sabah.storage.ledger import Ledger
from tests import forked
from tests.running import REPOSITORY
from tests.storage import editions, world

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

CORRECTED = next(one for one in editions.STORED if one % 10 == 1)
BACK = next(one for one in editions.STORED if one % 10 == 2)
SAME = next(one for one in editions.STORED if one % 5 == 4)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("diff") / "output"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SABAH_NOW", editions.TIMES[1])
        for edition in editions.TIMES:
            editions.crawl(folder, edition)
    return folder


def scrapy(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "scrapy", *args]
    environment = {**os.environ, "SABAH_OUTPUT_DIR": str(folder), "COLUMNS": "300"}
    return forked.run(command, cwd=REPOSITORY, env=environment, text=True, capture_output=True, timeout=60)


def test_each_revision_to_the_next(dataset: Path) -> None:
    done = scrapy(dataset, "diff", world.url(CORRECTED))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"{world.url(CORRECTED)}\n\n"
        "Revision 1 (2021-09-14T08:00:00+00:00) to 2 (2021-09-14T09:00:00+00:00)\nBody: [-Text.-]\nBody: {+Corrected.+}\n\n"
        "Revision 2 (2021-09-14T09:00:00+00:00) to 3 (2021-09-15T12:00:00+00:00)\nBody: [-Corrected.-]\nBody: {+Corrected again.+}\n"
    )


def test_withdrawn_and_back(dataset: Path) -> None:
    said = scrapy(dataset, "diff", world.url(BACK)).stdout
    assert "Withdrawn: gone with status 410 at 2021-09-14T10:00:00+00:00\n" in said
    assert "Back, after it was withdrawn\n" in said
    assert "Body" not in said


def test_two_chosen_as_json(dataset: Path) -> None:
    done = scrapy(dataset, "diff", world.url(CORRECTED), "--json", "--revisions", "1", "3")
    (line,) = done.stdout.splitlines()
    found = json.loads(line)
    assert (found["before"]["revision"], found["after"]["revision"], found["fields"]) == (1, 3, {})
    assert found["body"] == [[{"kind": "removed", "text": "Text."}], [{"kind": "added", "text": "Corrected again."}]]


DAMAGE = {"no JSON": (b'"headline":"', b'"headline":('), "no record": (b'"headline":', b'"headlime":')}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("command", ["diff", "status"])
def test_a_damaged_line(dataset: Path, tmp_path: Path, command: str, damage: str) -> None:
    folder = tmp_path / "output"
    shutil.copytree(dataset, folder)
    with closing(Ledger.read(folder)) as ledger:
        name, offset, length = ledger.one(
            "SELECT f.name, t.offset, t.length FROM articles t JOIN files f ON f.id = t.file JOIN addresses a ON a.id = t.address"
            " WHERE a.url = ? AND t.revision = 2",
            world.url(CORRECTED),
        )
    stored = (folder / name).read_bytes()
    line = stored[offset : offset + length].replace(*DAMAGE[damage], 1)
    assert len(line) == length
    assert line not in stored
    (folder / name).write_bytes(stored[:offset] + line + stored[offset + length :])
    done = scrapy(
        folder, *(("diff", world.url(CORRECTED)) if command == "diff" else ("status", "--changes", "--last", "100"))
    )
    assert (done.returncode, done.stdout) == (15, "")
    said = f"the line at byte {offset} is damaged. Start a crawl with -s DEEP_REPAIR=True: it makes it good."
    assert done.stderr == f"{command}: {folder / name}: {said}\n"


def test_one_revision_only(dataset: Path) -> None:
    done = scrapy(dataset, "diff", world.url(SAME))
    assert (done.returncode, done.stdout.splitlines()[1]) == (
        0,
        "Revision 1 of 2021-09-14T08:00:00+00:00 is the only one.",
    )


def test_latest_changes(dataset: Path) -> None:
    done = scrapy(dataset, "status", "--changes", "--json", "--last", "100")
    assert (done.returncode, done.stderr) == (0, "")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    lines = sum(len(editions.expected(number, 4)) - 1 for number in editions.STORED)
    assert len(found) == lines
    assert [one["at"] for one in found] == sorted((one["at"] for one in found), reverse=True)
    of_one = [(one["what"], one["fields"]) for one in found if one["url"] == world.url(BACK)]
    assert of_one == [("back", []), ("withdrawn", [])]
    assert {tuple(one["fields"]) for one in found if one["what"] == "changed"} == {("body",)}
    shown = scrapy(dataset, "status", "--changes", "--last", "1").stdout.splitlines()
    assert [shown[0].split()[0], shown[2].strip()] == [found[0]["at"], found[0]["url"]], "an address can be copied"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((), "diff: name one address; usage: scrapy diff ADDRESS"),
        (("https://www.dailysabah.com/world",), "is not the address of an article"),
        (("https://www.dailysabah.com/world/nothing/news",), "diff: https://www.dailysabah.com/world/nothing/news is not stored"),
        ((world.url(SAME), "--revisions", "1", "2"), "diff: --revisions 2: stored are 1"),
        ((world.url(SAME), "--revisions", "9" * 5000, "2"), "9': must be two numbers"),
        ((world.url(SAME), "--revisions", "one", "2"), "diff: --revisions 'one': must be two numbers"),
    ],
)  # fmt: skip
def test_usage(dataset: Path, args: tuple[str, ...], said: str) -> None:
    done = scrapy(dataset, "diff", *args)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr
