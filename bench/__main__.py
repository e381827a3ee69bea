"""`python -m bench [NAME…] [--quick] [--json FILE] [--against COMMIT [--rounds N]]`: measures, prints tables, never fails for a missed target."""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import signal
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from rich.console import Console

from bench import against, trees
from bench.machine import load, processor, processors
from bench.report import show

if TYPE_CHECKING:
    from collections.abc import Sequence

BENCHES = ("readers", "reparse", "crawl", "durable", "ledger", "clusters", "week", "render", "export")
"""Each is a module here with `run(quick: bool) -> Report`. They run in this order, one at a time."""

FAILED, PARTIAL, INTERRUPTED = 1, 10, 14


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line, without the usage above it."""
        self.exit(2, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0; with `--against` 10 when a bench could not be compared, 1 when none could, 14 when interrupted. Ends with 2 for bad input."""
    parser = _Parser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"benches to run: {', '.join(BENCHES)} (default: all)")
    parser.add_argument(
        "--quick", action="store_true", help="fewer pages and rounds, under a minute; figures are rough"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    parser.add_argument("--against", metavar="COMMIT", help="measure that commit too, in turns, and print ratios")
    parser.add_argument("--rounds", type=_rounds, metavar="N", help=f"of each state (default: {against.ROUNDS})")
    given = parser.parse_args(arguments)
    if unknown := set(given.names) - set(BENCHES):
        parser.error(f"unknown: {', '.join(sorted(map(_shown, unknown)))}; valid are {', '.join(BENCHES)}")
    if given.json and not given.json.parent.is_dir():
        parser.error(f"--json: there is no folder {given.json.parent}")
    if given.rounds and given.against is None:
        parser.error("--rounds goes with --against")

    names = list(dict.fromkeys(given.names)) or list(BENCHES)
    console = Console(width=None if Console().is_terminal else 120)
    about: dict[str, Any] = {
        "python": platform.python_version(),
        "scrapy": version("scrapy"),
        "lxml": version("lxml"),
        "processor": processor(),
        "processors": processors(),
        "quick": given.quick,
    }
    if given.against is None:
        _measure(names, about, given, console)
        return 0
    try:
        hash_ = trees.commit(given.against)
    except trees.NoCommit as error:
        parser.error(str(error))
    about |= {"against": hash_, "rounds": given.rounds or against.ROUNDS}
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return _compare(names, about, given, console)
    except RuntimeError as error:
        print(f"python -m bench: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("python -m bench: interrupted; the worktree is removed", file=sys.stderr)
        return INTERRUPTED


def _measure(names: Sequence[str], about: dict[str, Any], given: argparse.Namespace, console: Console) -> None:
    _say(about, console)
    reports = {}
    for name in names:
        started, before = time.monotonic(), load()
        report = importlib.import_module(f"bench.{name}").run(quick=given.quick)
        show(report, console)
        _took(started, before, console)
        reports[report.name] = report.as_json()
    _write(given.json, {"about": about, "benches": reports})


def _compare(names: Sequence[str], about: dict[str, Any], given: argparse.Namespace, console: Console) -> int:
    _say(about, console)
    comparisons = {}
    with trees.checked_out(about["against"]) as then:
        for name in names:
            started, before = time.monotonic(), load()
            if not (then.place / "bench" / f"{name}.py").exists():
                print(f"{name}: {then.name} has no such bench", file=sys.stderr)
                continue
            try:
                found = against.compare(name, then, rounds=about["rounds"], quick=given.quick)
            except RuntimeError as error:
                print(f"{name}: {error}", file=sys.stderr)
                continue
            against.show(found, then.name, console)
            _took(started, before, console)
            comparisons[name] = {"figures": [one.as_json() for one in found.figures], "missing": found.missing}
    for note in against.NOTES if comparisons else ():
        console.print(f"· {note}", style="dim", highlight=False, soft_wrap=True)
    _write(given.json, {"about": about, "benches": comparisons})
    if not comparisons:
        return FAILED
    return 0 if len(comparisons) == len(names) else PARTIAL


def _say(about: dict[str, Any], console: Console) -> None:
    console.print(", ".join(f"{key} {value}" for key, value in about.items()), style="dim")


def _took(started: float, before: float, console: Console) -> None:
    console.print(f"took {time.monotonic() - started:.0f} s; load of the machine before {before:.1f}\n", style="dim")


def _write(file: Path | None, written: dict[str, Any]) -> None:
    if file:
        file.write_text(json.dumps(written, indent=2, ensure_ascii=False) + "\n")


def _rounds(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 3 and int(text)):
        raise argparse.ArgumentTypeError(f"{_shown(text)} is no number of rounds; valid is 1 to 999")
    return int(text)


def _shown(text: str) -> str:
    """As it is, or quoted where signs in it would break the line."""
    return text if text.isprintable() and text else repr(text)


if __name__ == "__main__":
    sys.exit(main())
