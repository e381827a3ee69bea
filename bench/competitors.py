"""The other readers, for `bench.worker` in `.venv-bench`: each as its documentation says, offline, from a page that is already there.

All get decoded text, which spares them the detection of its encoding.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.worker import Read


def trafilatura(mode: str = "default") -> Read:
    """Text and metadata; `fast` leaves out its fallback extractors."""
    from trafilatura import bare_extraction  # one library a process  # noqa: PLC0415

    def to_document(url: str, html: bytes) -> dict[str, Any]:
        document = bare_extraction(html.decode(), url=url, with_metadata=True, fast=mode == "fast")
        if document is None:
            return {"title": None, "body": None, "date": None}
        assert not isinstance(document, dict)
        return {"title": document.title, "body": document.text, "date": document.date, "keywords": document.tags}

    return to_document


def newspaper() -> Read:
    """Without its downloads of images, which an offline reading cannot make."""
    warnings.simplefilter("ignore")  # that nltk is not there: its NLP is not asked for
    import newspaper as newspaper4k  # type: ignore[import-not-found]  # lives in .venv-bench  # noqa: PLC0415

    def to_article(url: str, html: bytes) -> dict[str, Any]:
        article = newspaper4k.Article(url, fetch_images=False)
        article.download(input_html=html.decode())
        article.parse()
        date = article.publish_date
        return {
            "title": article.title, "body": article.text, "date": date.isoformat() if date else None, "keywords": article.meta_keywords,
        }  # fmt: skip

    return to_article


def news_please() -> Read:
    """Without its downloads of images, which an offline reading cannot make."""
    warnings.simplefilter("ignore")
    from newsplease import NewsPlease  # type: ignore[import-not-found]  # lives in .venv-bench  # noqa: PLC0415

    def to_article(url: str, html: bytes) -> dict[str, Any]:
        article = NewsPlease.from_html(html.decode(), url=url, fetch_images=False)
        date = article.date_publish
        return {"title": article.title, "body": article.maintext, "date": date.isoformat() if date else None}

    return to_article


def fundus() -> Read:
    """With the parser of this newspaper that `bench.fundus_parser` is: fundus has none. What it cannot read is left out, as fundus's crawler does."""
    from bench.fundus_parser import DailySabahParser  # noqa: PLC0415

    parser = DailySabahParser()()

    def to_attributes(_: str, html: bytes) -> dict[str, Any]:
        read = parser.parse(html.decode(), error_handling="suppress")
        date = read["publishing_date"]
        return {
            "title": read["title"], "body": str(read["body"] or "") or None, "date": date.isoformat() if date else None, "keywords": read["topics"],
            "captions": [one.caption for one in read["images"] if one.caption],
        }  # fmt: skip

    return to_attributes
