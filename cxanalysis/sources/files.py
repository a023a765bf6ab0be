"""Find a table's files and open them as UTF-8 text, whatever they were packed or encoded in."""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TextIO

from cxanalysis.config import Table
from cxanalysis.errors import DataError

FORMATS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".xlsx": "excel",
    ".xls": "excel",
    ".xlsm": "excel",
    ".xlsb": "excel",
    ".ods": "excel",
    ".db": "sqlite",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
}
DELIMITERS = (",", ";", "\t", "|")
DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
PACKED = {
    b"PK\x03\x04": "a zip archive or an Excel file",
    b"\x1f\x8b": "gzip without the ending .gz",
    b"PAR1": "Parquet",
    b"SQLi": "an SQLite database",
}
_CHUNK = 1 << 20


@dataclass(frozen=True)
class CsvFile:
    """A delimited text file that can be read as UTF-8.

    ``name`` is what messages call it; ``path`` may be a re-encoded copy. ``header_lines`` is
    the number of physical lines up to the end of the header.
    """

    name: str
    path: Path
    delimiter: str
    quote: str
    header: tuple[str, ...]
    header_lines: int


def find_files(folder: Path, patterns: Sequence[str], table: str) -> tuple[Path, ...]:
    """Files that a table's paths and glob patterns name, in the order given, globs sorted.

    Raises
    ------
    DataError
        When a path or pattern finds no file.
    """
    found: list[Path] = []
    for pattern in patterns:
        path = folder / pattern
        if any(sign in pattern for sign in "*?[") and not path.exists():
            base, relative = _glob_base(folder, pattern)
            matches = sorted(match for match in base.glob(relative) if match.is_file())
        else:
            matches = [path] if path.is_file() else []
        if not matches:
            raise DataError(
                f"{table}: no file {pattern!r} in the study's folder {folder.resolve().name!r}. "
                f"Put it there, or correct path under [tables.{table}]."
            )
        found += [match for match in matches if match not in found]
    return tuple(found)


def _glob_base(folder: Path, pattern: str) -> tuple[Path, str]:
    absolute = Path(pattern)
    if absolute.is_absolute():
        return Path(absolute.anchor), str(absolute.relative_to(absolute.anchor))
    return folder, pattern


def kind_of(path: str, table: Table) -> str:
    """How a path is to be read: the study file's format, else what its ending says."""
    if table.format is not None:
        return table.format
    if path.startswith(("postgresql://", "postgres://", "${")):
        return "postgresql"
    return FORMATS.get(Path(path).suffix.lower(), "csv")


