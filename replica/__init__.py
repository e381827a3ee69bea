"""The stand-in newspaper that tests, demo and benchmarks crawl."""
