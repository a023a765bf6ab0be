"""Faults while a table is read: a clear error or a right result, and nothing half-written."""

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from test_sources import GOOD, HEADER, rows, write

from cxanalysis.errors import DataError, EngineError
from cxanalysis.sources import cache, read
from cxanalysis.sources.disk import open_scratch
from cxanalysis.study import open_study

MANY = HEADER + "".join(f"{i},c{i},2026-03-01 10:00,,{i}\n" for i in range(20_000))
LIMITED = """
import resource, sys
from cxanalysis.errors import CxError
from cxanalysis.study import open_study
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    open_study(sys.argv[1])
except CxError as error:
    sys.exit(str(error))
"""


def left_behind(folder):
    """What a reading may leave in the cache: whole tables, lists of rejects, the salt."""
    fine = re.compile(r"\.gitignore|salt|matches\.json|rejects_\w+\.csv|tickets-[0-9a-f]{20}")
    return [
        path.name for path in (folder / cache.FOLDER).iterdir() if not fine.fullmatch(path.name)
    ]


@pytest.mark.parametrize("broken", [False, True])
def test_a_file_that_changes_while_it_is_read_is_named(tmp_path, monkeypatch, broken):
    """Also where the reading fails because of it: the rest may be of no use to anyone."""
    write(tmp_path, HEADER + GOOD)
    original = read._read

    def meanwhile(*arguments):
        with (tmp_path / "tickets.csv").open("a") as handle:
            handle.write("2,b," if broken else GOOD.replace("1,a", "2,b"))
        if broken:
            raise DataError("tickets.csv: half a line")
        return original(*arguments)

    monkeypatch.setattr(read, "_read", meanwhile)
    with pytest.raises(DataError, match=r"tickets\.csv: changed while it was read"):
        open_study(tmp_path)
    assert not list((tmp_path / cache.FOLDER).glob("tickets-*"))
    monkeypatch.setattr(read, "_read", original)
    assert open_study(tmp_path).reading[0].rows_read == 2


@pytest.mark.parametrize("size", [1_000, 40_000])
def test_a_full_disk_is_named_and_leaves_nothing_behind(tmp_path, size):
    """No file may grow beyond the size: the salt and the list fit, the rows do not."""
    write(tmp_path, MANY + "x,y,soon,,z\n")
    command = [sys.executable, "-c", LIMITED, str(tmp_path), str(size)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("tickets: the disk is full"), done.stderr
    assert left_behind(tmp_path) == []
    assert not list((tmp_path / cache.FOLDER).glob("tickets-*"))
    assert open_study(tmp_path).reading[0].rows_kept == 20_000


def test_too_little_memory_is_named(tmp_path):
    write(tmp_path, MANY, top='[engine]\nmemory_limit = "1KB"\n')
    with pytest.raises(DataError, match="Raise memory_limit under"):
        open_study(tmp_path)


def test_too_little_memory_for_figures_is_named(tmp_path):
    """The table is in the cache already: nothing is read any more."""
    write(tmp_path, MANY)
    open_study(tmp_path)
    write(tmp_path, MANY, top='[engine]\nmemory_limit = "1KB"\n')
    with pytest.raises(EngineError, match="Raise memory_limit under"):
        rows(open_study(tmp_path))


@pytest.mark.parametrize("damage", ["cut", "empty", "gone"])
@pytest.mark.parametrize("name", ["rows.parquet", "rejects.parquet", "reading.json"])
def test_a_damaged_table_of_the_cache_is_read_anew(tmp_path, name, damage):
    write(tmp_path, MANY + "x,y,soon,,z\n")
    path = open_study(tmp_path).stored[0].folder / name
    content = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(content[: len(content) // 2] if damage == "cut" else b"")
    study = open_study(tmp_path)
    assert (len(rows(study)), len(study.rejects())) == (20_000, 2)
    assert path.exists() and left_behind(tmp_path) == []


@pytest.mark.parametrize("damage", ["page", "gone"])
def test_a_table_damaged_after_its_study_was_opened_is_told(tmp_path, monkeypatch, damage):
    """One too large to be held in memory since then."""
    monkeypatch.setattr("cxanalysis.engine.duck.HELD_BYTES", 0)
    write(tmp_path, MANY)
    study = open_study(tmp_path)
    path = study.stored[0].rows
    content = path.read_bytes()
    middle = len(content) // 2
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(content[: middle // 4] + bytes(middle) + content[middle // 4 + middle :])
    with pytest.raises(DataError, match=r"Delete that folder beside the study file"):
        rows(study)


def test_what_a_killed_run_left_is_taken_away_when_it_is_old(tmp_path):
    store = cache.open_cache(tmp_path)
    for name in ("building-tickets-x", "building-surveys-y"):
        (store / name).mkdir()
        (store / name / "rows.parquet").write_bytes(b"PAR1")
    (store / "rejects_tickets-z.csv").write_text("half")
    long_ago = time.time() - 2 * cache.OLD
    for name in ("building-tickets-x", "rejects_tickets-z.csv"):
        os.utime(store / name, (long_ago, long_ago))
    cache.open_cache(tmp_path)
    assert sorted(path.name for path in store.iterdir()) == [".gitignore", "building-surveys-y"]


def test_raw_data_of_a_killed_run_is_taken_away(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    names = [f"cxanalysis-{gone.pid}-a", f"cxanalysis-{gone.pid}-b", f"cxanalysis-{os.getpid()}-c"]
    for name in names:
        (tmp_path / name).mkdir()
    long_ago = time.time() - 2 * cache.OLD
    for name in (names[0], names[2]):
        os.utime(tmp_path / name, (long_ago, long_ago))
    with open_scratch(str(tmp_path)) as scratch:
        assert scratch.parent == tmp_path
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names[1:])


def test_runs_at_the_same_time_do_not_disturb_each_other(tmp_path):
    write(tmp_path, MANY)
    with ThreadPoolExecutor(4) as pool:
        studies = list(pool.map(open_study, [tmp_path] * 4))
    assert {len(rows(study)) for study in studies} == {20_000}
    assert len(list((tmp_path / cache.FOLDER).glob("tickets-*"))) == 1
    assert left_behind(tmp_path) == []
