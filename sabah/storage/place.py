"""A snapshot as records name it."""

from __future__ import annotations


def place(name: str, offset: int) -> str:
    """`file.warc.gz:offset`."""
    return f"{name.rpartition('/')[2]}:{offset}"
