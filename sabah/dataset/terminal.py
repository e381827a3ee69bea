"""What commands that go through the whole dataset share at a terminal."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich import progress as rich_progress
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from sabah.configuration import project_dir

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rich.progress import Task

    Progress = Callable[[str, int, int], Any]
    """Called with what is being done, how much of it is, and of how much (0: not known)."""


def shown(path: Path) -> str:
    """Relative to the project, where it is in it."""
    return str(path.relative_to(project_dir())) if path.is_relative_to(project_dir()) else str(path)


class Rate(ProgressColumn):
    """How many a second of late."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed or 0:,.0f}/s")


@contextmanager
def bar(*, rate: bool = False) -> Iterator[Progress]:
    """A progress bar on stderr at a terminal; nothing elsewhere. With a `rate` it has that and the time left, too."""
    columns: list[ProgressColumn] = [
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    ]
    if rate:
        columns += [Rate(), TextColumn("left"), TimeRemainingColumn()]
    with rich_progress.Progress(
        *columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()
    ) as progress:
        task = progress.add_task("", total=None)
        yield lambda stage, done, total: progress.update(task, description=stage, completed=done, total=total or None)
