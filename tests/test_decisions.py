"""The decision: verdicts and sizes from limits, customers needed, and when nothing is decided."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest

from cxanalysis.decisions import decide
from cxanalysis.drivers import fit_drivers
from cxanalysis.errors import ModelError


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
    service_set: str = "service"
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
