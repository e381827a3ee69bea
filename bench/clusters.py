"""Near-duplicates: precision and recall over thresholds against datasketch's LSH alone, then a million records against the clock."""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from itertools import accumulate, islice
from math import comb
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from bench.environment import REPOSITORY, competitors_python
from bench.measures import measures
from bench.report import Column, Report, Target
from bench.wire import Writer
from sabah.dataset import near
from sabah.dataset.near.signatures import sign
from sabah.storage.ledger import Ledger
from sabah.storage.lines import keep

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from bench.wire import Text

GROUPS, GROUPS_QUICK = 6_000, 1_000
RECORDS, RECORDS_QUICK = 1_000_000, 100_000
THRESHOLDS = (0.60, 0.70, 0.75, 0.77, 0.79, 0.81, 0.85, 0.90)
ALONE = (0.20, 0.30, 0.35, 0.40, 0.45, 0.50, 0.60, 0.70, 0.80)
LINE = 5_000
"""Bytes of a line: what a record of 2.6 KB of text has with its other fields."""

COLUMNS = (
    Column("what", "clusters by", names=True),
    Column("threshold", "threshold", ".2f", names=True),
    Column("precision", "precision", ".4f", better="more"),
    Column("recall", "recall", ".4f", better="more"),
    Column("twins", "twins joined", ".2%"),
    Column("spread", "spread", ".1%"),
    Column("runs", "runs", ".1%"),
    Column("cut", "cut", ".1%"),
    Column("mixed", "mixed", ".1%"),
    Column("hard", "15-20 %", ".1%"),
    Column("seconds", "s", ".1f", better="less", unit="s"),
    Column("resident_mb", "MB", ".0f", better="less", unit="MB"),
)
NOTES = [
    "copies: up to 20 % of the words substituted, left out or added (spread, in runs of 3 to 60, the end cut, mixed), three of ten in other paragraphs",
    "near-twins: instalments of a story, each with 50-75 % of the paragraphs of the one before, word for word; some have copies themselves",
    "pairs by …: story and copy told from instalment and instalment before by one number alone, at the threshold that suits it best",
    "precision and recall over pairs of records in one cluster; twins joined: instalments that stand in one cluster with the one before",
    "spread … mixed, 15-20 %: copies that stand in one cluster with their story, by how they were edited; 15-20 %: those edited most",
    "LSH alone: what datasketch's index returns (128 permutations, shingles of four words), joined without looking at the texts",
    "s and MB of the last row: `near.clusters` over that many stored records of 5 KB, one in five of a cluster, in a process of its own",
]


def run(*, quick: bool) -> Report:
    texts = list(Writer(11).texts(GROUPS_QUICK if quick else GROUPS))
    rows = measures(texts) + _ours(texts) + _alone(texts)
    chosen = next(row for row in rows if row["threshold"] == near.THRESHOLD and row["what"] == "sabah")
    scale = _scale(RECORDS_QUICK if quick else RECORDS)
    share = scale["records"] / RECORDS
    return Report(
        name="clusters",
        title=f"Near-duplicates: {len(texts):,} records, and {scale['records']:,} against the clock",
        columns=COLUMNS,
        rows=[*rows, scale],
        targets=[
            Target(what=f"precision at {near.THRESHOLD:.2f}", measured=chosen["precision"], limit=0.98),
            Target(what=f"recall at {near.THRESHOLD:.2f}", measured=chosen["recall"], limit=0.98),
            Target(what="seconds a million", measured=scale["seconds"] / share, limit=300, at_most=True, unit=" s"),
            Target(what="resident", measured=scale["resident_mb"], limit=2000, at_most=True, unit=" MB"),
            Target(what="a signature", measured=scale["signature_ms"], limit=0.1, at_most=True, unit=" ms"),
        ],
        notes=[
            *NOTES,
            f"the {scale['records']:,}: {scale['clusters']:,} clusters of more than one, {scale['mb']:.0f} MB of lines",
        ],
    )


def fill(folder: Path, bodies: Iterable[str | None]) -> float:
    """A dataset of these bodies, a minute apart; article rows count from 1. Gives the seconds of processor time that signatures took."""
    ledger = Ledger.open(folder)
    (folder / "articles").mkdir()
    with ledger.transaction("run"):
        for sql in (
            "INSERT INTO scopes (key) VALUES ('bench')",
            "INSERT INTO runs (crawl_id, scope, spider, arguments, started_at) VALUES ('bench', 1, 'bench', '{}', '2021-01-01T00:00:00+00:00')",
            "INSERT INTO files (name, kind, run) VALUES ('articles/bench.jsonl', 'article', 1)",
        ):
            ledger.run(sql)
        file = ledger.one("SELECT id FROM files WHERE kind = 'article'")[0]
    signing, end, stored = 0.0, 0, 0
    with (folder / "articles" / "bench.jsonl").open("wb") as lines:
        waiting = iter(bodies)
        while some := list(islice(waiting, 5_000)):
            with ledger.transaction("pages"):
                for number, body in enumerate(some, stored + 1):
                    url = f"https://www.dailysabah.com/world/2021/09/14/a-headline-of-the-usual-length-{number}"
                    line = orjson.dumps({"url": url, "body": body, "rest": "x" * max(0, LINE - len(body or ""))})
                    lines.write(line + b"\n")
                    ledger.run(
                        "INSERT INTO addresses (id, url, kind, depth, first_seen_at, state) VALUES (?, ?, 'article', 1, '', 'done')",
                        number,
                        url,
                    )
                    ledger.run(
                        "INSERT INTO articles (id, address, revision, reading, text_hash, revision_hash, file, offset, length, run, layout,"
                        " published_at, stored_at) VALUES (?, ?, 1, 1, '', '', ?, ?, ?, 1, '2020', datetime(?, 'unixepoch'), '')",
                        number, number, file, end, len(line) + 1, 1_600_000_000 + 60 * number,
                    )  # fmt: skip
                    end += len(line) + 1
                    began = time.process_time()
                    signature = sign(body)
                    signing += time.process_time() - began
                    keep(ledger, number, signature)
            stored += len(some)
    ledger.close()
    return signing


