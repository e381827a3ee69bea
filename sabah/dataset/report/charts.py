"""The charts of a report, drawn by plotly, each with the table of what it shows."""

from __future__ import annotations

import html
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import attrs
import plotly.graph_objects as go

from sabah.dataset.report.contents import COVERED
from sabah.items import SOURCES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sabah.dataset.report.contents import Contents
    from sabah.dataset.report.numbers import Numbers
    from sabah.storage.summary import Run

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

_SCALE: Final = [[0, "rgba(59,125,216,0.06)"], [0.25, "rgba(59,125,216,0.35)"], [1, "rgba(59,125,216,1)"]]
TOP: Final = 12


@attrs.frozen
class Chart:
    id: str
    title: str
    note: str
    figure: go.Figure | None
    """None where there is nothing to draw."""

    head: Sequence[str]
    rows: Sequence[Sequence[Any]]


def charts(numbers: Numbers, contents: Contents) -> list[Chart]:
    return [
        _months(numbers), _freshness(numbers), _newest(numbers), _gaps(numbers), _coverage(contents), _sources(contents), _revisions(numbers),
        _changes(numbers), _over_time("keywords", "Keywords over time", contents.keywords), _over_time("agencies", "Agencies over time", contents.agencies),
        _verdicts(numbers), _speed(numbers),
    ]  # fmt: skip


def label(text: str, most: int = 40) -> str:
    """A text of the site as plotly prints it literally: it takes some HTML, and reads entities."""
    shown = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)
    return html.escape(shown if len(shown) <= most else shown[: most - 1] + "…", quote=False)


def _figure(*traces: Any, height: int = 320, **layout: Any) -> go.Figure | None:
    if not any(len(trace.z if trace.type == "heatmap" else trace.y) for trace in traces):
        return None
    figure = go.Figure(list(traces))
    figure.update_layout(
        template="none", height=height, margin={"l": 8, "r": 8, "t": 8, "b": 8}, paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "y": -0.2}, bargap=0.35, hoverlabel={"namelength": -1}, dragmode=False, **layout,
    )  # fmt: skip
    figure.update_xaxes(automargin=True, fixedrange=True, zeroline=False)
    figure.update_yaxes(automargin=True, fixedrange=True, zeroline=False)
    return figure


def _months(numbers: Numbers) -> Chart:
    sections = sorted(numbers.months, key=lambda name: -sum(numbers.months[name].values()))
    found = sorted({month for counts in numbers.months.values() for month in counts})
    months = _between(found[0], found[-1]) if found else []
    z = [[numbers.months[section].get(month, 0) or None for month in months] for section in sections]
    heat = go.Heatmap(
        x=[f"{month}-01" for month in months], y=[label(one or "none") for one in sections], z=z, colorscale=_SCALE, xgap=1, ygap=1, showscale=False,
        hovertemplate="%{y}, %{x|%b %Y}: %{z:,} articles<extra></extra>",
    )  # fmt: skip
    rows: list[list[Any]] = [
        [section or "none", month, count]
        for section in sections
        for month, count in sorted(numbers.months[section].items())
    ]
    figure = _figure(
        heat, height=max(200, 60 + 28 * len(sections)), yaxis={"autorange": "reversed"}, xaxis={"type": "date"}
    )
    return Chart(
        "months",
        "Articles by month and section",
        "By date of publication.",
        figure,
        ("section", "month", "articles"),
        rows,
    )


def _between(first: str, last: str) -> list[str]:
    year, month = map(int, first.split("-"))
    found = []
    while (at := f"{year:04}-{month:02}") <= last:
        found.append(at)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return found


def _freshness(numbers: Numbers) -> Chart:
    bars = go.Bar(
        x=list(numbers.ages),
        y=list(numbers.ages.values()),
        marker_color=BLUE,
        hovertemplate="%{x}: %{y:,}<extra></extra>",
    )
    return Chart(
        "freshness",
        "Freshness",
        "How long after its publication an article was first stored.",
        _figure(bars),
        ("after", "articles"),
        list(numbers.ages.items()),
    )


def _newest(numbers: Numbers) -> Chart:
    rows = [[section or "none", count, published, stored] for section, count, published, stored in numbers.newest]
    return Chart(
        "newest",
        "Sections",
        "What each holds, and how new it is.",
        None,
        ("section", "articles", "published last", "stored last"),
        rows,
    )


def _gaps(numbers: Numbers) -> Chart:
    rows = [[gap.first, gap.days, gap.section or "all", gap.articles, gap.usual] for gap in numbers.gaps]
    note = (
        "Days of the newspaper, and weeks of a section, with less than a quarter of what is usual around them."
        if rows
        else "None: no day or week has less than a quarter of what is usual around it."
    )
    return Chart("gaps", "Gaps", note, None, ("from", "days", "section", "articles", "usual"), rows)


