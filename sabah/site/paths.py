"""The text of an address: is it this newspaper's, and which steps lead to the page, in one spelling for all its spellings."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

_HOST: Final = re.compile(
    r"(?:https://(?:www\.)?dailysabah\.com\.?(?::(?:0*443)?)?|http://(?:www\.)?dailysabah\.com\.?(?::(?:0*80)?)?)(?=[/?#]|\Z)",
    re.IGNORECASE | re.ASCII,  # without ASCII the dotless ı and the long ſ would pass for i and s
)
_PLAIN_PATH: Final = re.compile(r"(?:/+[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)*/*\Z")
_BLANKS: Final = "".join(map(chr, range(0x21)))
_BREAKS: Final = str.maketrans("", "", "\t\n\r")
_NO_TEXT: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})?")
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9._~-]")


def split_address(url: str) -> tuple[list[str], str] | None:
    """Steps of the path (no empty ones, no dots) and the query, of an absolute http(s) address of the newspaper; else None.

    Its hosts are dailysabah.com and www.dailysabah.com in any case, with or without a trailing dot, at the scheme's own port,
    without a user name. Blanks around the address and line breaks inside it are dropped as browsers do; any other control
    character makes it rubbish. The path is percent-encoded only where it must be, in upper case.
    """
    if not url.isprintable() or url[:1] == " " or url[-1:] == " ":
        url = url.strip(_BLANKS).translate(_BREAKS)
        if _NO_TEXT.search(url):
            return None
    host = _HOST.match(url)
    if host is None:
        return None
    path, _, query = url[host.end() :].partition("#")[0].partition("?")
    if _PLAIN_PATH.match(path):
        return [step for step in path.split("/") if step], query
    return _without_dots(encoded(path)), query


def encoded(text: str) -> str:
    """A path or query percent-encoded where it must be and nowhere else, in upper case; doing it twice changes nothing."""
    return quote(_ESCAPE.sub(_one_escape, text), safe="/?%!$&'()*+,;=:@~")


def _one_escape(found: re.Match[str]) -> str:
    if found[1] is None:
        return "%25"
    char = chr(int(found[1], 16))
    return char if _UNRESERVED.match(char) else f"%{found[1].upper()}"


def _without_dots(path: str) -> list[str]:
    kept: list[str] = []
    for step in path.split("/"):
        if step == "..":
            del kept[-1:]
        elif step not in {"", "."}:
            kept.append(step)
    return kept
