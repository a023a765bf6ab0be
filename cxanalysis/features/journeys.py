"""What happened at each stage before each response, from the journeys table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from cxanalysis.features.answers import Lazy, before_each
from cxanalysis.metrics.journeys.touches import at_service
from cxanalysis.metrics.rows import DAY_US
from cxanalysis.partition import SERVICE, journey_stages

if TYPE_CHECKING:
    from cxanalysis.study import Study

OF_AN_EVENT = (
    *("customer_id", "occurred_at", "stage", "channel", "touchpoint"),
    *("rating", "promised_at", "fulfilled_at"),
)


def stage_features(study: Study, moments: Lazy) -> Lazy:
    """Events in the lookback window of each response that has any, one column per figure.

    Events at service channels and touchpoints are put under the stage ``service``.

    Returns
    -------
    LazyFrame
        ``response_id``, and for each stage ``<stage>_touched`` (1), ``<stage>_rating`` (mean),
        ``<stage>_promised`` (1 or 0) and ``<stage>_late_days`` (mean over promises due or
        fulfilled before the response; what is still open counts up to the response), as far as
        the journeys have the columns; null at a stage without an event, and where there is
        nothing to average.
    """
    columns = study.columns["journeys"]
    stages = journey_stages(study.config, columns)
    pairs = before_each(moments, _events(study), "occurred_at", study.config.model.lookback_days)
    # A filter by place would be moved before the join, and see all events in place of these.
    pairs = pairs.with_columns(place=_place(study, stages))
    means, marks = [], ["touched"]
    figures = {"touched": nw.lit(1.0)}
    if "rating" in columns:
        means.append("rating")
    if {"promised_at", "fulfilled_at"} <= columns:
        promised = nw.when(nw.col("promised_at").is_null()).then(nw.lit(0.0))
        figures |= {"promised": promised.otherwise(nw.lit(1.0)), "late_days": _late_days()}
        means.append("late_days")
        marks.append("promised")
    by_stage: list[nw.Expr] = []
    for number, stage in enumerate(stages):
        here = nw.when(nw.col("place") == number)
        by_stage += [here.then(nw.col(n)).max().alias(f"{stage}_{n}") for n in marks]
        by_stage += [here.then(nw.col(n)).mean().alias(f"{stage}_{n}") for n in means]
    return pairs.with_columns(**figures).group_by("response_id").agg(*by_stage)


def _events(study: Study) -> Lazy:
    """Events of known customers, with the columns that features are made of."""
    present = [name for name in OF_AN_EVENT if name in study.columns["journeys"]]
    return study.tables["journeys"].filter(~nw.col("customer_id").is_null()).select(*present)


def _place(study: Study, stages: tuple[str, ...]) -> nw.Expr:
    """The number of an event's stage; null for one that is no stage of the study."""
    stage, place = nw.col("stage"), nw.lit(None, nw.Int64)
    for number, name in enumerate(stages):
        if name != SERVICE:
            place = nw.when(stage == name).then(nw.lit(number)).otherwise(place)
    if SERVICE in stages:  # last, since a place of service counts whatever its own stage
        here = at_service(study) | (stage == SERVICE)
        place = nw.when(here).then(nw.lit(stages.index(SERVICE))).otherwise(place)
    return place


def stage_or_service(study: Study) -> nw.Expr:
    """The stage that a touch counts for: ``service`` where its channel or touchpoint is one."""
    return nw.when(at_service(study)).then(nw.lit(SERVICE)).otherwise(nw.col("stage"))


def _late_days() -> nw.Expr:
    """Days a promise was late at the response; null where it was neither due nor fulfilled."""
    promised, fulfilled, before = (
        nw.col(name) for name in ("promised_at", "fulfilled_at", "responded_at")
    )
    fulfilled_then = (fulfilled < before).fill_null(False)
    until = nw.when(fulfilled_then).then(fulfilled).otherwise(before)
    late = (until - promised).cast(nw.Float64) / DAY_US
    counted = nw.when(late > 0).then(late).otherwise(nw.lit(0.0))
    due = ~promised.is_null() & ((promised < before) | fulfilled_then)
    return nw.when(due).then(counted)
