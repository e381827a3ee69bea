"""The competitors' environment: `.venv-bench`, made from `bench/requirements.txt` and kept until that changes."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
_PLACE = REPOSITORY / ".venv-bench"
_REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def competitors_python() -> Path:
    """The interpreter of that environment, which is made first where it is missing or out of date.

    Raises subprocess.CalledProcessError when the packages cannot be installed.
    """
    python = _PLACE / "bin" / "python"
    stamp = _PLACE / ".made-from"
    made_from = hashlib.sha256(_REQUIREMENTS.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != made_from:
        print("Making .venv-bench for the other readers (once, about a minute)", file=sys.stderr)
        venv.create(_PLACE, clear=True, with_pip=True)
        # Every package is pinned in the file; resolving again would take longer than installing.
        quiet = ["--quiet", "--disable-pip-version-check"]
        subprocess.run([python, "-m", "pip", "install", *quiet, "--no-deps", "-r", _REQUIREMENTS], check=True)
        stamp.write_text(made_from)
    return python
