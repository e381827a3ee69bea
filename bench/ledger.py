"""A ledger with many pending addresses: seconds to start, milliseconds to the next batch, memory.

python -m bench.ledger [ADDRESSES]
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from sabah.storage.ledger import Ledger
from sabah.storage.pages import Page
from sabah.storage.store import Store
from sabah.storage.summary import summarise


def fill(folder: Path, number: int) -> None:
    ledger = Ledger.open(folder)
    with ledger.transaction("run"):
        ledger.run("INSERT INTO scopes (key) VALUES ('bench')")
        ledger.connection.executemany(
            "INSERT INTO addresses (url, kind, section, found_on, depth, first_seen_at) VALUES (?, 'article', 'world', ?, 1, ?)",
            (
                (
                    f"https://www.dailysabah.com/world/2021/09/14/a-headline-of-the-usual-length-{n}",
                    "https://www.dailysabah.com/world",
                    "2021-09-14T07:51:00+00:00",
                )
                for n in range(number)
            ),
        )
        ledger.run("INSERT INTO wants (scope, address, depth) SELECT 1, id, 1 + id % 2 FROM addresses")
    ledger.close()


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder, number)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.perf_counter()
        store = Store.open(folder, spider="bench", arguments={}, scope="bench", follow=lambda _url, _depth: None)
        started = time.perf_counter() - began
        batches = []
        for _ in range(200):
            began = time.perf_counter()
            claim = store.claim().result()
            batches.append(time.perf_counter() - began)
            assert len(claim.addresses) == 48
            for one in claim.addresses:
                last = store.store(Page(url=one.url, claim=one, state="gone", status=404))
            last.result()
        print(f"{number:,} pending, ledger {(folder / 'ledger.sqlite').stat().st_size / 1e6:.0f} MB")
        print(
            f"start {started:.3f} s; batch of 48: median {sorted(batches)[100] * 1e3:.2f} ms, slowest of 200 {max(batches) * 1e3:.2f} ms"
        )
        print(
            f"resident at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB (before the start {before / 1024:.0f} MB)"
        )
        store.close("ok")
        ledger = Ledger.read(folder)
        began = time.perf_counter()
        summarise(ledger)
        print(f"summary {time.perf_counter() - began:.2f} s")
        began = time.perf_counter()
        ledger.check(60)
        print(f"SQLite's check of the whole file {time.perf_counter() - began:.2f} s")
        ledger.close()


if __name__ == "__main__":
    main()
