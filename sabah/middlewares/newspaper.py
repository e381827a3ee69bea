"""Only the newspaper is asked: www and the apex, at the usual ports. A sub-domain may be anybody's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.offsite import OffsiteMiddleware

from sabah.spiders.base import SabahSpider, is_newspapers

if TYPE_CHECKING:
    from scrapy import Request, Spider


class NewspaperMiddleware(OffsiteMiddleware):
    """Scrapy's, which lets sub-domains of `allowed_domains` pass, and any port; for spiders of others it is as Scrapy has it."""

    def should_follow(self, request: Request, spider: Spider) -> bool:
        if not isinstance(spider, SabahSpider):
            return super().should_follow(request, spider)
        return is_newspapers(request.url)
