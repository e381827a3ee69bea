"""The charts of a report, drawn by plotly, each with the table of what it shows."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from heapq import nsmallest
from typing import TYPE_CHECKING, Any, Final

import plotly.graph_objects as go

from sabah.dataset.report.columns import columns, named, ticks
from sabah.dataset.report.contents import COVERED
from sabah.dataset.report.drawing import BLUE, COLOURS, Chart, figure, heat, label, short
from sabah.items import SOURCES

if TYPE_CHECKING:
    from sabah.dataset.report.contents import Contents
    from sabah.dataset.report.numbers import Numbers
    from sabah.storage.summary import Run

TOP: Final = 12
_BREAKS: Final = " Where more than two years have nothing, one empty column stands for them."


def charts(numbers: Numbers, contents: Contents) -> list[Chart]:
    return [
        _months(numbers), _freshness(numbers), _newest(numbers), _gaps(numbers), _coverage(contents), _sources(contents), _revisions(numbers),
        _changes(numbers), _duplicates(contents), _groups(contents), _over_time("keywords", "Keywords over time", contents.keywords), _over_time("agencies", "Agencies over time", contents.agencies),
        _verdicts(numbers), _speed(numbers),
    ]  # fmt: skip


def _months(numbers: Numbers) -> Chart:
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


def _freshness(numbers: Numbers) -> Chart:
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


def _newest(numbers: Numbers) -> Chart:
    rows = [[section or "none", count, published or "", stored] for section, count, published, stored in numbers.newest]
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
        figure(*bars, barmode="stack", height=360),
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
        figure(bars, height=260, xaxis={"type": "category"}),
        ("revisions", "articles"),
        rows,
    )


def _changes(numbers: Numbers) -> Chart:
    counts = {month: found for month, *found in numbers.changes}
    months = columns(counts)
    x = list(range(len(months)))
    below = ticks(months)
    bars = [
        go.Bar(
            name=name,
            x=x,
            y=[counts.get(month or "", (0, 0))[column] for month in months],
            marker_color=COLOURS[column],
            customdata=[named(month) if month else "" for month in months],
            hovertemplate="%{customdata}: %{y:,} %{fullData.name}<extra></extra>",
        )
        for column, name in enumerate(("changes", "withdrawals"))
    ]
    return Chart(
        "changes",
        "Changes and withdrawals",
        "By the month in which they were seen." + _BREAKS * (None in months),
        figure(
            *bars,
            barmode="stack",
            height=260,
            xaxis={"tickvals": list(below), "ticktext": list(below.values()), "tickangle": 0, "showgrid": False},
        ),
        ("month", "changes", "withdrawals"),
        numbers.changes,
    )


def _duplicates(contents: Contents) -> Chart:
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


def _groups(contents: Contents) -> Chart:
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


def _over_time(id_: str, title: str, counts: Counter[tuple[str, str]]) -> Chart:
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