def _coverage(contents: Contents) -> Chart:
    layouts = sorted(contents.records, key=lambda name: -contents.records[name])
    shares = [[contents.covered[layout, name] / contents.records[layout] for name in COVERED] for layout in layouts]
    heat = go.Heatmap(
        x=list(COVERED), y=layouts, z=shares, zmin=0, zmax=1, colorscale=_SCALE, xgap=2, ygap=2, showscale=False, texttemplate="%{z:.0%}",
        hovertemplate="%{y}, %{x}: %{z:.1%}<extra></extra>",
    )  # fmt: skip
    rows: list[list[Any]] = [
        [layout, name, contents.covered[layout, name], contents.records[layout]]
        for layout in layouts
        for name in COVERED
    ]
    figure = _figure(heat, height=max(200, 90 + 44 * len(layouts)), yaxis={"type": "category", "autorange": "reversed"})
    return Chart(
        "coverage",
        "Field coverage by layout",
        "Share of records that have the field.",
        figure,
        ("layout", "field", "records with it", "records"),
        rows,
    )


def _sources(contents: Contents) -> Chart:
    names = sorted({name for name, _ in contents.sources})
    bars = [
        go.Bar(
            name=source, y=names, x=[contents.sources[name, source] for name in names], orientation="h", marker_color=colour,
            hovertemplate="%{y} from %{fullData.name}: %{x:,}<extra></extra>",
        )
        for source, colour in zip(SOURCES, COLOURS, strict=False)
        if any(contents.sources[name, source] for name in names)
    ]  # fmt: skip
    rows = [[name, source, count] for (name, source), count in sorted(contents.sources.items())]
    return Chart(
        "sources",
        "Where fields were read",
        "By source in the page.",
        _figure(*bars, barmode="stack", height=360),
        ("field", "source", "records"),
        rows,
    )


def _revisions(numbers: Numbers) -> Chart:
    rows = [[str(revisions), count] for revisions, count in numbers.revisions.items()]
    bars = go.Bar(
        x=[row[0] for row in rows],
        y=[row[1] for row in rows],
        marker_color=BLUE,
        hovertemplate="%{x} revisions: %{y:,} articles<extra></extra>",
    )
    return Chart(
        "revisions",
        "Revisions",
        "Articles by how many revisions they have.",
        _figure(bars, height=260, xaxis={"type": "category"}),
        ("revisions", "articles"),
        rows,
    )


def _changes(numbers: Numbers) -> Chart:
    months = [f"{row[0]}-01" for row in numbers.changes]
    bars = [
        go.Bar(
            name=name,
            x=months,
            y=[row[column] for row in numbers.changes],
            marker_color=COLOURS[column - 1],
            hovertemplate="%{x|%b %Y}: %{y:,} %{fullData.name}<extra></extra>",
        )
        for column, name in ((1, "changes"), (2, "withdrawals"))
    ]
    return Chart(
        "changes",
        "Changes and withdrawals",
        "By the month in which they were seen.",
        _figure(*bars, barmode="stack", height=260),
        ("month", "changes", "withdrawals"),
        numbers.changes,
    )


def _over_time(id_: str, title: str, counts: Counter[tuple[str, str]]) -> Chart:
    total: Counter[str] = Counter()
    for (value, _), count in counts.items():
        total[value] += count
    top = [value for value, _ in sorted(total.items(), key=lambda one: (-one[1], one[0]))[:TOP]]
    years = sorted({year for _, year in counts})
    heat = go.Heatmap(
        x=years, y=[label(one) for one in top], z=[[counts[value, year] or None for year in years] for value in top], colorscale=_SCALE, xgap=2, ygap=2,
        showscale=False, texttemplate="%{z:,}", hovertemplate="%{y}, %{x}: %{z:,}<extra></extra>",
    )  # fmt: skip
    rows = [[value, year, counts[value, year]] for value in top for year in years if counts[value, year]]
    figure = _figure(
        heat,
        height=max(200, 60 + 28 * len(top)),
        xaxis={"type": "category"},
        yaxis={"type": "category", "autorange": "reversed"},
    )
    return Chart(
        id_, title, f"The {TOP} most frequent, by year of publication.", figure, (id_, "year", "articles"), rows
    )


def _verdicts(numbers: Numbers) -> Chart:
    rows: list[list[Any]] = [
        [run.crawl_id, run.spider, run.started_at, run.pages, run.articles, run.verdict or "", run.reason or ""]
        for run in numbers.runs
    ]
    return Chart(
        "verdicts",
        "Last runs",
        "Oldest first.",
        None,
        ("run", "spider", "started", "pages", "articles", "verdict", "reason"),
        rows,
    )


def _speed(numbers: Numbers) -> Chart:
    rows: list[list[Any]] = [
        [run.crawl_id, run.verdict or "", round(rate, 2)] for run in numbers.runs if (rate := _rate(run)) is not None
    ]
    bars = go.Bar(
        x=[label(row[0]) for row in rows], y=[row[2] for row in rows], marker_color=[BLUE if row[1] in ("ok", "no_new") else COLOURS[3] for row in rows],
        hovertext=[label(row[1]) for row in rows], hovertemplate="%{x}: %{y} pages/s, %{hovertext}<extra></extra>",
    )  # fmt: skip
    figure = _figure(bars, height=260, xaxis={"type": "category", "showticklabels": False})
    return Chart(
        "speed",
        "Speed of the last runs",
        "Pages a second; red where the run was not ok.",
        figure,
        ("run", "verdict", "pages a second"),
        rows,
    )


def _rate(run: Run) -> float | None:
    if run.ended_at is None:
        return None
    seconds = (datetime.fromisoformat(run.ended_at) - datetime.fromisoformat(run.started_at)).total_seconds()
    return float(run.pages / seconds) if seconds > 0 else None
