"""What changed since the period before: the figures compared, their words and their picture."""

from __future__ import annotations

import pandas as pd
import pytest
from findings_of_changes import FCR, HANDLING, SERVICE
from matplotlib.axes import Axes
from test_metrics_journeys import events, study

from cxanalysis.config import StudyConfig
from cxanalysis.findings.changes import find_changes
from cxanalysis.metrics.changes import journey_changes, service_changes, stage_ratings
from cxanalysis.periods import parse_period
from cxanalysis.plots import plot
from cxanalysis.study import Study, study_of

EXACT = 1e-9

MONTHS = events(
    ("a", "2026-01-05", "buy/till", 2),
    ("b", "2026-01-06", "buy/till", 3),
    ("a", "2026-02-05", "buy/till", 4),
    ("a", "2026-02-06", "buy/till", 5),
    ("b", "2026-02-07", "buy/till", 5),
    ("b", "2026-02-08", "use/app", 1),
    ("c", "2026-02-09", "use/app", None),
)


def test_rating_of_a_stage_counts_customers_and_stands_beside_the_period_before() -> None:
    table = journey_changes(study(MONTHS, "2026-02")).set_index("metric")
    row = table.loc["rating of buy"]
    assert row["value"] == pytest.approx(14 / 3, abs=EXACT)
    assert row["n"] == 2  # customers, of three touches
    assert row["previous"] == pytest.approx(2.5, abs=EXACT)
    assert row["difference"] == pytest.approx(14 / 3 - 2.5, abs=EXACT)
    assert row["n_earlier"] == 1


def test_stages_come_in_the_order_of_the_journey() -> None:
    assert stage_ratings(study(MONTHS))["metric"].tolist() == [
        "rating of buy",
        "rating of use",
    ]


def test_a_stage_rated_by_too_few_is_withheld_and_said_so() -> None:
    finding = find_changes(study(MONTHS, "2026-02"), "journey")
    assert [figure.metric for figure in finding.withheld] == ["rating of use"]
    assert [figure.metric for figure in finding.figures] == ["rating of buy"]


def test_without_ratings_there_is_nothing_to_compare() -> None:
    finding = find_changes(study(MONTHS.drop(columns="rating"), "2026-02"), "journey")
    assert finding.figures == ()
    assert finding.history == ()


def tickets(period: str) -> Study:
    days = pd.to_datetime([f"2026-0{month}-0{day}" for month in range(1, 7) for day in (1, 2, 3)])
    frame = pd.DataFrame(
        {
            "ticket_id": [str(n) for n in range(18)],
            "customer_id": [str(n % 5) for n in range(18)],
            "opened_at": days.tz_localize("UTC"),
            "first_replied_at": days.tz_localize("UTC") + pd.Timedelta(hours=1),
            "talk_seconds": [60.0 + n for n in range(18)],
        }
    )
    config = {"name": "Test", "tables": {}, "metrics": {"min_base": 2}}
    base = study_of(StudyConfig.model_validate(config), {"tickets": frame})
    return Study(base.path, base.config, base.engine, base.tables, parse_period(period, "UTC"))


def test_service_stands_beside_its_earlier_months_and_keeps_their_values() -> None:
    finding = find_changes(tickets("2026-06"), "service")
    handling = next(figure for figure in finding.figures if figure.metric == "handle_time")
    assert handling.now.value == pytest.approx(76.0, abs=EXACT)
    assert handling.before.value == pytest.approx(73.0, abs=EXACT)
    assert finding.before[0] == "January 2026"
    assert dict(finding.history)["handle_time"] == pytest.approx((61.0, 64.0, 67.0, 70.0, 73.0))


def test_a_figure_that_cannot_be_given_says_what_it_needs() -> None:
    missing = {item.label for item in find_changes(tickets("2026-06"), "service").missing}
    assert "Abandonment" in missing
    table = service_changes(tickets("2026-06"))
    assert table["metric"].is_unique


def test_all_dates_have_no_period_before() -> None:
    finding = find_changes(tickets("all"), "service")
    assert {figure.word for figure in finding.figures} == {"no comparison"}
    assert finding.history == ()


def test_the_picture_draws_what_moved_first_and_the_values_of_before() -> None:
    figure = plot(SERVICE)
    assert figure is not None
    panels = figure.findobj(Axes)
    assert [axes.get_title(loc="left") for axes in panels] == [FCR.label, HANDLING.label]
    drawn = [list(line.get_ydata()) for line in panels[1].get_lines()]
    assert [320.0, 341.0, 328.0] in drawn
