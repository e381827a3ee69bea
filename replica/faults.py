"""Which answers go wrong. Every rule names a fault, the paths it strikes, and how often."""

from __future__ import annotations

import zlib
from collections import Counter
from fnmatch import fnmatchcase
from typing import Any, Final

import attrs

from replica.dice import Dice

INSTEAD: Final = frozenset({"retry-after-429", "burst-503", "ban-403", "challenge-200", "dropped", "redirect-loop", "robots-5xx", "feed-empty", "feed-html", "feed-broken"})  # fmt: skip
"""Faults that send something else than the answer; the others spoil its body and leave answers without one alone."""
NAMES: Final = INSTEAD | {"slow", "truncated", "cut", "broken-chunked", "wrong-charset", "gzip-error"}
_PATHS: Final = {"robots-5xx": "/robots.txt", "feed-empty": "/rss*", "feed-html": "/rss*", "feed-broken": "/rss*"}
_BURST: Final = {"burst-503": 5}
_RETRY: Final = {"retry-after-429": 2.0}
_FAULTS: Final = 300
_FORMS: Final = ("seconds", "date")


class FaultError(ValueError):
    """What is wrong with a rule, in one line."""


@attrs.define(kw_only=True)
class Rule:
    fault: str
    paths: str
    """A glob over the path; `*` matches slashes too."""
    share: float
    """Of the answers; by seed, path and how often the path was asked, so the same requests meet the same faults."""
    count: int | None
    """How many answers it strikes before it is used up."""
    burst: int
    """How many answers in a row it strikes once it does."""
    retry_after: float | None
    """Seconds, for 429 and 503."""
    form: str
    """How Retry-After is written: `seconds` or `date`."""
    seconds: float
    """How long a slow body takes."""
    variant: int | None
    """Which of a fault's forms is sent; None: one after the other."""
    hits: int = 0
    _left: int = 0
    _asked: Counter[str] = attrs.field(factory=Counter)

    def strikes(self, seed: int, path: str) -> bool:
        """Whether it strikes this answer, which counts as one."""
        if not fnmatchcase(path, self.paths) or (self.count is not None and self.hits >= self.count):
            return False
        self._asked[path] += 1
        if not self._left and self._chosen(seed, path):
            self._left = self.burst
        if not self._left:
            return False
        self._left -= 1
        self.hits += 1
        return True

    def state(self) -> dict[str, Any]:
        """As `/_faults` answers."""
        return {field.name: getattr(self, field.name) for field in attrs.fields(Rule) if not field.name.startswith("_")}

    def _chosen(self, seed: int, path: str) -> bool:
        turn = 0 if self.fault == "redirect-loop" else self._asked[path]  # a loop has no way out
        plain = path.rstrip("/") if self.fault == "redirect-loop" else path
        key = zlib.crc32(f"{self.fault} {plain}".encode())
        return Dice(seed, key, _FAULTS + turn).chance(round(self.share * 1000))


class Faults:
    """The rules in force; the first that strikes an answer spoils it."""

    def __init__(self, seed: int, rules: list[Rule]) -> None:
        self.seed = seed
        self.rules = rules

    def choose(self, path: str, *, has_body: bool) -> Rule | None:
        """The rule that strikes an answer; None for a good one."""
        able = (rule for rule in self.rules if has_body or rule.fault in INSTEAD)
        return next((rule for rule in able if rule.strikes(self.seed, path)), None)


def rule(given: Any) -> Rule:
    """A rule from its JSON form; only `fault` is needed. FaultError for anything that is none."""
    if not isinstance(given, dict) or given.get("fault") not in NAMES:
        raise FaultError(f"{given!r}: a fault is one of {', '.join(sorted(NAMES))}")
    name = given["fault"]
    allowed = {"fault", "paths", "share", "count", "burst", "retry_after", "form", "seconds", "variant"}
    if unknown := given.keys() - allowed:
        raise FaultError(f"{name}: unknown {', '.join(sorted(unknown))}; known are {', '.join(sorted(allowed))}")
    paths, form = given.get("paths", _PATHS.get(name, "*")), given.get("form", "seconds")
    if not isinstance(paths, str) or form not in _FORMS:
        raise FaultError(f"{name}: paths must be a glob and form seconds or date")
    retry_after = given.get("retry_after", _RETRY.get(name))
    return Rule(
        fault=name,
        paths=paths,
        share=_number(given, "share", 1.0, 0, 1),
        count=int(_number(given, "count", 0, 1, 10**9)) if given.get("count") is not None else None,
        burst=int(_number(given, "burst", _BURST.get(name, 1), 1, 10**9)),
        retry_after=None if retry_after is None else _number({"retry_after": retry_after}, "retry_after", 0, 0, 10**6),
        form=form,
        seconds=_number(given, "seconds", 3.0, 0, 3600),
        variant=int(_number(given, "variant", 0, 0, 99)) if given.get("variant") is not None else None,
    )


def parse(text: str) -> Rule:
    """A rule from the option's form `NAME[=VALUE][@PATHGLOB]`: a VALUE with a point is a share, a whole number a count."""
    head, at, paths = text.partition("@")
    name, equals, value = head.partition("=")
    given: dict[str, Any] = {"fault": name}
    if at:
        given["paths"] = paths
    if equals:
        try:
            given["share" if "." in value else "count"] = float(value) if "." in value else int(value)
        except ValueError as error:
            raise FaultError(f"{text!r}: {value!r} is neither a share like 0.1 nor a count like 3") from error
    return rule(given)


def _number(given: dict[str, Any], key: str, default: float, least: float, most: float) -> float:
    found = given.get(key, default)
    if isinstance(found, bool) or not isinstance(found, int | float) or not least <= found <= most:
        raise FaultError(f"{key} {found!r}: must be a number from {least:g} to {most:g}")
    return found
