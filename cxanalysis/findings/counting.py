"""What was counted differently in two reports: settings, notebook, package and data."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isnan, nan
from typing import Any, Literal

from cxanalysis.findings.published import Json, count_in, items_in, number_in, text_in

What = Literal[
    "setting",
    "study file",
    "parameter",
    "notebook",
    "package",
    "library",
    "new table",
    "gone table",
    "new column",
    "gone column",
    "gone file",
    "fewer rows",
    "set aside",
    "matched",
]
NAMING = ("study", "period", "segment", "min_base")  # parameters told elsewhere
OWN = "cxanalysis"
LEAST_MOVE = 0.01  # of a share of rows: what moves less is not named
FEWER = 0.8  # of the rows read then: an export that lost more is named


@dataclass(frozen=True)
class Recounted:
    """One thing that was different: what, its name, and what it was and is.

    ``before`` and ``now`` hold texts, ``share_before`` and ``share_now`` shares of rows or
    customers from 0 to 1 (NaN otherwise).
    """

    what: What
    name: str
    before: str = ""
    now: str = ""
    share_before: float = nan
    share_now: float = nan


def recounted(before: Json, now: Json, quality: tuple[Json, Json]) -> tuple[Recounted, ...]:
    """What was different, definitions first, then the package, then the data.

    Parameters
    ----------
    before, now
        Manifests of the two reports.
    quality
        Their findings on data quality, empty where there is none.
    """
    return (
        *_settings(before, now),
        *_own_parameters(before, now),
        *_notebook(before, now),
        *_versions(before, now),
        *_tables(_of(before, "tables"), _of(now, "tables")),
        *_gone_files(before, now),
        *_matches(*quality),
    )


def _of(content: Json, key: str) -> Json:
    value = content.get(key)
    return value if isinstance(value, Mapping) else {}


def _settings(before: Json, now: Json) -> Iterator[Recounted]:
    if "settings" not in before:  # made by a version that did not keep them
        if _study_file(before) != _study_file(now):
            yield Recounted("study file", text_in(_of(now, "parameters"), "study"))
        return
    yield from _differing("setting", _of(before, "settings"), _of(now, "settings"))


def _study_file(manifest: Json) -> list[str]:
    name = _of(manifest, "parameters").get("study")
    return [
        text_in(file, "sha256") for file in items_in(manifest, "inputs") if file.get("path") == name
    ]


def _own_parameters(before: Json, now: Json) -> Iterator[Recounted]:
    then, today = (
        {key: value for key, value in _of(each, "parameters").items() if key not in NAMING}
        for each in (before, now)
    )
    yield from _differing("parameter", then, today)


def _differing(what: What, before: Json, now: Json) -> Iterator[Recounted]:
    for key in sorted({*before, *now}):
        if before.get(key) != now.get(key):
            yield Recounted(what, key, _written(before.get(key)), _written(now.get(key)))


def _written(value: Any) -> str:
    """A setting as a study file holds it; empty where it is not set."""
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _notebook(before: Json, now: Json) -> Iterator[Recounted]:
    then, today = _of(before, "notebook"), _of(now, "notebook")
    if text_in(then, "sha256") != text_in(today, "sha256"):
        yield Recounted("notebook", text_in(today, "name"))


def _versions(before: Json, now: Json) -> Iterator[Recounted]:
    then, today = _of(before, "versions"), _of(now, "versions")
    for name in sorted({*then, *today}, key=lambda name: (name != OWN, name)):
        if then.get(name) != today.get(name):
            kind: What = "package" if name == OWN else "library"
            yield Recounted(kind, name, text_in(then, name), text_in(today, name))


def _tables(before: Json, now: Json) -> Iterator[Recounted]:
    for name in sorted({*before, *now}):
        then, today = _of(before, name), _of(now, name)
        if name not in before:
            yield Recounted("new table", name)
        elif name not in now:
            yield Recounted("gone table", name)
        else:
            yield from _columns(name, then, today)
            yield from _rows(name, then, today)


def _columns(table: str, before: Json, now: Json) -> Iterator[Recounted]:
    if "columns" not in before:
        return
    then, today = (set(map(str, each.get("columns") or ())) for each in (before, now))
    for column in sorted(today - then):
        yield Recounted("new column", f"{table}.{column}")
    for column in sorted(then - today):
        yield Recounted("gone column", f"{table}.{column}")


def _rows(table: str, before: Json, now: Json) -> Iterator[Recounted]:
    read = [count_in(each, "rows_read") for each in (before, now)]
    if read[1] < FEWER * read[0]:
        yield Recounted("fewer rows", table, str(read[0]), str(read[1]))
    shares = [_set_aside(each) for each in (before, now)]
    if abs(shares[1] - shares[0]) >= LEAST_MOVE:
        yield Recounted("set aside", table, share_before=shares[0], share_now=shares[1])


def _set_aside(table: Json) -> float:
    """Share of the rows read that broke a rule."""
    rows = sum(count_in(_of(table, "set_aside"), rule) for rule in _of(table, "set_aside"))
    return rows / max(count_in(table, "rows_read"), 1)


def _gone_files(before: Json, now: Json) -> Iterator[Recounted]:
    """Files read then and not now; new ones are usual, a month's own for instance."""
    then, today = (
        {text_in(file, "path") for file in items_in(each, "inputs")} for each in (before, now)
    )
    for path in sorted(then - today):
        yield Recounted("gone file", path)


def _matches(before: Json, now: Json) -> Iterator[Recounted]:
    then, today = (
        {
            (text_in(row, "left"), text_in(row, "right")): number_in(row, "share")
            for row in items_in(each, "matches")
        }
        for each in (before, now)
    )
    for pair in [pair for pair in then if pair in today]:
        moved = abs(today[pair] - then[pair])
        if not isnan(moved) and moved >= LEAST_MOVE:
            name = " in ".join(pair)
            yield Recounted("matched", name, share_before=then[pair], share_now=today[pair])
