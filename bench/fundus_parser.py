"""A parser for fundus of the newspaper's layout of today, as fundus's own guide has them written; for `.venv-bench`."""

# ruff: noqa: UP045 - fundus reads the annotations to know what stands for nothing
# mypy: disable-error-code="import-not-found,misc,untyped-decorator,no-any-return"
import datetime as dt
import re
from typing import Optional

from fundus.parser import ArticleBody, BaseParser, Image, ParserProxy, attribute
from fundus.parser.utility import extract_article_body_with_selector, generic_date_parsing, image_extraction
from lxml.etree import XPath

_TITLE = XPath("string(//h1[contains(@class, 'main_page_title')])")
_PARAGRAPHS = XPath("//div[contains(@class, 'article_body')]//p[not(ancestor::*[contains(@class, 'related')])]")
_SUBHEADS = XPath("//div[contains(@class, 'article_body')]//h2")
_DATE = XPath("string(//div[contains(@class, 'left_mobile_details')]/span[last()])")
_KEYWORDS = XPath("//*[normalize-space(text())='KEYWORDS']/following-sibling::*[1]/descendant-or-self::*[not(*)]")
_IMAGES = XPath("//div[contains(@class, 'image_holder')]//img | //div[contains(@class, 'article_body')]//img")
_CREDIT = re.compile(r"\s*\((?P<credits>[^()]*(?:Photo|AA|AFP|AP|Reuters|EPA)[^()]*)\)\.?$")


class DailySabahParser(ParserProxy):
    class V1(BaseParser):
        @attribute
        def title(self) -> Optional[str]:
            return str(_TITLE(self.precomputed.doc)).strip() or None

        @attribute
        def body(self) -> Optional[ArticleBody]:
            return extract_article_body_with_selector(self.precomputed.doc, _PARAGRAPHS, subheadline_selector=_SUBHEADS)

        @attribute
        def publishing_date(self) -> Optional[dt.datetime]:
            # dateutil reads `GMT+3` as three hours behind
            return generic_date_parsing(str(_DATE(self.precomputed.doc)).replace("GMT", "") or None)

        @attribute
        def topics(self) -> list[str]:
            parts = (part for one in _KEYWORDS(self.precomputed.doc) for part in one.text_content().split(","))
            return [topic for part in parts if (topic := part.strip())]

        @attribute
        def images(self) -> list[Image]:
            return image_extraction(
                self.precomputed.doc, _PARAGRAPHS, _IMAGES, XPath("//h1"), caption_selector=XPath("./@alt"), author_selector=_CREDIT
            )  # fmt: skip
