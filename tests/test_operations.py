"""docs/operations.md: its commands run or are those of the files it speaks of, its tables say what is so."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

from sabah.monitors.verdict import CODES
from sabah.timetable import JOBS, Place
from sabah.timetable.systemd import units
from tests import forked
from tests.running import REPOSITORY, environment
from tests.storage import upkeep
from tests.storage.conftest import check

if TYPE_CHECKING:
    from pathlib import Path

PAGE = (REPOSITORY / "docs" / "operations.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(?:sh)?\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
COMMANDS = [
    shlex.split(part) for block in BLOCKS for line in block.splitlines() for part in line.split(" && ") if " " in part
]
NEEDS_A_DAEMON = ("schedule", "--now")


def _table(title: str) -> dict[str, list[str]]:
    section = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    rows = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("| `")]  # fmt: skip
    return {row[0]: row[1:] for row in rows}


def test_commands_run(tmp_path: Path) -> None:
    dataset, backups = tmp_path / "output", tmp_path / "backups"
    upkeep.crawl(dataset)
    (backups / "sabah").mkdir(parents=True)
    env = environment(SABAH_OUTPUT_DIR=str(dataset))
    ran = []
    for program, *args in COMMANDS:
        if program not in ("scrapy", "cp") or tuple(args[:2]) == NEEDS_A_DAEMON or "/var/lib" in " ".join(args):
            continue
        here = [arg.replace("/var/backups", str(backups)) for arg in args]
        command = [sys.executable, "-m", "scrapy"] if program == "scrapy" else [program]
        done = forked.run([*command, *here], cwd=REPOSITORY, env=env, text=True, capture_output=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, ""), here
        ran.append(args[0])
    assert {"backup", "status", "schedule", "-al"} <= set(ran)
    check(backups / "sabah" / "dataset")
    check(backups / "sabah" / "monday")


def test_every_command_and_option_is_there() -> None:
    known = {path.stem.replace("_", "-") for path in (REPOSITORY / "sabah" / "commands").glob("[a-z]*.py")}
    named: dict[str, set[str]] = {}
    for command, rest in re.findall(r"\bscrapy ([a-z][a-z-]*)([^`\n|&)]*)", PAGE):
        named.setdefault(command, set()).update(re.findall(r"(?<=\s)--?[a-z][a-z-]*", rest))
    assert named.keys() <= known, named.keys() - known
    assert {"--systemd", "--cron", "--now", "--into", "-s"} <= named["schedule"]
    for command, options in named.items():
        if options:
            shown = forked.run([sys.executable, "-m", "scrapy", command, "--help"], cwd=REPOSITORY, env=environment(), text=True, capture_output=True)  # fmt: skip
            assert options <= set(re.findall(r"--?[a-z][a-z-]*", shown.stdout)), (command, options)


def test_growth_has_its_figures() -> None:
    section = PAGE.partition("\n## Disk, logs, permissions\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|$", section, re.MULTILINE)
    assert len(rows) >= 7
    for what, figure in rows:
        assert re.fullmatch(
            r"(?:about )?[0-9][0-9.,  ]*(?: ?[kKMGT]i?B)?(?: / [0-9][0-9.,  ]*)?(?: \([^)]*\))?", figure
        ), (what, figure)


def test_upgrade_leaves_two_eggs(tmp_path: Path) -> None:
    (line,) = (line for block in BLOCKS for line in block.splitlines() if ".egg" in line)
    eggs = tmp_path / "eggs"
    eggs.mkdir()
    for time in (1700000000, 1790000000, 1800000000, 1800000001):
        (eggs / f"{time}.egg").touch()
    for _ in range(2):
        subprocess.run(["sh", "-c", line.replace("/var/lib/sabah/scrapyd/eggs/sabah", str(eggs))], check=True)
        assert sorted(path.stem for path in eggs.iterdir()) == ["1800000000", "1800000001"]
    (eggs / "1800000000.egg").unlink()
    subprocess.run(["sh", "-c", line.replace("/var/lib/sabah/scrapyd/eggs/sabah", str(eggs))], check=True)
    assert [path.stem for path in eggs.iterdir()] == ["1800000001"]


def test_files_and_units_are_there() -> None:
    for path in re.findall(r"(?<![\w/])(?:deploy|sabah)/[\w./-]+\.\w+", PAGE):
        assert (REPOSITORY / path).exists(), path
    made = units(Place())
    for command in COMMANDS:
        if command[0] == "systemctl":
            for unit in command[1:]:
                assert not unit.startswith("sabah-") or unit in made or unit in ("sabah-*.timer", "sabah-*.service"), (
                    unit
                )
    enabled = [set(command) & set(made) for command in COMMANDS if command[:2] == ["systemctl", "enable"]]
    assert enabled == [{name for name in made if name.endswith(".timer")} | {"sabah-scrapyd.service"}] * 2
    pinned = (REPOSITORY / "requirements-dev.txt").read_text()
    (client,) = set(re.findall(r"scrapyd-client==[\d.]+", PAGE))
    assert client in pinned
    conf = (REPOSITORY / "deploy" / "scrapyd.conf").read_text()
    assert "logs_dir = /var/lib/sabah/scrapyd/logs" in conf
    place = Place()
    assert (place.install, place.environment, place.data) == ("/opt/sabah", "/etc/sabah/environment", "/var/lib/sabah")


def test_install_is_ten_lines_of_shell(tmp_path: Path) -> None:
    assert len(BLOCKS[0].splitlines()) == 10
    for block in BLOCKS:
        if "SCRAPYD_USERNAME=" not in block:
            subprocess.run(["sh", "-n"], input=block, text=True, check=True)


def test_environment_is_read_by_a_shell_too(tmp_path: Path) -> None:
    file = tmp_path / "environment"
    (text,) = (block for block in BLOCKS if "SCRAPYD_USERNAME=" in block)
    file.write_text(text)
    said = subprocess.run(
        ["sh", "-c", f"set -ea; . {file}; env"], env={"PATH": os.environ["PATH"]}, text=True, capture_output=True
    )
    assert (said.returncode, said.stderr) == (0, "")
    assert {line.replace("'", "") for line in text.splitlines()} <= set(said.stdout.splitlines())
    assert '"' not in text, "which systemd and shells read differently"


def test_every_verdict() -> None:
    told = _table("What a verdict asks for")
    assert {name: row[0] for name, row in told.items()} == {name: str(code) for name, code in CODES.items()} | {"died": "–"}  # fmt: skip
    assert all(row[1] and row[3] for row in told.values())


def test_timetable() -> None:
    told = _table("Timetable")
    assert list(told) == [job.name for job in JOBS]
    for job in JOBS:
        when, what = told[job.name]
        minute, hour = job.when.minute, job.when.hour
        assert (f"{hour}:{minute:02}" if hour is not None else f"every hour, at {minute}") in when
        assert ("Mondays" in when) == (job.when.weekday == 1)
        assert ("the 1st" in when) == (job.when.day == 1)
        assert what.startswith("spider" if job.spider else "command")


def test_links() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", PAGE):
        path, _, anchor = target.partition("#")
        text = (REPOSITORY / "docs" / path).read_text() if path else PAGE
        heads = {re.sub(r"[^\w\- ]", "", head).strip().lower().replace(" ", "-") for head in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}  # fmt: skip
        assert not anchor or anchor in heads, target
