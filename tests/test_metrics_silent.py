from math import isnan, nan

import pandas as pd
import pytest

from cxanalysis.config import StudyConfig
from cxanalysis.metrics import silent_customers
from cxanalysis.metrics.intervals import wilson
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, study_of

EXACT = 1e-9


def instants(*texts: str | None) -> pd.Series:
    return pd.to_datetime(pd.Series(texts, dtype="object"), utc=True, format="ISO8601")


# January: a to e are active; f left before, g came after.
CUSTOMERS = pd.DataFrame(
    {
        "customer_id": list("abcdefg"),
        "active_from": instants(*["2025-01-01"] * 4, None, "2025-01-01", "2026-02-01"),
        "active_to": instants(None, None, "2026-01-01", None, None, "2025-12-31", None),
        "region": ["north", "north", "north", "south", "south", "south", "south"],
    }
)
# In January a twice, x once, whom the customers table does not know; b before, d afterwards.
TICKETS = pd.DataFrame(
    {
        "customer_id": ["a", "a", "x", "b", "d"],
        "opened_at": instants("2026-01-10", "2026-01-12", "2026-01-15", "2025-12-20", "2026-02-03"),
    }
)
# In January a and b answer, both detractors, and c is asked but does not answer.
SURVEYS = pd.DataFrame(
    {
        "customer_id": ["a", "b", "c", "d"],
        "invited_at": instants("2026-01-02", "2026-01-20", "2026-01-21", "2026-02-01"),
        "responded_at": instants("2026-01-05", "2026-01-25", None, "2026-02-02"),
        "nps": [0, 6, nan, 10],
    }
)
ALL = {"customers": CUSTOMERS, "tickets": TICKETS, "surveys": SURVEYS}


def silent(frames: dict[str, pd.DataFrame], segment: str = "", **settings):
    content = {"name": "Test", "tables": {}, "metrics": {"min_base": 2}} | settings
    base = study_of(StudyConfig.model_validate(content), frames)
    january = parse_period("2026-01")
    january_alone = Study(base.path, base.config, base.engine, base.tables, january)
    narrowed = january_alone.among(segment) if segment else january_alone
    return silent_customers(narrowed).set_index("metric")


def test_silent_customers_are_active_ones_with_neither_ticket_nor_answer():
    # Active a b c d e. Tickets in January: a. Answers: a, b. Neither: c, d, e.
    result = silent(ALL)
    assert result.loc["silent", ["value", "n"]].tolist() == [pytest.approx(0.6), 5]
    assert result.loc["no_ticket", "value"] == pytest.approx(0.8)
    assert result.loc["no_answer", "value"] == pytest.approx(0.6)
    limits = result.loc["silent", ["conf_low", "conf_high"]].tolist()
    assert limits == pytest.approx(list(wilson(3, 5)))


def test_tickets_of_nobody_known_are_counted_since_the_silent_may_be_behind_them():
    result = silent(ALL).loc["tickets_unmatched"]
    assert (result["value"], result["n"]) == (pytest.approx(1 / 3), 3)


def test_without_a_customers_table_silence_is_unknown_and_the_note_says_why():
    result = silent({"tickets": TICKETS, "surveys": SURVEYS})
    assert result.loc[["silent", "no_ticket", "no_answer"], "value"].isna().all()
    assert "needs a customers table" in result.loc["silent", "note"]
    assert result.loc["detractors_without_ticket", "n"] == 2


def test_without_surveys_nobody_can_be_called_silent():
    result = silent({"customers": CUSTOMERS, "tickets": TICKETS})
    assert result.loc["silent", "note"] == "needs surveys.customer_id"
    assert result.loc["no_ticket", "n"] == 5
    assert result.loc["nps", "note"] == "needs surveys"


def test_detractors_count_as_heard_only_by_a_ticket_before_their_answer():
    # a's tickets came after the answer of 5 January: unheard. b's was 36 days before: heard.
    result = silent(ALL).loc["detractors_without_ticket"]
    assert (result["value"], result["n"]) == (0.5, 2)
    # With a lookback of 30 days b is unheard too.
    result = silent(ALL, model={"lookback_days": 30}).loc["detractors_without_ticket"]
    assert (result["value"], result["n"]) == (1, 2)


