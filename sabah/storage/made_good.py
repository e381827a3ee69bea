"""What a start has made good, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sabah.storage.missing import Repaired
    from sabah.storage.recovery import Recovered


def made_good(recovered: Recovered, repaired: Repaired) -> str:
    """What was found of the runs before, in one line; empty where all was in order."""
    said = []
    if recovered.runs:
        said.append(
            f"{len(recovered.runs)} runs had died ({', '.join(recovered.runs)}): {recovered.claims} addresses are free again, "
            f"{recovered.cut} bytes beyond the last commit were cut off"
        )
    if repaired.files:
        said.append(
            f"{len(repaired.files)} files were not whole ({', '.join(repaired.files)}): {repaired.rebuilt} lines rebuilt, "
            f"{len(repaired.pending)} addresses to be fetched again, {repaired.snapshots} snapshots lost"
            + (f", earlier revisions lost of {', '.join(sorted(set(repaired.lost)))}" if repaired.lost else "")
        )
    if repaired.rows:
        said.append(f"{repaired.rows} rows of the ledger did not say what their lines say, and were set right")
    if repaired.doubtful:
        said.append(
            f"lines that do not agree with the ledger and have no page to be read again: {', '.join(sorted(set(repaired.doubtful)))}"
        )
    if recovered.aside:
        said.append(
            f"{len(recovered.aside)} files that the ledger does not know were moved to unknown/ (a lost or an older ledger?): "
            "what they hold is asked for again"
        )
    return "; ".join(said)
