"""The tags and classes around KEYWORDS, Last Update and RECOMMENDED are not known: the labels must do, whatever surrounds them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pages.saved import reading

CARD = '<div class="widget_content"><h3><a href="/world/europe/{0}">{0}</a></h3><span>TOPIC</span></div>'
NEWSLETTER = '<div class="article-newsletter"><h3>The Newsletter</h3><p>You can unsubscribe, at any time</p></div>'


def values(around: str, body: str = "<p>One paragraph.</p>") -> dict[str, Any]:
    page = f"""<html><head><link rel="canonical" href="https://www.dailysabah.com/world/europe/slug"></head><body><div class="detail">
        <div class="top_title_widget"><h1 class="main_page_title">Headline</h1>
        <div class="left_mobile_details"><span>Sep 14, 2021 - 10:51 am GMT+5</span></div></div>
        <div class="article_body">{body}</div>{around}{NEWSLETTER}</div>
        <div class="bottom">{CARD.format("bottom-card")}</div></body></html>"""
    return reading(page).values


@pytest.mark.parametrize(
    "block",
    [
        "<div>KEYWORDS</div><ul><li><a href='#'>Syrian crisis</a></li><li><a href='#'>Syria</a></li></ul>",
        "<div><span>KEYWORDS</span><a href='#'>Syrian crisis</a> <a href='#'>Syria</a></div>",
        "<div>KEYWORDS<a href='#'>Syrian crisis</a><a href='#'>Syria</a></div>",
        "<div><i class='icon'></i>KEYWORDS: <a href='#'>Syrian crisis</a>, <a href='#'>Syria</a></div>",
        "<p>KEYWORDS</p><p>Syrian crisis, Syria</p>",
        "<p><strong>Keywords:</strong> Syrian crisis, Syria</p>",
        "<p>KEYWORDS: Syrian crisis, Syria</p>",
        "<p>KEYWORDS<!-- k --> Syrian crisis, Syria</p>",
        "<p>KEYWORDS<!-- k -->Syrian crisis, Syria</p>",
        "<div><i></i>KEYWORDS syrian crisis • syria</div>",
        "<div>KEYWORDS Syrian crisis, <a href='#'>Syria</a></div>",
        "<p>KEYWORDS<br/>Syrian crisis<br/>Syria</p>",
        "<p><b>KEYWORDS</b><br>Syrian\n crisis<br>Syria</p>",
        "<dl><dt>KEYWORDS</dt><dd><span>Syrian crisis</span><span>Syria</span></dd></dl>",
        "<h4>KEYWORDS</h4><div><div><span><span>Syrian crisis</span></span> <span>Syria</span></div></div>",
        "<table><tr><th>KEYWORDS</th><td>Syrian crisis, Syria</td></tr></table>",
        "<section><header><h5><!-- 1 -->KEYWORDS</h5></header><div></div><div>Syrian crisis • Syria</div></section>",
        "<div>KEYWORDS</div><ul><li>Syrian crisis<li>Syria</ul>",
        "<div>KEYWORDS</div><div><div>Syrian crisis</div><div>Syria</div></div>",
        "<div>KEYWORDS</div><div><button>Syrian crisis</button><button>Syria</button></div>",
        "<div>KEYWORDS <button>Syrian crisis</button><button>Syria</button></div>",
        "<p>KEYWORDS</p><p>Syrian crisis</p><p>Syria</p>",
        "<div>KEYWORDS</div><div class='k'>Syrian crisis</div><div class='k'>Syria</div>",
        "<dl><dt>KEYWORDS</dt><dd>Syrian crisis</dd><dd>Syria</dd></dl>",
        "<div>KEYWORDS</div><div><a href='#'><img src='/i.svg'>Syrian crisis</a><a href='#'><svg></svg>Syria</a></div>",
        "<div>KEYWORDS</div><div><a href='/search?query=s'>Syrian crisis</a><a href='/syria'>Syria</a></div>",
    ],
)
def test_keywords(block: str) -> None:
    read = values(block)
    assert read["keywords"] == ["syrian crisis", "syria"]
    assert read["sources"]["keywords"] == "text"
    inside = values("", "<p>One paragraph.</p>" + block)
    assert inside["keywords"] == ["syrian crisis", "syria"]
    assert inside["body"] == "One paragraph."


@pytest.mark.parametrize(
    ("block", "keywords"),
    [
        ("<div>KEYWORDS<a href='#'>Meta</a><a href='#'>Facebook</a><a href='#'>social media</a></div>", "meta, facebook, social media"),
        ("<h4>KEYWORDS</h4><ul><li><a href='#'>Ada Lorn</a></li><li><a href='#'>X</a></li></ul>", "ada lorn, x"),
        ("<h4>KEYWORDS</h4><div><button>Telegram</button><button>Vell</button></div>", "telegram, vell"),
        ("<h4>KEYWORDS</h4><div><a href='/search?query=x'>X</a></div>", "x"),
        ("<h4>KEYWORDS</h4><p>Twitter</p><p>Vell</p>", "twitter, vell"),
        ("<h4>KEYWORDS</h4><p>Vell, x</p>", "vell, x"),
        ("<h4>KEYWORDS</h4><div><a href='#'>Google</a>, <a href='#'>Alphabet Inc.</a></div>", "google, alphabet inc."),
        ("<h4>KEYWORDS</h4><div><a href='#'>Yahoo!</a></div>", "yahoo!"),
        ("<h4>KEYWORDS</h4><ul><li>Martin Lorn Jr.</li></ul>", "martin lorn jr."),
        ("<dl><dt>KEYWORDS</dt><dd><span>Alphabet Inc.</span><span>Vell</span></dd></dl>", "alphabet inc., vell"),
        ("<div><b>KEYWORDS</b> Vell, <a href='#'>Alphabet</a></div>", "vell, alphabet"),
    ],
)  # fmt: skip
def test_keywords_that_end_or_are_named_as_other_things(block: str, keywords: str) -> None:
    assert ", ".join(values(block)["keywords"]) == keywords
    inside = values("", "<p>One paragraph.</p>" + block)
    assert ", ".join(inside["keywords"]) == keywords
    assert inside["body"] == "One paragraph."


@pytest.mark.parametrize(
    "block",
    [
        "<div>KEYWORDS</div>",
        "<div><p>KEYWORDS</p><ul></ul></div>",
        "<div>Share</div><div>KEYWORDS</div>",
        "<div>KEYWORDS</div><ul class='numbered_list'><li><a href='/world/europe/most-read'>Most read</a></li></ul>",
        "<div>KEYWORDS</div><ul><li><a href='/world/europe/most-read'>Most read</a></li></ul>",
        "<div>KEYWORDS</div><div class='widget_content'><a>Card</a></div>",
        "<div>KEYWORDS</div><div><a href='/world/europe/card'><img src='/a.jpg'></a><a href='/world/europe/card'>Card</a></div>",
        "<div>KEYWORDS</div><div class='related-topics-body'><a class='related-topic-item'><img src='/a.jpg'><span>TOPIC</span></a></div>",
        "<div>KEYWORDS</div><ul><li><a href='#'>Facebook</a></li><li><a href='#'>Twitter</a></li></ul>",
        "<div>KEYWORDS</div><div><button>Share on Facebook</button><button>X</button><button>Copy link</button></div>",
        "<div>KEYWORDS</div><div><a href='https://www.facebook.com/sharer.php?u=1'>Post</a><a href='#'>Save</a></div>",
        "<div>KEYWORDS</div><div><a href='#'>Facebook</a><a href='/world/europe/slug?print=1'>Print</a></div>",
        "<div>KEYWORDS</div><p>Print</p>",
        "<div><b>KEYWORDS</b> in a search lead, <a href='#'>or so it</a> seems, nowhere.</div>",
        "<div><b>KEYWORDS</b> in a search, as all know, <a href='#'>lead nowhere.</a></div>",
    ],
)
def test_a_label_without_keywords_takes_nothing_else(block: str) -> None:
    read = values(block)
    assert "keywords" not in read
    assert read["sources"]["keywords"] is None


@pytest.mark.parametrize(
    "line",
    [
        "<p>KEYWORDS of the trade, such as these, are taught early.</p>",
        "<p>KEYWORDS of the trade, such as <a href='#'>these</a> and <a href='#'>those,</a> are taught early.</p>",
        "<p>KEYWORDS, printed under a text, as here</p>",
        "<p>KEYWORDSMITH, a trade</p>",
        "<p>Keywords of the trade, and others</p>",
        "<p><b>KEYWORDS OF THE TRADE, AND OTHERS</b></p>",
        "<p><b>KEYWORDS of the trade</b></p>",
        "<h4><span>KEYWORDS of the trade, and others</span></h4>",
    ],
)
def test_words_of_the_text_that_begin_as_the_label(line: str) -> None:
    read = values("", f"<p>One paragraph.</p>{line}")
    assert "keywords" not in read
    assert read["body"].startswith("One paragraph.\n\nK")


@pytest.mark.parametrize(
    "block",
    [
        "<ul><li>shortlink copied</li><li>Last Update: Sep 14, 2021 11:57 am</li></ul>",
        "<ul><li>shortlink copied</li><li><svg></svg>Last Update: Sep 14, 2021 11:57 am</li></ul>",
        "<div>shortlink copied <br> Last Update: Sep&nbsp;14,&nbsp;2021 11:57&nbsp;am</div>",
        "<div><span>LAST UPDATE</span><span>Sep 14, 2021 11:57 am</span></div>",
        "<div><b>Last Update:</b><br>Sep 14, 2021 11:57 am</div>",
        "<div><div>Last Update</div><div>: Sep 14, 2021 11:57 am</div></div>",
        "<p><i></i> <em>Last update</em> Sep 14, 2021 11:57 am</p>",
        "<time>Last Update: Sep 14, 2021 11:57 am</time><a href='#'>Print</a>",
    ],
)
def test_last_update_takes_the_offset_that_the_page_prints(block: str) -> None:
    read = values(block)
    assert read["modified_at"] == "2021-09-14T11:57:00+05:00"
    assert read["sources"]["modified_at"] == "text"
    assert values("", "<p>One paragraph.</p>" + block)["modified_at"] == "2021-09-14T11:57:00+05:00"


@pytest.mark.parametrize(
    "box",
    [
        "<div><span>RECOMMENDED</span>{}{}</div>",
        "<div><div><b>Recommended:</b></div><div>{}{}</div></div>",
        "<h4>RECOMMENDED</h4>{}<div>topic</div>{}<div>OTHER-TOPIC</div>",
        "<aside><i class='star'></i> RECOMMENDED<ul><li>{}</li><li>{}</li></ul></aside>",
        "<div><header>RECOMMENDED</header></div>{}{}",
    ],
)
@pytest.mark.parametrize(
    "card",
    [
        CARD,
        '<div class="c"><a href="/world/europe/{0}"><img src="/a.jpg"><h3>Title of {0}</h3></a><span>TOPIC</span></div>',
        '<div class="c"><h4><a href="/world/europe/{0}">Title of {0}</a></h4><span>TOPIC</span></div>',
        '<a href="/world/europe/{0}"><h4>Title of {0}</h4></a>',
        '<div><a href="/world/europe/{0}">Title of {0}</a></div>',
        '<ul><li><a href="/world/europe/{0}">Title of {0}</a> <span>topic-of</span></li></ul>',
    ],
)
def test_recommended(box: str, card: str) -> None:
    wanted = ["https://www.dailysabah.com/world/europe/one", "https://www.dailysabah.com/world/europe/two"]
    box = box.format(card.format("one"), card.format("two"))
    for read in (values(box), values("", f"<p>One paragraph.</p>{box}"), values("", f"{box}<p>One paragraph.</p>")):
        assert read["related"] == wanted
        assert read["body"] == "One paragraph."


@pytest.mark.parametrize("box", ["<div><h4>RECOMMENDED</h4></div>", "<div>RECOMMENDED<div></div></div>"])
def test_an_empty_box_does_not_take_the_cards_below(box: str) -> None:
    assert "related" not in values(box)


def test_a_box_before_the_text_ends_where_the_body_begins() -> None:
    read = reading(
        """<html><head><link rel="canonical" href="https://www.dailysabah.com/world/europe/slug"></head><body>
        <div class="top_title_widget"><h1 class="main_page_title">Headline</h1></div>
        <h4>RECOMMENDED</h4><div><h3><a href="/world/europe/one">One</a></h3></div>
        <div class="article_body">Bare text.<h3><a href="/world/europe/two">A sub-heading that is a link</a></h3></div></body></html>"""
    )
    assert read.values["related"] == ["https://www.dailysabah.com/world/europe/one"]
    assert read.values["body"] == "Bare text.\n\nA sub-heading that is a link"
    assert read.links.body == ("https://www.dailysabah.com/world/europe/two",)


def test_text_with_a_link_below_the_label_is_no_card() -> None:
    body = "<div>RECOMMENDED</div><div>Text that leads <a href='/world/europe/one'>elsewhere</a> and on.</div>"
    assert "related" not in values("", body)
    assert values("", body)["body"].endswith("Text that leads elsewhere and on.")
