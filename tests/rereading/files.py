"""Pages as WARC files of others may hold them."""

from __future__ import annotations


def chunked(body: bytes, size: int = 200) -> bytes:
    """As sent with Transfer-Encoding: chunked."""
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def amp(headline: str) -> str:
    """A page of the AMP layout."""
    return (
        f"<!DOCTYPE html><html amp lang='en'><head><title>{headline}</title>"
        "<meta property='article:published_time' content='2021-09-14T10:51:00+03:00'></head><body>"
        f"<h1 class='title'>{headline}</h1><div class='text'><p>Text.</p></div></body></html>"
    )
