"""Lines of index files, packed with gzip or not."""

from __future__ import annotations

import gzip
import sys
import zlib
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator

STDIN: Final = "-"
_GZIP: Final = b"\x1f\x8b"
_LONGEST: Final = 64 * 1024
"""Bytes of a line. Those of indexes have some hundreds; a file that is none may be one line of any length."""

_TOO_LONG: Final = f"(a line of more than {_LONGEST:,} bytes)"


class UnreadableError(OSError):
    """A file that cannot be read to its end; the message is one line."""


def lines(name: str) -> Iterator[str]:
    """Lines of the file, or of standard input (`-`), as text; whether it is packed is told by its first bytes. Raises UnreadableError.

    A line that is too long for an index is one that no index has, without its text.
    """
    shown = "standard input" if name == STDIN else name
    try:
        if name == STDIN:
            yield from _unpacked(sys.stdin.buffer)
        else:
            with Path(name).open("rb") as file:
                yield from _unpacked(file)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableError(f"{shown}: is damaged or cut off ({error})") from error
    except OSError as error:
        raise UnreadableError(f"{shown}: {error.strerror or error}") from error


def _unpacked(file: IO[bytes]) -> Iterator[str]:
    packed = cast("io.BufferedReader", file).peek(len(_GZIP))[: len(_GZIP)] == _GZIP
    source = cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if packed else file
    encoding = "utf-8-sig"
    while line := source.readline(_LONGEST + 1):
        if len(line) > _LONGEST and not line.endswith(b"\n"):
            while not line.endswith(b"\n") and (line := source.readline(_LONGEST)):
                pass
            yield _TOO_LONG
        else:
            yield line.decode(encoding, "replace")
        encoding = "utf-8"
