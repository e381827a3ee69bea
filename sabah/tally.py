"""What a run counts of what was committed: the stats that its verdict is made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence
    from pathlib import Path

    from scrapy.statscollectors import StatsCollector

    from sabah.items import Article
    from sabah.storage.pages import Committed, Page


class Tally:
    """Stats, all of them from what was committed: `store/articles`, `store/file`, `store/known` (articles read that the dataset had), of stored articles
    looked at again `store/revisions`, `store/withdrawals`, `store/moved` (all among the articles), `store/unchanged`, `store/gone_once`, `store/still_gone`,
    `store/same_text`, `store/over_limit` (pages that came while the run was ending), `links/REASON` (not followed: `out_of_scope`, `too_deep`,
    `stored_before`, `outside_the_dates`).
    """

    def __init__(self, stats: StatsCollector, file: Path) -> None:
        """`file` is where the run's articles go."""
        self._stats, self._file = stats, file

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
        if page.known:
            self._look(page, committed.articles)
        else:
            self._stats.inc_value("store/known", (page.record is not None) - stored)

    def links(self, unwanted: Counter[str]) -> None:
        """Counts addresses that are not asked for, by the reason."""
        for reason, number in unwanted.items():
            self._stats.inc_value(f"links/{reason.replace(' ', '_')}", number)

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
