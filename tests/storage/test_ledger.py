"""Ledgers that cannot be used: one clear line, and nothing is harmed."""

from __future__ import annotations

import re
import resource
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sabah.storage import ledger, schema
from sabah.storage.errors import StorageError
from sabah.storage.ledger import NAME, Ledger
from sabah.storage.locks import Lock
from tests.storage import world
from tests.storage.conftest import ROOT, check

if TYPE_CHECKING:
    from tests.storage.conftest import Processes


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    store = world.begin(tmp_path / "output", 60, 4)
    world.crawl(store)
    store.close("ok")
    return tmp_path / "output"


def test_new_ledger(tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path / "new" / "output")
    assert ledger.one("PRAGMA journal_mode") == ("wal",)
    assert ledger.one("PRAGMA synchronous") == (2,), "FULL"
    assert schema.version(ledger.connection) == len(schema.MIGRATIONS)
    ledger.close()


def test_older_ledger_is_brought_forward(dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        schema, "MIGRATIONS", [*schema.MIGRATIONS, "ALTER TABLE addresses ADD COLUMN colour TEXT DEFAULT 'blue'"]
    )
    ledger = Ledger.open(dataset)
    assert schema.version(ledger.connection) == len(schema.MIGRATIONS)
    assert ledger.all("SELECT DISTINCT colour FROM addresses") == [("blue",)]
    ledger.close()
    store = world.begin(dataset, 60, 4)
    world.crawl(store)
    store.close("ok")
    check(dataset)


def test_migration_that_fails_changes_nothing(dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, "DROP TABLE wants; DROP TABLE nowhere"])
        with pytest.raises(StorageError, match="no such table: nowhere"):
            Ledger.open(dataset)
    check(dataset)


def test_version_1_is_what_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first version is in people's folders: a change to the tables is a migration."""
    monkeypatch.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:1])
    ledger = Ledger.open(tmp_path)
    tables = dict(
        ledger.all(
            "SELECT name, (SELECT group_concat(c.name) FROM pragma_table_info(m.name) c) FROM sqlite_schema m WHERE type = 'table'"
        )
    )
    ledger.close()
    assert sorted(tables) == [
        "addresses",
        "articles",
        "files",
        "links",
        "refusals",
        "runs",
        "scopes",
        "snapshots",
        "tombstones",
        "wants",
    ]
    assert tables["addresses"] == (
        "id,url,kind,section,subsection,found_on,depth,first_seen_at,state,run,alias_of,attempts,failures,last_status,last_fetched_at,last_modified,left_out,due_at"
    )
    assert tables["articles"] == (
        "id,address,revision,reading,text_hash,revision_hash,file,offset,length,snapshot,run,origin,layout,published_at,modified_at,stored_at,withdrawn_at"
    )


def test_a_version_5_ledger_knows_when_it_looked_at_the_newspaper(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what the archive gave, only the line says when it was captured; of an address without a record there is nothing to know."""
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:5])
        older = Ledger.open(tmp_path)
        older.run("INSERT INTO scopes VALUES (1, 'all')")
        older.run(
            "INSERT INTO runs (crawl_id, scope, spider, arguments, started_at) VALUES ('one', 1, 'world', '{}', '2021-09-20')"
        )
        for number, origins in enumerate([["archive", "live"], ["live", "archive"], []], 1):
            older.run(
                "INSERT INTO addresses (id, url, kind, depth, first_seen_at, state, last_fetched_at) VALUES (?, ?, 'article', 0, '', 'done', ?)",
                number, world.url(number), "2021-09-20T09:00:00+00:00",
            )  # fmt: skip
            for revision, origin in enumerate(origins, 1):
                older.run(
                    "INSERT INTO articles (address, revision, reading, text_hash, revision_hash, file, offset, length, run, layout, origin, stored_at)"
                    " VALUES (?, ?, 1, '', '', 1, 0, 0, 1, '2020', ?, '')",
                    number, revision, origin,
                )  # fmt: skip
        older.close()
    with closing(Ledger.open(tmp_path)) as ledger:
        assert ledger.all("SELECT known_at FROM addresses ORDER BY id") == [
            ("2021-09-20T09:00:00+00:00",),
            (None,),
            (None,),
        ]


def test_a_version_1_ledger_with_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was fetched soon after its publication is owed a look; the others stay as they are."""
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:1])
        older = Ledger.open(tmp_path)
        older.run("INSERT INTO scopes VALUES (1, 'all')")
        older.run(
            "INSERT INTO runs (crawl_id, scope, spider, arguments, started_at) VALUES ('one', 1, 'world', '{}', '2021-09-20')"
        )
        for number, published_at in ((1, "2021-09-14T10:51:00+03:00"), (2, "2021-09-02T10:51:00+03:00")):
            older.run(
                "INSERT INTO addresses (url, kind, depth, first_seen_at, state, last_fetched_at) VALUES (?, 'article', 0, '', 'done', ?)",
                world.url(number), "2021-09-20T09:00:00+00:00",
            )  # fmt: skip
            older.run(
                "INSERT INTO articles (address, revision, reading, text_hash, revision_hash, file, offset, length, run, layout, published_at, stored_at)"
                " VALUES (?, 1, 1, '', '', 1, 0, 0, 1, '2020', ?, '')",
                number, published_at,
            )  # fmt: skip
        older.close()
    ledger = Ledger.open(tmp_path)
    assert schema.version(ledger.connection) == len(schema.MIGRATIONS)
    assert ledger.all("SELECT state, due_at, gone, aged_from, hint, capture FROM addresses") == [
        ("done", "2021-09-20T09:00:00+00:00", 0, None, None, None),
        ("done", None, 0, None, None, None),
    ]
    assert ledger.all("SELECT * FROM sources") == []
    ledger.close()


