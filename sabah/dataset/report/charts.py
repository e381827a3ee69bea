"""The charts of a report, drawn by plotly, each with the table of what it shows."""

from __future__ import annotations

import html
from collections import Counter
from datetime import date, datetime
from heapq import nsmallest
from math import sqrt
from typing import TYPE_CHECKING, Any, Final

import attrs
import plotly.graph_objects as go

from sabah.dataset.report.numbers import COVERED
from sabah.items import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sabah.dataset.report.numbers import Contents, Numbers
    from sabah.storage.summary import Run

_BREAKS: Final = " Where more than two years have nothing, one empty column stands for them."


def months(numbers: Numbers) -> Chart:
    sections = sorted(numbers.months, key=lambda name: -sum(numbers.months[name].values()))
    months = columns(month for counts in numbers.months.values() for month in counts)
    z = [[numbers.months[section].get(month or "") for month in months] for section in sections]
    hover = [
        [f"{label(section or 'none')}, {named(month)}: {count:,} articles" if month and count else "" for month, count in zip(months, row, strict=True)]
        for section, row in zip(sections, z, strict=True)
    ]  # fmt: skip
    drawn, least = heat(z, ticks(months), hover, cell=12)
    rows: list[list[Any]] = [
        [section or "none", month, count]
        for section in sections
        for month, count in sorted(numbers.months[section].items())
    ]
    return Chart(
        "months",
        "Articles by month and section",
        "By date of publication." + _BREAKS * (None in months),
        drawn,
        ("section", "month", "articles"),
        rows,
        [short(section or "none") for section in sections],
        least,
        newest_last=True,
    )


def freshness(numbers: Numbers) -> Chart:
    ages = list(numbers.ages.items()) if any(numbers.ages.values()) else []
    bars = go.Bar(
        x=[name for name, _ in ages],
        y=[count for _, count in ages],
        marker_color=BLUE,
        hovertemplate="%{x}: %{y:,}<extra></extra>",
    )
    return Chart(
        "freshness",
        "Freshness",
        "How long after its publication an article was first stored.",
        figure(bars),
        ("after", "articles"),
        ages,
    )


def newest(numbers: Numbers) -> Chart:
    rows = [[section or "none", count, published or "", stored] for section, count, published, stored in numbers.newest]
    return Chart(
        "newest",
        "Sections",
        "What each holds, and how new it is.",
        None,
        ("section", "articles", "published last", "stored last"),
        rows,
    )


def gaps(numbers: Numbers) -> Chart:
    rows = [[gap.first, gap.days, gap.section or "all", gap.articles, gap.usual] for gap in numbers.gaps]
    note = (
        "Days of the newspaper, and weeks of a section, with less than a quarter of what is usual around them."
        if rows
        else "None: no day or week has less than a quarter of what is usual around it."
    )
    return Chart("gaps", "Gaps", note, None, ("from", "days", "section", "articles", "usual"), rows)


def revisions(numbers: Numbers) -> Chart:
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
        figure(bars, height=260, xaxis={"type": "category"}),
        ("revisions", "articles"),
        rows,
    )


def changes(numbers: Numbers) -> Chart:
    counts = {month: found for month, *found in numbers.changes}
    months = columns(counts)
    x = list(range(len(months)))
    below = ticks(months)
    bars = [
        go.Bar(
            name=name,
            x=x,
            y=[counts.get(month or "", (0, 0, 0))[column] for month in months],
            marker_color=COLOURS[column],
            customdata=[named(month) if month else "" for month in months],
            hovertemplate="%{customdata}: %{y:,} %{fullData.name}<extra></extra>",
        )
        for column, name in enumerate(("changes", "withdrawals", "moved to"))
    ]
    return Chart(
        "changes",
        "Changes, withdrawals and moves",
        "By the month in which they were seen." + _BREAKS * (None in months),
        figure(
            *bars,
            barmode="stack",
            height=260,
            xaxis={"tickvals": list(below), "ticktext": list(below.values()), "tickangle": 0, "showgrid": False},
        ),
        ("month", "changes", "withdrawals", "moved to another address"),
        numbers.changes,
    )


def verdicts(numbers: Numbers) -> Chart:
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


def speed(numbers: Numbers) -> Chart:
    rows: list[list[Any]] = [
        [run.crawl_id, run.verdict or "", round(rate, 2)] for run in numbers.runs if (rate := _rate(run)) is not None
    ]
    bars = go.Bar(
        x=[label(row[0]) for row in rows], y=[row[2] for row in rows], marker_color=[BLUE if row[1] in ("ok", "no_new") else COLOURS[3] for row in rows],
        hovertext=[label(row[1]) for row in rows], hovertemplate="%{x}: %{y} pages/s, %{hovertext}<extra></extra>",
    )  # fmt: skip
    drawn = figure(bars, height=260, xaxis={"type": "category", "showticklabels": False})
    return Chart(
        "speed",
        "Speed of the last runs",
        "Pages a second; red where the run was not ok.",
        drawn,
        ("run", "verdict", "pages a second"),
        rows,
    )


def _rate(run: Run) -> float | None:
    if run.ended_at is None:
        return None
    seconds = (datetime.fromisoformat(run.ended_at) - datetime.fromisoformat(run.started_at)).total_seconds()
    return float(run.pages / seconds) if seconds > 0 else None


TOP: Final = 12


