"""Listings that load more in ways of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.frames import LISTING_JS, SCRIPTS, cards, endless, frame, part
from tests.middlewares.test_render import FEW, states, stats
from tests.running import SITE, SmallSite, crawl, listing

if TYPE_CHECKING:
    from pathlib import Path

    from tests.running import Crawl, Page

pytestmark = pytest.mark.usefixtures("chromium")

ROUNDS = 3
INSERTS = "list.insertAdjacentHTML('beforeend', t);"


def links(number: int) -> list[str]:
    return [f"/world/card-{number}-{one}/news" for one in range(5)]


def site(first: str, script: str) -> dict[str, Page]:
    """A listing with `ROUNDS` more pages of cards."""
    found: dict[str, Page] = {**SCRIPTS, LISTING_JS: script, "/africa": first}
    found |= {f"/more/africa/{number}": cards(links(number)) for number in range(1, ROUNDS + 1)}
    return found


def read(pages: dict[str, Page], output: Path, *more: str) -> tuple[Crawl, SmallSite]:
    with SmallSite(pages) as small:
        given = ("section", "-a", "sections=world/africa", "-a", "related=0", *FEW, *more)
        done = crawl(*given, output=output, origin=small.origin, settings=("-s", "RETRY_TIMES=0"))
    return done, small


def every() -> set[str]:
    return {link for number in range(ROUNDS + 1) for link in links(number)}


@pytest.mark.thorough
def test_cards_that_take_the_place_of_others_are_seen(tmp_path: Path) -> None:
    script = SCRIPTS[LISTING_JS].replace(INSERTS, "list.innerHTML = t;")
    done, _ = read(site(endless(links(0), button=True), script), tmp_path)
    assert set(states(tmp_path)) == every(), done.err
    assert stats(done)["ended/end"] == 1


@pytest.mark.thorough
def test_a_listing_that_scrolls_in_a_box_of_its_own_is_scrolled_there(tmp_path: Path) -> None:
    first = listing().replace(
        "</body>",
        "<div id='box' class='infinite-scroll' style='height:300px;overflow-y:auto'>"
        f"<main style='min-height:900px'>{cards(links(0))}</main></div><script src='{LISTING_JS}'></script></body>",
    )
    script = SCRIPTS[LISTING_JS].partition("if (button)")[0] + (
        "const box = document.getElementById('box');"
        "box.addEventListener('scroll', () => { if (box.scrollTop + box.clientHeight > box.scrollHeight - 50) load() });"
    )
    done, _ = read(site(first, script), tmp_path)
    assert set(states(tmp_path)) == every(), done.err


@pytest.mark.thorough
@pytest.mark.parametrize("label", ["Read more", "Show more"])
def test_a_button_that_brings_nothing_does_not_keep_the_next_from_its_turn(label: str, tmp_path: Path) -> None:
    teasers = f"<p>Teaser <button class='teaser'>{label}</button></p>" * 4
    first = (
        endless(links(0), button=True).replace("<main>", f"{teasers}<main>").replace("<button>", "<button id='real'>")
    )
    script = SCRIPTS[LISTING_JS].replace("querySelector('button')", "querySelector('#real')")
    done, small = read(site(first, script), tmp_path)
    assert set(states(tmp_path)) == every(), done.err
    assert small.asked.count(f"/more/africa/{ROUNDS + 1}") <= 6


def test_a_button_that_brings_nothing_does_not_keep_the_page_from_being_scrolled(tmp_path: Path) -> None:
    first = endless(links(0), button=False).replace("<main>", "<button class='teaser'>Read more</button><main>")
    script = SCRIPTS[LISTING_JS].replace("querySelector('button')", "querySelector('#real')")
    done, _ = read(site(first, script), tmp_path)
    assert set(states(tmp_path)) == every(), done.err


@pytest.mark.thorough
def test_a_button_that_is_answered_with_nothing_is_pressed_a_few_times_only(tmp_path: Path) -> None:
    pages = site(endless(links(0), button=True), SCRIPTS[LISTING_JS])
    script = SCRIPTS[LISTING_JS].replace("page++;", "")
    done, small = read({**pages, LISTING_JS: script, "/more/africa/1": ""}, tmp_path)
    assert set(states(tmp_path)) == set(links(0)), done.err
    assert stats(done)["ended/end"] == 1
    assert 1 <= small.asked.count("/more/africa/1") <= 7


@pytest.mark.parametrize(
    "polls",
    [
        "setInterval(() => fetch('/poll'), 100);",
        pytest.param("const poll = () => fetch('/slow-poll').then(poll); poll();", marks=pytest.mark.thorough),
    ],
)
def test_a_listing_that_asks_for_ever_ends(polls: str, tmp_path: Path) -> None:
    pages = site(endless(links(0), button=True), SCRIPTS[LISTING_JS] + polls) | {"/poll": "", "/slow-poll": ""}
    with SmallSite(pages, slow={"/slow-poll": 0.5}) as small:
        given = ("section", "-a", "sections=world/africa", "-a", "related=0", *FEW)
        done = crawl(*given, output=tmp_path, origin=small.origin, settings=("-s", "RETRY_TIMES=0"))
    assert set(states(tmp_path)) == every(), done.err
    assert sum(count for name, count in stats(done).items() if name.startswith("ended/")) == 1


@pytest.mark.thorough
def test_a_page_that_polls_for_ever_is_taken_as_it_is(tmp_path: Path) -> None:
    poll = "<script>const poll = () => fetch('/slow-poll').then(poll); poll()</script>"
    pages: dict[str, Page] = {
        **SCRIPTS,
        "/world/one/news": frame(poll),
        "/part/world/one/news": part("One"),
        "/slow-poll": "",
    }
    with SmallSite(pages, slow={"/slow-poll": 0.5}) as small:
        given = ("addresses", "-a", f"url={SITE}/world/one/news", *FEW)
        done = crawl(*given, output=tmp_path, origin=small.origin)
    assert [one["headline"] for one in done.articles] == ["One"], done.err
    assert done.code == 0
    assert small.asked.count("/slow-poll") < 20
