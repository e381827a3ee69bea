"""Pages that are not the newspaper's: of its challenge service, of its servers when they refuse, of its maintenance."""

from __future__ import annotations

from typing import Final

_SCRIPT: Final = (
    "(function(){var a=document.createElement('iframe');a.height=1;a.width=1;a.style.visibility='hidden';document.body.appendChild(a)})();"
    * 12
)
_STYLE: Final = "*{box-sizing:border-box;margin:0;padding:0}html{line-height:1.15;color:#313131;font-family:system-ui,sans-serif}body{display:flex;flex-direction:column;min-height:100vh}.main-content{margin:8rem auto;max-width:60rem;padding-left:1.5rem}"
_CHALLENGES: Final = (
    '<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title><meta http-equiv="Content-Type" content="text/html; charset=UTF-8"><meta name="robots" content="noindex,nofollow"><meta http-equiv="refresh" content="390"><style>{style}</style></head><body class="no-js"><div class="main-wrapper" role="main"><div class="main-content"><noscript><div id="challenge-error-title">Enable JavaScript and cookies to continue</div></noscript></div></div><script>{script}</script></body></html>',
    '<!DOCTYPE html><html class="no-js" lang="en-US"><head><title>Attention Required! | Cloudflare</title><meta charset="UTF-8"><style>{style}</style></head><body><div id="cf-wrapper"><h1 data-translate="block_headline">Sorry, you have been blocked</h1><h2 class="cf-subheadline">You are unable to access this site</h2><p>This website is using a security service to protect itself from online attacks. The action you just performed triggered the security solution.</p><p>Ray ID: <strong>8f1c0a7b2d9e4c11</strong></p></div></body></html>',
    '<html><head><title>Please Wait</title><meta http-equiv="refresh" content="5"><style>{style}</style></head><body><table width="100%"><tr><td align="center"><h1>Checking your browser before accessing the site.</h1><p>This process is automatic. Your browser will redirect to your requested content shortly.</p><p>Please allow up to 5 seconds&hellip;</p></td></tr></table><script>{script}</script></body></html>',
    '<!doctype html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><style>{style}</style></head><body><div class="main-content"><p>One more step. Press and hold the button until it turns green.</p><button id="b"></button></div><script>{script}</script></body></html>',
    '<html><head><meta charset="utf-8"><noscript><meta http-equiv="refresh" content="0; url=/"></noscript></head><body onload="f()"><script>{script}</script></body></html>',
)
"""The last two have none of the words that such pages are known by."""
_REFUSAL: Final = "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
_TITLES: Final = {403: "403 Forbidden", 404: "404 Not Found", 410: "410 Gone", 429: "429 Too Many Requests", 500: "500 Internal Server Error", 502: "502 Bad Gateway", 503: "503 Service Temporarily Unavailable"}  # fmt: skip


def challenge(variant: int) -> bytes:
    """What a challenge service sends in place of any page, with status 200; nothing in it is the newspaper's."""
    return _CHALLENGES[variant % len(_CHALLENGES)].replace("{style}", _STYLE).replace("{script}", _SCRIPT).encode()


def refusal(status: int) -> bytes:
    """The web server's own page for a status."""
    return _REFUSAL.format(title=_TITLES[status]).encode()


def maintenance() -> bytes:
    """HTML where a feed was asked for."""
    return b"<!DOCTYPE html><html><head><title>Daily Sabah</title></head><body><h1>We will be back soon</h1><p>The page is under maintenance.</p></body></html>"


def never_captured() -> bytes:
    """The archive's own page for an address it does not have."""
    return b"<!DOCTYPE html><html><head><title>Wayback Machine</title></head><body><h1>Hrm.</h1><p>The Wayback Machine has not archived that URL.</p></body></html>"
