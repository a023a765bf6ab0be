"""Where the records of a text file begin, by its bytes: many times faster than reading them.

It holds for files whose quotes are sound, whose lines end in line feeds and which have no lone
carriage returns; what DuckDB left out of a file is held against Python's reader, record by record.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from cxanalysis.errors import DataError
from cxanalysis.sources.delimited import CsvFile
from cxanalysis.sources.encodings import open_binary
from cxanalysis.sources.records import Ragged, records_of

CHUNK = 1 << 18  # bytes looked at in one go: what is made of them stays in the cache
LF, CR = 10, 13
Places = npt.NDArray[np.int64]


@dataclass
class Counted:
    """What a count by bytes found: ``records`` that were read, and what was left out and is none.

    ``shifts`` tell in parts of the file from which records on, numbered from 1, the physical
    line is so much more than the record's number.
    """

    records: int = 0
    ragged: list[Ragged] = field(default_factory=list)
    shifts: list[tuple[Places, Places]] = field(default_factory=list)

    def lines(self, records: Collection[int]) -> dict[int, int]:
        """Physical lines of records, as far as there are such records."""
        wanted = np.unique(np.asarray(list(records), dtype=np.int64))
        wanted = wanted[(wanted >= 1) & (wanted <= self.records)]
        if not len(wanted):
            return {}
        firsts = np.concatenate([firsts for firsts, _ in self.shifts])
        ahead = np.concatenate([ahead for _, ahead in self.shifts])
        found = wanted + ahead[np.searchsorted(firsts, wanted, side="right") - 1]
        return dict(zip(wanted.tolist(), found.tolist(), strict=True))


def count_records(file: CsvFile, left_out: Sequence[int] = ()) -> Counted | None:
    """Count the records of a file without reading them; None where that is not safe.

    Parameters
    ----------
    left_out
        Where in the file, in bytes, the records begin that were left out as broken.
    """
    counted = Counted()
    places = np.unique(np.asarray(left_out, dtype=np.int64))
    seen = 0
    last = -1  # no record's shift
    for offset, line, data in _whole_records(file):
        found = _Part.of(data, file.quote)
        if found is None:
            return None
        here = places[(places >= offset) & (places < offset + len(data))] - offset
        out = found.starts.searchsorted(here, side="right") - 1
        if (found.starts[out] != here).any():
            return None
        for place in out.tolist():
            if not _note_left_out(
                counted, file, found.text(data, place), int(line + found.lines[place])
            ):
                return None
        seen += len(out)
        sound = ~found.blank
        sound[out] = False
        kept = np.flatnonzero(sound)
        numbers = np.arange(counted.records + 1, counted.records + len(kept) + 1)
        ahead = line + found.lines[kept] - numbers
        changes = np.flatnonzero(np.diff(ahead, prepend=last))
        if len(changes):
            counted.shifts.append((numbers[changes], ahead[changes]))
            last = int(ahead[-1])
        counted.records += len(kept)
    return counted if seen == len(places) else None


@dataclass(frozen=True)
class _Part:
    """Records in a part of a file: where they start and end, lines before each, blank or not."""

    starts: Places
    ends: Places
    lines: Places
    blank: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, data: bytes, quote: str) -> _Part | None:
        """Records end at line feeds outside quotes; None with lone returns or an open quote."""
        if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
            return None
        signs = np.frombuffer(data, dtype=np.uint8)
        feeds = np.flatnonzero(signs == LF)
        ends = feeds
        if quote and (sign := quote.encode()) in data:
            quotes = np.flatnonzero(signs == sign[0])
            if len(quotes) % 2:
                return None
            ends = feeds[np.searchsorted(quotes, feeds) % 2 == 0]
        if not data.endswith(b"\n"):
            ends = np.append(ends, len(data))
        starts = np.concatenate([np.zeros(1, dtype=np.int64), ends[:-1] + 1])
        lines = np.arange(len(starts)) if len(ends) >= len(feeds) else feeds.searchsorted(starts)
        length = ends - starts
        blank = (length == 0) | ((length == 1) & (signs[np.minimum(starts, len(data) - 1)] == CR))
        return cls(starts, ends, lines, blank)

    def text(self, data: bytes, place: int) -> str:
        """One record, its line end included."""
        return data[self.starts[place] : self.ends[place] + 1].decode()


def _whole_records(file: CsvFile) -> Iterator[tuple[int, int, bytes]]:
    """Parts of a file that end where a record does: offset, physical line and bytes of each."""
    quote = file.quote.encode()
    with open_binary(file.path) as handle:
        offset = sum(len(handle.readline()) for _ in range(file.header_lines))
        line = file.header_lines + 1
        rest = b""
        while chunk := handle.read(CHUNK):
            data = rest + chunk
            end = _last_end(data, quote)
            if end:
                yield offset, line, data[:end]
                offset += end
                line += data.count(b"\n", 0, end)
            rest = data[end:]
        if rest:
            yield offset, line, rest


def _last_end(data: bytes, quote: bytes) -> int:
    """Behind the last line feed that an even number of quotes stands before; 0 without one."""
    end = data.rfind(b"\n") + 1
    if not quote or not end:
        return end
    odd = data.count(quote, 0, end) % 2
    while end and odd:
        before = data.rfind(b"\n", 0, end - 1) + 1
        odd = (odd + data.count(quote, before, end)) % 2
        end = before
    return end


def _note_left_out(counted: Counted, file: CsvFile, text: str, line: int) -> bool:
    """Whether Python's reader, too, finds that a text is one line that is no record."""
    try:
        found = list(records_of(io.StringIO(text, newline=""), file, line))
    except DataError:  # a quote that does not close
        return False
    if len(found) > 1:
        return False
    if found:
        if not isinstance(found[0][1], Ragged):
            return False
        counted.ragged.append(found[0][1])
    return True
