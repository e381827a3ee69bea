"""What a run counts of what was committed: the stats that its verdict is made from."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence
    from pathlib import Path

    from scrapy.statscollectors import StatsCollector

    from sabah.items import Article
    from sabah.storage.pages import Committed, Page
    from sabah.storage.store import Refused

logger = logging.getLogger(__name__)


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
