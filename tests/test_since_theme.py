"""What changed since the report before: counting before customers, what was published beside it."""

from __future__ import annotations

import json
from copy import deepcopy
from math import nan
from typing import Any

import pytest

from cxanalysis.findings.core import Estimate, to_json
from cxanalysis.findings.counting import recounted
from cxanalysis.findings.published import figures_of
from cxanalysis.findings.since import Document, SinceFinding, find_since, form_of
from cxanalysis.narrative import describe

NPS = {
    "metric": "nps",
    "label": "NPS",
    "unit": "points",
    "leads": True,
    "n": 1000,
    "now": {"value": 20.0, "low": 15.0, "high": 25.0},
    "before": {"value": 22.0, "low": None, "high": None},
    "difference": {"value": -2.0, "low": -9.0, "high": 5.0},
    "word": "no clear change",
}
TABLE = {
    "rows_read": 1000,
    "rows_kept": 990,
    "set_aside": {"range": 10},
    "columns": ["csat", "nps"],
}
MANIFEST: dict[str, Any] = {
    "made_at": "2026-10-02T06:00:00+00:00",
    "notebook": {"name": "cx_report.ipynb", "sha256": "a"},
    "parameters": {"study": "study.toml", "period": "2026-09", "segment": "", "min_base": 30},
    "settings": {"metrics.fcr_window_days": 7},
    "tables": {"surveys": TABLE},
    "inputs": [{"path": "study.toml", "sha256": "s"}, {"path": "surveys.csv", "sha256": "f"}],
    "versions": {"cxanalysis": "0.1.0", "numpy": "2"},
}


def answer(split: float, reach: float = 0.05) -> dict[str, Any]:
    shares = {"value": split, "low": split - reach, "high": split + reach}
    return {"kind": "answer", "n": 900, "split": shares, "alone": shares, "unique": shares}


def report(*findings: Any, said: Any = (), **changes: Any) -> Document:
    content = {"findings": list(findings), "said": list(said)}
    return Document(content, deepcopy(MANIFEST) | changes)


def since(now: Document, before: Document) -> SinceFinding:
    return find_since("October 2026", "September 2026", now, before)


def test_two_reports_alike_differ_in_nothing() -> None:
    said = [{"section": "A", "kind": "answer", "texts": ["No: 5 of 9 in October 2026."]}]
    found = since(report(answer(0.3), said=said), report(answer(0.3), said=said))
    assert found.counted == () and found.said == () and found.new == ()
    assert [figure.has_moved for figure in found.figures] == [False, False, False]


def test_figures_nobody_counts_again_are_tested_as_independent_allowing_for_their_number() -> None:
    # 0.09 apart with limits of 0.05 each: 0.0707 by Newcombe, p = .0126, three times that is .038
    moved = since(report(answer(0.39)), report(answer(0.30))).figures[0]
    assert (moved.word, moved.told_apart) == ("up", True)
    assert moved.difference.low == pytest.approx(0.09 - 0.05 * 2**0.5)
    # .08 would pass alone (p = .027), not as one of three
    assert since(report(answer(0.38)), report(answer(0.30))).figures[0].word == "no clear change"


def test_a_figure_counted_again_keeps_the_test_of_the_section_that_counts_it() -> None:
    before = NPS | {"now": {"value": 60.0, "low": 55.0, "high": 65.0}}
    board = [{"kind": "scorecard", "figures": [figure]} for figure in (NPS, before)]
    moved = since(report(board[0]), report(board[1])).figures[0]
    assert (moved.again, moved.then.value, moved.is_revised) == (22.0, 60.0, True)
    assert moved.difference == Estimate(-2.0, -9.0, 5.0)  # not that of 20 and 60 as published
    assert moved.word == "no clear change"


