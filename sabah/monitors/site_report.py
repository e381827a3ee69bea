"""What `check-site` saw, as Markdown to be pasted into an issue; and as files for `tests/pages/`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sabah import __version__, clock, configuration
from sabah.cli import SabahCommand
from sabah.configuration import CommandLineError
from sabah.items import SOURCE_FIELDS
from sabah.monitors.drift import REQUIRED
from sabah.monitors.verdict import CODES, judge
from sabah.pages.marks import NAMES
from sabah.spiders.check_site import CheckSpider
from sabah.storage.lines import to_line

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sabah.spiders.check_site import Look

_TEXTLESS = frozenset({"video", "gallery"})


def changed(looks: Sequence[Look]) -> str:
    """In one sentence what of the known layout does not hold; empty where all does."""
    articles = [one for one in looks if one.what == "article" and one.status == 200]
    for one in articles:
        if one.problem:
            return f"an article gave no record ({one.problem}): {one.url}"
        if one.record and one.record.layout == "generic":
            return f"an article is of no known layout: {one.url}"
    for field, source in REQUIRED.items():
        off = [
            one
            for one in articles
            if one.record
            and one.record.layout == "2020"
            and one.record.sources[field] != source
            and not (field == "body" and one.record.kind in _TEXTLESS)
        ]
        if off and off[0].record:
            return (
                f"{field} was read from {off[0].record.sources[field] or 'nowhere'} instead of {source}: {off[0].url}"
            )
    listing = next((one for one in looks if one.what == "listing" and one.found), None)
    if listing and not listing.from_cards:
        return f"the listing's links stand in no cards: {listing.url}"
    return ""


def report(looks: Sequence[Look], about: str, verdict: str) -> Iterator[str]:
    """The lines of the report."""
    yield f"### check-site: {verdict}"
    yield ""
    yield about
    yield ""
    yield from _table(
        ("asked", "status", "bytes", "what came"),
        ((one.url, str(one.status or "none"), f"{one.size:,}", _came(one)) for one in looks),
    )
    yield ""
    headers = dict.fromkeys(name for one in looks for name in one.headers)
    yield from _table(
        ("header", *(_short(one) for one in looks)),
        ((name, *(one.headers.get(name, "") for one in looks)) for name in headers),
    )
    articles = [one for one in looks if one.what == "article"]
    if not articles:
        return
    columns = [_short(one) for one in articles]
    yield ""
    yield from _table(
        ("field read from", *columns),
        ((field, *(_source(one, field) for one in articles)) for field in ("layout", *SOURCE_FIELDS)),
    )
    yield ""
    yield from _table(
        ("mark", *columns), ((name, *("yes" if name in one.marks else "-" for one in articles)) for name in NAMES)
    )
    yield ""
    labels = dict.fromkeys(label for one in articles for label in one.labels)
    yield from _table(
        ("label stands in", *columns), ((label, *(one.labels.get(label, "-") for one in articles)) for label in labels)
    )


def save(looks: Iterable[Look], folder: Path) -> list[Path]:
    """Pages with the records read, named as `tests/pages/` has them. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for one in looks:
        name = one.url.removesuffix("/news").rstrip("/").rpartition("/")[2] or "home"
        ending = {"robots.txt": "", "feed": ""}.get(one.what, ".html")
        path = folder / f"{'feed-' if one.what == 'feed' else ''}{name}{ending}"
        path.write_bytes(one.body)
        written.append(path)
        if one.record is not None:
            written.append(path.with_suffix(".json"))
            written[-1].write_bytes(to_line(one.record))
    return written


def _came(one: Look) -> str:
    if one.problem:
        return one.problem
    if one.found is not None:
        return f"{one.found} articles" + ("" if one.from_cards in {None, True} else ", from no cards")
    if one.record is not None:
        return f"{one.record.kind}, {one.record.published_at}, {one.record.word_count} words: {one.record.headline}"
    return ""


def _source(one: Look, field: str) -> str:
    if one.record is None:
        return "no record"
    return one.record.layout if field == "layout" else one.record.sources[field] or "-"


