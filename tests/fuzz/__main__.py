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
    from multiprocessing.queues import SimpleQueue

_HANG: Final = 120.0  # seconds of wall time, of a machine that does other things as well
_MEMORY: Final = 2 * 1024**3
_BATCH: Final = 500


@attrs.frozen
class Report:
    """What a worker has to say of its inputs up to and without `number`."""

    worker: int
    number: int
    said: Counter[str] = attrs.field(factory=Counter)
    fault: str | None = None


def _work(worker: int, numbers: range, seed: int, reports: SimpleQueue[Report]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    said: Counter[str] = Counter()
    for number in numbers:
        try:
            said[check(make(seed, number))] += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it is reported
            where = traceback.extract_tb(error.__traceback__)[-1]
            fault = f"{type(error).__name__}: {str(error)[:200]} ({Path(where.filename).name}:{where.lineno})"
            reports.put(Report(worker, number, fault=fault))
        if sum(said.values()) >= _BATCH:
            reports.put(Report(worker, number + numbers.step, said))
            said = Counter()
    reports.put(Report(worker, numbers.stop, said))


class Run:
    def __init__(self, seed: int, numbers: range, processes: int, into: Path) -> None:
        self.seed, self.numbers, self.into = seed, numbers, into
        self.said: Counter[str] = Counter()
        self.faults: list[str] = []
        self._reports: SimpleQueue[Report] = multiprocessing.SimpleQueue()
        self._reached = [(numbers.start + one, time.monotonic()) for one in range(processes)]
        self._workers: list[Any] = [self._start(one) for one in range(processes)]

    def _start(self, worker: int) -> multiprocessing.Process:
        numbers = range(self._reached[worker][0], self.numbers.stop, len(self._reached))
        process = multiprocessing.Process(target=_work, args=(worker, numbers, self.seed, self._reports), daemon=True)
        process.start()
        return process

    def finish(self) -> None:
        """Takes reports until every input is read. A worker that says nothing for too long is ended: it goes on behind the batch that it did not end."""
        shown = began = time.monotonic()
        while any(one.is_alive() for one in self._workers) or not self._reports.empty():
            while not self._reports.empty():
                self._take(self._reports.get())
            for worker, (number, since) in enumerate(self._reached):
                if self._workers[worker].is_alive() and time.monotonic() - since > _HANG:
                    self._workers[worker].kill()
                    self._note(number, f"no answer for {_HANG:.0f} s within {_BATCH} inputs from here")
                    self._reached[worker] = (number + _BATCH * len(self._reached), time.monotonic())
                    self._workers[worker] = self._start(worker)
            if time.monotonic() - shown > 30:
                shown = time.monotonic()
                self.show(shown - began)
            time.sleep(0.05)
        self.faults += [
            f"worker {one} ended with {process.exitcode}"
            for one, process in enumerate(self._workers)
            if process.exitcode not in {0, -9}
        ]
        self.show(time.monotonic() - began)

    def _take(self, report: Report) -> None:
        self.said += report.said
        self._reached[report.worker] = (report.number, time.monotonic())
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
            f"{done:,} inputs in {seconds:.0f} s ({done / seconds:.0f} a second): {parts}; {len(self.faults)} faults; all before {min(self._reached)[0]:,}",
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
