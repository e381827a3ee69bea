"""The egg that `scrapyd-deploy` sends, built without anything left in the tree.

Known to setuptools by `[tool.setuptools.cmdclass]` of pyproject.toml, and loaded by every build, so it imports nothing else.
"""

from __future__ import annotations

from compileall import compile_dir
from importlib.util import cache_from_source
from pathlib import Path
from py_compile import PycInvalidationMode
from tempfile import TemporaryDirectory
from typing import Any

from setuptools.command.bdist_egg import bdist_egg

SETUP = Path("setup.py")
GENERATED = "# Automatically created by: scrapyd-deploy"


class CleanEgg(bdist_egg):
    """Builds in a temporary folder, and removes what scrapyd-deploy and the loading of this module have put into the tree."""

    def finalize_options(self) -> None:
        _tidy()  # first of all, so that a build which fails leaves nothing either
        self.workshop = TemporaryDirectory(prefix="sabah-egg-")  # goes with this process, however the build ends
        build, metadata = Path(self.workshop.name, "build"), Path(self.workshop.name, "metadata")
        metadata.mkdir()
        self.reinitialize_command("build", build_base=str(build))
        self.reinitialize_command("bdist", bdist_base=str(build))
        self.reinitialize_command("egg_info", egg_base=str(metadata))  # in build it would be left out as built
        super().finalize_options()

    def call_command(self, cmdname: str, **kw: Any) -> Any:
        """Puts bytecode beside every module: a job imports from the egg at every start, and would compile all of it each time.

        It is taken whatever the times of files say, which a zip keeps without a zone; another version of Python passes it over.
        """
        done = super().call_command(cmdname, **kw)  # type: ignore[no-untyped-call]
        if cmdname == "install_lib":
            compile_dir(
                self.bdist_dir, quiet=1, legacy=True, stripdir=self.bdist_dir, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH
            )  # fmt: skip
        return done


def _tidy() -> None:
    """Only the setup.py that scrapyd-deploy has written; Python has read it by now."""
    if SETUP.exists() and SETUP.read_text("utf-8").startswith(GENERATED):
        SETUP.unlink()
    compiled = Path(cache_from_source(__file__))
    compiled.unlink(missing_ok=True)
    if compiled.parent.is_dir() and not any(compiled.parent.iterdir()):
        compiled.parent.rmdir()
