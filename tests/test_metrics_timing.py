"""When customers make contact, by hand: since a purchase, after which rating, after help alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from test_metrics_pain import events, made
from test_metrics_reasons import contacts
from test_stories import story

from cxanalysis.errors import ReportError
from cxanalysis.metrics.help_outcomes import help_outcomes
from cxanalysis.metrics.moods import contact_moods
from cxanalysis.metrics.since_purchase import (
    contact_timing,
    contacts_since_purchase,
    soon_and_later,
    weeks_at_risk,
)
from cxanalysis.study import Study

EXACT = 1e-9  # shares of small whole numbers
CLOCK = 1e-6  # weeks, of instants in whole microseconds
BUY = {"journey": {"purchase": "buy"}}

JOURNEYS = events(
    ("a", "2026-01-01", "buy/shop", 5),
    ("a", "2026-01-15", "buy/shop", None),
    ("b", "2026-01-01", "buy/shop", 2),
    ("c", "2026-01-01", "use/app", 3),
)
TICKETS = contacts(
    ("a", "2026-01-01", "late"),  # at the instant of the purchase: after it
    ("a", "2026-01-14T23:00", "late"),  # second week of the first purchase
    ("a", "2026-01-16", "broken"),  # first week of the second
    ("b", "2025-12-31", "late"),  # before the purchase
    ("b", "2026-02-05", "broken"),  # 35 days after it: the sixth week
    ("c", "2026-02-01", "late"),  # no purchase on record
    (None, "2026-01-20", "late"),
)


def value(table: pd.DataFrame, metric: str) -> float:
    return float(table.set_index("metric").loc[metric, "value"])


def study(**config: Any) -> Study:
    return made(JOURNEYS, TICKETS, **(BUY | config))


def test_contacts_count_from_the_last_purchase_before_them() -> None:
    table = contact_timing(study())
    assert value(table, "before_purchase") == pytest.approx(2 / 6, abs=EXACT)
    assert value(table, "after_purchase") == pytest.approx(4 / 6, abs=EXACT)
    assert value(table, "after_7_days") == pytest.approx(2 / 4, abs=EXACT)
    assert value(table, "after_30_days") == pytest.approx(3 / 4, abs=EXACT)
    assert table["note"].iloc[0] == "1 contact of unknown customers left out"


def test_weeks_at_risk_end_with_the_next_purchase_and_the_last_contact() -> None:
    each = weeks_at_risk(study()).set_index(["customer_id", "week"])["weeks"]
    # contacts are on record from 31 December to 5 February
    assert each["a"].iloc[0] == pytest.approx(2.0, abs=CLOCK)  # both purchases
    assert each["a", 1] == pytest.approx(2.0, abs=CLOCK)
    assert each["a", 2] == pytest.approx(1.0, abs=CLOCK)  # after the second only
    assert each["a", 3] == pytest.approx(0.0, abs=CLOCK)  # the last contact's instant alone
    assert each["b", 4] == pytest.approx(1.0, abs=CLOCK)
    assert "c" not in each.index.get_level_values(0)


def test_rate_of_a_week_is_contacts_by_customers_at_risk() -> None:
    table = contacts_since_purchase(study()).set_index("week")
    assert (table.loc[1, "contacts"], table.loc[1, "customers"]) == (2, 2)
    assert table.loc[1, "rate"] == pytest.approx(1000 * 2 / 3, rel=CLOCK)
    assert table.loc[2, "rate"] == pytest.approx(1000 * 1 / 3, rel=CLOCK)
    assert table.loc[6, "contacts"] == 1
    assert table.loc[6, "note"] == "withheld: fewer than 2"
    assert list(table["from_day"])[:3] == [0, 7, 14]


def test_period_narrows_time_at_risk_and_contacts_alike() -> None:
    february = weeks_at_risk(study(period="2026-02"))
    assert february["contacts"].sum() == 1
    assert february["weeks"].max() < 1
    assert contact_timing(study(period="2027"))["n"].eq(0).all()


def test_early_weeks_are_compared_with_later_ones_by_customer() -> None:
    rng = np.random.default_rng(5)
    names = [f"c{n}" for n in range(200)]
    bought = events(*[(name, "2026-01-01", "buy/shop", None) for name in names])
    days = rng.integers(1, 15, 200)
    rows = [(n, f"2026-01-{d + 1:02d}", "late") for n, d in zip(names, days, strict=True)]
    soon, later, gap = soon_and_later(
        made(bought, contacts(("y", "2025-12-01", "x"), *rows, ("z", "2026-06-01", "x")), **BUY)
    )
    assert soon.value == pytest.approx(1000 * 200 / 800, rel=CLOCK)
    assert later.value == 0
    assert gap.conf_low > 0
    few = soon_and_later(study(metrics={"min_base": 9}))[2]
    assert few.note == "withheld: fewer than 9"


def test_segment_of_touches_hides_what_came_before_and_is_refused() -> None:
    given = made(JOURNEYS.assign(channel="web"), TICKETS.assign(channel="web"), **BUY)
    table = contact_timing(given.among("channel=web"))
    assert set(table["note"]) == {
        "needs customers.channel, or no segment, to see all touches of a customer"
    }
    assert contact_moods(given.among("channel=web"))["value"].isna().all()


def test_mood_is_the_last_rating_before_the_contact() -> None:
    reasons = {"late": {"kind": "inquiry"}}
    rated = events(
        ("a", "2026-01-01", "use/app", 1),
        ("a", "2026-01-10", "use/app", 5),
        ("b", "2026-01-10", "use/app", 2),
        ("b", "2026-01-10", "use/manual", 4),  # one instant: their mean, 3
        ("c", "2025-01-01", "use/app", 5),  # longer ago than 90 days
        ("d", "2026-01-10", "use/app", 1),
    )
    asked = contacts(
        ("a", "2026-01-05", "broken"),  # after a 1
        ("a", "2026-01-10", "broken"),  # at the instant of the 5: still the 1
        ("a", "2026-01-11", "broken"),  # after the 5
        ("b", "2026-01-11", "broken"),
        ("c", "2026-01-11", "broken"),
        ("d", "2026-01-11", "late"),  # after a 1, but an inquiry
    )
    table = contact_moods(made(rated, asked, reasons=reasons))
    assert value(table, "rated_before") == pytest.approx(5 / 6, abs=EXACT)
    assert value(table, "after_good_rating") == pytest.approx(1 / 5, abs=EXACT)
    assert value(table, "after_bad_rating") == pytest.approx(3 / 5, abs=EXACT)
    assert value(table, "not_dissatisfied") == pytest.approx(2 / 5, abs=EXACT)
    assert value(table, "good_or_inquiry") == pytest.approx(2 / 5, abs=EXACT)


def test_mood_says_what_it_needs() -> None:
    bare = contact_moods(made(JOURNEYS.drop(columns="rating"), TICKETS))
    assert set(bare["note"]) == {"needs journeys.rating"}
    table = contact_moods(made(JOURNEYS, TICKETS, reasons={})).set_index("metric")
    assert "needs the kind" in table.loc["good_or_inquiry", "note"]


def test_purchase_that_is_no_stage_is_asked_for() -> None:
    given = study(journey={"purchase": "order"})
    assert "no 'order' among the stages" in contact_timing(given)["note"].iloc[0]
    with pytest.raises(ReportError, match="the stage of purchase"):
        contacts_since_purchase(given)


# The data end on 1 June: 90 days are over for visits up to 3 March.
HELP = events(
    ("a", "2026-01-01", "buy/help", None),
    ("a", "2026-01-05", "use/app", None),  # contacted and went on
    ("b", "2026-01-01", "buy/help", None),
    ("b", "2026-02-01", "use/app", None),  # went on alone
    ("c", "2026-01-01", "buy/help", None),  # neither
    ("d", "2026-01-01", "buy/help", None),  # contacted, did not go on
    ("e", "2026-01-01", "use/help", None),  # at the last stage nobody goes on
    ("f", "2026-04-01", "buy/help", None),  # its 90 days are not over
    ("b", "2026-01-20", "buy/help", None),  # a second visit is no second customer
    ("z", "2026-06-01", "use/app", None),
)
ASKED = contacts(
    ("a", "2026-01-01T12:00", "late"),
    ("b", "2026-01-02T01:00", "late"),  # 25 hours later
    ("d", "2026-01-01", "late"),
)


def test_help_ends_in_a_contact_in_going_on_or_in_neither() -> None:
    table = help_outcomes(made(HELP, ASKED, service={"self_service": ["help"]}))
    assert list(table["n"])[:3] == [4, 4, 4]
    assert value(table, "help_contacted") == pytest.approx(2 / 4, abs=EXACT)
    assert value(table, "help_went_on") == pytest.approx(1 / 4, abs=EXACT)
    assert value(table, "help_neither") == pytest.approx(1 / 4, abs=EXACT)
    assert value(table, "on_with_contact") == pytest.approx(1 / 2, abs=EXACT)
    assert value(table, "on_difference") == pytest.approx(0, abs=EXACT)


def test_hours_after_help_are_those_of_the_study_file() -> None:
    service = {"self_service": ["help"], "self_service_hours": 25}
    table = help_outcomes(made(HELP, ASKED, service=service))
    assert value(table, "help_contacted") == pytest.approx(3 / 4, abs=EXACT)


def test_help_belongs_to_the_period_in_which_its_days_end_and_may_be_absent() -> None:
    service = {"self_service": ["help"]}
    assert help_outcomes(made(HELP, ASKED, period="2026-04", service=service))["n"].iloc[0] == 4
    assert help_outcomes(made(HELP, ASKED, period="2026-01", service=service))["n"].iloc[0] == 0
    assert "list of self_service" in help_outcomes(made(HELP, ASKED))["note"].iloc[0]


def test_television_story_is_asked_about_only_after_the_purchase(tmp_path: Path) -> None:
    table = contact_timing(story("broken_television", tmp_path))
    assert value(table, "after_7_days") == 1.0


def test_owner_of_the_home_office_asked_after_a_middling_visit(tmp_path: Path) -> None:
    opened = story("home_office", tmp_path)
    assert value(contact_timing(opened), "before_purchase") == 1.0  # no purchase is told of
    table = contact_moods(opened)
    assert value(table, "after_bad_rating") == 0.0
    assert value(table, "not_dissatisfied") == 1.0
