"""The small newspaper along the clock: four editions, in which stories are corrected, vanish, come back, and cannot be had for a while."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import attrs
import orjson

from sabah.storage import snapshots
from tests.storage import world

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sabah.storage.pages import Page

SIZE, DEPTH = 40, 4
TIMES = {
    1: "2021-09-14T08:00:00+00:00",  # stories are of 07:51
    2: "2021-09-14T09:00:00+00:00",  # due since 08:51
    3: "2021-09-14T10:00:00+00:00",  # what was gone is due since 09:30
    4: "2021-09-15T12:00:00+00:00",  # due since 07:51, and what was withdrawn has rested for a day
}
STORED = sorted(world.number_of(url) for url in world.reachable(SIZE, DEPTH)[0])


def state(number: int, edition: int) -> str:
    """What the newspaper answers: a body, a status, or that nothing was modified."""
    kind = number % 5
    if edition == 1:
        return world.TEXT
    if kind == 1:
        return "Corrected again." if edition == 4 and number % 10 == 1 else "Corrected."
    if kind == 2:
        return world.TEXT if edition == 4 and number % 10 == 2 else "410"
    if kind == 3:
        return "500" if edition == 2 else "304"
    return "304" if kind == 4 else world.TEXT


def expected(number: int, edition: int) -> list[tuple[int, str, bool]]:
    """Its lines after an edition: revision, body, whether it says that the story is withdrawn."""
    lines = [(1, world.TEXT, False)]
    if number % 5 == 1 and edition > 1:
        lines.append((2, "Corrected.", False))
        if number % 10 == 1 and edition == 4:
            lines.append((3, "Corrected again.", False))
    if number % 5 == 2 and edition > 2:
        lines.append((2, world.TEXT, True))
        if number % 10 == 2 and edition == 4:
            lines.append((3, world.TEXT, False))
    return lines


def look(claimed: Page, edition: int) -> Page:
    url = claimed.url
    assert url is not None
    page, number = world.fetch(claimed), world.number_of(url)
    if not claimed.known:
        return page
    now, at = state(number, edition), TIMES[edition]
    if now == "304":
        return attrs.evolve(page, outcome="unchanged", status=304, record=None, links=(), raw_page=None)
    if now in ("410", "500"):
        capture = world.capture(number, url, at, status=f"{now} Sorry")
        return attrs.evolve(
            page, outcome="gone" if now == "410" else "failed", status=int(now), record=None, links=(), raw_page=capture
        )
    capture = world.capture(number, url, at, body=now)
    return attrs.evolve(page, record=world.article(number, now), raw_page=capture)


def crawl(folder: Path, edition: int, asked: Callable[[str], object] = str) -> None:
    """The first edition from its listing, the later ones by what is due; the last lists what was withdrawn, too."""
    os.environ["SABAH_NOW"] = TIMES[edition]
    first = edition == 1
    store = world.begin(folder, SIZE, DEPTH if first else 0, scope="first" if first else "revisit")
    store.repair(world.rebuild).result()
    if first:
        store.store(world.listing(0, 1, 2)).result()
    else:
        store.want_due().result()
    if edition == 4:
        store.store(world.listing(*(number for number in STORED if number % 5 == 2))).result()
    while addresses := store.claim(7).result().addresses:
        for one in addresses:
            asked(str(one.url))
        for page in [store.store(look(one, edition)) for one in addresses]:
            page.result()
    store.close("ok")


def lines(folder: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for path in sorted(folder.glob("articles/*")) for line in path.read_bytes().splitlines()]


def check(folder: Path, edition: int) -> None:
    """Every version that was seen once, with the page that showed it."""
    found: dict[int, list[tuple[int, str, bool]]] = {number: [] for number in STORED}
    for line in sorted(lines(folder), key=lambda line: line["revision"]):
        number = world.number_of(line["url"])
        withdrawn = line["withdrawn_at"] is not None
        found[number].append((line["revision"], line["body"], withdrawn))
        assert line["revision_hash"] == world.article(number, line["body"]).revision_hash
        name, _, offset = line["snapshot"].rpartition(":")
        capture = snapshots.read(folder / "snapshots" / name, int(offset))
        shown = (
            world.capture(number, line["url"], line["fetched_at"], status="410 Sorry")
            if withdrawn
            else world.capture(number, line["url"], line["fetched_at"], body=line["body"])
        )
        assert (capture, line["status"]) == (shown, 410 if withdrawn else 200)
    assert found == {number: expected(number, edition) for number in STORED}
