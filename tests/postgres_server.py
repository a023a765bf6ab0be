"""A really started PostgreSQL in a folder of its own, for tests; absent where it is not installed.

The fixture ``postgres`` (session scope, in conftest.py) is one that all tests share: give each
table a name, or a schema, of its own. ``started()`` starts another, for tests that stop it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from guard import when_killed

STOP_AND_REMOVE = '"$1" stop -D "$2/data" -m immediate; rm -rf "$2"'


@dataclass(frozen=True)
class Postgres:
    """A server that listens on a socket in its folder only; everybody may do everything."""

    folder: Path
    programs: Path

    @property
    def address(self) -> str:
        """What a study file gives as path."""
        return f"postgresql://postgres@/postgres?host={self.folder}"

    def execute(self, *statements: str) -> None:
        """Run SQL and commit."""
        from adbc_driver_postgresql import dbapi

        with dbapi.connect(self.address) as database, database.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            database.commit()

    def load(self, table: str, content: Any) -> None:
        """Make a table of a pandas frame or an Arrow table."""
        from adbc_driver_postgresql import dbapi

        rows = content if isinstance(content, pa.Table) else pa.Table.from_pandas(content)
        with dbapi.connect(self.address) as database, database.cursor() as cursor:
            cursor.adbc_ingest(table, rows, mode="replace")
            database.commit()

    def stop(self) -> None:
        """Stop at once, as a crash would; a server that is down already stays so."""
        _run(self.programs / "pg_ctl", "stop", "-D", self.folder / "data", "-m", "immediate")


def programs() -> Path | None:
    """Where the newest PostgreSQL's programs are."""
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists()), None)


@contextmanager
def started() -> Iterator[Postgres]:
    """A server in a new temporary folder; the test is skipped where there is none."""
    where = programs()
    if where is None or (os.geteuid() == 0 and not _has_user()):
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # a socket's path must be short
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    server = Postgres(folder, where)
    data = folder / "data"
    with when_killed(STOP_AND_REMOVE, where / "pg_ctl", folder, **_user()):
        try:
            made = _run(
                where / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8"
            )
            settings = f"-k {folder} -c listen_addresses= -c fsync=off -c shared_buffers=32MB"
            up = _run(
                where / "pg_ctl", "start", "-D", data, "-w", "-o", settings, "-l", folder / "log"
            )
            assert up.returncode == 0, made.stderr + up.stderr
            yield server
        finally:
            server.stop()
            shutil.rmtree(folder, ignore_errors=True)


def _has_user() -> bool:
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        return False
    return True


def _user() -> dict[str, Any]:
    """Whom PostgreSQL's programs are run by: they refuse to be run by root."""
    if os.geteuid() != 0:
        return {}
    return {"user": "postgres", "group": "postgres", "extra_groups": []}


def _run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a program of PostgreSQL's."""
    with tempfile.TemporaryFile("w+") as said:  # a pipe would be held open by the server
        done = subprocess.run(
            [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=said, stderr=said,
            cwd="/", check=False, **_user(),
        )  # fmt: skip
        said.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, "", said.read())
