"""What the log says of pages and records: one line each, and never a whole record."""

# ruff: noqa: ARG002 - the signatures are Scrapy's

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from scrapy.logformatter import LogFormatter

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.http import Response
    from scrapy.logformatter import LogFormatterResult
    from twisted.python.failure import Failure


class LineFormatter(LogFormatter):
    """Scrapy's messages about items, with the address in place of the item."""

    def scraped(self, item: Any, response: Response | Failure | None, spider: Spider) -> LogFormatterResult:
        return {"level": logging.DEBUG, "msg": "Stored %(url)s", "args": {"url": _address(item)}}

    def dropped(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        level = logging.getLevelName(getattr(exception, "log_level", None) or "DEBUG")
        return {"level": level, "msg": "%(why)s: %(url)s", "args": {"why": exception, "url": _address(item)}}

    def item_error(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        return {"level": logging.ERROR, "msg": "Error while keeping %(url)s", "args": {"url": _address(item)}}


def quieten(level: str) -> None:
    """Keep Scrapy's lists of settings and components, printed at each start, for the level DEBUG."""
    if level != "DEBUG":
        for name in ("scrapy.addons", "scrapy.middleware"):
            logging.getLogger(name).setLevel(logging.WARNING)
        logging.getLogger("scrapy.crawler").addFilter(_is_no_list)


def _is_no_list(record: logging.LogRecord) -> bool:
    return not record.msg.startswith("Overridden settings")


def _address(item: Any) -> str:
    return str(getattr(item, "url", None) or type(item).__name__)
