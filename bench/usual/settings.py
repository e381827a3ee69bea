"""As `scrapy startproject` leaves it; `bench.crawl` gives what all crawlers share."""

from __future__ import annotations

BOT_NAME = "usual"
SPIDER_MODULES = ["bench.usual.spiders"]
NEWSPIDER_MODULE = "bench.usual.spiders"
ROBOTSTXT_OBEY = True
FEED_EXPORT_ENCODING = "utf-8"
