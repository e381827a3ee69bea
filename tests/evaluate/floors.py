"""What is pinned: the corpus, fixture by fixture, and the least that each field and layout must reach."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import attrs

from tests.evaluate.corpus import FLOORS, CorpusError, corpus_hash

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.evaluate.scores import Scores


@attrs.frozen
class Pinned:
    fixtures: dict[str, str] = attrs.field(factory=dict)
    """Name: digest of page and record."""

    floors: Scores = attrs.field(factory=dict)


def pinned(folder: Path, *, anew: bool = False) -> Pinned:
    """What the folder's file pins. Raises CorpusError for a file that is missing, damaged or changed by hand; with `anew` there is nothing pinned then."""
    try:
        return _read(folder)
    except CorpusError:
        if anew:
            return Pinned()
        raise


def _read(folder: Path) -> Pinned:
    try:
        content = json.loads((folder / FLOORS).read_bytes())
        fixtures, floors = content["fixtures"], content["floors"]
        said, said_of_floors = content["hash"], content["floors_hash"]
        found = Pinned(
            {name: str(digest) for name, digest in fixtures.items()},
            {layout: {field: float(least) for field, least in fields.items()} for layout, fields in floors.items()},
        )
    except FileNotFoundError as error:
        raise CorpusError(f"{FLOORS} is missing: take it from git; for a new corpus, --pin --anew begins it") from error
    except OSError as error:
        raise CorpusError(f"{folder / FLOORS}: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CorpusError(f"{FLOORS} is damaged ({type(error).__name__}: {error}): take it from git") from error
    if said != corpus_hash(found.fixtures):
        raise CorpusError(f"{FLOORS} is damaged: its hash is not that of the fixtures it names; take it from git")
    if said_of_floors != floors_hash(found.floors):
        raise CorpusError(f"{FLOORS} is damaged: its floors are not those that were pinned; take it from git")
    return found


def floors_hash(floors: Scores) -> str:
    """Of all floors with their layouts and fields, in whatever order."""
    return hashlib.sha256(json.dumps(floors, sort_keys=True).encode()).hexdigest()


def differences(before: Pinned, digests: dict[str, str]) -> Iterator[str]:
    """A line for each fixture that is missing, new or changed since the corpus was pinned."""
    for name in sorted(before.fixtures.keys() | digests.keys()):
        if name not in digests:
            yield f"fixture {name} is missing"
        elif name not in before.fixtures:
            yield f"fixture {name} is new"
        elif digests[name] != before.fixtures[name]:
            yield f"fixture {name} has changed"


def below(before: Pinned, found: Scores) -> Iterator[str]:
    """A line for each field and layout that does not reach its floor; what is not measured any more does not."""
    for layout, fields in before.floors.items():
        for field, least in fields.items():
            value = found.get(layout, {}).get(field)
            if value is None or value < least:
                yield f"{field} of {layout}: {'not measured' if value is None else f'{value:.4f}'}, floor {least:.4f}"


def without_floor(before: Pinned, found: Scores) -> Iterator[str]:
    """A line for each field and layout that is measured and has no floor yet."""
    for layout, fields in found.items():
        for field in fields:
            if field not in before.floors.get(layout, {}):
                yield f"{field} of {layout} has no floor"


def pin(folder: Path, before: Pinned, digests: dict[str, str], found: Scores, *, lower: bool) -> None:
    """Writes the corpus as it is and the floors: raised to what was reached, lowered only where `lower` is said. Raises CorpusError."""
    floors = dict(found) if lower else _raised(before.floors, found)
    content = {
        "hash": corpus_hash(digests),
        "floors_hash": floors_hash(floors),
        "fixtures": digests,
        "floors": floors,
    }
    try:
        (folder / FLOORS).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise CorpusError(f"nothing is pinned: {folder / FLOORS}: {error.strerror or error}") from error


def _raised(floors: Scores, found: Scores) -> Scores:
    layouts = {**found, **floors}
    return {
        layout: {
            field: max(scores.get(layout, {}).get(field, 0.0) for scores in (floors, found))
            for field in {**found.get(layout, {}), **floors.get(layout, {})}
        }
        for layout in layouts
    }
