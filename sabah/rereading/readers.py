"""Which readers these are: their version, and a digest of what they are made of, which changes before the version does."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from sabah import __version__

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

ROOMS: Final = ("pages", "normalize", "site")
MODULES: Final = ("items.py", "loaders.py")


@cache
def readers() -> str:
    """`VERSION-DIGEST`, the same for the same code."""
    package, digest = files("sabah"), hashlib.sha256()
    for part in (*MODULES, *ROOMS):
        for module in _modules(package / part):
            digest.update(module.name.encode() + module.read_bytes())
    return f"{__version__}-{digest.hexdigest()[:12]}"


def _modules(part: Traversable) -> list[Traversable]:
    if part.is_file():
        return [part]
    return sorted((one for one in part.iterdir() if one.name.endswith(".py")), key=lambda one: one.name)
