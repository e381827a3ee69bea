"""Exports of a large generated dataset: seconds, memory and size by format.

`python -m bench.export FOLDER FORMAT` makes one export of the dataset in FOLDER and prints one JSON object.
"""

from __future__ import annotations

import hashlib
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.environment import REPOSITORY
from bench.report import Column, Report, Target
from sabah.items import SOURCE_FIELDS, Article, Image
from sabah.storage.ledger import Ledger
from sabah.storage.lines import to_line

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORDS, RECORDS_QUICK = 1_000_000, 100_000
FORMATS: Final = ("jsonl", "parquet")
COLUMNS = (
    Column("format", "format"),
    Column("records", "records", ",d"),
    Column("stored_mb", "stored MB", ",.0f"),
    Column("seconds", "s", ".1f", better="less", unit="s"),
    Column("resident_mb", "resident MB", ".0f", better="less", unit="MB"),
    Column("mb", "export MB", ",.0f", better="less", unit="MB"),
)
LIMITS: Final = {"jsonl": 40, "parquet": 60}
NOTES = [
    "the whole command in a process of its own: choosing, duplicates by date, writing, SHA-256, fsync; resident: the most of the process",
    "without finding near-duplicates, whose seconds and memory `bench clusters` measures; their columns are written, empty",
    "2 % of the records have the text of another; bodies of 520 words from a vocabulary of 30,000, so that they pack like prose",
]


def run(*, quick: bool) -> Report:
    records = RECORDS_QUICK if quick else RECORDS
    with tempfile.TemporaryDirectory(dir=REPOSITORY / "output") as name:
        folder = Path(name)
        stored = fill(folder, records)
        rows = []
        for format_ in FORMATS:
            command = [sys.executable, "-m", "bench.export", name, format_]
            done = subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=True)
            rows.append(
                json.loads(done.stdout.splitlines()[-1])
                | {"format": format_, "records": records, "stored_mb": stored / 1e6}
            )
    share = records / RECORDS
    return Report(
        name="export",
        title="Exports of a generated dataset",
        columns=COLUMNS,
        rows=rows,
        targets=[
            *(
                Target(what=f"{row['format']}, for 1,000,000 records", measured=row["seconds"] / share, limit=LIMITS[row["format"]], at_most=True, unit=" s")
                for row in rows
            ),
            *(Target(what=f"{row['format']}, resident", measured=row["resident_mb"], limit=500, at_most=True, unit=" MB") for row in rows),
        ],
        notes=NOTES,
    )  # fmt: skip


