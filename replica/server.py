"""Runs the newspaper on 127.0.0.1 until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import signal
from typing import TYPE_CHECKING, Any

import attrs
from aiohttp import web

from replica.clock import Clock
from replica.control import Control, Log
from replica.dice import seeded
from replica.faults import Faults
from replica.life import Life
from replica.newspaper import Newspaper
from replica.pages import http_date
from replica.routes import Routes
from replica.scripts import Scripted
from replica.surroundings import surroundings

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from replica.faults import Rule

HOST = "127.0.0.1"


@attrs.frozen(kw_only=True)
class Plan:
    """A newspaper that lives: what its clock shows at first, and what happens along it."""

    start: dt.datetime
    per_hour: float = 0.0
    correct: float = 0.0
    withdraw: float = 0.0
    trouble: float = 0.0
    days: float = 7.0


def run(
    *, articles: int, seed: int, port: int, latency: float, ready: Callable[[str], None], plan: Plan | None = None, rules: Sequence[Rule] = (),
    scripts: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Serves until SIGINT or SIGTERM; `ready` is called with the origin once connections are accepted. OSError if the port is taken."""
    paper = _paper(seed, articles, plan)
    clock = Clock(plan.start if plan else None)
    faults, log = Faults(paper.seed, list(rules)), Log()
    app = web.Application()
    Control(paper, clock, faults, log).add_to(app)
    routes = Routes(paper, latency, clock, faults, log)
    routes.add_to(app)
    if plan is not None:
        app.on_response_prepare.append(_dated(clock))
    if scripts is not None:
        app.middlewares.append(Scripted(routes, log, **scripts).answer)
    gc.collect()
    gc.freeze()  # modules and index live as long as the process: no collection needs to walk them
    asyncio.run(_serve(app, port, ready))


def _dated(clock: Clock) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Has every answer bear the newspaper's own time as its Date."""

    async def date(_: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = http_date(clock.now)

    return date


def _paper(seed: int, articles: int, plan: Plan | None) -> Newspaper:
    if plan is None:
        return Newspaper(seed, articles)
    life = Life(
        seeded(seed),
        start=plan.start,
        backlog=articles,
        per_hour=plan.per_hour,
        correct=plan.correct,
        withdraw=plan.withdraw,
        trouble=plan.trouble,
    )
    return Newspaper(seed, articles + int(plan.per_hour * 24 * plan.days), life)


async def _serve(app: web.Application, port: int, ready: Callable[[str], None]) -> None:
    surroundings(0)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, HOST, port, reuse_address=True)
        await site.start()
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for one in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(one, stop.set)
        ready(f"http://{HOST}:{runner.addresses[0][1]}")
        await stop.wait()
    finally:
        await runner.cleanup()
