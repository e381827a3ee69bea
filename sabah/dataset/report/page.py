"""The report as one HTML file that needs nothing else: plotly's script is in it."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, Final

import jinja2
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from sabah import __version__, clock
from sabah.dataset.report.charts import charts, printed
from sabah.dataset.report.numbers import read
from sabah.storage.errors import reported
from sabah.storage.ledger import Ledger
from sabah.storage.locks import Lock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sabah.dataset.report.numbers import Contents, Numbers
    from sabah.dataset.terminal import Progress

PREFIX: Final = ".report-"
_LOCK: Final = "lock"


@contextmanager
def work(output: Path) -> Iterator[Path]:
    """An empty folder in `output`; those of dead processes are removed, others' stay. Raises StorageError."""
    with reported(output), Lock(output / "locks" / "report.lock"):
        for left in output.glob(f"{PREFIX}*"):
            lock = Lock.take(left / _LOCK)
            if lock is not None:
                with lock:
                    shutil.rmtree(left)
        folder = Path(mkdtemp(prefix=PREFIX, dir=output))
        lock = Lock(folder / _LOCK)
    try:
        yield folder
    finally:
        with reported(folder), Lock(output / "locks" / "report.lock"):
            shutil.rmtree(folder)
            lock.release()


NAME = "report.html"


def report(output: Path, progress: Progress) -> Path:
    """Writes the report of the dataset in `output` and gives its path; it replaces the last one at once. Raises StorageError."""
    Ledger.read(output).close()  # where there is none, no folder is made
    target = output / NAME
    with work(output) as folder:
        text = page(*read(output, folder, progress))
        with reported(target):
            partial = folder / NAME
            partial.write_text(text, "utf-8", errors="replace")
            partial.replace(target)
    return target


def page(known: Numbers, found: Contents) -> str:
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["plain"] = _plain
    template = environment.from_string(files("sabah.dataset.report").joinpath("page.html").read_text("utf-8"))
    drawn = charts(known, found)
    figures = {chart.id: json.loads(chart.figure.to_json()) for chart in drawn if chart.figure is not None}
    return template.render(
        totals=_totals(known, found),
        charts=drawn,
        figures=Markup(_json(figures)),  # noqa: S704 - nothing in it can end its element
        plotly=Markup(get_plotlyjs()),  # noqa: S704 - plotly's own script
        made=clock.timestamp(),
        version=__version__,
    )


def _totals(known: Numbers, found: Contents) -> list[tuple[str, str, int]]:
    summary = known.summary
    return [
        ("articles", "articles", summary.articles),
        ("lines", "revisions stored", summary.revisions),
        ("withdrawn", "withdrawn", known.withdrawn),
        ("moved", "moved to another address", known.moved),
        ("duplicates", "duplicates", found.duplicates),
        ("alike", "near-duplicates", sum(found.alike.values())),
        ("refusals", "pages refused", summary.refusals),
        ("pending", "addresses pending", summary.states["pending"]),
    ]


def _json(value: Any) -> str:
    """JSON inside a script element, which nothing in it can end."""
    return json.dumps(value, ensure_ascii=True).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _plain(value: object) -> str:
    """A cell's text."""
    return f"{value:,}" if isinstance(value, int) else printed(str(value))
