"""What a re-reading has found, in numbers and in words."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import attrs

from sabah.verdict import Verdict

if TYPE_CHECKING:
    from sabah.rereading.reader import Outcome

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
