"""Copies of the course for a class: they run, and stop where an answer is missing."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from typer.testing import CliRunner

from cxanalysis.cli import app
from cxanalysis.errors import LessonError
from cxanalysis.lessons import write_course
from cxanalysis.lessons.classroom import BEGIN, END, class_copy, course_notebooks, without_solution
from cxanalysis.lessons.exercise import LESSONS, exercises

LESSON_FILES = course_notebooks()


def numbers_checked(notebook: nbformat.NotebookNode) -> list[str]:
    found = [c.source.rpartition('check("')[2] for c in notebook.cells if 'check("' in c.source]
    return [text.partition('"')[0] for text in found]


def test_there_is_a_notebook_for_each_lesson() -> None:
    assert [int(path.name[0]) for path in LESSON_FILES] == list(LESSONS)


@pytest.mark.parametrize("path", LESSON_FILES, ids=lambda path: path.stem)
def test_a_lesson_checks_each_of_its_exercises_once_and_names_it_before(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    expected = [exercise.number for exercise in exercises(int(path.name[0]))]
    assert numbers_checked(notebook) == expected
    words = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    for number in expected:
        assert f"**{number}" in words
    assert any("instructor" in c.metadata.get("tags", ()) for c in notebook.cells)


@pytest.mark.parametrize("path", LESSON_FILES, ids=lambda path: path.stem)
def test_cells_are_short_and_prose_comes_first(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    assert notebook.cells[0].cell_type == "markdown"
    for cell in notebook.cells:
        if cell.cell_type == "code" and BEGIN not in cell.source:
            assert len(cell.source.splitlines()) <= 6, cell.source


@pytest.mark.parametrize(
    "path",
    [
        LESSON_FILES[0],
        *(pytest.param(path, marks=pytest.mark.long) for path in LESSON_FILES[1:-1]),
        LESSON_FILES[-1],
    ],
    ids=lambda path: path.stem,
)
def test_a_class_copy_runs_and_fails_just_where_an_answer_is_missing(path: Path) -> None:
    copy = class_copy(nbformat.read(path, as_version=4))
    assert not any(BEGIN in c.source or END in c.source for c in copy.cells)
    assert not any("instructor" in c.metadata.get("tags", ()) for c in copy.cells)
    NotebookClient(copy, timeout=300, allow_errors=True, kernel_name="python3-warm").execute()
    for cell in copy.cells:
        if cell.cell_type != "code":
            continue
        errors = [output for output in cell.outputs if output.output_type == "error"]
        if 'check("' in cell.source:
            assert [error.ename for error in errors] == ["LessonError"], cell.source
            assert "put your answer in place of the three dots" in errors[0].evalue
            assert errors[0].traceback == [errors[0].evalue]  # the message and no code
        else:
            assert not errors, (cell.source, errors)


def test_a_solution_becomes_dots_for_the_names_that_are_used() -> None:
    source = f'a = 1\n{BEGIN}\nhelp = a + 1\nb = help * 2\n{END}\ncheck("0.1", b)'
    assert without_solution(source) == 'a = 1\nb = ...  # your answer\ncheck("0.1", b)'
    assert without_solution("a = 1") == "a = 1"
    for broken in (f"{BEGIN}\na = 1", f"a = 1\n{END}"):
        with pytest.raises(LessonError, match="solution"):
            without_solution(broken)


def test_a_course_is_written_once_and_answers_in_it_are_kept(tmp_path: Path) -> None:
    course = write_course(tmp_path / "class")
    assert [path.name for path in course.lessons] == [path.name for path in LESSON_FILES]
    guide = course.guide.read_text(encoding="utf-8")
    assert "**Time**" in guide
    assert BEGIN not in guide
    assert (course.guide.parent / LESSON_FILES[0].name).is_file()
    with pytest.raises(LessonError, match="would be replaced, with any answers"):
        write_course(tmp_path / "class")
    write_course(tmp_path / "class", overwrite=True)


def test_the_command_writes_a_course_and_says_how_to_begin(tmp_path: Path) -> None:
    run = CliRunner()
    said = run.invoke(app, ["course", str(tmp_path / "class")])
    assert said.exit_code == 0
    assert f"Wrote {len(LESSON_FILES)} lessons" in said.output
    assert "guide.md" in said.output
    again = run.invoke(app, ["course", str(tmp_path / "class")])
    assert again.exit_code == 1
    assert "with any answers in them" in again.output
    assert run.invoke(app, ["course", str(tmp_path / "class"), "--force"]).exit_code == 0
