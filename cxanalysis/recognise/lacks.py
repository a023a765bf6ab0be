"""What keeps a file from being one of the four tables, in words."""

from __future__ import annotations

from cxanalysis.recognise.headers import EVIDENCE, OUTCOME_SCORES, ROLE_WORDS
from cxanalysis.recognise.profile import ColumnProfile, FileProfile
from cxanalysis.recognise.wording import ENOUGH, OUTRIGHT, header_score
from cxanalysis.tables import CONTRACTS

_TIMES = {"tickets": "opened_at", "journeys": "occurred_at"}  # without which there is no table
_EXCEL_DAYS = (20_000, 80_000)  # 1954 to 2119, as Excel numbers days


def what_lacks(file: FileProfile) -> str:
    """The column that the likeliest table cannot do without, and what is wrong with its values.

    Empty where no header speaks of any table.
    """
    named = {table: _named(table, file) for table in CONTRACTS}
    worth = {
        table: sum(EVIDENCE[table].get(role, 0) for role in roles) for table, roles in named.items()
    }
    table = max(worth, key=lambda name: worth[name])
    roles = named[table]
    if len(roles) < 2:
        return ""
    said = f". It looks most like {table}"
    time = _TIMES.get(table)
    if time in roles and roles[time].kind != "time":
        return f"{said}, but {_no_time(roles[time])}"
    scores = [roles[role] for role in OUTCOME_SCORES if role in roles]
    if table == "surveys" and scores:
        column = scores[0]
        return f"{said}, but the values of {column.name!r} are no ratings{_why_no_rating(column)}"
    return said if time is None else f"{said}, but no column is its {time}"


def _named(table: str, file: FileProfile) -> dict[str, ColumnProfile]:
    """Roles of a table by the header that names each best, whatever its values are."""
    found: dict[str, ColumnProfile] = {}
    for role, phrases in ROLE_WORDS[table].items():
        if role not in EVIDENCE[table]:
            continue
        scored = [(header_score(column.words, phrases)[0], column) for column in file.columns]
        score, column = max(scored, key=lambda pair: pair[0])
        if score >= (ENOUGH if role in _TIMES.values() else OUTRIGHT):
            found[role] = column
    return found


def _no_time(column: ColumnProfile) -> str:
    if column.kind == "empty":
        return f"{column.name!r} is empty"
    low, high = column.low, column.high
    if low is not None and high is not None and _EXCEL_DAYS[0] <= low <= high <= _EXCEL_DAYS[1]:
        return (
            f"{column.name!r} holds numbers that look like Excel's days; format the column as "
            "yyyy-mm-dd hh:mm in Excel and save it again"
        )
    return (
        f"the values of {column.name!r} are not read as times: not one form, such as "
        "2026-03-14 10:11, reads nine of ten"
    )


def _why_no_rating(column: ColumnProfile) -> str:
    if column.kind == "number":
        return ": they have decimals; export whole numbers of a scale such as 1 to 5"
    return "; export whole numbers of a scale such as 1 to 5"
