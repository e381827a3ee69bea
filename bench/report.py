"""The figures of a bench: rows for a table and for JSON, targets beside what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import attrs
from rich.table import Table

if TYPE_CHECKING:
    from rich.console import Console


@attrs.frozen
class Column:
    key: str
    """Key in a row."""

    title: str
    form: str = ""
    """Format of the value: `.1f`, `.1%`, …; a text is printed as it is."""

    better: Literal["less", "more"] | None = None
    """Which way the figure is better; only what has a way is compared with another commit."""

    unit: str = ""
    """Of such a figure, as `ms`; none of a share or a number."""

    names: bool = False
    """Whether its value, with those of other such columns, names the row; without any the first column does."""


@attrs.frozen(kw_only=True)
class Target:
    what: str
    measured: float
    limit: float
    at_most: bool = False
    """Whether `limit` is the largest good value; otherwise it is the smallest."""

    unit: str = ""

    @property
    def met(self) -> bool:
        return self.measured <= self.limit if self.at_most else self.measured >= self.limit

    def __str__(self) -> str:
        sign = "<=" if self.at_most else ">="
        return f"{self.what}: {self.measured:.2f}{self.unit}, target {sign} {self.limit:g}{self.unit}"


@attrs.frozen(kw_only=True)
class Report:
    name: str
    title: str
    columns: tuple[Column, ...]
    rows: list[dict[str, Any]]
    """One a line of the table; keys without a column stand in the JSON only."""

    targets: list[Target]
    notes: list[str]

    def as_json(self) -> dict[str, Any]:
        targets = [{**attrs.asdict(target), "met": target.met} for target in self.targets]
        return {"title": self.title, "rows": self.rows, "targets": targets, "notes": self.notes}


def show(report: Report, console: Console) -> None:
    """Print the table, the targets with `met` or `not met`, and the notes."""
    table = Table(title=report.title, title_justify="left", title_style="bold")
    for column in report.columns:
        table.add_column(column.title, justify="right" if column.form else "left")
    for row in report.rows:
        values = ((row.get(column.key), column.form) for column in report.columns)
        table.add_row(*("–" if value is None else format(value, form) for value, form in values))
    console.print(table)
    for target in report.targets:
        console.print("[green]met    [/]" if target.met else "[red]not met[/]", str(target), highlight=False)
    for note in report.notes:
        console.print(f"· {note}", style="dim", highlight=False, soft_wrap=True)
