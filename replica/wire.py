"""Sends what goes wrong, as it goes wrong on the wire."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
from typing import TYPE_CHECKING, Final

from aiohttp import web

from replica import strangers
from replica.model import SITE
from replica.pages import http_date

if TYPE_CHECKING:
    from replica.faults import Rule

_HTML: Final = "text/html; charset=UTF-8"
_CHARSETS: Final = ("iso-8859-9", "x-user-defined-8", "utf-16", "windows-1254")
_PIECES: Final = 8


async def spoiled(
    request: web.Request, good: web.Response, rule: Rule, now: dt.datetime
) -> tuple[web.StreamResponse, int]:
    """The spoiled answer, already sent where it needs the bare connection; and its status, 0 for none."""
    variant = rule.variant if rule.variant is not None else rule.hits - 1
    if rule.fault in ("retry-after-429", "burst-503", "ban-403", "robots-5xx"):
        found = _refused(rule, now, variant)
        return found, found.status
    if rule.fault == "redirect-loop":
        path = request.rel_url.raw_path
        other = path[:-1] if path.endswith("/") else f"{path}/"
        return web.Response(status=(302, 301)[variant % 2], headers={"Location": SITE + other}), (302, 301)[variant % 2]
    if rule.fault == "challenge-200":
        return web.Response(body=strangers.challenge(variant), headers={"Content-Type": _HTML}), 200
    if rule.fault.startswith("feed-"):
        return _feed(rule.fault, good, variant), 200
    if rule.fault == "wrong-charset":
        kind = good.headers["Content-Type"].partition(";")[0]
        good.headers["Content-Type"] = f"{kind}; charset={_CHARSETS[variant % len(_CHARSETS)]}"
        return good, good.status
    if rule.fault == "slow":
        return await _slow(request, good, rule.seconds), good.status
    if rule.fault == "gzip-error":
        return _badly_packed(good, variant), good.status
    return _bare(request, good, rule.fault, variant)


def _refused(rule: Rule, now: dt.datetime, variant: int) -> web.Response:
    status = {"retry-after-429": 429, "ban-403": 403, "burst-503": 503}.get(rule.fault, (503, 500, 502)[variant % 3])
    headers = {"Content-Type": _HTML}
    if rule.retry_after is not None:
        later = now + dt.timedelta(seconds=rule.retry_after)
        headers["Retry-After"] = f"{rule.retry_after:.0f}" if rule.form == "seconds" else http_date(later)
        headers["Date"] = http_date(now)
    return web.Response(status=status, body=strangers.refusal(status), headers=headers)


def _feed(fault: str, good: web.Response, variant: int) -> web.Response:
    if fault == "feed-html":
        return web.Response(body=strangers.maintenance(), headers={"Content-Type": _HTML})
    whole = good.body if isinstance(good.body, bytes) else b""
    if fault == "feed-empty":
        head = whole.partition(b"<item>")[0]
        body = head if head.endswith(b"</rss>\n") else head + b"</channel>\n</rss>\n"
        body = b"" if variant % 3 == 2 or not head else body
    else:
        cut = whole[: len(whole) * 2 // 5]
        body = (cut, cut + b"\n<b>Warning</b>: mysql_connect(): Too many connections in <b>/home/rss.php</b>", b'<?xml version="1.0"?><rss><channel><item><title>A & B</item>')[variant % 3]  # fmt: skip
    return web.Response(body=body, headers={"Content-Type": "text/xml; charset=UTF-8"})


async def _slow(request: web.Request, good: web.Response, seconds: float) -> web.StreamResponse:
    body = good.body if isinstance(good.body, bytes) else b""
    response = web.StreamResponse(status=good.status, headers=good.headers)
    response.content_length = len(body)
    size = -(-len(body) // _PIECES) or 1
    try:
        await response.prepare(request)
        for start in range(0, len(body), size):
            await asyncio.sleep(seconds / _PIECES)
            await response.write(body[start : start + size])
    except ConnectionError:  # the client did not wait
        request.protocol.force_close()
    return response


def _badly_packed(good: web.Response, variant: int) -> web.Response:
    """Gzip whose data is damaged in the middle, ends too early, or is none."""
    body = good.body if isinstance(good.body, bytes) else b""
    packed = bytearray(gzip.compress(body, mtime=0))
    middle = len(packed) // 2
    packed[middle : middle + 64] = bytes(one ^ 0x5A for one in packed[middle : middle + 64])
    damaged = (bytes(packed), gzip.compress(body, mtime=0)[: middle or 1], body)[variant % 3]
    headers = {**good.headers, "Content-Encoding": "gzip"}
    return web.Response(status=good.status, body=damaged, headers=headers)


def _bare(request: web.Request, good: web.Response, fault: str, variant: int) -> tuple[web.StreamResponse, int]:
    """Truncated, cut (nothing says how long it is), broken chunked or dropped: written to the bare connection, which is closed behind it."""
    transport = request.transport
    body = good.body if isinstance(good.body, bytes) else b""
    framing = {"broken-chunked": "Transfer-Encoding: chunked", "cut": "Connection: close"}
    sent = b"" if fault == "dropped" else _head(good, framing.get(fault, f"Content-Length: {len(body)}"))
    if fault in ("truncated", "cut"):
        sent += body[: len(body) * (3, 1, 9)[variant % 3] // 10]
    elif fault == "broken-chunked":
        half = body[: len(body) // 2]
        sent += (
            f"{len(body):x}\r\n".encode() + half,
            f"{len(half):x}\r\n".encode() + half + b"\r\nzz\r\n" + body[len(half) :],
            f"{len(body):x}\r\n".encode() + body + b"\r\n",
        )[variant % 3]
    if transport is not None:
        if sent:
            transport.write(sent)
            transport.close()
        elif variant % 2:
            transport.close()
        else:
            transport.abort()
    return good, 0 if fault == "dropped" else good.status


def _head(good: web.Response, framing: str) -> bytes:
    """Status line and headers of an answer; `framing` is the one that says where it ends."""
    lines = [f"HTTP/1.1 {good.status} {good.reason}", framing]
    lines += [f"{name}: {value}" for name, value in good.headers.items() if name.lower() not in ("content-length", "transfer-encoding")]  # fmt: skip
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
