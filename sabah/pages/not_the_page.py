"""Pages that are not the article asked for: frames that a script fills, challenges, maintenance, home pages and sections in its place."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sabah.normalize.text import clean
from sabah.pages import article_generic
from sabah.pages.body import without_notices
from sabah.pages.links import card_links, links_in
from sabah.pages.metadata import Metadata
from sabah.pages.page import text_of
from sabah.pages.tree import beginning, finder, has_class, holds_more, joined, lineage, parse, text
from sabah.site.addresses import ROOT, parse_address
from sabah.site.sections import find

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element
    from scrapy.http import TextResponse

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
    if any(map(says_not_found, [*titles, metadata.first("og:title") or "", *_of_article(root)])):
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
        _CLOSED.search(one)
        for one in (*(beginning(one, _LONGEST + 1) for one in _titles(root)[:1]), *_of_article(root))
    )


def of_listing(address: Address) -> str:
    """HOME or SECTION: which of them a listing is."""
    return HOME if address.canonical == ROOT else SECTION


def on_page(html: str) -> str | None:
    """As `instead`, for a page that nobody has parsed."""
    root = parse(html)
    return instead(root, Metadata(root))


def _of_article(root: Element) -> Iterator[str]:
    # The first alone: a page that is an error has few, and thousands nested in one another would be gone through once for each.
    for one in _headings(root)[:_MOST_HEADINGS]:
        if not any(has_class(around, "logo_holder", "logo") for around in lineage(one)):
            yield beginning(one, _LONGEST + 1)


NO_ARTICLE: Final = "no_article"
NO_BODY: Final = "no_body"
NO_LINKS: Final = "no_links"
LOADS_MORE: Final = "loads_more"
"""Why a page needs a browser: neither headline nor body; a headline without body; a listing without a link to any article, most-read included; one that shows the rest later."""

SITE_HOSTS: Final = ("dailysabah.com", "tmgrup.com.tr")
"""The newspaper's own hosts and its publisher's, which serve its scripts (FACTS section 2); their sub-domains too."""

_BODY: Final = re.compile(
    r"<[^<>]+(?:class=[\"'][^\"'<>]*\b(?:article_body|txtIn)\b|id=[\"']?newsDescription\b)[^<>]*>"
)
_BODY_NAMES: Final = ("article_body", "txtIn", "newsDescription")
_AMP: Final = re.compile(r"<html[^>]*\s(?:amp|⚡)[\s=>]", re.IGNORECASE)
_MARKUP: Final = re.compile(
    r"<(script|style|noscript)\b.*?(?:</\1>|\Z)|<!--.*?(?:-->|\Z)|<[^>]*(?:>|\Z)", re.IGNORECASE | re.DOTALL
)
_LOOKED_AT: Final = 8000
_WAITS: Final = re.compile(r"(?:loading|please wait)\b.{0,20}", re.IGNORECASE | re.DOTALL)
_WORDS_OF_SENTENCE: Final = 8
_WORDS_OF_PROSE: Final = 50
_WORDS_UNDER_HEADLINE: Final = 20
"""A page without any mark has a body when it has that many words in sentences outside its links (menus and buttons have none); fewer are enough
under a headline of its own."""

_TO_THE_READER: Final = re.compile(
    r"cookies?\b|personal data|\bconsent\b|privacy|our partners|javascript|your (?:browser|device|choice)|subscri|sign up|newsletter|all rights reserved|6698",
    re.IGNORECASE,
)
"""Sentences of walls, notices and boxes, which stand around an empty frame as well."""

_NOT_SHOWN: Final = frozenset({"script", "style", "noscript", "template", "option", "label", "button", "title"})
_WITHOUT_BODY: Final = frozenset({"video", "gallery"})
ASKS: Final = re.compile(r"\bfetch\s*\(|XMLHttpRequest|\bimport\s*\(|__NEXT_DATA__|__NUXT__")
_ASKING: Final = ("fetch", "XMLHttpRequest", "import", "__NEXT_DATA__", "__NUXT__")
"""What `ASKS` does not match without."""

_MORE_CLASS: Final = re.compile(
    r"(?:^|[\s_-])(?:(?:load|show)[-_]?more|infinite(?:[-_]?scroll)?|endless[-_]?scroll)(?:$|[\s_-])", re.IGNORECASE
)
MORE_LABEL: Final = r"^(?:(?:load|show|see|read) (?:more|older)\b.{0,20}|more (?:news|stories|articles)|older (?:news|stories|articles))$"
"""What a button says that brings more of a listing, as a regular expression of Python and JavaScript alike, for any case."""

_LABEL: Final = re.compile(MORE_LABEL, re.IGNORECASE)
_LONGEST_LABEL: Final = 60
_MOST_IN_BUTTON: Final = 60  # elements: an icon has many
_scripts = finder("//script")
_headlines = finder("//h1")
_buttons = finder("//button | //a | //*[@role='button']")
_classed = finder("//*[@class]")


def article_shell(html: str, address: Address) -> str | None:
    """Why the article at `address` is not in the page but will be put there by the site's scripts: NO_ARTICLE or NO_BODY; None where it is there.

    A page without scripts of the site is no shell, whatever it lacks; nor is one that says that it is another page than the article.
    """
    if _has_marked_body(html) or _AMP.search(html[:2000]):
        return None
    root = parse(html)
    if not _has_site_scripts(root, address.canonical) or instead(root, Metadata(root), frame=True):
        return None
    has_headline = any(text(one) and not _is_logo(one) for one in _headlines(root))
    if _words_of_prose(root) >= (_WORDS_UNDER_HEADLINE if has_headline else _WORDS_OF_PROSE):
        return None
    if not has_headline:
        return NO_ARTICLE
    return None if address.kind in _WITHOUT_BODY else NO_BODY


def listing_shell(response: TextResponse) -> str | None:
    """Why a listing's links are not all in the page: NO_LINKS or LOADS_MORE; None where nothing says so."""
    root = parse(text_of(response))
    if not _has_site_scripts(root, response.url):
        return None
    if _loads_more(root):
        return LOADS_MORE
    return None if links_in([root], response.url) else NO_LINKS


