"""All pictures of a gallery or a video without text, whatever they stand in; those of other boxes are not its own."""

from __future__ import annotations

import pytest

from tests.pages.saved import reading
from tests.pages.template import NO_IMAGE, SITE

LAZY = f'<img src="{NO_IMAGE}" class="lazy" data-src="/uploads/{{0}}.jpg" alt="Picture {{0}} (AA Photo)">'
FOREIGN = f"""<div class="widget"><a href="/world/europe/card"><img src="/uploads/card.jpg"></a><h3><a href="/world/europe/card">Card</a></h3></div>
    <div class="related-topics-body"><a class="related-topic-item"><img src="/uploads/topic.jpg"></a></div><img src="{NO_IMAGE}" alt="No Image">
    <img src="https://analytics.example/t" width="1" height="1"><aside><img src="/uploads/aside.jpg"></aside><img src="/icons/share.svg">"""


@pytest.mark.parametrize(
    "wrapper",
    [
        "<ul class='slides'><li>{}</li><li>{}</li></ul>",
        "<div class='g'><div>{}</div><p>{}</p></div>",
        "<figure>{}</figure><figure>{}</figure>",
        "<div><a href='?gallery_image=1'>{}</a></div><div><a href='javascript:;'>{}</a></div>",
        "<div class='image_holder'>{}</div><section>{}</section>",
    ],
)
@pytest.mark.parametrize("path", ["/gallery/slug/images", "/ds-tv/slug/news"])
@pytest.mark.parametrize("body", ["", '<div class="article_body"><p>A line about it.</p></div>'])
def test_pictures(wrapper: str, path: str, body: str) -> None:
    if body and "ds-tv" in path:
        return
    pictures = wrapper.format(LAZY.format(1), LAZY.format(2))
    values = reading(
        f"""<html><head><link rel="canonical" href="{SITE}{path}"></head><body><h1 class="logo_holder"><img src="/logo.png"></h1>
        <div class="container"><div class="top_title_widget"><h1 class="main_page_title">Headline</h1></div>{body}{pictures}{FOREIGN}</div></body></html>"""
    ).values
    assert [image.url for image in values["images"]] == [f"{SITE}/uploads/1.jpg", f"{SITE}/uploads/2.jpg"]
    assert values["images"][0].credit == "AA Photo"
