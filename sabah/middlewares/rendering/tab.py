"""One page of the browser, used for one address after another."""

from __future__ import annotations

import asyncio
import base64
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from playwright.async_api import Error

from sabah.middlewares.rendering import in_page
from sabah.middlewares.rendering.rendered import Stuck, TabLost
from sabah.middlewares.rendering.requests import PREFLIGHT

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from playwright.async_api import BrowserContext, CDPSession, JSHandle, Page

    from sabah.middlewares.rendering.requests import Answer, Door

ANSWERS_WITHIN: Final = 10.0
"""Seconds for what takes a tab milliseconds, beside what it is told to wait: one that needs longer is stuck."""

TIDIED_AFTER: Final = 15
"""Pages after which a tab gives back what they have left: by itself it does so late."""

LARGEST_HEAP: Final = 256 * 1024 * 1024
"""Bytes of JavaScript at which a tab is replaced; a page of the newspaper takes 5 to 20 MB."""

_CLOSED_WITHIN: Final = 5.0


class Tab:
    """Shows a document that the crawl has fetched; what it asks for goes through the page's Door or nowhere."""

    def __init__(self, page: Page, session: CDPSession) -> None:
        self.page, self.session = page, session
        self.uses = 0
        self.spoiled = False
        """Whether it must not be used again."""

        self._document: tuple[str, bytes] | None = None
        self._door: Door | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        page.on("crash", self._gone)
        page.on("close", self._gone)
        session.on("Fetch.requestPaused", self._paused)

    @classmethod
    async def open(cls, context: BrowserContext) -> Tab:
        page = await context.new_page()
        session = await context.new_cdp_session(page)
        tab = cls(page, session)
        # Of every kind: a preflight has none by which it could be picked out. What pages are not given, the door refuses.
        patterns = [{"urlPattern": pattern} for pattern in ("https://*", "http://*")]
        await session.send("Fetch.enable", {"patterns": patterns})
        await session.send("Emulation.setDocumentCookieDisabled", {"disabled": True})
        return tab

    async def show(self, url: str, document: bytes, door: Door) -> None:
        """Goes to `url`, whose answer is `document` (UTF-8). Raises TabLost, Stuck."""
        self.uses += 1
        self._document, self._door = (url, document), door
        await self._within(self.page.goto(url, wait_until="commit", timeout=0), ANSWERS_WITHIN)

    async def run(self, function: str, argument: object = None, *, waits: float = 0.0) -> Any:
        """What a function of `in_page` gives, which itself waits at most `waits` seconds. Raises TabLost, Stuck."""
        return await self._within(self.page.evaluate(function, argument), waits + ANSWERS_WITHIN)

    async def handle(self, function: str) -> JSHandle:
        """What a function gives, kept in the page to be an argument of others. Raises TabLost, Stuck."""
        found: JSHandle = await self._within(self.page.evaluate_handle(function), ANSWERS_WITHIN)
        return found

    async def html(self) -> str:
        """The document as it is now."""
        found: str = await self.run(in_page.HTML)
        return found

    async def leave(self) -> None:
        """Ends a visit: what the page still asks for is refused, and a tab that has grown too large is spoiled."""
        if self._door is not None:
            self._door.shut()
        self._document = self._door = None
        for task in self._tasks:
            task.cancel()
        if self.spoiled:
            return
        with suppress(TabLost, Stuck):
            if self.uses % TIDIED_AFTER == 0:
                await self._within(self.session.send("HeapProfiler.collectGarbage"), ANSWERS_WITHIN)
            used = await self._within(self.session.send("Runtime.getHeapUsage"), ANSWERS_WITHIN)
            self.spoiled = self.spoiled or used["usedSize"] > LARGEST_HEAP

    async def close(self) -> None:
        self.spoiled = True
        for task in self._tasks:
            task.cancel()
        with suppress(Error, TimeoutError):
            await asyncio.wait_for(self.page.close(), _CLOSED_WITHIN)

    async def _within(self, work: Coroutine[Any, Any, Any], seconds: float) -> Any:
        """The result, as long as the page lives and answers in time; otherwise the tab is spoiled."""
        task = asyncio.ensure_future(work)
        await asyncio.wait({task, self._lost}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            try:
                return task.result()
            except Error as error:
                self.spoiled = True
                raise TabLost(f"the page was lost ({error.message.splitlines()[0][:200]})") from error
        self.spoiled = True
        task.cancel()
        with suppress(asyncio.CancelledError, Error):
            await task
        if self._lost.done():
            raise TabLost("the page crashed")
        raise Stuck(f"the page did not answer for {seconds:.0f} s")

    def _gone(self, _: object) -> None:
        self.spoiled = True
        if not self._lost.done():
            self._lost.set_result(None)

    def _paused(self, event: dict[str, Any]) -> None:
        task = asyncio.ensure_future(self._serve(event))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, event: dict[str, Any]) -> None:
        """Gives a request of the page its answer."""
        asked, door = event["request"], self._door
        url = asked["url"].partition("#")[0]
        answer: Answer | None = None
        if event["resourceType"] == "Document":
            if self._document is not None and url == self._document[0]:
                document, self._document = self._document[1], None
                await self._fulfil(event, 200, (("Content-Type", "text/html; charset=utf-8"),), document)
                return
        elif door is not None:
            body = asked.get("postData", "").encode()
            kind = PREFLIGHT if asked["method"] == "OPTIONS" else event["resourceType"]
            answer = await door.ask(kind, asked["method"], url, asked["headers"], body)
        if answer is None or door is not self._door:
            # Aborted: a page that goes elsewhere stays where it is.
            await self._send("Fetch.failRequest", {"requestId": event["requestId"], "errorReason": "Aborted"})
        else:
            await self._fulfil(event, answer.status, answer.headers, answer.body)

    async def _fulfil(
        self, event: dict[str, Any], status: int, headers: tuple[tuple[str, str], ...], body: bytes
    ) -> None:
        await self._send(
            "Fetch.fulfillRequest",
            {
                "requestId": event["requestId"], "responseCode": status, "body": base64.b64encode(body).decode(),
                "responseHeaders": [{"name": name, "value": value} for name, value in headers],
            },
        )  # fmt: skip

    async def _send(self, method: str, given: dict[str, Any]) -> None:
        with suppress(Error):  # the page has gone meanwhile, and nobody waits for the answer
            await self.session.send(method, given)
