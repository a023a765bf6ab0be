"""Every result names itself on one line, the same in every run, and has a page."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from math import inf, nan
from typing import Any, get_type_hints

import numpy as np
import pandas as pd
import pytest
from findings_by_hand import FINDINGS, NO, UNTRUSTED_NAMES
from IPython.core.formatters import DisplayFormatter

import cxanalysis as cx
from cxanalysis.display import bundle
from cxanalysis.findings.core import UNKNOWN, Estimate, Finding
from cxanalysis.shown import LONGEST_LINE, Shown, frame_html

PLAIN = {"DataFrame", "Series", "Figure", "None", "str", "Lazy", ""}
PAGES = ("_repr_html_", "_repr_mimebundle_", "_ipython_display_")


@dataclass(frozen=True)
class Told(Shown):
    """A result of a test."""

    verdict: str
    n: int
    s: float = nan
    s_low: float = nan
    s_high: float = nan
    csat: Estimate = UNKNOWN
    ends: tuple[float, float] = (nan, nan)
    names: tuple[str, ...] = ()
    facts: Any = None
    rows: Any = None
    draws: Any = None
    _inner: object = field(default_factory=object)


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)


def test_every_result_of_the_package_shows_itself() -> None:
    plain = set()
    for name in cx.__all__:
        function = getattr(cx, name)
        if not inspect.isfunction(function):
            continue
        hint = str(inspect.signature(function).return_annotation)
        for one in re.findall(r"[A-Za-z_.]+", hint.replace("tuple[", "")):
            made = getattr(inspect.getmodule(function), one, None)
            if inspect.isclass(made) and made.__module__.startswith("cxanalysis"):
                assert any(hasattr(made, way) for way in PAGES), f"{name}: {one}"
            else:
                plain.add(one.rpartition(".")[2])
    assert plain <= PLAIN


@pytest.mark.parametrize("name", list(FINDINGS))
def test_a_finding_names_itself_on_one_line(name: str) -> None:
    line = repr(FINDINGS[name])
    assert line.startswith(f"{type(FINDINGS[name]).__name__}(")
    assert line.endswith(")")
    assert "\n" not in line
    assert not re.search(r"0x[0-9a-f]{6}|\bnan\b", line)
    assert len(line) <= LONGEST_LINE + len(type(FINDINGS[name]).__name__) + 6


def test_a_finding_is_displayed_as_show_does() -> None:
    display: Any = DisplayFormatter()
    shown = display.format(NO)[0]
    assert shown == bundle(NO)
    assert NO._repr_html_() == shown["text/html"]


def test_a_line_holds_figures_with_their_limits_and_sizes_of_the_rest() -> None:
    told = Told(
        "not  told\n", 1050, 0.34, 0.2425, 0.434, Estimate(4.0), (0.5, inf), ("a", "b", "c", "d")
    )
    line = "verdict='not told', n=1,050, s=0.34 (0.242 to 0.434), csat=4, ends=(0.5, inf), names: 4"
    assert repr(told) == f"Told({line})"


def test_a_line_leaves_out_what_is_unknown_and_says_where_it_ends() -> None:
    assert repr(Told("", 0, facts={"columns": ("a",), "r": nan})) == "Told(n=0, columns=(a))"
    line = repr(Told("a word " * 20, 7, facts={f"fact_{n}": n / 7 for n in range(20)}))
    assert line.startswith("Told(verdict='a word a word a word a word a word a wo…', n=7, fact_0=0")
    assert line.endswith(", …)")


def test_frames_and_arrays_stay_off_the_line_and_frames_are_folded_on_the_page() -> None:
    frame = pd.DataFrame({"<i>": ["<script>"] * 30, "x": [0.123456] * 30})
    told = Told("yes", 3, rows=frame, draws=np.zeros(9))
    assert repr(told) == "Told(verdict='yes', n=3, rows: 30, draws: 9)"
    page = told._repr_html_()
    assert "rows: first 20 of 30 rows" in page
    assert "9 values" in page
    assert "0.123<" in page
    assert {"script", "i"}.isdisjoint(Tags(page).names)
    assert "A result of a test." in page


def test_names_from_the_data_stay_text_on_a_page() -> None:
    page = Told("<script>alert(1)</script>", 1, facts={"<b>": "$x$"})._repr_html_()
    assert "script" not in Tags(page).names
    assert "mathjax_ignore" in page
    assert "script" not in Tags(UNTRUSTED_NAMES._repr_html_()).names


def test_one_row_is_one_row() -> None:
    assert "terms: 1 row<" in frame_html(pd.DataFrame({"a": [1]}), "terms")


def test_subclasses_keep_the_line_of_their_own() -> None:
    class Own(Finding):
        def __repr__(self) -> str:
            return "mine"

    @dataclass(frozen=True)
    class Further(Own):
        n: int = 3

    assert repr(Further()) == "mine"
    assert "n" in get_type_hints(Further)


def test_a_fit_shows_what_went_into_it_and_where_its_figures_are() -> None:
    draw = np.random.default_rng(7)
    frame = pd.DataFrame(draw.normal(size=(200, 3)), columns=["wait", "csat", "use"])
    frame["twice"], frame["score"] = frame["wait"], frame.sum(axis=1)
    blocks = {"service": {"help": ["wait", "csat", "twice"]}, "journey": {"use": ["use"]}}
    fit = cx.fit_drivers(frame, "score", blocks=blocks, cluster=None)
    page = fit._repr_html_()
    assert "How score goes with its drivers" in page
    assert "200 answers; R² 1.00 of 3 drivers; model ols" in page
    assert "Columns left out of the model: 1" in page
    asked = re.findall(r'<th scope="row">(\w+)\(\)</th>', page)
    assert len(asked) == 5
    assert all(callable(getattr(fit, name)) for name in asked)
    assert not {"draws", "_tests", "_floor"} & set(vars(fit))  # nothing was worked out for it
