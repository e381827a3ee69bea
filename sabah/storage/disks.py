"""Whether a folder lies on a disk of this machine: over a network neither flock nor SQLite's WAL can be relied on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from sabah.storage.errors import StorageError, reported
from sabah.storage.locks import Lock

NETWORK: Final = frozenset(
    (
        "9p", "afs", "beegfs", "ceph", "cifs", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "gfs2", "glusterfs", "lustre",
        "ncpfs", "nfs", "nfs4", "ocfs2", "smb3", "smbfs", "vboxsf",
    )
)  # fmt: skip
"""File systems that several machines may write to."""

_MOUNTS = Path("/proc/self/mountinfo")


def file_system(folder: Path, mounts: str) -> str:
    """Type of the file system `folder` is on, by the text of mountinfo (proc(5)); empty when it does not say."""
    found, kind = Path(), ""
    folder = folder.resolve()
    for line in mounts.splitlines():
        fields, _, rest = line.partition(" - ")
        point = Path(re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), fields.split()[4]))
        if folder.is_relative_to(point) and (not kind or point.is_relative_to(found)):
            found, kind = point, rest.split()[0]
    return kind


def check_local(folder: Path) -> None:
    """Raises StorageError where `folder` is on a network file system, or where its file locks do not hold."""
    if _MOUNTS.exists() and (kind := file_system(folder, _MOUNTS.read_text(errors="replace"))) in NETWORK:
        raise StorageError(
            f"{folder}: lies on a network file system ({kind}). Name a folder on a local disk (OUTPUT_DIR)."
        )
    path = folder / "locks" / "check.lock"
    with reported(path), Lock(path):
        second = Lock.take(path)
    if second is not None:
        second.release()
        raise StorageError(f"{folder}: file locks do not hold there. Name a folder on a local disk (OUTPUT_DIR).")
