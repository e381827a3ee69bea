"""A process that has imported Scrapy and the project, and forks for every command: the start of a Python is most of what a short one takes.

`tests.forked` starts it, with a socket as its standard input. A message there is one byte with four descriptors: the command's standard input, output
and error, and a socket of its own, on which a line of JSON says what to run, the process id is answered at once, and the exit code at its end.
A fork runs `python -m scrapy` from its first line to its last; environment, folder, warnings and signals are the command's.
What `sabah.settings` and Twisted's reactor read when they are imported is not imported here.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import importlib.util
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import sys
import threading
import time
import warnings
from typing import Any, Final

PACKAGES: Final = ("scrapy.commands", "scrapy.downloadermiddlewares", "scrapy.spidermiddlewares", "sabah", "replica")
MODULES: Final = (
    "scrapy.cmdline", "scrapy.core.downloader.contextfactory", "scrapy.core.downloader.handlers.datauri", "scrapy.core.downloader.handlers.file",
    "scrapy.core.downloader.handlers.ftp", "scrapy.core.downloader.handlers.http11", "scrapy.core.downloader.handlers.s3", "scrapy.dupefilters",
    "scrapy.extensions.closespider", "scrapy.extensions.corestats", "scrapy.extensions.logcount", "scrapy.extensions.logstats",
    "scrapy.extensions.memusage", "scrapy.extensions.remote_control", "scrapy.extensions.spiderstate", "scrapy.extensions.telnet",
    "scrapy.extensions.throttle", "scrapy.pqueues", "scrapy.robotstxt", "scrapy.squeues", "encodings.idna", "protego",
)  # fmt: skip
LATER: Final = ("sabah.settings", "sabah.middlewares.rendering", "sabah.dataset")
"""Reads the environment; takes a browser; start threads, which no fork keeps."""

CODE: Final = 4
"""Bytes of a number on a command's socket."""


def preload() -> None:
    for name in MODULES:
        importlib.import_module(name)
    for package in PACKAGES:
        _walk(package)
    assert not {"twisted.internet.reactor", "sabah.settings"} & set(sys.modules)
    gc.collect()
    gc.freeze()  # a collection in a fork would copy every page that it looks at


def _walk(package: str) -> None:
    for found in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
        if found.name in LATER:
            continue
        importlib.import_module(found.name)
        if found.ispkg:
            _walk(found.name)


def serve(control: socket.socket) -> dict[str, Any] | None:
    """Forks until the other side is gone: None then. In a fork it gives the command that is to be run."""
    wake, waker = os.pipe()
    os.set_blocking(waker, False)
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    running: dict[int, socket.socket] = {}
    watched: list[Any] = [control, wake]
    while True:
        ready = select.select(watched, [], [])[0]
        if wake in ready:
            os.read(wake, 1024)
            _reap(running)
        if control in ready:
            got, descriptors, _, _ = socket.recv_fds(control, 1, 4)
            if not got:
                return None
            own = socket.socket(fileno=descriptors.pop())
            with own.makefile("rb") as file:
                command: dict[str, Any] = json.loads(file.readline())
            if (pid := os.fork()) == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for one in (control, own, *running.values()):
                    one.close()
                os.close(wake)
                os.close(waker)
                _streams(descriptors)
                return command
            own.sendall(pid.to_bytes(CODE, "big"))
            running[pid] = own
            for descriptor in descriptors:
                os.close(descriptor)


def _reap(running: dict[int, socket.socket]) -> None:
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        with running.pop(pid) as own:
            try:
                own.sendall(os.waitstatus_to_exitcode(status).to_bytes(CODE, "big", signed=True))
            except BrokenPipeError:  # nobody waits for it any more
                continue


def _streams(descriptors: list[int]) -> None:
    """The command's in place of this process's, as Python opens them at its start."""
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        before = getattr(sys, name)
        stream = open(number, "w" if number else "r", encoding=before.encoding, errors=before.errors, closefd=False)  # noqa: SIM115
        lines = not before.write_through and (number == 2 or stream.isatty())
        stream.reconfigure(line_buffering=lines, write_through=before.write_through)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def become(command: dict[str, Any]) -> None:
    """Folder, environment, arguments and warnings are the command's from here on."""
    os.chdir(command["cwd"])
    path = os.environ.get("PYTHONPATH")
    os.environ.clear()
    os.environ.update(command["env"])
    time.tzset()
    sys.argv = ["scrapy", *command["args"]]
    sys.path[0] = command["cwd"]
    if not command["strict"]:
        sys.warnoptions.clear()
        warnings.resetwarnings()
        for kind in (ResourceWarning, ImportWarning, PendingDeprecationWarning, DeprecationWarning):
            warnings.simplefilter("ignore", kind)
        warnings.filterwarnings("default", category=DeprecationWarning, module="__main__")
    if "SABAH_FAULT" in os.environ:  # read when it was imported
        importlib.reload(sys.modules["sabah.storage.faults"])
    if os.environ.get("PYTHONPATH", path) != path:
        sys.path[1:] = [one for one in sys.path[1:] if one not in (path or "").split(os.pathsep)]
        sys.path[1:1] = os.environ["PYTHONPATH"].split(os.pathsep)
        sys.modules.pop("sitecustomize", None)
        if importlib.util.find_spec("sitecustomize"):
            importlib.import_module("sitecustomize")


def leave(code: int) -> None:
    """Ends as an interpreter does, but for taking apart every module: that would copy all the memory shared with the server, and take as long again."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    gc.collect()  # so that what was left open in a circle is complained of
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    preload()
    with socket.socket(fileno=0) as listening:
        given = serve(listening)
    if given is not None:
        become(given)
        try:
            runpy.run_module("scrapy", run_name="__main__", alter_sys=True)
        except SystemExit as ended:
            if not isinstance(ended.code, int | None):
                raise
            leave(ended.code or 0)
