"""`scrapy demo`: the whole way in a minute, on this machine alone: crawl, records, export, report."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sabah.cli import SabahCommand
from sabah.commands.replica import ABSENT, is_here
from sabah.configuration import CommandLineError, project_dir
from sabah.storage.lines import articles_dir, read_lines

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

ARTICLES = 400
SECTIONS = "world,business"
_SCRAPY = (sys.executable, "-m", "scrapy")
_SHOWN = ("url", "headline", "byline", "dateline", "published_at", "published_precision", "keywords", "word_count")


class Command(SabahCommand):
    def short_desc(self) -> str:
        return "Crawl two sections of the stand-in newspaper and show what came of it"

    def perform(self, args: list[str], opts: argparse.Namespace) -> int:  # noqa: ARG002 - the signature of all commands
        if not is_here():
            raise CommandLineError(ABSENT)
        console = Console()
        output = project_dir() / "output" / "demo"
        shutil.rmtree(output, ignore_errors=True)
        with _replica() as origin:
            console.print(f"The stand-in newspaper of {ARTICLES} articles is at {origin}", highlight=False)
            crawl = [*_SCRAPY, "crawl", "section", "-a", f"sections={SECTIONS}", "-a", "related=1"]
            settings = {
                "SITE_ORIGIN": origin,
                "OUTPUT_DIR": output,
                "DOWNLOAD_DELAY": 0,
                "CONCURRENT_REQUESTS_PER_DOMAIN": 4,
            }
            console.print(f"$ scrapy {' '.join(crawl[len(_SCRAPY) :])}", highlight=False)
            options = [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
            code = subprocess.run([*crawl, *options], check=False).returncode
        records = list(read_lines(articles_dir(output)))
        console.print(_summary(records))
        for record in records[:: max(1, len(records) // 3)][:3]:
            console.print(_excerpt(record))
        console.print(f"Every record, a line each: {articles_dir(output)}", highlight=False, soft_wrap=True)
        for command in (("export", "demo", "--format", "parquet,csv", "--duplicates", "drop"), ("report",)):
            console.print(f"$ scrapy {' '.join(command)}", highlight=False)
            handed_on = subprocess.run([*_SCRAPY, *command, "-s", f"OUTPUT_DIR={output}"], check=False).returncode
            code = code or handed_on
        return code


@contextmanager
def _replica() -> Iterator[str]:
    """A replica on a free port, for as long as the context lasts; gives its origin."""
    command = [*_SCRAPY, "replica", "--articles", str(ARTICLES), "--seed", "1", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line.startswith("replica: "):
                raise RuntimeError(f"the replica did not start: {line.strip() or 'no word from it'}")
            yield line.split()[1]
        finally:
            process.terminate()


def _summary(records: list[dict[str, Any]]) -> Table:
    table = Table("section", "articles", "from", "to", "layouts", "with keywords", box=box.SIMPLE)
    sections = Counter(record["section"] or "-" for record in records)
    for section, count in sections.most_common():
        of_it = [record for record in records if (record["section"] or "-") == section]
        days = sorted(record["published_at"][:10] for record in of_it)
        layouts = Counter(record["layout"] for record in of_it)
        table.add_row(
            section,
            str(count),
            days[0],
            days[-1],
            " ".join(f"{name}:{number}" for name, number in layouts.most_common()),
            f"{sum(bool(record['keywords']) for record in of_it) / count:.0%}",
        )
    return table


def _excerpt(record: dict[str, Any]) -> Table:
    table = Table(show_header=False, box=box.SIMPLE)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name in _SHOWN:
        value = record[name]
        table.add_row(name, escape(", ".join(value) if isinstance(value, list) else str(value)))
    table.add_row("body", escape(f"{(record['body'] or '')[:200]}…"))
    return table
