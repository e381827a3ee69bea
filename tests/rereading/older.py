"""Datasets that an older sabah has read: crawls whose readers are changed in their own processes."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from tests import forked
from tests.running import REPOSITORY, environment

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable
    from pathlib import Path

READERS = '''
"""Found by every Python that has its folder on PYTHONPATH."""
import sabah.pages
from sabah.normalize.hashes import revision_hash, text_hash

today = sabah.pages.values

def older(page, draft, layout, version):
    """Knew no keywords, took the first paragraph for all of the text, and no page whose headline asks something or has a "with"."""
    values = today(page, draft, layout, "0.0.1")
    if values["headline"].endswith("?") or " with " in values["headline"]:
        raise sabah.pages.NotAnArticle("a question is no headline")
    values["keywords"] = []
    values["body"] = values.get("body") and values["body"].split("\\n\\n")[0]
    values["text_hash"] = text_hash(values["headline"], values["body"])
    values["revision_hash"] = revision_hash(
        headline=values["headline"], standfirst=values.get("standfirst"), byline=values["byline"], dateline=values.get("dateline"),
        published_raw=values["published_raw"], body=values["body"], keywords=[], images=[(one.caption, one.credit) for one in values.get("images", [])],
    )
    return values

sabah.pages.values = older
'''

FAILING = """
import sabah.pages
today = sabah.pages.values

def failing(page, draft, layout, version):
    values = today(page, draft, layout, version)
    if "BAD" in values["headline"]:
        raise RuntimeError("a reader's bug")
    return values

sabah.pages.values = failing
"""

SLOW = """
import time
import sabah.pages
today = sabah.pages.values

def slow(*page):
    time.sleep(0.03)
    return today(*page)

sabah.pages.values = slow
"""

STRICT = READERS.replace('endswith("?")', 'startswith("Three")')


def readers(folder: Path, text: str = READERS) -> dict[str, str]:
    """Environment of processes that read with these."""
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(text)
    return {"PYTHONPATH": os.pathsep.join((str(folder), str(REPOSITORY)))}


def scrapy(output: Path, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """`scrapy ARGS` on the dataset in `output`."""
    return forked.run(start_command(output, *args), cwd=REPOSITORY, env=environment(**env), capture_output=True, text=True, timeout=300)  # fmt: skip


def start_command(output: Path, *args: str) -> list[str]:
    return [sys.executable, "-W", "error", "-m", "scrapy", *args, "-s", f"OUTPUT_DIR={output}"]


def contents(folder: Path) -> dict[str, bytes]:
    """Every file with its bytes; but SQLite's own beside the ledger, and locks."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.parent.name != "locks" and not path.name.endswith(("-shm", "-wal"))
    }


def key(record: dict[str, Any]) -> tuple[str, int, int]:
    return record["url"], record["revision"], record["reading"]


def newest(records: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The newest reading of the newest revision, by address."""
    return {record["url"]: record for record in sorted(records, key=key)}
