"""Figures under several definitions: same contacts, each worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from findings_of_service import DEFINITIONS
from matplotlib.axes import Axes
from test_metrics_service_more import QUEUE, days, issues, study

from cxanalysis.config import StudyConfig
from cxanalysis.findings import find_definitions
from cxanalysis.metrics import definition_panel
from cxanalysis.plots import plot
from cxanalysis.study import study_of


def values(panel: pd.DataFrame, metric: str) -> dict[str, float]:
    rows = panel[panel["metric"] == metric]
    return {str(row["variant"]): row["value"] for row in rows.to_dict("records") if row["n"]}


def test_resolution_comes_by_window_and_reason_with_the_one_used_marked():
    panel = definition_panel(study(issues()))
    found = values(panel, "first_contact_resolution")
    # Within a day: a's two, b's, c's two and their repeat on the next day (by reason apart).
    assert found["no repeat within 1 day, same reason"] == 1
    assert found["no repeat within 7 days, same reason"] == 0.75
    assert found["no repeat within 7 days, any reason"] == pytest.approx(1 / 3)
    chosen = panel[(panel["metric"] == "first_contact_resolution") & panel["chosen"]]
    assert list(chosen["variant"]) == ["no repeat within 7 days, same reason"]
    assert panel["source"].str.len().min() > 0


def test_window_of_the_study_file_is_the_one_marked():
    panel = definition_panel(study(issues(), fcr_window_days=3))
    assert "within 3 days" in panel[panel["chosen"]]["variant"].iloc[0]


def test_net_resolution_and_one_reply_join_where_the_study_can_give_them():
    tickets = issues(replies=[1, 1, 2, 0, 1, 1, 3], solved_at=days(*[61] * 7))
    found = values(
        definition_panel(study(tickets, not_first_level=["fault"])), "first_contact_resolution"
    )
    assert found["solved with fewer than two replies"] == pytest.approx(5 / 7)
    net = next(value for text, value in found.items() if "net of" in text)
    assert net == pytest.approx(2 / 3)


def test_abandonment_and_service_level_by_definition():
    panel = definition_panel(study(QUEUE))
    abandoned = values(panel, "abandonment")
    assert abandoned["all who left"] == pytest.approx(2 / 7)
    assert abandoned["without those who left before 5 s"] == pytest.approx(1 / 6)
    level = values(panel, "service_level")
    assert list(level.values()) == pytest.approx([3 / 5, 3 / 6, 3 / 4, 4 / 6])


def test_handle_time_by_definition():
    tickets = pd.DataFrame(
        {
            "opened_at": days(1, 2, 3, 4),
            "talk_seconds": [100.0, 200, 600, None],
            "wrap_seconds": [20.0, 20, 20, None],
            "abandoned": [False, False, False, True],
        }
    )
    found = values(definition_panel(study(tickets)), "handle_time")
    assert list(found.values()) == [320, 220, 240, 300]  # mean, median, with a 0, talk alone


def test_open_contacts_make_the_median_longer_than_that_of_the_solved():
    tickets = pd.DataFrame(
        {
            "opened_at": days(1, 1, 1, 1),
            "solved_at": days(2, 3, 11, float("nan")),
            "ticket_id": [*"abcd"],
        }
    )
    found = values(definition_panel(study(tickets)), "resolution_time")
    assert found["median, those still open counted"] == 240
    assert found["median of those solved"] == 48


def test_figure_of_few_cases_is_withheld_and_no_table_gives_no_panel():
    panel = definition_panel(study(QUEUE, min_base=30))
    assert panel["value"].isna().all()
    assert find_definitions(study(QUEUE, min_base=30)).panels == ()
    nothing = study_of(StudyConfig.model_validate({"name": "Test", "tables": {}}), {})
    assert definition_panel(nothing).empty


def test_finding_names_the_figure_whose_share_moves_most():
    finding = find_definitions(study(issues()))
    assert finding.widest == "first_contact_resolution"
    panel = finding.panels[0]
    assert (panel.low, panel.high) == (pytest.approx(1 / 3), 1)
    assert find_definitions(study(QUEUE)).widest == "service_level"


def test_every_definition_is_a_dot_and_the_one_used_is_filled():
    figure = plot(DEFINITIONS)
    assert figure is not None
    (axes,) = figure.findobj(Axes)
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert [float(np.asarray(line.get_xdata())[0]) for line in dots] == [0.948, 0.742, 0.534]
    assert [line.get_markerfacecolor() != "white" for line in dots] == [False, True, False]
