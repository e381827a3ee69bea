"""Figures of the present state as ratios to those of an older commit, by rounds that alternate."""

from __future__ import annotations

import importlib
import json
import math
import sys
import tempfile
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import attrs
from rich.table import Table

from bench.trees import PRESENT, Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.console import Console

    from bench.report import Column

    Rows = list[dict[str, Any]]
    """As the report of a bench has them."""

    Measure = Callable[[Tree, Tree], tuple[Rows, Rows]]
    """One round in both checkouts, the present one first."""

ROUNDS: Final = 5
NOTES: Final = (
    "then, now: medians of the rounds, which alternate: now, then, now, then …; now / then: median of the rounds' own ratios, spread: the lowest and the highest of them",
    "times as good: the same ratio turned so that above 1 today is better, whichever way the figure goes; bold where all rounds agree",
)


@attrs.frozen(kw_only=True)
class Figure:
    """A figure of both states, a value a round."""

    row: str
    column: Column
    now: list[float]
    then: list[float]

    @property
    def ratios(self) -> list[float]:
        """Of the rounds, now / then; equal values are 1, also two zeros, and anything over zero is infinite."""
        return [_ratio(now, then) for now, then in zip(self.now, self.then, strict=True)]

    @property
    def times_as_good(self) -> float:
        """Above 1 where now is better."""
        ratio = median(self.ratios)
        return ratio if self.column.better == "more" else _ratio(1, ratio)

    @property
    def agreed(self) -> bool:
        """Whether all rounds say that it changed, and in one direction."""
        return min(self.ratios) > 1 or max(self.ratios) < 1

    def as_json(self) -> dict[str, Any]:
        """Its name, `row/key`, does not change from one commit to the next. What is infinite is null."""
        numbers = {
            "ratio": median(self.ratios),
            "lowest": min(self.ratios),
            "highest": max(self.ratios),
            "times_as_good": self.times_as_good,
        }
        return {
            "figure": f"{self.row}/{self.column.key}", "unit": self.column.unit, "better": self.column.better, "now": self.now, "then": self.then,
            **{key: value if math.isfinite(value) else None for key, value in numbers.items()},
        }  # fmt: skip


@attrs.frozen(kw_only=True)
class Comparison:
    name: str
    figures: list[Figure]
    missing: list[str]
    """Figures that one of the states does not have, in any round, each with the state: `sabah: x parse (not always measured: 674f7d44e994)`."""


def compare(name: str, then: Tree, *, rounds: int = ROUNDS, quick: bool = False, now: Tree = PRESENT) -> Comparison:
    """Rounds of a bench, now and then in turns. Raises RuntimeError when it fails in one of the two."""
    module = importlib.import_module(f"bench.{name}")
    own: Callable[..., AbstractContextManager[Measure]] | None = getattr(module, "measuring", None)
    columns: Sequence[Column] = module.COLUMNS
    found: list[tuple[Rows, Rows]] = []
    with own(quick=quick) if own else whole(name, quick=quick) as measure:
        for number in range(1, rounds + 1):
            print(f"{name}: round {number} of {rounds}", file=sys.stderr)
            found.append(measure(now, then))
    return figures(name, columns, found, then)


def figures(
    name: str,
    columns: Sequence[Column],
    rounds: Sequence[tuple[Rows, Rows]],
    then: Tree,
) -> Comparison:
    """What the rows of all rounds, of now and of then, say of the columns that have a direction."""
    named = [tuple({_label(columns, row): row for row in rows} for rows in both) for both in rounds]
    found, missing = [], []
    for label in dict.fromkeys(label for both in named for rows in both for label in rows):
        for column in (one for one in columns if one.better):
            values: list[list[Any]] = [[rows.get(label, {}).get(column.key) for rows in both] for both in named]
            if all(one is None for both in values for one in both):
                continue  # a reader that gives no keywords
            if lacking := [
                name for side, name in enumerate(("now", then.name)) if any(both[side] is None for both in values)
            ]:
                missing.append(f"{label}: {column.title} (not always measured: {' and '.join(lacking)})")
                continue
            found.append(
                Figure(row=label, column=column, now=[one for one, _ in values], then=[two for _, two in values])
            )
    return Comparison(name=name, figures=found, missing=missing)


def in_turns(measured: Callable[[Tree], Rows]) -> Measure:
    """A round by what measures one checkout: the one, then the other."""
    return lambda now, then: (measured(now), measured(then))


@contextmanager
def whole(name: str, *, quick: bool) -> Iterator[Measure]:
    """Rounds of a bench that has no `measuring`: each state's own bench as a whole, `python -m bench NAME --json FILE`."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "figures.json"

        def measured(tree: Tree) -> Rows:
            tree.run("-m", "bench", name, *(["--quick"] if quick else []), "--json", file)
            rows: Rows = json.loads(file.read_text())["benches"][name]["rows"]
            return rows

        yield in_turns(measured)


def crawled(tree: Tree, crawler: str, origin: str) -> dict[str, Any]:
    """What `bench.crawling.Run` holds of one crawl by a checkout's own crawler, as `bench.durable:ON`."""
    with tempfile.TemporaryDirectory() as folder:
        printed = tree.run("-P", Path(__file__).with_name("one_crawl.py"), crawler, origin, folder)
    run: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return run


def show(comparison: Comparison, then: str, console: Console) -> None:
    """Print the table of ratios, and a line for each figure that one of the states lacks."""
    table = Table(title=f"{comparison.name}: now against {then}", title_justify="left", title_style="bold")
    for title in ("", "figure", "then", "now", "now / then", "spread", "better is", "times as good"):
        table.add_column(title, justify="left" if title in ("", "figure", "better is") else "right")
    for one in comparison.figures:
        good = f"{one.times_as_good:.3f}"
        table.add_row(
            one.row, one.column.title, _value(one, one.then), _value(one, one.now), f"{median(one.ratios):.3f}",
            f"{min(one.ratios):.3f} to {max(one.ratios):.3f}", str(one.column.better), f"[bold]{good}[/]" if one.agreed else good,
        )  # fmt: skip
    console.print(table)
    for missing in comparison.missing:
        console.print(f"· no ratio: {missing}", style="dim", highlight=False, soft_wrap=True)


def _label(columns: Sequence[Column], row: dict[str, Any]) -> str:
    """What names a row: texts as they are, numbers with what they count."""
    naming = [(one, row.get(one.key)) for one in columns if one.names] or [(columns[0], row.get(columns[0].key))]
    return ", ".join(
        value if isinstance(value, str) else f"{column.title} {format(value, column.form)}"
        for column, value in naming
        if value is not None
    )


def _ratio(one: float, other: float) -> float:
    if one == other:
        return 1.0
    return one / other if other else math.inf


def _value(figure: Figure, values: list[float]) -> str:
    form, value = figure.column.form, median(values)
    text = f"{value:g}" if form.endswith("d") else format(value, form)
    in_title = figure.column.unit and figure.column.unit not in figure.column.title.split()
    return f"{text} {figure.column.unit}" if in_title else text
