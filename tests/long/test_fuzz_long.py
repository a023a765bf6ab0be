"""Ten thousand damaged files: none ends in a traceback, none loses or changes a row.

FUZZ_FROM and FUZZ_CASES choose other cases; a failure names its case, which `fuzz` makes again.
"""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzz import KINDS, Reader

pytestmark = pytest.mark.long

FIRST = int(os.environ.get("FUZZ_FROM", "0"))
CASES = int(os.environ.get("FUZZ_CASES", "10000"))
PIECE = 250
# Whole readings take ten times as long as loading alone, so there are fewer of them.
SHARES = {"reader": 1.0, "csv": 0.1, "json": 0.05, "study": 0.05}


def piece(kind: str, first: int, last: int) -> tuple[int, list[str]]:
    """How many files could be read, and what went wrong in the others."""
    warnings.simplefilter("error")
    read, failures = 0, []
    with tempfile.TemporaryDirectory() as folder:
        reader = Reader(Path(folder)) if kind == "reader" else None
        for number in range(first, last):
            place = Path(folder, str(number))
            place.mkdir()
            try:
                outcome = reader.case(number) if reader else KINDS[kind](number, place)
                read += not outcome.refused
            except Exception as error:  # anything but a refusal is what is looked for
                failures.append(f"{kind} {number}: {type(error).__name__} {error}"[:300])
    return read, failures


def pieces(kind: str) -> Iterator[tuple[int, int]]:
    last = FIRST + int(CASES * SHARES[kind])
    for first in range(FIRST, last, PIECE):
        yield first, min(first + PIECE, last)


@pytest.mark.parametrize("kind", SHARES)
def test_no_damaged_file_ends_in_a_traceback_or_loses_a_row(kind: str) -> None:
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(piece, kind, *span) for span in pieces(kind)]
        results = [job.result() for job in jobs]
    failures = [failure for _, found in results for failure in found]
    assert not failures, "\n".join(failures[:20])
    assert sum(read for read, _ in results) > 0.2 * CASES * SHARES[kind]
