"""A signature made today has to be comparable with one made in years, on another machine."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from bench.wire import Writer
from sabah.dataset.near.signatures import DIGEST, SCHEME, SHINGLE, VALUES, hashes, shingles, sign, words
from tests.running import REPOSITORY

BODY = "ANKARA – “We’ll rebuild”, Türkiye's president said.\n\n" + " ".join(f"word{n % 70}" for n in range(200))


def minima(data: bytes) -> np.ndarray[tuple[int], np.dtype[np.uint16]]:
    return np.frombuffer(data[DIGEST:], "<u2")


def test_the_very_bytes() -> None:
    """If this fails after an update of rensa, or a change of ours, `SCHEME` has to be another: then old signatures are made anew."""
    assert SCHEME == "1.2"
    assert (
        hashlib.sha256(sign(BODY).data).hexdigest()
        == "7db037954aaea07af098765c694a4f4567cf9cbc5934283be353211f16cf85da"
    )


@pytest.mark.parametrize("kernel", ["scalar", "avx2"])
def test_another_process_and_other_instructions(kernel: str) -> None:
    code = f"from sabah.dataset.near.signatures import sign; print(sign({BODY!r}).data.hex())"
    env = os.environ | {"PYTHONHASHSEED": "77", "RENSA_FORCE_KERNEL": kernel}
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, env=env, capture_output=True, text=True)
    assert done.stdout.strip() == sign(BODY).data.hex(), done.stderr


@pytest.mark.parametrize("body", [None, "", "…", "– “”\n\n***"])
def test_no_words(body: str | None) -> None:
    assert sign(body).data == b""


def test_typesetting_makes_no_difference() -> None:
    plain = "ankara we ll rebuild türkiye s president said"
    assert words(BODY)[:8] == words(plain)
    assert sign("“Yes” – it’s so…\n\nHe left.").data == sign('"YES", it\'s so. He left').data
    assert sign("It’s so.").data != sign("So it’s.").data


@pytest.mark.parametrize("body", ["One", "one two", "\ud800 lone", "İSTANBUL ıssız"])
def test_short_and_odd_texts_have_one(body: str) -> None:
    assert len(sign(body).data) == DIGEST + 2 * VALUES


def test_equal_values_estimate_what_texts_share() -> None:
    """Without a bias: the mean over many pairs is right to a hundredth."""
    writer = Writer(2)
    errors = []
    for text in list(writer.texts(60)):
        paragraphs = [part.split() for part in text.body.split("\n\n")]
        copy = "\n\n".join(" ".join(part) for part in writer.copy(paragraphs, "mixed", 0.12))
        one, other = (set(shingles(hashes(words(body)), SHINGLE).tolist()) for body in (text.body, copy))
        equal = (minima(sign(text.body).data) == minima(sign(copy).data)).mean()
        errors.append(equal - len(one & other) / len(one | other))
    assert abs(np.mean(errors)) < 0.01
    assert np.std(errors) < 0.05
