"""What one scope has still to fetch: wanting addresses, claiming them in batches, level by level."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Final

import attrs

from sabah import clock
from sabah.storage.last import NEWEST_FIRST
from sabah.storage.pages import READ, Page
from sabah.storage.recovery import LAST
from sabah.storage.revisits import Due, Schedule, rested

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sabah.storage.ledger import Ledger

    Follow = Callable[[str, int], str | None]
    """Asked with an address and a depth: None to follow it, else the reason why not. Called in the writer's thread."""

    Holds = Callable[[str], bool]
    """Asked with a publication date: whether the run wants what was published then. Called in the writer's thread."""

    Skips = Callable[["Page"], bool]
    """Asked of an address that nobody has read: whether what is known of it makes a request needless. Called in the writer's thread."""
    from collections.abc import Collection, Mapping, Sequence

    from sabah.site.link import Link

LOST: Final = frozenset({"gone", "refused", "failed"})
"""States of an address without a record: a capture of the archive may give one."""

NAMED_KEPT: Final = 50_000
"""Addresses whose ids are kept in memory, about 20 MB: nine links in ten were on a page before."""


DAY: Final = 86_400
"""Seconds. A source names the same for days: when it last did is written once a day, so that an hourly crawl does not write a row for each of its links."""


class Naming:
    """All of it inside a transaction of the caller's."""

    def __init__(self, ledger: Ledger, met: Mapping[int, int]) -> None:
        """`met` has the smallest depth at which the run has taken care of an address, by its id; it may grow meanwhile."""
        self.ledger, self.met = ledger, met
        self._named: dict[str, tuple[int, str, str]] = {}
        """Rows of addresses as they were when last named: of one taken care of at the depth, no more than the id matters."""

        self._namers: dict[tuple[str, str], int] = {}
        self._noted: dict[int, set[int]] = {}
        """Addresses by namer of what was written down this day: most links of a page were on pages before."""

        self._day = 0

    def register(
        self, links: Iterable[Link], found_on: str | None, depth: int, seen_at: str | None = None
    ) -> list[tuple[int, str, str]]:
        """Makes every address known; each once, in order, as (id, address, state). `seen_at` (ISO 8601) is by default now."""
        at = seen_at or clock.timestamp()
        found = []
        if len(self._named) > NAMED_KEPT:
            self._named.clear()
        for link in {link.url: link for link in links}.values():
            before = self._named.get(link.url)
            told = link.hint is not None or link.capture is not None
            if before is not None and not told and self.met.get(before[0], depth + 1) <= depth:
                found.append(before)
                continue
            row = self.ledger.one("SELECT id, url, state, depth FROM addresses WHERE url = ?", link.url)
            if row is None:
                added = self.ledger.run(
                    "INSERT INTO addresses (url, kind, section, subsection, found_on, depth, first_seen_at, hint, capture) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    link.url, link.kind, link.section, link.subsection, found_on, depth, at, link.hint, link.capture,
                )  # fmt: skip
                row = (added.lastrowid, link.url, "pending", depth)
            else:
                if row[3] > depth:
                    self.ledger.run("UPDATE addresses SET depth = ? WHERE id = ?", depth, row[0])
                if told and row[2] != "forgotten":
                    row = self._tell(row, link)
            found.append(row[:3])
            self._named[link.url] = found[-1]
        return found

    def note(self, kind: str, name: str, found: Collection[tuple[int, str, str]]) -> None:
        """Writes down who named addresses: when first, and to a day when last."""
        if not found:
            return
        at = int(clock.now().timestamp())
        if at // DAY != self._day or sum(map(len, self._noted.values())) > NAMED_KEPT:
            self._noted.clear()
            self._day = at // DAY
        namer = self._namers.get((kind, name))
        if namer is None:
            self.ledger.run("INSERT INTO namers (kind, name) VALUES (?, ?) ON CONFLICT DO NOTHING", kind, name)
            (namer,) = self.ledger.one("SELECT id FROM namers WHERE kind = ? AND name = ?", kind, name)
            self._namers[kind, name] = namer
        noted = self._noted.setdefault(namer, set())
        if new := sorted({address for address, _, state in found if state != "forgotten"} - noted):
            self.ledger.connection.executemany(
                "INSERT INTO namings VALUES (?1, ?2, ?3, ?3) ON CONFLICT DO UPDATE SET last = excluded.last WHERE excluded.last >= last + ?4",
                [(address, namer, at, DAY) for address in new],
            )
            noted.update(new)

    def _tell(self, row: tuple[int, str, str, int], link: Link) -> tuple[int, str, str, int]:
        """Keeps what a feed or an index says of an address: of a hint what was said first, of a capture what was said last.

        An article the archive has is asked of it though the newspaper has it no more, unless a record of it is stored.
        """
        address, url, state, depth = row
        if link.hint is not None:
            self.ledger.run(
                "UPDATE addresses SET hint = json_patch(?1, coalesce(hint, '{}')) WHERE id = ?2 AND hint IS NOT json_patch(?1, coalesce(hint, '{}'))",
                link.hint, address,
            )  # fmt: skip
        if link.capture is not None:
            changed = self.ledger.run(
                "UPDATE addresses SET capture = ? WHERE id = ? AND capture IS NOT ?", link.capture, address, link.capture
            ).rowcount  # fmt: skip
            stored = "SELECT 1 FROM articles WHERE address = ?"
            if changed and state in LOST and self.ledger.one(stored, address) is None:
                self.ledger.run("UPDATE addresses SET state = 'pending' WHERE id = ?", address)
                state = "pending"
        return address, url, state, depth


