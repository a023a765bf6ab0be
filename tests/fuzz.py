"""Files nobody meant to write, and what must hold of their reading by an independent count.

Each case is made from its number alone, so that a failure can be made again.
"""

from __future__ import annotations

import csv
import io
import json
import random
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pandas as pd

from cxanalysis.config import StudyConfig, Table, read_config
from cxanalysis.errors import CxError
from cxanalysis.sources.cache import Stored
from cxanalysis.sources.inputs import Source
from cxanalysis.sources.job import start
from cxanalysis.sources.raw import LinesDisagreeError, Raw, lines_of, load, open_inputs
from cxanalysis.sources.read import read_table
from cxanalysis.study import open_study

HEADER = ("id", "customer", "opened", "solved", "talk", "channel")
STUDY = """name = "fuzz"
time_zone = "UTC"
[limits]
bad_rows = 1.0
[engine]
threads = 1
[tables.tickets]
path = "t.csv"
[tables.tickets.columns]
ticket_id = "id"
customer_id = "customer"
opened_at = "opened"
solved_at = "solved"
talk_seconds = "talk"
channel = "channel"
"""
MISSING = ("NA", "N/A", "NaN", "NULL", "null", "None")
WHITE = " \t\r\n\u00a0\ufeff"
ENDS = ("\n", "\r\n", "\r")
CELLS = (
    *("a", "B7", "x y", "é", "ß", "日本", "-", "0", "5", "1.0", "007", "NA", "null", "", " "),
    *("2026-03-01", "2026-03-01 10:00", "2026-03-02T10:00:00", "soon", "2026-02-30", "1e3"),
    *("'", "q,q", "q;q", "line\nbreak", "line\r\nbreak", 'say "so"', " padded ", "\t", "#", "\\"),
    *("inf", "-1", "1_0", "1:02:03", "9" * 30, "\u00a0", "<b>", "=1+1", "%", "NaN", "\x1f"),
)


@dataclass
class Outcome:
    """What became of a case: refused as a whole with our own error, or read."""

    refused: str = ""
    rows_read: int = 0
    rows_kept: int = 0


@cache
def settings() -> StudyConfig:
    """What `STUDY` says, read once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "study.toml")
        path.write_text(STUDY, encoding="utf-8")
        return read_config(path)


def reading_of(folder: Path, **changes: object) -> Stored | str:
    """The tickets of a folder, or the message that they cannot be read."""
    table = settings().tables.tickets
    assert table is not None
    tables = settings().tables.model_copy(update={"tickets": table.model_copy(update=changes)})
    try:
        stored = read_table("tickets", settings().model_copy(update={"tables": tables}), folder)
    except CxError as error:
        assert str(error).strip(), "an error says something"
        return str(error)
    reading = stored.reading
    excluded = sum(reading.excluded.values())
    assert reading.rows_read == reading.rows_kept + reading.rows_set_aside + excluded
    return stored


def table(rng: random.Random) -> list[list[str]]:
    """Rows of which most are sound."""
    rows = []
    for number in range(rng.choice((0, 1, 3, 10, 40))):
        day = rng.randint(1, 28)
        row = [
            f"t{number}",
            f"c{rng.randint(1, 9)}",
            f"2026-03-{day:02} 10:00:00",
            rng.choice(("", f"2026-04-{day:02} 11:30")),
            str(rng.randint(0, 900)),
            rng.choice(("phone", "web")),
        ]
        for place in range(len(row)):
            if rng.random() < 0.05:
                row[place] = rng.choice(CELLS)
        rows.append(row)
    return rows


def written(rng: random.Random, rows: list[list[str]], delimiter: str, end: str) -> str:
    """A sound file of these rows, quoted where it must be or everywhere."""
    out = io.StringIO(newline="")
    quoting = rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerows([list(HEADER), *rows])
    return out.getvalue()


def damaged(rng: random.Random, data: bytes) -> bytes:
    """The same file with a few accidents."""
    for _ in range(rng.choice((0, 1, 1, 2, 4))):
        data = rng.choice(ACCIDENTS)(rng, data)
    return data


def _flip(rng: random.Random, data: bytes) -> bytes:
    if not data:
        return data
    place = rng.randrange(len(data))
    return data[:place] + bytes([rng.randrange(256)]) + data[place + 1 :]


def _insert(rng: random.Random, data: bytes) -> bytes:
    place = rng.randrange(len(data) + 1)
    what = rng.choice((b'"', b'""', b"\0", b",", b"\n", b"\r", b"\r\n", b"\xef\xbb\xbf", b"\xff"))
    return data[:place] + what + data[place:]


def _cut(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _drop(rng: random.Random, data: bytes) -> bytes:
    place = rng.randrange(len(data) + 1)
    return data[:place] + data[place + rng.randint(1, 30) :]


def _line(rng: random.Random, data: bytes) -> bytes:
    """A line twice, out of its place, cut short, blank or without end."""
    lines = data.splitlines(keepends=True) or [b""]
    place = rng.randrange(len(lines))
    line = lines[place]
    new = rng.choice(
        (line + line, line[: len(line) // 2] + b"\n", b"\n" + line, b"   \n" + line, line.rstrip())
    )
    return b"".join([*lines[:place], new, *lines[place + 1 :]])


def _ends(rng: random.Random, data: bytes) -> bytes:
    """Line ends of several kinds."""
    lines = data.splitlines()
    return b"".join(line + rng.choice(ENDS).encode() for line in lines)


def _huge(rng: random.Random, data: bytes) -> bytes:
    place = rng.randrange(len(data) + 1)
    return data[:place] + b"x" * rng.choice((5_000, 70_000)) + data[place:]


def _other_delimiter(rng: random.Random, data: bytes) -> bytes:
    lines = data.splitlines(keepends=True) or [b""]
    place = rng.randrange(len(lines))
    lines[place] = lines[place].replace(b",", b";")
    return b"".join(lines)


ACCIDENTS = (_flip, _flip, _insert, _insert, _cut, _drop, _line, _line, _ends, _other_delimiter)
ACCIDENTS += (_huge,)


def csv_case(number: int, folder: Path) -> Outcome:
    """Read one damaged file and hold it against Python's reader."""
    rng = random.Random(number)
    delimiter = rng.choice((",", ",", ";", "\t", "|"))
    text = written(rng, table(rng), delimiter, rng.choice(ENDS))
    encoding = rng.choice(("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252"))
    declared = encoding if encoding not in ("utf-8", "utf-8-sig") and rng.random() < 0.8 else ""
    data = damaged(rng, text.encode(encoding, "replace"))
    return read_csv_case(data, delimiter, declared, folder)


