"""The decision: verdicts and sizes from limits, customers needed, and when nothing is decided."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cxanalysis.decisions import decide, reliability_contrasts
from cxanalysis.drivers import fit_drivers, share_sensitivity
from cxanalysis.errors import ModelError

ROUNDING = 1e-8  # the same percentiles by another way through the matrices
# Over studies of 1,000 answers S scatters by .02 to .03, so at 8,000 by less than .01.
SIMULATED = 0.02


@dataclass(frozen=True)
class FitByHand:
    """What a decision reads of a fit; limits are the 5th and 95th percentiles by construction."""

    s: float
    unique: float
    spread: float = 0.02
    n: int = 500
    n_clusters: int = 400
    r_squared_adjusted: float = 0.4
    replicates: int = 2001
    blocks: dict = field(default_factory=lambda: {"service": {}, "journey": {}})

    def parts(self):
        columns = pd.MultiIndex.from_tuples([("total", "estimate"), ("unique", "estimate")])
        index = pd.MultiIndex.from_tuples([("service", "all")])
        return pd.DataFrame([[self.s, self.unique]], index=index, columns=columns)

    @property
    def draws(self):
        # Evenly spread over ±1 spread/0.9, so that the 5th percentile is one spread below.
        step = np.linspace(-self.spread / 0.9, self.spread / 0.9, self.replicates)
        return pd.DataFrame(
            {
                "S": self.s + step,
                "N": self.unique + step,
                "r_squared": self.r_squared_adjusted + step,
            }
        )


@pytest.mark.parametrize(
    ("s", "verdict"),
    [
        (0.83, "equivalent"),
        (0.821, "equivalent"),
        (0.819, "undecided"),
        (0.781, "undecided"),
        (0.779, "not equivalent"),
        (0.30, "not equivalent"),
    ],
)
def test_verdict_follows_the_one_sided_limits(s, verdict):
    assert decide(FitByHand(s, 0.1)).verdict == verdict


def test_the_margin_moves_the_line():
    assert decide(FitByHand(0.75, 0.1), margin=0.3).verdict == "equivalent"
    assert decide(FitByHand(0.75, 0.1), margin=0.1).verdict == "not equivalent"


@pytest.mark.parametrize(
    ("s", "unique", "size"),
    [
        (0.9, 0.53, "most"),
        (0.9, 0.51, "depends"),
        (0.47, 0.1, "less than half"),
        (0.49, 0.1, "depends"),
        (0.9, 0.1, "depends"),
        (0.45, 0.49, "depends"),  # under suppression the unique part is the larger one
    ],
)
def test_size_needs_both_contrasts_on_one_side_of_half(s, unique, size):
    assert decide(FitByHand(s, unique)).size == size


def test_limits_are_the_fifth_and_ninety_fifth_percentiles():
    decision = decide(FitByHand(0.6, 0.2))
    limits = (decision.s_low, decision.s_high, decision.unique_low, decision.unique_high)
    assert limits == pytest.approx((0.58, 0.62, 0.18, 0.22))


def test_customers_needed_by_hand():
    fit = FitByHand(0.815, 0.1)
    decision = decide(fit)
    error = fit.draws["S"].std()
    expected = 400 * (2.487 * error / 0.015) ** 2
    assert decision.customers_needed == pytest.approx(expected, abs=1)
    assert not decision.out_of_reach
    assert decide(FitByHand(0.804, 0.1)).out_of_reach


def test_an_estimate_on_the_line_can_never_be_settled():
    decision = decide(FitByHand(0.8, 0.1), margin=1 - 0.8)
    assert (decision.customers_needed, decision.out_of_reach) == (None, True)


def test_a_settled_verdict_asks_for_no_customers():
    assert decide(FitByHand(0.5, 0.1)).customers_needed is None


def test_too_few_customers_leave_it_undecided_without_limits():
    decision = decide(FitByHand(0.9, 0.6, replicates=0))
    assert (decision.verdict, decision.size) == ("undecided", "unknown")
    assert np.isnan([decision.s_low, decision.s_high]).all()
    assert decision.customers_needed is None


def test_no_decision_between_sides_measured_differently():
    fit = FitByHand(0.5, 0.1)
    apart = decide(fit, measures={"service": {"logged"}, "journey": {"rated"}})
    assert (apart.verdict, apart.size) == ("measured differently", "unknown")
    assert apart.s == 0.5
    alike = decide(fit, measures={"service": {"logged", "rated"}, "journey": {"rated"}})
    assert alike.verdict == "not equivalent"


def test_a_model_that_accounts_for_nothing_has_no_parts():
    assert decide(FitByHand(0.5, 0.1, r_squared_adjusted=0.01)).verdict == "nothing accounted for"
    assert decide(FitByHand(0.5, 0.1, r_squared_adjusted=-0.1, replicates=0)).verdict == (
        "nothing accounted for"
    )


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("journey", "price"), "no set is called 'service'.* Known: journey, price"),
        (("servise", "journey"), "Did you mean 'servise'"),
        (("service",), "'service' is the only set"),
    ],
)
@pytest.mark.parametrize("ask", [decide, reliability_contrasts, share_sensitivity])
def test_nothing_is_decided_about_another_set_than_service(ask, names, words):
    frame = pd.DataFrame(np.random.default_rng(1).normal(size=(200, 3)), columns=list("xyz"))
    blocks = {name: {"all of it": [column]} for name, column in zip(names, "xy", strict=False)}
    with pytest.raises(ModelError, match=words):
        ask(fit_drivers(frame, "z", blocks, replicates=20))


@pytest.mark.parametrize("margin", [0, 1, -0.2, 20])
def test_a_margin_that_is_no_share_is_refused(margin):
    with pytest.raises(ModelError, match="between 0 and 1"):
        decide(FitByHand(0.5, 0.1), margin=margin)


def test_measures_must_name_every_set():
    with pytest.raises(ModelError, match="journey"):
        decide(FitByHand(0.5, 0.1), measures={"service": {"rated"}})


def test_a_real_fit_is_decided():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.normal(size=(400, 2)), columns=["help", "delivery"])
    frame["score"] = frame["delivery"] * 2 + frame["help"] * 0.5 + rng.normal(size=400)
    blocks = {"service": {"help": ["help"]}, "journey": {"delivery": ["delivery"]}}
    fit = fit_drivers(frame, "score", blocks, cluster=None, replicates=200)
    decision = decide(fit)
    assert (decision.verdict, decision.size) == ("not equivalent", "less than half")
    assert decision.s_low < decision.s < decision.s_high
    assert (decision.n, decision.n_customers) == (400, 400)


shares = st.floats(0.02, 1.2, allow_nan=False)
spreads = st.floats(0.001, 0.3)
margins = st.floats(0.01, 0.99)


@given(s=shares, unique=shares, spread=spreads, margin=margins)
def test_verdict_and_limits_never_contradict_each_other(s, unique, spread, margin):
    decision = decide(FitByHand(s, unique, spread, replicates=201), margin)
    line = 1 - margin
    assert decision.s_low < decision.s < decision.s_high
    assert decision.unique_low < decision.unique < decision.unique_high
    assert (decision.verdict == "equivalent") == (decision.s_low > line)
    assert (decision.verdict == "not equivalent") == (decision.s_high < line)
    asked = decision.customers_needed is not None or decision.out_of_reach
    assert asked == (decision.verdict == "undecided")


@given(s=shares, spread=spreads, narrow=margins, wide=margins)
def test_a_wider_margin_never_turns_a_yes_into_a_no(s, spread, narrow, wide):
    assume(narrow <= wide)
    order = ["not equivalent", "undecided", "equivalent"]
    fit = FitByHand(s, 0.1, spread, replicates=201)
    verdicts = [order.index(decide(fit, margin).verdict) for margin in (narrow, wide)]
    assert verdicts == sorted(verdicts)


@given(s=shares, unique=shares, spread=spreads, margin=margins)
def test_size_holds_however_the_shared_part_is_split(s, unique, spread, margin):
    decision = decide(FitByHand(s, unique, spread, replicates=201), margin)
    limits = (decision.s_low, decision.unique_low, decision.s_high, decision.unique_high)
    expected = "depends"
    if all(limit > 0.5 for limit in limits):
        expected = "most"
    elif all(limit < 0.5 for limit in limits):
        expected = "less than half"
    assert decision.size == expected


@given(place=st.floats(-0.9, 0.9), spread=spreads, more=st.integers(2, 30))
def test_a_clearer_estimate_needs_no_more_customers(place, spread, more):
    assume(place != 0)
    s = 0.8 + place * spread / more  # within the limits of both
    wide, narrow = (decide(FitByHand(s, 0.1, each)) for each in (spread, spread / more))
    assert wide.verdict == narrow.verdict == "undecided"
    assume(wide.customers_needed is not None and narrow.customers_needed is not None)
    assert narrow.customers_needed <= wide.customers_needed
    assert wide.out_of_reach or not narrow.out_of_reach


def answers_all_from_service(n, rng, reliability=0.7):
    """Service alone makes the score; eight stages go with it, two measures read it with error."""
    service = rng.normal(size=(n, 2))
    whole = service.sum(axis=1) / np.sqrt(2)
    stages = 0.7 * whole[:, None] + np.sqrt(1 - 0.7**2) * rng.normal(size=(n, 8))
    score = np.sqrt(0.6) * whole + np.sqrt(0.4) * rng.normal(size=n)
    read = service + np.sqrt(1 / reliability - 1) * rng.normal(size=(n, 2))
    names = ["help", "wait", *(f"stage{number}" for number in range(8))]
    return pd.DataFrame(np.column_stack([read, stages]), columns=names).assign(score=score)


def fit_answers(frame, replicates=40, **settings):
    stages = [name for name in frame if name.startswith("stage")]
    blocks = {"service": {"help": ["help", "wait"]}, "journey": {"stages": stages}}
    return fit_drivers(frame, "score", blocks, cluster=None, replicates=replicates, **settings)


def test_error_of_measurement_hides_a_service_that_is_the_whole_and_is_taken_off():
    fit = fit_answers(answers_all_from_service(8000, np.random.default_rng(11)), replicates=20)
    assert decide(fit).s == pytest.approx(0.77, abs=SIMULATED)
    (corrected,) = reliability_contrasts(fit, (0.7,))
    assert corrected.s == pytest.approx(1.0, abs=SIMULATED)


def test_perfect_measures_leave_the_decision_as_it_is():
    fit = fit_answers(answers_all_from_service(600, np.random.default_rng(3)), replicates=200)
    decision, (contrast,) = decide(fit), reliability_contrasts(fit, (1.0,))
    assert contrast.verdict == decision.verdict
    found = (contrast.s, contrast.s_low, contrast.s_high)
    assert found == pytest.approx((decision.s, decision.s_low, decision.s_high), abs=ROUNDING)


def test_the_less_reliable_the_measures_the_larger_the_corrected_share():
    fit = fit_answers(answers_all_from_service(2000, np.random.default_rng(3)), replicates=200)
    contrasts = reliability_contrasts(fit)
    assert [contrast.reliability for contrast in contrasts] == [0.7, 0.8, 0.9]
    figures = [contrast.s for contrast in contrasts]
    assert figures == sorted(figures, reverse=True)
    assert contrasts[0].verdict == "equivalent"
    assert all(each.s_low < each.s < each.s_high for each in contrasts)


def test_measures_that_cannot_be_so_unreliable_give_no_figure_and_the_reason():
    frame = answers_all_from_service(300, np.random.default_rng(5), reliability=1.0)
    (contrast,) = reliability_contrasts(fit_answers(frame), (0.3,))
    assert (contrast.verdict, contrast.reason) == (None, "cannot be")
    assert np.isnan([contrast.s, contrast.s_low, contrast.s_high]).all()


def test_too_few_customers_leave_the_corrected_share_without_limits():
    frame = answers_all_from_service(400, np.random.default_rng(5))
    frame["customer_id"] = np.arange(400) % 19
    blocks = {"service": {"help": ["help"]}, "journey": {"a": ["stage0"]}}
    (contrast,) = reliability_contrasts(fit_drivers(frame, "score", blocks), (0.9,))
    assert (contrast.verdict, contrast.reason) == ("undecided", "few customers")
    assert np.isnan([contrast.s_low, contrast.s_high]).all() and contrast.s > 0


def test_a_figure_that_many_resamples_cannot_have_is_not_given():
    rng = np.random.default_rng(2)
    mood = rng.normal(size=200)
    frame = pd.DataFrame({"help": mood + 0.65 * rng.normal(size=200), "stage0": mood})
    frame["score"] = mood + rng.normal(size=200)
    blocks = {"service": {"help": ["help"]}, "journey": {"a": ["stage0"]}}
    fit = fit_drivers(frame, "score", blocks, replicates=200)
    # A touch more reliable than its closeness to the rest demands of it.
    least = float(np.corrcoef(frame["help"], frame["stage0"])[0, 1] ** 2)
    (contrast,) = reliability_contrasts(fit, (least + 0.02,))
    assert (contrast.verdict, contrast.reason) == (None, "cannot be")
    assert np.isnan([contrast.s, contrast.s_low, contrast.s_high, contrast.s_both]).all()


def test_errors_in_the_rest_of_the_journey_work_the_other_way():
    fit = fit_answers(answers_all_from_service(2000, np.random.default_rng(3)), replicates=200)
    (contrast,) = reliability_contrasts(fit, (0.9,))
    assert contrast.s_both < contrast.s
    (perfect,) = reliability_contrasts(fit, (1.0,))
    assert perfect.s_both == perfect.s


def test_error_is_taken_off_linear_models_only():
    fit = fit_answers(answers_all_from_service(300, np.random.default_rng(5)))
    (contrast,) = reliability_contrasts(replace(fit, model="ordered"), (0.8,))
    assert (contrast.verdict, contrast.reason) == (None, "not linear")


@pytest.mark.parametrize("reliability", [0, 1.2, float("nan")])
def test_a_reliability_that_is_no_share_is_refused(reliability):
    fit = fit_answers(answers_all_from_service(100, np.random.default_rng(5)))
    with pytest.raises(ModelError, match="reliability"):
        reliability_contrasts(fit, (reliability,))
