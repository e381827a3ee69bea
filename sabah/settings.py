"""Every setting of the project, grouped, each with why it has its value.

Any of them can be changed for one run with `-s NAME=VALUE`. `sabah.configuration` checks those that are the project's own.
"""

from __future__ import annotations

import os

from sabah import __version__

BOT_NAME = "sabah"
SPIDER_MODULES = ["sabah.spiders"]
NEWSPIDER_MODULE = "sabah.spiders"
COMMANDS_MODULE = "sabah.commands"
ADDONS = {
    "sabah.addon.ProjectParts": 1000
}  # the dictionaries of components below are added to by a user's, not replaced

# The project's own, also from the environment, so that a container or a scheduler needs no command line for them.

SITE_ORIGIN = os.environ.get("SABAH_SITE_ORIGIN", "https://www.dailysabah.com")
"""Where pages are fetched, as http(s)://host[:port]. Addresses and records stay those of the newspaper."""

ARCHIVE_ORIGIN = os.environ.get("SABAH_ARCHIVE_ORIGIN", "https://web.archive.org")
"""Where `crawl addresses -a origin=archive` fetches captures, as http(s)://host[:port]; it answers `/web/{14 digits}id_/{address}` with the page as captured."""

OUTPUT_DIR = os.environ.get("SABAH_OUTPUT_DIR", "output")
"""Where the dataset is. A relative path is relative to the folder of scrapy.cfg, so that it does not depend on where a command was started."""

CONTACT = os.environ.get("SABAH_CONTACT", "")
"""E-mail or web address that the newspaper finds in its logs. Nothing is asked of the live site without one."""

USER_AGENT = f"sabah/{__version__} (+{CONTACT})" if CONTACT else f"sabah/{__version__}"
"""Also of `scrapy shell` and `scrapy fetch`; a spider's follows -s CONTACT."""

ONLY_LOOK = False
"""Pages are fetched and read, and nothing is recorded: no run, no ledger, no data folder. Scrapy's shell, fetch, view, parse and check set it."""

# Manners: what the newspaper bears without noticing.

ROBOTSTXT_OBEY = True
CONCURRENT_REQUESTS_PER_DOMAIN = 1  # one reader with one browser tab
DOWNLOAD_DELAY = 1.0  # seconds; an article a second is a section in minutes, and far from a load
DOWNLOAD_DELAY_JITTER = 0.25  # 1.0 to 1.25 s, so that crawlers do not fall into step; never less than the delay
SLOWEST_DELAY = 60.0  # seconds, to which 429, 503 and timeouts stretch the gap: no load on anything
LONGEST_WAIT = 3600.0  # seconds without a good answer, or asked for by the newspaper, that a run waits
RETRY_AFTER_TIMES = 10  # named waits not counted as retries of a page; after more, it is the page
BLOCKS_TO_STOP = 3  # 403s or challenge pages in a row; one page may be forbidden for its own reasons
COOKIES_ENABLED = False  # nothing is behind a login, and a session would tie visits together
DOWNLOAD_TIMEOUT = 60.0  # pages weigh about 120 KB; what takes longer than this hangs
DOWNLOAD_MAXSIZE = (
    4 * 1024 * 1024
)  # thirty times the largest page known, packed and unpacked; 4 MB of nothing but tags take 330 MB to read, 16 MB a gigabyte
HEADERS_MAXSIZE = 64 * 1024  # bytes of the head of an answer; the newspaper's have less than one
PAGE_LINKS_MAX = (
    5000  # articles that a page may name; a real one names forty, a listing that scripts have filled a thousand
)
ADDRESS_LINE_MAXSIZE = 64 * 1024  # bytes of a line of an address file
ADDRESS_FILE_MAXSIZE = 1_000_000_000  # bytes of an address file: ten times all that the newspaper has published
DOWNLOAD_VERIFY_CERTIFICATES = True  # Scrapy's default takes anyone's word for being the newspaper
RETRY_TIMES = 2  # three requests in all, then the page counts as failed and is said so
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"  # the spider reports every failed page itself, with what named it
METAREFRESH_ENABLED = False  # news pages reload themselves this way; none is known to redirect with it

# Nothing listens, nothing is kept that the dataset does not hold.

REMOTE_CONTROL_ENABLED = False  # would run Python sent to a local port
TELNETCONSOLE_ENABLED = False
HTTPCACHE_ENABLED = (
    False  # a cached page is not what the newspaper says now; where it is on, records have the time it was fetched
)

# The way of a page.

DOWNLOAD_HANDLERS = {
    "http": "sabah.middlewares.origin.OriginHandler",
    "https": "sabah.middlewares.origin.OriginHandler",
}
SCHEDULER = "sabah.crawling.scheduler.LedgerScheduler"
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "sabah.middlewares.robots.StrictRobotsMiddleware": 100,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "sabah.middlewares.retry.PatientRetryMiddleware": 550,
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "sabah.middlewares.robots.NewspaperMiddleware": 50,
    "sabah.middlewares.retry.WholeMiddleware": 595,  # unpacks before HttpCompressionMiddleware, which is left with saying what may be sent
    "sabah.middlewares.rendering.middleware.RenderMiddleware": 540,  # behind redirects, retries and unpacking: it sees the page itself
    "sabah.middlewares.sources.SourceMiddleware": 560,
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
    "sabah.middlewares.cache.DatedCacheMiddleware": 900,
    "sabah.middlewares.snapshot.SnapshotMiddleware": 1000,  # nearest the downloader: what it sees is what came
}
SPIDER_MIDDLEWARES = {
    "sabah.middlewares.blocks.BlockMiddleware": 40,  # before Scrapy's HttpErrorMiddleware, so that it sees every answer
    "sabah.middlewares.links.LinksMiddleware": 20,
    "sabah.pipelines.store.SettleMiddleware": 10,  # nearest the engine: a page ends when nothing more can come of it
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,  # depth counts steps from a listing, and a listing is not one
}
ITEM_PIPELINES = {
    "sabah.pipelines.validate.ValidatePipeline": 100,
    # A user's own pipelines have 101 to 799 (docs/pipelines.md).
    "sabah.pipelines.deduplicate.DeduplicatePipeline": 800,
    "sabah.pipelines.store.StorePipeline": 900,
}
ITEM_PROCESSOR = "sabah.pipelines.processor.RecordProcessor"  # tells them which page a record is of, and ends that page
CONCURRENT_ITEMS = 4  # a page gives one record; Scrapy's 100 tasks for each response cost a quarter of the speed
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"  # a listing's newest article first

