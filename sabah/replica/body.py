"""The blocks of an article's text, with its links and emphasis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sabah.replica import links, prose
from sabah.replica.dice import Dice
from sabah.replica.model import SITE, Block, Link, Run

if TYPE_CHECKING:
    from sabah.replica.model import Stub
    from sabah.replica.newspaper import Newspaper

STORY: Final = 3
_ELSEWHERE: Final = (
    "https://example.org/report.pdf", "https://www.dailysabah.com/syrian-crisis", "https://www.dailysabah.com/arabic/economy",
    "https://www.dailysabah.com/deutsch/kolumne/2018/05/05/ein-beispiel", "/politics", "https://www.dailysabah.com/search?query=harbor",
    "mailto:desk@example.org", "https://twitter.com/example/status/1", "https://www.dailysabah.com/columns/selin-karadag/archive",
    "https://idsb.tmgrup.com.tr/ly/uploads/files/list.xlsx", "https://www.dailysabah.com.example.org/world/a-trap/news", "javascript:void(0)",
)  # fmt: skip
"""Links that are no article of the newspaper."""


def blocks_of(paper: Newspaper, stub: Stub, own: Dice, known: prose.Facts) -> tuple[Block, ...]:
    """The story of `stub.text_of`; a near-twin has one paragraph more. Links and emphasis are the article's own."""
    plain = stub.layout == "generic"
    pairs = prose.story(Dice(paper.seed, stub.text_of, STORY), known, paper.stub(stub.text_of).kind, plain)
    if stub.near:
        pairs.append(("p", f"The account was corrected later: the number was {stub.number + 40}, not {known['n']}."))
    if plain:
        return tuple(Block(tag, (Run(text),)) for tag, text in pairs)
    linked = {own.below(len(pairs)): None for _ in range(own.below(4))} if pairs else {}
    marked = own.below(len(pairs)) if pairs and own.chance(250) else -1
    return tuple(
        _block(paper, stub, own, tag, text, number in linked, number == marked)
        for number, (tag, text) in enumerate(pairs)
    )


def _block(paper: Newspaper, stub: Stub, own: Dice, tag: str, text: str, linked: bool, marked: bool) -> Block:
    if not (linked or marked) or tag[0] == "h":
        return Block(tag, (Run(text),))
    parts = text.split(" ")
    start = own.below(len(parts))
    end = min(len(parts), start + 1 + own.below(4))
    before = " ".join(parts[:start]) + (" " if start else "")
    after = (" " if end < len(parts) else "") + " ".join(parts[end:])
    inner = (
        Run(" ".join(parts[start:end]), "a", _link(paper, stub, own))
        if linked
        else Run(" ".join(parts[start:end]), own.pick(("b", "em", "strong", "span")))
    )
    return Block(tag, tuple(run for run in (Run(before), inner, Run(after)) if run.text))


def _link(paper: Newspaper, stub: Stub, own: Dice) -> Link:
    if own.chance(300):
        return Link(own.pick(_ELSEWHERE), None)
    if own.chance(40):
        return links.dead(own, stub)[1]
    target = links.target(paper, stub.number, own)
    return links.to(paper, target, own.below(1 << 31)) if target else Link(SITE + "/", None)
