"""What the documentation site is made of: every public name once, lessons without solutions."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import nbformat
import pytest

import cxanalysis as cx

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / ".ci" / "site"))
import check  # noqa: E402
import gather  # noqa: E402

LESSON = ROOT / "notebooks" / "course" / "2_service_metrics.ipynb"


def test_every_public_name_has_its_place_and_only_one() -> None:
    listed = [
        name
        for page in gather.api_pages().values()
        for name in re.findall(r"^\.\. auto(?:function|class):: (\w+)$", page, re.MULTILINE)
    ]
    assert sorted(listed) == sorted(name for name in cx.__all__ if name != "__version__")


def test_first_line_of_a_property_is_not_taken_for_its_type() -> None:
    """Napoleon takes what stands before a colon there for one."""
    for name in cx.__all__:
        for key, value in vars(getattr(cx, name)).items() if name != "__version__" else ():
            if isinstance(value, property):
                assert ":" not in (value.__doc__ or "").splitlines()[0], f"{name}.{key}"


def test_lesson_shows_its_pictures_and_neither_solutions_nor_verdicts() -> None:
    shown = nbformat.writes(gather.shown_lesson(nbformat.read(LESSON, as_version=4)))
    assert "SOLUTION" not in shown and "2.1 is right" not in shown and "Pitfall" not in shown
    assert "your answer" in shown and "data:image/svg+xml" in shown


def test_controls_leave_what_they_say_in_words_and_sliders_nothing() -> None:
    explore = nbformat.read(ROOT / "notebooks" / "explore" / "tickets.ipynb", as_version=4)
    shown = nbformat.writes(gather.still(explore))
    assert "First-contact resolution: 66%" in shown and gather.WIDGET not in shown
    slider = {gather.WIDGET: {}, "text/plain": "interactive(children=(IntSlider(value=1),))"}
    output = nbformat.v4.new_output("display_data", data=slider)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=[output])])
    assert not gather.still(notebook).cells[0].outputs


def test_link_to_what_is_no_page_becomes_words() -> None:
    text = "In [stories](data/stories), [all](CHANGELOG.md), [out](https://x.org) and ![a](b.png)."
    kept = "In stories, [all](CHANGELOG.md), [out](https://x.org) and ![a](b.png)."
    assert gather.without_other_links(text, Path(), ["CHANGELOG.md"]) == kept


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('<a href="absent.html">x</a>', "links to absent.html, and there is no such file"),
        ('<a href="b.html#c">x</a>', "links to b.html#c, and nothing there has that name"),
        ('<img src="https://x.org/a.png">', "loads https://x.org/a.png from another site"),
        ('<a href="http://x.org">x</a>', "links to http://x.org, which is no https address"),
    ],
)
def test_page_with_a_bad_link_is_told(tmp_path: Path, body: str, said: str) -> None:
    (tmp_path / "a.html").write_text(body, encoding="utf-8")
    (tmp_path / "b.html").write_text("<p id=a>", encoding="utf-8")
    (found,), _ = check.problems(tmp_path)
    assert found == f"a.html {said}."


def test_good_links_are_told_apart_from_those_to_other_sites(tmp_path: Path) -> None:
    links = '<a href="b.html#a">x</a><a href="https://x.org/y">x</a><img src="data:,">'
    (tmp_path / "a.html").write_text(links, encoding="utf-8")
    (tmp_path / "b.html").write_text('<p id="a">', encoding="utf-8")
    assert check.problems(tmp_path) == ([], {"https://x.org/y"})