def is_of_site(url: str) -> bool:
    """Whether an http(s) address is on one of SITE_HOSTS."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and any(host == one or host.endswith(f".{one}") for one in SITE_HOSTS)


def _has_marked_body(html: str) -> bool:
    return any(_says(html[end : end + _LOOKED_AT]) for end in _bodies_marked(html))


def _bodies_marked(html: str) -> Iterator[int]:
    """Where each start tag of a body ends. The names are found first: an expression would try every tag of the page."""
    for name in _BODY_NAMES:
        at, last = html.find(name), 0
        while at >= 0:
            start = html.rfind("<", last, at)  # before the last one is a tag that was looked at
            if start >= 0 and (match := _BODY.match(html, start)):
                yield match.end()
            at, last = html.find(name, at + 1), at


def _says(markup: str) -> bool:
    """Whether there is any text before the first part of a body ends."""
    said = _MARKUP.sub(" ", markup.partition("</div>")[0]).strip()
    return bool(said) and not _WAITS.fullmatch(said)


def _has_site_scripts(root: Element, base: str) -> bool:
    for script in _scripts(root):
        source = (script.get("src") or "").strip()
        if source and is_of_site(joined(base, source) or ""):
            return True
        if not source and _asks(script.text or ""):
            return True
    return False


def _asks(script: str) -> bool:
    # An expression of several ways is tried at every letter, which took a millisecond for each listing's scripts.
    return any(word in script for word in _ASKING) and ASKS.search(script) is not None


def _words_of_prose(root: Element) -> int:
    lines = [line for node in root.iter() if node.tag not in _NOT_SHOWN and (line := _sentence(node))]
    return sum(len(line.split()) for line in without_notices(lines) if not _TO_THE_READER.search(line))


def _sentence(node: Element) -> str:
    """The text of an element without that of the elements in it; empty for a few words, a link, and what is shown without scripts only."""
    line = clean(" ".join([node.text or "", *(one.tail or "" for one in node)]))
    if len(line.split()) < _WORDS_OF_SENTENCE or any(one.tag in ("a", "noscript") for one in lineage(node)):
        return ""
    return line


def _is_logo(heading: Element) -> bool:
    return any(has_class(one, "logo_holder", "logo") for one in lineage(heading))


def _loads_more(root: Element) -> bool:
    return any(_is_button(one) and _LABEL.match(_label(one)) for one in _buttons(root)) or any(
        _MORE_CLASS.search(one.get("class") or "") for one in _classed(root)
    )


def _label(button: Element) -> str:
    """The first words of a button; none of what holds half a page."""
    return "" if holds_more(button, _MOST_IN_BUTTON) else beginning(button, _LONGEST_LABEL)


def _is_button(node: Element) -> bool:
    """Whether a click stays on the page."""
    href = (node.get("href") or "").strip()
    return node.tag != "a" or not href or href.startswith(("#", "javascript:"))


_OURS: Final = ("logo_holder", "main_page_title", "article_body", "widget_content", "items_list", "newsTitle", "newsDescription", "txtIn")  # fmt: skip
"""What only the newspaper's own templates have (FACTS sections 1 to 4): the logo, headline, body and cards of each layout. Looked for as strings,
which takes a hundredth of an expression's time over a whole page."""

_OURS_TOO: Final = re.compile(r"<html[^>]*\s(?:amp|⚡)|<(?:rss|feed|urlset|rdf:RDF)\b", re.IGNORECASE)
"""AMP and feeds, at the beginning of what was sent."""

_BEGINNING: Final = 4000

