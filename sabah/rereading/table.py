"""What a re-reading would change, as a table for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs
from rich import box
from rich.table import Table
from rich.text import Text

from sabah.items import Image

if TYPE_CHECKING:
    from sabah.rereading.import_tally import ImportTally
    from sabah.rereading.tally import Tally

AROUND: Final = 20
"""Characters shown before the first that differs."""

WIDTH: Final = 60
"""Characters shown of a value."""


def table(tally: Tally | ImportTally) -> Table:
    """A row for each field that would change: how often, and one example, cut to where the two values begin to differ."""
    made = Table(box=box.SIMPLE_HEAD)
    for name, justify in (("field", "left"), ("readings", "right"), ("example: was", "left"), ("would be", "left")):
        made.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for name, number in tally.fields.most_common():
        one = tally.examples[name]
        before, after = cut(shown(one.before), shown(one.after))
        made.add_row(Text(name), Text(f"{number:,}"), Text(before), Text(after))
    return made


def addresses(tally: Tally | ImportTally) -> list[str]:
    """A line for each article that an example is of: the fields, and its address, which a table would cut."""
    fields: dict[str, list[str]] = {}
    for name, one in tally.examples.items():
        fields.setdefault(shown(one.url), []).append(name)
    return [f"{', '.join(names)}: {url}" for url, names in fields.items()]


def shown(value: Any) -> str:
    """A value of a record on one line, without anything that a terminal would obey."""
    if isinstance(value, list):
        value = "[" + ", ".join(shown(attrs.asdict(one) if isinstance(one, Image) else one) for one in value) + "]"
    elif isinstance(value, dict):
        value = ", ".join(f"{name}: {shown(one)}" for name, one in value.items())
    text = "null" if value is None else " ".join(str(value).split())
    return "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in text)


def cut(before: str, after: str) -> tuple[str, str]:
    """The two texts from a little before the first difference on, at most WIDTH characters."""
    same = next((place for place, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), None)
    start = max(0, (min(len(before), len(after)) if same is None else same) - AROUND)
    return _cut(before, start), _cut(after, start)


def _cut(text: str, start: int) -> str:
    part = text[start : start + WIDTH]
    return ("…" if start else "") + part + ("…" if start + WIDTH < len(text) else "")
