"""Spider arguments (`-a NAME=VALUE`): read and checked before anything is asked of anyone."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypedDict

import attrs

from sabah.configuration import RENDER_MODES, whole_number
from sabah.site.addresses import parse_address
from sabah.site.sections import FEEDS, TREE, Feed, Section, children, find, find_feed, names
from sabah.site.selection import ArgumentError, Window, parse_window

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

COMMON: Final = ("since", "until", "limit", "render")
OF_SECTION: Final = ("sections", "related", "scope")
OF_FEEDS: Final = ("feeds", "related")
OF_ADDRESSES: Final = ("file", "url", "origin")
ORIGINS: Final = ("site", "archive")

JOB: Final = "_job"
"""Scrapyd adds its job id to the arguments of every spider under this name: a run that has it is a job."""

SCOPES: Final = ("site", "section")


@attrs.frozen(kw_only=True)
class Arguments:
    """What every spider takes."""

    window: Window = attrs.Factory(Window)
    limit: int | None = None
    """Articles to store before the crawl is complete."""

    render: str | None = None
    """Instead of the setting RENDER."""

    @property
    def archive(self) -> bool:
        """Whether pages come from the web archive, and not from the newspaper."""
        return False


class _Common(TypedDict):
    """What Arguments are made with."""

    window: Window
    limit: int | None
    render: str | None


@attrs.frozen(kw_only=True)
class SectionArguments(Arguments):
    sections: tuple[Section, ...]
    """What was asked for, without the sub-sections that come with a section."""

    ambiguous: tuple[str, ...] = ()
    """Names given that stand under two sections; both are in `sections`."""

    related: int = 1
    within: bool = False
    """`scope=section`: articles outside the chosen sections are counted, not fetched."""

    @property
    def listings(self) -> tuple[str, ...]:
        """Paths of the listings of the chosen sections and their sub-sections, without repeats."""
        return tuple(dict.fromkeys(entry.listing for entry in self._entries))

    @property
    def _entries(self) -> list[Section]:
        return [entry for chosen in self.sections for entry in (chosen, *_below(chosen))]

    def is_of_one_section(self, listing: str) -> bool:
        """Whether every article on the listing at this path is meant by whoever asks for it."""
        return len({entry.parent for entry in TREE if entry.listing == listing}) < 2

    def meant(self, listing: str, section: str | None) -> bool:
        """Whether an article of `section` on the listing at this path was asked for.

        A sub-section that stands under two sections has one listing for both: asked for under one, the other's articles are not meant.
        """
        under = {entry.parent for entry in TREE if entry.listing == listing}
        chosen = {entry.parent for entry in self._entries if entry.listing == listing}
        return section not in under - chosen

    def covers(self, section: str | None, subsection: str | None) -> bool:
        """Whether an article of this place belongs to the chosen sections.

        An old address that does not say which of two sections its sub-section stood under belongs to either.
        """
        if section is None:
            return any(subsection == entry.slug for entry in self._entries)
        return any(
            section == chosen.slug if chosen.parent is None else (section, subsection) == (chosen.parent, chosen.slug)
            for chosen in self.sections
        )


@attrs.frozen(kw_only=True)
class AddressArguments(Arguments):
    file: str | None = None
    """Path of a file with one address a line; `-` is standard input."""

    url: str | None = None
    """One address, canonical."""

    origin: str = attrs.field(default=ORIGINS[0], metadata={"later": True})
    """`archive`: the captures of the web archive in place of the live pages."""

    @property
    def archive(self) -> bool:
        return self.origin == "archive"


@attrs.frozen(kw_only=True)
class FeedArguments(Arguments):
    feeds: tuple[Feed, ...] = FEEDS
    related: int = 0


def parse_section_arguments(given: Mapping[str, str]) -> SectionArguments:
    """The arguments of the section spider. Raises ArgumentError."""
    _refuse_unknown(given, (*OF_SECTION, *COMMON))
    if not given.get("sections", "").strip(" ,"):
        raise ArgumentError(f"sections is missing: -a sections=NAME[,NAME…] with all, {', '.join(names())}")
    found = find_sections(given["sections"])
    scope = given.get("scope", SCOPES[0])
    if scope not in SCOPES:
        raise ArgumentError(f"scope={scope!r}: must be {' or '.join(SCOPES)}")
    return SectionArguments(
        **_common(given),
        sections=tuple(dict.fromkeys(entry for entries in found.values() for entry in entries)),
        ambiguous=tuple(name for name, entries in found.items() if 1 < len(entries) < len(TREE)),
        related=_number("related", given.get("related", "1"), least=0),
        within=scope == "section",
    )


def parse_address_arguments(given: Mapping[str, str]) -> AddressArguments:
    """The arguments of the addresses spider; the file must be there, its lines are not looked at. Raises ArgumentError."""
    _refuse_unknown(given, (*OF_ADDRESSES, *COMMON))
    file, url = given.get("file"), given.get("url")
    origin = given.get("origin", ORIGINS[0])
    if origin not in ORIGINS:
        raise ArgumentError(f"origin={origin!r}: must be {' or '.join(ORIGINS)}")
    if bool(file) == bool(url):
        raise ArgumentError("give either -a file=FILE (one address a line, - for standard input) or -a url=ADDRESS")
    if url:
        address = parse_address(url)
        if address is None or not address.is_article:
            raise ArgumentError(f"url={url!r}: must be the address of an article on https://www.dailysabah.com/")
        return AddressArguments(**_common(given), url=address.canonical, origin=origin)
    if file != "-":
        _refuse_unreadable(Path(str(file)))
    return AddressArguments(**_common(given), file=file, origin=origin)


def find_sections(names: str) -> dict[str, tuple[Section, ...]]:
    """What each of the names, divided by commas, means. Raises ArgumentError."""
    return {name.strip(): _find(name.strip()) for name in names.split(",") if name.strip()}


def parse_feed_arguments(given: Mapping[str, str]) -> FeedArguments:
    """The arguments of the feeds spider. Raises ArgumentError."""
    _refuse_unknown(given, (*OF_FEEDS, *COMMON))
    asked = [name.strip() for name in given.get("feeds", "all").split(",") if name.strip()]
    if not asked:
        raise ArgumentError(f"feeds is empty: -a feeds=NAME[,NAME…] with all, {_feed_names()}")
    found = [feed for name in asked for feed in _find_feeds(name)]
    return FeedArguments(
        **_common(given),
        feeds=tuple(dict.fromkeys(found)),
        related=_number("related", given.get("related", "0"), least=0),
    )


def _find_feeds(name: str) -> tuple[Feed, ...]:
    if name.casefold() == "all":
        return FEEDS
    if feed := find_feed(name):
        return (feed,)
    if find(name):
        raise ArgumentError(f"no feed of {name!r} is known; there are all, {_feed_names()}")
    valid = [feed.name for feed in FEEDS]
    raise ArgumentError(f"unknown feed {name!r}{_meant(name, valid)}; valid are all, {_feed_names()}")


def _feed_names() -> str:
    return ", ".join(feed.name for feed in FEEDS)


def parse_revisit_arguments(given: Mapping[str, str]) -> Arguments:
    """The arguments of the revisit spider. Raises ArgumentError."""
    _refuse_unknown(given, COMMON)
    return Arguments(**_common(given))


def _refuse_unknown(given: Mapping[str, str], valid: Iterable[str]) -> None:
    valid = tuple(valid)
    for name in given:
        if name not in valid and name != JOB:
            raise ArgumentError(f"unknown argument {name!r}{_meant(name, valid)}; valid are {', '.join(valid)}")


def _refuse_unreadable(path: Path) -> None:
    """A device has no end, and a pipe waits for whoever writes into it."""
    try:
        is_file = path.is_file()
        if is_file or path.is_dir() or not path.exists():
            with path.open("rb") as file:
                file.read(1)  # a folder, and some files of the system, can be opened and not read
    except (OSError, ValueError) as error:  # the latter for a name with a zero in it
        raise ArgumentError(
            f"file={str(path)!r}: cannot be read ({getattr(error, 'strerror', None) or error})"
        ) from error
    if not is_file:
        raise ArgumentError(f"file={str(path)!r}: is no regular file; - reads standard input")


def _find(name: str) -> tuple[Section, ...]:
    found = TREE if name.casefold() == "all" else find(name)
    if not found:
        raise ArgumentError(f"unknown section {name!r}{_meant(name, names())}; valid are all, {', '.join(names())}")
    return found


def _below(chosen: Section) -> tuple[Section, ...]:
    return children(chosen.slug) if chosen.parent is None else ()


def _meant(name: str, valid: Iterable[str]) -> str:
    close = get_close_matches(name.casefold(), list(valid), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _number(name: str, text: str, *, least: int) -> int:
    try:
        return whole_number(text, least=least)
    except ValueError as error:
        raise ArgumentError(f"{name}={text!r}: {error}") from error


def _common(given: Mapping[str, str]) -> _Common:
    return {"window": parse_window(given), "limit": _limit(given), "render": _render(given)}


def _limit(given: Mapping[str, str]) -> int | None:
    return _number("limit", given["limit"], least=1) if "limit" in given else None


def _render(given: Mapping[str, str]) -> str | None:
    mode = given.get("render")
    if mode is not None and mode not in RENDER_MODES:
        raise ArgumentError(f"render={mode!r}: must be {', '.join(RENDER_MODES[:-1])} or {RENDER_MODES[-1]}")
    return mode
