"""Work on pages in processes of their own, answered in order.

The processes are spawned, not forked: the parent has a thread that writes, an SQLite connection and locks of the kernel, and a forked child
would hold those locks for as long as it lives, after the parent has died too.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import queue
import signal
import threading
from collections import deque
from contextlib import contextmanager, suppress
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator
    from multiprocessing.connection import Connection

T = TypeVar("T")
R = TypeVar("R")

CHUNK: Final = 16
"""Pages handed over at once: 40 ms of work, beside which a tenth of a millisecond for the handing over does not count."""

AHEAD: Final = 2
"""Chunks that a process has in hand, so that it is not idle while its last answer is dealt with."""


class WorkError(Exception):
    """A page made the work fail as it never may; the text is one line that names it."""


def answers(work: Callable[[T], R], tasks: Iterable[T], jobs: int) -> Generator[tuple[T, R]]:
    """Each task with what `work` makes of it, in the order of the tasks, of which a few hundred at most are taken ahead.

    With one job in this process; else `work` is a function of a module, and tasks and answers can be pickled. `str(task)` names it where `work` raises:
    then WorkError, and nothing further. Closing the generator ends the processes; they end as well when this one dies, however it does.
    """
    if jobs == 1:
        for task in tasks:
            yield task, _done(work, task)
        return
    with _processes(work, jobs) as processes:
        yield from _in_turn(processes, iter(tasks))


def _done(work: Callable[[T], R], task: T) -> R:
    try:
        return work(task)
    except Exception as error:
        raise WorkError(f"{task}: {_said(error)}") from error


def _said(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())


def _in_turn(processes: list[Connection], tasks: Iterator[T]) -> Iterator[tuple[T, Any]]:
    under_way: deque[tuple[Connection, list[T]]] = deque()
    turn = 0
    while True:
        while len(under_way) < AHEAD * len(processes) and (chunk := list(islice(tasks, CHUNK))):
            process = processes[turn % len(processes)]
            turn += 1
            _send(process, chunk)
            under_way.append((process, chunk))
        if not under_way:
            return
        process, chunk = under_way.popleft()
        done, why = _answer(process, chunk)
        yield from zip(chunk, done, strict=False)
        if why is not None:
            raise WorkError(why)


def _send(process: Connection, chunk: list[Any]) -> None:
    # One that is no more answers nothing either: the first of its chunks without an answer is the one it died over, and that is said.
    with suppress(OSError):
        process.send(chunk)


def _answer(process: Connection, chunk: list[Any]) -> tuple[list[Any], str | None]:
    try:
        answer: tuple[list[Any], str | None] = process.recv()
    except (EOFError, OSError) as error:
        raise WorkError(_died(chunk)) from error
    return answer


def _died(chunk: list[Any]) -> str:
    return f"a reading process died over one of {len(chunk)} pages, from {chunk[0]} to {chunk[-1]} (out of memory?)"


@contextmanager
def _processes(work: Callable[[Any], Any], number: int) -> Iterator[list[Connection]]:
    context = multiprocessing.get_context("spawn")
    started = []
    connections = []
    try:
        for _ in range(number):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, work), daemon=True)
            # Ctrl-C goes to all processes of a terminal; that of this one alone decides.
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                process.start()
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
            theirs.close()
            started.append(process)
            connections.append(ours)
        yield connections
    finally:
        for process in started:
            process.kill()
        for process in started:
            process.join()
        for connection in connections:
            connection.close()


def _serve(connection: Connection, work: Callable[[Any], Any]) -> None:
    """Works until the parent is no more."""
    logging.root.addHandler(logging.NullHandler())  # what libraries log goes where it goes in the parent: nowhere
    chunks: queue.SimpleQueue[list[Any]] = queue.SimpleQueue()
    # Takes what comes whatever the work is at: neither side ever waits for the other to read.
    threading.Thread(target=_take, args=(connection, chunks), daemon=True).start()
    while True:
        chunk, done, why = chunks.get(), [], None
        for task in chunk:
            try:
                done.append(work(task))
            except Exception as error:  # noqa: BLE001 -- said by the parent, which ends
                why = f"{task}: {_said(error)}"
                break
        try:
            connection.send((done, why))
        except OSError:
            return


def _take(connection: Connection, chunks: queue.SimpleQueue[list[Any]]) -> None:
    try:
        while True:
            chunks.put(connection.recv())
    except (EOFError, OSError):
        os._exit(0)
