"""Commands of the project in processes forked from one that has imported it (`tests.forkserver`): for tests whose subject is not the start of a process.

`run` and `start` take what `subprocess.run` and `subprocess.Popen` do. A command that is not `python -m scrapy`, or asks for what a fork has not
(a session of its own, limits, another kind of Python), gets a process of its own, as ever.
"""

from __future__ import annotations

import atexit
import inspect
import json
import os
import select
import socket
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.forkserver import CODE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_REPOSITORY: Final = Path(__file__).parents[1]
_SCRAPY: Final = (["-m", "scrapy"], ["-W", "error", "-m", "scrapy"])
_TAKEN: Final = {"cwd", "env", "stdin", "stdout", "stderr", "text", "encoding", "bufsize"}
_OF_THE_INTERPRETER: Final = ("PYTHON", "LC_", "LANG", "LD_", "OPENBLAS", "MALLOC")
"""How names of variables begin that a Python reads once, at its start."""


def run(
    command: Sequence[str], *, input: str | bytes | None = None, capture_output: bool = False, timeout: float | None = None,  # noqa: A002 - as in subprocess
    check: bool = False, **options: Any,
) -> subprocess.CompletedProcess[Any]:  # fmt: skip
    """As `subprocess.run`."""
    if input is not None:
        options["stdin"] = subprocess.PIPE
    if capture_output:
        options |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with start(command, **options) as process:
        try:
            out, err = process.communicate(input, timeout=timeout)
        except BaseException:
            process.kill()
            raise
    done = subprocess.CompletedProcess(process.args, process.returncode, out, err)
    if check:
        done.check_returncode()
    return done


def start(command: Sequence[str], **options: Any) -> subprocess.Popen[Any]:
    """As `subprocess.Popen`."""
    return (Forked if can_be_forked(command, options) else subprocess.Popen)(command, **options)


def can_be_forked(command: Sequence[str], options: Mapping[str, Any]) -> bool:
    """Whether it is a command that the server can be, in the repository or with it on its path."""
    a_scrapy = command[0] == sys.executable and any(list(command[1 : 1 + len(words)]) == words for words in _SCRAPY)
    if not a_scrapy or options.keys() - _TAKEN:
        return False
    env = os.environ if options.get("env") is None else options["env"]
    at_home = Path(options.get("cwd") or Path.cwd()) == _REPOSITORY or env.get("PYTHONPATH") == str(_REPOSITORY)
    return at_home and _of_the_interpreter(env) == _of_the_interpreter(os.environ)


def _of_the_interpreter(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in environment.items()
        if name.startswith(_OF_THE_INTERPRETER) and name != "PYTHONPATH"
    }


class Forked(subprocess.Popen[Any]):
    """A Popen whose process is a child of the server: started and waited for through it, and the same in all else."""

    def _execute_child(self, *given: Any) -> None:
        asked = inspect.signature(subprocess.Popen._execute_child).bind(self, *given).arguments  # type: ignore[attr-defined]
        command = asked["args"]
        strict = command[1] == "-W"
        said = {
            "args": command[5 if strict else 3 :],
            "strict": strict,
            "cwd": str(asked["cwd"] or Path.cwd()),
            "env": dict(os.environ if asked["env"] is None else asked["env"]),
        }
        self._own, theirs = socket.socketpair()
        ends = [asked[name] for name in ("p2cread", "c2pwrite", "errwrite")]
        with theirs:
            descriptors = [number if end == -1 else end for number, end in enumerate(ends)]
            socket.send_fds(_server(), [b"x"], [*descriptors, theirs.fileno()])
        self._own.sendall(json.dumps(said).encode() + b"\n")
        self.pid = self._number(signed=False)
        self._child_created = True
        self._close_pipe_fds(*(asked[name] for name in ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")))  # type: ignore[attr-defined]  # fmt: skip

    def _internal_poll(self, _deadstate: Any = None) -> int | None:
        if self.returncode is None and select.select([self._own], [], [], 0)[0]:
            self._end()
        return self.returncode

    def _wait(self, timeout: float | None) -> int:
        if self.returncode is None:
            if not select.select([self._own], [], [], timeout)[0]:
                assert timeout is not None
                raise subprocess.TimeoutExpired(self.args, timeout)
            self._end()
        return self.returncode

    def _end(self) -> None:
        with self._waitpid_lock:  # type: ignore[attr-defined]
            if self.returncode is None:
                with self._own:
                    self.returncode = self._number(signed=True)

    def _number(self, *, signed: bool) -> int:
        said = self._own.recv(CODE, socket.MSG_WAITALL)
        if len(said) < CODE:
            raise RuntimeError("the server of forks has died; what it said stands above")
        return int.from_bytes(said, "big", signed=signed)


@lru_cache(maxsize=1)
def _server() -> socket.socket:
    """The socket of this process's server, which ends with it."""
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, "-W", "error", "-m", "tests.forkserver"]
        # Threads of a library for sums would be lost in a fork.
        env = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
        server = subprocess.Popen(command, cwd=_REPOSITORY, env=env, stdin=theirs.fileno(), stdout=subprocess.DEVNULL)
    atexit.register(_stop, ours, server)
    return ours


def _stop(ours: socket.socket, server: subprocess.Popen[bytes]) -> None:
    ours.close()
    server.wait(timeout=10)