def targets(found: Iterable[tuple[int, str, str]]) -> str:
    """The ids of what a page names, in page order, as the ledger keeps them."""
    return json.dumps([one[0] for one in found], separators=(",", ":"))


_CLAIMED: Final = (
    "id", "url", "depth", "found_on", "first_seen_at", "stored_modified", "hint", "capture", "state", "gone", "failures", "blocked", "aged_from", "published_at",
    "stored_marks",
)  # fmt: skip
"""What of a page the ledger knows when its address is claimed."""

BATCH: Final = 48
"""Addresses a claim. Of 32-64 a second process gets its share; 200 starve it."""

OPEN: Final = frozenset({"pending", "done", "refused", "dropped", "failed"})
"""States in which a named address still matters to a scope."""

STORED_BEFORE: Final = "stored before"
"""Why an address is not followed that an earlier run, another scope or a peer has dealt with: its links are, as its page named them."""

REFUSED_BEFORE: Final = "refused before"
"""Why an address is not asked for whose page gave no record and has to rest."""

REFUSED_FOR_GOOD: Final = "refused for good"
DROPPED_BEFORE: Final = "dropped before"

_FREE: Final = f"""
SELECT a.id, a.url, w.depth, a.found_on, a.first_seen_at, a.last_modified,
    a.hint, a.capture, a.state, a.gone, a.failures, a.blocked, a.aged_from,
    t.published_at, t.marks,
    a.left_out, a.due_at, a.last_fetched_at, a.refusals
FROM wants w CROSS JOIN addresses a ON a.id = w.address
LEFT JOIN articles t ON (a.due_at <= ?2 OR a.due_at > ?4 OR a.last_fetched_at > ?5 OR a.state = 'gone')
    AND t.id = (SELECT id FROM articles WHERE address = a.id ORDER BY {NEWEST_FIRST} LIMIT 1)
WHERE w.scope = ?1 AND a.run IS NULL AND a.state <> 'failed' AND (a.deaths >= {LAST} OR a.blocked > 0) = ?6 ORDER BY w.depth, w.address LIMIT ?3
"""  # noqa: S608 - a constant
_RECORD: Final = "SELECT 1 FROM addresses a JOIN articles t ON t.address = coalesce(a.alias_of, a.id) WHERE a.id = ?"

