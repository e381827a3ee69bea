"""A web archive's captures of the newspaper: when each page was captured, under which spelling of its address, and with what answer."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import attrs

from replica import editor, pages
from replica.dice import Dice, spread
from replica.edition import Edition
from replica.timeline import LAST

if TYPE_CHECKING:
    from replica.newspaper import Newspaper

_ARCHIVE: Final = 400
_END: Final = dt.datetime(LAST.year, LAST.month, LAST.day, 21, tzinfo=dt.UTC)
"""The last capture of a newspaper without a clock."""
_ANSWERS: Final = spread(page=80, revisit=8, moved=6, refused=3, failed=3)
_SPELLINGS: Final = (
    *("https://www.dailysabah.com{path}",) * 9,
    *("http://www.dailysabah.com{path}",) * 3,
    "http://www.dailysabah.com:80{path}",
    "http://dailysabah.com{path}",
    "https://dailysabah.com{path}",
    "HTTP://WWW.DAILYSABAH.COM{path}",
    "https://www.DailySabah.com{path}/",
    "https://www.dailysabah.com{path}/amp",
    "https://www.dailysabah.com{path}/amp",
    "https://www.dailysabah.com{path}?utm_source=dlvr.it&utm_medium=twitter",
    "https://www.dailysabah.com{path}?gallery_image=2",
)


@attrs.frozen
class Capture:
    number: int
    """The article's."""
    at: dt.datetime
    """To the second, in UTC."""
    url: str
    """As it was captured."""
    status: int
    is_revisit: bool
    """Whether the index says of it only that it was the same as before."""
    version: int

    @property
    def time(self) -> str:
        """As index files write it: 14 digits."""
        return f"{self.at:%Y%m%d%H%M%S}"

    @property
    def is_amp(self) -> bool:
        return urlsplit(self.url).path.rstrip("/").endswith("/amp")


class Archive:
    """The captures of one newspaper; none is later than its clock."""

    def __init__(self, paper: Newspaper) -> None:
        self.paper = paper

    def captures(self, number: int, now: dt.datetime) -> list[Capture]:
        """Those of one article, oldest first; none of some."""
        dice, life = Dice(self.paper.seed, number, _ARCHIVE), self.paper.life
        is_live = life is not None and number >= life.backlog
        appeared, last = Edition(self.paper, now).appeared(number), now if life else _END
        path, found = self.paper.stub(number).path, []
        for _ in range(dice.pick((0, 1, 1, 2, 2, 3, 4))):
            hours = 1 + dice.below(12) if dice.chance(400) else 1 + dice.below(120 if is_live else 9000)
            at = appeared.astimezone(dt.UTC).replace(second=0) + dt.timedelta(hours=hours, seconds=dice.below(3600))
            url, answer = dice.pick(_SPELLINGS).format(path=path), dice.pick(_ANSWERS)
            edition = Edition(self.paper, at)
            if at <= last:
                found.append(_capture(edition, number, at, url, answer))
        return sorted(found, key=lambda one: (one.at, one.url))

    def find(self, url: str, time: str, now: dt.datetime) -> Capture | None:
        """The capture of an address (by the archive's key: scheme, www and port do not matter) nearest to a time; None for none."""
        wanted = key(url)
        path = urlsplit(url).path.rstrip("/")
        plain = path.removesuffix("/amp")
        number = self.paper.find(plain)
        every = self.captures(number, now) if number is not None else []
        same = [one for one in every if key(one.url) == wanted]
        asked = dt.datetime.strptime(time, "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC)
        return min(same, key=lambda one: abs(one.at - asked), default=None)

    def page(self, capture: Capture) -> bytes:
        """The captured bytes: the page of the version that was live then."""
        article = editor.article(self.paper, capture.number, capture.version)
        return (pages.amp_page if capture.is_amp else pages.article_page)(self.paper, article)


def key(url: str) -> str:
    """An address as indexes sort it: `com,dailysabah)/world/a-slug/news`."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    path = parts.path.rstrip("/").lower() or "/"
    query = "&".join(sorted(parts.query.lower().split("&")))
    return f"{','.join(reversed(host.split('.')))}){path}" + (f"?{query}" if query else "")


def _capture(edition: Edition, number: int, at: dt.datetime, url: str, answer: str) -> Capture:
    status = edition.status(number)
    if status == 200:
        status = {"moved": 301, "refused": 403, "failed": 503}.get(answer, 200)
    return Capture(number, at, url, status, answer == "revisit" and status == 200, edition.version(number))
