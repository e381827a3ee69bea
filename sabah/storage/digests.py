"""A digest of each stored line, kept in the ledger: by it a line of which a byte was changed is told, whatever the byte says."""

from __future__ import annotations

import hashlib


def digest(line: bytes) -> int:
    """Eight bytes of BLAKE2b over the line with its end, as SQLite keeps a number. It guards against damage, not against forgery."""
    return int.from_bytes(hashlib.blake2b(line, digest_size=8).digest(), "big", signed=True)


def holds(line: bytes, kept: int | None) -> bool:
    """Whether the line is the one that was stored; of one stored before digests were kept (None) it is not known, and it passes."""
    return kept is None or digest(line) == kept


def carried(line: bytes, kept: int | None, written: bytes) -> int | None:
    """What to keep for `written`, which a rewriting makes of a stored line. One that is damaged goes on failing by its old digest, rather than pass by a new one."""
    return digest(written) if kept is not None and digest(line) == kept else kept
