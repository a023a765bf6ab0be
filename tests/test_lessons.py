"""Exercises of the course: every reasonable right answer is taken, the usual wrong ones are not."""

from __future__ import annotations

import json
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from cxanalysis.errors import LessonError
from cxanalysis.lessons import check, hint
from cxanalysis.lessons.exercise import LESSONS, Exercise, exercises
from cxanalysis.lessons.kinds import (
    Groups,
    Letters,
    MadeReport,
    Names,
    Number,
    Order,
    Share,
    YesNo,
)

EVERY = [exercise for lesson in LESSONS for exercise in exercises(lesson)]
IDS = [exercise.number for exercise in EVERY]
SAID = [exercise for exercise in EVERY if not isinstance(exercise.kind, MadeReport)]


@pytest.mark.parametrize("exercise", SAID, ids=lambda exercise: exercise.number)
def test_the_right_answer_is_right_and_no_trap_is(exercise: Exercise, capsys) -> None:
    check(exercise.number, exercise.expected())
    assert f"{exercise.number} is right." in capsys.readouterr().out
    for trap in exercise.traps:
        with pytest.raises(LessonError) as caught:
            check(exercise.number, trap.answer())
        assert trap.says in str(caught.value)


@pytest.mark.parametrize("exercise", EVERY, ids=IDS)
def test_dots_and_nonsense_are_refused_with_what_to_do(exercise: Exercise) -> None:
    with pytest.raises(LessonError, match="in place of the three dots"):
        check(exercise.number, ...)
    for nonsense in (None, object(), "no idea"):
        with pytest.raises(LessonError, match=f"{exercise.number}, not yet: "):
            check(exercise.number, nonsense)


@pytest.mark.parametrize("exercise", EVERY, ids=IDS)
def test_two_hints_help_and_say_different_things(exercise: Exercise, capsys) -> None:
    hint(exercise.number)
    first = capsys.readouterr().out
    hint(exercise.number, 2)
    assert first.strip() != capsys.readouterr().out.strip()
    assert all(len(text) > 20 for text in exercise.hints)


def test_exercises_are_numbered_by_lesson_and_in_order() -> None:
    for lesson in LESSONS:
        numbers = [exercise.number for exercise in exercises(lesson)]
        assert numbers == [f"{lesson}.{i}" for i in range(1, len(numbers) + 1)]


@pytest.mark.parametrize("number", ["0.99", "9.1", "", "x", None])
def test_an_exercise_that_is_not_there_is_named(number) -> None:
    with pytest.raises(LessonError, match=r"no exercise|There is no"):
        check(number, 1)


def test_there_is_no_third_hint() -> None:
    with pytest.raises(LessonError, match="hints 1 and 2"):
        hint("0.1", 3)


QUARTER = [
    0.25,
    "25 %",
    "25%",
    "0.25",
    "0,25",
    "1/4",
    25,
    Fraction(1, 4),
    np.float32(0.25),
    pd.Series([0.25]),
    [0.25],
    np.array(0.25),
    pd.DataFrame({"a": [0.25]}),
    0.2504,
]


@pytest.mark.parametrize("answer", QUARTER, ids=str)
def test_a_share_may_be_written_in_many_ways(answer) -> None:
    assert Share().wrong(Share().read(answer), 0.25) == ""


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (0.3, "too high"),
        (0.2, "too low"),
        ("a quarter", "cannot be read"),
        ("1,250", "without commas"),
        (250, "between 0 and 1"),
        ([0.2, 0.3], "one value"),
        (True, "yes or no"),
        (float("nan"), "NaN"),
        (len, "takes a share"),
    ],
)
def test_what_is_wrong_with_a_share_is_said(answer, said: str) -> None:
    with pytest.raises(LessonError, match=said):
        wrong = Share().wrong(Share().read(answer), 0.25)
        if wrong:
            raise LessonError(wrong)


def test_a_duration_is_taken_as_a_span_and_another_unit_is_named() -> None:
    kind = Number("minutes", 0.5)
    assert kind.wrong(kind.read(timedelta(minutes=3)), 3) == ""
    assert kind.wrong(kind.read(pd.Timedelta("3min")), 3) == ""
    assert kind.wrong(kind.read(180), 3) == "that is the answer in seconds; give it in minutes."


@pytest.mark.parametrize(
    "answer",
    [["b", "A"], {"A", "b"}, "a, b", pd.Series(["b", "a"]), pd.Index(["a", "b"]), (" a ", "b")],
    ids=["list", "set", "text", "series", "index", "tuple"],
)
def test_names_come_in_any_order_and_form(answer) -> None:
    kind = Names(("a", "b", "c"))
    assert kind.wrong(kind.read(answer), ["a", "b"]) == ""


