"""How each set of an answer was measured, and the same question asked of measures alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import Literal

import pandas as pd

from cxanalysis.decisions import Decision, decide
from cxanalysis.drivers import DriverFit, fit_contacters, fit_drivers, model_rows, refit
from cxanalysis.drivers.fit import Rows
from cxanalysis.drivers.split import ROWS_PER_COLUMN
from cxanalysis.errors import ModelError
from cxanalysis.findings.core import UNKNOWN, Estimate
from cxanalysis.partition import SERVICE, Blocks, item_columns, survey_items
from cxanalysis.study import Study

RATINGS = "ratings"
CONTACTERS = "contacters"
UNWEIGHTED = "unweighted"
IN_SURVEY, ON_THE_WAY, RECORDS = "the survey", "ratings on the way", "records"
WHOLE_SET = "all"
FIGURES = ("estimate", "conf_low", "conf_high")

Verdict = Literal[
    "yes",
    "no",
    "undecided",
    "measured differently",
    "few with service",
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


@dataclass(frozen=True)
class Measured:
    """How many columns of a set are of one kind: "the survey", "ratings on the way", "records"."""

    kind: str
    n_columns: int


@dataclass(frozen=True)
class Contrast:
    """The same question asked otherwise.

    ``by`` "ratings" or "records": with both sets measured in that one way; ``lacking`` names
    the sets without any such measure. ``by`` "contacters": among the answers of customers with
    a contact alone; "unweighted": with each answer counting once. There are figures where a
    model could be fitted (``n`` above 0) that accounts for more than could be chance. Among
    contacters ``needed`` is 20 answers for each driver where there are fewer, 0 otherwise.

    ``verdict`` is what these figures would decide by themselves, ``limit`` the one-sided 95%
    limit that this rests on; "measured differently" where the ratings of one set are answers
    of the survey itself and those of the other are not. None where nothing is decided.
    """

    by: str
    lacking: tuple[str, ...] = ()
    n: int = 0
    alone: Estimate = UNKNOWN
    unique: Estimate = UNKNOWN
    split: Estimate = UNKNOWN
    verdict: Verdict | None = None
    limit: float = nan
    needed: int = 0


def part_of(parts: pd.DataFrame, name: str, quantity: str, group: str = WHOLE_SET) -> Estimate:
    """A set's or group's quantity from ``DriverFit.parts``, with its interval."""
    row = parts.xs(quantity, axis="columns").loc[(name, group), list(FIGURES)]
    return Estimate(*map(float, row))


def kinds_of(study: Study, fit: DriverFit, name: str) -> Counter[str]:
    """How many columns of a set are measured in each way."""
    return Counter(_kind(study, column) for names in fit.blocks[name].values() for column in names)


def measured(kinds: Counter[str]) -> tuple[Measured, ...]:
    """The ways in which a set is measured, the most frequent first."""
    return tuple(Measured(kind, n) for kind, n in kinds.most_common())


def alike(ours: Counter[str], rest: Counter[str]) -> bool:
    """Whether both sets hold ratings and records in the same proportion."""
    return ours[RECORDS] * rest.total() == rest[RECORDS] * ours.total() and origin(ours) == origin(
        rest
    )


def origin(kinds: Counter[str]) -> str:
    """The measure of a set that stands nearest to the outcome.

    Ratings go with an outcome more closely than records do, and answers of one questionnaire
    more closely still, so two sets compare only where the nearest of each is of one kind.
    """
    return next(kind for kind in (IN_SURVEY, ON_THE_WAY, RECORDS) if kind in kinds)


def like_with_like(study: Study, fit: DriverFit) -> tuple[Contrast, ...]:
    """The question put twice more: with ratings alone on both sides, and with records alone."""
    features = model_rows(study)
    return tuple(_by_one_measure(study, features, fit, by) for by in (RATINGS, RECORDS))


def agreed(verdict: Verdict, contrasts: tuple[Contrast, ...]) -> bool:
    """Whether ratings alone and records alone both decide what everything together does.

    Where they do not, a verdict could come from how the sets were measured.
    """
    return all(contrast.verdict == verdict for contrast in contrasts)


def limit_of_share(decision: Decision) -> float:
    """The one-sided limit of service alone on the side of the line; NaN where that is inside."""
    line = 1 - decision.margin
    if decision.s_low > line:
        return decision.s_low
    return decision.s_high if decision.s_high < line else nan


def among_contacters(study: Study, fit: DriverFit) -> Contrast | None:
    """The question among customers with a contact alone; None where it cannot be asked there."""
    try:
        among = fit_contacters(study, fit)
    except ModelError:  # contacts are not known, too few, or a set does not vary among them
        return None
    if among.n == fit.n:
        return None
    needed = ROWS_PER_COLUMN * among.n_columns
    return replace(_figures(CONTACTERS, among), needed=needed if among.n < needed else 0)


def without_weights(study: Study, fit: DriverFit) -> Contrast | None:
    """The question with each answer counting once; None where the model has no weights."""
    if fit.weights is None:
        return None
    plain = fit_drivers(
        model_rows(study),
        fit.outcome,
        fit.blocks,
        cluster=fit.cluster,
        model=None if fit.model == "wls" else fit.model,
        top_box=fit.top_box,
        replicates=fit.replicates,
        seed=fit.seed,
    )
    return _figures(UNWEIGHTED, plain)


def _by_one_measure(study: Study, features: Rows, fit: DriverFit, by: str) -> Contrast:
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
        among = refit(fit, features, _ungrouped(columns))
    except ModelError:  # a set of measures that do not vary, or too few answers
        return Contrast(by)
    return _decided(study, among, _figures(by, among))


def _ungrouped(columns: Mapping[str, Sequence[str]]) -> Blocks:
    return {name: {name: list(names)} for name, names in columns.items()}


def _figures(by: str, fit: DriverFit) -> Contrast:
    low = float(fit.glance()["r_squared_low"].iloc[0])
    if fit.r_squared_adjusted <= 0 or low <= 0:  # nothing to take parts of
        return Contrast(by, n=fit.n)
    parts = fit.parts()
    alone, unique, split = (
        part_of(parts, SERVICE, quantity) for quantity in ("total", "unique", "share")
    )
    return Contrast(by, n=fit.n, alone=alone, unique=unique, split=split)


def _decided(study: Study, fit: DriverFit, contrast: Contrast) -> Contrast:
    """The contrast with what it would decide, where both sets are of one kind in it."""
    origins = {name: {origin(kinds_of(study, fit, name))} for name in fit.blocks}
    decision = decide(fit, study.config.model.margin, origins)
    return replace(contrast, verdict=VERDICTS[decision.verdict], limit=limit_of_share(decision))


def _kind(study: Study, column: str) -> str:
    """How a column is measured; whether something was rated goes with its rating."""
    coding = study.config.model.not_applicable
    if any(column in item_columns(item, coding) for item in survey_items(study.config)):
        return IN_SURVEY
    rated = column.startswith("contact_csat") or column.endswith(("_rating", "_rated"))
    return ON_THE_WAY if rated else RECORDS
