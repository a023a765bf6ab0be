from math import isnan

import numpy as np
import pandas as pd
import pytest

from cxanalysis.config import StudyConfig
from cxanalysis.errors import ReportError
from cxanalysis.metrics import (
    complaint_metrics,
    feedback_coverage,
    feedback_loop,
    feedback_rows,
    journey_map,
)
from cxanalysis.metrics.intervals import median_interval, wilson
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, study_of

EXACT = 1e-9


def instants(*texts: str | None) -> pd.Series:
    return pd.to_datetime(pd.Series(texts, dtype="object"), utc=True, format="ISO8601")


def study(frames: dict[str, pd.DataFrame], period: str = "all", **settings: object) -> Study:
    content = {"name": "Test", "tables": {}, "metrics": {"min_base": 2}} | settings
    base = study_of(StudyConfig.model_validate(content), frames)
    return Study(base.path, base.config, base.engine, base.tables, parse_period(period))


TOUCHES = pd.DataFrame(
    {
        "customer_id": list("aabbccd"),
        "occurred_at": instants(*["2026-01-05"] * 7),
        "stage": [*["purchase"] * 5, "use", "use"],
        "touchpoint": [*["till", "till", "till", "door", "door"], "manual", None],
        "channel": "store",
        "rating": [4, None, 5, None, None, None, None],
        "effort": [2.0, 4, 6, None, 7, None, None],
    }
)
CONTACTS = pd.DataFrame(
    {
        "customer_id": list("aabc"),
        "issue_id": ["I1", "I1", "I2", "I3"],
        "opened_at": instants(*["2026-01-06"] * 4),
        "channel": ["phone", "phone", "phone", "chat"],
        "reason": ["complaint", "complaint", "complaint", "question"],
        "abandoned": [True, False, False, False],
        "csat": [None, 3.0, None, 5.0],
    }
)


def test_coverage_is_rated_touches_over_touches_and_contacts_stand_among_them():
    table = feedback_coverage(study({"journeys": TOUCHES, "tickets": CONTACTS}))
    rows = table.set_index("touchpoint")
    assert rows.loc["till", ["touches", "rated"]].tolist() == [3, 2]
    assert rows.loc["till", "coverage"] == pytest.approx(2 / 3, abs=EXACT)
    # An abandoned contact is nothing that could be rated.
    assert rows.loc["phone", ["touches", "rated", "coverage"]].tolist() == [2, 1, 0.5]
    assert (rows.loc["phone", "conf_low"], rows.loc["phone", "conf_high"]) == wilson(1, 2)
    assert rows["is_service"].to_dict()["phone"]
    assert not rows["is_service"].to_dict()["till"]


def test_deaf_is_a_touchpoint_with_touches_enough_that_nobody_rated():
    rows = feedback_coverage(study({"journeys": TOUCHES})).set_index("touchpoint")
    assert rows["is_deaf"].to_dict() == {
        "till": False,
        "door": True,
        "manual": False,  # one touch says nothing
        "(no name)": False,
    }
    assert isnan(rows.loc["manual", "coverage"])


def test_coverage_agrees_with_the_journey_map():
    one = study({"journeys": TOUCHES})
    ours = feedback_coverage(one).set_index(["stage", "touchpoint"])["coverage"]
    theirs = journey_map(one, by_touchpoint=True).set_index(["stage", "touchpoint"])["coverage"]
    pd.testing.assert_series_equal(ours, theirs.loc[ours.index])


def test_coverage_of_nothing_is_an_empty_table():
    assert feedback_coverage(study({})).empty
    unrated = TOUCHES.drop(columns="rating")
    assert (feedback_coverage(study({"journeys": unrated}))["rated"] == 0).all()


ANSWERS = pd.DataFrame(
    {
        "customer_id": list("abcde"),
        "responded_at": instants(
            "2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04", "2026-02-01"
        ),
        "comment": ["bread looks like a giraffe", "too dear", " ", "slow", "fine"],
        "replied_at": instants("2026-01-03", "2026-01-03", None, None, None),
        "acted_at": instants("2026-01-20", None, None, None, None),
        "told_at": instants("2026-01-21", None, None, None, None),
    }
)


