"""Five steps from knowing where customers stand to keeping it so: what a study's data can show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan, nan

import narwhals as nw
import numpy as np
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.metrics.control import LEAST_RANGES
from cxanalysis.metrics.experience import experience_metrics
from cxanalysis.metrics.feedback import complaint_metrics, feedback_loop
from cxanalysis.metrics.history import earlier_figures, values_of
from cxanalysis.metrics.journey import journey_metrics
from cxanalysis.metrics.journeys import consistency_index, journey_map
from cxanalysis.metrics.listening import feedback_coverage
from cxanalysis.metrics.rows import lacking, whole
from cxanalysis.metrics.service import service_metrics
from cxanalysis.metrics.silent import silent_customers
from cxanalysis.study import Study

STEPS = ("assessment", "map", "improvement", "optimisation", "management")
CHECKS = 4  # of each step, so that a level runs from 1 (none is met) to 5 (all are)
COLUMNS = ("step", "check", "met", "value", "of", "unit")


@dataclass(frozen=True)
class Check:
    """Something a step rests on: whether it is met, and the figure that shows it.

    ``value`` is a count ``of`` so many, or a figure in ``unit``; NaN where there is none.
    """

    name: str
    met: bool
    value: float = nan
    of: float = nan
    unit: str = "count"


def five_steps(study: Study) -> pd.DataFrame:
    """What a study's own tables and settings show of each of the five steps.

    A check asks whether something is done and known at all, not whether it is done well: no
    standard says which share of promises kept makes a mature company. A step's level is 1 and
    one more for every check that is met.

    Returns
    -------
    DataFrame
        Four rows per step: step, check, met, value (a count, or a figure), of (what a count is
        out of; NaN otherwise) and unit ("count", "share", "score", "money" or "").
    """
    makers = (_assessment, _map, _improvement, _optimisation, _management)
    rows = [
        (step, check.name, check.met, check.value, check.of, check.unit)
        for step, make in zip(STEPS, makers, strict=True)
        for check in make(study)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def levels(steps: pd.DataFrame) -> dict[str, int]:
    """The level of each step, 1 to 5, by `five_steps`."""
    met = steps.groupby("step", sort=False)["met"].sum()
    return {str(step): 1 + int(count) for step, count in met.items()}


def _assessment(study: Study) -> Iterator[Check]:
    yield _count("tables", len(study.tables), 4)
    experience = experience_metrics(study)
    outcome = study.config.model.outcome
    yield _known("overall score", experience, outcome)
    yield _known("response rate", experience, "response_rate")
    yield _known("everyone", study.once(silent_customers), "silent")


def _map(study: Study) -> Iterator[Check]:
    stages, base = study.config.stages, study.config.metrics.min_base
    touched = rated = direct = 0
    if lacking(study, "journeys") is None:
        table = journey_map(study)
        touched = int((table["touches"] >= base).sum())
        rated = int((table["n"] >= base).sum())
        direct = int((study.once(feedback_coverage)["table"] == "journeys").sum())
    rated = max(rated, _stages_with_items(study))
    yield _count("stages met", touched, len(stages))
    yield _count("stages rated", rated, len(stages))
    reasons = _reasons(study)
    mapped = {name for name, meaning in study.config.reasons.items() if meaning.stage is not None}
    of = max(len(reasons), 1)
    yield _count("reasons mapped", len(reasons & mapped), of)
    yield Check("touchpoints named", direct > len(stages), direct)


def _improvement(study: Study) -> Iterator[Check]:
    groups = [name for groups in study.blocks.values() for name in groups]
    actions = study.config.actions
    owned = sum(name in actions and bool(actions[name].owner) for name in groups)
    yield _count("owners", owned, max(len(groups), 1))
    loop = study.once(feedback_loop)
    yield _known("feedback answered", loop, "feedback_answered")
    yield _known("feedback acted on", loop, "feedback_acted")
    yield _known("effort of complaining", study.once(complaint_metrics), "complaint_effort")


def _optimisation(study: Study) -> Iterator[Check]:
    yield _known("promises", study.once(journey_metrics), "promises_kept")
    rows = [] if lacking(study, "journeys") else study.once(consistency_index)["index"].tolist()
    index = float(rows[0]) if rows else nan
    yield Check("consistency", not isnan(index), index, unit="share")
    service = service_metrics(study, only=("first_contact_resolution", "cost_per_contact"))
    yield _known("first contact resolution", service, "first_contact_resolution")
    yield _known("cost", service, "cost_per_contact")


def _management(study: Study) -> Iterator[Check]:
    reviewed = study.config.assessment.reviewed
    yield Check("review", reviewed in ("monthly", "quarterly"))
    targets = len(study.config.metrics.reply_hours) + len(study.config.service.aims)
    yield Check("targets", targets > 0, targets)
    values = values_of(earlier_figures(study, ("surveys",)), study.config.model.outcome)
    yield _count("history", int((~np.isnan(values)).sum()), LEAST_RANGES + 1)
    own = len(study.config.journey.own_scores)
    yield Check("own view", own > 0, own, len(study.config.stages))


def _stages_with_items(study: Study) -> int:
    """Stages that a rating question of a wide survey is about, with answers enough to one."""
    surveys = study.config.tables.surveys
    items = {} if surveys is None else surveys.items
    named = [name for name, item in items.items() if item.stage and study.has("surveys", name)]
    if not named:
        return 0
    counts = collect(
        study.tables["surveys"].select(
            *((~nw.col(name).is_null()).cast(nw.Int64).sum().alias(name) for name in named)
        )
    )
    base = study.config.metrics.min_base
    return len({items[name].stage for name in named if whole(counts[name].iloc[0]) >= base})


def _reasons(study: Study) -> set[str]:
    """Reasons for contact in the tickets."""
    if not study.has("tickets", "reason"):
        return set()
    named = study.tables["tickets"].select(nw.col("reason").cast(nw.String)).unique()
    return set(collect(named)["reason"].dropna())


def _count(name: str, value: int, of: int) -> Check:
    return Check(name, value >= of, value, of)


def _known(name: str, figures: pd.DataFrame, metric: str) -> Check:
    """Whether a figure can be given: its value stands as evidence."""
    row = figures[figures["metric"] == metric]
    value = float(row["value"].iloc[0]) if len(row) else nan
    unit = str(row["unit"].iloc[0]) if len(row) else ""
    return Check(name, not isnan(value), value, unit=unit)
