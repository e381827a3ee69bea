"""`python -m tests.fuzz`: spoilt pages and feeds through every reader, on several processes; `make fuzz` runs a million.

An input is made from the seed and its number alone, so a run that was stopped goes on with `--from`, and a case found is shown again with
`--from NUMBER --inputs 1`.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from tests.fuzz.check import check
from tests.fuzz.mutations import make

if TYPE_CHECKING:
    import ctypes
    from multiprocessing.queues import SimpleQueue

_HANG: Final = 120.0  # seconds of wall time, of a machine that does other things as well
_MEMORY: Final = 2 * 1024**3
_BATCH: Final = 500


@attrs.frozen
class Report:
    """What a worker has to say since its last report, or of the input that it reads."""

    number: int
    said: Counter[str] = attrs.field(factory=Counter)
    fault: str | None = None


def _work(numbers: range, seed: int, reports: SimpleQueue[Report], at: ctypes.c_longlong) -> None:
    """Reads the inputs; the number of the one that is being read stands in `at`."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    said: Counter[str] = Counter()
    for number in numbers:
        at.value = number
        try:
            said[check(make(seed, number))] += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it is reported
            where = traceback.extract_tb(error.__traceback__)[-1]
            fault = f"{type(error).__name__}: {str(error)[:200]} ({Path(where.filename).name}:{where.lineno})"
            reports.put(Report(number, fault=fault))
        if sum(said.values()) >= _BATCH:
            reports.put(Report(number, said))
            said = Counter()
    at.value = numbers.stop
    reports.put(Report(numbers.stop, said))


class Run:
    def __init__(self, seed: int, numbers: range, processes: int, into: Path, hang: float = _HANG) -> None:
        self.seed, self.numbers, self.into, self._hang = seed, numbers, into, hang
        self.said: Counter[str] = Counter()
        self.faults: list[str] = []
        self._reports: SimpleQueue[Report] = multiprocessing.SimpleQueue()
        self._at = [multiprocessing.Value("q", numbers.start + one, lock=False) for one in range(processes)]
        self._since = [(numbers.start + one, time.monotonic()) for one in range(processes)]
        self._workers: list[Any] = [self._start(one) for one in range(processes)]

    def _start(self, worker: int) -> multiprocessing.Process:
        at = self._at[worker]
        numbers = range(at.value, self.numbers.stop, len(self._at))
        arguments = (numbers, self.seed, self._reports, at)
        process = multiprocessing.Process(target=_work, args=arguments, daemon=True)
        process.start()
        return process

    def finish(self) -> None:
        """Takes reports until every input is read. Where a worker stays with one input for too long or dies of it, another goes on behind that input; what was
        said of the batch is not counted.
        """
        shown = began = time.monotonic()
        while any(one.exitcode != 0 for one in self._workers) or not self._reports.empty():
            while not self._reports.empty():
                self._take(self._reports.get())
            for worker in range(len(self._workers)):
                self._watch(worker)
            if time.monotonic() - shown > 30:
                shown = time.monotonic()
                self.show(shown - began)
            time.sleep(0.05)
        self.show(time.monotonic() - began)

    def _watch(self, worker: int) -> None:
        process, number = self._workers[worker], self._at[worker].value
        if number != self._since[worker][0]:
            self._since[worker] = (number, time.monotonic())
        if process.exitcode == 0:
            return
        if process.exitcode is not None:
            fault = f"its worker ended with {process.exitcode}"
        elif time.monotonic() - self._since[worker][1] > self._hang:
            process.kill()
            process.join()
            fault = f"no answer for {self._hang:.0f} s"
        else:
            return
        self._note(number, fault)
        self._at[worker].value = number + len(self._at)
        self._workers[worker] = self._start(worker)

    def _take(self, report: Report) -> None:
        self.said += report.said
        if report.fault:
            self._note(report.number, report.fault)

    def _note(self, number: int, fault: str) -> None:
        self.faults.append(f"{number}: {fault}")
        (self.into / f"{self.seed}-{number}.html").write_bytes(make(self.seed, number).body)
        print(f"seed {self.seed}, input {number}: {fault}", flush=True)

    def show(self, seconds: float) -> None:
        done = sum(self.said.values())
        parts = ", ".join(f"{count:,} {name}" for name, count in sorted(self.said.items()))
        print(
            f"{done:,} inputs in {seconds:.0f} s ({done / seconds:.0f} a second): {parts}; {len(self.faults)} faults; all before {min(at.value for at in self._at):,}",
            flush=True,
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", type=int, default=0, dest="first", metavar="NUMBER")
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    into = Path(tempfile.mkdtemp(prefix="sabah-fuzz-"))
    run = Run(given.seed, range(given.first, given.first + given.inputs), given.processes, into)
    run.finish()
    if run.faults:
        print(f"{len(run.faults)} faults, their inputs are in {into}")
        return 1
    into.rmdir()
    return 0


if __name__ == "__main__":
    sys.exit(main())
