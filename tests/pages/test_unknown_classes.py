"""Readers lean on classes that the newspaper is known to have and on no others, which may be this corpus's own."""

from __future__ import annotations

import re
import zlib

import attrs
import pytest

from tests.evaluate.corpus import load
from tests.evaluate.scores import judge
from tests.pages.saved import FOLDER

KNOWN = re.compile(
    r"logo_holder|top_title_widget|main_page_title|left_mobile_details|article_body|image_holder|layout-ratio|ratio\w+|lazy|related-topic[\w-]*|copy_text"
    r"|article-newsletter[\w-]*|menu_items|main_menu_inner|submenu_level|mobile-navbar[\w-]*|numbered_list|widget_content|txt|txtIn"
)
FIXTURES = {one.name: one for one in load(FOLDER) if one.record and one.record["layout"] != "generic"}
"""Of a page whose layout is not known a general extractor reads the text, which goes by classes of all the world."""


def renamed(match: re.Match[str]) -> str:
    classes = (one if KNOWN.fullmatch(one) else f"k{zlib.crc32(one.encode())}" for one in match[1].split(" "))
    return f'class="{" ".join(classes)}"'


@pytest.mark.parametrize("name", FIXTURES)
def test_other_classes_do_not_matter(name: str) -> None:
    page = re.sub(r'\bclass="([^"]*)"', renamed, FIXTURES[name].page.decode()).encode()
    assert judge(attrs.evolve(FIXTURES[name], page=page)).wrong == []
