"""Files at addresses, https://… or s3://… and whatever else fsspec has a driver for, fetched whole.

No message repeats what an address may hold besides the place: users, passwords, signatures.
"""

from __future__ import annotations

import base64
import http.client
import shutil
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from cxanalysis.errors import DataError
from cxanalysis.sources.privacy import mask

WAIT = 60  # seconds that a server may take to answer
_CHUNK = 1 << 20
_REFUSED = (401, 403, 407)
_GONE = (404, 410)


class Fetched(NamedTuple):
    """A file that was fetched: what messages call it, and its copy."""

    label: str
    path: Path


def is_remote(address: str) -> bool:
    """Whether a path is the address of files elsewhere."""
    return "://" in address


def fetch(address: str, given: str, table: str, scratch: Path) -> list[Fetched]:
    """Copies of the file, or of all files, that an address names.

    Parameters
    ----------
    address
        With everything that is needed to get there; outside https it may be a pattern.
    given
        The same as the study file has it, where parts may come from the environment.
    scratch
        Folder for the copies; it is deleted after reading.

    Raises
    ------
    DataError
        When there is no such file, access is refused, the server does not answer, the copy
        breaks off, or a package is missing.
    """
    label = place_of_address(given)
    folder = scratch / f"fetched-{len(list(scratch.glob('fetched-*')))}"
    folder.mkdir()
    if address.startswith(("http://", "https://")):
        return [Fetched(label, _download(address, f"{table}: {label}", folder))]
    return _copies(address, label, "$" in given, table, folder)


def place_of_address(address: str) -> str:
    """An address without user, password and what follows a question mark."""
    parts = urllib.parse.urlsplit(address)
    if not parts.netloc or not address.startswith(("http://", "https://")):
        scheme, mark, rest = address.partition("://")
        return mask(scheme + mark + rest.rpartition("@")[2])
    host = parts.netloc.rpartition("@")[2]
    return mask(urllib.parse.urlunsplit((parts.scheme, host, parts.path, "", "")))


def _download(address: str, where: str, folder: Path) -> Path:
    parts = urllib.parse.urlsplit(address)
    user, _, host = parts.netloc.rpartition("@")
    plain = urllib.parse.urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
    request = urllib.request.Request(plain, headers={"User-Agent": "cxanalysis"})
    if user:
        secret = base64.b64encode(urllib.parse.unquote(user).encode()).decode()
        request.add_unredirected_header("Authorization", f"Basic {secret}")
    target = folder / (Path(urllib.parse.unquote(parts.path)).name or "file")
    with (
        _reached(where),
        urllib.request.urlopen(request, timeout=WAIT) as answer,
        target.open("wb") as copy,
    ):
        length = answer.headers.get("Content-Length")
        shutil.copyfileobj(answer, copy, _CHUNK)
    _check_length(target, None if length is None else int(length), where)
    return target


@contextmanager
def _reached(where: str) -> Iterator[None]:
    """What goes wrong on the way to a web server, in our words."""
    try:
        yield
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in _GONE:
            raise DataError(
                f"{where}: there is no such file (the server answers {error.code}). Correct path "
                "in the study file."
            ) from None
        if error.code in _REFUSED:
            raise DataError(_no_access(where, f"the server answers {error.code}")) from None
        raise DataError(
            f"{where}: the server answers {error.code}. Run again, or download the file and give "
            "its path."
        ) from None
    except (urllib.error.URLError, TimeoutError, ConnectionError, http.client.HTTPException):
        raise DataError(
            f"{where}: the server does not answer, or the connection broke off. Look whether the "
            "address is right and can be reached, and run again."
        ) from None


def _copies(address: str, label: str, secret: bool, table: str, folder: Path) -> list[Fetched]:
    """Files that an address names, through fsspec."""
    where = f"{table}: {label}"
    with _driven(where, address.partition("://")[0]):
        import fsspec

        system, path = fsspec.url_to_fs(address)
        pattern = any(sign in path for sign in "*?[")
        paths = sorted(system.glob(path)) if pattern else [path]
        paths = [one for one in paths if not pattern or system.isfile(one)]
        if not paths:
            raise FileNotFoundError(label)
        return [_copy(system, one, number, label, secret or not pattern, table, folder)
                for number, one in enumerate(paths)]  # fmt: skip


def _copy(
    system: Any, path: str, number: int, label: str, alone: bool, table: str, folder: Path
) -> Fetched:
    own = label if alone else place_of_address(system.unstrip_protocol(path))
    if alone and number:
        own = f"{label} ({number + 1})"
    target = folder / str(number) / Path(path).name
    target.parent.mkdir()
    size = system.info(path).get("size")
    system.get_file(path, str(target))
    _check_length(target, size, f"{table}: {own}")
    return Fetched(own, target)


@contextmanager
def _driven(where: str, kind: str) -> Iterator[None]:
    """What goes wrong in a driver of fsspec's; its own words may hold parts of the address."""
    try:
        yield
    except DataError:
        raise
    except ImportError as error:
        needed = error.name if error.name and error.name != "fsspec" else None
        named = needed or _PACKAGES.get(kind) or f"the fsspec driver for {kind}://"
        raise DataError(
            f"{where}: addresses of this kind need one more package: pip install {named}."
        ) from None
    except FileNotFoundError:
        raise DataError(
            f"{where}: there is no such file. Correct path in the study file."
        ) from None
    except PermissionError:
        raise DataError(_no_access(where, "access is denied")) from None
    except ValueError as error:
        if "rotocol" in str(error):
            raise DataError(
                f"{where}: {kind}:// is no address that fsspec knows. Write it like s3://, gs://, "
                "az:// or https://, or download the file."
            ) from None
        raise DataError(_no_access(where, type(error).__name__)) from None
    except Exception as error:  # each driver has errors of its own
        if "Credential" in type(error).__name__ or "Auth" in type(error).__name__:
            raise DataError(_no_access(where, type(error).__name__)) from None
        raise DataError(
            f"{where}: cannot be fetched ({type(error).__name__}). Look whether the address is "
            "right and can be reached from here, and run again."
        ) from None


_PACKAGES = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "az": "adlfs",
    "abfs": "adlfs",
    "abfss": "adlfs",
    "sftp": "paramiko",
    "ssh": "paramiko",
}


def _no_access(where: str, why: str) -> str:
    return (
        f"{where}: no access ({why}). Set the credentials where the driver looks for them, in the "
        "environment or its own file, never in the study file."
    )


def _check_length(path: Path, length: int | None, where: str) -> None:
    """A connection that ends early looks like the end of the file."""
    have = path.stat().st_size
    if length is not None and have != length:
        raise DataError(f"{where}: {have:,} of {length:,} bytes arrived. Run again.")
