"""The charts of a report, drawn by plotly, each with the table of what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sabah.dataset.report import charts_of_contents as records
from sabah.dataset.report import charts_of_numbers as ledger

if TYPE_CHECKING:
    from sabah.dataset.report.contents import Contents
    from sabah.dataset.report.drawing import Chart
    from sabah.dataset.report.numbers import Numbers


def charts(numbers: Numbers, contents: Contents) -> list[Chart]:
    """In the order of the page."""
    return [
        ledger.months(numbers),
        ledger.freshness(numbers),
        ledger.newest(numbers),
        ledger.gaps(numbers),
        records.coverage(contents),
        records.sources(contents),
        ledger.revisions(numbers),
        ledger.changes(numbers),
        records.duplicates(contents),
        records.groups(contents),
        records.over_time("keywords", "Keywords over time", contents.keywords),
        records.over_time("agencies", "Agencies over time", contents.agencies),
        ledger.verdicts(numbers),
        ledger.speed(numbers),
    ]
