"""What can go wrong between the crawl and its browser."""

from __future__ import annotations


class RenderError(Exception):
    """The page did not come out of the browser; the message says why in a few words."""


class NeedsBrowser(RenderError):
    """There is no browser that works."""


class TabLost(RenderError):
    """The page's process crashed, or the browser with it."""


class Stuck(RenderError):
    """The page no longer answers."""