def _short(one: Look) -> str:
    return one.url.removesuffix("/news").rstrip("/").rpartition("/")[2][:24] if one.what == "article" else one.what


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    table = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in (head, *rows)]
    widths = [max(len(row[number]) for row in table) for number in range(len(head))]
    for number, row in enumerate(table):
        yield "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        if number == 0:
            yield "|" + "|".join("-" * (width + 2) for width in widths) + "|"


_PATIENCE = 60.0
"""Seconds that it waits for a site in trouble: a maintainer sits before it."""


class CheckSite(SabahCommand):
    def syntax(self) -> str:
        return "[--save DIR] [--listing PATH] [--feed PATH]"

    def short_desc(self) -> str:
        return "Ask the site for six pages and show what of the known layout holds"

    def long_desc(self) -> str:
        return (
            "Fetches robots.txt, one listing, one feed and three articles, with all manners, and prints a report made to be pasted into an issue. "
            "The dataset is not touched. Exit codes: 0 all holds, 1 failed, 2 usage, 10 some pages failed, 11 the layout changed, 12 blocked, 13 the listing or the feed is empty, 14 interrupted, 15 --save cannot be written."
        )

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--save", metavar="DIR", help="keep the pages, with the records read, as tests/pages/ has them"
        )
        parser.add_argument("--listing", default="/world", metavar="PATH", help="the listing to ask (default /world)")
        parser.add_argument(
            "--feed", default="/rss/homepage.xml", metavar="PATH", help="the feed to ask (default /rss/homepage.xml)"
        )

    def perform(self, args: list[str], opts: argparse.Namespace) -> int:
        assert self.settings is not None
        if args:
            raise CommandLineError(f"unexpected argument {args[0]!r}; usage: scrapy check-site {self.syntax()}")
        for name, path in (("--listing", opts.listing), ("--feed", opts.feed)):
            if not path.startswith("/"):
                raise CommandLineError(f"{name} {path!r}: is a path and begins with /")
        folder = Path(opts.save) if opts.save else None
        if folder is not None and folder.exists() and not folder.is_dir():
            raise CommandLineError(f"--save {opts.save!r}: is no folder")
        try:
            configuration.check(self.settings)
        except configuration.ConfigurationError as error:
            raise CommandLineError(str(error)) from error
        with tempfile.TemporaryDirectory() as temporary:
            longest = min(self.settings.getfloat("LONGEST_WAIT"), _PATIENCE)
            for name, value in {
                "OUTPUT_DIR": temporary, "SNAPSHOTS": False, "ALERTS": "", "EXTENSIONS": {"sabah.crawling.console.Progress": None}, "LONGEST_WAIT": longest,
            }.items():  # fmt: skip
                self.settings.set(name, value, priority="cmdline")
            spider, stats = self._crawl(opts)
        found = {
            "layout_changed": changed(spider.looks),
            "source_empty": _silent(spider),
            "partial": _torn(spider),
        }
        judged = judge(stats, found)
        about = f"sabah {__version__}, {configuration.site_origin(self.settings)}, {clock.timestamp()}"
        print("\n".join(report(spider.looks, about, f"{judged.name}{': ' if judged.reason else ''}{judged.reason}")))
        if folder is not None:
            try:
                for path in save(spider.looks, folder):
                    print(f"saved {path}", file=sys.stderr)
            except OSError as error:
                self.say(f"{opts.save} cannot be written: {error}")
                return CODES["storage"]
        return judged.exit_code()

    def _crawl(self, opts: argparse.Namespace) -> tuple[CheckSpider, Mapping[str, object]]:
        process = self.crawler_process
        assert process is not None
        crawler = process.create_crawler(CheckSpider)
        process.crawl(crawler, listing=opts.listing, feed=opts.feed)
        process.start()
        spider = crawler.spider
        assert isinstance(spider, CheckSpider)
        return spider, crawler.stats.get_stats()


def _silent(spider: CheckSpider) -> str:
    return next(
        (f"the {one.what} {one.url} names no article" for one in spider.looks if one.found == 0 and one.status == 200),
        "",
    )


def _torn(spider: CheckSpider) -> str:
    return next((f"the {one.what} {one.url}: {one.problem}" for one in spider.looks if one.found and one.problem), "")