def content_hash(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def open_binary(path: Path) -> IO[bytes]:
    """A file's bytes, unpacked where it is gzipped."""
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rb")  # type: ignore[return-value]
    return path.open("rb")


def open_text(path: Path) -> TextIO:
    """A UTF-8 file's text with its line ends as they are; a byte order mark is skipped."""
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open("r", encoding="utf-8-sig", newline="")


def open_csv(path: Path, name: str, table: Table, wanted: Sequence[str], scratch: Path) -> CsvFile:
    """Check a text file's encoding, find its delimiter and read its header.

    Parameters
    ----------
    wanted
        Names that the study file maps; they decide between delimiters.
    scratch
        Folder for a re-encoded copy; it holds raw data and is deleted after reading.

    Raises
    ------
    DataError
        When the file is empty, is not in the declared encoding, or its columns are separated
        by something else than the declared delimiter.
    """
    _check_not_packed(path, name)
    readable = _as_utf8(path, name, table.encoding, scratch)
    line, text = _first_lines(readable)
    if not text.strip():
        raise DataError(f"{name}: the file is empty. Export it again, or leave the table out.")
    quote = '"' if table.quote is None else table.quote
    delimiter = table.delimiter or _likely_delimiter(readable, quote, wanted)
    header, lines = _read_header(readable, delimiter, quote)
    if len(header) == 1 and len(wanted) > 1:
        likely = _likely_delimiter(readable, quote, wanted)
        if likely != delimiter:
            raise DataError(
                f"{name}: with {DELIMITER_NAMES.get(delimiter, repr(delimiter))} as delimiter the "
                f"file has one column. It looks separated by {DELIMITER_NAMES[likely]}; "
                f"set delimiter = {toml_text(likely)}."
            )
    return CsvFile(name, readable, delimiter, quote, header, lines + line)


def _check_not_packed(path: Path, name: str) -> None:
    with open_binary(path) as handle:
        try:
            start = handle.read(4)
        except (gzip.BadGzipFile, EOFError) as error:
            raise DataError(f"{name}: broken gzip file: {error}. Pack it again.") from error
    for magic, what in PACKED.items():
        if start.startswith(magic):
            raise DataError(f"{name}: this is {what}, not text. Rename or unpack it.")


def toml_text(text: str) -> str:
    """A text as the study file writes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") + '"'


def _as_utf8(path: Path, name: str, encoding: str, scratch: Path) -> Path:
    """The file itself where it is UTF-8, else a re-encoded copy."""
    try:
        codec = codecs.lookup(encoding).name
    except LookupError as error:
        raise DataError(f"{name}: {encoding!r} is not an encoding that Python knows.") from error
    if codec in ("utf-8", "utf-8-sig", "ascii"):
        _check_utf8(path, name)
        return path
    copy = scratch / f"{hashlib.sha256(str(path).encode()).hexdigest()[:16]}.csv"
    decoder = codecs.getincrementaldecoder(codec)()
    with open_binary(path) as source, copy.open("w", encoding="utf-8", newline="") as target:
        try:
            for chunk in _chunks(source):
                target.write(decoder.decode(chunk))
            target.write(decoder.decode(b"", final=True))
        except UnicodeDecodeError as error:
            raise DataError(f"{name}: not readable as {encoding}: {error.reason}.") from error
    return copy


def _chunks(handle: IO[bytes]) -> Iterator[bytes]:
    while chunk := handle.read(_CHUNK):
        yield chunk


def _check_utf8(path: Path, name: str) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines = 1
    with open_binary(path) as handle:
        try:
            for chunk in _chunks(handle):
                kept, _ = decoder.getstate()
                decoder.decode(chunk)
                lines += chunk.count(b"\n")
            kept, chunk = decoder.getstate()[0], b""
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            data = kept + chunk
            line = lines + data.count(b"\n", 0, error.start)
            guess = _likely_encoding(path, data[error.start :])
            raise DataError(
                f"{name}: not UTF-8 (line {line}, byte 0x{data[error.start]:02x}). "
                f'It looks like {guess}; set encoding = "{guess}".'
            ) from error
        except (gzip.BadGzipFile, EOFError) as error:
            raise DataError(f"{name}: broken gzip file: {error}. Pack it again.") from error


def _likely_encoding(path: Path, sample: bytes) -> str:
    """Encodings that exports really come in; bytes 0x80–0x9f are letters only in cp1252."""
    with open_binary(path) as handle:
        start = handle.read(2)
    if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    return "cp1252" if any(0x80 <= byte <= 0x9F for byte in sample[:_CHUNK]) else "latin-1"


def _first_lines(path: Path) -> tuple[int, str]:
    """How many blank lines a file starts with, and its first line with content."""
    with open_text(path) as handle:
        for number, line in enumerate(handle):
            if line.strip():
                return number, line
    return 0, ""


def _read_header(path: Path, delimiter: str, quote: str) -> tuple[tuple[str, ...], int]:
    """Names of the columns and the number of physical lines they take, blank ones before not."""
    with open_text(path) as handle:
        reader = make_reader((line for line in _from_content(handle)), delimiter, quote)
        try:
            header = next(reader)
        except csv.Error as error:
            raise DataError(f"{path.name}: the header cannot be read: {error}.") from error
        return tuple(" ".join(name.split()) for name in header), reader.line_num


def _from_content(handle: TextIO) -> Iterator[str]:
    started = False
    for line in handle:
        started = started or bool(line.strip())
        if started:
            yield line


def make_reader(lines: Iterator[str] | TextIO, delimiter: str, quote: str) -> Any:
    """A strict reader: broken quoting is an error, never a guess."""
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    if not quote:
        return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    return csv.reader(lines, delimiter=delimiter, quotechar=quote, strict=True)


def _likely_delimiter(path: Path, quote: str, wanted: Sequence[str]) -> str:
    """The delimiter that yields most of the wanted names, then most columns."""

    def fit(delimiter: str) -> tuple[int, int]:
        try:
            header, _ = _read_header(path, delimiter, quote)
        except DataError:
            return (-1, 0)
        names = {name.casefold() for name in header}
        return sum(" ".join(name.split()).casefold() in names for name in wanted), len(header)

    return max(DELIMITERS, key=fit)
