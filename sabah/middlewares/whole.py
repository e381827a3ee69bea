"""A packed body that is not whole is no page, and one that would fill the memory is none either."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import ResponseDataLossError
from scrapy.http import TextResponse
from scrapy.responsetypes import responsetypes

from sabah.middlewares.causes import TooLarge
from sabah.rendering.door import FOR_PAGE
from sabah.warcs.packing import NotWholeError, TooMuchError, codings, packed_as, unpack

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response


class WholeMiddleware:
    """Unpacks bodies in Scrapy's place, which takes what it can get of a cut one; no more than DOWNLOAD_MAXSIZE bytes come out of any packing.

    What is cut or damaged, packed once more than it says, or packed without saying so, is asked for again as often as other failures (RETRY_TIMES); then it is a
    ResponseDataLossError. What is larger is not asked for again: TooLarge. robots.txt is left to those who read it.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.most = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        if not response.body or request.method == "HEAD":
            return response
        named = codings(response.headers.getlist("Content-Encoding"))
        try:
            body, left = unpack(named, response.body, self.most)
        except TooMuchError as error:
            raise TooLarge(f"{error} (DOWNLOAD_MAXSIZE)") from error
        except NotWholeError as error:
            return self._again(request, str(error), error)
        inner = packed_as(body)
        if inner is not None and not left and FOR_PAGE not in request.meta:
            how = f"packed twice ({inner} in {named[0]})" if named else f"packed ({inner}), and no header says so"
            return self._again(request, f"the body is {how}", None)
        return response if left == named else _with_body(response, body, left)

    def _again(self, request: Request, why: str, error: Exception | None) -> Request:
        assert self.crawler.spider is not None
        again = get_retry_request(request, spider=self.crawler.spider, reason="packing")
        if again is None:
            raise ResponseDataLossError(why) from error
        return again


def _with_body(response: Response, body: bytes, left: list[str]) -> Response:
    """The response unpacked; its kind may be known by its body alone."""
    headers = response.headers.copy()
    del headers["Content-Encoding"]
    if left:
        headers["Content-Encoding"] = ", ".join(left)
    kind = responsetypes.from_args(headers=headers, url=response.url, body=body)
    # An encoding that was guessed from packed bytes is none.
    encoding: dict[str, Any] = {"encoding": None} if issubclass(kind, TextResponse) else {}
    return response.replace(cls=kind, headers=headers, body=body, **encoding)
