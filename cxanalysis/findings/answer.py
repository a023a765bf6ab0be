"""The answer: whether service carries what the whole journey carries, and how much goes with it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import nan
from typing import Any, ClassVar, Literal

import narwhals as nw
import pandas as pd

from cxanalysis.decisions import Size, decide
from cxanalysis.drivers import DriverFit, refit
from cxanalysis.engine import collect
from cxanalysis.errors import DataError, ModelError
from cxanalysis.features import build_features
from cxanalysis.features.answers import answers
from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.partition import JOURNEY, SERVICE, item_columns, survey_items
from cxanalysis.study import Study

Verdict = Literal[
    "yes",
    "no",
    "undecided",
    "measured differently",
    "nothing accounted for",
    "withheld",
    "no survey",
    "no outcome",
    "no service",
    "no journey",
    "no model",
]
VERDICTS: dict[str, Verdict] = {
    "equivalent": "yes",
    "not equivalent": "no",
    "undecided": "undecided",
    "measured differently": "measured differently",
    "nothing accounted for": "nothing accounted for",
}
RATINGS = "ratings"
IN_SURVEY, ON_THE_WAY, RECORDS = "the survey", "ratings on the way", "records"
WHOLE_SET = "all"
FIGURES = ("estimate", "conf_low", "conf_high")


@dataclass(frozen=True)
class Part:
    """A group inside service and its part of what the model accounts for."""

    name: str
    share: Estimate


@dataclass(frozen=True)
class Measured:
    """How many columns of a set are of one kind: "the survey", "ratings on the way", "records"."""

    kind: str
    n_columns: int


@dataclass(frozen=True)
class Contrast:
    """The same question with both sets measured in one way only, by "ratings" or by "records".

    ``lacking`` names the sets without any such measure. Without those, there are figures where
    a model could be fitted (``n`` above 0) that accounts for anything.
    """

    by: str
    lacking: tuple[str, ...] = ()
    n: int = 0
    alone: Estimate = UNKNOWN
    unique: Estimate = UNKNOWN
    split: Estimate = UNKNOWN


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
        The one-sided 95% limit of ``alone`` that the verdict rests on; NaN without a decision.
    floor, rest_floor
        What each set alone would reach in one of 20 cases if it went with nothing at all, as
        a part of the full R².
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
        Where the sets are measured differently, or hold ratings and records in different
        proportions: the same figures by ratings alone and by records alone.
    lacks
        Where there is no model: what the study does not hold, of "outcome", "service" and
        "journey".
    """

    kind: ClassVar[str] = "answer"

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
    parts: tuple[Part, ...] = ()
    customers_needed: int | None = None
    out_of_reach: bool = False
    service_from: str = ""
    journey_from: str = ""
    service_measured: tuple[Measured, ...] = ()
    journey_measured: tuple[Measured, ...] = ()
    contrasts: tuple[Contrast, ...] = ()
    lacks: tuple[str, ...] = ()

    @property
    def line(self) -> float:
        """The share that service alone must exceed to carry what the whole journey carries."""
        return 1 - self.margin

    @property
    def not_accounted(self) -> Estimate:
        """What the model leaves unexplained."""
        return Estimate(1 - self.accounted.value, 1 - self.accounted.high, 1 - self.accounted.low)


def find_answer(study: Study, fit: DriverFit | None = None) -> AnswerFinding:
    """How much of the study's outcome goes with service, and what that decides.

    Parameters
    ----------
    study
        The study as it is reported, narrowed to its period and segment.
    fit
        The model of the study's outcome on its own partition; None where there is none, and
        then the finding says what stands in the way.
    """
    if fit is None:
        n = usable_answers(study)
        verdict, lacks = _obstacle(study, n), _lacks(study)
        return AnswerFinding(verdict, n=n, n_customers=0, **_asked(study), lacks=lacks)
    if fit.n < study.config.metrics.min_base:
        return AnswerFinding("withheld", n=fit.n, n_customers=fit.n_clusters, **_asked(study))
    kinds = {name: _kinds(study, fit, name) for name in (SERVICE, JOURNEY)}
    origins = {name: _origin(kinds[name]) for name in kinds}
    decision = decide(
        fit, study.config.model.margin, {name: {origin} for name, origin in origins.items()}
    )
    glance = fit.glance().iloc[0]
    verdict = VERDICTS[decision.verdict]
    return AnswerFinding(
        verdict,
        n=fit.n,
        n_customers=fit.n_clusters,
        **_asked(study),
        size=decision.size,
        **({} if verdict == "nothing accounted for" else _shares(fit)),
        limit={"yes": decision.s_low, "no": decision.s_high}.get(verdict, nan),
        accounted=Estimate(
            float(glance["r_squared_adjusted"]),
            float(glance["r_squared_low"]),
            float(glance["r_squared_high"]),
        ),
        customers_needed=decision.customers_needed,
        out_of_reach=decision.out_of_reach,
        service_from=origins[SERVICE],
        journey_from=origins[JOURNEY],
        service_measured=_measured(kinds[SERVICE]),
        journey_measured=_measured(kinds[JOURNEY]),
        contrasts=()
        if verdict == "nothing accounted for" or _alike(kinds[SERVICE], kinds[JOURNEY])
        else _contrasts(study, fit),
    )


