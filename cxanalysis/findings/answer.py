"""The answer: whether service carries what the whole journey carries, and how much goes with it."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan
from typing import Any, ClassVar

import narwhals as nw

from cxanalysis.decisions import Decision, Size, decide, reliability_contrasts
from cxanalysis.drivers import DriverFit
from cxanalysis.drivers.sensitivity import robustness_values
from cxanalysis.engine import len_of
from cxanalysis.errors import DataError
from cxanalysis.features.answers import answers
from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.findings.drivers import SIGNIFICANCE
from cxanalysis.findings.fits import Given, fit_of
from cxanalysis.findings.measured import (
    VERDICTS,
    WHOLE_SET,
    Contrast,
    Measured,
    Verdict,
    agreed,
    alike,
    among_contacters,
    kinds_of,
    like_with_like,
    limit_of_share,
    measured,
    origin,
    part_of,
    without_weights,
)
from cxanalysis.partition import JOURNEY, SERVICE, survey_items
from cxanalysis.study import Study


@dataclass(frozen=True)
class Part:
    """A group inside service and its part of what the model accounts for."""

    name: str
    share: Estimate


@dataclass(frozen=True)
class Reliability:
    """Service alone, were only ``reliability`` of the variance of its measures real.

    ``both`` is the same with the rest of the journey measured no better, a figure without limits.

    ``alone`` carries one-sided 95% limits; ``verdict`` is what they decide. Without a figure
    ``reason`` says why: "not linear" or "cannot be"; without limits "few customers" or
    "resamples cannot be" (see `ReliabilityContrast`).
    """

    reliability: float
    verdict: Verdict | None
    alone: Estimate = UNKNOWN
    reason: str = ""
    both: Estimate = UNKNOWN


@dataclass(frozen=True)
class Robustness:
    """How much of both an unmeasured cause must explain to bring a coefficient to zero.

    ``to_chance`` is the same for bringing it within what chance allows at the 5% level. NaN
    where the driver could not be estimated.
    """

    term: str
    to_zero: float
    to_chance: float


@dataclass(frozen=True)
class AnswerFinding(Finding):
    """How much of the outcome goes with service.

    Parameters
    ----------
    alone, unique, shared, split
        Service's parts of what all drivers together account for (its R² alone, the R² that
        only it adds, their difference, and its Shapley share), each divided by the full R².
    rest_alone, rest_unique, rest_split
        The same for the rest of the journey.
    accounted
        The full R², adjusted for the number of columns.
    limit
        The one-sided 95% limit of ``alone``, on the side of the line that it lies on; NaN where
        the line lies between both limits. The verdict rests on it where there is one.
    floor, rest_floor
        What each set alone would reach in one of 20 cases if it went with nothing at all, as
        a part of the full R².
    floor_by
        How outcomes that go with nothing were made (see `DriverFit.floor`): "dealt", "signed",
        or "none" where they could not be.
    service_goes, rest_goes
        p-values of "goes with nothing at all", adjusted likewise.
    service_adds, rest_adds
        p-values of "adds nothing to the rest" (Wald, each set with the other held equal),
        adjusted for two tests by Holm's method; NaN where they could not be tested.
    parts
        Groups inside service; their shares sum to ``split``.
    customers_needed
        Customers whose answers would settle an undecided verdict if today's estimate is the
        truth; None where that is not asked or has no answer.
    out_of_reach
        That would take more than ten times today's customers.
    service_from, journey_from
        The measure of each set that is nearest to the outcome: "the survey", "ratings on the
        way" or "records".
    service_measured, journey_measured
        All kinds of measures in each set, with their columns, the most frequent first.
    contrasts
        Where the sets do not hold ratings and records in the same proportion: the same
        question by ratings alone and by records alone. There is a verdict only where both exist
        and decide what everything together does.
    contacters
        The same figures among customers with a contact alone: another question.
    unweighted
        The same figures with each answer counting once, where the model weighs them.
    reliabilities
        Service alone, and what it decides, had its measures been less than perfect.
    robustness
        Of the drivers named beforehand in the study file.
    n_with_service
        Customers in whose rows anything of service is not 0; under ``min_base`` the verdict is
        "few with service", and there is neither reliability nor a figure of contacters.
    model, measure
        The model by its short name, and what is split: "R²" or "McFadden R²".
    top_box
        Score from which the outcome counts as reached, for a model of reaching it.
    share_gap
        Largest difference of a share from that by least squares; NaN where that is the model.
    lacks
        Where there is no model: what the study does not hold, of "outcome", "service" and
        "journey".
    moved
        Settings that are not the study file's own but chosen for this view or report, such as
        "service.channels"; the sets and the question are then not fixed before looking.
    """

    kind: ClassVar[str] = "answer"
    where_set: ClassVar[tuple[str, ...]] = ("moved",)

    verdict: Verdict
    outcome: str
    period: str
    n: int
    n_customers: int
    margin: float
    min_base: int
    size: Size = "unknown"
    alone: Estimate = UNKNOWN
    unique: Estimate = UNKNOWN
    shared: Estimate = UNKNOWN
    split: Estimate = UNKNOWN
    rest_alone: Estimate = UNKNOWN
    rest_unique: Estimate = UNKNOWN
    rest_split: Estimate = UNKNOWN
    accounted: Estimate = UNKNOWN
    limit: float = nan
    floor: float = nan
    rest_floor: float = nan
    floor_by: str = "dealt"
    service_goes: float = nan
    rest_goes: float = nan
    service_adds: float = nan
    rest_adds: float = nan
    parts: tuple[Part, ...] = ()
    customers_needed: int | None = None
    out_of_reach: bool = False
    service_from: str = ""
    journey_from: str = ""
    service_measured: tuple[Measured, ...] = ()
    journey_measured: tuple[Measured, ...] = ()
    contrasts: tuple[Contrast, ...] = ()
    contacters: Contrast | None = None
    unweighted: Contrast | None = None
    reliabilities: tuple[Reliability, ...] = ()
    robustness: tuple[Robustness, ...] = ()
    n_with_service: int | None = None
    model: str = "ols"
    measure: str = "R²"
    top_box: float | None = None
    share_gap: float = nan
    lacks: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()

    @property
    def line(self) -> float:
        """The share that service alone must exceed to carry what the whole journey carries."""
        return 1 - self.margin

    @property
    def goes(self) -> tuple[bool, bool] | None:
        """Whether service and the rest are shown to go with anything; None if untested."""
        return _shown(self.service_goes, self.rest_goes)

    @property
    def adds(self) -> tuple[bool, bool] | None:
        """Whether service and the rest are shown to add to each other; None if untested."""
        return _shown(self.service_adds, self.rest_adds)

    @property
    def not_accounted(self) -> Estimate:
        """What the model leaves unexplained."""
        return Estimate(1 - self.accounted.value, 1 - self.accounted.high, 1 - self.accounted.low)


def _shown(service: float, rest: float) -> tuple[bool, bool] | None:
    """Whether each p-value rejects; None where either test could not be made."""
    if isnan(service) or isnan(rest):
        return None
    return service < SIGNIFICANCE, rest < SIGNIFICANCE


def find_answer(study: Study, fit: Given = "own") -> AnswerFinding:
    """How much of the study's outcome goes with service, and what that decides.

    Parameters
    ----------
    study
        The study as it is reported, narrowed to its period and segment.
    fit
        The model of the study's outcome on its own partition, made where left out; None where
        there is none, and then the finding says what stands in the way.
    """
    fit = fit_of(study, fit)
    if fit is None:
        n = usable_answers(study)
        verdict, lacks = _obstacle(study, n), _lacks(study)
        return AnswerFinding(verdict, n=n, n_customers=0, **_asked(study), lacks=lacks)
    if fit.kish_n < study.config.metrics.min_base:
        return AnswerFinding("withheld", n=fit.n, n_customers=fit.n_clusters, **_asked(study))
    kinds = {name: kinds_of(study, fit, name) for name in (SERVICE, JOURNEY)}
    decision = decide(fit, study.config.model.margin)
    decided = _decided(study, fit, decision, alike(kinds[SERVICE], kinds[JOURNEY]))
    divided = {} if decision.verdict == "nothing accounted for" else _divided(study, fit)
    if decided["verdict"] == "few with service":
        divided |= {"contacters": None, "reliabilities": ()}
    glance = fit.glance().iloc[0]
    return AnswerFinding(
        n=fit.n,
        n_customers=fit.n_clusters,
        **_asked(study),
        **decided,
        **divided,
        n_with_service=_with_service(fit),
        accounted=Estimate(
            float(glance["r_squared_adjusted"]),
            float(glance["r_squared_low"]),
            float(glance["r_squared_high"]),
        ),
        service_from=origin(kinds[SERVICE]),
        journey_from=origin(kinds[JOURNEY]),
        service_measured=measured(kinds[SERVICE]),
        journey_measured=measured(kinds[JOURNEY]),
        model=fit.model,
        measure=fit.measure,
        top_box=fit.top_box,
        share_gap=fit.share_gap_to_ols,
    )


def _decided(
    study: Study, fit: DriverFit, decision: Decision, same_measures: bool
) -> dict[str, Any]:
    """The verdict, or that there is none: too few had service, or it was measured otherwise."""
    verdict = VERDICTS[decision.verdict]
    if verdict == "nothing accounted for":
        return {"verdict": verdict}
    if _with_service(fit) < study.config.metrics.min_base:
        return {"verdict": "few with service"}
    found: dict[str, Any] = {"limit": limit_of_share(decision)}
    if not same_measures:
        found["contrasts"] = like_with_like(study, fit)
        if not agreed(verdict, found["contrasts"]):
            return {**found, "verdict": "measured differently"}
    return {
        **found,
        "verdict": verdict,
        "size": decision.size,
        "customers_needed": decision.customers_needed,
        "out_of_reach": decision.out_of_reach,
    }


def _with_service(fit: DriverFit) -> int:
    """Customers in whose rows anything of service is not 0."""
    return fit.customers_with([name for group in fit.blocks[SERVICE].values() for name in group])


def _asked(study: Study) -> dict[str, Any]:
    """What the question was, whatever the answer."""
    return {
        "outcome": study.config.model.outcome,
        "period": period_title(study.period),
        "margin": study.config.model.margin,
        "min_base": study.config.metrics.min_base,
        "moved": study.moved,
    }


def _obstacle(study: Study, n: int) -> Verdict:
    """Why a study has no model: the first reason that a reader could do something about."""
    if "surveys" not in study.tables:
        return "no survey"
    if not study.has("surveys", study.config.model.outcome):
        return "no outcome"
    if not any(study.blocks[SERVICE].values()):
        return "no service"
    if not any(study.blocks[JOURNEY].values()):
        return "no journey"
    return "withheld" if n < study.config.metrics.min_base else "no model"


def _lacks(study: Study) -> tuple[str, ...]:
    """What a model needs and the study does not hold."""
    held = {
        "outcome": study.has("surveys", study.config.model.outcome),
        SERVICE: any(study.blocks[SERVICE].values()),
        JOURNEY: any(study.blocks[JOURNEY].values()),
    }
    return tuple(name for name, there in held.items() if not there)


def usable_answers(study: Study, *, complete: bool = False) -> int:
    """Answers in the period that give the outcome; 0 where there can be none.

    With ``complete``, only those that rate every question which is to explain it.
    """
    outcome = study.config.model.outcome
    if not study.has("surveys", outcome):
        return 0
    try:
        given = answers(study).filter(~nw.col(outcome).is_null())
    except DataError:  # the surveys cannot be narrowed to the segment
        return 0
    for name in survey_items(study.config) if complete else ():
        given = given.filter(~nw.col(name).is_null())
        if study.has("surveys", f"{name}_na"):
            given = given.filter(~nw.col(f"{name}_na").fill_null(False))
    return len_of(given)


def _divided(study: Study, fit: DriverFit) -> dict[str, Any]:
    """All that is said of the parts of the R² of everything."""
    return {
        **_shares(fit),
        **_against_chance(fit),
        "contacters": among_contacters(study, fit),
        "unweighted": without_weights(study, fit),
        "reliabilities": _reliabilities(fit, study.config.model.margin),
        "robustness": _robustness(fit, study.config.model.robustness),
    }


def _shares(fit: DriverFit) -> dict[str, Any]:
    """Each set's parts of the R² of everything, and the groups inside service."""
    parts = fit.parts()
    groups = fit.blocks[SERVICE] if fit.groups_shown else {}
    return {
        "alone": part_of(parts, SERVICE, "total"),
        "unique": part_of(parts, SERVICE, "unique"),
        "shared": part_of(parts, SERVICE, "shared"),
        "split": part_of(parts, SERVICE, "share"),
        "rest_alone": part_of(parts, JOURNEY, "total"),
        "rest_unique": part_of(parts, JOURNEY, "unique"),
        "rest_split": part_of(parts, JOURNEY, "share"),
        "parts": tuple(Part(group, part_of(parts, SERVICE, "share", group)) for group in groups),
    }


