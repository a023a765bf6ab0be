"""Rows put by as they come and taken again cluster by cluster, in memory or in a file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import pairwise
from typing import IO

import numpy as np

from cxanalysis.drivers.portions import ROWS_AT_ONCE, Keys, Portion, groups_of, in_order
from cxanalysis.errors import EngineError
from cxanalysis.importance import Floats

# Boards by which rows are put by: whole clusters are on one.
BOARDS = 256
# Bytes held before they go to a file.
HELD = 1 << 28


class Shelf:
    """Rows of whole clusters on boards.

    Parameters
    ----------
    folder : str, optional
        Where more than 256 MiB of rows go: into a file without a name, gone with the shelf. It
        holds numbers, and keys instead of names. The system's folder for such files when None.
    """

    def __init__(self, folder: str | None = None) -> None:
        self._folder = folder
        self._file: IO[bytes] | None = None
        self._boards: list[list[Portion]] = [[] for _ in range(BOARDS)]
        self._written: list[list[tuple[int, int, int]]] = [[] for _ in range(BOARDS)]
        self._bytes = 0

    def __enter__(self) -> Shelf:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def put(self, portion: Portion) -> None:
        """Put rows by."""
        ends = np.searchsorted(groups_of(portion.keys, BOARDS), np.arange(BOARDS + 1))
        for board, (first, last) in enumerate(pairwise(ends)):
            if first < last:
                part = Portion(portion.cells[first:last], portion.keys[first:last])
                self._boards[board].append(part)
        self._bytes += portion.cells.nbytes + portion.keys.nbytes
        if self._bytes > HELD:
            self._write()

    def take(self) -> Iterator[Portion]:
        """All rows put by, once: sorted by key, and never a cluster in two portions."""
        parts: list[Portion] = []
        rows = 0
        for board in range(BOARDS):
            for part in [*self._read(board), *self._boards[board]]:
                parts.append(part)
                rows += len(part.keys)
            self._boards[board] = []
            if rows >= ROWS_AT_ONCE:
                yield _one(parts)
                parts, rows = [], 0
        if parts:
            yield _one(parts)

    def _write(self) -> None:
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115
            for parts, written in zip(self._boards, self._written, strict=True):
                if parts:
                    keys, cells = _joined(parts)
                    written.append((self._file.tell(), *cells.shape))
                    self._file.write(keys.data)
                    self._file.write(cells.data)
                    parts.clear()
        except OSError as error:
            raise EngineError(
                f"answers do not fit in memory, and could not be put by in a file: "
                f"{error.strerror}. Make room there, or name another folder with spill_folder "
                "under [engine] in the study file."
            ) from None
        self._bytes = 0

    def _read(self, board: int) -> Iterator[Portion]:
        for place, rows, columns in self._written[board]:
            assert self._file is not None
            self._file.seek(place)
            keys = np.frombuffer(self._file.read(8 * rows), dtype=np.uint64)
            cells = np.frombuffer(self._file.read(8 * rows * columns))
            yield Portion(cells.reshape(rows, columns), keys)


def _joined(parts: list[Portion]) -> tuple[Keys, Floats]:
    keys = np.concatenate([part.keys for part in parts])
    return keys, np.concatenate([part.cells for part in parts])


def _one(parts: list[Portion]) -> Portion:
    keys, cells = _joined(parts)
    return in_order(cells, keys)
