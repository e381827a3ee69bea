"""The archive as a server: `/web/{14 digits}id_/{address}` gives the captured bytes, as the Wayback Machine does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from aiohttp import web

from replica import strangers
from replica.archive import Archive, Capture
from replica.pages import http_date

if TYPE_CHECKING:
    import datetime as dt

    from replica.newspaper import Newspaper

_HTML: Final = "text/html; charset=UTF-8"
_ADDRESS: Final = re.compile(r"/web/(\d{14})id_/(.+)", re.DOTALL | re.ASCII)


class Wayback:
    """The raw captures of one newspaper."""

    def __init__(self, paper: Newspaper) -> None:
        self.archive = Archive(paper)

    def answer(self, path: str, now: dt.datetime) -> web.Response:
        """The capture of that time; 302 to the nearest where there is none of it, 404 for what was never captured.

        `path` is as it was sent, with the query of the captured address.
        """
        match = _ADDRESS.fullmatch(path)
        try:
            found = self.archive.find(match[2], match[1], now) if match else None
        except ValueError:  # no such day, or no address
            found = None
        if match is None or found is None:
            return web.Response(status=404, body=strangers.never_captured(), headers={"Content-Type": _HTML})
        if found.time != match[1]:
            return web.Response(status=302, headers={"Location": f"/web/{found.time}id_/{found.url}"})
        return self._replayed(found)

    def _replayed(self, capture: Capture) -> web.Response:
        headers = {
            "Memento-Datetime": http_date(capture.at),
            "Link": f'<{capture.url}>; rel="original"',
            "x-archive-orig-content-type": _HTML,
            "x-archive-orig-date": http_date(capture.at),
        }
        if capture.status == 301:
            url = self.archive.paper.stub(capture.number).url
            return web.Response(status=301, headers=headers | {"Location": f"/web/{capture.time}id_/{url}"})
        if capture.status != 200:
            body = strangers.refusal(capture.status)
            return web.Response(status=capture.status, body=body, headers=headers | {"Content-Type": _HTML})
        return web.Response(body=self.archive.page(capture), headers=headers | {"Content-Type": _HTML})
