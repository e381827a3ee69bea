"""Which articles an export has, as asked for on the command line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from sabah.configuration import CommandLineError
from sabah.items import KINDS, LAYOUTS
from sabah.normalize.keywords import parse_keywords
from sabah.site.selection import Window, parse_window
from sabah.spiders.arguments import SectionArguments, find_sections

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

REVISIONS: Final = ("latest", "all")
DUPLICATES: Final = ("flag", "keep", "drop")
OPTIONS: Final = ("since", "until", "section", "kind", "keyword", "layout")
"""What `given` may have."""

_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
"""What Python makes of bytes on the command line that are no UTF-8."""


@attrs.frozen(kw_only=True)
class Filters:
    """Everything that decides which lines are in, and what they say of duplicates. Empty means: all."""

    window: Window = attrs.Factory(Window)
    sections: SectionArguments | None = None
    kinds: tuple[str, ...] = ()
    keywords: frozenset[str] = frozenset()
    layouts: tuple[str, ...] = ()
    revisions: str = "latest"
    duplicates: str = "flag"
    given: Mapping[str, str] = attrs.field(factory=dict)
    """What was asked for, word by word; for the manifest."""

    def as_json(self) -> dict[str, Any]:
        return {**self.given, "revisions": self.revisions, "duplicates": self.duplicates}


def parse_filters(given: Mapping[str, str], revisions: str = "latest", duplicates: str = "flag") -> Filters:
    """Filters from options as given; names of sections as `crawl section` takes them, lists divided by commas.

    Raises CommandLineError (ArgumentError is made one by its caller).
    """
    for name, text in given.items():
        if _SURROGATE.search(text):
            raise CommandLineError(f"--{name} {text!r}: is not UTF-8")
    keywords = frozenset(parse_keywords([given["keyword"]])) if "keyword" in given else frozenset()
    if "keyword" in given and not keywords:
        raise CommandLineError("--keyword is empty: name one or more, divided by commas")
    return Filters(
        window=parse_window(given),
        sections=_sections(given["section"]) if "section" in given else None,
        kinds=some_of("kind", given.get("kind"), KINDS),
        keywords=keywords,
        layouts=some_of("layout", given.get("layout"), LAYOUTS),
        revisions=one_of("revisions", revisions, REVISIONS),
        duplicates=one_of("duplicates", duplicates, DUPLICATES),
        given=dict(given),
    )


def one_of(name: str, text: str, valid: Iterable[str]) -> str:
    """Raises CommandLineError for what is not valid."""
    if text not in valid:
        raise CommandLineError(f"--{name} {text!r}: must be {' or '.join(valid)}")
    return text


def some_of(name: str, text: str | None, valid: Iterable[str]) -> tuple[str, ...]:
    """The names divided by commas, without repeats; none where nothing was given. Raises CommandLineError."""
    if text is None:
        return ()
    asked = tuple(dict.fromkeys(one.strip() for one in text.split(",") if one.strip()))
    wrong = [one for one in asked if one not in valid]
    if wrong or not asked:
        raise CommandLineError(f"--{name} {(wrong or [text])[0]!r}: must be of {', '.join(valid)}")
    return asked


def _sections(text: str) -> SectionArguments:
    found = find_sections(text)
    if not found:
        raise CommandLineError("--section is empty: name one or more, divided by commas")
    return SectionArguments(sections=tuple(dict.fromkeys(entry for entries in found.values() for entry in entries)))
