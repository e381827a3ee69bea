"""Reading the Dockerfile, and running what it names."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.running import REPOSITORY

BIN = Path(sys.executable).parent
DEPLOY = REPOSITORY / "deploy"


def run(*command: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=os.environ | env)


def instructions(name: str) -> list[str]:
    """Arguments of every such instruction of the Dockerfile, in order."""
    text = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    return [line.split(maxsplit=1)[1] for line in text.splitlines() if line.startswith(f"{name} ")]
