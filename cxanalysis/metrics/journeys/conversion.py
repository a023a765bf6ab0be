"""Who went on: from each stage to the next, and from the first stage to every later one."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.metrics.figures import Figure, share, withhold
from cxanalysis.metrics.rows import DAY_US, lacking, of_segment, refuse_days, whole
from cxanalysis.study import Study

Lazy = nw.LazyFrame[Any]
WINDOW_DAYS = 90
CONVERSION = (
    "stage",
    "next_stage",
    "n",
    "share",
    "conf_low",
    "conf_high",
    "median_days",
    "later_share",
    "later_low",
    "later_high",
    "note",
)
COMPLETION = ("stage", "n", "share", "conf_low", "conf_high", "note")


def stage_conversion(study: Study, days: int = WINDOW_DAYS) -> pd.DataFrame:
    """Of the customers at each stage, how many touched the next one within ``days``.

    A customer is counted once per stage, from the first touch there, in the period in which the
    ``days`` after it end: only then is it known who went on. Stages without any touch in the
    data are skipped. A touch of the next stage at the same instant counts.

    Returns
    -------
    DataFrame
        stage, next_stage, n (customers), share (that touched the next stage) with conf_low and
        conf_high, median_days (of those who did), later_share (that touched any later stage)
        with later_low and later_high, note. Empty where fewer than two stages have touches.

    Parameters
    ----------
    days
        How long after the first touch of a stage going on still counts.
    """
    refuse_days(days)
    stages, pairs = _pairs(study, days)
    base = study.config.metrics.min_base
    rows = []
    for stage, following in pairwise(stages):
        here = pairs[pairs["stage"] == stage]
        n = whole(here["n"].max())
        step = here[here["later_stage"] == following]
        on = _shown(whole(step["reached"].sum()), n, base)
        later = _shown(whole(here["later"].max()), n, base)
        rows.append(
            (
                stage,
                following,
                n,
                *(on.value, on.conf_low, on.conf_high),
                float(step["median_days"].max()) if on.value > 0 else np.nan,
                *(later.value, later.conf_low, later.conf_high),
                on.note,
            )
        )
    return pd.DataFrame(rows, columns=list(CONVERSION))


def journey_completion(study: Study, days: int = WINDOW_DAYS) -> pd.DataFrame:
    """Of the customers who began at the first stage, how many reached each later one in ``days``.

    Counted as in `stage_conversion`; "the first stage" is the first of the study's order that
    has touches, and reaching a stage needs none of those between.

    Returns
    -------
    DataFrame
        stage, n (customers who began), share with conf_low and conf_high, note. The first row is
        the first stage itself.

    Parameters
    ----------
    days
        How long after the first touch reaching a stage still counts.
    """
    refuse_days(days)
    stages, pairs = _pairs(study, days)
    if not stages:
        return pd.DataFrame(columns=list(COMPLETION))
    begun = pairs[pairs["stage"] == stages[0]]
    n = whole(begun["n"].max())
    reached = begun.set_index("later_stage")["reached"]
    base = study.config.metrics.min_base
    rows = []
    for stage in stages:
        count = n if stage == stages[0] else whole(reached.get(stage, 0))
        figure = _shown(count, n, base)
        rows.append((stage, n, figure.value, figure.conf_low, figure.conf_high, figure.note))
    return pd.DataFrame(rows, columns=list(COMPLETION))


def _shown(count: int, n: int, base: int) -> Figure:
    return withhold(share(count, n), base)


def _pairs(study: Study, days: int) -> tuple[list[str], pd.DataFrame]:
    """Stages that have touches, and per stage and later stage how many customers got there.

    The frame has stage, later_stage, n (customers at the stage), later (those who touched any
    later stage), reached and median_days; a stage with customers has a row for every other one
    that somebody reached, and one with itself.
    """
    columns = ["stage", "later_stage", "n", "later", "reached", "median_days"]
    if lacking(study, "journeys") is not None:
        return [], pd.DataFrame(columns=columns)
    own = of_segment(study, "journeys", study.tables["journeys"])
    own = own.filter(~nw.col("occurred_at").is_null()).select("customer_id", "stage", "occurred_at")
    seen = collect(own.group_by("stage").agg(last=nw.col("occurred_at").max()))
    stages = [stage for stage in study.config.stages if stage in set(seen["stage"])]
    if len(stages) < 2:
        return [], pd.DataFrame(columns=columns)
    places = pd.DataFrame({"stage": stages, "place": np.arange(len(stages))})
    placed = own.join(study.engine.register(places), on="stage", how="inner")
    cohort = _cohort(study, placed, days, whole(seen["last"].max()))
    after = placed.select("customer_id", later="place", later_at="occurred_at")
    met = cohort.join(after, on="customer_id", how="inner").filter(
        (nw.col("later") >= nw.col("place"))
        & (nw.col("later_at") >= nw.col("first"))
        & (nw.col("later_at") <= nw.col("first") + days * DAY_US)
    )
    reached = met.group_by("customer_id", "place", "later").agg(
        days=((nw.col("later_at") - nw.col("first")).cast(nw.Float64) / DAY_US).min()
    )
    counts = collect(
        reached.group_by("place", "later").agg(
            reached=nw.len(), median_days=nw.col("days").median()
        )
    )
    furthest = reached.group_by("customer_id", "place").agg(furthest=nw.col("later").max())
    bases = collect(
        furthest.with_columns(on=(nw.col("furthest") > nw.col("place")).cast(nw.Int64))
        .group_by("place")
        .agg(n=nw.len(), later_any=nw.col("on").sum())
    )
    table = counts.merge(bases, on="place").rename(columns={"later": "to", "later_any": "later"})
    table["stage"] = [stages[place] for place in table["place"]]
    table["later_stage"] = [stages[place] for place in table["to"]]
    return stages, table[columns]


def _cohort(study: Study, placed: Lazy, days: int, end: int) -> Lazy:
    """The first touch of each customer and stage among those whose window ends in the period."""
    moment, window = nw.col("occurred_at"), days * DAY_US
    inside = moment + window <= end
    if study.period is not None:
        inside = inside & (moment + window >= study.period.start_us)
        inside = inside & (moment + window < study.period.end_us)
    return placed.filter(inside).group_by("customer_id", "place").agg(first=moment.min())
