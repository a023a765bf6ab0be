"""Change of contact figures with customers as the unit: by hand, by simulation, at the edges."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pandas as pd
import pytest

from cxanalysis.config import StudyConfig
from cxanalysis.metrics.changes import service_changes
from cxanalysis.metrics.scorecard import scorecard
from cxanalysis.metrics.service import service_metrics
from cxanalysis.metrics.service_bins import BIN
from cxanalysis.metrics.service_change import (
    BEFORE,
    MEDIANS,
    NOW,
    OF_CONTACTS,
    changes_of,
    clustered_median,
    service_change,
)
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, study_of

EXACT = 1e-9  # the same sums by another way


def study(tickets: pd.DataFrame, period: str = "2026-02") -> Study:
    config = {
        "name": "Test",
        "tables": {},
        "metrics": {"min_base": 2, "failure_reasons": ["fault"]},
    }
    base = study_of(StudyConfig.model_validate(config), {"tickets": tickets})
    return Study(base.path, base.config, base.engine, base.tables, parse_period(period, "UTC"))


def contacts(n: int = 240, each: int = 4, seed: int = 3) -> pd.DataFrame:
    """Contacts of January and February; a customer has several, all for one kind of reason."""
    generator = np.random.default_rng(seed)
    customers = np.arange(n) % (n // each)
    failing = generator.random(n // each) < 0.5
    opened = pd.Timestamp("2026-01-02", tz="UTC") + pd.to_timedelta(
        generator.integers(0, 57 * 24, n), unit="h"
    )
    replied = opened + pd.to_timedelta(generator.gamma(2, 60, n), unit="min")
    return pd.DataFrame(
        {
            "ticket_id": [f"t{place}" for place in range(n)],
            "customer_id": [f"c{who}" for who in customers],
            "opened_at": opened,
            "first_replied_at": replied,
            "solved_at": (replied + pd.Timedelta(hours=5)).where(generator.random(n) < 0.9),
            "abandoned": False,
            "talk_seconds": generator.gamma(3, 90, n).round() + 1,
            "queue_wait_seconds": generator.gamma(1, 60, n).round(),
            "csat": generator.integers(1, 6, n).astype(float),
            "reopens": generator.integers(0, 2, n),
            "sla_met": generator.random(n) < 0.8,
            "reason": np.where(failing[customers], "fault", "question"),
        }
    )


def test_every_watched_figure_is_that_of_the_section_on_service() -> None:
    given = study(contacts())
    changed = service_change(given)
    assert set(changed.index) == set(OF_CONTACTS)
    now = service_metrics(given, only=OF_CONTACTS).set_index("metric")["value"]
    before = service_metrics(study(contacts(), "2026-01"), only=OF_CONTACTS)
    gap = now - before.set_index("metric")["value"]
    for metric in OF_CONTACTS:
        assert changed.loc[metric, "difference"] == pytest.approx(gap[metric], abs=EXACT), metric
        assert changed.loc[metric, "conf_low"] <= now[metric] <= changed.loc[metric, "conf_high"]


def test_mean_allows_for_customers_in_both_periods() -> None:
    rows = pd.DataFrame(
        {
            BIN: [BEFORE, BEFORE, BEFORE, NOW, NOW, NOW],
            "customer_id": ["a", "a", "b", "a", "b", "b"],
            "handle_time": [10.0, 14.0, 30.0, 16.0, 40.0, 34.0],
        }
    )
    row = changes_of(study(contacts()), rows).loc["handle_time"]
    # Influence of each customer: sum over own contacts of (value − mean) ÷ contacts, × √(2 ÷ 1).
    before, now = np.array([-12.0, 12.0]) / 3, np.array([-14.0, 14.0]) / 3
    error = sqrt(2 * float(((now - before) ** 2).sum()))
    assert row["difference"] == pytest.approx(12.0, abs=EXACT)
    reach = 12.706204736432095 * error  # t on one degree of freedom
    assert row["difference_high"] == pytest.approx(12 + reach, abs=1e-6)


@pytest.mark.parametrize("metric", ["failure_demand", "handle_time"])
def test_four_contacts_alike_of_a_customer_tell_no_more_than_one(metric: str) -> None:
    generator = np.random.default_rng(12)
    once = pd.DataFrame(
        {
            "customer_id": np.arange(80).astype(str),
            BIN: np.repeat([BEFORE, NOW], 40),
            metric: (generator.random(80) < np.repeat([0.4, 0.7], 40)).astype(float),
        }
    )
    often = once.loc[once.index.repeat(4)].reset_index(drop=True)
    given = study(contacts(8))
    one, four = (changes_of(given, rows).loc[metric] for rows in (once, often))
    assert one.to_numpy() == pytest.approx(four.to_numpy(), abs=EXACT)


def test_median_of_one_contact_per_customer_is_the_plain_one_and_of_more_is_wider() -> None:
    generator = np.random.default_rng(1)
    own = np.repeat(generator.gamma(2, 3, 60), 4)
    hours, ended = own + generator.random(240), np.ones(240, dtype=bool)
    alone, plain, _ = clustered_median(hours, ended, np.arange(240))
    same, wide, parts = clustered_median(hours, ended, np.repeat(np.arange(60), 4))
    assert alone == same
    assert wide.high - wide.low > 1.5 * (plain.high - plain.low)
    assert parts.shape == (60,)


def test_limits_printed_and_tests_are_those_of_customers() -> None:
    given = study(contacts())
    changed = given.once(service_change)
    plain = service_metrics(given, only=["failure_demand"]).iloc[0]
    own = service_changes(given).set_index("metric").loc["failure_demand"]
    assert own["conf_low"] == pytest.approx(changed.loc["failure_demand", "conf_low"], abs=EXACT)
    assert own["conf_high"] - own["conf_low"] > 1.1 * (plain["conf_high"] - plain["conf_low"])
    limit = changed.loc["failure_demand", "difference_low"]
    assert own["difference_low"] == pytest.approx(limit, abs=EXACT)
    rated = scorecard(given).set_index("metric").loc["contact_csat"]
    assert rated["p_value"] == pytest.approx(changed.loc["contact_csat", "p_value"], abs=EXACT)


def test_without_a_period_before_there_is_no_difference_but_an_interval() -> None:
    for period in ("2026-01", "all"):
        changed = service_change(study(contacts(), period))
        assert changed["difference"].isna().all()
        assert changed["p_value"].isna().all()
        assert changed["conf_low"].notna().all()
    nobody = service_change(study(contacts().iloc[:0]))
    assert nobody["difference"].isna().all()


def test_contacts_without_customer_number_stand_for_themselves() -> None:
    bare = service_change(study(contacts().drop(columns="customer_id")))
    assert set(MEDIANS) <= set(bare.index)
    plain = service_metrics(study(contacts()), only=["contact_csat"]).iloc[0]
    assert bare.loc["contact_csat", "conf_low"] == pytest.approx(plain["conf_low"], abs=1e-6)
