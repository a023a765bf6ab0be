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

ONE, ZERO = nw.lit(1.0), nw.lit(0.0)


def stage_features(study: Study, moments: Lazy) -> Lazy:
    """Events in the lookback window of each response that has any, one column per figure.

    Events at service channels and touchpoints are put under the stage ``service``.

    Returns
    -------
    LazyFrame
        ``response_id``, and for each stage ``<stage>_touched`` (1 or 0), ``<stage>_rating``
        (mean), ``<stage>_promised`` (1 or 0) and ``<stage>_late_days`` (mean over promises
        due or fulfilled before the response; what is still open counts up to the response),
        as far as the journeys have the columns; null where there is nothing to average.
    """
    columns = study.columns["journeys"]
    pairs = before_each(moments, _events(study), "occurred_at", study.config.model.lookback_days)
    figures = {"touched": ONE}
    if "rating" in columns:
        figures["rating"] = nw.col("rating").cast(nw.Float64)
    if {"promised_at", "fulfilled_at"} <= columns:
        figures["promised"] = nw.when(nw.col("promised_at").is_null()).then(ZERO).otherwise(ONE)
        figures["late_days"] = _late_days()
    return _spread(
        pairs.with_columns(*(figure.alias(name) for name, figure in figures.items()))
        .group_by("response_id", "stage")
        .agg(
            *(
                nw.col(name).max() if name in ("touched", "promised") else nw.col(name).mean()
                for name in figures
            )
        ),
        journey_stages(study.config, columns),
        list(figures),
    )


def _spread(by_stage: Lazy, stages: tuple[str, ...], figures: list[str]) -> Lazy:
    """One row per response and stage becomes one row per response."""
    return by_stage.group_by("response_id").agg(
        *(
            nw.when(nw.col("stage") == stage).then(nw.col(name)).max().alias(f"{stage}_{name}")
            for stage in stages
            for name in figures
        )
    )


def _events(study: Study) -> Lazy:
    wanted = ("customer_id", "occurred_at", "stage", "rating", "promised_at", "fulfilled_at")
    return (
        study.tables["journeys"]
        .filter(~nw.col("customer_id").is_null())
        .with_columns(stage_or_service(study).alias("stage"))
        .select(*(name for name in wanted if name in study.columns["journeys"]))
    )


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
    counted = nw.when(late > 0).then(late).otherwise(ZERO)
    due = ~promised.is_null() & ((promised < before) | fulfilled_then)
    return nw.when(due).then(counted)
