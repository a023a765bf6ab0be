from math import isnan

import pandas as pd
import pytest

from cxanalysis.config import StudyConfig
from cxanalysis.metrics import journey_metrics
from cxanalysis.metrics.intervals import wilson
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, study_of

EXACT = 1e-9


def instants(*texts: str | None) -> pd.Series:
    return pd.to_datetime(pd.Series(texts, dtype="object"), utc=True, format="ISO8601")


# The last thing known to have happened is on 20 January.
PROMISES = pd.DataFrame(
    {
        "customer_id": list("abcdef"),
        "occurred_at": instants(*["2026-01-01"] * 6),
        "stage": ["purchase"] * 3 + ["use"] * 3,
        "promised_at": instants(
            "2026-01-10",  # fulfilled in time, to the second
            "2026-01-10",  # fulfilled a second late
            "2026-01-15",  # still open, past due: broken
            "2026-02-15",  # open, not yet due: left out
            "2026-02-20",  # fulfilled before it was due, due later than the data end: left out
            None,  # no promise
        ),
        "fulfilled_at": instants(
            "2026-01-10", "2026-01-10 00:00:01", None, None, "2026-01-20", None
        ),
    }
)


def study(journeys: pd.DataFrame, period: str = "all", min_base: int = 2) -> Study:
    content = {"name": "Test", "tables": {}, "metrics": {"min_base": min_base}}
    base = study_of(StudyConfig.model_validate(content), {"journeys": journeys})
    return Study(base.path, base.config, base.engine, base.tables, parse_period(period))


def test_a_promise_is_kept_when_fulfilled_by_the_promised_moment():
    # Due by 20 January: three, of which one was kept.
    result = journey_metrics(study(PROMISES)).iloc[0]
    assert result["n"] == 3
    assert result["value"] == pytest.approx(1 / 3, abs=EXACT)
    assert (result["conf_low"], result["conf_high"]) == wilson(1, 3)
    assert result["note"] == "2 promises not yet due left out"


def test_promises_belong_to_the_period_in_which_they_fall_due():
    assert journey_metrics(study(PROMISES, "2026-01")).iloc[0]["n"] == 3
    february = journey_metrics(study(PROMISES, "2026-02")).iloc[0]
    assert february["n"] == 0
    assert february["note"] == "nothing to count; 2 promises not yet due left out"


def test_promises_by_stage_and_withheld_below_the_base():
    result = journey_metrics(study(PROMISES), by="stage").set_index("stage")
    assert result.loc["purchase", "n"] == 3
    assert result.loc["use", "n"] == 0
    assert journey_metrics(study(PROMISES, min_base=30)).iloc[0]["note"].startswith("withheld")


def test_what_is_absent_is_named():
    without = journey_metrics(study(PROMISES.drop(columns="fulfilled_at"))).iloc[0]
    assert isnan(without["value"])
    assert without["note"] == "needs journeys.fulfilled_at"
    nothing = study_of(StudyConfig.model_validate({"name": "Test", "tables": {}}), {})
    assert journey_metrics(nothing).iloc[0]["note"] == "needs journeys"
