"""What a re-reading has found, in numbers and in words."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import attrs
from rich import box
from rich.table import Table
from rich.text import Text

from sabah.archive.captures import CUT
from sabah.items import Image
from sabah.monitors.verdict import Verdict

if TYPE_CHECKING:
    from sabah.archive.captures import Captures
    from sabah.archive.rereading import Outcome

HASHES: Final = ("text_hash", "revision_hash")
"""Of other fields: they are counted where nothing else differs."""


@attrs.frozen
class Example:
    url: str
    before: object
    after: object


def differences(outcome: Outcome) -> dict[str, Example]:
    """By field; hashes only where nothing else differs."""
    record, before = outcome.record, outcome.before
    names = [one for one in outcome.changed if one not in HASHES] or outcome.changed
    return {
        name: Example(record.url, getattr(before, name), getattr(record, name)) for name in names if record is not None
    }


@attrs.define
class Tally:
    readings: int = 0
    """Revisions that read otherwise than last."""

    fields: Counter[str] = attrs.field(factory=Counter)
    """In how many of them a field differs."""

    examples: dict[str, Example] = attrs.field(factory=dict)
    """The first of each field."""

    unchanged: int = 0
    gained: int = 0
    """Pages that were refused and give a record now."""

    still_refused: int = 0
    no_longer: int = 0
    """Pages that gave a record and give none now; what is stored stands."""

    dropped: int = 0
    """Records that a pipeline of the user's does not want; what is stored stands."""

    failed: int = 0
    """Records over which a pipeline of the user's has failed; what is stored stands."""

    broken: int = 0
    """Snapshots or lines that could not be read."""

    overtaken: int = 0
    """Pages that were forgotten, or given another record, while they were read."""

    bare: int = 0
    """Revisions without a snapshot."""

    def count(self, outcome: Outcome, *, stored: bool = True) -> None:
        """`stored`: whether its record, if there is one, was what the dataset wanted still."""
        if outcome.overtaken or not stored:
            self.overtaken += 1
        elif outcome.broken is not None:
            self.broken += 1
        elif outcome.dropped is not None:
            self.dropped += 1
        elif outcome.fault is not None:
            self.failed += 1
        elif outcome.refused is not None:
            self.still_refused += outcome.refused_before
            self.no_longer += not outcome.refused_before
        elif outcome.record is None:
            self.unchanged += 1
        elif outcome.before is None:
            self.gained += 1
        else:
            self.readings += 1
            found = differences(outcome)
            self.fields.update(found.keys())
            for name, example in found.items():
                self.examples.setdefault(name, example)

    @property
    def read(self) -> int:
        """Pages read."""
        return self.readings + self.unchanged + self.gained + self.still_refused + self.no_longer + self.dropped + self.failed + self.broken + self.overtaken  # fmt: skip

    def verdict(self, ended: dict[str, str] | None = None, *, dry: bool = False) -> Verdict:
        """`ended`: why it did not come to its end, by verdict."""
        held = dict(ended or {})
        wrong = [
            said
            for number, said in (
                (self.failed, f"pipelines failed over {number_of(self.failed, 'page')}; what is stored stands"),
                (self.broken, f"{number_of(self.broken, 'page')} could not be read from the archive"),
                (self.no_longer, f"{number_of(self.no_longer, 'page')} gave a record once and give{'s' * (self.no_longer == 1)} none now; what is stored stands"),
            )
            if number
        ]  # fmt: skip
        if wrong:
            held["partial"] = ", ".join(wrong)
        return Verdict(held or {"ok" if self.readings or self.gained else "no_new": ""}, self._counts(dry=dry))

    def _counts(self, *, dry: bool) -> str:
        fields = ", ".join(f"{name} {number:,}" for name, number in self.fields.most_common())
        said = [
            f"{number_of(self.readings, 'reading')} {'to write' if dry else 'written'}"
            + (f" ({fields})" if fields else "")
        ]
        said += [f"{number_of(self.gained, 'article')} of pages once refused"] * (self.gained > 0)
        said += [f"{self.unchanged:,} unchanged", f"{self.no_longer:,} no longer read"]
        said += [f"{self.still_refused:,} still refused"] * (self.still_refused > 0)
        said += [f"{self.dropped:,} dropped"] * (self.dropped > 0)
        said += [f"{self.failed:,} failed"] * (self.failed > 0)
        said += [f"{self.broken:,} broken"] * (self.broken > 0)
        said += [f"{self.overtaken:,} changed meanwhile"] * (self.overtaken > 0)
        return ", ".join([*said, f"{self.bare:,} without snapshot"])

    def as_counts(self) -> dict[str, int]:
        """For the run's row in the ledger."""
        numbers = {name: value for name in attrs.fields_dict(Tally) if isinstance(value := getattr(self, name), int)}
        return {f"reparse/{name}": number for name, number in numbers.items()} | {
            f"reparse/readings/{name}": number for name, number in self.fields.items()
        }


