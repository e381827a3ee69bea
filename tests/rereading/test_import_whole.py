"""`scrapy reparse PATH…` from end to end: files that wget has written, and deaths on the way."""

from __future__ import annotations

import gzip
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tests import forked
from tests.running import REPOSITORY, article, environment
from tests.truth import differences
from tests.warcs.writing import HTML, Writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Replica

SITE = "https://www.dailysabah.com"
STORIES, CAPTURES = 40, 700


def command(output: Path, *args: object) -> list[str]:
    return [sys.executable, "-W", "error", "-m", "scrapy", "reparse", "-s", f"OUTPUT_DIR={output}", *map(str, args)]


def reparse(output: Path, *args: object, **env: str) -> subprocess.CompletedProcess[str]:
    return forked.run(
        command(output, *args), cwd=REPOSITORY, env=environment(**env), capture_output=True, text=True, timeout=300
    )


def records(output: Path) -> list[dict[str, Any]]:
    lines = (line for path in sorted(output.glob("articles/*.jsonl")) for line in path.read_bytes().splitlines())
    return [orjson.loads(line) for line in lines]


@pytest.fixture(scope="session")
def wget() -> str:
    found = shutil.which("wget")
    if found is None:
        pytest.skip("no wget (apt-get install wget)")
    return found


@pytest.mark.parametrize(
    ("options", "named", "proxy"),
    [((), "w.warc.gz", True), (("--no-warc-compression", "--no-warc-digests"), "w.warc", True), (("--warc-cdx", "--compression=gzip"), "w.warc.gz", False)],
)  # fmt: skip
def test_what_wget_has_saved_becomes_the_truth_without_a_request(
    options: tuple[str, ...], named: str, proxy: bool, wget: str, replica: Callable[..., Replica], tmp_path: Path
) -> None:
    newspaper = replica(articles=60, seed=9)
    truth = {one["record"]["url"]: one for one in newspaper.truth}
    # Through the stand-in as a proxy wget asks for the newspaper's own addresses; else for the stand-in's.
    place = "http://www.dailysabah.com" if proxy else newspaper.origin
    (tmp_path / "addresses").write_text("".join(f"{url.replace(SITE, place)}\n" for url in truth))
    asked = ["-e", "use_proxy=yes", "-e", f"http_proxy={newspaper.origin}"] if proxy else []
    subprocess.run(
        [wget, "-q", "-i", "addresses", "-O", os.devnull, "--warc-file=w", *options, *asked], cwd=tmp_path, check=True
    )
    before = newspaper.log
    done = reparse(tmp_path / "data", tmp_path / named, "-s", f"SITE_ORIGIN={newspaper.origin}")
    assert newspaper.log == before
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"reparse: ok: {len(truth)} articles stored, 0 revisions stored, 0 unchanged, 0 refused\n"
    stored = records(tmp_path / "data")
    assert {one["url"] for one in stored} == set(truth)
    assert [found for one in stored for found in differences(one, truth[one["url"]])] == []
    assert {one["origin"] for one in stored} == {"archive"}


def captures(path: Path) -> None:
    """Stories that change every second time, out of order."""
    writer, dice = Writer(), random.Random(5)
    made = [(second, dice.randrange(STORIES)) for second in range(CAPTURES)]
    dice.shuffle(made)
    for second, story in made:
        at = f"2022-01-01T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"
        writer.add(f"{SITE}/world/story-{story}/news", at, article(f"Story {story}", body=f"Text {second // 70}."))
    path.write_bytes(writer.data)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, int, str, str]]]:
    folder = tmp_path_factory.mktemp("undisturbed")
    captures(folder / "a.warc.gz")
    assert reparse(folder / "data", folder / "a.warc.gz", "--jobs", 1).returncode == 0
    return folder / "a.warc.gz", told(folder / "data")


def told(output: Path) -> list[tuple[str, int, str, str]]:
    return sorted((one["url"], one["revision"], one["body"], one["captured_at"]) for one in records(output))


