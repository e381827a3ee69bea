"""Some thirty hours of a living newspaper, crawled every third hour; `python -m bench week` does every hour of seven days and prints the figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import week

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> week.Lived:
    output: Path = tmp_path_factory.mktemp("week")
    plan = week.Plan(hours=27, crawled=tuple(range(0, 28, 3)), per_hour=12, correct=0.3, withdraw=0.1)
    return week.live(plan, output, week.sabah)


def test_every_version_that_was_live_at_a_due_visit_is_in_the_dataset(lived: week.Lived) -> None:
    lives = [week.life(truth, lived.plan) for truth in lived.articles.values()]
    assert len(lives) > 200
    assert sum(len(one.versions) > 1 for one in lives) > 30, "the newspaper corrects and withdraws"
    assert any(version.withdrawn for one in lives for version in one.versions)
    assert week.wrong(lived) == []


def test_it_costs_the_newspaper_little(lived: week.Lived) -> None:
    figures = week.figures(lived)
    assert figures.first <= 1.1
    assert figures.too_many == 0
    assert figures.not_modified >= 0.95


def test_new_articles_are_there_at_the_next_crawl(lived: week.Lived) -> None:
    figures = week.figures(lived)
    assert figures.missed == 0
    assert figures.delay_median <= figures.delay_most <= 3 * 60 + 5
