"""Names in a study file that the data do not have are said, with the closest one that they have."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cxanalysis.config import StudyConfig
from cxanalysis.findings import find_quality
from cxanalysis.narrative import describe
from cxanalysis.study import Study, check_study, study_of

TICKETS = pd.DataFrame(
    {
        "customer_id": ["a", "b"],
        "opened_at": pd.to_datetime(["2026-01-01", "2026-01-02"], utc=True),
        "reason": ["fault", "billing"],
        "channel": ["phone", None],
    }
)
TOUCHES = pd.DataFrame(
    {
        "customer_id": ["a", "b"],
        "occurred_at": pd.to_datetime(["2026-01-01", "2026-01-02"], utc=True),
        "stage": ["use", "use"],
        "touchpoint": ["app", "visit"],
        "channel": ["web", "in person"],
    }
)


def study(**config: Any) -> Study:
    content = {"name": "Test", "tables": {}, "stages": ["use"]} | config
    frames = {"tickets": TICKETS, "journeys": TOUCHES}
    return study_of(StudyConfig.model_validate(content), frames)


def test_a_misspelt_reason_is_named_with_where_it_stands_and_the_closest() -> None:
    (said,) = study(metrics={"failure_reasons": ["fualt", "billing"]}).absent_names()
    assert "'fualt' under metrics.failure_reasons" in said
    assert "tickets.reason has no such value" in said
    assert "Did you mean 'fault'" in said


def test_every_kind_of_name_is_looked_up_in_its_own_column() -> None:
    named = study(
        reasons={"lost": {"stage": "use"}},
        service={"touchpoints": ["nowhere"], "self_service": ["web", "faq"]},
        journey={"gestures": ["gift"], "online": ["wbe"]},
        metrics={"reply_hours": {"telex": 1}},
        actions={"use": {"owner": "x"}, "parking": {"owner": "y"}},
    ).absent_names()
    assert [said.split("'")[1] for said in named] == [
        "lost", "telex", "nowhere", "faq", "gift", "wbe", "parking",
    ]  # fmt: skip


def test_the_channels_that_are_online_by_default_need_not_all_be_there() -> None:
    assert study().absent_names() == ()


def test_a_column_that_is_not_there_is_another_matter() -> None:
    assert study(feedback={"reasons": ["fault"]}).absent_names() == ()
    lacking = study_of(study(feedback={"reasons": ["lost"]}).config, {"journeys": TOUCHES})
    assert lacking.absent_names() == ()


def test_the_account_of_the_data_and_the_report_both_say_it() -> None:
    wrong = study(metrics={"not_first_level": ["fualt"]})
    assert any("'fualt'" in hint for hint in check_study(wrong).hints)
    assert any("'fualt'" in text for text in describe(find_quality(wrong)))
