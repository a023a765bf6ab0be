"""Opening, narrowing and checking a study."""

from dataclasses import replace

import pandas as pd
import pytest

from cxanalysis.config import StudyConfig
from cxanalysis.engine import collect
from cxanalysis.errors import DataError, ReportError, StudyError
from cxanalysis.study import Shared, check_study, open_study, study_of

STUDY = """
name = "small"
[tables.customers]
path = "customers.csv"
[tables.tickets]
path = "tickets.csv"
[tables.surveys]
path = "surveys.csv"
[tables.journeys]
path = "journeys.csv"
"""
FILES = {
    "customers.csv": "customer_id,country\na,NL\nb,DE\nc,NL\n",
    "tickets.csv": (
        "ticket_id,customer_id,opened_at,channel\n"
        "1,a,2026-03-01,phone\n2,b,2026-03-15,chat\n3,x,2026-04-02,chat\n"
    ),
    "surveys.csv": (
        "response_id,customer_id,responded_at,overall_satisfaction,wave\n"
        "1,a,2026-03-20,5,w1\n2,b,2026-03-21,3,w2\n3,c,,,w1\n"
    ),
    "journeys.csv": ("customer_id,occurred_at,stage\na,2026-03-01,purchase\nc,2026-03-02,use\n"),
}


@pytest.fixture
def folder(tmp_path):
    for name, content in FILES.items():
        (tmp_path / name).write_text(content)
    (tmp_path / "study.toml").write_text(STUDY)
    return tmp_path


def ids(study, table):
    return set(collect(study.tables[table])["customer_id"])


def test_study_is_everything_unless_the_last_complete_month_is_asked_for(folder):
    assert open_study(folder).period is None
    assert open_study(folder, period="last").period.label == "2026-03"
    assert open_study(folder / "study.toml", period="2026-Q1").period.label == "2026-Q1"
    assert open_study(folder, period="all").period is None


def test_tables_without_times_are_reported_over_all_dates(tmp_path):
    (tmp_path / "s.csv").write_text("overall_satisfaction\n5\n4\n")
    (tmp_path / "study.toml").write_text('name = "s"\n[tables.surveys]\npath = "s.csv"\n')
    assert open_study(tmp_path).period is None


def test_segment_of_customers_narrows_every_table(folder):
    study = open_study(folder, segment="country=NL")
    assert study.segment == ("country", "NL")
    assert ids(study, "customers") == {"a", "c"}
    assert ids(study, "tickets") == {"a"}
    assert ids(study, "surveys") == {"a", "c"}
    assert ids(study, "journeys") == {"a", "c"}


def test_a_segment_of_large_files_is_held_where_its_rows_are_few(folder, monkeypatch):
    monkeypatch.setattr("cxanalysis.engine.duck.HELD_BYTES", 0)
    lazy = open_study(folder).among("country=NL")
    held = open_study(folder, segment="country=NL")
    monkeypatch.setattr("cxanalysis.engine.duck.HELD_ROWS", 1)
    part = open_study(folder, segment="country=NL")
    assert (lazy.holds, held.holds, part.holds) == (False, True, False)
    assert not held.apart().holds
    for name in lazy.tables:
        rows = [collect(study.tables[name]) for study in (lazy, held, part)]
        pd.testing.assert_frame_equal(rows[0], rows[1])
        pd.testing.assert_frame_equal(rows[0], rows[2])
    (folder / "tickets.csv").unlink()  # what is held needs no file any more
    (held.stored[0].folder / "rows.parquet").unlink()
    assert len(collect(held.tables["customers"])) == 2


def test_segment_of_one_table_narrows_only_that(folder):
    study = open_study(folder).among("wave=w2")
    assert ids(study, "surveys") == {"b"}
    assert ids(study, "tickets") == {"a", "b", "x"}


@pytest.mark.parametrize(
    ("segment", "message"),
    [
        ("NL", "is not a segment"),
        ("contry=NL", "Did you mean 'country'"),
        ("country=NLD", "Did you mean 'NL'? Known: DE, NL"),
    ],
)
def test_unknown_segments_are_refused_with_the_known_ones(folder, segment, message):
    with pytest.raises(ReportError) as error:
        open_study(folder, segment=segment)
    assert message in str(error.value)


def test_a_study_is_narrowed_once(folder):
    with pytest.raises(ReportError, match="narrowed to country=NL already"):
        open_study(folder, segment="country=NL").among("wave=w1")


def test_narrowing_leaves_the_study_as_it_was(folder):
    study = open_study(folder, period="all")
    study.among("country=NL")
    study.during("2026-03")
    assert study.period is None
    assert study.segment is None
    assert ids(study, "customers") == {"a", "b", "c"}


def test_min_base_of_the_run_replaces_the_study_files(folder):
    assert open_study(folder, min_base=12).config.metrics.min_base == 12
    assert open_study(folder).config.metrics.min_base == 30
    with pytest.raises(StudyError, match="min_base"):
        open_study(folder, min_base=1)


