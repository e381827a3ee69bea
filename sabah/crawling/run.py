"""A crawl's hold on the data folder: opened before anything is asked, told of every page, closed with the verdict."""

from __future__ import annotations

import asyncio
import logging
import weakref
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeVar
from weakref import WeakKeyDictionary

from sabah import clock
from sabah.archive.rereading import Rebuilder, Rehash, Responses, is_consistent
from sabah.configuration import output_dir, refused_ages, revisit_ages, revisit_confirm
from sabah.middlewares.dates import Dates
from sabah.monitors.alerts import Alarm
from sabah.monitors.suite import Facts, watch
from sabah.monitors.verdict import CODES, FINISHED, LIMIT, judge
from sabah.spiders.arguments import JOB
from sabah.spiders.base import SabahSpider
from sabah.storage.errors import StorageError
from sabah.storage.revisits import Schedule
from sabah.storage.store import Options, Store, made_good

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Coroutine, Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.statscollectors import StatsCollector

    from sabah.archive.rereading import Pipelines
    from sabah.items import Article
    from sabah.monitors.verdict import Verdict
    from sabah.site.link import Link
    from sabah.storage.frontier import Claim
    from sabah.storage.lines import Signature
    from sabah.storage.pages import Committed, Page
    from sabah.storage.store import Refused


class Tally:
    """Stats, all of them from what was committed: `store/articles`, `store/file`, `store/known` (articles read that the dataset had), of stored articles
    looked at again `store/revisions`, `store/withdrawals`, `store/moved` (all among the articles), `store/unchanged`, `store/gone_once`, `store/still_gone`,
    `store/same_text`, `store/over_limit` (pages that came while the run was ending), `links/REASON` (not followed: `out_of_scope`, `too_deep`,
    `stored_before`, `outside_the_dates`, `refused_before`, `refused_for_good`, `dropped_before`), `refused/again` (pages that were refused before and
    asked for again because they were due: no news), `refused/for_good` (pages refused for the last time),
    `refused/waiting` (addresses met or asked for that are asked for again), `refused/due_in` (seconds until the first of them is).
    """

    def __init__(self, stats: StatsCollector, file: Path, *, insists: bool) -> None:
        """`file` is where the run's articles go; `insists` says whether it asks for what was refused because it was named."""
        self._stats, self._file, self._insists = stats, file, insists

    @property
    def articles(self) -> int:
        """How many this run has stored."""
        return int(self._stats.get_value("store/articles", 0))

    def page(self, page: Page, committed: Committed) -> None:
        """Counts a page that is on the disk."""
        if not committed.within:
            self._stats.inc_value("store/over_limit")
            return
        stored, moved = len(committed.articles), len(committed.moved)
        self.links(committed.unwanted)
        if moved:
            self._stats.inc_value("store/moved", moved)
        if stored or moved:
            self._stats.inc_value("store/articles", stored + moved)
            self._stats.set_value("store/file", str(self._file))
            same = sum(one.duplicate_of is not None for one in committed.articles)
            self._stats.inc_value("store/same_text", same)
        if page.outcome == page.state == "refused" and not self._insists:
            self._stats.inc_value("refused/again")
        if committed.refused_for_good:
            self._stats.inc_value("refused/for_good")
            logger.warning("Refused for good (%s): %s", "; ".join(page.reasons), page.url)
        if page.known:
            self._look(page, committed.articles)
        else:
            self._stats.inc_value("store/known", (page.record is not None) - stored)

    def withdrawn(self) -> None:
        """Counts an article that is withdrawn at the run's end."""
        self._stats.inc_value("store/articles")
        self._stats.inc_value("store/withdrawals")
        self._stats.set_value("store/file", str(self._file))

    def links(self, unwanted: Counter[str]) -> None:
        """Counts addresses that are not asked for, by the reason."""
        for reason, number in unwanted.items():
            self._stats.inc_value(f"links/{reason.replace(' ', '_')}", number)

    def deadly(self, addresses: Sequence[str]) -> None:
        """Counts addresses that are not asked for any more, because runs have died over them."""
        if addresses:
            self._stats.inc_value("fetch/failed", len(addresses))
            self._stats.inc_value("fetch/failed/deaths", len(addresses))

    def refused(self, refused: Refused) -> None:
        """Counts, at the end, what is asked for again, and when."""
        self._stats.set_value("refused/waiting", refused.waiting)
        if refused.seconds is not None:
            self._stats.set_value("refused/due_in", refused.seconds)

    def _look(self, page: Page, stored: Sequence[Article]) -> None:
        """Counts what a stored article was found to be."""
        if stored:
            what = "withdrawals" if stored[0].withdrawn_at else "revisions"
        elif page.record is not None:
            what = "unchanged"
        elif page.outcome == "gone":
            what = "still_gone" if page.state == "gone" else "gone_once"
        else:
            return
        self._stats.inc_value(f"store/{what}")


