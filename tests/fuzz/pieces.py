"""What is put into pages to spoil them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from random import Random

CHARSETS: Final = (
    "utf-8",
    "utf-16",
    "utf-32",
    "utf-7",
    "iso-8859-9",
    "windows-1254",
    "ascii",
    "shift_jis",
    "gb18030",
    "koi8-r",
)
PIECES: Final = (
    b"\x00", b"\x01", b"\xed\xa0\x80", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"&#55296;", b"&#0;", b"&#99999999999999999999;", b"&amp;amp;amp;amp;", b"&#x110000;",
    b"<", b">", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?xml version='1.0' encoding='utf-16'?>", b"<!DOCTYPE html [<!ENTITY a 'b'><!ENTITY c '&a;&a;'>]>&c;",
    b"<br>" * 9, b"</div>", b"</p>", b"<div>" * 300, b"<b>" * 40, b"</body></html>", b"<h1 id=newsTitle>", b"<h1 class=main_page_title>", b"<html amp>", "<html ⚡>".encode(),
    b"<div class=article_body>", b"<div class=left_mobile_details>", b"<div class=txtIn>", b"<div id=newsDescription>", b"<div class=image_holder>", b"<div class=top_title_widget>",
    b"<ul class=numbered_list>", b"<table><tr><td>", b"<select><option>", b"<textarea>", b"<noscript>", b"<object><embed>", b"<form>", b"<a name=x>",
    b"<base href='http://[bad'>", b"<a href='http://[bad'>x</a>", b"<a href='https://www.dailysabah.com:99999/world/europe/x'>x</a>", b"<a href='javascript:x'>x</a>", b"<a href='?'>x</a>",
    b"<a href='https://www.dailysabah.com/world/europe/a%00b'>x</a>", b"<a href='//www.dailysabah.com/\xed\xa0\x80/b/c'>x</a>", b"<h3><a href='/world/europe/slug-2'>Card</a></h3>",
    b"<h3><a href='//[bad/'>x</a></h3>", b"<img src='http://[bad' alt='((('>", b"<img src=x alt=')'>", b"<img data-src='/a.jpg' alt='x (AP)'>", b"<link rel=canonical href='http://[bad/x'>",
    b"<link rel=canonical href='https://www.dailysabah.com/world/europe/other'>", b"<link rel=canonical href='https://www.dailysabah.com/gallery/x/images'>",
    b"<meta name=datePublished content='0000-99-99T99:99'>", b"<meta property='article:published_time' content='9999-12-31T23:59:59-14:00'>",
    b"<meta property='article:published_time' content='0001-01-01T00:00:00+14:00'>", b"<meta name=keywords content=',,, ,'>", b"<meta name=author content='by and with, via'>",
    b"<meta property=og:type content=article>", b"<meta property=og:title content='&#8206;'>", b"<meta property=og:image content=' '>", b"<meta name=identifier content='\x01'>",
    b"KEYWORDS", b"KEYWORDS:", b"Last Update: ", b"RECOMMENDED", b"RELATED TOPICS", b"shortlink copied", b"by ", b"By", b"6698 cookie. Please click.", b"Published 99.99.9999 99:99",
    b"Last Update: Feb 30, 2021 11:57 am", b"<span>Sep 14, 2021 - 10:51 am GMT+99</span>", b"<span>Jan 1, 0001 - 12:00 am GMT+14</span>", b"<span>Dec 31, 9999 - 11:59 pm GMT-14</span>",
    "<span>Sep \u0661\u0664, \u0662\u0660\u0662\u0661 - 10:51 am</span>".encode(), "\u202e\u200f\u061c\u2066".encode(), "i\u0307\u0307İ".encode(), ("a" + "\u0315\u0300" * 40).encode(), "\U0010ffff\ufffe\u0085\u2028\u2029".encode(),
    "ﷺ".encode() * 30, b"\xc3", b"\xf0\x9f\x87", b"\x1a", b"\x1b[2J", b"\r\n\r\n", b"\x0c\x0b",
    b"<meta charset=utf-16>", b"<meta charset=utf-7>", b"<meta charset=no-such-charset>", b"<meta http-equiv=content-type content='text/html; charset=idna'>",
    b"<svg><title>x</title></svg>", b"<template><p>x</p></template>", b"<frameset>", b"<plaintext>", b"<script>", b"</script>", b"<style>", b"<iframe src=/v></iframe>",
    b"<item><link>http://[bad</link></item>", b"<item><link>https://www.dailysabah.com/world/europe/x</link><pubDate>Fri, 99 Jul 2021</pubDate>", b"<entry>", b"</rss>", b"<description><![CDATA[<p>" ,
)  # fmt: skip

WORDS: Final = ("class", "div", "span", "p", "a", "h1", "h3", "img", "br", "script", "meta", "figure", "amp-img", "li", "ul", "body", "html", "head", "iframe", "section", "b")  # fmt: skip
SCALARS: Final = (
    None, True, -1, 1e308, 10**30, "", " ", "\x00", "\ud800", "x", "NewsArticle", "2021-09-14T10:51:00+03:00", "2021-13-99", "https://www.dailysabah.com/x", "a,b,,c", "A B and C D", "((", "\u0301" * 50, "&amp;amp;",
)  # fmt: skip
_KEYS: Final = (
    "@type", "@graph", "@id", "headline", "datePublished", "dateModified", "author", "keywords", "name", "image",
)  # fmt: skip
_NUMBER: Final = re.compile(rb"[0-9]+")


def json_ld(random: Random) -> bytes:
    """A script of JSON-LD of any shape, mostly of an article, sometimes broken."""
    said: Any = _value(random, 4)
    if random.random() < 0.7:
        said = {"@type": random.choice(("NewsArticle", ["NewsArticle", 3], "Thing"))} | {
            key: _value(random, 3) for key in _KEYS[3:] if random.random() < 0.6
        }
    text = json.dumps(said, ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")
    if random.random() < 0.2:
        text = text[: random.randrange(len(text) + 1)]
    return b'<script type="application/ld+json">' + text + b"</script>"


def _value(random: Random, depth: int) -> Any:
    form = random.randrange(3) if depth else 0
    if form == 1:
        return [_value(random, depth - 1) for _ in range(random.randrange(4))]
    if form == 2:
        return {random.choice(_KEYS): _value(random, depth - 1) for _ in range(random.randrange(5))}
    return random.choice(SCALARS)


def other_numbers(random: Random, page: bytes) -> bytes:
    """A page some of whose numbers are others."""

    def other(match: re.Match[bytes]) -> bytes:
        if random.random() < 0.9:
            return match.group()
        return random.choice(
            (b"0", b"00", b"99", b"-1", b"9999", b"0000", b"2021", b"1" * random.choice((5, 5000)), b"31")
        )

    return _NUMBER.sub(other, page)
