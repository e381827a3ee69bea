"""The charts of what only the records know."""

from __future__ import annotations

from collections import Counter
from heapq import nsmallest
from typing import TYPE_CHECKING, Any, Final

import plotly.graph_objects as go

from sabah.dataset.report.contents import COVERED
from sabah.dataset.report.drawing import COLOURS, Chart, figure, heat, label, short
from sabah.items import SOURCES

if TYPE_CHECKING:
    from sabah.dataset.report.contents import Contents

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
