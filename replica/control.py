"""The replica's own addresses: truth, log, clock and faults. None of them is the newspaper's."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from array import array
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from replica import cdx, editor, faults, listings, truth
from replica.archive import Archive
from replica.clock import ClockError
from replica.edition import Edition

if TYPE_CHECKING:
    from collections.abc import Iterable

    from replica.clock import Clock
    from replica.newspaper import Newspaper

_BATCH: Final = 50


class Log:
    """Requests in order of arrival, but for the replica's own addresses; some 20 bytes each."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        """How many by path."""
        self._times = array("d")
        self._paths: list[str] = []
        self._status = array("H")
        self._conditional = bytearray()

    def arrive(self, path: str, *, conditional: bool) -> int:
        """The place of a request whose answer is still to come."""
        path = sys.intern(path)
        self.requests[path] += 1
        self._times.append(time.monotonic())
        self._paths.append(path)
        self._status.append(0)
        self._conditional.append(conditional)
        return len(self._paths) - 1

    def answer(self, place: int, status: int) -> None:
        """Fills in the status; 0 is a connection dropped without one."""
        self._status[place] = status

    def times(self) -> list[tuple[float, str, int, bool]]:
        """Monotonic seconds, path, status (0 while there is none) and whether it was conditional."""
        rows = zip(self._times, self._paths, self._status, self._conditional, strict=True)
        return [(at, path, status, bool(conditional)) for at, path, status, conditional in rows]


class Control:
    """The handlers of addresses that begin with `_`."""

    def __init__(self, paper: Newspaper, clock: Clock, rules: faults.Faults, log: Log) -> None:
        self.paper = paper
        self.clock = clock
        self.faults = rules
        self.log = log

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/_truth.jsonl", self.truth)
        app.router.add_get("/_truth/listings.jsonl", self.listings)
        app.router.add_get("/_log", self.counts)
        app.router.add_get("/_log/times", self.times)
        for name in ("/_cdx", "/_cdxj", "/_cdx.gz", "/_cdxj.gz"):
            app.router.add_get(name, self.index)
        app.router.add_get("/_clock", self.time)
        app.router.add_post("/_clock", self.move)
        app.router.add_get("/_faults", self.rules)
        app.router.add_post("/_faults", self.strike)
        app.router.add_delete("/_faults", self.mend)

    async def truth(self, request: web.Request) -> web.StreamResponse:
        """The expected record and links of every article, oldest first; with a clock the time of every version, whatever time it is."""
        numbers = range(self.paper.total)
        if self.paper.life:
            return await _stream(request, (truth.lived(self.paper, number) for number in numbers))
        return await _stream(request, (truth.entry(editor.article(self.paper, number)) for number in numbers))

    async def listings(self, request: web.Request) -> web.StreamResponse:
        """The expected links of home, sections and author archives, as they are now."""
        edition = Edition(self.paper, self.clock.now)
        found = (listings.listing(self.paper, path, edition.now) for path in listings.paths(self.paper))
        most_read = truth.addresses(link for _, link in editor.most_read(self.paper))
        lines = (
            {
                "path": one.path,
                "links": {
                    "cards": truth.addresses(card.link for card in one.cards),
                    "most_read": most_read,
                    "dead": truth.addresses(card.link for card in one.cards if card.link.dead),
                },
            }
            for one in found
            if one
        )
        return await _stream(request, lines)

    async def counts(self, _: web.Request) -> web.Response:
        """Requests by path so far."""
        return web.json_response(dict(self.log.requests))

    async def times(self, _: web.Request) -> web.Response:
        """Every request, `[monotonic seconds, path, status, conditional]`; status 0 is a connection dropped without one."""
        return web.json_response(self.log.times())

    async def index(self, request: web.Request) -> web.Response:
        """The archive's index: CDX or CDXJ, packed or not."""
        lines = (cdx.cdxj if "cdxj" in request.path else cdx.cdx)(Archive(self.paper), self.clock.now)
        if request.path.endswith(".gz"):
            return web.Response(body=cdx.packed(lines), content_type="application/gzip")
        return web.Response(body=b"".join(lines), content_type="text/plain")

    async def time(self, _: web.Request) -> web.Response:
        return web.json_response(self.clock.state())

    async def move(self, request: web.Request) -> web.Response:
        """Moves the clock by `at`, `forward` and `rate`; 400 for what is none, 409 without a clock."""
        asked = dict(request.query)
        if not asked or asked.keys() - {"at", "forward", "rate"}:
            return web.Response(status=400, text="at=TIME, forward=SECONDS or rate=R\n")
        try:
            self.clock.move(**asked)
        except ClockError as error:
            return web.Response(status=400 if self.paper.life else 409, text=f"{error}\n")
        return web.json_response(self.clock.state())

    async def rules(self, _: web.Request) -> web.Response:
        """The rules in force, each with how many answers it has struck."""
        return web.json_response([rule.state() for rule in self.faults.rules])

    async def strike(self, request: web.Request) -> web.Response:
        """Adds rules (a JSON list) to those in force; 400 for what is none, and none of it is added."""
        try:
            given = json.loads(await request.read())
            if not isinstance(given, list):
                raise faults.FaultError("a JSON list of rules is needed")
            self.faults.rules += [faults.rule(one) for one in given]
        except ValueError as error:
            return web.Response(status=400, text=f"{error}\n")
        return await self.rules(request)

    async def mend(self, request: web.Request) -> web.Response:
        """No more faults."""
        self.faults.rules.clear()
        return await self.rules(request)


async def _stream(request: web.Request, entries: Iterable[dict[str, Any]]) -> web.StreamResponse:
    """JSON Lines, made as they are sent."""
    response = web.StreamResponse(headers={"Content-Type": "application/jsonl; charset=utf-8"})
    await response.prepare(request)
    batch: list[str] = []
    for one in entries:
        batch.append(json.dumps(one, ensure_ascii=False))
        if len(batch) == _BATCH:
            await response.write(("\n".join(batch) + "\n").encode())
            batch.clear()
            await asyncio.sleep(0)  # pages are served meanwhile
    await response.write("".join(line + "\n" for line in batch).encode())
    return response
