"""study.toml: what is accepted, and what a wrong one is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxanalysis.config import change_config, moved_settings, read_config
from cxanalysis.errors import StudyError

MINIMAL = 'name = "Acme"\n[tables.tickets]\npath = "tickets.csv"\n'


def write(folder: Path, text: str) -> Path:
    path = folder / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_minimal_study_gets_the_defaults(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, MINIMAL))
    assert config.tables.tickets is not None
    assert config.tables.tickets.path == ("tickets.csv",)
    assert config.model.margin == 0.20
    assert len(config.stages) == 8


def test_column_may_be_a_name_or_a_table(tmp_path: Path) -> None:
    text = MINIMAL + (
        "[tables.tickets.columns]\n"
        'opened_at = { columns = ["date", "time"], time_format = "%y%m%d %H:%M:%S" }\n'
        'customer_id = { column = "customer", missing = 0 }\n'
        'reason = "type"\n'
    )
    config = read_config(write(tmp_path, text))
    assert config.tables.tickets is not None
    columns = config.tables.tickets.columns
    assert columns["opened_at"].sources == ("date", "time")
    assert columns["customer_id"].missing == ("0",)
    assert columns["reason"].sources == ("type",)


@pytest.mark.parametrize(
    ("addition", "expected"),
    [
        ("[model]\nlookback = 3\n", "'model.lookback'. Did you mean 'lookback_days'?"),
        ("[reprot]\n", "'reprot'. Did you mean 'report'?"),
        (
            "[tables.tickets.columns]\nreason = { colum = 'x' }\n",
            "Did you mean 'column'?",
        ),
        ("[model]\nmargin = 2\n", "model.margin"),
        ("[model]\nkind = 'ordered'\nweights = 'raked'\n", "model: an ordered logit takes no"),
        ("[model]\ntop_box = 9\n", "model: top_box goes with kind"),
        ("[model]\nkind = 'logit'\nrobustness = ['use_rating']\n", "model: robustness goes with"),
        ("[stage_aliases]\nWeb = 'purchse'\n", "Did you mean 'purchase'?"),
        (
            "[tables.surveys]\npath = 's.csv'\n[tables.surveys.items.Q1]\nstage = 'uze'\n",
            "tables.surveys.items.Q1.stage: no stage 'uze'. Did you mean 'use'?",
        ),
        (
            "[tables.tickets.columns]\nreason = { column = 'x', value = 'y' }\n",
            "exactly one of column, columns, first_of or value",
        ),
        (
            "[tables.surveys]\npath = 's.csv'\nscale = { low = 5, high = 1 }\n",
            r"low \(5\) must be below high \(1\)",
        ),
    ],
)
def test_wrong_key_or_value_is_named_with_its_place(
    tmp_path: Path, addition: str, expected: str
) -> None:
    with pytest.raises(StudyError, match=expected):
        read_config(write(tmp_path, MINIMAL + addition))


def test_stage_that_no_column_can_be_named_after_is_told_another_name(tmp_path: Path) -> None:
    text = 'stages = ["1. look", "buy"]\n' + MINIMAL
    with pytest.raises(StudyError, match="Call it '1 look', and under stage_aliases say what the"):
        read_config(write(tmp_path, text))
    aliases = "\n[stage_aliases]\n'1. look' = '1 look'\n"
    renamed = text.replace("1. look", "1 look") + aliases
    assert read_config(write(tmp_path, renamed)).stage_aliases == {"1. look": "1 look"}


def test_absent_study_says_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="cxanalysis init"):
        read_config(tmp_path / "study.toml")


def test_broken_toml_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="line 2"):
        read_config(write(tmp_path, 'name = "x"\nname 2\n'))


SURVEYS = MINIMAL + "[tables.surveys]\npath = 's.csv'\n[tables.surveys.items.staff]\nlow = 1\n"


def test_settings_of_a_view_replace_those_of_the_file_and_leave_the_rest(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, SURVEYS + "[service]\nchannels = ['phone']\n"))
    changed = change_config(
        config,
        "service.touchpoints = ['desk']\nmetrics.fcr_window_days = 14\n"
        "tables.surveys.items.staff.service = true\n",
    )
    assert (changed.service.channels, changed.service.touchpoints) == (("phone",), ("desk",))
    assert changed.metrics.fcr_window_days == 14
    assert changed.tables.surveys is not None
    assert changed.tables.surveys.items["staff"].service
    assert changed.tables.surveys.items["staff"].low == 1
    assert change_config(config, "") == config
    assert config.metrics.fcr_window_days == 7
    moved = ("metrics.fcr_window_days", "service.touchpoints")
    assert moved_settings(config, changed) == (*moved, "tables.surveys.items.staff.service")
    said_anew = change_config(config, "service.channels = ['phone']")
    assert moved_settings(config, said_anew) == ()


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("metrics.fcr_days = 3", "'metrics.fcr_days'. Did you mean 'fcr_window_days'?"),
        ("metrics.fcr_window_days = 0", "settings: 1 problem"),
        ("servise.channels = ['x']", "'servise' cannot be changed.* Did you mean 'service'?"),
        ("time_zone = 'UTC'", "'time_zone' cannot be changed for one view"),
        ("tables.surveys.path = 'x.csv'", "'tables.surveys.path' cannot be changed"),
        ("tables.surveys.items.stuff.service = true", "no survey item 'stuff'. Did you mean"),
        ("fcr", "not valid TOML"),
        ("metrics.min_base = 2", "'metrics.min_base' cannot be changed.* --min-base"),
        ("[metrics]\nmin_base = 50", "'metrics.min_base' cannot be changed"),
        ("model = {margin = 0.5}", "'model.margin' cannot be .* fixed before looking"),
        ("model.seed = 7", "'model.seed' cannot be changed"),
        ("model.robustness = ['wait']", "'model.robustness' cannot .* named before looking"),
    ],
)
def test_settings_that_a_view_cannot_have_are_refused(tmp_path, settings, expected) -> None:
    config = read_config(write(tmp_path, SURVEYS))
    with pytest.raises(StudyError, match=expected):
        change_config(config, settings)
