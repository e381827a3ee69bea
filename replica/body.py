"""The blocks of an article's text, with its links and emphasis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from replica import links, prose
from replica.dice import Dice
from replica.model import SITE, Block, Link, Run

if TYPE_CHECKING:
    from replica.model import Stub
    from replica.newspaper import Newspaper

STORY: Final = 3
_MARKS: Final = ("b", "em", "strong", "span")
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
    blocks = [Block(tag, (Run(text),)) for tag, text in pairs]
    linked = {own.below(len(pairs)) for _ in range(own.below(4))} if pairs else set()
    marked = {own.below(len(pairs))} if pairs and own.chance(250) else set()
    for place in sorted(linked | marked):
        if blocks[place].tag[0] != "h":
            blocks[place] = _block(paper, stub, own, blocks[place], place in linked)
    return tuple(blocks)


def _block(paper: Newspaper, stub: Stub, own: Dice, plain: Block, linked: bool) -> Block:
    """The block with a few of its words linked, or marked by an inline tag."""
    parts = plain.text.split(" ")
    start = own.below(len(parts))
    end = min(len(parts), start + 1 + own.below(4))
    before = " ".join(parts[:start]) + (" " if start else "")
    after = (" " if end < len(parts) else "") + " ".join(parts[end:])
    words = " ".join(parts[start:end])
    inner = Run(words, "a", _link(paper, stub, own)) if linked else Run(words, own.pick(_MARKS))
    return Block(plain.tag, tuple(run for run in (Run(before), inner, Run(after)) if run.text))


def _link(paper: Newspaper, stub: Stub, own: Dice) -> Link:
    if own.chance(300):
        return Link(own.pick(_ELSEWHERE), None)
    if own.chance(40):
        return links.dead(own, stub)[1]
    target = links.target(paper, stub, own)
    return links.to(paper, target, own.below(1 << 31)) if target else Link(SITE + "/", None)
