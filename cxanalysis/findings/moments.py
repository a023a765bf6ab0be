"""Mending and giving: customers with a problem solved, and with a gesture, against the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.metrics import gesture_difference, recovery
from cxanalysis.metrics.journeys.followed import DAYS
from cxanalysis.metrics.journeys.gestures import SOON_DAYS, gesture_gap
from cxanalysis.metrics.journeys.recovery import FAILED_DAYS, problem_reasons, recovery_gap
from cxanalysis.metrics.scales import scale_of
from cxanalysis.study import Study
from cxanalysis.tables import CONTRACTS


@dataclass(frozen=True)
class Mended:
    """Two groups of answers: "solved", "unsolved" or "none", and how their scores differ.

    ``plain`` is the difference of the means, first less second, ``equal`` the same with the
    journey before held equal, ``p_value`` that of ``equal`` among the contrasts. Unknown figures
    are withheld.
    """

    first: str
    second: str
    n_first: int
    n_second: int
    first_mean: float = float("nan")
    second_mean: float = float("nan")
    plain: Estimate = UNKNOWN
    equal: Estimate = UNKNOWN
    p_value: float = float("nan")


@dataclass(frozen=True)
class Given:
    """A figure of those with a gesture and of those without, and its difference."""

    metric: str
    label: str
    unit: str
    n_given: int
    n_rest: int
    given: float = float("nan")
    rest: float = float("nan")
    difference: Estimate = UNKNOWN
    p_value: float = float("nan")
    note: str = ""


@dataclass(frozen=True)
class MomentsFinding(Finding):
    """Contrasts of problems solved, and of gestures, in the lookback before answers.

    ``higher_is_better`` tells which way the scale of the outcome runs, ``failed_days`` how long
    before a problem's first contact the journey that is held equal ends.

    ``needs_problems`` and ``needs_gestures`` say why either is not there, and are empty
    otherwise.
    """

    kind: ClassVar[str] = "moments"

    period: str
    min_base: int
    outcome: str
    lookback_days: int
    higher_is_better: bool = True
    days: int = DAYS
    soon_days: int = SOON_DAYS
    failed_days: int = FAILED_DAYS
    reasons: tuple[str, ...] = ()
    mended: tuple[Mended, ...] = ()
    gestures: tuple[str, ...] = ()
    given: tuple[Given, ...] = ()
    needs_problems: str = ""
    needs_gestures: str = ""


def find_moments(study: Study, days: int = DAYS) -> MomentsFinding:
    """How customers with a problem solved, or with a gesture, answered in the study's period.

    Parameters
    ----------
    days
        How long after an answer a public word, or a new customer who names this one, counts.
    """
    return MomentsFinding(
        period=period_title(study.period),
        min_base=study.config.metrics.min_base,
        outcome=study.config.model.outcome,
        lookback_days=study.config.model.lookback_days,
        higher_is_better=_higher_is_better(study),
        days=days,
        reasons=problem_reasons(study),
        mended=tuple(map(_mended, recovery(study).to_dict("records"))),
        gestures=study.config.journey.gestures,
        given=tuple(map(_given, gesture_difference(study, days).to_dict("records"))),
        needs_problems=recovery_gap(study),
        needs_gestures=gesture_gap(study),
    )


def _higher_is_better(study: Study) -> bool:
    """Whether more is better on the outcome's scale; so for a column of the company's own."""
    outcome = study.config.model.outcome
    if CONTRACTS["surveys"].column(outcome) is None:
        return True
    return scale_of(study, "surveys", outcome).higher_is_better


def _mended(row: Any) -> Mended:
    return Mended(
        row["first"],
        row["second"],
        row["n_first"],
        row["n_second"],
        row["first_mean"],
        row["second_mean"],
        Estimate(row["difference"], row["conf_low"], row["conf_high"]),
        Estimate(row["adjusted"], row["adjusted_low"], row["adjusted_high"]),
        row["p_adjusted"],
    )


def _given(row: Any) -> Given:
    return Given(
        row["metric"],
        row["label"],
        row["unit"],
        row["n_with"],
        row["n_without"],
        row["with_value"],
        row["without_value"],
        Estimate(row["difference"], row["conf_low"], row["conf_high"]),
        row["p_adjusted"],
        row["note"],
    )
