"""Halo: ratings of contacts that follow the mood of earlier ratings, and those that do not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from cxanalysis.config import StudyConfig
from cxanalysis.diagnostics import diagnose, halo
from cxanalysis.drivers import fit_study
from cxanalysis.errors import ModelError
from cxanalysis.findings.trust import find_trust
from cxanalysis.narrative import describe, footnotes
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, study_of

DAY_US = 86_400_000_000
MINUTE_US = 60_000_000
N = 400
CLOSE = 1e-9  # two orders of floating-point sums


def contacts_of(mood_in_rating: float, **changes: object) -> dict[str, pd.DataFrame]:
    """One touch, one contact five days later and one answer each; waiting lowers its rating."""
    rng = np.random.default_rng(6)
    start = parse_period("2026-10").start_us  # type: ignore[union-attr]
    customers = [f"c{number:03}" for number in range(N)]
    mood, wait = rng.normal(size=N), rng.exponential(10, size=N)
    journeys = pd.DataFrame(
        {"customer_id": customers, "occurred_at": start + DAY_US, "stage": "use"}
    ).assign(rating=3 + mood + rng.normal(size=N))
    tickets = pd.DataFrame(
        {
            "ticket_id": [f"t{number:03}" for number in range(N)],
            "customer_id": customers,
            "opened_at": start + 6 * DAY_US,
            "first_replied_at": start + 6 * DAY_US + (wait * MINUTE_US).astype(np.int64),
            "csat": 3 + mood_in_rating * mood - 0.02 * wait + rng.normal(size=N),
        }
    ).assign(**changes)
    surveys = pd.DataFrame({"response_id": customers, "customer_id": customers}).assign(
        responded_at=start + 25 * DAY_US,
        overall_satisfaction=journeys["rating"] + tickets["csat"] + rng.normal(size=N),
    )
    return {"journeys": journeys, "tickets": tickets, "surveys": surveys}


def study(frames: dict[str, pd.DataFrame]) -> Study:
    tables = {name: {"path": f"{name}.csv"} for name in frames}
    content = {
        "name": "Moods",
        "tables": tables,
        "stages": ["use", "service"],
        "model": {"replicates": 200},
    }
    return study_of(StudyConfig.model_validate(content), frames)


def test_ratings_of_contacts_that_follow_the_mood_are_told() -> None:
    of = study(contacts_of(0.6))
    (row,) = halo(of).to_dict("records")
    assert row["term"] == "earlier_rating"
    assert row["conf_low"] > 0
    assert (row["n"], row["n_customers"]) == (N, N)
    assert row["held"] == ("first_reply_hours", "resolved_first")
    (facts,) = [caveat.facts for caveat in diagnose(fit_study(of), of) if caveat.code == "halo"]
    assert facts["estimate"] == row["estimate"]


def test_estimate_is_that_of_a_regression_with_waiting_held_equal() -> None:
    frames = contacts_of(0.6)
    tickets, rating = frames["tickets"], frames["journeys"]["rating"]
    waited = (tickets["first_replied_at"] - tickets["opened_at"]).rename("waited")
    plain = sm.OLS(tickets["csat"], sm.add_constant(pd.concat([rating, waited], axis=1))).fit()
    # Resolution is the same for all here: nobody comes back.
    assert halo(study(frames))["estimate"].iloc[0] == pytest.approx(
        plain.params["rating"], rel=CLOSE
    )


def test_ratings_of_contacts_without_the_mood_are_not_told() -> None:
    of = study(contacts_of(0.0))
    (row,) = halo(of).to_dict("records")
    assert row["conf_low"] < 0 < row["conf_high"]
    assert "halo" not in {caveat.code for caveat in diagnose(fit_study(of), of)}


def test_trust_says_what_became_of_it() -> None:
    of = study(contacts_of(0.0))
    found = find_trust(of, fit_study(of))
    assert found.n_halo == N
    assert any(
        "carry the mood customers came with is not shown" in text for text in describe(found)
    )
    few = study({**contacts_of(0.0), "tickets": contacts_of(0.0)["tickets"].drop(columns="csat")})
    assert any("cannot be told" in note for note in footnotes(find_trust(few, fit_study(few))))
    shown = study(contacts_of(0.6))
    assert find_trust(shown, fit_study(shown)).halo is None


def test_touches_after_the_contact_and_at_service_do_not_count() -> None:
    frames = contacts_of(0.6)
    late = frames["journeys"].assign(
        occurred_at=lambda rows: rows["occurred_at"] + 9 * DAY_US, rating=1.0
    )
    served = frames["journeys"].assign(stage="service", rating=np.arange(N) % 5 + 1.0)
    more = pd.concat([frames["journeys"], late, served], ignore_index=True)
    pd.testing.assert_frame_equal(halo(study(frames)), halo(study(frames | {"journeys": more})))


def test_a_fit_in_the_place_of_a_study_is_told() -> None:
    of = study(contacts_of(0.6))
    fit = fit_study(of)
    with pytest.raises(ModelError, match="takes a study, and was given a DriverFit"):
        halo(fit)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="a fit first, and was given a Study"):
        diagnose(of, fit)  # type: ignore[arg-type]


def test_a_period_without_rated_contacts_has_no_halo() -> None:
    whole = study(contacts_of(0.6))
    later = replace(whole, period=parse_period("2026-11"))
    assert halo(later).empty
    assert diagnose(fit_study(whole), later) is not None


@pytest.mark.parametrize(
    "frames",
    [
        {},
        {"tickets": contacts_of(0.6)["tickets"].drop(columns="csat")},
        {"tickets": contacts_of(0.6)["tickets"].drop(columns="first_replied_at")},
        {"tickets": contacts_of(0.6)["tickets"].head(60)},
        {"journeys": contacts_of(0.6)["journeys"].drop(columns="rating")},
    ],
    ids=["no tickets", "no ratings", "no waiting", "few contacts", "no earlier ratings"],
)
def test_without_the_data_nothing_is_said(frames: dict[str, pd.DataFrame]) -> None:
    given = contacts_of(0.6) | frames if frames else {"surveys": contacts_of(0.6)["surveys"]}
    assert halo(study(given)).empty
