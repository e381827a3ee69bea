"""What became of the captures in WARC files of others, in numbers and in words."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import attrs

from sabah.rereading.captures import CUT
from sabah.rereading.tally import differences, number_of
from sabah.verdict import Verdict

if TYPE_CHECKING:
    from sabah.rereading.captures import Captures
    from sabah.rereading.reader import Outcome
    from sabah.rereading.tally import Example

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