logger = logging.getLogger(__name__)

T = TypeVar("T")

STORAGE: Final = "storage"
"""Why a run ends whose data folder takes no more."""


LOST: Final = "a spider middleware"
"""What is blamed for a record that was yielded and did not come to the pipelines."""


class Run:
    """Stats beside those of its Tally: `store/left` (addresses that failed, left to the next run), `store/error`, `stop/reason`."""

    _of: ClassVar[WeakKeyDictionary[Crawler, Run]] = WeakKeyDictionary()

    def __init__(self, crawler: Crawler, store: Store) -> None:
        self.crawler, self.store = crawler, store
        insists = isinstance(crawler.spider, SabahSpider) and crawler.spider.insists
        self.tally = Tally(crawler.stats, store.folder / "articles" / f"{store.crawl_id}.jsonl", insists=insists)
        self.ended = False
        self.verdict: Verdict | None = None
        """What it came to, once it has ended."""

        self.handed_in: Callable[[], object] = bool
        """Called when a page has been handed to the writer: there may be more to claim after it."""

        self._expected: dict[int, tuple[weakref.ref[Article], Page]] = {}
        """Pages whose records are between the spider and the pipelines, by the record's identity: a pipeline may change all else of it."""

        self.dates = Dates()
        self._given_back: list[Page] = []
        self._in_hand: set[Page] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._stopping: asyncio.Task[None] | None = None

    @classmethod
    def of(cls, crawler: Crawler) -> Run:
        """The run of this crawl. Raises KeyError where there is none."""
        return cls._of[crawler]

    @classmethod
    def get(cls, crawler: Crawler) -> Run | None:
        """The run of this crawl; None where there is none, as of `scrapy shell` or of a spider that is none of this project's."""
        return cls._of.get(crawler)

    @classmethod
    def begin(cls, crawler: Crawler, pipelines: Pipelines | None = None) -> Self:
        """Claims the folder and clears up behind dead runs, which is said in one line. `pipelines` are the user's own, for lines that have to be rebuilt. Raises StorageError, and UnderWay for a job that is."""
        spider, settings = crawler.spider, crawler.settings
        assert isinstance(spider, SabahSpider)
        responses = Responses(crawler)
        clock.correct(timedelta(0))
        options = Options(
            limit=spider.arguments.limit,
            group_pages=settings.getint("GROUP_COMMIT_PAGES"),
            group_seconds=settings.getfloat("GROUP_COMMIT_SECONDS"),
            snapshot_bytes=settings.getint("SNAPSHOT_MAX_BYTES"),
            schedule=Schedule(revisit_ages(settings), revisit_confirm(settings), refused_ages(settings)),
            look_again=spider.looks_again,
            insists=spider.insists,
            refused_of_old=settings.getint("REFUSED_OF_OLD_MAX"),
            redirects=settings.getint("REDIRECT_MAX_TIMES"),
            sign=_sign,
            rehash=Rehash(responses),
        )
        store = Store.open(
            output_dir(settings), spider=spider.name, arguments=spider.given, scope=spider.scope, follow=spider.wants,
            holds=spider.arguments.window.holds, skips=lambda one: spider.skips(one.url or "", one.depth, one.hint, one.capture), crawl_id=spider.crawl_id, job=spider.given.get(JOB), options=options,
        )  # fmt: skip
        run = cls._of[crawler] = cls(crawler, store)
        try:
            repaired = store.repair(
                Rebuilder(responses, pipelines), deep=settings.getbool("DEEP_REPAIR"), consistent=is_consistent
            ).result()
        except StorageError as error:
            crawler.stats.set_value("store/error", str(error))
            run.close(STORAGE)
            raise
        if found := made_good(store.recovered, repaired):
            logger.warning("Recovered: %s", found)
        run.tally.deadly(store.recovered.deadly)
        return run

    @classmethod
    def close_left(cls, crawler: Crawler) -> None:
        """Closes the run of a crawl that was stopped by a second signal, before it could do so itself."""
        if run := cls._of.get(crawler):
            run.close()

    @classmethod
    def verdict_of(cls, crawler: Crawler) -> Verdict | None:
        """What this crawl's run came to; None where it has none, or has not ended."""
        run = cls._of.get(crawler)
        return run.verdict if run else None

    @property
    def busy(self) -> bool:
        """Whether a page's end is being written that no request waits for."""
        return bool(self._tasks)

    @property
    def left(self) -> int | None:
        """Articles that may still be stored; None without a limit."""
        spider = self.crawler.spider
        assert isinstance(spider, SabahSpider)
        limit = spider.arguments.limit
        return None if limit is None else max(0, limit - self.tally.articles)

    def heard(self, response: Response) -> None:
        """Compares the machine's clock with an answer's Date. From when most answers say that it is wrong, the run goes by them, and plans nothing."""
        before = self.dates.wrong_by
        self.dates.take(response)
        wrong_by = self.dates.wrong_by
        if (wrong_by is None) == (before is None):
            return
        clock.correct(wrong_by or timedelta(0))
        self.crawler.stats.set_value("clock/off", wrong_by and round(wrong_by.total_seconds()))
        if not self.ended:
            self.spawn(self._go_by_answers(wrong_by))

    async def _go_by_answers(self, wrong_by: timedelta | None) -> bool | None:
        return await self._answer(self.store.go_by_answers(wrong_by))

    def spawn(self, work: Coroutine[Any, Any, object]) -> None:
        """Does `work` beside the crawl; the run does not end before it."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settle(self, page: Page, outcome: str | None = None, leads_to: Link | None = None) -> Committed | None:
        """Ends a page, once: what comes after the first time is passed over. None where nothing was stored."""
        if page.handed_in:
            return None
        page.end(outcome, leads_to)
        page.handed_in = True
        try:
            return await self.commit(page)
        finally:
            page.ended = True
            self.put_down(page)

    def take_up(self, page: Page) -> None:
        """A page is asked for: should this process die before it ends, that may be why."""
        self._in_hand.add(page)
        self._note_in_hand()

    def put_down(self, page: Page) -> None:
        """A page has ended, or waits for its next turn."""
        if page in self._in_hand:
            self._in_hand.remove(page)
            self._note_in_hand()

    def _note_in_hand(self) -> None:
        if not self.ended:
            self.store.in_hand(self._in_hand)

    def expect(self, record: Article, page: Page) -> None:
        """Notes of which page a record is that is handed to the pipelines. Where it is lost on the way, its page has failed."""
        loop, key = asyncio.get_running_loop(), id(record)
        self._lost(key)  # one whose place in memory the new one has taken

        def gone(reference: weakref.ref[Article]) -> None:
            # Whatever thread lets go of it last.
            loop.call_soon_threadsafe(self._lost, key, reference)

        self._expected[key] = (weakref.ref(record, gone), page)

    def page_of(self, item: object) -> Page | None:
        """The page of a record that has come to the pipelines, once; None for any other item."""
        record, page = self._expected.get(id(item), (None, None))
        if record is None or record() is not item:
            return None
        del self._expected[id(item)]
        return page

    def end_lost(self) -> None:
        """Ends the pages whose records have not come to the pipelines and are kept somewhere. Called when nothing is under way in the scraper."""
        for key in list(self._expected):
            self._lost(key)

    def _lost(self, key: int, reference: weakref.ref[Article] | None = None) -> None:
        """Ends the page of the record at `key`; not where that is another's by now than the one of `reference`."""
        known, page = self._expected.get(key, (None, None))
        if page is not None and (reference is None or known is reference):
            del self._expected[key]
            self.spawn(self.lose(page))

    async def lose(self, page: Page) -> None:
        """Ends a page whose record was read and never came to the pipelines: its page has failed, and is due again."""
        page.fault = LOST
        self.crawler.stats.inc_value("pipeline/failed")
        self.crawler.stats.inc_value(f"pipeline/failed/{LOST}")
        logger.error("The record never came to the pipelines (a spider middleware has it?): %s", page.url)
        await self.settle(page)

    def give_back(self, page: Page) -> None:
        """What failed by no fault of its own is pending again when the run has ended, as if it had not been tried."""
        if page.id is not None:
            self._given_back.append(page)

    async def commit(self, page: Page) -> Committed | None:
        """Waits until the page is on the disk; None, and the end of the run, where it takes no more."""
        if self.ended:
            return None
        future = self.store.store(page)
        self.handed_in()
        committed = await self._answer(future)
        if committed is not None:
            self.tally.page(page, committed)
            for one in committed.moved:
                logger.info("Moved to %s: %s", one.moved_to, one.url)
            if not committed.within or self.left == 0:
                self.stop(LIMIT)
        return committed

    async def unknown(self, urls: Sequence[str]) -> int:
        """How many of the canonical addresses may yet become articles of this dataset; all of them where the folder cannot be used any more."""
        unknown = await self._answer(self.store.unknown(urls))
        return len(urls) if unknown is None else unknown

    async def want_due(self) -> int | None:
        """Wants every stored article that is to be looked at now; how many those are, None where the folder cannot be used any more."""
        if self.ended:
            return None
        future = self.store.want_due()
        self.handed_in()
        return await self._answer(future)

    async def claim(self) -> Claim | None:
        """The next addresses; None where the folder cannot be used any more."""
        if self.ended:
            return None
        claim = await self._answer(self.store.claim())
        if claim is not None:
            self.tally.links(claim.unwanted)
            self.tally.deadly(claim.deadly)
        return claim

    async def _answer(self, future: Future[T]) -> T | None:
        """The store's answer; None, and the end of the run, where its folder takes no more."""
        try:
            return await asyncio.wrap_future(future)
        except StorageError as error:
            self.fail(error)
            return None

    def fail(self, error: StorageError) -> None:
        """Ends the run because of the data folder."""
        if not self.crawler.stats.get_value("store/error"):
            self.crawler.stats.set_value("store/error", str(error))
        self.stop(STORAGE)

    def stop(self, reason: str) -> None:
        """Asks for the spider's end; what is under way ends first. Only the first call counts."""
        if self.crawler.stats.get_value("stop/reason"):
            return
        self.crawler.stats.set_value("stop/reason", reason)
        self._stopping = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=reason))

    async def end(self, reason: str | None) -> None:
        """Stores verdict and counts and gives back what was claimed."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if not self.ended:
            await asyncio.to_thread(self.close, reason)

    def close(self, reason: str | None = None) -> None:
        """As `end`, for a crawl whose event loop is no more. Only the first call counts."""
        if self.ended:
            return
        self.ended = True
        self._expected.clear()
        stats = self.crawler.stats.get_stats()
        if self.dates.off is not None and self.dates.wrong_by is None:
            with suppress(StorageError):  # closing meets it again, and says it
                self.crawler.stats.set_value("clock/set_right", self.store.set_right().result())
        if self._given_back:
            with suppress(StorageError):  # closing meets it again, and says it
                self.store.reopen(self._given_back).result()
        with suppress(StorageError):  # closing meets it again, and says it
            self.tally.refused(self.store.refused().result())
        with suppress(StorageError):  # as above
            for url, what in self.store.withdraw_astray().result():
                self.tally.withdrawn()
                logger.warning(
                    "Withdrawn (for a week a look has met a%s %s in its place): %s",
                    "n" * (what == "error page"),
                    what,
                    url,
                )
        if reason == FINISHED:
            with suppress(StorageError):  # closing meets it again, and says it
                self.crawler.stats.set_value("store/left", self.store.left().result())
        stats = {**stats, "finish_reason": reason}
        found = self._watch(stats)
        self.verdict = judge(stats, found)
        counts = {name: value for name, value in stats.items() if isinstance(value, int | float)}
        try:
            self.store.close(self.verdict.name, self.verdict.reason or None, counts, self.verdict.held)
        except StorageError as error:
            if not stats.get("store/error"):
                self.crawler.stats.set_value("store/error", str(error))
                self.verdict = judge({**stats, "store/error": str(error)}, found)
        spider = self.crawler.spider
        assert spider is not None
        Alarm.from_settings(self.crawler.settings, CODES).ring(self.verdict, self.store.crawl_id, spider.name, counts)

    def _watch(self, stats: Mapping[str, Any]) -> dict[str, str] | None:
        """What the monitors find; None where the ledger cannot be asked, which closing meets again and says. Never raises: whatever they stumble over, the run has to end."""
        try:
            return watch(self.store.ask(lambda ledger, run: Facts.read(ledger, run, stats)).result())
        except StorageError:
            return None
        except Exception as error:
            logger.exception("The monitors failed")
            return {"partial": f"the monitors could not judge the run ({type(error).__name__}: {error})"}


def _sign(body: str | None) -> Signature:
    """The signature that near-duplicates of `body` are found by."""
    from sabah.dataset.near.signatures import sign  # noqa: PLC0415 -- numpy takes a fifth of a start, and most runs that start store nothing

    return sign(body)
