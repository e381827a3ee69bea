"""The same crawl on Scrapy's own scheduler, keeping nothing but its lines: for `bench.durable` to measure against."""
