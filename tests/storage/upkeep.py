"""`compact` and `forget` on datasets of the small newspaper, also in processes that are killed."""

from __future__ import annotations

import signal
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]

from sabah.storage import faults
from sabah.storage.forget import Forgotten, forget
from sabah.storage.ledger import NAME, Ledger
from sabah.storage.recovery import recover
from sabah.storage.rewrite import Compacted, compact, months
from tests.storage import world
from tests.storage.conftest import FORKS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LARGE = 1_000_000

BEFORE = [
    "rewrite-file-unsaved", "rewrite-file-saved", "rewrite-file-saved:2", "rewrite-created", "rewrite-created:2",
    "rewrite-added", "rewrite-added:9", "rewrite-written", "rewrite-written:2", "rewrite-synced", "rewrite-synced:2", "rewrite-unsaved",
]  # fmt: skip
AFTER = [
    "rewrite-saved", "rewrite-replaced", "rewrite-installed-unsaved", "rewrite-installed-saved", "discard-unsaved", "discard-saved",
]  # fmt: skip
SCRUBBED = ["rewrite-vacuumed", "rewrite-clean-unsaved", "rewrite-clean-saved"]


def crawl(folder: Path, depth: int = 4) -> None:
    store = world.begin(folder, 60, depth, scope="all")
    world.crawl(store)
    store.close("ok")


def start(folder: Path) -> None:
    """What every command does first."""
    ledger = Ledger.open(folder)
    recover(ledger)
    ledger.close()


def merge(folder: Path, snapshot_bytes: int = LARGE, before: str = "9999") -> Compacted:
    ledger = Ledger.open(folder)
    try:
        recover(ledger)
        return compact(ledger, months(ledger, before), snapshot_bytes)
    finally:
        ledger.close()


def take_down(folder: Path, *numbers: int) -> Forgotten:
    ledger = Ledger.open(folder)
    try:
        recover(ledger)
        return forget(ledger, [world.url(number) for number in numbers], "asked for by the court", LARGE)
    finally:
        ledger.close()


def files(folder: Path) -> list[str]:
    return sorted(
        str(path.relative_to(folder)) for part in ("articles", "snapshots") for path in folder.glob(f"{part}/*")
    )


def traces(folder: Path, number: int, *, hashes: bool = True) -> list[str]:
    """Files that say something of a story beyond its address. Its hash is also that of the text of a story with twice its number."""
    said = [
        f'"headline":"Story {number}"'.encode(),
        *([world.article(number).revision_hash.encode()] if hashes else []),
    ]
    found = [
        path.name for path in folder.rglob("*") if path.is_file() and any(text in path.read_bytes() for text in said)
    ]
    for path in folder.glob("snapshots/*"):
        with path.open("rb") as file:
            for record in ArchiveIterator(file):
                body = record.raw_stream.read()
                if world.payload(number) in body or f"/world/story-{number} ".encode() in body:
                    found.append(path.name)
    return found


def killed(fault: str, work: Callable[..., object], *args: object) -> None:
    process = FORKS.Process(target=_run, args=(fault, work, args))
    process.start()
    process.join(timeout=60)
    assert process.exitcode == -signal.SIGKILL, f"{fault} did not kill"


def _run(fault: str, work: Callable[..., object], args: tuple[object, ...]) -> None:
    faults.armed = faults.Fault(fault)
    work(*args)


def unindex(folder: Path, index: str = "sqlite_autoindex_addresses_1") -> None:
    """Leaves of an index of the ledger an empty page: nothing is found by it."""
    with closing(sqlite3.connect(folder / NAME)) as ledger:
        ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = ledger.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (index,)).fetchone()
        (size,) = ledger.execute("PRAGMA page_size").fetchone()
    with (folder / NAME).open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\x0a\0\0\0\0" + size.to_bytes(2, "big") + b"\0")
