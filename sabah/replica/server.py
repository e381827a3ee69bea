"""Runs the newspaper on 127.0.0.1 until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import signal
from typing import TYPE_CHECKING

from aiohttp import web

from sabah.replica.newspaper import Newspaper
from sabah.replica.routes import Routes
from sabah.replica.surroundings import surroundings

if TYPE_CHECKING:
    from collections.abc import Callable

HOST = "127.0.0.1"


def run(*, articles: int, seed: int, port: int, latency: float, ready: Callable[[str], None]) -> None:
    """Serves until SIGINT or SIGTERM; `ready` is called with the origin once connections are accepted. OSError if the port is taken."""
    paper = Newspaper(seed, articles)
    gc.collect()
    gc.freeze()  # modules and index live as long as the process: no collection needs to walk them
    asyncio.run(_serve(paper, port, latency, ready))


async def _serve(paper: Newspaper, port: int, latency: float, ready: Callable[[str], None]) -> None:
    app = web.Application()
    Routes(paper, latency).add_to(app)
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
