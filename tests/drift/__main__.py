"""`python -m tests.drift [--seed N] [--crawls N] [--runs N]`: mutated crawls and unmutated runs, judged by the monitors; the report of docs/monitoring.md."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from itertools import cycle, product
from random import Random
from typing import TYPE_CHECKING

import attrs

from sabah.monitors.drift import EARLIER, deviations
from tests.drift.crawls import Crawl, crawl
from tests.drift.mutations import draw, targets
from tests.drift.orders import ORDERS, Orders
from tests.drift.pages import of_replica, saved_pages
from tests.drift.reading import outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sabah.monitors.features import Seen

TOTAL, POOL, SIZE = 6000, 500, 60
"""Articles of the replica, those that mutated crawls draw from, and pages of such a crawl."""

COPIES = 10
"""Pages of a crawl over a saved page, which is one of a kind; and 30 of its history."""

MUST_BE_RIGHT = frozenset({"published_at", "modified_at", "url"})


@attrs.define
class Report:
    crawls: list[Crawl] = attrs.field(factory=list)

    def add(self, one: Crawl, *, loud: bool) -> None:
        self.crawls.append(one)
        if loud and (not one.good or one.wrong):
            print(("MISSED " if not one.good else "") + one.describe())

    def lines(self) -> Iterator[str]:
        if not self.crawls:
            return
        number, values = len(self.crawls), sum(one.values for one in self.crawls)
        flagged, right, good = (
            sum(map(bool, found))
            for found in zip(*((one.found, one.right, one.good) for one in self.crawls), strict=True)
        )
        wrong = Counter(field for one in self.crawls for page in one.outcomes for field in page.wrong)
        yield f"{number} mutated crawls: {good / number:.1%} flagged or wholly right ({flagged} flagged, {right} wholly right)"
        yield f"{values:,} values: {sum(wrong.values()) / values:.3%} wrong ({', '.join(f'{field} {count}' for field, count in wrong.most_common()) or 'none'})"
        kinds: Counter[str] = Counter(one.name for crawl in self.crawls for one in crawl.mutations)
        missed = Counter(one.name for crawl in self.crawls if not crawl.good for one in crawl.mutations)
        for kind, count in kinds.most_common():
            yield f"  {kind}: in {count} crawls, {missed[kind]} missed"

    @property
    def holds(self) -> bool:
        if not self.crawls:
            return True
        good = sum(one.good for one in self.crawls) / len(self.crawls)
        wrong = [field for one in self.crawls for page in one.outcomes for field in page.wrong]
        return (
            good >= 0.98
            and len(wrong) <= 0.001 * sum(one.values for one in self.crawls)
            and MUST_BE_RIGHT.isdisjoint(wrong)
        )


def mutated(
    random: Random, seed: int, number: int, *, loud: bool, total: int = TOTAL, pool: int = POOL, size: int = SIZE
) -> Report:
    """`number` crawls, one in five over a saved page."""
    report = Report()
    earlier = min(EARLIER, total // 2)
    pages = of_replica(seed, total, random.sample(range(total), earlier + pool))
    history = [outcome(one.url, one.html, one.truth, ours=False) for one in pages[:earlier]]
    new = pages[earlier:]
    known = targets([one.tree() for one in new[: pool // 2]])
    saved = [(one, targets([one.tree()])) for one in saved_pages() if not outcome(one.url, one.html, one.truth).missing]
    while len(report.crawls) < number:
        if len(report.crawls) % 5 == 4:
            page, own = random.choice(saved)
            before = [outcome(page.url, page.html, page.truth, ours=False)] * 30
            made = crawl(page.url, before, [page], draw(random, own), 1, COPIES)
        else:
            made = crawl("replica", history, random.sample(new, len(new)), draw(random, known), size)
        if made is not None:
            report.add(made, loud=loud)
    return report


def unmutated(random: Random, seed: int, number: int, *, total: int = TOTAL, pages: int = 1300) -> list[str]:
    """What is raised falsely in runs of the kinds that schedulers start."""
    made = of_replica(seed, total, sorted(random.sample(range(total), pages)))
    seen = [outcome(one.url, one.html, one.truth, ours=False).seen for one in made]
    alarms = []
    for _ in range(number):
        what, run = _run(random, seen)
        names = {one.url for one in run}
        rest = [one for one in seen if one.url not in names]
        history = random.sample(rest, min(len(rest), random.choice((0, 20, 60, 200, EARLIER))))
        found = deviations([*history, *(attrs.evolve(one, ours=True) for one in run)])
        alarms += [f"{what}, {len(run)} pages after {len(history)}: {one}" for one in found[:1]]
    return alarms


def in_orders(random: Random, seed: int, number: int, *, total: int = TOTAL // 3) -> tuple[list[str], int]:
    """What is raised falsely while folders are filled in every order of commands that is documented, until that were `number` runs; and how many were."""
    papers = [Orders(random, seed, total, silent=silent) for silent in (False, True)]
    alarms, runs = list[str](), 0
    for order, paper in cycle(product(ORDERS, papers)):
        if runs >= number:
            break
        alarms += paper.alarms(order)
        runs += len(order.split())
    return alarms, runs


def _run(random: Random, seen: Sequence[Seen]) -> tuple[str, list[Seen]]:
    what = random.choice(("few", "old", "new", "videos", "section", "any", "any"))
    section = random.choice(seen).url.split("/")[3]
    chosen = {
        "few": seen[-300:], "old": seen[:500], "new": seen[-500:], "any": seen,
        "videos": [one for one in seen if one.kind == "video"], "section": [one for one in seen if one.url.split("/")[3] == section],
    }[what]  # fmt: skip
    size = random.randint(1, 3) if what == "few" else random.choice((10, 40, 100, 300))
    return what, random.sample(list(chosen), min(size, len(chosen)))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.drift", description=__doc__)
    parser.add_argument("--seed", type=int, default=20261126)
    parser.add_argument("--crawls", type=int, default=300, help="mutated crawls; 0: unmutated runs alone")
    parser.add_argument(
        "--runs",
        type=int,
        default=300,
        help="unmutated runs, and again as many in the orders of commands that the documents name",
    )
    parser.add_argument("--loud", action="store_true", help="print each crawl that was missed or gave wrong values")
    given = parser.parse_args()
    started = time.monotonic()
    report = mutated(Random(given.seed), given.seed, given.crawls, loud=given.loud) if given.crawls else Report()
    alarms = unmutated(Random(given.seed + 1), given.seed + 1, given.runs)
    of_orders, runs = in_orders(Random(given.seed + 2), given.seed + 2, given.runs)
    print(f"seed {given.seed}")
    print("\n".join(report.lines()))
    print(f"{given.runs} unmutated runs: {len(alarms)} false alarms", *alarms, sep="\n  ")
    print(
        f"{runs} unmutated runs in {len(ORDERS)} orders of commands: {len(of_orders)} false alarms",
        *of_orders,
        sep="\n  ",
    )
    print(f"took {time.monotonic() - started:.0f} s")
    return 0 if report.holds and not alarms and not of_orders else 1


if __name__ == "__main__":
    sys.exit(main())