def coverage(contents: Contents) -> Chart:
    layouts = sorted(contents.records, key=lambda name: -contents.records[name])
    shares = [[contents.covered[layout, name] / contents.records[layout] for name in COVERED] for layout in layouts]
    hover = [
        [f"{label(layout)}, {name}: {share:.1%}" for name, share in zip(COVERED, row, strict=True)]
        for layout, row in zip(layouts, shares, strict=True)
    ]
    text = [[f"{share:.0%}" for share in row] for row in shares]
    drawn, least = heat(shares, dict(enumerate(COVERED)), hover, cell=38, text=text, bottom=84, zmax=1)
    rows: list[list[Any]] = [
        [layout, name, contents.covered[layout, name], contents.records[layout]]
        for layout in layouts
        for name in COVERED
    ]
    return Chart(
        "coverage",
        "Field coverage by layout",
        "Share of records that have the field.",
        drawn,
        ("layout", "field", "records with it", "records"),
        rows,
        [short(layout) for layout in layouts],
        least,
    )


def sources(contents: Contents) -> Chart:
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
        figure(*bars, barmode="stack", height=360),
        ("field", "source", "records"),
        rows,
    )


def duplicates(contents: Contents) -> Chart:
    sections = sorted(contents.copies | contents.alike, key=lambda name: (-contents.alike[name], name))
    bars = [
        go.Bar(
            name=name,
            x=[label(section or "none") for section in sections],
            y=[counts[section] for section in sections],
            marker_color=colour,
            hovertemplate="%{x}, %{fullData.name}: %{y:,}<extra></extra>",
        )
        for name, counts, colour in zip(
            ("copies", "near-duplicates"), (contents.copies, contents.alike), COLOURS, strict=False
        )
    ]
    return Chart(
        "duplicates",
        "Duplicates",
        "Copies have a text that another address published before; near-duplicates stand in a group of articles whose bodies are alike, or the same.",
        figure(*bars, height=280),
        ("section", "copies", "near-duplicates"),
        [[section or "none", contents.copies[section], contents.alike[section]] for section in sections],
    )


def groups(contents: Contents) -> Chart:
    equal = [("equal", copies + 1, url) for url, copies in contents.groups.items()]
    alike = [("alike", cluster.size, cluster.url) for cluster in contents.clusters.values()]
    rows = [row for found in (equal, alike) for row in nsmallest(TOP, found, key=lambda row: (-row[1], row[2]))]
    return Chart(
        "groups",
        "Largest groups of duplicates",
        "With the address that published first.",
        None,
        ("texts", "articles", "published first"),
        rows,
    )


def over_time(id_: str, title: str, counts: Counter[tuple[str, str]]) -> Chart:
    total: Counter[str] = Counter()
    for (value, _), count in counts.items():
        total[value] += count
    top = [value for value, _ in sorted(total.items(), key=lambda one: (-one[1], one[0]))[:TOP]]
    years = sorted({year for _, year in counts})
    z = [[counts[value, year] or None for year in years] for value in top]
    hover = [
        [f"{label(value)}, {year}: {count:,}" if count else "" for year, count in zip(years, row, strict=True)]
        for value, row in zip(top, z, strict=True)
    ]
    text = [[f"{count:,}" if count else "" for count in row] for row in z]
    drawn, least = heat(z, dict(enumerate(years)), hover, cell=44, text=text)
    rows = [[value, year, counts[value, year]] for value in top for year in years if counts[value, year]]
    return Chart(
        id_,
        title,
        f"The {TOP} most frequent, by year of publication.",
        drawn,
        (id_, "year", "articles"),
        rows,
        [short(value) for value in top],
        least,
        newest_last=True,
    )


def charts(numbers: Numbers, contents: Contents) -> list[Chart]:
    """In the order of the page."""
    return [
        months(numbers),
        freshness(numbers),
        newest(numbers),
        gaps(numbers),
        coverage(contents),
        sources(contents),
        revisions(numbers),
        changes(numbers),
        duplicates(contents),
        groups(contents),
        over_time("keywords", "Keywords over time", contents.keywords),
        over_time("agencies", "Agencies over time", contents.agencies),
        verdicts(numbers),
        speed(numbers),
    ]


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


BREAK: Final = 24
"""Months without anything that are drawn as one empty column: a date that is wrong by centuries must not stretch a chart."""

_APART: Final = 12
"""Columns between two texts below them at least."""


def columns(months: Iterable[str]) -> list[str | None]:
    """From the first month (`2021-09`) to the last, each of them once, in order; None where `BREAK` and more are left out."""
    found: list[str | None] = []
    last = None
    for month in sorted(set(months)):
        at = _number(month)
        if last is not None and at - last > BREAK:
            found.append(None)
        elif last is not None:
            found += [_month(one) for one in range(last + 1, at)]
        found.append(month)
        last = at
    return found


def ticks(months: Sequence[str | None]) -> dict[int, str]:
    """Texts below columns: the first, those after a break, and Januaries, where there is room."""
    found: dict[int, str] = {}
    for place, month in enumerate(months):
        begins = place == 0 or months[place - 1] is None
        if month and (begins or month.endswith("-01")):
            if begins and found and place - max(found) < _APART:
                del found[max(found)]
            if not found or place - max(found) >= _APART:
                found[place] = named(month)
    return found


def named(month: str) -> str:
    """`Sep 2021`."""
    return f"{date.fromisoformat(f'{month}-01'):%b} {month[:4]}"


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1


def _month(number: int) -> str:
    return f"{number // 12:04}-{number % 12 + 1:02}"
