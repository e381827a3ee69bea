"""What a correction changes: headline, text, byline, caption or keywords; every one shows in the article's record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import attrs

from replica import phrases, prose
from replica.bylines import byline
from replica.desks import DESKS
from replica.dice import Dice, spread
from replica.model import Block, Run
from replica.parts import keywords
from replica.pictures import picture

if TYPE_CHECKING:
    from collections.abc import Callable

    from replica.model import Article, Byline, Meta, Stub
    from replica.newspaper import Newspaper

_CORRECTION: Final = 210
_KINDS: Final = spread(headline=4, body=6, byline=2, caption=2, keywords=2, headline_and_body=2)
_FIGURE: Final = re.compile(r"\b\d{2,4}\b")


def headline(paper: Newspaper, stub: Stub, version: int) -> str:
    """The headline after `version` corrections."""
    found = stub.headline
    for step in range(version):
        dice, kind = _step(paper, stub.number, step)
        if kind.startswith("headline"):
            found = _headline(paper, stub, dice, found)
    return found


def corrected(paper: Newspaper, article: Article, version: int) -> Article:
    """The article after `version` corrections. A byline, caption or keywords that it does not print cannot be corrected: its text is."""
    stub = article.stub
    for step in range(version):
        dice, kind = _step(paper, stub.number, step)
        change = _CHANGES.get(kind)
        if kind.startswith("headline"):
            article = attrs.evolve(article, stub=attrs.evolve(stub, headline=headline(paper, stub, step + 1)))
        if change is None or (changed := change(paper, article, dice)) is None:
            changed = article if kind == "headline" else _with_text(paper, article, dice)
        article = changed
    return article


def _step(paper: Newspaper, number: int, step: int) -> tuple[Dice, str]:
    dice = Dice(paper.seed, number, _CORRECTION + step)
    return dice, dice.pick(_KINDS)


def _headline(paper: Newspaper, stub: Stub, dice: Dice, old: str) -> str:
    known, group = paper.facts(stub.number), DESKS[stub.desk].group
    found = (prose.headline(dice, known, group) for _ in range(4))
    return next((one for one in found if one != old), f"{old}: {known['body_c']}")


def _with_text(paper: Newspaper, article: Article, dice: Dice) -> Article:
    """A paragraph rewritten, a figure in it put right, or a note added at the end."""
    known, blocks = paper.facts(article.stub.number), list(article.blocks)
    known.update(n=dice.below(887) + 12, n2=dice.below(9000) + 1000, pct=dice.below(79) + 3, month="March", year=2009, d=4, mon="Mar", hour=7)  # fmt: skip
    places = [place for place, block in enumerate(blocks) if block.tag == "p" and len(block.runs) == 1 and not block.runs[0].mark]  # fmt: skip
    roll = dice.below(3)
    if not places or roll == 0:
        text = f"Correction: an earlier version of this story gave the number of delegates in {known['city']} as {known['n2']}; it was {known['n']}."
        return attrs.evolve(article, blocks=(*blocks, Block("p", (Run(text),))))
    place = dice.pick(places)
    old = blocks[place].text
    text = _FIGURE.sub(lambda found: str(int(found[0]) + 1 + dice.below(9)), old, count=1) if roll == 1 else old
    if text == old:
        text = " ".join(dice.pick(phrases.SENTENCES).format_map(known) for _ in range(2))
    blocks[place] = Block("p", (Run(text),))
    return attrs.evolve(article, blocks=tuple(blocks))


def _with_byline(_: Newspaper, article: Article, dice: Dice) -> Article | None:
    old = article.byline
    if old is None or article.stub.kind == "column":
        return None
    found = (byline(dice, "article", 0) for _ in range(8))
    new = next((one for one in found if one and one.printed != old.printed), None)
    if new is None:
        return None
    return attrs.evolve(article, byline=new, meta=_with_author(article.meta, old, new))


def _with_author(meta: Meta, old: Byline, new: Byline) -> Meta:
    ld = meta.json_ld
    return attrs.evolve(
        meta,
        author=new if meta.author == old else meta.author,
        json_ld=attrs.evolve(ld, author=new) if ld and ld.author == old else ld,
    )


def _with_caption(paper: Newspaper, article: Article, dice: Dice) -> Article | None:
    hero = article.hero
    if hero is None or hero.caption is None or article.stub.layout == "generic":
        return None
    known = paper.facts(article.stub.number)
    known.update(mon="June", d=article.stub.at.day, year=article.stub.at.year)
    found = (picture(dice, known, article.stub.at.date(), "800x531") for _ in range(8))
    new = next((one for one in found if one.caption and one.caption != hero.caption), None)
    if new is None:
        return None
    return attrs.evolve(article, hero=attrs.evolve(hero, caption=new.caption, credit=new.credit, alt=new.alt))


def _with_keywords(paper: Newspaper, article: Article, dice: Dice) -> Article | None:
    old = article.keywords
    if not old:
        return None
    known = keywords(dice, paper.facts(article.stub.number), article.stub)
    shown = {_plain(one) for one in old}
    more = tuple(one for one in (*known, "corrected") if _plain(one) not in shown)[:1]
    new = (*old[1:], *more) if len(old) > 2 else (*old, *more)
    meta, ld = article.meta, article.meta.json_ld
    meta = attrs.evolve(
        meta,
        keywords=new if meta.keywords == old else meta.keywords,
        news_keywords=new if meta.news_keywords == old else meta.news_keywords,
        json_ld=attrs.evolve(ld, keywords=new) if ld and ld.keywords == old else ld,
    )
    return attrs.evolve(article, keywords=new, meta=meta)


def _plain(keyword: str) -> str:
    return keyword.replace("İ", "i").replace("I", "i").lower()


_CHANGES: Final[dict[str, Callable[[Newspaper, Article, Dice], Article | None]]] = {
    "byline": _with_byline,
    "caption": _with_caption,
    "keywords": _with_keywords,
}
