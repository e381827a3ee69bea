"""The usual way: a Scrapy project as its tutorial leads to, for `bench.crawl` to measure against."""