OUTSIDE: Final = "outside the dates"
"""Why an address is not fetched whose date is known without its page."""


@attrs.frozen
class _Free:
    """An address on the list, and what of it decides whether it is asked for."""

    page: Page
    left_out: str | None
    due_at: str | None
    last_fetched_at: str | None
    refusals: int

    @property
    def of_old(self) -> bool:
        """Whether it was refused by a sabah that did not ask again."""
        return self.page.state == "refused" and self.refusals == 0


@attrs.frozen
class Claim:
    """What a claim brought."""

    addresses: tuple[Page, ...]
    waiting: bool
    """Something is claimed, here or by another run: when it ends there may be more. False with no address: the scope is done."""

    held: bool
    """Another run holds something of this level; whether it still lives is worth a look."""

    unwanted: Counter[str]
    """Addresses that are not asked for, by reason: links of stored pages that were looked through, and what has to rest."""

    deadly: tuple[str, ...] = ()
    """Addresses that peers had in hand when they died, once too often: they have failed."""


class Frontier:
    """The part of the ledger's addresses that one run's scope wants. All but `claim` run inside a transaction of the caller's."""

    def __init__(
        self,
        ledger: Ledger,
        scope: int,
        run: int,
        follow: Follow,
        holds: Holds | None = None,
        *,
        look_again: bool = True,
        skips: Skips | None = None,
        insists: bool = False,
        refused_of_old: int = 0,
        schedule: Schedule | None = None,
    ) -> None:
        """`insists`: what is named is meant, refused or not. `refused_of_old`: how many are asked for of what was refused when nothing was asked again."""
        self.ledger, self.scope, self.run, self.follow, self.holds = ledger, scope, run, follow, holds
        self.look_again, self.skips, self.insists = look_again, skips, insists
        self.refused_of_old, self.schedule = refused_of_old, schedule or Schedule()
        self.refused: dict[int, str | None] = {}
        """Addresses that this run has met and that are refused, with when they are due (None: for good)."""

        self._passed_over: set[int] = set()
        """Those that it has counted as such, or as others without a record that it does not ask for."""

        self._met: dict[int, int] = {}
        """Smallest depth at which this run has taken care of an address. Looked through once for each smaller one."""

        self._turned_down: set[int] = set()
        """Those not followed so far, at the depths they were named."""

        self.naming = Naming(ledger, self._met)

    def want(self, found: Iterable[tuple[int, str, str]], depth: int) -> Counter[str]:
        """Puts what the spider follows on the scope's list; what it does not, counted by reason, each once in a run."""
        unwanted: Counter[str] = Counter()
        for address, url, state in found:
            met = self._met.get(address)
            if met is not None and met <= depth:
                continue
            self._met[address] = depth
            if (reason := self.follow(url, depth)) is not None:
                if met is None:
                    unwanted[reason] += 1
                    self._turned_down.add(address)
            elif state in OPEN or (state == "gone" and self._may_be_back(address, depth)):
                if (
                    state in READ
                    and (met is None or address in self._turned_down)
                    and self.ledger.one(_RECORD, address)
                ):
                    unwanted[STORED_BEFORE] += 1
                self._turned_down.discard(address)
                self.ledger.run(
                    "INSERT INTO wants (scope, address, depth) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET depth = min(depth, excluded.depth)",
                    self.scope, address, depth,
                )  # fmt: skip
        return unwanted

    def want_due(self) -> int:
        """Puts every article that is to be looked at or asked for again now on the scope's list; how many are on it."""
        due = self._due()
        # No index leads to what was fetched by a clock ahead: only where one was is it looked for.
        ahead = self.ledger.one("SELECT EXISTS (SELECT 1 FROM runs WHERE started_at > ?)", due.tomorrow)[0]
        come = "due_at <= ?2 OR due_at > ?3" + ahead * " OR last_fetched_at > ?4"
        for which, most in (
            ("state IN ('done', 'dropped') OR (state = 'refused' AND refusals > 0)", -1),
            ("state = 'refused' AND refusals = 0", self.refused_of_old),
        ):
            self.ledger.run(
                "INSERT INTO wants (scope, address, depth) SELECT * FROM"  # noqa: S608 - constants
                f" (SELECT ?1, id, 0 FROM addresses WHERE ({come}) AND ({which}) ORDER BY due_at LIMIT ?5) WHERE true"
                " ON CONFLICT DO UPDATE SET depth = 0",
                self.scope, due.now, due.beyond, due.tomorrow, most,
            )  # fmt: skip
        return int(self.ledger.one("SELECT count(*) FROM wants WHERE scope = ?", self.scope)[0])

    def _may_be_back(self, address: int, depth: int) -> bool:
        """Whether an address that was gone is worth another look."""
        if not self.look_again:
            return False
        due_at, last = self.ledger.one("SELECT due_at, last_fetched_at FROM addresses WHERE id = ?", address)
        due = self._due()
        return due.has_come(due_at, last) or (depth == 0 and rested(last, due.now))

    def _due(self) -> Due:
        return Due.at(clock.timestamp(), self.schedule)

    def note_refused(self, address: int, due_at: str | None, *, refused: bool) -> None:
        """Takes down whether an address is refused after it was asked for, and when it is due (None: for good)."""
        self.refused.pop(address, None)
        if refused:
            self.refused[address] = due_at

    def settle(self, address: int, depth: int) -> None:
        """Takes an address off the scope's list, unless it is wanted there at a smaller depth than it was dealt with."""
        self.ledger.run("DELETE FROM wants WHERE scope = ? AND address = ? AND depth >= ?", self.scope, address, depth)

    def claim(self, size: int = BATCH) -> Claim:
        """Claims up to `size` addresses of the smallest depth that has any; none of a deeper level before those are dealt with.

        In transactions of its own. What another scope or an earlier run has stored already is not fetched again: the links it had are named instead.
        """
        unwanted: Counter[str] = Counter()
        while True:
            # A transaction for each round of looking through, so that no other process waits for all of them.
            with self.ledger.transaction("claim"):
                claimed, through, waiting, held = self._look(size)
                for one in through:
                    unwanted += self._pass_over(one)
                self.ledger.connection.executemany(
                    "UPDATE addresses SET run = ?, state = iif(left_out IS NULL, state, 'pending'), left_out = NULL WHERE id = ?",
                    [(self.run, one.address) for one in claimed],
                )
            self._met.update((one.address, one.depth) for one in claimed)
            if claimed or not through:
                return Claim(tuple(claimed), waiting, held, unwanted)

    def release(self, addresses: Iterable[int]) -> None:
        """Gives back claimed addresses that were not fetched to the end."""
        self.ledger.connection.executemany(
            "UPDATE addresses SET run = NULL WHERE id = ? AND run = ?", [(address, self.run) for address in addresses]
        )

    def _look(self, size: int) -> tuple[list[Page], list[_Free], bool, bool]:
        """What to claim, what to look through, whether anything is under way, whether another run has it."""
        # What is claimed is in an index of its own and little; what failed is left to the next run.
        under_way = self.ledger.run(
            "SELECT w.depth, a.run <> ? FROM addresses a CROSS JOIN wants w ON w.scope = ? AND w.address = a.id"
            " WHERE a.run IS NOT NULL ORDER BY w.depth",
            self.run, self.scope,
        ).fetchall()  # fmt: skip
        due = self._due()
        free = self._free(due, size)
        if not free and not under_way:
            free = self._free(due, 1, last=True)  # alone: the next death is its own
        level = min([depth for depth, _ in under_way[:1]] + [one.page.depth for one in free[:1]], default=0)
        claimed, through = [], []
        for one in free:
            if one.page.depth == level:
                if self._fetches(one, due) and self._has_room(one):
                    claimed.append(one.page)
                else:
                    through.append(one)
        others = [other for depth, other in under_way if depth == level]
        return claimed, through, bool(claimed or others), any(others)

    def _free(self, due: Due, size: int, *, last: bool = False) -> list[_Free]:
        """The first on the list that nobody has claimed; or of those that come `last`: runs have died over them, or met blocks."""
        many = len(_CLAIMED)
        return [
            _Free(Page(**dict(zip(_CLAIMED, row[:many], strict=True))), *row[many:])
            for row in self.ledger.run(_FREE, self.scope, due.now, size, due.beyond, due.tomorrow, last)
        ]

    def _has_room(self, one: _Free) -> bool:
        """Whether the run may ask for one more of what was refused of old; it counts as asked for."""
        if not one.of_old or self.insists:
            return True
        self.refused_of_old -= 1
        return self.refused_of_old >= 0

    def _wants(self, published_at: str) -> bool:
        return self.holds is None or self.holds(published_at)

    def _fetches(self, one: _Free, at: Due) -> bool:
        """Whether an address on the list is asked for; else its links are looked through, as its page named them."""
        page, due = one.page, at.has_come(one.due_at, one.last_fetched_at)
        if page.state == "pending" or (page.state == "refused" and (due or self.insists)):
            return self.skips is None or not self.skips(page)
        if one.left_out is not None and self._wants(one.left_out):
            return True
        if not self.look_again or (page.published_at is not None and not self._wants(page.published_at)):
            return False
        if page.state == "gone":
            return due or (page.depth == 0 and rested(one.last_fetched_at, at.now))
        return due and (page.state == "dropped" or (page.known and page.state == "done"))

    def _pass_over(self, one: _Free) -> Counter[str]:
        """Looks through what is not asked for; counts it where it has no record, once in a run."""
        page = one.page
        unwanted = self.through(page.address, page.depth)
        if page.address in self._passed_over or page.known:
            return unwanted
        reason = None
        if page.state == "refused":
            self.refused[page.address] = one.due_at
            reason = REFUSED_BEFORE if one.due_at is not None else REFUSED_FOR_GOOD
        elif page.state == "dropped":
            reason = DROPPED_BEFORE
        elif page.state == "pending" or one.left_out is not None:
            reason = OUTSIDE
        if reason is not None:
            self._passed_over.add(page.address)
            unwanted[reason] += 1
        return unwanted

    def through(self, address: int, depth: int) -> Counter[str]:
        """Takes an address off the list and names the links its page had when it was read."""
        self.settle(address, depth)
        self._met[address] = min(depth, self._met.get(address, depth))
        targets = self.ledger.one("SELECT targets FROM links WHERE address = ?", address)
        if targets is None:
            final = self.ledger.run(
                "SELECT f.id, f.url, f.state FROM addresses a JOIN addresses f ON f.id = a.alias_of WHERE a.id = ?",
                address,
            ).fetchall()
            return self.want(final, depth)
        found = self.ledger.run(
            "SELECT a.id, a.url, a.state FROM json_each(?) t CROSS JOIN addresses a ON a.id = t.value ORDER BY t.key",
            targets[0],
        ).fetchall()
        self.ledger.connection.executemany(
            "UPDATE addresses SET depth = ? WHERE id = ? AND depth > ?",
            [(depth + 1, one[0], depth + 1) for one in found],
        )
        return self.want(found, depth + 1)


def unknown(ledger: Ledger, urls: Sequence[str], due: Due) -> int:
    """How many of the canonical addresses may still become articles now: those never fetched with an outcome, and those that were refused and are due."""
    found = ledger.one(
        "SELECT count(*) FROM json_each(?) j LEFT JOIN addresses a ON a.url = j.value WHERE a.id IS NULL OR a.state IN ('pending', 'failed')"
        " OR (a.state = 'refused' AND (a.due_at <= ? OR a.due_at > ?))",
        json.dumps(list(urls)),
        due.now,
        due.beyond,
    )
    return int(found[0])
