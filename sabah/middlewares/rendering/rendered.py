"""What comes out of the browser, and how rendering fails."""

from __future__ import annotations

import attrs


@attrs.frozen
class Rendered:
    html: str
    """The document as its scripts have made it."""

    unfinished: bool = False
    """Whether the page was still waiting for something, or came to an end before its time."""

    links: tuple[str, ...] = ()
    """Of a listing: canonical article addresses in the order they came, also those that the page has taken away again."""

    why: str | None = None
    """Of a listing: what ended it."""


class RenderError(Exception):
    """The page did not come out of the browser; the message says why in a few words."""


class NeedsBrowser(RenderError):
    """There is no browser that works."""


class TabLost(RenderError):
    """The page's process crashed, or the browser with it."""


class Stuck(RenderError):
    """The page no longer answers."""