def _asked(study: Study) -> dict[str, Any]:
    """What the question was, whatever the answer."""
    return {
        "outcome": study.config.model.outcome,
        "period": period_title(study.period),
        "margin": study.config.model.margin,
        "min_base": study.config.metrics.min_base,
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
    return int(collect(given.select(n=nw.len()))["n"].iloc[0])


def _shares(fit: DriverFit) -> dict[str, Any]:
    """Each set's parts of the R² of everything, and the groups inside service."""
    parts = fit.parts()
    floor = fit.floor().set_index(["set", "group"])["floor"] / fit.r_squared_adjusted
    groups = fit.blocks[SERVICE] if fit.groups_shown else {}
    return {
        "alone": _part(parts, SERVICE, "total"),
        "unique": _part(parts, SERVICE, "unique"),
        "shared": _part(parts, SERVICE, "shared"),
        "split": _part(parts, SERVICE, "share"),
        "rest_alone": _part(parts, JOURNEY, "total"),
        "rest_unique": _part(parts, JOURNEY, "unique"),
        "rest_split": _part(parts, JOURNEY, "share"),
        "floor": float(floor[SERVICE, WHOLE_SET]),
        "rest_floor": float(floor[JOURNEY, WHOLE_SET]),
        "parts": tuple(Part(group, _part(parts, SERVICE, "share", group)) for group in groups),
    }


def _part(parts: pd.DataFrame, name: str, quantity: str, group: str = WHOLE_SET) -> Estimate:
    row = parts.xs(quantity, axis="columns").loc[(name, group), list(FIGURES)]
    return Estimate(*map(float, row))


def _contrasts(study: Study, fit: DriverFit) -> tuple[Contrast, ...]:
    """The question put twice more: with ratings alone on both sides, and with records alone."""
    features = build_features(study)
    return tuple(_contrast(study, features, fit, by) for by in (RATINGS, RECORDS))


def _contrast(study: Study, features: pd.DataFrame, fit: DriverFit, by: str) -> Contrast:
    columns = {
        name: [
            column
            for names in groups.values()
            for column in names
            if (_kind(study, column) == RECORDS) == (by == RECORDS)
        ]
        for name, groups in fit.blocks.items()
    }
    lacking = tuple(name for name, names in columns.items() if not names)
    if lacking:
        return Contrast(by, lacking)
    try:
        # Groups are not asked for.
        alike = refit(fit, features, {name: {name: names} for name, names in columns.items()})
    except ModelError:  # a set of measures that do not vary, or too few answers
        return Contrast(by)
    if alike.r_squared_adjusted <= 0:  # nothing to take parts of
        return Contrast(by, n=alike.n)
    parts = alike.parts()
    figures = (_part(parts, SERVICE, quantity) for quantity in ("total", "unique", "share"))
    return Contrast(by, (), alike.n, *figures)


def _kinds(study: Study, fit: DriverFit, name: str) -> Counter[str]:
    """How many columns of a set are measured in each way."""
    return Counter(_kind(study, column) for names in fit.blocks[name].values() for column in names)


def _measured(kinds: Counter[str]) -> tuple[Measured, ...]:
    return tuple(Measured(kind, n) for kind, n in kinds.most_common())


def _alike(ours: Counter[str], rest: Counter[str]) -> bool:
    """Whether both sets hold ratings and records in the same proportion."""
    return ours[RECORDS] * rest.total() == rest[RECORDS] * ours.total() and _origin(
        ours
    ) == _origin(rest)


def _origin(kinds: Counter[str]) -> str:
    """The measure of a set that stands nearest to the outcome.

    Ratings go with an outcome more closely than records do, and answers of one questionnaire
    more closely still, so two sets compare only where the nearest of each is of one kind.
    """
    return next(kind for kind in (IN_SURVEY, ON_THE_WAY, RECORDS) if kind in kinds)


def _kind(study: Study, column: str) -> str:
    """How a column is measured; whether something was rated goes with its rating."""
    coding = study.config.model.not_applicable
    if any(column in item_columns(item, coding) for item in survey_items(study.config)):
        return IN_SURVEY
    rated = column.startswith("contact_csat") or column.endswith(("_rating", "_rated"))
    return ON_THE_WAY if rated else RECORDS
