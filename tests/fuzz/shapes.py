"""Pages that grow in one way: what is twice as long may take twice as long to read, not four times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

LINK: Final = "https://www.dailysabah.com/world/europe/slug-"
_HEAD: Final = (
    '<html><head><link rel="canonical" href="https://www.dailysabah.com/world/europe/slug">'
    '<meta property="og:type" content="article"><meta property="og:title" content="Title">'
    '<meta property="article:published_time" content="2021-09-14T10:51:00+03:00"></head><body>'
)
_DETAILS: Final = (
    '<div class="left_mobile_details"><span>by Ada Lorn</span><span>Sep 14, 2021 - 10:51 am GMT+3</span></div>'
)
_HERO: Final = '<div class="image_holder"><img src="/hero.jpg" alt="Caption"></div>'
_TEXT: Final = "<p>The council met on Friday. It said nothing.</p>"


def _of_2020(*, details: str = _DETAILS, above: str = "", body: str = _TEXT, below: str = "") -> str:
    return (
        f'{_HEAD}<div class="detail"><h1 class="main_page_title">Title</h1>{details}{above}'
        f'<div class="article_body">{body}</div>{below}</div></body></html>'
    )


def _legacy(middle: str) -> str:
    return f'{_HEAD}<div><h1 id="newsTitle">Title</h1><div>by Ada Lorn</div><div id="newsDescription"><div class="txt">{_TEXT}{middle}</div></div></div></body></html>'


def _amp(middle: str) -> str:
    return f"{_HEAD.replace('<html>', '<html amp>')}<h1>Title</h1>{middle}<div>{_TEXT}</div></body></html>"


def _generic(middle: str) -> str:
    return f"{_HEAD}<h1>Title</h1><article>{_TEXT * 20}{middle}</article></body></html>"


def _gallery(middle: str) -> str:
    head = _HEAD.replace("world/europe/slug", "gallery/slug/images")
    return f'{head}<div class="detail"><h1 class="main_page_title">Title</h1>{_DETAILS}{middle}</div></body></html>'


def _with_script(middle: str) -> str:
    return f'<html><body><script>fetch("/x")</script><h1>Title</h1>{middle}</body></html>'


def _plain(middle: str) -> str:
    return f"<html><body>{middle}</body></html>"


FRAMES: Final[dict[str, Callable[[str], str]]] = {
    "in the body": lambda middle: _of_2020(body=_TEXT + middle),
    "above the body": lambda middle: _of_2020(above=middle),
    "below the body": lambda middle: _of_2020(below=middle),
    "without details": lambda middle: _of_2020(details="", above=middle),
    "behind a hero": lambda middle: _of_2020(above=_HERO, body=_TEXT + middle),
    "gallery": _gallery,
    "legacy": _legacy,
    "amp": _amp,
    "generic": _generic,
    "no article": _plain,
    "with a script": _with_script,
}
"""Where the growing part stands."""

NO_ARTICLE: Final = frozenset({"no article", "with a script"})
"""Frames of listings and of what a script fills."""

_LADDER: Final = 240
"""Levels that every frame still bears: a page that is deeper is refused before anything of it is read."""

_VERY_DEEP: Final = 1_800
_CARD: Final = f'<h3><a href="{LINK}{{}}">Card</a></h3>'


def _repeated(piece: str) -> Callable[[int], str]:
    """The piece again and again; `{}` in it is its number."""
    return lambda size: "".join(
        piece.replace("{}", str(number)) for number in range(max(2, size // max(1, len(piece))))
    )


def _nested(opening: str, closing: str, middle: str = "text", deepest: int = _LADDER) -> Callable[[int], str]:
    """Elements in one another, again and again."""

    def made(size: int) -> str:
        depth = max(2, min(deepest // closing.count("</"), size // len(opening + closing)))
        ladder = opening * depth + middle + closing * depth
        return ladder * max(1, size // len(ladder))

    return made


def _within(opening: str, closing: str, piece: str, deepest: int = _LADDER) -> Callable[[int], str]:
    """Elements in one another around the piece again and again: what reads each of them whole reads it hundreds of times."""

    def made(size: int) -> str:
        depth = max(2, min(deepest // closing.count("</"), size // len(opening + closing)))
        return opening * depth + _repeated(piece)(size) + closing * depth

    return made


_BEARABLE: Final[dict[str, Callable[[int], str]]] = {
    "pictures": _repeated('<img src="/a{}.jpg">'),
    "pictures in a paragraph": lambda size: "<p>" + _repeated('<img src="/a{}.jpg" alt="b (c)">')(size) + "words</p>",
    "pictures, then text": lambda size: "<p>" + _repeated('<img src="/a{}.jpg" alt="b">')(size // 2) + _repeated("words (AP Photo)<br>")(size // 2) + "</p>",
    "pictures in divs": _repeated('<div class="image"><img src="/a{}.jpg"><span>Caption</span></div>'),
    "linked pictures": _repeated('<a href="' + LINK + '{}"><img src="/a{}.jpg"></a>'),
    "figures": _repeated('<figure><img src="/a{}.jpg"><figcaption>Caption (AP)</figcaption></figure>'),
    "cards": _repeated(_CARD),
    "cards with pictures": _repeated('<div><img src="/a{}.jpg">' + _CARD + "<span>some-slug</span></div>"),
    "cards in one link": lambda size: f'<a href="{LINK}">' + _repeated("<h3>Card</h3>")(size) + "</a>",
    "links": _repeated('<a href="' + LINK + '{}">x</a>'),
    "link tags unclosed": _repeated('<a href="' + LINK + '{}">'),
    "headings unclosed": _repeated("<div>" + "<h3>x" * 200 + "</div>"),
    "recommended": _repeated("<div>RECOMMENDED</div>" + _CARD),
    "recommended alone": _repeated("<div>RECOMMENDED</div>"),
    "one recommended, many slugs": lambda size: "<div>RECOMMENDED</div>" + _repeated("<div>some-slug</div>")(size),
    "keywords": _repeated("<div>KEYWORDS</div><ul><li>{}</li></ul>"),
    "keywords alone": _repeated("<b>KEYWORDS</b>"),
    "keywords in sentences": _repeated("<div>KEYWORDS</div><p>A sentence is here.</p>"),
    "keywords as tails": _repeated("<br>KEYWORDS"),
    "one keyword label, many keywords": lambda size: "<div>KEYWORDS</div><div>" + _repeated("<a>word{}</a>")(size) + "</div>",
    "one keyword label, many blocks": lambda size: "<div>KEYWORDS</div>" + _repeated("<div>word{}</div>")(size),
    "last updates": _repeated("<div>Last Update: Sep 14, 2021 11:57 am</div>"),
    "last updates as tails": _repeated("<br>Last Update: Sep 14, 2021 11:57 am"),
    "last updates of no day": _repeated("<div>Last Update: soon</div>"),
    "details": _repeated('<div class="left_mobile_details"><span>by B</span><span>Sep 14, 2021 - 10:51 am</span></div>'),
    "one block of details": lambda size: '<div class="left_mobile_details">' + _repeated("<span>word</span>")(size) + "</div>",
    "details without boxes": lambda size: '<div class="left_mobile_details">by ' + _repeated("Word ")(size) + "</div>",
    "details in capitals": lambda size: '<div class="left_mobile_details">by ' + _repeated("WORD ")(size) + "Sep 14, 2021 - 10:51 am</div>",
    "details with many titles": lambda size: f'<div class="left_mobile_details"><span>by A B{", Jr." * (size // 5)}</span>Sep 14, 2021 - 10:51 am</div>',
    "details with dashes": lambda size: f'<div class="left_mobile_details">x{"-" * size}y Sep 14, 2021 - 10:51 am</div>',
    "bys": _repeated("<div>by Name</div>"),
    "paragraphs": _repeated("<p>Word.</p>"),
    "paragraphs unclosed": _repeated("<p>Word."),
    "line breaks": _repeated("x<br>"),
    "empty lines": lambda size: "x" + "<br>" * (size // 4) + "x",
    "line breaks and blanks": lambda size: "x" + "<br> \n" * (size // 6) + "x",
    "comments": _repeated("<!-- c -->x"),
    "comments in boxes": _repeated("<div><!-- c --><p>x</p></div>"),
    "tags never closed": _repeated("<div>" + "<b>x" * 200 + "</div>"),
    "ends never begun": _repeated("</div></b></p>"),
    "tables": _nested("<table><tr><td>x", "</td></tr></table>"),
    "dates": _repeated("<div>Sep 14, 2021 - 10:51 am GMT+3</div>"),
    "dates in one line": _repeated("Sep 14, 2021 - 10:51 am GMT+3 "),
    "dates without end": _repeated("Sep 14, "),
    "captures": _repeated("Published 24.03.2016 "),
    "digits": lambda size: "1" * size,
    "blanks": lambda size: "<p>x" + " " * size + "x</p>",
    "blanks that are none": lambda size: "<p>x" + "\u200b " * (size // 2) + "x</p>",
    "one word": lambda size: f"<p>{'x' * size}</p>",
    "one word in capitals": lambda size: f"<p>{'X' * size}</p>",
    "accents": lambda size: "<p>a" + "\u0301\u0327" * (size // 2) + "</p>",
    "brackets": lambda size: f'<p><img src="/a.jpg" alt="{"(" * size}"></p>',
    "closing brackets": lambda size: f'<p><img src="/a.jpg" alt="{")" * size}"></p>',
    "brackets by turns": lambda size: f'<p><img src="/a.jpg" alt="{"() " * (size // 3)}x)"></p>',
    "a credit in words": lambda size: f'<p><img src="/a.jpg" alt="x ({"left and " * (size // 9)}!)"></p>',
    "a measure": lambda size: f'<p><img src="/a.jpg" alt="x ({"1 " * (size // 2)}!)"></p>',
    "entities": lambda size: "<p>" + "&amp;" * (size // 5) + "</p>",
    "entities in an attribute": lambda size: f'<p><img src="/a.jpg" alt="{"&amp;amp;" * (size // 9)}"></p>',
    "quotes": lambda size: "<p>" + '"' * size + " 6698 cookies</p>",
    "quotes that open": lambda size: "<p>" + "“" * (size // 3) + " 6698 cookies</p>",
    "stops": lambda size: "<p>6698 cookie " + "." * size + "</p>",
    "stops and blanks": lambda size: "<p>6698 cookie ." + " " * size + "</p>",
    "our words": lambda size: "<p>6698 cookie " + "our a-" * (size // 6) + "</p>",
    "a notice": lambda size: "<p>" + "We use cookies under Law 6698, please click. " * (size // 45) + "</p>",
    "attributes": lambda size: "<p " + _repeated("a{}=1 ")(size) + ">x</p>",
    "one long attribute": lambda size: f'<p class="{"a " * (size // 2)}">x</p>',
    "classes of pictures": lambda size: f'<div class="{"image " * (size // 6)}"><img src="/a.jpg"></div>',
    "one long address": lambda size: f'<a href="{LINK}{"a/" * (size // 2)}">x</a>',
    "dots in an address": lambda size: f'<a href="{"../" * (size // 3)}x">x</a>',
    "addresses of one picture": lambda size: f'<img src="{"a/../" * (size // 5)}x.jpg">',
    "meta": _repeated('<meta name="a{}" content="b">'),
    "keywords in meta": lambda size: f'<meta name="keywords" content="{"a{}, " * (size // 5)}">',
    "one author": lambda size: f'<meta name="author" content="{"and " * (size // 4)}">',
    "authors": lambda size: f'<meta name="author" content="{"A B, Jr., " * (size // 10)}">',
    "an author with blanks": lambda size: f'<meta name="author" content="A{"-" * size}B (">',
    "an author with many titles": lambda size: f'<meta name="author" content="A B{", Jr." * (size // 5)}">',
    "a long author with titles": lambda size: f'<meta name="author" content="{"a" * (size // 2)}{", Jr." * (size // 10)}">',
    "json-ld, nested": lambda size: '<script type="application/ld+json">' + "[" * size + "</script>",
    "json-ld, closed": lambda size: '<script type="application/ld+json">' + "[" * (size // 2) + "]" * (size // 2) + "</script>",
    "json-ld, a number": lambda size: '<script type="application/ld+json">{"@type":"Article","headline":' + "9" * size + "}</script>",
    "json-ld, many": _repeated('<script type="application/ld+json">{"@type": "Thing"}</script>'),
    "json-ld, names": lambda size: '<script type="application/ld+json">{"@type":"NewsArticle","author":[' + '{"name":"A B"},' * (size // 15) + '"x"]}</script>',
    "scripts": _repeated("<script>var a = 1;</script>"),
    "scripts unclosed": _repeated("<script>"),
    "styles and comments open": _repeated("<style><!--"),
    "lesser": lambda size: "<" * size,
    "lesser and names": _repeated("<article_body"),
    "class names in text": _repeated('article_body "class=" '),
    "bodies": _repeated('<div class="article_body">x</div>'),
    "bodies nested": _nested('<div class="article_body">x', "</div>"),
    "empty bodies": _repeated('<div class="article_body"></div>'),
    "txtIn": _repeated('<div class="txtIn">x</div>'),
    "headlines": _repeated("<h1>x</h1>"),
    "empty headlines": _repeated("<h1></h1>"),
    "buttons": _repeated('<a href="javascript:x">x</a>'),
    "players": _repeated('<iframe src="/v{}"></iframe>'),
    "videos in videos": _repeated("<div>" + "<video><source src=/a{}>" * 100 + "</div>"),
    "selects": _repeated("<div>" + "<select><option>x" * 100 + "</div>"),
    "forms": _repeated("<form><input>"),
    "svg": _repeated("<svg><title>x"),
    "numbered lists": _repeated('<ul class="numbered_list"><li>' + _CARD + "</li></ul>"),
    "lists nested": _nested("<ul><li>", "</li></ul>"),
    "divs nested": _nested("<div>", "</div>"),
    "divs nested around a card": _nested("<div>", "</div>", _CARD + "<span>some-slug</span>"),
    "divs nested around a picture": _nested('<div class="image">', "</div>", '<img src="/a.jpg">'),
    "divs nested around a label": _nested("<div>", "</div>", "KEYWORDS"),
    "divs nested around recommended": _nested("<div>", "</div>", "<b>RECOMMENDED</b>"),
    "short ladders of text": _repeated("<div>x" * 40 + "y</div>" * 40),
    "keywords in a short ladder": lambda size: "<div>" * 40 + "<div>KEYWORDS</div><div>" + _repeated("<a>word{}</a>")(size) + "</div>" * 41,
    "divs with text, nested": _nested("<div>x", "y</div>"),
    "spans nested": _nested("<span>", "</span>"),
    "links nested in divs": _nested('<div><a href="' + LINK + '">x</a>', "</div>"),
    "cards nested": _nested("<div>" + _CARD, "</div>", '<img src="/a.jpg">'),
    "headings nested": _nested('<h3><div><a href="../x">x</a>', "</div></h3>"),
    "pictures nested": _nested('<div><img src="/a.jpg">', "</div>", "Caption (AP)"),
    "labels nested": _nested("<div>KEYWORDS", "</div>", "x"),
    "recommended nested": _nested("<div>RECOMMENDED ", "</div>", _CARD),
    "bys nested": _nested("<div>by A", "</div>"),
    "dates nested": _nested("<div>Sep 14, 2021 - 10:51 am", "</div>"),
    "figures nested": _nested("<figure>", "</figure>", '<img src="/a.jpg">'),
    "captions of one figure": lambda size: "<figure>" + _repeated('<img src="/a{}.jpg">')(size) + "Caption (AP)</figure>",
    "lists nested around cards": _nested("<ul><li>", "</li></ul>", _CARD * 400),
    "ladders": _repeated("<div>" * 120 + _CARD + '<img src="/a{}.jpg"><i></i>' + "</div>" * 120),
    "ladders of labels": _repeated("<div>" * 120 + "KEYWORDS" + "</div>" * 120 + "<div>" * 120 + "RECOMMENDED" + "</div>" * 120),
    "ladders of pictures": _repeated('<div class="image">' * 120 + '<img src="/a{}.jpg">' + "</div>" * 120),
    "a ladder of many": _within("<div>", "</div>", '<img src="/a{}.jpg"><i></i>' + _CARD),
    "a ladder of dates": _within("<div>", "</div>", "<span>Sep 14, 2021 - 10:51 am</span>"),
    "a ladder of details": _within('<div class="left_mobile_details">', "</div>", "<span>Some Name</span>"),
    "a ladder of labels": _within("<div>", "</div>", "<span>KEYWORDS</span><span>RECOMMENDED</span>"),
    "a ladder of blanks": lambda size: "<div>" * 240 + "<b>KEYWORDS</b>" + _repeated("<i></i>")(size) + "</div>" * 240,
    "a ladder of pictures without text": _within('<div class="image">', "</div>", '<img src="/a{}.jpg">'),
    "a ladder of pictures and a word": lambda size: '<div class="image"><img src="/b.jpg">' * 240 + _repeated('<img src="/a{}.jpg">')(size) + "word" + "</div>" * 240,
    "a ladder of figures": _within('<figure><img src="/a.jpg">x', "</figure>", "<b>x</b>"),
    "a wide ladder": _within('<div><img src="/a.jpg"><i></i>x', "</div>", "<b>x</b>"),
    "a ladder of text": _within("<div>", "</div>", "<b>x</b>"),
    "a ladder of nothing": _within("<div>", "</div>", "<b></b>"),
    "a ladder of sentences": _within("<div>", "</div>", "<p>One two three four five six seven eight nine.</p>"),
    "a ladder of bys": _within("<div>by ", "</div>", "<b>x</b>"),
    "a ladder of captures": _within("<div>Published ", "</div>", "<b>x</b>"),
    "a ladder of second bylines": _within("<div>", "</div>", "<span>by A</span><span>Sep 14, 2021 10:51 am</span>"),
    "a ladder of captions": _within("<div>", "</div>", '<span class="img">Caption</span>'),
    "a ladder of marks": _within('<div class="image">', "</div>", "<b>Caption</b>"),
    "a ladder of holders": _within('<div class="image_holder">', "</div>", '<img src="/a{}.jpg">'),
    "a ladder of headings": _within("<h3><div>", "</div></h3>", '<a href="../x{}">x</a>'),
    "a ladder of asides": _within('<div class="related-topic">', "</div>", f'<a href="{LINK}{{}}"><img src="/a{{}}.jpg"></a>'),
    "a ladder in a link": lambda size: f'<a href="{LINK}">' + _within("<div>", "</div>", '<img src="/a{}.jpg">')(size) + "</a>",
    "a ladder of recommended": _within("<div>RECOMMENDED ", "</div>", _CARD),
    "a ladder of keywords": _within("<div>KEYWORDS ", "</div>", "<a>word{}</a>"),
    "a ladder of last updates": _within("<div>Last Update: ", "</div>", "<b>x</b>"),
    "captions without pictures": _repeated('<span class="img">Caption</span>'),
    "pictures of the hero": lambda size: '<div class="image_holder">' + _repeated('<img src="/a{}.jpg">')(size) + "Caption (AP)</div>",
    "a ladder of linked pictures": lambda size: "<div>" * 110 + f'<h1 class="main_page_title">x</h1><a href="{LINK}">' + "<div>" * 110 + _repeated('<img src="/a{}.jpg">')(size) + "</div>" * 110 + "</a>" + "</div>" * 110,
    "blockquotes nested": _nested("<blockquote>", "</blockquote>"),
}  # fmt: skip

TOO_DEEP: Final[dict[str, Callable[[int], str]]] = {
    "divs nested very deep": _nested("<div>", "</div>", deepest=_VERY_DEEP),
    "tags never closed, very deep": _repeated("<b>x"),
    "a card around nested divs": lambda size: f"<div>{_CARD}{'<div>' * min(1500, size // 10)}{'word ' * (size // 10)}</div>",
    "headings nested very deep": _nested('<h3><div><a href="../x">x</a>', "</div></h3>", deepest=_VERY_DEEP),
    "headings around links": _within("<h3><div>", "</div></h3>", '<a href="../x{}">x</a>', _VERY_DEEP),
    "headlines around text": _within("<h1>", "</h1>", "<b>x</b>", _VERY_DEEP),
    "a logo around headlines": lambda size: '<div class="logo">' + _within("<div>", "</div>", "<h1>x</h1>", _VERY_DEEP)(size) + "</div>",
    "cards nested very deep": _nested("<div>" + _CARD, "</div>", '<img src="/a.jpg">', _VERY_DEEP),
    "buttons around text": _within('<div role="button">', "</div>", "<b>x</b>", _VERY_DEEP),
    "buttons around nothing": _within('<div role="button">', "</div>", "<i></i>", _VERY_DEEP),
    "divs around sentences": _within("<div>", "</div>", "<p>One two three four five six seven eight nine.</p>", _VERY_DEEP),
}  # fmt: skip
"""Shapes of a depth that no article may have: readers of listings and those that ask whether a page is a shell read them all the same."""

GROWTHS: Final = _BEARABLE | TOO_DEEP
"""The growing part, of about so many characters."""
