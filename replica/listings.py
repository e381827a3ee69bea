"""Home, section pages, author archives, day listings and search: which articles each shows."""

from __future__ import annotations

import datetime as dt
from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

import attrs

from replica import links, timeline
from replica import vocabulary as words
from replica.desks import DESKS
from replica.dice import Dice
from replica.edition import Edition
from replica.stubs import PERSONAS
from sabah.site.sections import TREE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from replica.model import Card, Stub
    from replica.newspaper import Newspaper

_LISTING: Final = 8
_ROWS: Final = 10
_MANY_ROWS: Final = 50
_KEYS: Final = ("query", "qsection", "qsubsection", "qlimit", "qsort")


@attrs.frozen
class Listing:
    path: str
    title: str
    query: str
    """Of its "view all" link."""
    cards: tuple[Card, ...]
    days: tuple[dt.date, ...]
    changed: dt.datetime
    """When it last changed, in UTC."""


@attrs.frozen
class Results:
    query: str
    count: int
    page: int
    last: int
    rows: tuple[Stub, ...]

    @property
    def pages(self) -> range:
        return range(max(1, self.page - 4), min(self.last, self.page + 4) + 1)


def shown(total: int) -> int:
    """How many cards a section page has: 30 of a grown newspaper, fewer of a small one, so that links lead further than listings."""
    return min(30, max(6, total // 160))


def paths(paper: Newspaper) -> Iterator[str]:
    """Every listing but the day listings."""
    yield "/"
    yield from dict.fromkeys(entry.listing for entry in TREE)
    yield from (f"/columns/{PERSONAS[persona]}/archive" for persona in sorted(paper.columns))


def listing(paper: Newspaper, path: str, now: dt.datetime | None = None) -> Listing | None:
    """The listing at a path (aliases of a section too) as it is at `now`; None for any other path."""
    parts, edition = path.strip("/").split("/"), Edition(paper, now)
    if path == "/":
        newest = edition.newest(range(paper.total), 2 * shown(paper.total))
        return _listing(edition, path, "Home", "query=", newest, lambda _: True)
    if len(parts) == 1:
        entries = [entry for entry in TREE if parts[0] == entry.slug or parts[0] in entry.aliases]
        if not entries:
            return None
        kind = "qsubsection" if entries[0].parent else "qsection"
        slug = entries[0].slug
        return _listing(
            edition,
            entries[0].listing,
            entries[0].name,
            f"{kind}={slug}",
            newest_of(edition, slug, shown(paper.total)),
            lambda number: stands_in(paper, number, slug),
        )
    if len(parts) == 3 and parts[0] == "columns" and parts[2] == "archive" and parts[1] in PERSONAS:
        persona = PERSONAS.index(parts[1])
        numbers = paper.columns.get(persona, array("I"))
        return _listing(
            edition,
            path,
            words.COLUMNISTS[persona],
            "qsubsection=columns",
            edition.newest(numbers, 30),
            lambda number: paper.stub(number).kind == "column" and paper.stub(number).columnist == persona,
        )
    return _day_listing(edition, path, parts)


def newest_of(edition: Edition, slug: str, count: int) -> list[int]:
    """Numbers of the latest articles of a section with its sub-sections, or of a sub-section wherever it stands."""
    desks = edition.paper.desks
    shelves = [desks[number] for number, desk in enumerate(DESKS) if slug in (desk.section, desk.subsection)]
    return sorted((number for shelf in shelves for number in edition.newest(shelf, count)), reverse=True)[:count]


def stands_in(paper: Newspaper, number: int, slug: str) -> bool:
    """Whether `newest_of` may name the article under that slug."""
    desk = DESKS[paper.stub(number).desk]
    return slug in (desk.section, desk.subsection)


def whole(paper: Newspaper, path: str, now: dt.datetime | None = None) -> list[tuple[Card, str]]:
    """Every card of a section's or sub-section's listing, newest first, with its day as printed; none for any other path."""
    entry = next((one for one in TREE if path.strip("/") == one.slug or path.strip("/") in one.aliases), None)
    if entry is None:
        return []
    edition = Edition(paper, now)
    stubs = [edition.stub(number) for number in newest_of(edition, entry.slug, paper.total)]
    dice = Dice(paper.seed, sum(path.encode()), _LISTING)
    return [(links.card(paper, stub, dice), timeline.printed_day(stub.at.date())) for stub in stubs]


def search(paper: Newspaper, query: dict[str, str], now: dt.datetime | None = None) -> Results:
    """Rows of a search by section, sub-section or words of the headline, newest first unless `qsort=oldest`."""
    edition = Edition(paper, now)
    size = _MANY_ROWS if query.get("qlimit") == "by_fifty" else _ROWS
    slug = query.get("qsubsection") or query.get("qsection")
    if slug:
        numbers = newest_of(edition, slug, paper.total)
    else:
        word = query.get("query", "").lower()
        numbers = [
            number for number in edition.newest(range(paper.total), 499) if word in paper.stub(number).headline.lower()
        ]
    if query.get("qsort") == "oldest":
        numbers.reverse()
    last = max(1, -(-len(numbers) // size))
    asked = query.get("pgno", "1")
    page = min(last, max(1, int(asked))) if asked.isdecimal() else 1
    rows = tuple(edition.stub(number) for number in numbers[(page - 1) * size : page * size])
    text = urlencode({key: value for key, value in query.items() if key in _KEYS})
    return Results(text, len(numbers), page, last, rows)


def _day_listing(edition: Edition, path: str, parts: list[str]) -> Listing | None:
    """`/{section}/{YYYY}/{MM}/{DD}`: all articles of that day."""
    paper = edition.paper
    if len(parts) != 4 or not all(part.isdecimal() for part in parts[1:]):
        return None
    try:
        day = dt.date(int(parts[1]), int(parts[2]), int(parts[3]))
    except ValueError:
        return None
    every = range(edition.count)
    first = bisect_left(every, day, key=paper.day)
    after = bisect_left(every, day + dt.timedelta(days=1), key=paper.day)
    of_section = [number for number in every[first:after] if paper.stub(number).path.startswith(f"/{parts[0]}/")]
    numbers = [number for number in of_section if edition.status(number) == 200]
    title, query = f"{parts[0]} {day:%d.%m.%Y}", f"query={day}"
    return _listing(edition, path, title, query, numbers, of_section.__contains__) if numbers else None


def _listing(
    edition: Edition, path: str, title: str, query: str, numbers: list[int], belongs: Callable[[int], bool]
) -> Listing:
    paper, stubs = edition.paper, [edition.stub(number) for number in numbers]
    dice = Dice(paper.seed, sum(path.encode()), _LISTING)
    return Listing(
        path,
        title,
        query,
        tuple(links.card(paper, stub, dice) for stub in stubs),
        tuple(stub.at.date() for stub in stubs),
        edition.changed(numbers, belongs),
    )
