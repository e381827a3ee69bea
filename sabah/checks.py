"""Validators of the record's fields. Their error names the field and the value, and says what is valid."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d\Z")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


def refuse(attribute: attrs.Attribute[Any], value: object, valid: str) -> None:
    raise ValueError(f"{attribute.name}={value!r}: must be {valid}")


def text(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        refuse(attribute, value, "a text that is not empty")


def count(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        refuse(attribute, value, "a whole number from 0")


def texts(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        refuse(attribute, value, "a list of texts")


def words(*valid: str) -> Callable[[Any, attrs.Attribute[Any], Any], None]:
    """Some of `valid`, each at most once."""

    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if not isinstance(value, list) or not set(map(str, value)) <= set(valid) or len(set(value)) < len(value):
            refuse(attribute, value, "a list of some of these, each once: " + ", ".join(valid))

    return check


def matches(pattern: re.Pattern[str], valid: str) -> Callable[[Any, attrs.Attribute[Any], Any], None]:
    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if not isinstance(value, str) or not pattern.match(value):
            refuse(attribute, value, valid)

    return check


def one_of(*valid: str) -> Callable[[Any, attrs.Attribute[Any], Any], None]:
    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if value not in valid:
            refuse(attribute, value, "one of " + ", ".join(valid))

    return check


def choice(*valid: str, **settings: Any) -> Any:
    """A field that holds one of `valid`, and says so in the JSON Schema; with `default=None` also null."""
    optional = "default" in settings and settings["default"] is None
    check = one_of(*valid)
    return attrs.field(
        validator=maybe(check) if optional else check,
        metadata={"json_schema_extra": {"enum": [*valid, None] if optional else list(valid)}},
        **settings,
    )


timestamp = matches(_TIMESTAMP, "ISO 8601 with seconds and offset, like 2021-09-14T10:51:00+03:00")
digest = matches(_DIGEST, "a SHA-256 in 64 hexadecimal digits")
address = matches(re.compile(r"https?://[^\s/]+/"), "an absolute http(s) address")
maybe = attrs.validators.optional
