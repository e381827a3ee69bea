"""JSON-LD blocks: the article's own, of another type, or broken, as the live site was seen to send them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from replica.model import Article

_TYPES = {"webpage": "WebPage", "breadcrumb": "BreadcrumbList", "article": "NewsArticle", "invalid": "NewsArticle"}


def block(article: Article) -> str | None:
    """The text of the script element; None for a page without one."""
    ld, stub = article.meta.json_ld, article.stub
    if ld is None:
        return None
    about: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": _TYPES[ld.form],
        "headline": stub.headline,
        "url": stub.url,
        "inLanguage": "en",
        "datePublished": ld.published,
    }
    if ld.form == "breadcrumb":
        about["itemListElement"] = [
            {"@type": "ListItem", "position": 1, "name": "Home", "item": "https://www.dailysabah.com/"}
        ]
    if ld.modified:
        about["dateModified"] = ld.modified
    if ld.keywords:
        about["keywords"] = list(ld.keywords) if stub.number % 2 else ",".join(ld.keywords)
    if ld.author:
        about["author"] = {"@type": "Person", "name": ld.author.printed}
    text = json.dumps(about, ensure_ascii=False).replace("</", "<\\/")
    if stub.number % 3:
        text = text.replace('", "', '",\n    "')
    if ld.form == "invalid":
        return text[:-1] + ', "description": "He said "no" twice",}'
    return text
