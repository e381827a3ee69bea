"""A small newspaper that needs no server, and a crawl of it through the store. Run as a script it is the process that tests kill."""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from sabah import clock
from sabah.items import SOURCE_FIELDS, Article
from sabah.site.link import Link
from sabah.storage import faults, snapshots
from sabah.storage.errors import StorageError
from sabah.storage.pages import Page
from sabah.storage.store import Options, Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from sabah.storage.pages import Committed
    from sabah.storage.repair import Missing

SITE = "https://www.dailysabah.com/"
TEXT = "Text."
SMALL = Options(group_pages=6, group_seconds=0.01, snapshot_bytes=20_000)


def url(number: int) -> str:
    return f"{SITE}world/2021/09/14/story-{number}"


def number_of(address: str | None) -> int:
    assert address is not None
    return int(address.rpartition("-")[2])


def fate(number: int) -> str:
    if number % 17 == 5:
        return "refused"
    if number % 23 == 7:
        return "gone"
    if number % 29 == 11:
        return "failed"
    return "alias" if number % 19 == 3 and fate(number - 1) == "done" else "done"


def links(number: int) -> list[int]:
    return [2 * number + 1, 2 * number + 2, max(0, number - 1), number]


def named(number: int) -> Link:
    return Link(url=url(number), kind="article", section="world")


def payload(number: int, body: str = TEXT) -> bytes:
    said = "" if body == TEXT else f" {body}"
    return f"<html>{number} {random.Random(number).randbytes(900).hex()}{said}</html>".encode()


def capture(number: int, address: str, at: str, body: str = TEXT, status: str = "200 OK") -> snapshots.Capture:
    head = snapshots.head(
        f"HTTP/1.1 {status}", [(b"Content-Type", b"text/html; charset=\xfcnknown"), (b"X-Blanks", b" two  ")]
    )
    request = snapshots.head(f"GET /world/story-{number} HTTP/1.1", [(b"Host", b"www.dailysabah.com")])
    return snapshots.Capture(url=address, at=at, request=request, head=head, payload=payload(number, body))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def article(number: int, body: str = TEXT, **provenance: Any) -> Article:
    provenance.setdefault("origin", "replica")
    return Article(
        url=url(number), kind="article", section="world", headline=f"Story {number}", body=body, layout="2020",
        published_at="2021-09-14T10:51:00+03:00", sources=dict.fromkeys(SOURCE_FIELDS), text_hash=digest(f"{number // 2} {body}"),
        revision_hash=digest(f"{number} {body}"), reader_version="0", **provenance,
    )  # fmt: skip


def fetch(claimed: Page) -> Page:
    """What a crawl makes of one address of this newspaper."""
    url = claimed.url
    assert url is not None
    number = number_of(url)
    final, what, at = number, fate(number), clock.timestamp()
    if what == "alias":
        final, what = number - 1, "done"
    keep = what != "failed"
    return attrs.evolve(
        claimed, outcome=what, status=200 if keep else None, fetched_at=at, attempts=1,
        record=article(final) if what == "done" else None, reasons=("no headline",) if what == "refused" else (),
        raw_page=capture(final, url, at) if keep else None, links=tuple(map(named, links(final))) if what == "done" else (),
    )  # fmt: skip


def listing(*numbers: int) -> Page:
    return Page(url=f"{SITE}world", links=tuple(map(named, numbers)))


def reachable(size: int, depth: int) -> tuple[set[str], set[str]]:
    """Addresses a crawl of stories below `size` to `depth` must have as articles, and those it must have refused."""
    articles, refused, met = set(), set(), set()
    level = [0, 1, 2]
    for _ in range(depth + 1):
        following: list[int] = []
        for number in level:
            if number in met or number >= size:
                continue
            met.add(number)
            what = fate(number)
            if what == "refused":
                refused.add(url(number))
            if what in ("done", "alias"):
                final = number - (what == "alias")
                articles.add(url(final))
                following += links(final)
        level = following
    return articles, refused


def follow(size: int, depth: int) -> Callable[[str, int], str | None]:
    def decide(address: str, at: int) -> str | None:
        if at > depth:
            return "too deep"
        return None if number_of(address) < size else "out of scope"

    return decide


def rebuild(missing: Missing) -> Article | None:
    number, _, *body = missing.capture.payload[len("<html>") : -len("</html>")].decode().split(maxsplit=2)
    return article(int(number), *body, **missing.provenance())


def begin(folder: Path, size: int, depth: int, options: Options = SMALL, scope: str = "") -> Store:
    arguments = {"size": size, "depth": depth}
    return Store.open(
        folder,
        spider="world",
        arguments=arguments,
        scope=scope or f"{size} {depth}",
        follow=follow(size, depth),
        options=options,
    )


def crawl(store: Store, asked: Callable[[str], object] = str, pause: float = 0.0) -> None:
    """From the listing to the last address; several batches are under way at once."""
    store.repair(rebuild).result()
    under_way: list[Future[Committed]] = [store.store(listing(0, 1, 2))]
    under_way[0].result()
    while True:
        claim = store.claim(7).result()
        if not claim.addresses:
            for future in under_way:
                future.result()
            under_way.clear()
            if not claim.waiting:
                return
            time.sleep(0.01)
        for one in claim.addresses:
            asked(str(one.url))
            time.sleep(pause)
            under_way.append(store.store(fetch(one)))


def process(arguments: list[str], fault: str, errors: Path) -> None:
    """`main` in a process of its own, with a fault armed and its standard error in a file."""
    faults.armed = faults.Fault(fault)
    with errors.open("w", buffering=1) as sys.stderr:
        main(arguments)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("size", type=int)
    parser.add_argument("depth", type=int)
    parser.add_argument("--pause", type=float, default=0.0)
    options = parser.parse_args(arguments)
    log = os.open(options.folder.with_suffix(".log"), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    held, left = options.folder.with_suffix(".held"), options.size // 4

    def asked(address: str) -> None:
        """Waits at a quarter of the pages as long as the file is there by which a test holds it."""
        nonlocal left
        os.write(log, f"{store.crawl_id} {address}\n".encode())
        left -= 1
        while left <= 0 and held.exists():
            time.sleep(0.01)

    try:
        store = begin(options.folder, options.size, options.depth)
        try:
            crawl(store, asked, options.pause)
        except StorageError:
            store.close("failed", "storage")
            raise
        store.close("ok")
    except StorageError as error:
        print(error, file=sys.stderr)
        sys.exit(15)


if __name__ == "__main__":
    main()