def read_csv_case(data: bytes, delimiter: str, encoding: str, folder: Path) -> Outcome:
    """Read a file of these bytes; everything that its reading must keep is asserted."""
    (folder / "t.csv").write_bytes(data)
    changes = {"encoding": encoding} if encoding else {}
    stored = reading_of(folder, delimiter=delimiter, **changes)
    if isinstance(stored, str):
        return Outcome(stored)
    kept = collected(stored)
    text = data.decode(encoding or "utf-8-sig")
    _hold_against(text, delimiter, stored.rejects(), stored.reading, kept)
    return Outcome("", stored.reading.rows_read, stored.reading.rows_kept)


def collected(stored: Stored) -> pd.DataFrame:
    """The rows kept, times in microseconds."""
    kept = pd.read_parquet(stored.rows)
    assert len(kept) == stored.reading.rows_kept
    return kept


def _hold_against(text, delimiter, rejects, reading, kept) -> None:
    """Records, lines and values as Python's reader has them."""
    records = independent(text.removeprefix("\ufeff"), delimiter)
    assert reading.rows_read == len(records), "a row was lost or made up"
    lines = set(rejects["line"])
    begins = [line for line, _ in records]
    assert lines <= set(begins), "a line was named in which no record begins"
    sound = [
        fields
        for line, fields in records
        if line not in lines and fields is not None and any(trimmed(cell) for cell in fields)
    ]
    assert all(len(fields) == len(HEADER) for fields in sound), "a ragged line was kept"
    assert len(sound) == len(kept), "a row is missing"
    for fields, row in zip(sound, kept.to_dict("records"), strict=True):
        _same(fields, row)


def independent(text: str, delimiter: str) -> list[tuple[int, list[str] | None]]:
    """First line and cells of each record below the header; None where its quotes are broken."""
    csv.field_size_limit(10**9)
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True
    )
    found: list[tuple[int, list[str] | None]] = []
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            break
        except csv.Error:
            found.append((line, None))
            continue
        if fields and not (len(fields) == 1 and not fields[0].strip()):
            found.append((line, fields))
    return found[1:]


def trimmed(cell: str) -> str:
    """A cell without white space around it; empty where it stands for nothing."""
    bare = cell.strip(WHITE)
    return "" if bare in MISSING else bare


def _same(fields: list[str], row: dict) -> None:
    """Values equal to those of the independent reading, as far as they are beyond dispute."""
    customer, channel = trimmed(fields[1]), trimmed(fields[5])
    if not customer:
        assert pd.isna(row["customer_id"])
    elif customer.isalnum() and customer.isascii():
        assert row["customer_id"] == customer
    if channel.isalpha():
        assert row["channel"] == channel
    talk = trimmed(fields[4])
    if not talk:
        assert pd.isna(row["talk_seconds"])
    elif talk.isdecimal() and talk.isascii():
        assert row["talk_seconds"] == float(talk)
    opened = trimmed(fields[2])
    moment = datetime.fromisoformat(opened).replace(tzinfo=UTC)
    assert row["opened_at"] == int(moment.timestamp()) * 1_000_000


