"""Pages that stand between a reader and the newspaper: "are you human", with status 200."""

from __future__ import annotations

import re
from typing import Final

from sabah.pages import article_generic
from sabah.pages.instead import ERROR, instead, says_closed
from sabah.pages.metadata import Metadata
from sabah.pages.tree import parse

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
