"""The text of an article as markup: paragraphs, bare text with line breaks, lists, figures, and what else stands among them."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from replica import phrases
from replica.boxes_html import image

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replica.look import Look
    from replica.model import Article, Picture, Run

_SOFT: Final = (
    ("government", "govern&shy;ment"),
    ("announce", "an\u00adnounce"),
    ("Officials", "Offi&shy;cials"),
    ("proposal", "pro\u00adposal"),
    ("decision", "deci&shy;sion"),
)
_HARD: Final = ((" million", "&nbsp;million"), (" said", "\u00a0said"), (" days", "&nbsp;days"), (" of ", "\u2009of "))


def body_html(article: Article, look: Look, before: str, after: str) -> str:
    """What stands inside the body element; `before` and `after` are the boxes that stand inside it too."""
    parts = [
        before,
        *_flow(article, look),
        *(_player(url) for url in article.videos if article.stub.kind != "video"),
        after,
    ]
    return "\n".join([part for part in parts if part])


def _flow(article: Article, look: Look) -> Iterator[str]:
    blocks, last = article.blocks, len(article.blocks) - 1
    yield from (_figure(picture, look) for place, picture in article.pictures if place < 0)
    for number, block in enumerate(blocks):
        html = "".join([_run(run, look.noise) for run in block.runs])
        if block.tag == "li":
            opens = number == 0 or blocks[number - 1].tag != "li"
            closes = number == last or blocks[number + 1].tag != "li"
            yield ("<ul>" if opens else "") + f"<li>{html}</li>" + ("</ul>" if closes else "")
        elif block.tag != "p":
            yield f"<{block.tag}>{html}</{block.tag}>"
        else:
            yield _paragraph(
                html + (_glued(look) if number == last and notices_are_glued(article, look) else ""), number, last, look
            )
        yield from (_figure(picture, look) for place, picture in article.pictures if place == number)


def _paragraph(html: str, number: int, last: int, look: Look) -> str:
    if look.body == "br":
        return f"{html}<br>\n<br />" if number < last else html
    if look.body == "loose" and (number == last or (number == 0 and last > 1)):
        return html
    if look.body == "wrapped":
        return f'<div class="text_{number}"><p dir="ltr">{html}</p></div>'
    return f"<p>{html}</p>" if number % 5 else f"<p> {html}\n</p>"


def notices_are_glued(article: Article, look: Look) -> bool:
    """Whether the notice stands in the last paragraph itself, and not behind it."""
    return look.notice_glued != "no" and bool(article.blocks) and article.blocks[-1].tag == "p"


def _glued(look: Look) -> str:
    text = " ".join(_notice_texts(look))
    if not text:
        return ""
    return {"blank": f" {text}", "nothing": text, "br": f"<br>{text}", "span": f"<span>{text}</span>"}[
        look.notice_glued
    ]


def _notice_texts(look: Look) -> tuple[str, ...]:
    """The cookie notice in no, one or two languages."""
    return {"no": (), "en": (phrases.KVKK_EN,), "tr": (phrases.KVKK_TR,), "both": (phrases.KVKK_EN, phrases.KVKK_TR)}[
        look.cookies
    ]


def notices(look: Look) -> list[str]:
    """The cookie notice stuck to the end of the text."""
    texts = _notice_texts(look)
    if look.cookie_tag == "text":
        return [f"<br><br>{text}" for text in texts]
    return [f"<{look.cookie_tag}>{text}</{look.cookie_tag}>" for text in texts]


def _run(run: Run, noise: int) -> str:
    text = escape(run.text)
    if noise > 0:
        for plain, noisy in (_SOFT, _HARD, _SOFT + _HARD)[noise - 1]:
            text = text.replace(plain, noisy)
        if noise == 3:
            text = text.replace(". ", ".\n   ", 1)
    if run.link:
        return f'<a href="{escape(run.link.href)}" target="_blank">{text}</a>'
    return f"<{run.mark}>{text}</{run.mark}>" if run.mark else text


def _figure(picture: Picture, look: Look) -> str:
    attributes, caption_class = look.classes["figure"], look.classes["caption"]
    shown = look.figure_caption and (picture.printed or picture.alt) not in ("", "No Image")
    text = escape(picture.printed or picture.alt)
    img = image(picture, "800x531")
    if look.figure == "figure":
        return (
            f"<figure{attributes}>{img}"
            + (f"<figcaption{caption_class}>{text}</figcaption>" if shown else "")
            + "</figure>"
        )
    if look.figure == "div":
        tag = ("div", "span", "p")[look.variant % 3]
        return f"<div{attributes}>{img}" + (f"<{tag}{caption_class}>{text}</{tag}>" if shown else "") + "</div>"
    return f"<p>{img}" + (f"<em>{text}</em>" if shown else "") + "</p>"


def _player(url: str) -> str:
    if url.endswith(".mp4"):
        return f'<video controls width="640"><source src="{url}" type="video/mp4"></video>'
    return f'<div class="player"><iframe width="640" height="360" data-src="{url}" frameborder="0" allowfullscreen></iframe></div>'