@pytest.mark.parametrize("use", [Ledger.open, Ledger.read])
def test_newer_ledger(dataset: Path, use: type[Ledger]) -> None:
    with sqlite3.connect(dataset / NAME) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = (dataset / NAME).read_bytes()
    with pytest.raises(StorageError, match=rf"version 99, this .* {len(schema.MIGRATIONS)}\)?\. Update sabah\.$"):
        use(dataset)  # type: ignore[call-arg]
    assert (dataset / NAME).read_bytes() == before


def test_some_other_database(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / NAME) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.close()
    with pytest.raises(StorageError, match=r"not a ledger of sabah\. Move it away"):
        Ledger.open(tmp_path)


@pytest.mark.parametrize("page", range(12))
def test_overwritten_page(dataset: Path, processes: Processes, page: int) -> None:
    with (dataset / NAME).open("r+b") as file:
        file.seek(page * 4096)
        file.write(b"\xa5" * 4096)
    stored = {path: path.read_bytes() for path in dataset.glob("*/*.*z")} | {
        path: path.read_bytes() for path in dataset.glob("*/*.jsonl")
    }
    try:
        Ledger.open(dataset).close()
    except StorageError as error:
        said = str(error)
    else:
        said = ""
    assert {path: path.read_bytes() for path in stored} == stored
    if said:
        assert re.search(r"the ledger is damaged .*Restore ledger\.sqlite from a backup", said)
    else:
        check(dataset)  # it was a page of an index, which has been built anew


def test_ledger_from_a_backup(dataset: Path, tmp_path: Path, processes: Processes) -> None:
    backup, (known,) = tmp_path / "backup", dataset.glob("articles/*")
    ledger = Ledger.open(dataset)
    ledger.run("VACUUM INTO ?", str(backup))
    ledger.close()
    assert processes.run(dataset, size=200, depth=6) == (0, "")
    for path in dataset.glob(NAME + "*"):
        path.unlink()
    backup.rename(dataset / NAME)
    (unknown,) = set(dataset.glob("articles/*")) - {known}
    assert processes.run(dataset, size=200, depth=6) == (0, "")
    # What the older ledger does not know of is set aside, and read by nobody.
    assert not unknown.exists()
    assert (dataset / "unknown" / unknown.name).exists()
    check(dataset, size=200, depth=6)


def test_read_only_folder(dataset: Path) -> None:
    """As another user where this one may write anywhere."""
    script = (
        "import os, sys; from pathlib import Path; from tests.storage import world; from sabah.storage.errors import StorageError\n"
        "if os.getuid() == 0: os.setuid(65534)\n"
        "try: world.begin(Path(sys.argv[1]), 60, 4)\n"
        "except StorageError as error: print(error)"
    )
    for path in (dataset, *dataset.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    for path in dataset.parents[:3]:
        path.chmod(0o755)
    done = subprocess.run([sys.executable, "-c", script, str(dataset)], cwd=ROOT, capture_output=True, text=True)
    for path in (dataset, *dataset.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert "no permission to write. Make the folder writable, or name another." in done.stdout
    assert (done.stdout.count("\n"), done.stderr) == (1, "")
    check(dataset)


@pytest.mark.parametrize("limit", [20_000, 60_000, 140_000])
def test_file_size_limit(tmp_path: Path, processes: Processes, limit: int) -> None:
    folder = tmp_path / "output"
    command = [sys.executable, "-m", "tests.storage.world", str(folder), "60", "4"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert (done.returncode, done.stderr.count("\n")) == (15, 1), done.stderr
    assert "file size limit" in done.stderr
    assert processes.run(folder) == (0, "")
    check(folder)


def test_no_ledger_to_read(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="there is no ledger"):
        Ledger.read(tmp_path)
    assert list(tmp_path.iterdir()) == []


MOUNTS = """\
21 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 21 0:40 / /mnt/news\\040paper rw,relatime - nfs4 server:/share rw
31 30 0:41 / /mnt/news\\040paper/local rw shared:4 - xfs /dev/vdb rw
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/srv/output", "ext4"),
        ("/mnt/news paper/output", "nfs4"),
        ("/mnt/news paper/local/output", "xfs"),
        ("/mnt/news paperback", "ext4"),
    ],
)
def test_file_system_of_a_folder(folder: str, kind: str) -> None:
    assert ledger.file_system(Path(folder), MOUNTS) == kind


def test_network_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"21 1 0:40 / {tmp_path} rw - nfs4 server:/share rw\n")
    monkeypatch.setattr(ledger, "_MOUNTS", mounts)
    with pytest.raises(StorageError, match=r"network file system \(nfs4\). Name a folder on a local disk"):
        Ledger.open(tmp_path / "output")


def test_lock_is_held_until_given_back(tmp_path: Path) -> None:
    path = tmp_path / "one.lock"
    with Lock(path):
        assert Lock.take(path) is None
    second = Lock.take(path)
    assert second is not None
    second.release(remove=True)
    assert not path.exists()