def test_the_loop_counts_answers_with_a_comment():
    january = feedback_loop(study({"surveys": ANSWERS}, "2026-01")).set_index("metric")
    assert january["n"].tolist() == [3, 3, 3, 3]
    shares = january["value"].iloc[:3].tolist()
    assert shares == pytest.approx([2 / 3, 1 / 3, 1 / 3], abs=EXACT)
    assert january.loc["feedback_acted", "definition"] == (
        "answers with a comment that led to a change ÷ answers with a comment"
    )


def test_feedback_without_an_answer_waits_until_the_end_of_the_surveys():
    result = feedback_loop(study({"surveys": ANSWERS}, "2026-01")).set_index("metric")
    # 48 and 24 hours; the third has waited since 4 January for 28 days.
    expected, _ = median_interval(np.array([48.0, 24, 28 * 24]), np.array([True, True, False]))
    assert result.loc["feedback_reply", "value"] == expected == 48


def test_steps_that_are_not_recorded_say_what_they_need():
    plain = ANSWERS.drop(columns=["acted_at", "told_at", "comment"])
    result = feedback_loop(study({"surveys": plain})).set_index("metric")
    assert result.loc["feedback_told", "note"] == "needs surveys.told_at"
    assert result.loc["feedback_answered", "n"] == 5  # without comments every answer is one
    assert (feedback_loop(study({}))["note"] == "needs surveys").all()
    timeless = feedback_loop(study({"surveys": ANSWERS.drop(columns="responded_at")}))
    assert (timeless["note"] == "needs surveys.responded_at").all()


def test_no_feedback_in_a_period_is_no_share_of_it():
    result = feedback_loop(study({"surveys": ANSWERS}, "2025-01"))
    assert (result["note"] == "nothing to count").all()


def test_the_feedback_behind_the_figures_is_listed_oldest_first():
    rows = feedback_rows(study({"surveys": ANSWERS.iloc[::-1]}, "2026-01"))
    assert rows["comment"].tolist() == ["bread looks like a giraffe", "too dear", "slow"]
    assert rows["reply_hours"].tolist()[:2] == [48, 24]
    assert isnan(rows["reply_hours"].iloc[2])
    with pytest.raises(ReportError, match=r"needs surveys\.responded_at"):
        feedback_rows(study({}))


WHERE = {"touchpoints": ["till"], "reasons": ["complaint"]}


def test_complaining_costs_effort_and_contacts():
    one = study({"journeys": TOUCHES, "tickets": CONTACTS}, feedback=WHERE)
    result = complaint_metrics(one).set_index("metric")
    assert (result.loc["complaint_effort", "value"], result.loc["complaint_effort", "n"]) == (4, 3)
    assert result.loc["complaint_contacts", "value"] == 1.5
    assert result.loc["complaint_handled", "value"] == pytest.approx(2 / 3, abs=EXACT)
    by = complaint_metrics(one, by="channel").set_index(["metric", "channel"])
    assert by.loc[("complaint_contacts", "phone"), "value"] == 1.5
    assert by.loc[("complaint_effort", "store"), "value"] == 4


def test_where_customers_complain_must_be_named():
    result = complaint_metrics(study({"journeys": TOUCHES, "tickets": CONTACTS}))
    assert result["note"].tolist() == [
        "needs feedback.touchpoints in the study file",
        "needs feedback.reasons in the study file",
        "needs feedback.reasons in the study file",
    ]
    assert complaint_metrics(study({}))["note"].tolist()[0] == "needs journeys"


def test_a_channel_named_as_service_makes_its_touchpoints_service():
    named = {"service": {"channels": ["store"]}}
    table = feedback_coverage(study({"journeys": TOUCHES}, **named))
    assert table["is_service"].all()
    apart = TOUCHES.assign(channel=["store", "web", "web", *["store"] * 4])
    rows = feedback_coverage(study({"journeys": apart}, **named)).set_index("touchpoint")
    assert not rows.loc["till", "is_service"]  # one of its three touches
    assert rows.loc["door", "is_service"]
