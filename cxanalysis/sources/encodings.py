"""Files as UTF-8: other encodings are copied, files of other kinds named for what they are."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cxanalysis.errors import DataError

PACKED = {
    b"PK\x03\x04": "a zip archive or an Excel file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"PAR1": "Parquet",
    b"SQLi": "an SQLite database",
}
PAGE = re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype html|html|head|body|table)\b", re.IGNORECASE)
MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# Bytes that tell of white space around values besides the space: a quote may enclose line feeds,
# and the no-break space and the byte order mark are told by their first bytes.
ODD = {b"\t": "\t", b"\r": "\r", b'"': "\n", b"'": "\n", b"\xc2": "\u00a0", b"\xef": "\ufeff"}
HEAD = 4096  # bytes that an encoding is guessed from
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Utf8:
    """A file that can be read as UTF-8, perhaps a copy.

    ``nul`` tells whether it holds NUL bytes, ``white`` what white space its values may have
    around them. ``note`` is for the reader of the report.
    """

    path: Path
    nul: bool
    white: str
    note: str = ""


def as_utf8(path: Path, name: str, encoding: str, scratch: Path) -> Utf8:
    """The file itself where it is UTF-8, else a re-encoded copy in ``scratch``.

    Raises
    ------
    DataError
        When the file is of another kind, or not in the encoding declared.
    """
    try:
        codec = codecs.lookup(encoding)
        codecs.decode(b"", encoding)
        "".encode(encoding)
    except (LookupError, ValueError, AssertionError) as error:
        raise DataError(
            f"{name}: {encoding!r} is no text encoding that Python knows. Write it like "
            '"utf-8", "cp1252" or "utf-16".'
        ) from error
    _check_not_packed(path, name)
    if codec.name in ("utf-8", "utf-8-sig", "ascii"):
        nul, white = _check_utf8(path, name)
        return Utf8(path, nul, white)
    return _copy(path, name, encoding, scratch)


def open_binary(path: Path) -> IO[bytes]:
    """A file's bytes."""
    return path.open("rb")


def _check_not_packed(path: Path, name: str) -> None:
    with open_binary(path) as handle:
        start = handle.read(64)
    for magic, what in PACKED.items():
        if start.startswith(magic):
            raise DataError(f"{name}: this is {what}, not text. Rename or unpack it.")
    refuse_page(start, name)


def refuse_page(start: bytes, name: str) -> None:
    """Raise where a file begins as a web page does: many are a request to log in."""
    if PAGE.match(start):
        raise DataError(
            f"{name}: this is a web page, not an export. If it shows the table, open it in a "
            "spreadsheet and save it as .xlsx or .csv; else log in and export again."
        )


def _chunks(handle: IO[bytes]) -> Iterator[bytes]:
    while chunk := handle.read(_CHUNK):
        yield chunk


def _check_utf8(path: Path, name: str) -> tuple[bool, str]:
    """Whether a UTF-8 file holds NUL bytes, and what white space may stand around values."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines = 1
    nul = False
    odd: set[bytes] = set()
    kept = chunk = b""
    with open_binary(path) as handle:
        try:
            for chunk in _chunks(handle):
                kept, _ = decoder.getstate()
                decoder.decode(chunk)
                lines += chunk.count(b"\n")
                nul = nul or b"\0" in chunk
                odd.update(byte for byte in ODD if byte not in odd and byte in chunk)
            kept, chunk = decoder.getstate()[0], b""
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            data = kept + chunk
            line = lines + data.count(b"\n", 0, error.start)
            guess = _wide(path) or _likely_encoding(path, data[error.start :])
            raise DataError(
                f"{name}: not UTF-8 (line {line}, byte 0x{data[error.start]:02x}). "
                f'It looks like {guess}; set encoding = "{guess}".'
            ) from error
    if nul and (guess := _wide(path)):
        raise DataError(f'{name}: not UTF-8. It looks like {guess}; set encoding = "{guess}".')
    return nul, _white(odd)


def _white(odd: Set[bytes]) -> str:
    return "".join(dict.fromkeys([" ", *(sign for byte, sign in ODD.items() if byte in odd)]))


def _wide(path: Path) -> str:
    """UTF-16 without a mark, told by NULs in every other byte; empty where it is not."""
    with open_binary(path) as handle:
        head = handle.read(HEAD)
    if head.startswith(tuple(MARKS)):
        return ""
    nuls = [head[start::2].count(0) / max(len(head[start::2]), 1) for start in (0, 1)]
    if max(nuls) < 0.5 or min(nuls) > 0.1:
        return ""
    return "utf-16-be" if nuls[0] > nuls[1] else "utf-16-le"


def _likely_encoding(path: Path, sample: bytes) -> str:
    """Encodings that exports really come in; bytes 0x80–0x9f are letters only in cp1252."""
    with open_binary(path) as handle:
        start = handle.read(4)
    for mark, encoding in MARKS.items():  # UTF-32's marks begin like UTF-16's
        if start.startswith(mark):
            return encoding
    return "cp1252" if any(0x80 <= byte <= 0x9F for byte in sample[:_CHUNK]) else "latin-1"


def _copy(path: Path, name: str, encoding: str, scratch: Path) -> Utf8:
    copy = scratch / f"{hashlib.sha256(str(path).encode()).hexdigest()[:16]}.csv"
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 1
    nul = False
    odd: set[bytes] = set()
    with open_binary(path) as source, copy.open("wb") as target:
        try:
            for chunk in _chunks(source):
                lines += (text := decoder.decode(chunk)).count("\n")
                data = text.encode()
                nul = nul or b"\0" in data
                odd.update(byte for byte in ODD if byte not in odd and byte in data)
                target.write(data)
            target.write(decoder.decode(b"", final=True).encode())
        except UnicodeError as error:
            raise DataError(
                f"{name}: not {encoding}, which study.toml declares (after line {lines}). Leave "
                "encoding out if the file is UTF-8; else export it again as UTF-8."
            ) from error
    note = f"{name} is read as {encoding}, but it looks like UTF-8: leave encoding out"
    return Utf8(copy, nul, _white(odd), note if _is_utf8_beyond_ascii(path) else "")


def _is_utf8_beyond_ascii(path: Path) -> bool:
    """Letters beyond ASCII that happen to form sound UTF-8 are UTF-8 in truth."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    beyond = False
    with open_binary(path) as handle:
        try:
            for chunk in _chunks(handle):
                beyond = beyond or not chunk.isascii()
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return beyond
