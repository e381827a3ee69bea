"""Environments beside the project's own, each made from a file of requirements and kept until that changes: `.venv-bench*`."""

from __future__ import annotations

import hashlib
import platform
import re
import subprocess
import sys
import venv
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[1]
COMPETITORS = REPOSITORY / ".venv-bench"
_REQUIREMENTS = Path(__file__).with_name("requirements.txt")
_INCLUDED = re.compile(r"(?:-r|-c|--requirement|--constraint)[\s=]?\s*(\S+)")


def competitors_python() -> Path:
    """The interpreter of the competitors' environment, which is made first where it is missing or out of date.

    Raises subprocess.CalledProcessError when the packages cannot be installed.
    """
    made_from = hashlib.sha256(_REQUIREMENTS.read_bytes()).hexdigest()
    # Every package is pinned in the file; resolving again would take longer than installing.
    return made(COMPETITORS, _REQUIREMENTS, made_from, "--no-deps", of="the other readers")


def made(place: Path, requirements: Path, made_from: str, *options: str, of: str) -> Path:
    """The interpreter of the environment at `place`, made anew unless it bears the mark `made_from`.

    Raises subprocess.CalledProcessError when the packages cannot be installed.
    """
    python, stamp = place / "bin" / "python", place / ".made-from"
    if not stamp.exists() or stamp.read_text() != made_from:
        print(f"Making {place.name} for {of} (once, a minute or two)", file=sys.stderr)
        venv.create(place, clear=True)
        # This environment's pip installs into the other, which needs none of its own.
        pip = [
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(python),
            "--disable-pip-version-check",
            "install",
            "--quiet",
        ]
        # A path in a file of requirements counts from where pip runs.
        subprocess.run(
            [*pip, *options, "-r", str(requirements.resolve())], cwd=requirements.resolve().parent, check=True
        )
        stamp.write_text(made_from)
    return python


def digest(requirements: Path) -> str:
    """SHA-256 of what a file of requirements asks for, with the files it includes; comments, blank lines and order change nothing.

    The version of Python counts, as an environment belongs to one. Raises FileNotFoundError when a file is missing.
    """
    python = f"{platform.python_implementation()} {platform.python_version()} {sys.platform} {platform.machine()}"
    return hashlib.sha256("\n".join([python, *sorted({*_lines(requirements, set())})]).encode()).hexdigest()


def _lines(file: Path, seen: set[Path]) -> Iterator[str]:
    file = file.resolve()
    if file in seen:
        return
    seen.add(file)
    for line in file.read_text(encoding="utf-8").splitlines():
        asked = re.sub(r"(^|\s)#.*", "", line).strip()
        if included := _INCLUDED.fullmatch(asked):
            yield from _lines(file.parent / included[1], seen)
        elif asked:
            yield asked
