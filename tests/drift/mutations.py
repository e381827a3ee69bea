"""What a newspaper's theme may do to a crawler: changes to class tokens, tags, labels, blocks, dates, metadata and scripts.

A mutation is drawn once and then applied to every page of a crawl, as a new theme is.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

import attrs
from lxml import etree

from sabah.normalize.dates import DateError, find_date, parse_date
from tests.drift.area import article_area, body_of, headline_of, tokens

if TYPE_CHECKING:
    from random import Random

    from tests.drift.area import Element

_NEW_NAMES = ("x7f3a2", "article__part", "ds-block", "css-1k9x", "col-8", "story-unit", "is-new", "wrapper2")
_OTHER_TAGS = {
    "div": ("section", "article", "span", "ds-box"), "span": ("div", "em", "b", "p"), "h1": ("h2", "div", "p"), "h2": ("h3", "div"),
    "h3": ("h5", "div", "p"), "h4": ("h5", "div"), "p": ("div", "span", "section"), "ul": ("div", "ol"), "li": ("div", "span"), "a": ("span", "button"),
    "img": ("amp-img", "ds-img", "picture"), "figure": ("div", "aside"), "figcaption": ("div", "p", "span"), "b": ("strong", "span"), "strong": ("b", "span"),
    "button": ("a", "span"), "dl": ("div",), "dd": ("div", "p"), "dt": ("div",), "main": ("div", "section"), "article": ("div", "section"), "section": ("div",),
    "header": ("div",), "iframe": ("ds-player",), "video": ("ds-player",), "br": ("hr", "wbr"), "blockquote": ("div", "p"), "em": ("i",), "i": ("em",), "amp-img": ("img",),
    "aside": ("div",), "input": ("ds-input",), "form": ("div",), "label": ("span",), "time": ("span",), "source": ("ds-source",),
}  # fmt: skip
LABELS = {
    "keywords": ("ETİKETLER", "Tags", "TOPICS", "Anahtar Kelimeler", ""),
    "recommended": ("ÖNERİLENLER", "You may also like", "MORE STORIES", "İlgili Haberler", ""),
    "last update": ("Son Güncelleme", "Updated on", "Revised", "Modified", ""),
    "related topics": ("İLGİLİ KONULAR", "More on this", "Topics", ""),
    "shortlink copied": ("kısa bağlantı kopyalandı", "Copied!", ""),
    "by": ("Yazan:", "Author:", "Par", "From", ""),
    "published": ("Yayın Tarihi", "Posted on", "Date", ""),
    "updated": ("Güncelleme", "Revised", ""),
    "most read": ("ÇOK OKUNANLAR", "Trending", ""),
}
_TURKISH = ("Oca", "Şub", "Mar", "Nis", "May", "Haz", "Tem", "Ağu", "Eyl", "Eki", "Kas", "Ara")
_DATE_FORMS = (
    "%d.%m.%Y %H:%M", "%d/%m/%Y %H:%M", "%m/%d/%Y %I:%M %p", "%Y-%m-%d %H:%M", "%d %B %Y, %H:%M", "%A, %B %d, %Y %I:%M %p", "%d turkish %Y %H:%M", "turkish %d, %Y - %H:%M",
    "%b %d, %Y", "3 hours ago", "%b %d - %I:%M %p", "%d %b %Y %H:%M", "%b %d, %Y at %H:%M", "%Y/%m/%d %H:%M", "%d-%m-%Y %H:%M", "%b. %d, %Y", "%d.%m.%y %H:%M",
)  # fmt: skip


@attrs.frozen
class Mutation:
    name: ClassVar[str]
    target: str

    @abstractmethod
    def apply(self, tree: Element) -> bool:
        """Changes a page in place; whether there was anything to change."""

    @property
    def changes(self) -> frozenset[str]:
        """Fields whose truth is another afterwards."""
        return frozenset()

    def __str__(self) -> str:
        return f"{self.name} {self.target}"


def _with_token(tree: Element, token: str) -> list[Element]:
    area = article_area(tree)
    return [one for one in area.iter() if isinstance(one.tag, str) and token in tokens(one)]


def _take_out(node: Element) -> None:
    """Without its tail, which stays where it is; bare text before and behind it stays apart."""
    before, parent, tail = node.getprevious(), node.getparent(), node.tail or ""
    front = (parent.text if before is None else before.tail) or ""
    node.tail = None
    if front.strip() and tail.strip():
        breaks = [etree.Element("br"), etree.Element("br")]
        breaks[1].tail = tail
        place = parent.index(node)
        parent[place:place] = breaks
    elif before is None:
        parent.text = front + tail
    else:
        before.tail = front + tail
    parent.remove(node)


@attrs.frozen
class RenamedClass(Mutation):
    name = "class renamed"
    to: str

    def apply(self, tree: Element) -> bool:
        found = _with_token(tree, self.target)
        for one in found:
            kept = [self.to if token == self.target else token for token in tokens(one)]
            one.set("class", " ".join(filter(None, kept)))
        return bool(found)


@attrs.frozen
class RenamedId(Mutation):
    name = "id renamed"
    to: str

    def apply(self, tree: Element) -> bool:
        found = [one for one in article_area(tree).iter() if isinstance(one.tag, str) and one.get("id") == self.target]
        for one in found:
            one.set("id", self.to)
        return bool(found)


@attrs.frozen
class OtherTag(Mutation):
    """`target` is a tag, or tag.token."""

    name = "tag changed"
    to: str

    def apply(self, tree: Element) -> bool:
        tag, _, token = self.target.partition(".")
        found = [one for one in article_area(tree).iter(tag) if not token or token in tokens(one)]
        for one in found:
            one.tag = self.to
        return bool(found)

    def __str__(self) -> str:
        return f"{self.name} {self.target} -> {self.to}"


@attrs.frozen
class Removed(Mutation):
    """A block with its text."""

    name = "block removed"

    def apply(self, tree: Element) -> bool:
        found = [one for one in _with_token(tree, self.target) if one.getparent() is not None and one.tag != "body"]
        for one in found:
            if one.getparent() is not None:
                _take_out(one)
        return bool(found)


@attrs.frozen
class Moved(Mutation):
    """The first such block goes elsewhere."""

    name = "block moved"
    to: str

    def apply(self, tree: Element) -> bool:
        found = [one for one in _with_token(tree, self.target) if one.tag != "body"]
        area, body, headline = article_area(tree), body_of(tree), headline_of(tree)
        if not found or body is None or headline is None:
            return False
        moved = found[0]
        inside = set(moved.iter())
        place = {
            "into the text": body,
            "behind the text": body,
            "before the text": body,
            "before the headline": headline,
            "to the end": area,
            "out of the article": area,
        }[self.to]
        if place in inside or moved is area:
            return False
        _take_out(moved)
        if self.to == "into the text":
            place.append(moved)
        elif self.to == "behind the text":
            place.addnext(moved)
        elif self.to in {"before the text", "before the headline"}:
            place.addprevious(moved)
        elif self.to == "to the end":
            area.append(moved)
        else:
            tree.find("body").append(moved)
        return True

    def __str__(self) -> str:
        return f"{self.name} {self.target} {self.to}"


_INLINE = frozenset({"a", "b", "em", "i", "span", "strong"})


def _in_a_sentence(node: Element) -> bool:
    """Whether words stand right before an element that begins no line: its own first word is none of a label then."""
    before = node.getprevious()
    said = (node.getparent().text if before is None else before.tail) or ""
    return node.tag in _INLINE and bool(said.strip())


@attrs.frozen
class Translated(Mutation):
    name = "label translated"
    to: str

    def apply(self, tree: Element) -> bool:
        pattern = re.compile(rf"(\A\s*(?:shortlink copied )?){self.target}\b", re.IGNORECASE)
        body = body_of(tree)
        inside = set() if body is None else set(body.iterdescendants())
        of_text = {one for one in inside if one.tag == "p" or _in_a_sentence(one)}
        changed = False
        for one in article_area(tree).iter():
            if not isinstance(one.tag, str) or one in of_text or one.tag in {"script", "style"}:
                continue
            if one.text and pattern.match(one.text):
                one.text, changed = pattern.sub(rf"\1{self.to}", one.text), True
            behind_words = one in inside and (one.tag in _INLINE or one.getparent() is body)
            if one.tail and not behind_words and pattern.match(one.tail):
                one.tail, changed = pattern.sub(rf"\1{self.to}", one.tail), True
        return changed

    @property
    def changes(self) -> frozenset[str]:
        return frozenset()

    def __str__(self) -> str:
        return f"{self.name} {self.target} -> {self.to!r}"


@attrs.frozen
class OtherDates(Mutation):
    """Every printed date of the article, outside its text; `target` is the form."""

    name = "dates written"

    def apply(self, tree: Element) -> bool:
        body = body_of(tree)
        of_text = set() if body is None else set(body.iter())
        changed = False
        for one in article_area(tree).iter():
            if not isinstance(one.tag, str) or one in of_text or one.tag in {"script", "style"}:
                continue
            for part in ("text", "tail"):
                printed = getattr(one, part)
                date = find_date(" ".join(printed.split())) if printed and any(map(str.isdigit, printed)) else None
                if date:
                    setattr(one, part, " ".join(printed.split()).replace(date, self._written(date)))
                    changed = True
        return changed

    def _written(self, date: str) -> str:
        try:
            at = parse_date(date).at
        except DateError:  # written by a mutation before this one
            return date
        return at.strftime(self.target.replace("turkish", _TURKISH[at.month - 1]))

    @property
    def changes(self) -> frozenset[str]:
        day_only = "%H" not in self.target and "%I" not in self.target
        return frozenset({"published_raw", "modified_raw", "zone_source"}) | (
            frozenset({"published_precision"}) if day_only else frozenset()
        )


@attrs.frozen
class WithoutMetadata(Mutation):
    """`target` is the name of a meta element, `json-ld`, `canonical`, `dates` or `all`."""

    name = "metadata dropped"

    def apply(self, tree: Element) -> bool:
        found: list[Any] = []
        for one in tree.iter("meta", "link", "script"):
            name = (one.get("name") or one.get("property") or one.get("itemprop") or "").lower()
            is_ld = one.tag == "script" and one.get("type") == "application/ld+json"
            if (
                (
                    one.tag == "meta"
                    and name
                    and (
                        self.target in {"all", name} or (self.target == "dates" and ("date" in name or "time" in name))
                    )
                )
                or (is_ld and self.target in {"all", "json-ld"})
                or (one.tag == "link" and one.get("rel") == "canonical" and self.target == "canonical")
            ):
                found.append(one)
        for one in found:
            _take_out(one)
        return bool(found)


@attrs.frozen
class ByScript(Mutation):
    """The text comes by script; `target`: `whole`, or `rest` for all but the first block."""

    name = "text by script"

    def apply(self, tree: Element) -> bool:
        body = body_of(tree)
        if body is None or not len(body):
            return False
        for one in list(body)[self.target == "rest" :]:
            one.tail = None
            body.remove(one)
        if self.target == "whole":
            body.text = None
        script: Element = etree.SubElement(body, "script")
        script.text = 'window.__article = {"text": "Loaded later."};'
        return True


_PARAGRAPH = re.compile(r"text_\d+")
"""A token of running text: what is taken away or moved there is another article, not another layout."""


def targets(pages: list[Element]) -> dict[type[Mutation], list[str]]:
    """Everything inside the article areas of these pages that can be mutated."""
    found: dict[str, dict[str, None]] = {name: {} for name in ("token", "tag", "id", "meta")}
    texts = set()
    for tree in pages:
        for one in article_area(tree).iter():
            if not isinstance(one.tag, str):
                continue
            found["tag"][one.tag] = None
            if one.get("id"):
                found["id"][one.get("id")] = None
            for token in tokens(one):
                found["token"][token] = None
                found["tag"][f"{one.tag}.{token}"] = None
            texts.add(" ".join((one.text or "").split()).lower()[:20])
        for one in tree.iter("meta"):
            if name := one.get("name") or one.get("property") or one.get("itemprop"):
                found["meta"][name.lower()] = None
    blocks = [one for one in found["token"] if not _PARAGRAPH.fullmatch(one)]
    labels = [one for one in LABELS if any(text.startswith(one) for text in texts)]
    return {
        RenamedClass: list(found["token"]),
        RenamedId: list(found["id"]),
        OtherTag: [one for one in found["tag"] if one.partition(".")[0] in _OTHER_TAGS],
        Removed: blocks,
        Moved: blocks,
        Translated: labels,
        OtherDates: list(_DATE_FORMS),
        WithoutMetadata: [*found["meta"], "json-ld", "canonical", "dates", "all"],
        ByScript: ["whole", "rest"],
    }


_WEIGHTS = {
    RenamedClass: 6,
    RenamedId: 1,
    OtherTag: 5,
    Removed: 3,
    Moved: 3,
    Translated: 3,
    OtherDates: 3,
    WithoutMetadata: 3,
    ByScript: 1,
}
_ONCE = frozenset({OtherDates, ByScript})
"""What is done to all of a page at once: twice is another thing."""

_PLACES = (
    "into the text",
    "behind the text",
    "before the text",
    "before the headline",
    "to the end",
    "out of the article",
)


def draw(random: Random, known: dict[type[Mutation], list[str]]) -> list[Mutation]:
    """One to three mutations."""
    kinds = [kind for kind in _WEIGHTS if known[kind]]
    chosen = random.choices(kinds, [_WEIGHTS[kind] for kind in kinds], k=random.choice((1, 1, 2, 3)))
    chosen = [kind for number, kind in enumerate(chosen) if kind not in _ONCE or kind not in chosen[:number]]
    return [_one(random, kind, random.choice(known[kind])) for kind in chosen]


def _one(random: Random, kind: type[Mutation], target: str) -> Mutation:
    if kind in {RenamedClass, RenamedId}:
        return kind(target, random.choice(_NEW_NAMES))
    if kind is OtherTag:
        return OtherTag(target, random.choice(_OTHER_TAGS[target.partition(".")[0]]))
    if kind is Moved:
        return Moved(target, random.choice(_PLACES))
    if kind is Translated:
        return Translated(target, random.choice(LABELS[target]))
    return kind(target)
