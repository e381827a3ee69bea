"""States of the project that can be measured: this one, and an older commit in a worktree with an environment of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from bench.environment import COMPETITORS, REPOSITORY, digest, made

if TYPE_CHECKING:
    from collections.abc import Iterator

_REQUIREMENTS: Final = ("requirements-dev.txt", "requirements.txt")
"""The first that a commit has: benches use the helpers of the tests."""

_PATIENCE: Final = 20
"""Seconds a bench gets to stop what it has started."""


class NoCommit(Exception):
    """What is named is no commit of this repository; the text says why."""


@attrs.frozen
class Tree:
    """A checkout and the interpreter that runs it."""

    name: str
    place: Path
    python: Path

    def run(self, *arguments: str | Path) -> str:
        """What its interpreter prints, run in the checkout, as `-m bench.reparse …`. Raises RuntimeError when it fails.

        The process has a group of its own, to which an interruption is handed on, so that nothing it has started outlives it.
        """
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SABAH_", "PYTHONPATH"))}
        process = subprocess.Popen(
            [self.python, *arguments],
            cwd=self.place, env={**kept, "PYTHONPATH": str(self.place)}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, process_group=0,
        )  # fmt: skip
        try:
            out, err = process.communicate()
        except BaseException:
            _end(process)
            raise
        if process.returncode:
            last = next((line for line in reversed(err.splitlines()) if line.strip()), "it said nothing")
            asked = " ".join(map(str, arguments))
            raise RuntimeError(f"{self.name}: `{asked}` ended with code {process.returncode}: {last.strip()}")
        return out


def _end(process: subprocess.Popen[str]) -> None:
    """With all of its group: by Ctrl-C, after which benches clear up, and what is left then for good."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=_PATIENCE)
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


PRESENT: Final = Tree("now", REPOSITORY, Path(sys.executable))


def commit(named: str, repository: Path = REPOSITORY) -> str:
    """The whole hash of a commit that is named by hash, branch, tag or `HEAD~3`. Raises NoCommit."""
    try:
        top = _git(repository, "rev-parse", "--show-toplevel")
    except FileNotFoundError:
        raise NoCommit("--against needs git, which is not installed") from None
    if top.returncode or Path(top.stdout.rstrip("\n")).resolve() != repository.resolve():
        raise NoCommit(f"--against needs a git checkout; {repository} is none")
    found = _git(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", named + "^{commit}")
    if found.returncode:
        raise NoCommit(f"--against: {named!r} is no commit of this repository; valid is a hash, a branch or a tag")
    return found.stdout.strip()


@contextmanager
def checked_out(hash_: str, repository: Path = REPOSITORY) -> Iterator[Tree]:
    """The commit in a worktree, which is removed at the end whatever happens, and its environment, which is kept.

    Where its requirements are those of this checkout, the present environment serves. Raises RuntimeError when there can be no worktree
    or no environment.
    """
    with ExitStack() as stack:
        with _undisturbed():
            place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-against-"))) / hash_[:12]
            stack.callback(_remove, place, repository)
            # A hook of the user has no business in it.
            added = _git(repository, "-c", "core.hooksPath=/dev/null", "worktree", "add", "--detach", str(place), hash_)
        if added.returncode:
            raise RuntimeError(f"no worktree of {hash_[:12]}: {added.stderr.strip().splitlines()[-1]}")
        _share_competitors(place, repository)
        yield Tree(hash_[:12], place, _python(place, repository))


def _remove(place: Path, repository: Path) -> None:
    """Twice by force, as git locks a worktree that is not whole."""
    with _undisturbed():
        _git(repository, "worktree", "remove", "--force", "--force", str(place))


def _python(place: Path, repository: Path) -> Path:
    file = next((place / name for name in _REQUIREMENTS if (place / name).exists()), None)
    if file is None:
        raise RuntimeError(f"{place.name} has no {' and no '.join(_REQUIREMENTS)}: what it needs is not known")
    wanted = digest(file)
    if (repository / file.name).exists() and digest(repository / file.name) == wanted:
        print(f"{place.name} has the requirements of today: it runs in the present environment", file=sys.stderr)
        return PRESENT.python
    try:
        return made(
            repository / f"{COMPETITORS.name}-{wanted[:12]}", file, wanted, of=f"the requirements of {place.name}"
        )
    except subprocess.CalledProcessError as error:
        raise RuntimeError(f"no environment for {place.name}: pip ended with code {error.returncode}") from error


def _share_competitors(place: Path, repository: Path) -> None:
    """Where both want the same other readers, these are not installed twice.

    Byte for byte the same: what a commit takes for another environment than its own, it makes anew.
    """
    theirs, ours = (where / "bench" / "requirements.txt" for where in (place, repository))
    if theirs.exists() and ours.exists() and theirs.read_bytes() == ours.read_bytes():
        (place / COMPETITORS.name).symlink_to(repository / COMPETITORS.name)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C and SIGTERM wait for the end: git leaves an entry that nothing removes where it is killed while it makes a worktree."""
    came: list[int] = []
    before = {one: signal.signal(one, lambda number, _: came.append(number)) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
    if came:
        raise KeyboardInterrupt


def _git(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A group of its own: Ctrl-C reaches this process alone, which then clears up. Variables of a git that runs us name another repository."""
    environment = {
        name: value for name, value in os.environ.items() if name not in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")
    }
    return subprocess.run(
        ["git", *arguments],
        cwd=repository,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        process_group=0,
    )
