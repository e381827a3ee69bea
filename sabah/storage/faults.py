"""Places where a test lets a process die or the disk fail, between any two steps of a store.

`SABAH_FAULT=point:count[:action]` arms one: at the count-th passing (from 1) the process is killed (`kill`, the default) or the
disk fails with the error named (`ENOSPC`, `EFBIG`, `EIO`, `EROFS`).
"""

from __future__ import annotations

import errno
import os
import signal
from typing import Final

POINTS: Final = (
    "run-locked", "run-unsaved", "run-saved",
    "due-unsaved", "due-saved",
    "claim-unsaved", "claim-saved",
    "file-unsaved", "file-saved",
    "snapshot-created", "snapshot-torn", "snapshot-written", "snapshot-synced",
    "article-created", "article-torn", "article-written", "article-synced",
    "rejected-created", "rejected-torn", "rejected-written", "rejected-synced",
    "pages-unsaved", "pages-saved",
    "looks-unsaved", "looks-saved",
    "record-compared", "record-checked", "record-stored",
    "recovery-cut", "recovery-unsaved", "recovery-saved",
    "repair-unsaved", "repair-saved",
    "discard-unsaved", "discard-saved",
    "rewrite-file-unsaved", "rewrite-file-saved", "rewrite-created", "rewrite-added", "rewrite-written", "rewrite-synced",
    "rewrite-unsaved", "rewrite-saved", "rewrite-replaced", "rewrite-installed-unsaved", "rewrite-installed-saved",
    "rewrite-vacuumed", "rewrite-clean-unsaved", "rewrite-clean-saved",
    "end-unsaved", "end-saved",
    "backup-ledger", "backup-file", "backup-copied", "backup-published",
)  # fmt: skip


class Fault:
    """One armed fault; without a text it is never due."""

    def __init__(self, text: str = "") -> None:
        self.name, _, rest = text.partition(":")
        count, _, self.action = rest.partition(":")
        self.left = int(count or 1)
        if text and self.name not in POINTS:
            raise ValueError(f"SABAH_FAULT={text!r}: no such point; one of {', '.join(POINTS)}")

    def due(self, name: str) -> bool:
        """Counts a passing of `name`; true at the one it is armed for."""
        if name != self.name:
            return False
        self.left -= 1
        return self.left == 0

    def strike(self) -> None:
        if self.action in ("", "kill"):
            os.kill(os.getpid(), signal.SIGKILL)
        number = getattr(errno, self.action)
        raise OSError(number, os.strerror(number))


armed = Fault(os.environ.get("SABAH_FAULT", ""))


def point(name: str) -> None:
    if armed.due(name):
        armed.strike()


def torn(name: str, descriptor: int, data: bytes) -> None:
    """Like `point`, but half of `data` reaches the file first."""
    if armed.due(name):
        os.write(descriptor, data[: len(data) // 2])
        armed.strike()
