"""sabah's settings without what makes a crawl durable."""

from __future__ import annotations

from sabah.settings import *  # noqa: F403 - all that is not said here stays the same

SPIDER_MODULES = ["bench.plain.spider"]
COMMANDS_MODULE = ""
ADDONS = {}  # by which the project's own parts would stay
SCHEDULER = "scrapy.core.scheduler.Scheduler"
DUPEFILTER_CLASS = "bench.plain.seen.SeenSet"
DOWNLOADER_MIDDLEWARES = {}
SPIDER_MIDDLEWARES = {"scrapy.spidermiddlewares.depth.DepthMiddleware": None}
ITEM_PIPELINES = {
    "sabah.pipelines.validate.ValidatePipeline": 100,
    "bench.plain.lines.BufferedLines": 200,
}
