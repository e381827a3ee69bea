"""`scrapy check-site [--save DIR]`: what of the known layout holds on the site today. The file's name is the command's."""

from __future__ import annotations

from sabah.monitors.site_report import CheckSite


class Command(CheckSite):
    pass