def test_names_that_do_not_belong_are_counted_and_never_told() -> None:
    kind = Names(("apple", "pear", "plum"))
    assert kind.wrong(kind.read(["plum"]), ["apple", "pear"]) == (
        "1 of yours does not belong and 2 are missing."
    )
    with pytest.raises(LessonError, match="Did you mean 'apple'"):
        kind.read(["aple"])


def test_an_order_is_right_from_its_beginning() -> None:
    kind = Order(("a", "b", "c"))
    assert kind.wrong(kind.read(["a", "b", "c"]), ("a", "b", "c")) == ""
    assert kind.wrong(kind.read("a, c, b"), ("a", "b", "c")).startswith("place 2")
    assert kind.wrong(kind.read(["b", "a", "c"]), ("a", "b", "c")).startswith("already")
    assert kind.wrong(kind.read(["a", "b"]), ("a", "b", "c")) == "1 is missing."
    assert (
        kind.wrong(kind.read(["a", "a", "b", "c"]), ("a", "b", "c")) == "a name stands there twice."
    )
    with pytest.raises(LessonError, match="no order"):
        kind.read({"a", "b", "c"})


def test_groups_are_counted_and_a_missing_one_is_said() -> None:
    kind = Groups((1, 2), ("service", "experience"))
    right = {1: "service", 2: "experience"}
    assert kind.wrong(kind.read({"1": "Service", 2: "experience"}), right) == ""
    assert kind.wrong(kind.read(pd.Series(right)), right) == ""
    assert kind.wrong(kind.read({1: "service", 2: "service"}), right) == (
        "1 of 2 are in the right group."
    )
    with pytest.raises(LessonError, match="1 of 2 have no group"):
        kind.read({1: "service"})
    with pytest.raises(LessonError, match="not among"):
        kind.read({3: "service"})


@pytest.mark.parametrize("answer", ["a b", "AB", ["a", "b"], {1: "a", 2: "b"}, "a, b", "1a 2b"])
def test_letters_of_a_quiz_come_in_many_forms(answer) -> None:
    kind = Letters(("abc", "ab"))
    assert kind.wrong(kind.read(answer), "ab") == ""


def test_a_quiz_names_the_questions_that_are_not_right() -> None:
    kind = Letters(("abc",) * 3)
    assert kind.wrong("abc", "abb") == "question 3 is not right."
    assert kind.wrong("aac", "bba") == "questions 1, 2 and 3 are not right."
    with pytest.raises(LessonError, match="3 questions, and you gave 2"):
        kind.read("ab")
    with pytest.raises(LessonError, match="question 1 offers"):
        kind.read("xab")


@pytest.mark.parametrize(
    "answer", [True, "yes", "True", np.bool_(True), pd.Series([True])], ids=str
)
def test_yes_may_be_said_in_many_ways(answer) -> None:
    assert YesNo().wrong(YesNo().read(answer), expected=True) == ""
    assert YesNo().wrong(YesNo().read(answer), expected=False) == "look at it once more."


@pytest.mark.parametrize("answer", [1, "perhaps", None, [True, False]], ids=str)
def test_what_is_neither_yes_nor_no_is_refused(answer) -> None:
    with pytest.raises(LessonError, match=r"True or False|one value"):
        YesNo().read(answer)


WANTED = {"study": "Acme Home", "period": "2026-Q3"}


def a_report(folder: Path, **other: object) -> Path:
    """A folder such as `run_report` leaves."""
    (folder / "any_report.html").write_text("<p>a page</p>")
    (folder / "findings.json").write_text('{"findings": []}')
    manifest = {"study": "Acme Home", "period": {"label": "2026-Q3"}, "segment": "plan=plus"}
    (folder / "manifest.json").write_text(json.dumps(manifest | other))
    return folder


def test_a_report_is_taken_as_made_or_by_its_folder(tmp_path: Path) -> None:
    kind, folder = MadeReport(), a_report(tmp_path)
    for answer in (SimpleNamespace(folder=folder), folder, str(folder)):
        assert kind.wrong(kind.read(answer), WANTED) == ""


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"study": "Another"}, "of Another"),
        ({"period": {"label": "2026-Q2"}}, "another period"),
        ({"period": None}, "another period"),
        ({"segment": None}, "all customers"),
    ],
    ids=str,
)
def test_a_report_of_something_else_is_not_right(tmp_path: Path, other, said: str) -> None:
    kind = MadeReport()
    assert said in kind.wrong(kind.read(a_report(tmp_path, **other)), WANTED)


@pytest.mark.parametrize("name", ["any_report.html", "findings.json", "manifest.json"])
def test_a_report_that_is_not_whole_is_refused(tmp_path: Path, name: str) -> None:
    (a_report(tmp_path) / name).write_text("")
    with pytest.raises(LessonError, match="no whole report"):
        MadeReport().read(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(LessonError, match="no whole report"):
        MadeReport().read(tmp_path)
