"""Pages that stand in an article's place, known by what they say of themselves: the home page, a section, "page not found"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sabah.pages.joined import joined
from sabah.pages.links import card_links
from sabah.pages.metadata import Metadata
from sabah.pages.tree import beginning, finder, has_class, lineage, parse
from sabah.site.addresses import ROOT, parse_address
from sabah.site.sections import find

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

    from sabah.site.addresses import Address

HOME: Final = "home page"
SECTION: Final = "section page"
ERROR: Final = "error page"

_WORD: Final = re.compile(r"[^\W_]+")
_ALL_IT_SAYS: Final = frozenset(
    _WORD.findall("""
    404 410 a an are article at available be been broken can cannot code com content could couldn daily dailysabah deleted do document does
    doesn don error errors exist existing exists file find for found gone have has here http is isn it link longer looking may might missing
    moved news no not nothing of oops or page pages re removed request requested resource s sabah seems sorry status story t temporarily that
    the there this to unavailable unfortunately url was we were whoops www you your aradığınız bulunamadı bulunamadi hata sayfa
    """)
)
"""The words of a line that says nothing but that a page is not there; an article's headline has others. Turkish too: the publisher is."""

_NOT_THERE: Final = re.compile(
    r"\b(?:404|410|(?:not|nothing|isn t|wasn t) (?:be )?(?:found|here|there)|no longer (?:available|exists?|here|there)|(?:does not|doesn t) exist"
    r"|(?:been|was|page|article|story) (?:removed|deleted|unavailable|missing|gone)|(?:could not|couldn t|cannot|can t|can not) (?:be )?(?:found|find)|bulunamad[ıi])\b"
)
_CLOSED: Final = re.compile(
    r"\bmaintenance\b|\bback (?:soon|shortly|online|in (?:a|\d))|\b(?:be|are|is) right back\b|\bupgrad(?:e|ing)\b|\bupdating\b|\bunder construction\b|\bdowntime\b"
    r"|\btemporarily (?:down|off|offline|closed|unavailable|out of)\b|\b(?:site|service|server|page)s? (?:is|are) (?:currently )?(?:down|offline|unavailable)\b"
    r"|\bbakım(?:da|dayız)?\b|\bgüncelleniyor\b|\bkısa süre(?:liğine)?\b",
    re.IGNORECASE,
)
_LONGEST: Final = 160
_MOST_HEADINGS: Final = 30
_OWN_NAME: Final = re.compile(
    r"\s*[|–-]\s*Daily\s?Sabah\s*\Z|\ADaily\s?Sabah\s*(?:[|:–-].*)?\Z", re.IGNORECASE | re.DOTALL
)
_headings = finder("//h1 | //h2")
_titles = finder("//title")


def says_not_found(line: str) -> bool:
    """Whether a headline or title says that there is no such page, and nothing else."""
    said = _WORD.findall(line[:_LONGEST].casefold())
    return len(line) <= _LONGEST and _ALL_IT_SAYS.issuperset(said) and bool(_NOT_THERE.search(" ".join(said)))


def instead(root: Element, metadata: Metadata, *, frame: bool = False) -> str | None:
    """What a page is that gives no article: HOME, SECTION or ERROR, as its title, headline, canonical link or robots rule say; None where they do not.

    One that names an article as its own address is that article, however little can be read of it, unless it says that it is not there. `frame`: whether scripts may yet
    put the article into it, which a rule for robots does not keep them from.
    """
    titles = [beginning(one, _LONGEST + 1) for one in _titles(root)[:1]]
    if any(map(says_not_found, [*titles, metadata.first("og:title") or "", *_headlines(root)])):
        return ERROR
    said = metadata.canonical or metadata.first("og:url")
    own = parse_address(joined(ROOT, said) or "") if said else None
    if own is not None and own.is_article:
        return None
    if own is not None and own.kind == "listing":
        return of_listing(own)
    if own is None and titles and _OWN_NAME.search(titles[0]) and card_links(root, ROOT):
        before = _OWN_NAME.sub("", titles[0])
        if not before or find(before):
            return SECTION if before else HOME
    return ERROR if not frame and "noindex" in (metadata.first("robots") or "").casefold() else None


def says_closed(root: Element) -> bool:
    """Whether title or headline say that the newspaper is closed for a while, as pages of maintenance do: these bear no mark of it, and nobody keeps a reader away."""
    return any(
        _CLOSED.search(one) for one in (*(beginning(one, _LONGEST + 1) for one in _titles(root)[:1]), *_headlines(root))
    )


def of_listing(address: Address) -> str:
    """HOME or SECTION: which of them a listing is."""
    return HOME if address.canonical == ROOT else SECTION


def on_page(html: str) -> str | None:
    """As `instead`, for a page that nobody has parsed."""
    root = parse(html)
    return instead(root, Metadata(root))


def _headlines(root: Element) -> Iterator[str]:
    # The first alone: a page that is an error has few, and thousands nested in one another would be gone through once for each.
    for one in _headings(root)[:_MOST_HEADINGS]:
        if not any(has_class(around, "logo_holder", "logo") for around in lineage(one)):
            yield beginning(one, _LONGEST + 1)
