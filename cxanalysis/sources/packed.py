"""Packed files: gzip, bzip2, xz, Zstandard, and zip archives of one file, told by their bytes."""

from __future__ import annotations

import bz2
import gzip
import lzma
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from cxanalysis.errors import DataError

ENDINGS = (".gz", ".gzip", ".bz2", ".xz", ".zst", ".zstd", ".zip")
HEAD = 4096  # bytes that what is inside is told from
MEMBERS_SHOWN = 5

_CHUNK = 1 << 20
_ZIP = b"PK\x03\x04"
_ZIP_EMPTY = b"PK\x05\x06"
_TAR, _TAR_AT = b"ustar", 257
_BOOK = ("[Content_Types].xml", "mimetype")  # a workbook is a zip archive with one of these


def _zstandard(path: Path) -> IO[bytes]:
    import pyarrow as pa

    stream: IO[bytes] = pa.input_stream(str(path), compression="zstd")
    return stream


def _unzipped(path: Path) -> IO[bytes]:
    return zipfile.ZipFile(path).open(_members(path)[0])


_OPENERS: dict[bytes, Callable[[Path], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
    b"\x28\xb5\x2f\xfd": _zstandard,
    _ZIP: _unzipped,
    _ZIP_EMPTY: _unzipped,
}


def _opener(path: Path) -> Callable[[Path], Any] | None:
    """What opens a packed file; None where it is none, or a workbook."""
    with path.open("rb") as handle:
        start = handle.read(8)
    for magic, opener in _OPENERS.items():
        if start.startswith(magic):
            if opener is _unzipped and zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    if set(_BOOK) & set(archive.namelist()):
                        return None
            return opener
    return None


def look_inside(path: Path, name: str) -> tuple[str, bytes]:
    """The name that a file has without its packing, and its first bytes unpacked.

    Raises
    ------
    DataError
        When the archive is damaged, holds several files or none, or is encrypted.
    """
    with _sound(name):
        opener = _opener(path)
        if opener is None:
            with path.open("rb") as handle:
                return path.name, _no_tar(handle.read(HEAD), name)
        inner = path.name
        if opener is _unzipped:
            inner = _only_member(path, name)
        elif path.suffix.lower() in ENDINGS:
            inner = path.stem
        with opener(path) as stream:
            return inner, _no_tar(stream.read(HEAD), name)


def _no_tar(head: bytes, name: str) -> bytes:
    """The first bytes of a file; raises where they are those of a tar archive."""
    if head[_TAR_AT:].startswith(_TAR):
        raise DataError(
            f"{name}: this is a tar archive of files. Unpack it and name the ones that you mean."
        )
    return head


def unpacked(path: Path, name: str, scratch: Path) -> Path:
    """The file itself where it is not packed, else an unpacked copy in ``scratch``.

    A path that DuckDB would take for a pattern, or for packed when it is not, is copied too.

    Raises
    ------
    DataError
        When the archive is damaged.
    """
    with _sound(name):
        opener = _opener(path)
        misread = path.suffix.lower() in ENDINGS or any(sign in str(path) for sign in "*?[")
        if opener is None and not misread:
            return path
        copy = scratch / f"unpacked-{len(list(scratch.glob('unpacked-*')))}"
        with (opener or _plain)(path) as stream, copy.open("wb") as target:
            shutil.copyfileobj(stream, target, _CHUNK)
        return copy


def _plain(path: Path) -> IO[bytes]:
    return path.open("rb")


def _members(path: Path) -> list[str]:
    """Files of an archive, without what a Mac adds for itself."""
    with zipfile.ZipFile(path) as archive:
        names = [member.filename for member in archive.infolist() if not member.is_dir()]
    return [
        name for name in names if not name.startswith("__MACOSX/")
        and not Path(name).name.startswith(".")
    ]  # fmt: skip


def _only_member(path: Path, name: str) -> str:
    members = _members(path)
    if len(members) == 1:
        return members[0]
    if not members:
        raise DataError(f"{name}: the archive holds no file. Export it again.")
    more = len(members) - MEMBERS_SHOWN
    listed = ", ".join(members[:MEMBERS_SHOWN]) + (f" and {more:,} more" if more > 0 else "")
    raise DataError(
        f"{name}: the archive holds {len(members):,} files ({listed}). Unpack it and name the "
        "ones that you mean."
    )


@contextmanager
def _sound(name: str) -> Iterator[None]:
    """Errors of unpacking in our words; those of the disk are not about the archive."""
    try:
        yield
    except (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
        raise DataError(_damaged(name)) from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise DataError(_damaged(name)) from error
    except (RuntimeError, NotImplementedError) as error:
        raise DataError(
            f"{name}: the archive is encrypted or packed in an unusual way. Unpack it and give "
            "the file inside."
        ) from error


def _damaged(name: str) -> str:
    return f"{name}: the archive breaks off or is damaged. Download it or export it again."
