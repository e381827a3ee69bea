"""A page as a file: what its answer's headers and address say of it is in its bytes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from scrapy.http import HtmlResponse, TextResponse

from sabah.pages import NotAnArticle, read
from sabah.pages.page import text_of

if TYPE_CHECKING:
    from scrapy.http import Response

_NOWHERE: Final = "https://nowhere.invalid/"
_HEAD: Final = re.compile(r"<head\b[^>]*>", re.IGNORECASE)


def values_of(page: bytes) -> dict[str, Any]:
    """What is read from the bytes alone, under the address that their canonical link names. Raises NotAnArticle."""
    return read(HtmlResponse(_NOWHERE, body=page)).values


def alone(response: Response, url: str) -> bytes:
    """The page at `url` in bytes that alone are read as the response is: those received, or in UTF-8 with charset and address put in. Raises NotAnArticle."""
    values = read(response, url).values
    assert isinstance(response, TextResponse)  # of what is no text there is no record
    why = ""
    for page in (response.body, _with_head(text_of(response), url)):
        try:
            found = values_of(page)
        except NotAnArticle as error:
            why = str(error)
        else:
            if found == values:
                return page
            why = ", ".join(name for name in values if found[name] != values[name])
    raise NotAnArticle(
        f"the page as a file is read otherwise than its answer ({why}); correct it and give it as a FILE"
    )


def _with_head(text: str, url: str) -> bytes:
    said = f'<meta charset="utf-8"><link rel="canonical" href="{url}">'
    head = _HEAD.search(text)
    end = head.end() if head else 0
    return f"{text[:end]}{said}{text[end:]}".encode(errors="replace")
