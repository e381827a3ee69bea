"""What the charts of a report share: how they look, how large they are, and texts that stay texts."""

from __future__ import annotations

import html
from math import sqrt
from typing import TYPE_CHECKING, Any, Final

import attrs
import plotly.graph_objects as go

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BLUE: Final = "#3b7dd8"
COLOURS: Final = (
    BLUE,
    "#e07b39",
    "#3a9d6e",
    "#c2554f",
    "#8a6fc9",
    "#b59a2c",
    "#4aa3b5",
    "#d06fa6",
    "#7c8a97",
    "#9bbf4b",
)
"""Told apart in light and dark."""

ROW: Final = 28
"""Pixels of a row of a heat map, as page.html has them."""

_SCALE: Final = [[0, "rgba(59,125,216,0.2)"], [1, "rgba(59,125,216,1)"]]
_SIDE: Final = 26
"""Pixels left and right of the columns, where half the text below the first and last is."""


@attrs.frozen
class Chart:
    id: str
    title: str
    note: str
    figure: go.Figure | None
    """None where there is nothing to draw."""

    head: Sequence[str]
    rows: Sequence[Sequence[Any]]
    labels: Sequence[str] = ()
    """Of the rows of a heat map, in HTML beside it: they stay where they are when it is scrolled."""

    least: int = 0
    """Pixels that the drawing needs on a phone, and two fifths of them elsewhere; in a narrower window it is scrolled."""

    newest_last: bool = False
    """Scrolled to its end at first."""


def label(text: str, most: int = 40) -> str:
    """A text of the site as plotly prints it literally: it takes some HTML, and reads entities."""
    return html.escape(short(text, most), quote=False)


def short(text: str, most: int = 40) -> str:
    shown = printed(text)
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def printed(text: str) -> str:
    """A text in which what does not print is a replacement character."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)


def figure(*traces: Any, height: int = 320, **layout: Any) -> go.Figure | None:
    """None where every trace is empty."""
    if not any(len(trace.z if trace.type == "heatmap" else trace.y) for trace in traces):
        return None
    made = go.Figure(list(traces))
    made.update_layout(
        template="none", height=height, paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)", legend={"orientation": "h", "y": -0.2},
        bargap=0.35, hoverlabel={"namelength": -1}, dragmode=False, **{"margin": {"l": 8, "r": 8, "t": 8, "b": 8}, **layout},
    )  # fmt: skip
    made.update_xaxes(automargin=not layout.get("margin"), fixedrange=True, zeroline=False)
    made.update_yaxes(automargin=not layout.get("margin"), fixedrange=True, zeroline=False)
    return made


def heat(
    z: Sequence[Sequence[float | None]],
    ticks: Mapping[int, str],
    hover: Sequence[Sequence[str]],
    *,
    cell: int,
    text: Sequence[Sequence[str]] | None = None,
    bottom: int = 28,
    **more: Any,
) -> tuple[go.Figure | None, int]:
    """A heat map of rows and columns by number, so that texts that look alike are not taken for one; and its least width, `cell` pixels a column.

    Colours go by the square root: one busy month must not make all others blank. `ticks` are the texts below, by column.
    """
    columns = len(z[0]) if z else 0
    trace = go.Heatmap(
        z=[[None if one is None else sqrt(one) for one in row] for row in z], customdata=hover, colorscale=_SCALE, zmin=0, xgap=1, ygap=1,
        showscale=False, hoverongaps=False, hovertemplate="%{customdata}<extra></extra>",
        **({"text": text, "texttemplate": "%{text}"} if text else {}), **more,
    )  # fmt: skip
    made = figure(
        trace, height=ROW * len(z) + bottom, margin={"l": _SIDE, "r": _SIDE, "t": 0, "b": bottom},
        xaxis={"tickvals": list(ticks), "ticktext": list(ticks.values()), "showgrid": False, "range": [-0.5, columns - 0.5], "tickangle": -90 if bottom > 40 else 0},
        yaxis={"visible": False, "range": [len(z) - 0.5, -0.5]},
    )  # fmt: skip
    return made, cell * columns + 2 * _SIDE
