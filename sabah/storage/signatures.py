"""Signatures of bodies in the ledger. How they are made is not the storage's business."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from sabah.storage.ledger import Ledger


@attrs.frozen
class Signature:
    scheme: str
    """How it was made; it can be compared with others of the same scheme."""

    data: bytes
    """Empty where there is no text."""


def keep(ledger: Ledger, article: int, signature: Signature) -> None:
    """Stores the signature of a line, in the transaction that stores the line."""
    ledger.run(
        "INSERT INTO signatures (article, scheme, data) VALUES (?, ?, ?)", article, signature.scheme, signature.data
    )
