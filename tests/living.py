"""Whether the dataset of a newspaper that lived is what its truth makes it: nothing lost, nothing twice, every file as the ledger has it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from tests import week
from tests.faults import World
from tests.truth import differences

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Replica


def mistakes(lived: week.Lived, newspaper: Replica, output: Path) -> list[str]:
    """In words, of articles that appeared while it lived and of older ones. Raises AssertionError where pages or files are not as the ledger has them."""
    assert lived.articles, "something appeared"
    world = World(newspaper, output)
    for line in lived.lines:
        if not line["withdrawn_at"]:
            world.check_snapshot(line)
    world.check_ledger(len(lived.lines))
    return [*week.wrong(lived), *_older(lived)]


def _older(lived: week.Lived) -> list[str]:
    """What was there before the newspaper began to live never changes: one line each, as it is."""
    truths = {one["record"]["url"]: one for one in lived.truth}
    moved = {one["moved_to"] for one in lived.truth if one["moved_to"]}
    appeared = lived.articles  # worked out anew each time: for a month, seconds
    found = []
    for line in lived.lines:
        if line["url"] in moved:
            continue  # looked at with the article that has moved there
        truth = truths[line["url"]]
        if dt.datetime.fromisoformat(truth["published_at"]) > lived.plan.start:
            if line["url"] not in appeared:
                found.append(f"{line['url']}: stored, and had not appeared")
            continue
        if line["revision"] != 1:
            found.append(f"{line['url']}: a revision of what has not changed")
        told = truth["revisions"][0]["feed"]["description"]
        accepted = [truth, {"record": {**truth["record"], "description": truth["record"]["description"] or told}}]
        if all(differences(line, one) for one in accepted):
            found.append(f"{line['url']}: {differences(line, truth)}")
    return found
