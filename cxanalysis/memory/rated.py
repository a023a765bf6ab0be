"""Every rated touch on one scale, and those that lie before each answer."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxanalysis.config import Scale
from cxanalysis.engine import collect
from cxanalysis.features.answers import before_each, linked_answers
from cxanalysis.features.tickets import contacts
from cxanalysis.metrics.journeys.touches import UNNAMED, at_service
from cxanalysis.metrics.rows import counted, during, lacking, of_segment
from cxanalysis.metrics.scales import ends, scale_of, worst_boxes
from cxanalysis.partition import SERVICE, journey_stages
from cxanalysis.study import Study

Lazy = nw.LazyFrame[Any]
CONTACT = "contact with service"
TOUCH = ("occurred_at", "stage", "touchpoint", "service", "rating", "low")


def absent(study: Study, answers: bool = True) -> str:
    """What rated touches, or ``answers`` after them, would need; empty where nothing is wanting."""
    if not _sources(study):
        return "needs journeys.rating or tickets.csat"
    if not answers:
        return ""
    gap = lacking(study, "surveys")
    if gap:
        return gap
    needed = ("response_id", "customer_id", "responded_at", study.config.model.outcome)
    without = [name for name in needed if not study.has("surveys", name)]
    return f"needs surveys.{without[0]}" if without else ""


def rated_touches(study: Study) -> Lazy:
    """Touches with a rating: of the journeys, and of contacts where only tickets know service.

    Returns
    -------
    LazyFrame
        customer_id, occurred_at (of a contact: when it was over), stage, touchpoint, service
        (1 or 0), rating (0 for the worst answer of its scale to 1 for the best), low (1 where it
        is one of the answers that count as dissatisfied, else 0).
    """
    makers = {"journeys": _of_journeys, "tickets": _of_contacts}
    return nw.concat([makers[table](study) for table in _sources(study)]).filter(
        ~nw.col("rating").is_null(), ~nw.col("customer_id").is_null()
    )


def rated_in_view(study: Study) -> Lazy:
    """The same, of the study's period and segment only; `absent` says whether there are any."""
    touches = rated_touches(study).filter(during(study, "occurred_at"))
    if study.segment is None or not study.has("customers", study.segment[0]):
        return touches  # tables with the segment's own column hold only its rows
    members = of_segment(study, "customers", study.tables["customers"]).select("customer_id")
    return touches.join(members, on="customer_id", how="semi")


def _sources(study: Study) -> list[str]:
    """Tables whose ratings count."""
    found = ["journeys"] if study.has("journeys", "rating") else []
    stages = journey_stages(study.config, study.columns.get("journeys", frozenset()))
    if study.has("tickets", "csat", "customer_id") and not (found and SERVICE in stages):
        found.append("tickets")
    return found


def rated_before(study: Study) -> pd.DataFrame:
    """Every answer with an outcome, and each rated touch in the lookback window before it.

    Returns
    -------
    DataFrame
        response_id, customer_id, responded_at, score (the study's outcome) and the columns of
        `rated_touches`, sorted by response_id and time; an answer without a touch has one row
        whose rating is missing.
    """
    return study.once(_rated_before)


def rated_there(study: Study) -> pd.DataFrame:
    """Every answer about one touchpoint, and the rated touches there in the window before it.

    Returns
    -------
    DataFrame
        As `rated_before`; score is the surveys' csat, and answers without a touch are left out.
    """
    return study.once(_rated_there)


def absent_there(study: Study) -> str:
    """What `rated_there` would need; empty where nothing is wanting."""
    if not _sources(study):
        return "needs journeys.rating or tickets.csat"
    gap = lacking(study, "surveys")
    needed = ("response_id", "customer_id", "responded_at", "csat", "touchpoint")
    without = [name for name in needed if not study.has("surveys", name)]
    return gap or (f"needs surveys.{without[0]}" if without else "")


def goodness(values: Any, scale: Scale) -> Any:
    """Answers as 0 for the worst of their scale to 1 for the best."""
    low, high = ends(scale)
    return (
        (values - low) / (high - low) if scale.higher_is_better else (high - values) / (high - low)
    )


def _rated_before(study: Study) -> pd.DataFrame:
    moments = _moments(study, score=nw.col(study.config.model.outcome))
    touched = _touched(study, moments).select("response_id", *TOUCH)
    frame = collect(moments.join(touched, on="response_id", how="left"))
    return frame.sort_values(["response_id", "occurred_at"], kind="stable", ignore_index=True)


def _rated_there(study: Study) -> pd.DataFrame:
    moments = _moments(study, score=nw.col("csat"), about=nw.col("touchpoint").cast(nw.String))
    there = _touched(study, moments).filter(nw.col("touchpoint") == nw.col("about"))
    frame = collect(there.select("response_id", "customer_id", "responded_at", "score", *TOUCH))
    return frame.sort_values(["response_id", "occurred_at"], kind="stable", ignore_index=True)


def _moments(study: Study, score: nw.Expr, **more: nw.Expr) -> Lazy:
    """Linked answers that have the score."""
    moments = linked_answers(study)
    if moments is None:
        raise KeyError("answers cannot be linked")  # `absent` tells beforehand
    scores = study.tables["surveys"].select("response_id", score=score.cast(nw.Float64), **more)
    moments = moments.join(scores, on="response_id", how="inner")
    return moments.filter(~nw.col("score").is_null())


def _touched(study: Study, moments: Lazy) -> Lazy:
    """Pairs of an answer and a rated touch in the window before it."""
    days = study.config.model.lookback_days
    return before_each(moments, rated_touches(study), "occurred_at", days)


def _of_journeys(study: Study) -> Lazy:
    columns = study.columns["journeys"]
    service = at_service(study) | (nw.col("stage") == SERVICE).fill_null(False)
    named = nw.col("touchpoint").cast(nw.String) if "touchpoint" in columns else nw.lit(UNNAMED)
    rating, scale = nw.col("rating").cast(nw.Float64), scale_of(study, "journeys", "rating")
    return study.tables["journeys"].select(
        "customer_id",
        "occurred_at",
        stage=nw.when(service).then(nw.lit(SERVICE)).otherwise(nw.col("stage")),
        touchpoint=named.fill_null(UNNAMED),
        service=nw.when(service).then(nw.lit(1.0)).otherwise(nw.lit(0.0)),
        rating=goodness(rating, scale),
        low=counted(rating.is_between(*worst_boxes(scale))),
    )


def _of_contacts(study: Study) -> Lazy:
    rating, scale = nw.col("contact_csat"), scale_of(study, "tickets", "csat")
    return contacts(study).select(
        "customer_id",
        occurred_at=nw.col("ended_at"),
        stage=nw.lit(SERVICE),
        touchpoint=nw.lit(CONTACT),
        service=nw.lit(1.0),
        rating=goodness(rating, scale),
        low=counted(rating.is_between(*worst_boxes(scale))),
    )


def group_starts(keys: pd.Series[Any]) -> np.ndarray[Any, np.dtype[np.intp]]:
    """First row of every run of equal keys; the keys are sorted."""
    values = keys.to_numpy()
    return np.flatnonzero(np.r_[True, values[1:] != values[:-1]]) if len(values) else np.arange(0)


def scales_used(study: Study, score: str) -> list[Scale]:
    """The scale of a score of the surveys, then those of the ratings that count.

    Raises
    ------
    KeyError
        When the contract has no such score.
    """
    columns = {"journeys": "rating", "tickets": "csat"}
    return [
        scale_of(study, "surveys", score),
        *(scale_of(study, table, columns[table]) for table in _sources(study)),
    ]
