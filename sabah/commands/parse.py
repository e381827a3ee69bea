"""`scrapy parse ADDRESS`: Scrapy's, which finds the project's spider for any page of the newspaper and prints what it reads of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.commands.parse import Command as ScrapyParse
from scrapy.spiderloader import get_spider_loader
from w3lib.url import is_url

from sabah.cli import FAILED, ScrapyTool
from sabah.configuration import CommandLineError
from sabah.site.addresses import parse_address
from sabah.site.link import Link
from sabah.spiders.base import PAGE, SabahSpider

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator

    from scrapy.http import Response
    from scrapy.http.request import CallbackT
    from scrapy.spiders import Spider
    from twisted.internet.defer import Deferred


class Command(ScrapyTool, ScrapyParse):
    """Exit code 1 where no page came. Links that a spider of the project names are shown as the requests they would become."""

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1 or not is_url(args[0]):
            raise CommandLineError("name one address, as http(s)://…; see scrapy parse -h")
        super().check(args, opts)
        opts.spider = opts.spider or self._spider_for(args[0])
        assert self.settings is not None
        spider = get_spider_loader(self.settings).load(opts.spider)
        if opts.callback and not callable(getattr(spider, opts.callback, None)):
            raise CommandLineError(f"the spider {opts.spider} has no method {opts.callback!r}")
        if issubclass(spider, SabahSpider):
            spider.parse_arguments(opts.spargs or spider.stand_ins)

    def _spider_for(self, url: str) -> str:
        """The one spider that reads the page; of several the project's. Raises CommandLineError."""
        assert self.settings is not None
        spiders = get_spider_loader(self.settings)
        names = spiders.find_by_request(Request(url))
        own = [name for name in names if issubclass(spiders.load(name), SabahSpider)]
        found = own or names
        if len(found) == 1:
            return found[0]
        which = f"several spiders read {url}: {', '.join(found)}" if found else f"no spider reads {url}"
        raise CommandLineError(f"{which}; name one with --spider ({', '.join(sorted(spiders.list()))})")

    def prepare_request(self, spider: Spider, request: Request, opts: argparse.Namespace) -> Request:
        address = parse_address(request.url)
        if isinstance(spider, SabahSpider) and address is not None:
            request = spider.request_for(address)
            if opts.callback:
                request = request.replace(callback=None)
        return super().prepare_request(spider, request, opts)

    def run_callback(
        self, response: Response, callback: Callable[..., Any], cb_kwargs: dict[str, Any] | None = None
    ) -> Deferred[Any]:
        """The callback's output, and behind it the links that it has put on its page."""
        return super().run_callback(response, callback, cb_kwargs).addCallback(_with_links, response)

    def _get_items_and_requests(
        self,
        spider_output: Iterable[Any],
        opts: argparse.Namespace,
        depth: int,
        spider: Spider,
        callback: CallbackT,
    ) -> tuple[list[Any], list[Request], argparse.Namespace, int, Spider, CallbackT]:
        output: list[Any] = []
        for one in spider_output:
            address = parse_address(one.url) if isinstance(one, Link) else None
            if address is not None and isinstance(spider, SabahSpider):
                output.append(spider.request_for(address))
            else:
                output.append(one)
        return super()._get_items_and_requests(output, opts, depth, spider, callback)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        super().run(args, opts)
        if not self.first_response and not self.exitcode:
            self.exitcode = FAILED
            self.say(f"no page came for {args[0]}; the log says why")


def _with_links(output: Iterable[Any], response: Response) -> Iterator[Any]:
    yield from output
    page = response.meta.get(PAGE)
    if page is not None:
        yield from page.links