# What outlives a run.

GROUP_COMMIT_SECONDS = 0.05
"""How long the first page of a group waits for company before it is written. This, the pages under way and a claimed batch are what a
death costs in pages fetched again; nothing reported as stored is ever lost. On a slow disk (a hard disk's fsync takes 10 ms and more)
a second saves most of them."""

GROUP_COMMIT_PAGES = 64
"""Pages at which a group does not wait any longer: 8 MB in memory."""

SNAPSHOTS = True
"""Keep every answer to an article request as WARC: 27 KB a page, and a better reader needs no second request."""

DEEP_REPAIR = False
"""Whether a start reads every stored line and snapshot for damage; sizes alone are compared otherwise. For once, after trouble with a disk."""

SNAPSHOT_MAX_BYTES = 1_000_000_000
"""Size at which a run begins its next snapshot file; 1 GB is what the WARC standard recommends."""

# Pages that scripts fill (docs/rendering.md).

RENDER = os.environ.get("SABAH_RENDER", "auto")
"""`auto`: a page goes through a browser when what came plainly is the frame for it; `never`; `always`: all articles and listings. -a render= goes before it."""

CHROMIUM_PATH = os.environ.get("CHROMIUM_PATH", "")
"""The browser's program; empty: a Chromium on the PATH, or the one that `playwright install chromium` has put away."""

RENDER_LISTINGS: list[str] = []
"""Paths of listings (`/world`) that load more without saying so; those with a button or a scroll mark are known by it."""

RENDER_PAGES = 4  # tabs at once, beside the limit of requests under way: two cores are busy with four
RENDER_ROUNDS = (
    100  # times a listing is asked for more: a thousand cards and more, further back is a matter for lists of addresses
)
RENDER_TIMEOUT = 20.0  # seconds for which a page may show nothing new after the newspaper's last answer
RENDER_SANDBOX = (
    True  # Chromium's own walls around a page; where they cannot be had (a container without user namespaces), False
)

# Revisits.

REVISIT_AGES = "1h,6h,24h,3d,14d"
"""Ages at which an article is looked at again, with units m, h, d; none: never. Corrections come in the first hours, some after days: five
conditional requests an article, nearly all of them answered without a page."""

REVISIT_CONFIRM = "30m"
"""From a visit that finds an article gone to the one that may call it withdrawn: a fault of the newspaper's should be over by then."""

REFUSED_AGES = "30m,6h,1d,3d,14d"
"""How long a page that gave no record rests before it is asked for again: after the first time, the second, and so on; after the last it is
refused for good. Pages without text or date are whole within the hour, sites in repair within days. None: never asked again."""

REFUSED_OF_OLD_MAX = 50
"""Pages that one run asks for again of those that were refused by a sabah that did not ask again: a large dataset may have thousands of them."""

# Who is told of a run that did not go well; docs/monitoring.md has the settings of each.

ALERTS = os.environ.get("SABAH_ALERTS", "")
"""With commas: webhook, email, slack, telegram, discord, sentry. Empty: nobody is told anything."""

ALERT_ON = ""
"""Verdicts to be told of, with commas; empty: all whose exit code is not 0."""

ALERT_WEBHOOK = os.environ.get("SABAH_ALERT_WEBHOOK", "")
"""Where `webhook` posts one JSON object."""

SPIDERMON_SLACK_SENDER_NAME = "sabah"
SPIDERMON_SLACK_MESSAGE = "{{ data.message }}"
SPIDERMON_SLACK_INCLUDE_ATTACHMENTS = False
SPIDERMON_TELEGRAM_MESSAGE = "{{ data.message }}"
SPIDERMON_DISCORD_MESSAGE = "{{ data.message }}"
SPIDERMON_SENTRY_PROJECT_NAME = "sabah"
# Tokens and addresses are no words for a command line: what the environment has of spidermon's settings counts.
globals().update({name: value for name, value in os.environ.items() if name.startswith("SPIDERMON_")})

# What a run says while it runs.

LOG_LEVEL = "INFO"
LOG_FORMATTER = "sabah.crawling.console.LineFormatter"
LOG_VERSIONS: list[str] = []  # `scrapy version -v` prints them when they are wanted
STATS_DUMP = False  # the closing line says what matters; -s STATS_DUMP=True prints the rest
LOGSTATS_INTERVAL = 60.0  # seconds between two progress lines where there is no terminal
EXTENSIONS = {
    "scrapy.extensions.logstats.LogStats": None,  # counts pages and items only
    "sabah.crawling.console.Progress": 0,
}