def fill(folder: Path, records: int) -> int:
    """Stores that many generated records as four runs would have; bytes of lines."""
    ledger = Ledger.open(folder)
    (folder / "articles").mkdir()
    size = 0
    with ledger.transaction("run"):
        ledger.run("INSERT INTO scopes (key) VALUES ('bench')")
        generated = _records(records)
        for run in range(1, 5):
            started = f"2026-11-0{run}T08:00:00+00:00"
            ledger.run(
                "INSERT INTO runs (crawl_id, scope, spider, arguments, started_at, ended_at, verdict) VALUES (?, 1, 'section', '{}', ?, ?, 'ok')",
                f"bench-{run}", started, started,
            )  # fmt: skip
            ledger.run(
                "INSERT INTO files (id, name, kind, run, closed) VALUES (?, ?, 'article', ?, 1)",
                run + 10,
                f"articles/bench-{run}.jsonl",
                run,
            )
            with (folder / "articles" / f"bench-{run}.jsonl").open("wb", buffering=1 << 20) as file:
                for _ in range(records // 4):
                    number, line, columns = next(generated)
                    ledger.run(
                        "INSERT INTO addresses (id, url, kind, section, depth, first_seen_at, state) VALUES (?, ?, 'article', 'world', 0, ?, 'done')",
                        number,
                        columns[0],
                        started,
                    )
                    ledger.run(
                        "INSERT INTO articles (address, revision, reading, text_hash, revision_hash, file, offset, length, run, origin, layout, published_at, stored_at)"
                        " VALUES (?, 1, 1, ?, ?, ?, ?, ?, ?, 'replica', '2020', ?, ?)",
                        number, columns[1], columns[1], run + 10, file.tell(), len(line), run, columns[2], started,
                    )  # fmt: skip
                    file.write(line)
                ledger.run("UPDATE files SET length = ? WHERE id = ?", file.tell(), run + 10)
                size += file.tell()
    ledger.close()
    return size


def _records(records: int) -> Iterator[tuple[int, bytes, tuple[str, str, str]]]:
    dice = random.Random(1)
    syllables = [a + b for a in "bcdfghklmnprstvyz" for b in "aeiou"]
    words = ["".join(dice.choices(syllables, k=dice.choice((1, 2, 2, 3, 4)))) for _ in range(30_000)]
    paragraphs = [" ".join(dice.choices(words, k=65)).capitalize() + "." for _ in range(5_000)]
    site = "https://www.dailysabah.com/world"
    for number in range(1, records + 1):
        text = hashlib.sha256(str(number if number % 50 else number - 7).encode()).hexdigest()
        at = (
            f"20{10 + number % 16}-{1 + number % 12:02}-{1 + number % 28:02}T{number % 24:02}:{number % 60:02}:00+03:00"
        )
        url = f"{site}/a-headline-of-the-usual-length-as-an-address-has-it-{number}/news"
        record = Article(
            url=url, kind="article", section="world", headline=" ".join(dice.choices(words, k=9)), description=" ".join(dice.choices(words, k=25)),
            byline="Daily Sabah with AA", agencies=["Daily Sabah", "Anadolu Agency"], dateline="ISTANBUL", published_at=at, published_precision="minute",
            published_raw="Sep 14, 2021 - 10:51 am GMT+3", modified_at=at, modified_raw="Sep 14, 2021 11:57 am", zone_source="printed",
            body="\n\n".join(dice.choices(paragraphs, k=8)), word_count=520, keywords=dice.choices(words[:2000], k=5),
            images=[Image(url=f"https://idsb.tmgrup.com.tr/ly/uploads/images/2021/09/14/{number}.jpg?v=1", caption=" ".join(dice.choices(words, k=15)), credit="AA Photo")],
            related=[f"{site}/a-headline-of-the-usual-length-as-an-address-has-it-{number + step}/news" for step in range(4)], layout="2020",
            sources=dict.fromkeys(SOURCE_FIELDS, "css"), text_hash=text, revision_hash=text, found_on=site, first_seen_at="2026-11-01T08:00:00+00:00",
            fetched_at="2026-11-01T08:00:00+00:00", status=200, origin="replica", crawl_id="bench-1", snapshot=f"bench-1.warc.gz:{number * 20000}",
            reader_version="0.1.0",
        )  # fmt: skip
        yield number, to_line(record), (url, text, at)


def _measure(folder: Path, format_: str) -> dict[str, Any]:
    from sabah.dataset.export import Request, export  # noqa: PLC0415 - its import is part of what is measured
    from sabah.dataset.filters import Filters  # noqa: PLC0415
    from sabah.dataset.formats import FORMATS as KNOWN  # noqa: PLC0415
    from sabah.dataset.selection import Selection  # noqa: PLC0415

    setattr(Selection, "cluster", lambda _: None)  # noqa: B010 - a method, which may not be assigned
    began = time.perf_counter()
    _, made = export(folder, Request(name=format_, filters=Filters(), formats=(KNOWN[format_],)), lambda *_: None)
    return {
        "seconds": time.perf_counter() - began,
        "resident_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "mb": sum(file.bytes for file in made.files) / 1e6,
    }


if __name__ == "__main__":
    print(json.dumps(_measure(Path(sys.argv[1]), sys.argv[2])))
