"""A figure on too few is withheld in every file of a report, not only on its page."""

from __future__ import annotations

import csv
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from report_attacks import MIN_BASE, SMALL, SMALL_RATINGS

pytestmark = pytest.mark.browser

NAME = re.compile("small (place|team|reason|channel)")
MEAN = sum(SMALL_RATINGS) / SMALL
# Numbers of what is no case: columns, periods, cases of somebody else's figure.
NO_CASES = {"n_columns", "n_earlier", "n_benchmark", "n_terms", "n_stages", "n_touchpoints"}
# Parts of one whole that has cases enough: how many of it each part holds is the figure.
PARTS = re.compile(r"divergence\.cells|promises$|worst\.lowest$")
# Shares whose base is everything, of which a small group is a part.
OF_ALL = {"reasons.reasons": {"share", "rate"}}


def is_estimate(item: Any) -> bool:
    return isinstance(item, dict) and set(item) == {"value", "low", "high"}


def records(item: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every record of a finding with the way to it."""
    if isinstance(item, dict):
        if not is_estimate(item):
            yield path, item
        for key, each in item.items():
            yield from records(each, f"{path}.{key}")
    elif isinstance(item, list):
        for each in item:
            yield from records(each, path)


def published(record: dict[str, Any]) -> dict[str, float]:
    """Figures with an interval that a record shows."""
    return {k: v["value"] for k, v in record.items() if is_estimate(v) and v["value"] is not None}


def all_records(folders: dict[str, Path]) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for folder in folders.values():
        findings = json.loads((folder / "findings.json").read_text(encoding="utf-8"))["findings"]
        found += [each for finding in findings for each in records(finding, finding["kind"])]
    return found


def test_no_record_of_a_finding_has_a_figure_on_too_few(folders: dict[str, Path]) -> None:
    looked = 0
    for path, record in all_records(folders):
        bases = {k: n for k, n in record.items() if k == "n" or k.startswith("n_")}
        few = {
            k: n for k, n in bases.items() if isinstance(n, int) and 0 < n < MIN_BASE
        }.keys() - NO_CASES
        looked += bool(few)
        assert not few or PARTS.search(path) or not published(record), path
    assert looked > 3


def is_small(texts: list[Any]) -> bool:
    return any(isinstance(text, str) and NAME.search(text) for text in texts)


def test_small_groups_are_counted_and_have_no_figure(folders: dict[str, Path]) -> None:
    small = [each for each in all_records(folders) if is_small(list(each[1].values()))]
    assert {"groups.splits.groups", "channels.places", "feedback.cells"} <= {p for p, _ in small}
    for path, record in small:
        assert published(record).keys() <= OF_ALL.get(path, set()), (path, record)


def test_small_groups_have_no_figure_in_the_tables(folders: dict[str, Path]) -> None:
    ends = ("_low", "_high")
    for path in (path for folder in folders.values() for path in folder.rglob("tables/*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.DictReader(file) if is_small(list(row.values()))]
        shown = {key for row in rows for key in row if key.endswith(ends) and row[key]}
        assert {re.sub("_(low|high)$", "", key) for key in shown} <= OF_ALL["reasons.reasons"], path


def test_small_groups_have_no_figure_in_rows_of_the_page(folders: dict[str, Path]) -> None:
    looked = 0
    for name, folder in folders.items():
        page = (folder / f"{name}.html").read_text(encoding="utf-8")
        for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL):
            cells = [html.unescape(c) for c in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.S)]
            if not is_small(cells) or "small reason" in row:  # its share is of all contacts
                continue
            looked += 1
            assert not [c for c in cells if re.fullmatch(r"[+−]?\d+(\.\d+|%).*", c)], (name, cells)
    assert looked > 3


def test_mean_of_a_small_group_is_in_no_file(folders: dict[str, Path]) -> None:
    written = re.compile("|".join(re.escape(f"{MEAN:.{digits}f}") for digits in (4, 5, 6)))
    files = [path for folder in folders.values() for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 20
    for path in files:
        assert not written.search(path.read_text(encoding="utf-8")), path.name
