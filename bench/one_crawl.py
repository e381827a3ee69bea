"""`python -P THIS_FILE MODULE:CRAWLER ORIGIN FOLDER`, in a checkout: one crawl by a crawler of that checkout's own bench.

It is a file that older commits run too, with their package and bench: they need `bench.crawling.crawl` and the crawler, as `bench.durable:ON`,
which 674f7d4 and all later commits have. Prints what `bench.crawling.Run` holds as one JSON object.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

import attrs

from bench.crawling import crawl


def main() -> None:
    named, origin, folder = sys.argv[1:]
    module, _, name = named.partition(":")
    print(json.dumps(attrs.asdict(crawl(getattr(import_module(module), name), origin, Path(folder)))))


if __name__ == "__main__":
    main()