def test_others_who_answered_are_looked_up_as_detractors_are():
    # c answers without a score, and is neither.
    answered = instants("2026-01-05", "2026-01-25", "2026-01-25", "2026-02-02")
    surveys = SURVEYS.assign(nps=[9, 7, nan, 10], responded_at=answered)
    result = silent(ALL | {"surveys": surveys})
    assert result.loc["others_without_ticket", ["value", "n"]].tolist() == [0.5, 2]
    assert result.loc["detractors_without_ticket", "n"] == 0


def test_detractors_without_a_number_are_left_out_and_counted():
    surveys = SURVEYS.assign(customer_id=["a", "b", "c", "d"])
    surveys.loc[len(surveys)] = [None, *SURVEYS.iloc[0, 1:]]
    result = silent(ALL | {"surveys": surveys}).loc["detractors_without_ticket"]
    assert result["n"] == 2
    assert result["note"] == "1 answer without customer number left out"


def test_bounds_assume_nothing_about_unanswered_invitations():
    # Two detractors answered, one invitation is unanswered: −100, or (1 − 2) / 3.
    result = silent(ALL)
    assert result.loc["nps", ["value", "n"]].tolist() == [-100, 2]
    assert result.loc["nps_lowest", "value"] == pytest.approx(-100)
    assert result.loc["nps_highest", "value"] == pytest.approx(-100 / 3, abs=EXACT)
    assert result.loc["nps_highest", "n"] == 3
    # The one silent customer would have to score +200 on average to bring NPS to 0.
    assert result.loc["nps_break_even", "value"] == pytest.approx(200, abs=EXACT)
    assert result.loc["nps_lowest", "note"] == "2 answers and 1 invitation without an answer"


def test_bounds_of_csat_take_the_silent_as_satisfied_or_not():
    # One of two satisfied, one invitation without an answer: 1 of 3, or 2 of 3.
    result = silent(ALL | {"surveys": SURVEYS.assign(csat=[5, 2, nan, 4])})
    assert result.loc["csat", ["value", "n"]].tolist() == [0.5, 2]
    assert result.loc["csat_lowest", "value"] == pytest.approx(1 / 3)
    assert result.loc["csat_highest", ["value", "n"]].tolist() == [pytest.approx(2 / 3), 3]
    assert silent(ALL).loc["csat_lowest", "note"] == "needs surveys.csat"


def test_silent_invitations_to_another_kind_of_survey_do_not_widen_the_bounds():
    surveys = SURVEYS.assign(kind=["relational", "relational", "transactional", "relational"])
    result = silent(ALL | {"surveys": surveys})
    assert result.loc["nps_highest", ["value", "n"]].tolist() == [-100, 2]
    assert isnan(result.loc["nps_break_even", "value"])
    asked = surveys.assign(kind=["relational", "transactional", "transactional", "relational"])
    assert silent(ALL | {"surveys": asked}).loc["nps_highest", "n"] == 3


def test_a_score_asked_of_some_customers_only_has_no_bounds():
    result = silent(ALL | {"surveys": SURVEYS.assign(csat=[5, nan, nan, nan])})
    assert result.loc["csat_lowest", "note"].startswith("csat is asked of a part only")
    assert result.loc["nps_highest", "n"] == 3


def test_bounds_need_invitations():
    result = silent(ALL | {"surveys": SURVEYS.drop(columns="invited_at")})
    assert isnan(result.loc["nps_lowest", "value"])
    assert result.loc["nps_lowest", "note"] == "needs surveys.invited_at"


def test_a_segment_narrows_who_is_asked_about():
    # North: a, b, c. Neither ticket nor answer: c.
    result = silent(ALL, "region=north")
    assert result.loc["silent", ["value", "n"]].tolist() == [pytest.approx(1 / 3), 3]
    assert "belong to none" in result.loc["tickets_unmatched", "note"]


def test_few_customers_are_withheld():
    result = silent(ALL, metrics={"min_base": 30})
    assert result["value"].isna().all()
    assert result.loc["silent", "note"] == "withheld: fewer than 30"


def test_a_customer_called_by_the_company_alone_has_no_ticket():
    called = TICKETS.assign(initiator=["company", "customer", "customer", "company", "customer"])
    before = silent(ALL)["value"]
    after = silent(ALL | {"tickets": called})["value"]
    assert after["no_ticket"] == before["no_ticket"]  # a also called once
    assert before["detractors_without_ticket"] == 0.5  # b wrote 36 days before answering
    assert after["detractors_without_ticket"] == 1.0
    assert silent(ALL | {"tickets": called.iloc[[0, 3]]})["value"]["no_ticket"] == 1