def test_a_change_of_counting_is_said_first_and_makes_published_changes_doubtful() -> None:
    now = report(answer(0.5), settings={"metrics.fcr_window_days": 14})
    found = since(now, report(answer(0.3)))
    assert [(c.what, c.name, c.before, c.now) for c in found.counted] == [
        ("setting", "metrics.fcr_window_days", "7", "14")
    ]
    assert not found.figures[0].told_apart
    texts = describe(found)
    assert texts[0].startswith("**Not everything is counted as it was")
    assert "fcr window days (metrics) is 14, was 7" in texts[1]
    assert "cannot be told" in texts[2]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"versions": {"cxanalysis": "0.2.0", "numpy": "2"}}, [("package", "cxanalysis")]),
        ({"notebook": {"name": "own.ipynb", "sha256": "b"}}, [("notebook", "own.ipynb")]),
        ({"parameters": MANIFEST["parameters"] | {"note": "x"}}, [("parameter", "note")]),
        ({"parameters": MANIFEST["parameters"] | {"period": "2026-10"}}, []),
        ({"tables": {"surveys": TABLE | {"columns": ["nps"]}}}, [("gone column", "surveys.csat")]),
        ({"tables": {"surveys": TABLE, "tickets": TABLE}}, [("new table", "tickets")]),
        ({"tables": {}}, [("gone table", "surveys")]),
        ({"tables": {"surveys": TABLE | {"rows_read": 799}}}, [("fewer rows", "surveys")]),
        (
            {"tables": {"surveys": TABLE | {"set_aside": {"a": 9, "b": 11}}}},
            [("set aside", "surveys")],
        ),
        ({"tables": {"surveys": TABLE | {"set_aside": {"a": 19}}}}, []),
        ({"inputs": MANIFEST["inputs"][:1]}, [("gone file", "surveys.csv")]),
        ({"inputs": [*MANIFEST["inputs"], {"path": "new.csv"}]}, []),
    ],
    ids=str,
)
def test_what_is_counted_differently_is_named(
    changes: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    found = recounted(MANIFEST, MANIFEST | changes, ({}, {}))
    assert [(each.what, each.name) for each in found] == expected


def test_a_match_rate_that_falls_is_named() -> None:
    rates = [
        {"matches": [{"left": "tickets", "right": "surveys", "share": share}]}
        for share in (0.98, 0.71)
    ]
    (found,) = recounted(MANIFEST, MANIFEST, (rates[0], rates[1]))
    assert (found.what, found.share_before, found.share_now) == ("matched", 0.98, 0.71)


def test_a_study_file_that_was_not_kept_is_known_by_its_hash() -> None:
    old = {key: value for key, value in MANIFEST.items() if key != "settings"}
    assert recounted(old, MANIFEST, ({}, {})) == ()
    changed = MANIFEST | {"inputs": [{"path": "study.toml", "sha256": "t"}, MANIFEST["inputs"][1]]}
    assert [each.what for each in recounted(old, changed, ({}, {}))] == ["study file"]


def test_a_sentence_is_new_only_when_more_than_its_figures_changed() -> None:
    then = "Of 1,842 answers in September 2026, 35% (29% to 41%) came two days late, by 1.5 hours."
    now = "Of 990 answers in October 2026, 7% (2% to 11%) came nine days late, by 40 min."
    assert form_of(then) == form_of(now)
    assert form_of(now) != form_of(now.replace("late", "early"))
    assert form_of("a contact, no clear change") == "a contact, no clear change"


def test_sections_that_begin_with_another_statement_are_quoted() -> None:
    texts = ["No: service does not carry it. It has 5%.", "Undecided. It has 7%. More is needed."]
    then, now = (
        report(said=[{"section": "Is it?", "kind": "answer", "texts": [text]}]) for text in texts
    )
    found = since(now, then)
    assert [(said.then, said.now) for said in found.said] == [
        ("No: service does not carry it.", "Undecided.")
    ]
    assert [each.text for each in found.new] == ["Undecided.", "More is needed."]


@pytest.mark.parametrize(
    "broken",
    [
        {"findings": None},
        {"findings": [1, {"kind": ["answer"]}, {"kind": "answer", "n": True, "split": [1]}]},
        {"findings": [{"kind": "scorecard", "figures": {"a": 1}}], "said": [{"texts": [1]}, 7]},
        {"findings": [{"kind": "answer", "split": {"value": "1", "low": {}, "high": 1e400}}]},
        {"said": "x"},
    ],
    ids=str,
)
def test_an_earlier_report_that_somebody_changed_is_no_reason_to_stop(broken: Any) -> None:
    found = since(report(answer(0.3)), Document(broken, {"tables": 3, "inputs": [3], "made_at": 4}))
    assert found.figures == () and len(found.new_figures) == 3
    json.dumps(to_json(found), allow_nan=False)
    assert describe(found)


def test_headline_figures_are_those_that_are_known_each_once() -> None:
    unknown = NPS | {"metric": "csat", "now": {"value": None, "low": None, "high": None}}
    aside = NPS | {"metric": "ces", "leads": False}
    board = {"kind": "scorecard", "figures": [NPS, unknown, aside, NPS]}
    (figure,) = figures_of([board])
    assert (figure.key, figure.n, figure.now) == ("scorecard.nps", 1000, Estimate(20.0, 15.0, 25.0))
    assert figures_of([{"kind": "answer", "split": {"value": nan}}]) == ()