@pytest.mark.parametrize(
    "fault",
    [
        "article-written:2", "pages-saved:1",
        *(pytest.param(one, marks=pytest.mark.thorough) for one in ("snapshot-torn:1", "pages-unsaved:2", "pages-saved:2", "end-unsaved:1")),
    ],
)  # fmt: skip
def test_killed_and_repeated_every_capture_is_there_once(
    fault: str, undisturbed: tuple[Path, list[tuple[str, int, str, str]]], tmp_path: Path
) -> None:
    path, whole = undisturbed
    assert reparse(tmp_path / "data", path, "--jobs", 1, SABAH_FAULT=fault).returncode == -signal.SIGKILL
    done = reparse(tmp_path / "data", path, "--jobs", 1)
    assert done.returncode == 0
    assert told(tmp_path / "data") == whole
    stored = (
        sum(int(part.split()[0]) for part in done.stdout.split("ok: ")[-1].split(", ")[:2])
        if "ok: " in done.stdout
        else 0
    )
    assert (stored < len(whole)) == (
        fault in ("pages-saved:1", "pages-saved:2", "pages-unsaved:2", "article-written:2", "end-unsaved:1")
    )
    assert reparse(tmp_path / "data", path, "--jobs", 1).stdout.endswith(f"{CAPTURES} imported before\n")
    assert told(tmp_path / "data") == whole


def test_killed_whenever_it_may_be_with_its_reading_processes(
    undisturbed: tuple[Path, list[tuple[str, int, str, str]]], tmp_path: Path
) -> None:
    path, whole = undisturbed
    dice = random.Random(11)
    for _ in range(3):
        process = subprocess.Popen(
            command(tmp_path / "data", path, "--jobs", 2), cwd=REPOSITORY, env=environment(),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        time.sleep(dice.uniform(0.5, 3.5))
        process.kill()
        process.communicate()  # ends when no reading process holds its output any more
    assert reparse(tmp_path / "data", path, "--jobs", 2).returncode == 0
    assert told(tmp_path / "data") == whole


def test_interrupted_it_says_so_and_goes_on(
    undisturbed: tuple[Path, list[tuple[str, int, str, str]]], tmp_path: Path
) -> None:
    path, whole = undisturbed
    process = subprocess.Popen(
        command(tmp_path / "data", path, "--jobs", 1), cwd=REPOSITORY, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )  # fmt: skip
    while not (tmp_path / "data" / "articles").exists():
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate()
    if process.returncode == 14:
        assert out.startswith("reparse: interrupted: the same command goes on; ")
        done = reparse(tmp_path / "data", path, "--jobs", 1)
        assert done.stderr == "reparse: goes on where the last one stopped\n"
    else:
        assert process.returncode == 0
    assert told(tmp_path / "data") == whole


def test_no_page_is_unpacked_beyond_the_limit(tmp_path: Path) -> None:
    """Neither of a file nor of the dataset itself."""
    output, path, limit = tmp_path / "data", tmp_path / "a.warc.gz", ("-s", "DOWNLOAD_MAXSIZE=1000000")
    page = article("One").replace("</body>", f"{' ' * 2_000_000}</body>")
    writer = Writer()
    writer.add(
        f"{SITE}/world/one/news",
        "2022-01-01T00:00:00Z",
        gzip.compress(page.encode()),
        [HTML, ("Content-Encoding", "gzip")],
    )
    path.write_bytes(writer.data)
    done = reparse(output, path, "--dry-run", *limit)
    assert done.returncode == 11
    assert "exceeded DOWNLOAD_MAXSIZE (1000000 B)" in done.stdout
    assert reparse(output, path).stdout.startswith("reparse: ok: 1 article stored")
    done = reparse(output, *limit)
    assert done.returncode == 10
    assert "exceeded DOWNLOAD_MAXSIZE (1000000 B)" in done.stderr
    assert reparse(output).stdout.startswith("reparse: no_new: 0 readings written, 1 unchanged")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["none.warc"], "none.warc: there is no such file"), ([".", "none"], ".: is a folder; name the WARC files in it"),
        ([__file__, "-s", "SNAPSHOTS=False"], "with SNAPSHOTS=False no files can be brought in"),
        ([__file__, "--dry-run", "-s", "SNAPSHOTS=False"], "with SNAPSHOTS=False no files can be brought in"),
        (["/dev/null"], "/dev/null: is no regular file"), (["--jobs", "0", "a"], "--jobs '0'"),
    ],
)  # fmt: skip
def test_mistakes_in_use(args: list[str], said: str, tmp_path: Path) -> None:
    done = reparse(tmp_path / "data", *args)
    assert done.returncode == 2
    assert done.stderr.startswith(f"reparse: {said}")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "data").exists()