def test_settings_of_a_view_change_what_counts_as_service(folder):
    usual = open_study(folder)
    changed = open_study(folder, settings="service.channels = ['web']\nmodel.outcome = 'csat'")
    assert (changed.config.service.channels, changed.config.model.outcome) == (("web",), "csat")
    assert usual.config.service.channels == ()
    assert usual.under(" ") is usual
    assert ids(usual.under("metrics.fcr_window_days = 5").among("country=NL"), "tickets") == {"a"}
    with pytest.raises(StudyError, match="under other definitions already"):
        changed.under("metrics.fcr_window_days = 5")


def test_what_was_prepared_for_all_does_not_count_for_another_definition(folder):
    prepared = replace(usual := open_study(folder), shared=Shared(usual, usual.tables))
    assert prepared.wider is usual
    assert prepared.under("metrics.fcr_window_days = 5").wider is None


def test_matches_count_customers_not_rows(folder):
    matches = open_study(folder).matches().set_index(["left", "right"])
    assert matches.loc[("tickets", "surveys"), ["n", "matched"]].tolist() == [3, 2]
    assert matches.loc[("tickets", "customers"), "share"] == pytest.approx(2 / 3)
    assert matches.loc[("journeys", "surveys"), "share"] == 1.0


def test_a_model_needs_the_outcome_and_both_sets(folder):
    assert "model" in open_study(folder).provides()
    (folder / "study.toml").write_text(STUDY + '[model]\noutcome = "nps"\n')
    assert open_study(folder).provides() == {"customers", "tickets", "surveys", "journeys"}


def test_check_says_what_was_read_set_aside_and_matched(folder):
    (folder / "tickets.csv").write_text(FILES["tickets.csv"] + "4,a,soon,chat\n")
    (folder / "study.toml").write_text("limits = { bad_rows = 0.3 }\n" + STUDY)
    check = check_study(open_study(folder))
    text = str(check)
    assert repr(check) == text
    assert "tickets: 3 of 4 rows kept, from tickets.csv" in text
    assert "set aside: 1 rows (25.0%) that break a rule" in text
    assert "unreadable time: 1 (first: tickets.csv line 5, opened_at: soon)" in text
    assert "2 of 3 customers in tickets are also in surveys (67%)" in text
    row = check.tables.set_index("table").loc["tickets"]
    assert (row["rows_read"], row["rows_kept"], row["rows_set_aside"]) == (4, 3, 1)


def test_rows_read_are_all_accounted_for(folder):
    for reading in open_study(folder).reading:
        excluded = sum(reading.excluded.values())
        assert reading.rows_read == reading.rows_kept + reading.rows_set_aside + excluded


def test_a_study_without_tables_is_refused(tmp_path):
    (tmp_path / "study.toml").write_text('name = "none"\n[tables]\n')
    with pytest.raises(DataError, match="has no table"):
        open_study(tmp_path)


def test_frames_can_stand_in_for_files():
    config = StudyConfig.model_validate({"name": "frames", "tables": {}})
    frame = pd.DataFrame({"customer_id": ["a"], "country": ["NL"]})
    study = study_of(config, {"customers": frame})
    assert study.among("country=NL").has("customers", "country")
    assert study.rejects().empty
    assert check_study(study).readings == ()


def test_study_shows_itself_in_one_line(folder):
    study = open_study(folder, period="2026-Q1")
    assert repr(study).startswith("Study(")
    assert "first quarter of 2026" in repr(study)
    assert "\n" not in repr(study)


@pytest.mark.parametrize(
    ("ids", "hint"),
    [
        (("A1", "B2"), "2 more customers in tickets would be in surveys but for capitals"),
        (("0a1", "00b2"), "2 more customers in tickets would be in surveys but for capitals"),
        (("x", "y"), "no customer_id of tickets is in surveys"),
    ],
)
def test_check_says_why_tables_hardly_match(tmp_path, ids, hint):
    (tmp_path / "t.csv").write_text(
        "customer_id,opened_at\n" + "".join(f"{i},2026-03-01\n" for i in ids)
    )
    (tmp_path / "s.csv").write_text("customer_id,responded_at\na1,2026-03-01\nb2,2026-03-01\n")
    (tmp_path / "study.toml").write_text(
        'name = "m"\n[tables.tickets]\npath = "t.csv"\n[tables.surveys]\npath = "s.csv"\n'
    )
    assert hint in str(check_study(open_study(tmp_path)))


def test_a_time_in_the_future_does_not_set_the_last_period(folder):
    (folder / "tickets.csv").write_text(FILES["tickets.csv"] + "4,a,2062-03-01,chat\n")
    assert open_study(folder, period="last").period.label == "2026-03"


def test_what_is_kept_with_a_study_is_made_once_and_nobody_changes_it_for_others():
    config = StudyConfig(name="test", tables={"surveys": {"path": "surveys.csv"}})
    study, made = study_of(config, {}), []

    def make(of):
        made.append(of)
        return pd.DataFrame({"n": [1]})

    first = study.once(make)
    first.loc[0, "n"] = 2
    assert study.once(make)["n"].tolist() == [1]
    assert made == [study]
    replace(study, segment=("a", "b")).once(make)
    assert len(made) == 2
