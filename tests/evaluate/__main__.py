"""`python -m tests.evaluate [--pin [--lower] [--anew]] [--corpus DIR]`: every page of the corpus read and compared with its record, and with what is pinned.

Exit code 1: a field below its floor or without one, a corpus that is not the pinned one, or a fixture that nobody has checked; 2: usage.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.evaluate.corpus import FLOORS, CorpusError, corpus_hash, derive, load
from tests.evaluate.floors import below, differences, pin, pinned, without_floor
from tests.evaluate.scores import judge, scores, table
from tests.pages.saved import FOLDER


def main(args: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.evaluate", description=__doc__)
    parser.add_argument(
        "--pin", action="store_true", help="raise the floors to what is reached, and pin the corpus as it is"
    )
    parser.add_argument("--lower", action="store_true", help="with --pin: lower the floors that are not reached, too")
    parser.add_argument(
        "--anew",
        action="store_true",
        help=f"with --pin: begin {FLOORS} where it is missing, damaged or changed by hand",
    )
    parser.add_argument("--corpus", type=Path, default=FOLDER, metavar="DIR", help="default: tests/pages")
    parser.add_argument(
        "--derive", metavar="NAME", help="only write word count and hashes of a record from its other fields"
    )
    given = parser.parse_args(args)
    for name in ("lower", "anew"):
        if getattr(given, name) and not given.pin:
            parser.error(f"--{name} goes with --pin")
    if not given.corpus.is_dir():
        parser.error(f"--corpus {given.corpus} is no folder")
    try:
        if given.derive:
            derive(given.corpus / f"{given.derive}.json")
            return 0
        return evaluate(given.corpus, keep=given.pin, lower=given.lower, anew=given.anew)
    except CorpusError as error:
        print(f"eval: {error}", file=sys.stderr)
        return 1


def evaluate(folder: Path, *, keep: bool = False, lower: bool = False, anew: bool = False) -> int:
    """Prints the table and what is wrong, and gives the exit code; `keep` pins. Raises CorpusError."""
    fixtures, before = load(folder), pinned(folder, anew=anew)
    results = [judge(one) for one in fixtures]
    digests, found = {one.name: one.digest for one in fixtures}, scores(results)
    print("\n".join(table(found, fixtures)))
    print(f"\n{len(fixtures)} pages, corpus {corpus_hash(digests)[:16]}")
    for one in results:
        if one.wrong:
            print(f"{one.name}: wrong in {', '.join(one.wrong)}")
    changes, low = [*differences(before, digests), *without_floor(before, found)], list(below(before, found))
    for line in changes:
        print(f"{'pinned' if keep else 'not as pinned'}: {line}")
    for line in low:
        print(f"floor lowered: {line}" if keep and lower else f"below its floor: {line}")
    if keep:
        pin(folder, before, digests, found, lower=lower)
        return int(bool(low) and not lower)
    if changes:
        print("the corpus or what is measured is not what is pinned; --pin pins it as it is")
    elif not low:
        print("as pinned, and no field below its floor")
    return int(bool(changes or low))


if __name__ == "__main__":
    sys.exit(main())