_HTML: Final = re.compile(
    r"<(?:!doctype\s+html|html|head|body|title|meta|script|noscript|iframe|form|h1|div|p)\b", re.IGNORECASE
)
"""What a page for people has at its beginning. JSON, a PDF or a feed in an unknown charset is of a wrong kind, and nobody stands in the way."""

_NAMED: Final = re.compile(r"daily\s?sabah|tmgrup|turkuvaz", re.IGNORECASE)
"""The newspaper's name, its picture host, its owner: no page of it is known without any of them."""

_MARKERS: Final = {
    "Cloudflare": r"<title>Just a moment\.\.\.|<title>Attention Required! \| Cloudflare|cf[-_]chl|cf-browser-verification|cf-error-details",
    "Imperva": r"_Incapsula_Resource|Incapsula incident ID",
    "DataDome": r"captcha-delivery\.com",
    "HUMAN": r"px-captcha|_pxAppId",
    "DDoS-Guard": r"<title>DDoS-Guard|ddos-guard/js-challenge",
    "Sucuri": r"sucuri_cloudproxy_js|Sucuri WebSite Firewall",
    "AWS WAF": r"gokuProps|awsWafCookieDomainList|\.token\.awswaf\.com",
    "Akamai": r"errors\.edgesuite\.net|sec-if-cpt-container",
    "a captcha": r"<form[^>]*captcha|class=[\"'](?:g-recaptcha|h-captcha|cf-turnstile)|verify (?:that )?you are (?:a )?human",
}
_MARKER: Final = re.compile(
    "|".join(f"(?P<m{number}>{form})" for number, form in enumerate(_MARKERS.values())), re.IGNORECASE
)


def challenge(html: str, *, marked: bool = True) -> str | None:
    """What stands in place of the page asked for, in a few words; None for a page of the newspaper, however odd, and for an empty one.

    `marked`: every page of this kind bears a mark of the newspaper, so one without any counts too. An article in any layout is none, whatever it is about.
    """
    if not html.strip() or any(one in html for one in _OURS) or _OURS_TOO.search(html[:_BEGINNING]):
        return None
    marker = _MARKER.search(html)
    if marker is None and (not marked or _NAMED.search(html) or not _HTML.search(html[:_BEGINNING])):
        return None
    root = parse(html)
    metadata = Metadata(root)
    if article_generic.matches(metadata):
        return None
    if marker is None and (instead(root, metadata, frame=True) == ERROR or says_closed(root)):
        return None
    if marker is None:
        return "a page without any mark of the newspaper"
    return f"a challenge page ({list(_MARKERS)[int(str(marker.lastgroup)[1:])]})"


_FEWEST_WORDS = 5
_WORDS_OF_TEXT = 25  # of one string; titles and labels in the settings of a player have fewer
_ADVERTISES = re.compile(
    r"googletag|adsbygoogle|googlesyndication|doubleclick|pbjs|prebid|taboola|outbrain|criteo|apstag|teads",
    re.IGNORECASE,
)
_FETCHES = re.compile(ASKS.pattern + r"|(?:\$|jQuery)\.(?:ajax|get|getJSON|post)\s*\(|\.load\s*\(\s*[\"'`]")
_TEXT = re.compile(
    r"\b(?:text|body|articleBody|paragraphs)[\"']?\s*+:\s*+(?:\[\s*+)?[\"'`][^\"'`\s]++\s[^\"'`\s]", re.IGNORECASE
)
_STRING = re.compile(
    r""""((?:\\.|[^"\\\n])*+)"|'((?:\\.|[^'\\\n])*+)'|`((?:\\.|[^`\\])*+)`|["'][^\n]*+|`.*+""", re.DOTALL
)  # what is no whole string is passed over as a whole
_MARKUP_IN_SCRIPT = re.compile(r"<[^<>]*>")
_PUNCTUATION = "“”‘’(),.;:!?"


def rest_by_script(body: Element, printed: str) -> bool:
    """Whether the text `printed` in the body is one block, and a script that carries or fetches text stands in the same element."""
    blocks = (block for block in printed.split("\n\n") if len(block.split()) > _FEWEST_WORDS)
    if len(list(islice(blocks, 2))) > 1:
        return False
    return any(_brings_text(one) for one in body.iterchildren("script"))


def _brings_text(script: Element) -> bool:
    code, kind = script.text or "", (script.get("type") or "").lower()
    if "ld+json" in kind or _ADVERTISES.search(code):
        return False
    if kind.startswith("text/") and not kind.endswith("script"):  # a template
        return _is_text(code)
    return bool(_FETCHES.search(code) or _TEXT.search(code)) or any(
        _is_text("".join(match.groups(""))) for match in _STRING.finditer(code)
    )


def _is_text(string: str) -> bool:
    words = (one.strip(_PUNCTUATION) for one in _MARKUP_IN_SCRIPT.sub(" ", string).split())
    return sum(map(str.isalpha, words)) >= _WORDS_OF_TEXT