class Reader:
    """Reads text files into a table of texts, one after the other in one database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.jobs = {
            careful: start("tickets", settings(), folder, "salt", careful=careful)
            for careful in (False, True)
        }

    def case(self, number: int) -> Outcome:
        """Load one damaged file and hold every cell against Python's reader."""
        rng = random.Random(number)
        delimiter = rng.choice((",", ",", ";", "\t", "|"))
        text = written(rng, table(rng), delimiter, rng.choice(ENDS))
        data = damaged(rng, text.encode("utf-8", "replace"))
        path = self.folder / "t.csv"
        path.write_bytes(data)
        given = settings().tables.tickets
        assert given is not None
        given = given.model_copy(update={"delimiter": delimiter})
        try:
            raw, found = self._load(given, path, careful=False)
        except LinesDisagreeError:
            raw, found = self._load(given, path, careful=True)
        except CxError as error:
            assert str(error).strip(), "an error says something"
            return Outcome(str(error))
        records = independent(data.decode("utf-8-sig"), delimiter)
        assert sum(raw.counts) + len(raw.ragged) == len(records), "a row was lost or made up"
        broken = [item.line for item in raw.ragged]
        sound = [(line, cells) for line, cells in records if line not in set(broken)]
        assert sorted([*broken, *(line for line, _ in sound)]) == [line for line, _ in records]
        assert [line for _, line in found] == [line for line, _ in sound]
        header = [" ".join(name.split()).casefold() for name in raw.inputs[0].header]
        places = [header.index(name) for name in HEADER]
        for (cells, line), (_, expected) in zip(found, sound, strict=True):
            assert expected is not None, line
            same = [plain(expected[place]).strip(WHITE) or None for place in places]
            assert [cell and plain(cell) for cell in cells] == same, line
        return Outcome("", len(records), len(sound))

    def _load(
        self, given: Table, path: Path, *, careful: bool
    ) -> tuple[Raw, list[tuple[tuple[str | None, ...], int]]]:
        job = self.jobs[careful]
        job.connection.execute("DROP TABLE IF EXISTS main")
        job.connection.execute("DROP TABLE IF EXISTS reject_errors")
        job.connection.execute("DROP TABLE IF EXISTS reject_scans")
        inputs = open_inputs(job, [Source("t.csv", "csv", path, "")], given, HEADER)
        raw = load(job, "main", inputs, HEADER)
        listed = ", ".join(raw.columns.values())
        cells = job.connection.execute(f"SELECT {listed} FROM main ORDER BY rowid").fetchall()
        lines = lines_of(raw, 0, range(1, raw.counts[0] + 1))
        return raw, [(row, lines[number]) for number, row in enumerate(cells, start=1)]


def plain(cell: str) -> str:
    """A cell whose line breaks are of one kind."""
    return cell.replace("\r\n", "\n").replace("\r", "\n")


def json_case(number: int, folder: Path) -> Outcome:
    """Read damaged JSON lines; every line that is not blank is a row."""
    rng = random.Random(number)
    rows = [dict(zip(HEADER, row, strict=True)) for row in table(rng)]
    data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    data = damaged(rng, data)
    (folder / "t.jsonl").write_bytes(data)
    stored = reading_of(folder, path=("t.jsonl",))
    if isinstance(stored, str):
        return Outcome(stored)
    collected(stored)
    lines = [line for line in data.replace(b"\xef\xbb\xbf", b"", 1).split(b"\n") if line.strip()]
    # a lone return ends a line for some, and a document may stretch over several lines
    if b"\r" not in data.replace(b"\r\n", b"\n") and not is_document(data):
        assert stored.reading.rows_read == len(lines), "a row was lost or made up"
    return Outcome("", stored.reading.rows_read, stored.reading.rows_kept)


def is_document(data: bytes) -> bool:
    """Whether a file is one JSON document."""
    try:
        json.loads(data.decode("utf-8-sig"))
    except ValueError:
        return False
    return True


def study_case(number: int, folder: Path) -> Outcome:
    """Open a study whose file was damaged: its settings hold, or an error says what is wrong."""
    rng = random.Random(number)
    (folder / "t.csv").write_text(
        written(rng, [["1", "a", "2026-03-01", "", "5", "web"]], ",", "\n")
    )
    text = STUDY.encode()
    (folder / "study.toml").write_bytes(damaged(rng, text))
    try:
        study = open_study(folder)
    except CxError as error:
        assert str(error).strip()
        return Outcome(refused=str(error))
    reading = study.reading[0] if study.reading else None
    return Outcome("", reading.rows_read if reading else 0, reading.rows_kept if reading else 0)


KINDS = {"csv": csv_case, "json": json_case, "study": study_case}
