"""`scrapy view ADDRESS`: Scrapy's, with all manners towards the newspaper and nothing recorded."""

from __future__ import annotations

from scrapy.commands.view import Command as ScrapyView

from sabah.commands.fetch import Command as Fetch


class Command(Fetch, ScrapyView):
    pass
