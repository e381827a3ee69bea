"""`python -m bench [NAME…] [--quick] [--json FILE]`: measures, prints tables, never fails for a missed target."""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from bench.machine import load, processor, processors
from bench.report import show

if TYPE_CHECKING:
    from bench.report import Report

BENCHES = ("readers", "reparse", "crawl", "durable", "ledger", "clusters", "week", "render", "export")
"""Each is a module here with `run(quick: bool) -> Report`. They run in this order, one at a time."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"benches to run: {', '.join(BENCHES)} (default: all)")
    parser.add_argument(
        "--quick", action="store_true", help="fewer pages and rounds, under a minute; figures are rough"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    given = parser.parse_args()
    if unknown := set(given.names) - set(BENCHES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; valid are {', '.join(BENCHES)}")
    if given.json and not given.json.parent.is_dir():
        parser.error(f"--json: there is no folder {given.json.parent}")

    console = Console(width=None if Console().is_terminal else 120)
    about = {
        "python": platform.python_version(),
        "scrapy": version("scrapy"),
        "lxml": version("lxml"),
        "processor": processor(),
        "processors": processors(),
        "quick": given.quick,
    }
    console.print(", ".join(f"{key} {value}" for key, value in about.items()), style="dim")
    reports: list[Report] = []
    for name in given.names or BENCHES:
        started, before = time.monotonic(), load()
        report = importlib.import_module(f"bench.{name}").run(quick=given.quick)
        show(report, console)
        console.print(
            f"took {time.monotonic() - started:.0f} s; load of the machine before {before:.1f}\n", style="dim"
        )
        reports.append(report)
    if given.json:
        written = {"about": about, "benches": {report.name: report.as_json() for report in reports}}
        given.json.write_text(json.dumps(written, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
