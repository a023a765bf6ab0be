"""A folder of reports wherever it lies: on a disk, a file share, or in object storage."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from cxanalysis.errors import ReportError
from cxanalysis.sources.remote import is_remote, place_of_address

DEPTH = 4  # NOTEBOOK/PERIOD/SEGMENT/FILE
LARGEST = 8 << 20  # bytes of a file that is read into memory


class Place(Protocol):
    """A folder; the files in it go by their path from there, with "/" between its parts."""

    name: str
    """What messages call it, without user, password or signature."""

    def files(self, below: str = "") -> list[str]:
        """Files up to `DEPTH` levels deep, sorted; no hidden ones, none in hidden folders.

        Where one of its folders is named, only those below it, as deep from there.
        """

    def read(self, names: Sequence[str]) -> Mapping[str, bytes]:
        """Contents of those files that can be read and are not larger than `LARGEST`."""

    def write(self, name: str, content: bytes) -> str:
        """Write a file whole or not at all; where it lies."""

    def remove(self, name: str) -> None:
        """Take a file away that is there."""


def place(folder: str | Path) -> Place:
    """The folder at a path, or at an address such as s3://bucket/reports.

    Raises
    ------
    ReportError
        When the package that an address needs is not installed; from its methods, when storage
        cannot be reached or refuses us.
    """
    address = str(folder)
    return _Remote(address) if is_remote(address) else _Local(Path(folder))


def inside(name: str) -> PurePosixPath:
    """A file's path from a folder, after a look that it stays in there.

    Raises
    ------
    ReportError
        When it does not.
    """
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in path.parts[0]:
        raise ReportError(f"{name!r} would lie outside its folder.")
    return path


class _Local:
    def __init__(self, root: Path) -> None:
        self.root, self.name = root, str(root)

    def files(self, below: str = "") -> list[str]:
        return sorted(self._below(self.root / inside(below) if below else self.root, DEPTH))

    def _below(self, folder: Path, depth: int) -> Iterator[str]:
        try:
            entries = list(os.scandir(folder))
        except OSError:  # gone meanwhile, or not ours to read
            return
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False) and depth > 1:
                yield from self._below(Path(entry.path), depth - 1)
            elif entry.is_file(follow_symlinks=False):
                yield Path(entry.path).relative_to(self.root).as_posix()

    def read(self, names: Sequence[str]) -> Mapping[str, bytes]:
        found = {}
        for name in names:
            with contextlib.suppress(OSError):
                path = self.root / inside(name)
                if path.stat().st_size <= LARGEST:
                    found[name] = path.read_bytes()
        return found

    def write(self, name: str, content: bytes) -> str:
        target = self.root / inside(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        path = target.with_name(f".{secrets.token_hex(8)}.tmp")
        try:
            path.write_bytes(content)
            path.replace(target)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return str(target)

    def remove(self, name: str) -> None:
        (self.root / inside(name)).unlink(missing_ok=True)


class _Remote:
    def __init__(self, address: str) -> None:
        self.name = place_of_address(address)
        try:
            from fsspec.core import url_to_fs

            self._system, self._root = url_to_fs(address)
        except (ImportError, ValueError) as error:
            scheme = address.partition("://")[0]
            raise ReportError(
                f"{self.name}: a package is missing that opens {scheme}:// addresses. Install "
                "cxanalysis[sources], and for s3:// s3fs, for gs:// gcsfs, for abfs:// adlfs."
            ) from error
        except Exception as error:  # some connect at once; what they say may hold a secret
            raise ReportError(f"{self.name}: cannot be opened ({type(error).__name__}).") from None

    def files(self, below: str = "") -> list[str]:
        root = self._root.rstrip("/")
        folder = self._path(below) if below else root
        with self._reached():
            self._system.invalidate_cache()
            paths = self._system.find(folder) if self._system.exists(folder) else []
        found = (path.removeprefix(root).lstrip("/") for path in paths)
        parts = ((name, name.removeprefix(f"{below}/").split("/")) for name in found)
        return sorted(
            name
            for name, split in parts
            if len(split) <= DEPTH and not any(part.startswith(".") or not part for part in split)
        )

    def read(self, names: Sequence[str]) -> Mapping[str, bytes]:
        if not names:
            return {}
        paths = {self._path(name): name for name in names}
        with self._reached():
            found: dict[str, Any] = self._system.cat(list(paths), on_error="return")
        return {
            paths[path]: content
            for path, content in found.items()
            if isinstance(content, bytes) and len(content) <= LARGEST
        }

    def write(self, name: str, content: bytes) -> str:
        path = self._path(name)
        with self._reached():
            self._system.makedirs(path.rpartition("/")[0], exist_ok=True)
            self._system.pipe_file(path, content)
        return f"{self.name.rstrip('/')}/{name}"

    def remove(self, name: str) -> None:
        path = self._path(name)
        with self._reached():
            self._system.rm_file(path)

    @contextlib.contextmanager
    def _reached(self) -> Iterator[None]:
        """What goes wrong on the way, without what its message may hold of the address."""
        try:
            yield
        except Exception as error:  # every kind of storage has errors of its own
            raise ReportError(
                f"{self.name}: cannot be listed, read or written ({type(error).__name__}). Look "
                "whether the address is right and this machine may use it."
            ) from None

    def _path(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{inside(name)}"
