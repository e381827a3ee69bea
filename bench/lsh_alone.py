"""datasketch's LSH alone, in the competitors' environment: `python -m bench.lsh_alone THRESHOLD… < bodies.jsonl > labels.json`.

Whatever its index returns for a body at a threshold is joined with it, unseen. Shingles as sabah's signatures have them: four words.
"""

from __future__ import annotations

import json
import re
import sys

from datasketch import MinHash, MinHashLSH  # type: ignore[import-untyped,import-not-found,unused-ignore]  # is in the competitors' environment

_WORD = re.compile(r"\w+")


def main(thresholds: list[float]) -> None:
    bodies = [json.loads(line) for line in sys.stdin]
    signatures = []
    for body in bodies:
        words = _WORD.findall(body.casefold())
        size = min(4, len(words))
        signature = MinHash(num_perm=128, seed=7)
        signature.update_batch(
            {" ".join(words[place : place + size]).encode() for place in range(len(words) - size + 1)}
        )
        signatures.append(signature)
    print(json.dumps([_labels(signatures, threshold) for threshold in thresholds]))


def _labels(signatures: list[MinHash], threshold: float) -> list[int]:
    index = MinHashLSH(threshold=threshold, num_perm=128)
    labels = list(range(len(signatures)))

    def root(one: int) -> int:
        while labels[one] != one:
            labels[one] = one = labels[labels[one]]
        return one

    for number, signature in enumerate(signatures):
        for other in index.query(signature):
            one, two = root(number), root(int(other))
            labels[max(one, two)] = min(one, two)
        index.insert(str(number), signature)
    return [root(one) for one in range(len(labels))]


if __name__ == "__main__":
    main([float(one) for one in sys.argv[1:]])
