"""What a notebook shows of a study: its rows, its matches, and what can be told of it."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

import cxanalysis as cx
from cxanalysis.config import read_config
from cxanalysis.needs import WHY, heading_of, needs_of, outlooks
from cxanalysis.report.notebooks import find_notebook, read_notebook
from cxanalysis.report.sections import keep_sections
from cxanalysis.study import Study, open_study, study_of

REPORTS = ("cx_report", "journey_report", "service_report")
EVERYTHING = frozenset(WHY)


class Seen(HTMLParser):
    """Rows of cells of every table by its caption, and the texts of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data


@pytest.fixture(scope="module")
def sample() -> Study:
    study: Study = cx.read_sample(period="2026-Q3")
    return study


@pytest.fixture
def surveys(tmp_path: Path) -> Study:
    lines = ["response_id,customer_id,responded_at,nps"]
    lines += [f"{n},c{n},2026-0{1 + n % 3}-10T10:00:00Z,{n % 11}" for n in range(40)]
    lines += ["99,ann@example.com,2026-03-01T10:00:00Z,77", "98,c1,soon,3"]
    (tmp_path / "surveys.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    text = 'name = "A <b>& Co"\n[limits]\nbad_rows = 0.5\n[tables.surveys]\npath = "surveys.csv"\n'
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    return open_study(tmp_path, period="2026-02")


def test_a_notebook_shows_what_printing_a_study_says(sample: Study) -> None:
    shown = sample._repr_mimebundle_()
    assert shown["text/plain"] == str(sample) == str(cx.check_study(sample))
    assert "\n" not in repr(sample)
    assert shown == sample._repr_mimebundle_(include=None, exclude=None)


def test_tables_stand_with_their_rows_dates_and_matches(sample: Study) -> None:
    page = Seen(sample._repr_mimebundle_()["text/html"])
    tickets, period = sample.frame("tickets"), sample.period
    assert period is not None
    times = tickets["opened_at"].dt.tz_convert(sample.config.time_zone)
    days = times.dt.date
    within = int(((days >= period.start) & (days < period.end)).sum())
    seen = [f"{len(tickets):,}", f"{within:,}", str(days.min()), str(days.max()), "0", "0", "1"]
    assert ["tickets", *seen] in page.rows
    matched = sample.matches().iloc[0]
    assert ["tickets in surveys", f"{matched.matched:,}", f"{matched.n:,}", "99%"] in page.rows
    assert f"{within:,} rows in this period" in str(sample)


def test_customers_belong_to_no_period_but_to_a_segment(sample: Study) -> None:
    region = sample.frame("customers")["region"]
    narrowed = sample.among(f"region={region.iloc[0]}")
    here = f"{int((region == region.iloc[0]).sum()):,} rows in this period and segment"
    assert here in str(narrowed).split("customers: ")[1]
    assert "3,000 rows in this" not in str(sample)
    assert "in this" not in str(sample.during("all"))


def test_rows_set_aside_are_shown_by_rule_and_name_nobody(surveys: Study) -> None:
    shown = surveys._repr_mimebundle_()
    page = Seen(shown["text/html"])
    rules = {row[1]: row for row in page.rows if len(row) == 4}
    assert rules["unreadable time"][2:] == ["1", "surveys.csv line 43, responded_at: soon"]
    assert rules["off the scale 0–10"][2] == "1"
    assert "2 (4.8%)" in page.text
    assert "@" not in "".join(shown.values())


def test_names_of_the_study_are_text_on_the_page(surveys: Study) -> None:
    page = surveys._repr_mimebundle_()["text/html"]
    assert "A &lt;b&gt;&amp; Co, February 2026" in page
    assert "mathjax_ignore" in page


def test_columns_that_would_let_more_be_told_are_named_with_their_meaning(surveys: Study) -> None:
    page = Seen(surveys._repr_mimebundle_()["text/html"])
    assert ["surveys", "ces", "made it easy (2.0): higher is easier"] in page.rows
    assert "without the columns invited_at, kind," in str(surveys)
    assert all("nps" not in row[1:2] for row in page.rows)


def test_what_a_study_of_answers_alone_cannot_tell_stands_with_its_reason(surveys: Study) -> None:
    lacking = {row[0]: row[1] for row in Seen(surveys._repr_mimebundle_()["text/html"]).rows[-8:]}
    assert "Who goes on" in lacking["There is no table of journeys"]
    assert "Where the journey hurts; Are promises" in lacking["There is no table of journeys"]
    assert lacking["There is no table of journeys"].count("Where the journey hurts") == 1
    assert "service_report (How did customer service work?): 1 of 11 sections" in str(surveys)


@pytest.mark.parametrize("provides", [{"surveys"}, {"tickets", "surveys"}, EVERYTHING], ids=len)
@pytest.mark.parametrize("report", REPORTS)
def test_what_can_be_told_is_what_a_report_keeps(report: str, provides: frozenset[str]) -> None:
    (outlook,) = (each for each in outlooks(provides) if each.report == report)
    notebook = read_notebook(find_notebook(report))
    kept, left_out = keep_sections(notebook, provides, report)
    titles = [heading_of(cell.source) for cell in kept.cells if cell.cell_type == "markdown"]
    assert set(outlook.told) <= set(titles)
    told = {(section.section, section.why) for section in left_out}
    # The question of cx_report has a need of its own, and its answer says why it is not given.
    assert set(outlook.left_out) - told <= {(outlook.question, WHY["model"])}


def test_every_need_of_a_report_has_its_reason() -> None:
    for report in REPORTS:
        cells = json.loads(find_notebook(report).read_text(encoding="utf-8"))["cells"]
        needs = {need for cell in cells for need in needs_of(cell["metadata"].get("tags", ()))}
        assert needs <= set(WHY)


def test_a_study_of_frames_is_counted(sample: Study) -> None:
    frame = pd.DataFrame(
        {
            "ticket_id": ["1", "2"],
            "customer_id": ["a", "b"],
            "opened_at": pd.to_datetime(["2026-01-05", "2026-02-06"], utc=True),
        }
    )
    study = study_of(read_config(sample.path), {"tickets": frame})
    assert "\n\ntickets: 2 rows\n" in str(study)
    assert "from 2026-01-05 to 2026-02-06" in str(study)
    assert "Files" in study._repr_mimebundle_()["text/html"]


def test_a_study_without_tables_says_so(surveys: Study) -> None:
    shown = study_of(surveys.config, {})._repr_mimebundle_()
    assert all("The study has no table." in text for text in shown.values())


def test_showing_a_study_works_out_no_figure(
    sample: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = sample.during("2026-08")
    monkeypatch.setattr(Study, "frame", lambda *_: pytest.fail("rows were taken out"))
    monkeypatch.setattr(Study, "keep", lambda *_: pytest.fail("rows were worked out"))
    assert str(fresh).startswith("Acme Home, August 2026")