def _ours(texts: Sequence[Text]) -> list[dict[str, Any]]:
    rows = []
    with tempfile.TemporaryDirectory() as name:
        fill(Path(name), (one.body for one in texts))
        ledger = Ledger.read(Path(name))
        for threshold in THRESHOLDS:
            began = time.perf_counter()
            found = near.clusters(ledger, range(1, len(texts) + 1), near.Lines(ledger), threshold=threshold)
            seconds = time.perf_counter() - began
            rows.append(_row("sabah", threshold, texts, [cluster for _, cluster, _ in found]) | {"seconds": seconds})
        ledger.close()
    return rows


def _alone(texts: Sequence[Text]) -> list[dict[str, Any]]:
    done = subprocess.run(
        [competitors_python(), "-m", "bench.lsh_alone", *map(str, ALONE)],
        cwd=REPOSITORY, input="".join(json.dumps(one.body) + "\n" for one in texts), stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return [
        _row("LSH alone", threshold, texts, labels)
        for threshold, labels in zip(ALONE, json.loads(done.stdout), strict=True)
    ]


def _row(what: str, threshold: float, texts: Sequence[Text], found: Sequence[Hashable]) -> dict[str, Any]:
    both = _pairs((text.cluster, label) for text, label in zip(texts, found, strict=True))
    row = {
        "what": what,
        "threshold": threshold,
        "precision": both / max(1, _pairs(found)),
        "recall": both / _pairs(text.cluster for text in texts),
    }
    met: dict[str, list[bool]] = {}
    story = twin = 0
    for place, text in enumerate(texts):
        copy = text.what not in ("story", "short", "twin")
        if copy:
            met.setdefault(text.what, []).append(found[place] == found[story])
            if text.share > 0.15:
                met.setdefault("hard", []).append(found[place] == found[story])
            continue
        if text.what == "twin":
            if text.share:
                met.setdefault("twins", []).append(found[place] == found[twin])
            twin = place
        story = place
    return row | {key: sum(values) / len(values) for key, values in met.items()}


def _pairs(labels: Iterable[Hashable]) -> int:
    return sum(comb(count, 2) for count in Counter(labels).values())


def _scale(records: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        signing = fill(Path(name), _many(records))
        command = [sys.executable, "-m", "bench.clusters", name, str(records)]
        done = subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=True)
    measured: dict[str, Any] = json.loads(done.stdout)
    return {
        "what": f"{records:,} records",
        "threshold": near.THRESHOLD,
        "records": records,
        "signature_ms": 1000 * signing / records,
        **measured,
    }


def _many(count: int) -> Iterator[str | None]:
    """Bodies of some 2.6 KB in words drawn at once, which is quick. Of a hundred: 80 stories (5 with one of ten background paragraphs,
    which are long), 14 copies of the last few with up to a tenth of their words replaced, 4 that share half of one, an equal one, and one without a text."""
    rng = random.Random(5)
    writer = Writer(12)
    words = writer.function + writer.words
    weights = list(
        accumulate([0.6 / (place + 1.5) for place in range(120)] + [0.45 / (place + 30) for place in range(30_000)])
    )
    backgrounds = [rng.choices(words, cum_weights=weights, k=60) for _ in range(10)]
    last: list[list[str]] = []
    for number in range(count):
        kind = number % 100
        if kind < 80 or not last:
            size = max(30, round(rng.gauss(450, 150)))
            body = rng.choices(words, cum_weights=weights, k=size)
            if kind < 5:
                body += rng.choice(backgrounds)
        elif kind < 94:
            body = list(rng.choice(last))
            for place in rng.sample(range(len(body)), rng.randrange(1 + len(body) // 10)):
                body[place] = rng.choice(words)
        elif kind < 98:
            other = rng.choice(last)
            body = other[: len(other) // 2] + rng.choices(words, cum_weights=weights, k=len(other) // 2)
        else:
            yield None if kind == 99 else _paragraphs(rng.choice(last))
            continue
        last = [*last[-49:], body]
        yield _paragraphs(body)


def _paragraphs(words: list[str]) -> str:
    return "\n\n".join(" ".join(words[place : place + 45]) for place in range(0, len(words), 45))


def _measure(folder: Path, records: int) -> dict[str, Any]:
    ledger = Ledger.read(folder)
    began = time.perf_counter()
    found = near.clusters(ledger, range(1, records + 1), near.Lines(ledger))
    row: dict[str, Any] = {"seconds": time.perf_counter() - began}
    row["resident_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    row["clusters"] = len({cluster for _, cluster, size in found if size > 1})
    row["mb"] = sum(path.stat().st_size for path in (folder / "articles").iterdir()) / 1e6
    ledger.close()
    return row


if __name__ == "__main__":
    print(json.dumps(_measure(Path(sys.argv[1]), int(sys.argv[2]))))
