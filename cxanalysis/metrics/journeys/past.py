"""Answers of the period with what their customers' journeys were like before."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxanalysis.engine import collect
from cxanalysis.metrics.journeys.followed import not_service
from cxanalysis.metrics.rows import DAY_US, counted, during, lacking, of_segment
from cxanalysis.study import Study

Lazy = nw.LazyFrame[Any]
Floats = NDArray[np.float64]
ANSWER = "_answer"


def answer_gap(study: Study) -> str:
    """What is needed to place answers in a journey, "needs …"; empty where nothing is."""
    gap = lacking(study, "surveys") or lacking(study, "journeys") or ""
    names = ("customer_id", "responded_at", study.config.model.outcome)
    absent = [name for name in names if not study.has("surveys", name)]
    return gap or (f"needs surveys.{absent[0]}" if absent else "")


def scored_answers(study: Study) -> Lazy:
    """Answers of the period with an overall score and a known customer, numbered ``_answer``."""
    outcome = study.config.model.outcome
    rows = of_segment(study, "surveys", study.tables["surveys"])
    rows = rows.filter(
        during(study, "responded_at")
        & ~nw.col("customer_id").is_null()
        & ~nw.col(outcome).is_null()
    )
    others = [name for name in ("invited_at", "nps") if study.has("surveys", name)]
    rows = rows.select(
        "customer_id", "responded_at", *others, _score=nw.col(outcome).cast(nw.Float64)
    )
    order = ["customer_id", "responded_at", "_score", *others]
    return rows.with_row_index(ANSWER, order_by=order)


def with_past(study: Study, answers: Lazy, gestures: tuple[str, ...] = ()) -> pd.DataFrame:
    """Answers as a frame, with the touches of a window as long as the lookback before each.

    Parameters
    ----------
    answers
        `scored_answers` with ``_until``, the moment at which the window ends, and ``_event``:
        the moment from which ratings no longer count as earlier, null where that is the end.
    gestures
        Touchpoints whose touches are left out, as are those of service.

    Returns
    -------
    DataFrame
        The columns of ``answers``, and past_touches, past_rating (mean of ratings before the
        event; NaN without one) and a column past_<number> for every stage, 1 where it was
        touched.
    """
    window = study.config.model.lookback_days * DAY_US
    names = [
        name
        for name in ("customer_id", "occurred_at", "stage", "rating", "touchpoint", "channel")
        if study.has("journeys", name)
    ]
    rows = not_service(study, study.tables["journeys"].select(*names))
    if gestures and "touchpoint" in names:
        at_gesture = nw.col("touchpoint").cast(nw.String).is_in(list(gestures)).fill_null(False)
        rows = rows.filter(~at_gesture)
    moment, until = nw.col("occurred_at"), nw.col("_until")
    known = nw.col("rating").cast(nw.Float64) if "rating" in names else nw.lit(None, nw.Float64)
    early = moment < nw.coalesce(nw.col("_event"), until)
    stages = {
        f"past_{place}": counted(nw.col("stage") == stage)
        for place, stage in enumerate(study.config.stages)
    }
    past = (
        answers.select(ANSWER, "customer_id", "_until", "_event")
        .join(rows, on="customer_id", how="inner")
        .filter((moment < until) & (moment >= until - window))
        .with_columns(_early=nw.when(early).then(known), **stages)
        .group_by(ANSWER)
        .agg(
            nw.len().alias("past_touches"),
            nw.col("_early").mean().alias("past_rating"),
            *(nw.col(name).max() for name in stages),
        )
    )
    frame = collect(answers.join(past, on=ANSWER, how="left").sort(ANSWER))
    counts = ["past_touches", *stages]
    frame[counts] = frame[counts].fillna(0).astype(float)
    return frame


def held_equal(study: Study, frame: pd.DataFrame) -> Floats:
    """Columns of earlier ratings, number of touches and stages touched, of `with_past`; (n, k).

    A stage that hardly anybody touched, or hardly anybody missed, has no column.
    """
    rating = frame["past_rating"].to_numpy(float)
    known = ~np.isnan(rating)
    middle = float(rating[known].mean()) if known.any() else 0.0
    columns = [known, np.where(known, rating - middle, 0.0), np.log1p(frame["past_touches"])]
    least = study.config.metrics.min_base
    for place in range(len(study.config.stages)):
        touched = frame[f"past_{place}"].to_numpy(float)
        if least <= touched.sum() <= len(touched) - least:
            columns.append(touched)
    return np.column_stack(columns).astype(np.float64)