def _against_chance(fit: DriverFit) -> dict[str, Any]:
    """Both sets against two nulls: going with nothing at all, and adding nothing to the rest."""
    chance = fit.floor().set_index(["set", "group"])
    floor = chance["floor"] / fit.r_squared_adjusted
    adds = fit.tests().set_index(["set", "group"])["p_holm"]
    return {
        "floor": float(floor[SERVICE, WHOLE_SET]),
        "rest_floor": float(floor[JOURNEY, WHOLE_SET]),
        "floor_by": str(chance["method"].iloc[0]),
        "service_goes": float(chance["p_holm"][SERVICE, WHOLE_SET]),
        "rest_goes": float(chance["p_holm"][JOURNEY, WHOLE_SET]),
        "service_adds": float(adds[SERVICE, WHOLE_SET]),
        "rest_adds": float(adds[JOURNEY, WHOLE_SET]),
    }


def _reliabilities(fit: DriverFit, margin: float) -> tuple[Reliability, ...]:
    return tuple(
        Reliability(
            each.reliability,
            None if each.verdict is None else VERDICTS[each.verdict],
            Estimate(each.s, each.s_low, each.s_high),
            each.reason,
            Estimate(each.s_both),
        )
        for each in reliability_contrasts(fit, margin=margin)
    )


def _robustness(fit: DriverFit, names: tuple[str, ...]) -> tuple[Robustness, ...]:
    if not names:  # and a model that has none is not refused for it
        return ()
    table = robustness_values(fit, names)
    return tuple(
        Robustness(str(term), float(rv), float(rv_alpha))
        for term, rv, rv_alpha in zip(table["term"], table["rv"], table["rv_alpha"], strict=True)
    )
