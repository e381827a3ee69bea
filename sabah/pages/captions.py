"""Captions printed inside a body: text that stands in the wrapper of a picture or right behind it."""

from __future__ import annotations

import re
from collections import deque
from functools import cache
from typing import TYPE_CHECKING

import attrs

from sabah.normalize.bylines import parse_byline
from sabah.normalize.captions import parse_caption
from sabah.normalize.text import clean, unescape
from sabah.pages.blocks import BREAK, PICTURE, blocks, one_line, runs
from sabah.pages.tree import beginning, finder, holds_more, lineage, text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from lxml.etree import _Element as Element

_pictures = finder(".//img | .//amp-img")
_PICTURE_CLASS = re.compile(r"image|img|photo|picture|figure|caption|resim|foto|gorsel|galler|slide", re.IGNORECASE)
_PHOTO_CREDIT = re.compile(
    r"photo|file|handout|courtesy|screen ?(?:grab|shot)|image|\bvia\b|getty|shutterstock", re.IGNORECASE
)
_CAPTION_TAGS = frozenset({"figcaption", "span", "em", "i", "small", "cite", "font"})
_EMPHASIS = frozenset({"figcaption", "em", "i", "small", "cite"})
_COUNTER = re.compile(r"\d+ ?/ ?\d+")
_LONGEST_BARE, _LONGEST, _LONGEST_ALT = 250, 700, 2_000
_LONGEST_COUNTED = _LONGEST + 20  # with a counter beside it
_MOST_INSIDE = 200  # elements in the wrapper of a picture above the body
_MOST_TOGETHER = 30  # pictures with one caption
_MOST_WAITING = 100  # pictures in a row with their captions behind them all
_NO_WRAPPERS = frozenset({"html", "body", "main", "article", "td"})


@attrs.define
class PictureTexts:
    """The captions of a body."""

    lines: list[str] = attrs.field(factory=list)
    """The blocks of the body, without captions."""

    captions: dict[Element, str] = attrs.field(factory=dict)
    """What is printed as the caption of each picture that has one."""


def read_picture_texts(body: Element, left_out: Collection[Element] = ()) -> PictureTexts:
    """Parts the blocks of a body from the captions of its pictures.

    A caption is what a picture's own wrapper holds beside it (one block, short, marked as a picture's by class, tag or credit), and a line right behind a
    picture that repeats its `alt` or ends with a photo credit in brackets. The same words elsewhere are text.
    """
    found = PictureTexts()
    holds = cache(lambda node: _holds(node, left_out))
    caption = cache(lambda wrapper: beginning(wrapper, _LONGEST_ALT))
    wrappers: set[Element] = set()
    for picture in _pictures(body):
        if (wrapper := _wrapper(picture, body, left_out, holds)) is not None:
            wrappers.add(wrapper)
            found.captions[picture] = caption(wrapper)
    waiting: deque[Element] = deque(maxlen=_MOST_WAITING)
    for run, pictures in runs(body, {*left_out, *wrappers}):
        line = _without_captions(run, pictures, waiting, found)
        if line:
            waiting.clear()
            found.lines.append(line)
    return found


def captions_of(pictures: Iterable[Element]) -> set[str]:
    """What may be printed under the pictures: their `alt`, with and without the credit."""
    alts = {clean(unescape(picture.get("alt") or "")) for picture in pictures} - {""}
    without_credit = {caption.text for alt in alts if (caption := parse_caption(alt)).text}
    return {one for one in {*alts, *without_credit} if one}


def captions_beside(pictures: Iterable[Element]) -> dict[Element, str]:
    """What is printed beside pictures above the body that have no `alt`."""
    caption_in = cache(_caption_in)
    found = (
        (picture, _beside(picture, caption_in))
        for picture in pictures
        if parse_caption(picture.get("alt") or "").text is None
    )
    return {picture: printed for picture, printed in found if printed}


def captions_apart(body: Element, pictures: Iterable[Element]) -> list[Element]:
    """Elements of a body that are marked as a picture's, stand beside none, and print what pictures outside it have as `alt`, and nothing else."""
    printed = captions_of(pictures)
    if not printed:
        return []
    found: list[Element] = []
    for block in body:
        marked = [
            one for one in block.iter("div", "span", "figcaption", "small") if _is_marked(one) and text(one) in printed
        ]
        if marked and not _pictures(block):
            found += marked
    return found


def _beside(picture: Element, caption_in: Callable[[Element], str | None]) -> str | None:
    """The caption that the wrapper of a picture above the body prints, in a holder of its own; a gallery counts its pictures beside it (`3/4`)."""
    for node in picture.iterancestors():
        if node.tag in _NO_WRAPPERS:
            return None
        if (printed := caption_in(node)) is not None:
            return printed or None
    return None


