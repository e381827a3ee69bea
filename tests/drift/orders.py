"""Unmutated runs in the orders of commands that the documents name: a folder is filled by one command after another, and each run is judged."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final

import attrs

from replica import editor, rss
from replica.archive import Archive
from replica.newspaper import Newspaper
from replica.pages import article_page
from replica.truth import entry
from sabah.monitors.drift import EARLIER, deviations
from sabah.normalize.dates import parse_date
from sabah.pages.record import Hint
from tests.drift.reading import outcome

if TYPE_CHECKING:
    from random import Random

    from sabah.monitors.features import Seen

ORDERS: Final = (
    "feeds section", "section feeds revisit", "feeds revisit feeds section", "addresses section", "section addresses", "archive section", "archive feeds section revisit",
    "addresses archive feeds", "section archive", "feeds archive section", "revisit feeds revisit", "feeds feeds feeds section",
)  # fmt: skip
"""README.md, docs/freshness.md, docs/deep-history.md and the timetable of docs/operations.md. `scrapy reparse` stores readings, which are not looked at: it may stand anywhere."""

_SIZES: Final = {
    "feeds": (3, 60),
    "section": (40, 300),
    "addresses": (40, 300),
    "archive": (40, 120),
    "revisit": (3, 60),
}
_LAST: Final = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
"""After every capture."""

_NEWEST: Final = 500
"""Of these the feeds name some."""


@attrs.frozen
class Folder:
    """What the ledger would hold: pages read by runs of the newspaper, and by those of the archive."""

    live: list[Seen] = attrs.field(factory=list)
    archived: list[Seen] = attrs.field(factory=list)

    def judged(self, command: str, pages: list[Seen]) -> list[str]:
        """What is said of a run that read these pages, which belong to the folder from now on."""
        before = self.archived if command == "archive" else self.live
        found = deviations([*before[-EARLIER:], *(attrs.evolve(one, ours=True) for one in pages)])
        before += pages
        return [str(one) for one in found]


_DESCRIPTION: Final = re.compile(r"<meta[^>]*(?:description)[^>]*>")


class Orders:
    """Runs over one newspaper. A page is read once in a way and kept. `silent`: its pages do not describe themselves, so that only feeds do."""

    def __init__(self, random: Random, seed: int, total: int, *, silent: bool) -> None:
        self.random, self.total, self.silent = random, total, silent
        self.paper = Newspaper(seed, total)
        self.archive = Archive(self.paper)
        self._read: dict[tuple[int, str], Seen] = {}

    def alarms(self, order: str) -> list[str]:
        """What is raised falsely when a new folder is filled in this order."""
        folder, met = Folder(), set[int]()
        said = []
        for command in order.split():
            numbers = self._numbers(command, met)
            met.update(numbers)
            found = folder.judged(command, [seen for number in numbers if (seen := self._seen(number, command))])
            said += [f"{order}: {command}, {len(numbers)} pages: {one}" for one in found[:1]]
        return said

    def _numbers(self, command: str, met: set[int]) -> list[int]:
        """Articles that a run of the command reads: none twice, but by a further look and from the archive."""
        newest = range(max(0, self.total - _NEWEST), self.total)
        # A revisit asks for what is stored and young; what it is judged by are the revisions among that.
        chosen = {"feeds": newest, "revisit": [one for one in newest if one in met]}.get(command, range(self.total))
        again = command in {"revisit", "archive"}
        free = [one for one in chosen if again or one not in met]
        return self.random.sample(free, min(len(free), self.random.randint(*_SIZES[command])))

    def _seen(self, number: int, command: str) -> Seen | None:
        # The ledger keeps what a feed said of a page: a further look has it too, where a feed had named it.
        how = command if command in {"feeds", "archive"} else "feeds" if command == "revisit" and number % 2 else "page"
        if (number, how) not in self._read:
            if (made := self._made(number, how)) is None:
                return None
            self._read[number, how] = made
        return self._read[number, how]

    def _made(self, number: int, how: str) -> Seen | None:
        article = editor.article(self.paper, number)
        truth = entry(article)["record"]
        if how != "archive":
            hint = Hint(parse_date(rss.date(article.stub.at)), rss.description(article)) if how != "page" else None
            return outcome(
                truth["url"], self._page(article_page(self.paper, article)), truth, ours=False, hint=hint
            ).seen
        captures = [one for one in self.archive.captures(number, _LAST) if one.status == 200]
        if not captures:
            return None
        return outcome(truth["url"], self._page(self.archive.page(captures[-1])), truth, ours=False).seen

    def _page(self, html: bytes) -> str:
        return _DESCRIPTION.sub("", html.decode()) if self.silent else html.decode()
