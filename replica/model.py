"""What the newspaper knows of an article before anything is rendered. Truth and pages are two readers of it.

What a page has by the dozen is a NamedTuple, which is made in a third of the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import attrs

if TYPE_CHECKING:
    import datetime as dt

SITE: Final = "https://www.dailysabah.com"


@attrs.frozen(kw_only=True)
class Stub:
    """As much of an article as a card shows; cheap to make."""

    number: int
    kind: str
    desk: int
    section: str | None
    subsection: str | None
    path: str
    headline: str
    at: dt.datetime
    """Printed date and time, without zone."""

    layout: str
    text_of: int
    """Number of the article whose text it repeats; its own for nearly all."""

    near: bool
    """A near-twin: the text of `text_of` with a changed headline and one more paragraph, a different article."""

    columnist: int
    """Number of the persona of a column."""

    @property
    def url(self) -> str:
        return SITE + self.path

    @property
    def is_opinion(self) -> bool:
        return self.kind in ("column", "op-ed", "editorial", "readers-corner")


class Link(NamedTuple):
    """A link as printed, and the canonical article address it means; None for a link to anything else."""

    href: str
    address: str | None
    dead: bool = False


class Run(NamedTuple):
    """A stretch of a paragraph under one inline tag; `mark` is empty for plain text."""

    text: str
    mark: str = ""
    link: Link | None = None


class Block(NamedTuple):
    tag: str
    """`p`, `h2`, `h3` or `li`."""

    runs: tuple[Run, ...]

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@attrs.frozen
class Picture:
    url: str
    caption: str | None
    credit: str | None
    alt: str
    """As a reader would see it: caption, then the credit in brackets."""

    lazy: bool
    twice_escaped: bool
    printed: str | None = None
    """What is printed below it where that is more than the `alt` says."""


class Card(NamedTuple):
    headline: str
    topic: str
    picture: Picture | None
    image_link: Link
    link: Link


@attrs.frozen
class Byline:
    printed: str
    authors: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class JsonLd:
    """A JSON-LD block; only form `article` is a valid one of an article type."""

    form: str
    published: str
    modified: str | None
    keywords: tuple[str, ...]
    author: Byline | None


@attrs.frozen(kw_only=True)
class Meta:
    """What the head says. Every value is as printed, and some are wrong where the page prints a better one."""

    description: str | None = None
    og_description: str | None = None
    keywords: tuple[str, ...] = ()
    news_keywords: tuple[str, ...] = ()
    published: str | None = None
    modified: str | None = None
    published_time: str | None = None
    author: Byline | None = None
    identifier: str | None = None
    named: bool = True
    """Dates, keywords and author as `meta[name=…]`."""

    twins: bool = False
    """The same as `meta[itemprop=…]`."""

    json_ld: JsonLd | None = None


@attrs.frozen(kw_only=True)
class Article:
    stub: Stub
    standfirst: str | None
    byline: Byline | None
    city: str | None
    published_raw: str | None
    """The date printed at the top; None where the page prints none (generic layout)."""

    modified: dt.datetime | None
    """Printed last update; None where none is printed."""

    modified_raw: str | None
    blocks: tuple[Block, ...]
    keywords: tuple[str, ...]
    """Of the printed KEYWORDS block, as printed; empty where there is no block."""

    hero: Picture | None
    pictures: tuple[tuple[int, Picture], ...]
    """Pictures inside the body, each with the number of the block it follows."""

    videos: tuple[str, ...]
    recommended: tuple[tuple[Card, ...], tuple[Card, ...]]
    """Cards of the boxes before and after the text."""

    cards: tuple[Card, ...]
    most_read: tuple[tuple[str, Link], ...]
    meta: Meta
    aliases: tuple[str, ...]
    """Paths that answer 301 to this article."""

    served_as: tuple[str, ...]
    """Paths that answer 200 with this article's page."""

    same_text_as: str | None
    """Address of the article with the same headline and text."""

    amp_damaged: bool
    """The AMP page's caption shows a damaged escape (`Diu015fli`)."""
