"""The soak's own eye: each kind of growth is seen, and what stays as documented is not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest

from tests import growth
from tests.growth import MB, Measured

START = dt.datetime(2026, 5, 31, tzinfo=dt.UTC)
STORED = ("articles/20260531T000000Z-1a2b3c.jsonl", "snapshots/20260531T000000Z-1a2b3c.warc.gz")
STILL = Measured(
    at=START, articles=100, lines=100, pages=100, runs=50, running=0, storing=2, segments=400_000, snapshots=2_000_000,
    ledger=400_000, exports=0, logs=0, files=(*STORED, "ledger.sqlite", "locks/ledger.lock"), logged={"feeds": 24},
    scrapyd=4, resident=70 * MB, descriptors=14, peaks={"feeds": 120 * MB},
)  # fmt: skip


def day(**change: Any) -> list[Measured]:
    """Hours that are alike but for what `change` makes of an hour's number."""
    hours = [attrs.evolve(STILL, at=START + dt.timedelta(hours=hour)) for hour in range(25)]
    return [attrs.evolve(one, **{name: of(hour) for name, of in change.items()}) for hour, one in enumerate(hours)]


def test_what_stays_is_no_growth() -> None:
    assert growth.beyond(day(), [(STILL, STILL)], to_keep=24) == []
    noise = {"resident": lambda hour: (70 + hour % 2) * MB, "descriptors": lambda hour: 13 + hour % 3}
    assert growth.beyond(day(**noise), [], to_keep=24) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"resident": lambda hour: 70 * MB + hour * MB // 3}, "the daemon grew by 6.0 MB"),
        ({"descriptors": lambda hour: 14 + hour // 3}, "more files open"),
        ({"peaks": lambda hour: {"feeds": (120 + hour) * MB}}, "feeds's jobs grew by 18.0 MB"),
        ({"files": lambda _: (*STILL.files, "left.tmp")}, "left.tmp is no file that is documented"),
        ({"files": lambda _: (*STILL.files, "locks/20260531T000000Z-1a2b3c.lock")}, "is no file that is documented"),
        ({"files": lambda _: (*STILL.files, "articles/20260531T010000Z-4d5e6f.jsonl")}, "3 files of runs, the ledger knows 2"),
        ({"ledger": lambda _: 600_000}, "the ledger: 600,000 bytes"),
        ({"segments": lambda _: 600_000}, "segments: 600,000 bytes"),
        ({"snapshots": lambda _: 3_000_000}, "raw pages: 3,000,000 bytes"),
        ({"logged": lambda _: {"feeds": 26}}, "26 logs of feeds"),
        ({"running": lambda _: 1}, "1 runs have no end"),
        ({"scrapyd": lambda hour: 4 + hour}, "files of Scrapyd itself"),
    ],
)  # fmt: skip
def test_growth_is_seen(change: dict[str, Any], said: str) -> None:
    assert any(said in one for one in growth.beyond(day(**change), [], to_keep=24))


def test_what_compact_leaves_is_counted() -> None:
    left = attrs.evolve(
        STILL, at=START + dt.timedelta(days=1), files=tuple(f"articles/202605-{n}.jsonl" for n in range(3))
    )
    assert any("are left after compact" in one for one in growth.beyond(day(), [(STILL, left)], to_keep=24))
