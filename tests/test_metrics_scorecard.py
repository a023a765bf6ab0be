from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cxanalysis.config import StudyConfig
from cxanalysis.metrics import experience_metrics, journey_metrics, scorecard, service_metrics
from cxanalysis.metrics.control import LEAST_RANGES, usual_limits
from cxanalysis.metrics.history import EARLIER, PLACE, SERVICE, earlier_figures, values_of
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, study_of

EXACT = 1e-9  # the same sums over the same rows


def company(months: int, period: str, **last: float) -> Study:
    """Forty rows a month from January 2024: NPS about 20, handling about 300 s, by chance."""
    random = np.random.default_rng(6)
    n = 40 * months
    month = np.repeat(np.arange(months), 40)
    starts = pd.DatetimeIndex(
        [pd.Timestamp(2024 + m // 12, m % 12 + 1, 3, tz="UTC") for m in month]
    )
    moments = starts + pd.to_timedelta(random.uniform(0, 20, n), "D")
    current = month == months - 1
    nps = random.choice([3, 8, 10], n, p=[0.3, 0.2, 0.5])
    nps[current] = last.get("nps", nps[current])
    talk = random.normal(300, 60, n).round()
    talk[current] = talk[current] + last.get("talk", 0)
    surveys = pd.DataFrame(
        {
            "customer_id": [f"c{i % 97}" for i in range(n)],
            "invited_at": moments - pd.Timedelta(days=6),
            "responded_at": moments.to_series(index=range(n)).where(random.random(n) < 0.9),
            "nps": nps.astype(float),
            "ces": random.integers(1, 8, n).astype(float),
        }
    )
    tickets = pd.DataFrame(
        {
            "ticket_id": [f"t{i}" for i in range(n)],
            "customer_id": [f"c{i % 97}" for i in range(n)],
            "opened_at": moments,
            "first_replied_at": moments + pd.to_timedelta(random.exponential(2, n), "h"),
            "talk_seconds": talk,
            "abandoned": random.random(n) < 0.1,
        }
    )
    journeys = pd.DataFrame(
        {
            "customer_id": surveys["customer_id"],
            "occurred_at": moments,
            "stage": "use",
            "promised_at": moments + pd.Timedelta(days=4),
            "fulfilled_at": moments + pd.to_timedelta(random.uniform(0, 6, n), "D"),
        }
    )
    content = {"name": "Test", "tables": {}, "metrics": {"min_base": 10}}
    frames = {"surveys": surveys, "tickets": tickets, "journeys": journeys}
    base = study_of(StudyConfig.model_validate(content), frames)
    return replace(base, period=parse_period(period))


def test_one_pass_gives_the_figures_that_each_period_gives_alone():
    study = company(4, "2024-04")
    assert study.period is not None
    earlier = earlier_figures(study)
    period = study.period
    for place in (EARLIER, EARLIER - 1, EARLIER - 2):
        period = period.previous()
        alone = replace(study, period=period)
        service = service_metrics(alone, only=SERVICE)
        parts = [experience_metrics(alone), service, journey_metrics(alone)]
        expected = pd.concat(parts).set_index("metric")
        chosen = earlier[earlier[PLACE] == place].set_index("metric")
        assert set(chosen.index) == set(expected.index)
        columns = ["value", "conf_low", "conf_high", "n"]
        known = expected.loc[chosen.index, columns]
        assert chosen[columns].to_numpy(float) == pytest.approx(
            known.to_numpy(float), abs=EXACT, nan_ok=True
        )
    assert list(np.flatnonzero(~np.isnan(values_of(earlier, "nps")))) == [21, 22, 23]


def test_the_usual_limits_come_from_the_periods_before_and_not_from_this_one():
    study = company(13, "2025-01", talk=100)
    result = scorecard(study).set_index("metric").loc["handle_time"]
    limits = usual_limits(values_of(earlier_figures(study), "handle_time"))
    assert limits.n_ranges == 11
    usual = result["usual_low"], result["usual_high"]
    assert usual == pytest.approx((limits.low, limits.high), abs=EXACT)
    assert result["beyond_usual"] is True
    assert (result["word"], result["n_earlier"]) == ("up", 12)


def test_a_change_beyond_chance_may_be_within_the_usual_movement():
    # Every other month forty detractors, then forty promoters: what moves so much is usual.
    study = company(13, "2025-01")
    moments = pd.date_range("2024-01-10", periods=13, freq="MS", tz="UTC")
    surveys = pd.DataFrame(
        {
            "responded_at": np.repeat(moments, 40),
            "nps": np.repeat([2.0, 10.0] * 6 + [2.0], 40),
        }
    )
    study = replace(
        study, tables={"surveys": study.engine.register(surveys)}, period=parse_period("2025-02")
    )
    result = scorecard(study).set_index("metric").loc["nps"]
    assert result["word"] == "down"
    assert result["beyond_usual"] is False
    assert (result["usual_low"], result["usual_high"]) == (-100, 100)  # cut to what NPS can be


def answers_of(months: int) -> Study:
    study = company(months, f"2024-{months:02}")
    return replace(study, tables={"surveys": study.tables["surveys"]})


def test_too_few_earlier_periods_leave_it_open():
    enough = LEAST_RANGES + 1  # earlier periods
    few = scorecard(answers_of(enough)).set_index("metric").loc["nps"]
    assert (few["beyond_usual"], few["n_earlier"]) == (None, enough - 1)
    assert np.isnan(few["usual_low"])
    more = scorecard(answers_of(enough + 1)).set_index("metric").loc["nps"]
    assert isinstance(more["beyond_usual"], bool)


def test_all_dates_have_no_earlier_period():
    everything = scorecard(replace(answers_of(3), period=None))
    assert set(everything["n_earlier"]) == {0}
    assert set(everything["beyond_usual"]) == {None}


def test_answers_without_a_time_are_not_compared_with_themselves():
    study = answers_of(2)
    timeless = study.tables["surveys"].drop("responded_at", "invited_at")
    result = scorecard(replace(study, tables={"surveys": timeless})).set_index("metric")
    assert result.loc["nps", "n"] == 80
    assert result.loc["nps", "word"] == "no comparison"
