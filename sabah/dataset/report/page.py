"""The report as one HTML file that needs nothing else: plotly's script is in it."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from sabah import __version__, clock
from sabah.dataset.report.charts import charts
from sabah.dataset.report.contents import read
from sabah.dataset.report.drawing import printed
from sabah.dataset.report.work import work
from sabah.storage.errors import reported
from sabah.storage.ledger import Ledger

if TYPE_CHECKING:
    from pathlib import Path

    from sabah.dataset.report.contents import Contents
    from sabah.dataset.report.numbers import Numbers
    from sabah.dataset.terminal import Progress

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
