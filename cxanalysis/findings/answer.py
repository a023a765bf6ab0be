"""The answer: whether service carries what the whole journey carries, and how much goes with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import narwhals as nw

from cxanalysis.decisions import Size, decide
from cxanalysis.drivers import DriverFit
from cxanalysis.engine import collect
from cxanalysis.errors import DataError
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
IN_SURVEY, ON_THE_WAY, RECORDS = "the survey", "ratings on the way", "records"
WHOLE_SET = "all"
FIGURES = ("estimate", "conf_low", "conf_high")


@dataclass(frozen=True)
class Part:
    """A group inside service and its part of what the model accounts for."""

    name: str
    share: Estimate


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
    parts
        Groups inside service; their shares sum to ``split``.
    customers_needed
        Customers whose answers would settle an undecided verdict if today's estimate is the
        truth; None where that is not asked or has no answer.
    out_of_reach
        That would take more than ten times today's customers.
    service_from, journey_from
        How each set is measured: "the survey", "ratings on the way" or "records".
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
    parts: tuple[Part, ...] = ()
    customers_needed: int | None = None
    out_of_reach: bool = False
    service_from: str = ""
    journey_from: str = ""

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
        n = _answers(study)
        return AnswerFinding(_obstacle(study, n), n=n, n_customers=0, **_asked(study))
    if fit.n < study.config.metrics.min_base:
        return AnswerFinding("withheld", n=fit.n, n_customers=fit.n_clusters, **_asked(study))
    origins = {name: _origin(study, fit, name) for name in (SERVICE, JOURNEY)}
    decision = decide(
        fit, study.config.model.margin, {name: {origin} for name, origin in origins.items()}
    )
    glance = fit.glance().iloc[0]
    return AnswerFinding(
        VERDICTS[decision.verdict],
        n=fit.n,
        n_customers=fit.n_clusters,
        **_asked(study),
        size=decision.size,
        **({} if decision.verdict == "nothing accounted for" else _shares(fit)),
        accounted=Estimate(
            float(glance["r_squared_adjusted"]),
            float(glance["r_squared_low"]),
            float(glance["r_squared_high"]),
        ),
        customers_needed=decision.customers_needed,
        out_of_reach=decision.out_of_reach,
        service_from=origins[SERVICE],
        journey_from=origins[JOURNEY],
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


def _answers(study: Study) -> int:
    """Answers in the period that give the outcome; 0 where there can be none."""
    outcome = study.config.model.outcome
    if not study.has("surveys", outcome):
        return 0
    try:
        given = answers(study).filter(~nw.col(outcome).is_null())
    except DataError:  # the surveys cannot be narrowed to the segment
        return 0
    return int(collect(given.select(n=nw.len()))["n"].iloc[0])


def _shares(fit: DriverFit) -> dict[str, Any]:
    """Each set's parts of the R² of everything, and the groups inside service."""
    parts = fit.parts()

    def part(name: str, quantity: str, group: str = WHOLE_SET) -> Estimate:
        row = parts.xs(quantity, axis="columns").loc[(name, group), list(FIGURES)]
        return Estimate(*map(float, row))

    groups = fit.blocks[SERVICE] if fit.groups_shown else {}
    return {
        "alone": part(SERVICE, "total"),
        "unique": part(SERVICE, "unique"),
        "shared": part(SERVICE, "shared"),
        "split": part(SERVICE, "share"),
        "rest_alone": part(JOURNEY, "total"),
        "rest_unique": part(JOURNEY, "unique"),
        "rest_split": part(JOURNEY, "share"),
        "parts": tuple(Part(group, part(SERVICE, "share", group)) for group in groups),
    }


def _origin(study: Study, fit: DriverFit, name: str) -> str:
    """The measure of a set that stands nearest to the outcome.

    Ratings go with an outcome more closely than records do, and answers of one questionnaire
    more closely still, so two sets compare only where the nearest of each is of one kind.
    """
    columns = {column for names in fit.blocks[name].values() for column in names}
    coding = study.config.model.not_applicable
    items = {c for item in survey_items(study.config) for c in item_columns(item, coding)}
    if columns & items:
        return IN_SURVEY
    if any(column == "contact_csat" or column.endswith("_rating") for column in columns):
        return ON_THE_WAY
    return RECORDS
