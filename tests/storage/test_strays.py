"""A ledger that was lost, or an older one put back: nothing is doubled, nothing is thrown away."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import orjson
import pytest

from tests.running import SITE, SmallSite, article, crawl, listing

if TYPE_CHECKING:
    from pathlib import Path

NAMES = [f"/world/story-{number}/news" for number in range(12)]


@pytest.fixture
def site() -> SmallSite:
    pages = {name: article(f"Story {name}", body=f"Text of {name}.") for name in NAMES}
    pages["/world/none/news"] = article("No date", date=None)
    return SmallSite({"/europe": listing(*(SITE + name for name in pages)), **pages})


def _europe(site: SmallSite, output: Path, *more: str) -> str:
    done = crawl("section", "-a", "sections=europe", "-a", "related=0", *more, output=output, origin=site.origin)
    assert done.code == 0, done.err
    return done.err


def _stored(output: Path) -> list[str]:
    return sorted(
        orjson.loads(line)["url"] for path in output.glob("articles/*.jsonl") for line in path.read_bytes().splitlines()
    )


EVERY = sorted(SITE + name for name in NAMES)


def test_a_lost_ledger(site: SmallSite, tmp_path: Path) -> None:
    with site:
        _europe(site, tmp_path)
        before = {path.name: path.read_bytes() for path in tmp_path.glob("*/*") if path.parent.name != "locks"}
        refused = (tmp_path / "rejected.jsonl").read_bytes()
        for path in tmp_path.glob("ledger.sqlite*"):
            path.unlink()
        said = _europe(site, tmp_path)
    assert "files that the ledger does not know were moved to unknown/" in said
    assert _stored(tmp_path) == EVERY
    for name, content in before.items():
        assert (tmp_path / "unknown" / name).read_bytes() == content
    assert (tmp_path / "unknown" / "rejected.jsonl").read_bytes() == refused
    assert len((tmp_path / "rejected.jsonl").read_bytes().splitlines()) == 1


def test_an_older_ledger_put_back(site: SmallSite, tmp_path: Path) -> None:
    with site:
        _europe(site, tmp_path, "-a", "limit=5")
        shutil.copy(tmp_path / "ledger.sqlite", tmp_path / "copy")
        _europe(site, tmp_path)
        assert _stored(tmp_path) == EVERY
        for path in tmp_path.glob("ledger.sqlite*"):
            path.unlink()
        (tmp_path / "copy").rename(tmp_path / "ledger.sqlite")
        said = _europe(site, tmp_path)
    assert "files that the ledger does not know were moved" in said
    assert _stored(tmp_path) == EVERY


def test_damage_in_place_is_found_when_asked_for(site: SmallSite, tmp_path: Path) -> None:
    with site:
        _europe(site, tmp_path)
        (segment,) = tmp_path.glob("articles/*.jsonl")
        whole = segment.read_bytes()
        segment.write_bytes(whole[:3000] + b"\0" * 200 + whole[3200:])
        said = _europe(site, tmp_path, "-s", "DEEP_REPAIR=True")
    assert "1 files were not whole" in said
    assert _stored(tmp_path) == EVERY
