"""The charts of what the ledger knows."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import plotly.graph_objects as go

from sabah.dataset.report.columns import columns, named, ticks
from sabah.dataset.report.drawing import BLUE, COLOURS, Chart, figure, heat, label, short

if TYPE_CHECKING:
    from sabah.dataset.report.numbers import Numbers
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