def number_of(number: int, of: str) -> str:
    """`1 page`, `1,200 pages`."""
    return f"{number:,} {of}{'s' * (number != 1)}"


ARTICLES, REVISIONS, UNCHANGED, REFUSED, LEFT_OUT = "articles", "revisions", "unchanged", "refused", "left out"
DROPPED, FAILED = "dropped", "failed"
"""By pipelines of the user's."""

_STORED: Final = (ARTICLES, REVISIONS)
_READ: Final = (ARTICLES, REVISIONS, UNCHANGED, REFUSED, LEFT_OUT, DROPPED, FAILED)


@attrs.define
class ImportTally:
    captures: Captures
    counts: Counter[str] = attrs.field(factory=Counter)
    """Captures by what became of them: the names above; of those passed over, why (`sabah.storage.readings`)."""

    reasons: Counter[str] = attrs.field(factory=Counter)
    """Of those refused."""

    fields: Counter[str] = attrs.field(factory=Counter)
    """In how many revisions a field differs from the one before; counted without storing."""

    examples: dict[str, Example] = attrs.field(factory=dict)
    """The first of each field."""

    def differs(self, outcome: Outcome) -> None:
        """Counts a revision that would be stored."""
        found = differences(outcome)
        self.fields.update(found.keys())
        for name, example in found.items():
            self.examples.setdefault(name, example)

    def verdict(self, ended: dict[str, str] | None = None, *, dry: bool = False) -> Verdict:
        """`ended`: why it did not come to its end, by verdict."""
        held, read = dict(ended or {}), sum(self.counts[name] for name in _READ)
        if read and read == self.counts[REFUSED]:
            held["layout_changed"] = f"none of {read:,} pages gave a record ({self._most()})"
        broken, cut = self.captures.broken, self.captures.counts[CUT]
        if not (ended or self.captures.kept or cut):
            held["source_empty"] = "no page of an article is in the files"
        wrong = [f"{number_of(broken, 'broken record')} or stretch{'es' * (broken != 1)} in the files"] * (broken > 0)
        failed = self.counts[FAILED]
        wrong += [f"pipelines failed over {number_of(failed, 'page')}"] * (failed > 0)
        wrong += [f"{number_of(cut, 'capture')} cut short, not stored"] * (cut > 0)
        if wrong:
            held["partial"] = ", ".join(wrong)
        stored = any(self.counts[name] for name in _STORED)
        return Verdict(held or {"ok" if stored else "no_new": ""}, self._counts(dry=dry))

    def as_counts(self) -> dict[str, int]:
        """For the run's row in the ledger."""
        found = {**self.counts, **self.captures.counts, "broken": self.captures.broken}
        return {f"import/{name.replace(' ', '_')}": number for name, number in found.items() if number}

    def _counts(self, *, dry: bool) -> str:
        said = [
            f"{number_of(self.counts[name], name.removesuffix('s'))} {'to store' if dry else 'stored'}"
            for name in _STORED
        ]
        said += [f"{self.counts[UNCHANGED]:,} unchanged", f"{self.counts[REFUSED]:,} refused"]
        if self.reasons:
            said[-1] += f" ({self._most()})"
        others = [
            f"{number:,} {name}" for name, number in self.counts.most_common() if name not in _READ[:4] and number
        ]
        none = [f"{number:,} {name}" for name, number in self.captures.counts.most_common() if number]
        return "; ".join(", ".join(part) for part in (said, others, none) if part)

    def _most(self) -> str:
        """The commonest reason."""
        return self.reasons.most_common(1)[0][0]


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