def _caption_in(wrapper: Element) -> str | None:
    """What the wrapper of a picture above the body prints as its caption; empty where that is none or it is not the picture's alone, None without any text."""
    if holds_more(wrapper, _MOST_INSIDE) or len(_pictures(wrapper)) > 1:
        return ""
    start = beginning(wrapper, _LONGEST_COUNTED + 1)
    if not start:
        return None
    if len(start) > _LONGEST_COUNTED:
        return ""
    printed = [one for one in blocks(wrapper) if not _COUNTER.fullmatch(one)]
    if not printed:
        return None
    is_own = len(printed) == 1 and len(printed[0]) <= _LONGEST
    return printed[0] if is_own and (_is_marked(wrapper) or _has_photo_credit(printed[0])) else ""


def _wrapper(
    picture: Element, body: Element, left_out: Collection[Element], holds: Callable[[Element], bool | None]
) -> Element | None:
    """The element around a picture that holds nothing else but its caption."""
    for node in lineage(picture, body):
        if node in left_out:
            return None
        if (is_caption := holds(node)) is not None:
            return node if is_caption else None
    return None


def _holds(node: Element, left_out: Collection[Element]) -> bool | None:
    """Whether the text inside an element is a caption; None without any."""
    # First, and fast: pictures nested in one another have as many wrappers, each with all text of those inside it.
    if node.tag != "figure" and len(_pictures(node)) > _MOST_TOGETHER:
        return False
    printed = beginning(node, _LONGEST_ALT + 1)
    if not printed:
        return None
    if node.tag == "figure":
        return True
    if len(printed) > _LONGEST_ALT:
        return False
    return len(blocks(node, left_out)) == 1 and _is_caption(node, printed)


def _is_caption(wrapper: Element, printed: str) -> bool:
    if unescape(printed) in captions_of(_pictures(wrapper)):
        return True
    if len(printed) > _LONGEST or wrapper.find(".//br") is not None:
        return False
    of_text = wrapper.tag in {"p", "li"}
    if _has_photo_credit(printed) or (not of_text and parse_caption(printed).credit):
        return True
    if len(printed) > _LONGEST_BARE:
        return False
    if not of_text and _is_marked(wrapper):
        return True
    holder = next((one for one in wrapper.iter() if clean(one.text or "")), wrapper)
    tags = _EMPHASIS if of_text else _CAPTION_TAGS
    return any(
        one.tag in tags or _PICTURE_CLASS.search(one.get("class") or "")
        for one in lineage(holder, wrapper)
        if text(one) == printed
    )


def _is_marked(node: Element) -> bool:
    return node.tag == "figure" or bool(_PICTURE_CLASS.search(node.get("class") or ""))


def _has_photo_credit(line: str) -> bool:
    credit = parse_caption(line).credit
    if credit is None:
        return False
    byline = parse_byline(credit)
    return bool(_PHOTO_CREDIT.search(credit) or (byline and byline.agencies and not byline.authors))


def _without_captions(run: str, pictures: list[Element], waiting: deque[Element], found: PictureTexts) -> str:
    """The text of a block without the captions behind its pictures and those `waiting` before it."""
    if not waiting and not pictures:
        return one_line(run)
    before, *behind = run.split(PICTURE)
    kept = [_behind(before, waiting, found) if waiting else before]
    said = False
    for picture, part in zip(pictures, behind, strict=True):
        said = said or bool(one_line(kept[-1]))
        if said:
            waiting.clear()
        waiting.append(picture)
        kept.append(_behind(part, waiting, found))
    return one_line(PICTURE.join(kept))


def _behind(part: str, waiting: deque[Element], found: PictureTexts) -> str:
    """What is left of the text behind pictures when its caption, whole or its first line, is taken."""
    front, lines = part[: len(part) - len(part.lstrip(f" \t\r\n{BREAK}"))], part.strip(f" \t\r\n{BREAK}")
    for end in dict.fromkeys((len(lines), lines.find(BREAK))):
        line = one_line(lines[:end]) if end > 0 else ""
        owner = _owner(line, waiting) if line else None
        if owner is not None:
            waiting.remove(owner)
            found.captions[owner] = line
            return front + lines[end:]
    return part


def _owner(line: str, waiting: deque[Element]) -> Element | None:
    """The picture that the line is the caption of."""
    plain = unescape(line)
    for picture in waiting:
        if plain in captions_of([picture]):
            return picture
    return waiting[0] if len(line) <= _LONGEST and _has_photo_credit(line) else None
