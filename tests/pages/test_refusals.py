"""Pages that are no article say what was missing."""

from __future__ import annotations

import pytest
from scrapy.http import Response

from sabah.pages import NotAnArticle, read
from tests.pages.saved import reading, saved
from tests.pages.template import made
from tests.processor import seconds

ADDRESS = (
    "https://www.dailysabah.com/world/syrian-crisis/putin-assad-meet-in-kremlin-discuss-syrias-opposition-held-areas"
)


def refusal(body: bytes | str, address: str | None = ADDRESS) -> str:
    with pytest.raises(NotAnArticle) as caught:
        reading(body, address)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("body", [b"", b"  \n\t ", "\ufeff \n"])
def test_an_empty_page(body: bytes | str) -> None:
    assert "empty" in refusal(body)


def test_an_answer_that_is_no_text() -> None:
    with pytest.raises(NotAnArticle, match="no text"):
        read(Response(ADDRESS, body=b"\x89PNG\r\n\x1a\n"), ADDRESS)


def test_a_page_that_does_not_name_its_address() -> None:
    assert "does not name its own address" in refusal(saved("not-found"), None)


@pytest.mark.parametrize(
    "address",
    ["https://", "https:///path", "https://example.com", "https://example.com/a b", "ftp://example.com/", "/relative"],
)
def test_an_address_that_is_none(address: str) -> None:
    page = saved("seed-article")
    assert "is no absolute" in refusal(page.replace(ADDRESS.encode() + b'">', address.encode() + b'">'), None)


def test_an_error_page_under_the_address_of_an_article() -> None:
    assert "no layout" in refusal(saved("not-found"))


def test_a_listing() -> None:
    assert "listing" in refusal(saved("listing"), None)
    assert "no layout" in refusal(saved("listing"))


def test_an_impossible_printed_date() -> None:
    assert "Feb 30, 2022" in refusal(saved("impossible-date"), None)


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ('<div class="article_body">', "before its body"),
        ("<p>Russian President Vladimir Putin and", "before its body"),
        ("Putin and Assad also discussed", "inside its body"),
        ('<div class="bx_a1"><span class="bx_t">RECOMMENDED', "before its body"),
        ("</head>", "no layout"),
    ],
)
def test_a_page_that_was_cut_off(mark: str, said: str) -> None:
    page = saved("seed-article").decode()
    assert said in refusal(page[: page.index(mark)])


@pytest.mark.parametrize(
    "behind",
    [
        "",
        "</body>",
        "</body></html>" + "<!-- served -->" * 2_000,
        "<p>More.</p>",
        "<footer><a href='/wor",
        "<!-- serv",
        "<!-- served <b>by</b> --",
        "<!-",
        "<",
        "</bo",
        "<foot",
        '<a href="/x',
        '<a title="a > b" href="/x > y',
    ],
)
def test_a_page_whose_body_is_whole(behind: str) -> None:
    page = saved("seed-article").decode()
    end = page.index("</div>", page.rindex("including 5 million")) + len("</div>")
    assert reading(page[:end] + behind).values["word_count"] == reading(page).values["word_count"]
    inside = page[: end - len("</div>")]
    assert "inside its body" in refusal(inside)
    for cut in ("<!-- serv", "</di", "<p cla", "<", " < 5", "<p>One more", "<!-- <a", "<a title='> b"):
        assert "inside its body" in refusal(inside + cut)
    script = "<script>document.write('</html>');</script></head>"
    assert "inside its body" in refusal(page.replace("</head>", script)[: end + len(script) - len("</head></div>")])


def test_a_page_without_text() -> None:
    page = saved("bare-minimum").decode()
    start, end = page.index('<div class="article_body">'), page.index('<ul class="share">')
    assert "no body" in refusal(page[:start] + page[end:], None)
    assert "no body" in refusal(page[:start] + '<div class="article_body"><p> </p></div>' + page[end:], None)


def test_a_page_without_headline() -> None:
    page = saved("bare-minimum").decode()
    assert "no headline" in refusal(page.replace(" Marlo council meets\n behind closed doors ", " "), None)


def test_the_body_must_be_there_for_an_article_but_not_for_a_video() -> None:
    page = saved("video")
    assert reading(page).values["kind"] == "video"
    assert "no body" in refusal(page.replace(b"/ds-tv/", b"/world/"), None)


def test_menus_are_no_text() -> None:
    menu = "".join(
        f"<li>{word}</li>"
        for word in ["Politics", "Diplomacy", "Legislation", "Elections", "Education", "Minorities", "Diaspora"] * 4
    )
    page = (
        '<html><head><meta property="og:type" content="article"><meta property="article:published_time" content="2024-11-22 16:55:35">'
        f'<meta property="og:title" content="A title"></head><body><h1>A title</h1><main><div><p>{menu}</p></div></main></body></html>'
    )
    refusal(page)


TEXT = "One block of text, and no more than that."
REST = "The sea was calm and the ferry left the old harbor late, as it had done on each of the days before that one, with no one on board."


@pytest.mark.parametrize(
    "script",
    [
        '<script>window.__article = {"text": "Loaded later."};</script>',
        "<script>fetch('/rest/12').then(show);</script>",
        "<script>$.get('/rest/12', show)</script>",
        "<script>var asked = new XMLHttpRequest();</script>",
        f"<script>// what isn't here\nshow('<p>{REST}</p>')</script>",
        f"<script>show(`{REST}`)</script>",
        f'<script type="application/json">["{REST}"]</script>',
        f'<script type="text/template"><p>{REST}</p></script>',
    ],
)
def test_a_text_whose_rest_a_script_brings(script: str) -> None:
    with pytest.raises(NotAnArticle, match="the rest comes by script"):
        made(TEXT + script)
    assert made(f"<p>{TEXT}</p><p>Another block of text stands here.</p>{script}").values["body"]


@pytest.mark.parametrize(
    "script",
    [
        "<script>googletag.cmd.push(function() { googletag.display('in-article'); fetch('/slot'); });</script>",
        "<script>(adsbygoogle = window.adsbygoogle || []).push({});</script>",
        f'<script type="application/ld+json">{{"@type": "NewsArticle", "articleBody": "{REST}"}}</script>',
        '<script>jwplayer("v").setup({"file": "/v.mp4", "title": "A ferry leaves the old harbor at dusk"});</script>',
        "<script>!function(d,s,id){var js=d.createElement(s);js.src='//platform.twitter.com/widgets.js';}(document,'script','x');</script>",
        "<script>var seen = params.get('page'); // " + "it is not known, " * 20 + "</script>",
        "<script>var quote = /'/; " + "if (a) { b(c, d) } " * 40 + "</script>",
        '<script type="text/template"><b>Comments</b></script>',
        "<script></script>",
    ],
)
def test_a_text_of_one_block_with_a_script_that_brings_none(script: str) -> None:
    assert made(TEXT + script).values["body"] == TEXT


def test_strings_without_end_cost_little() -> None:
    codes = (
        '\\"' * 200_000,
        "'\\'" * 200_000,
        "`\\`" * 200_000,
        "text:" * 200_000,
        "text: " + " " * 400_000,
        "<" * 400_000,
    )
    assert seconds(lambda: [made(f"{TEXT}<script>{code}</script>") for code in codes], 5)[1] < 5
