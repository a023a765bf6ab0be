"""The answered responses of a study, and the records that lie in the window before each."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import narwhals as nw
import pandas as pd

from cxanalysis.errors import DataError
from cxanalysis.metrics.rows import DAY_US, during, lacking, of_segment

if TYPE_CHECKING:
    from cxanalysis.study import Study

Lazy = nw.LazyFrame[Any]

IDS_AT_ONCE = 10_000
SCORES = ("overall_satisfaction", "csat", "nps", "ces")


def answers(study: Study) -> Lazy:
    """Answered survey rows of the study's period and segment.

    A row is answered when it has ``responded_at``; where the surveys have no such column, when
    it has at least one score.

    Raises
    ------
    DataError
        When the study has no surveys, when they have neither ``responded_at`` nor a score to
        tell an answer from an unanswered invitation, or lack the column of the segment.
    """
    if "surveys" not in study.tables:
        raise DataError(
            f"study {study.config.name!r} has no table of surveys, so there is no outcome to "
            "explain. Add [tables.surveys] to the study file."
        )
    why = lacking(study, "surveys")
    if why is not None:
        raise DataError(f"features: {why}. Leave the segment out, or map that column.")
    surveys = of_segment(study, "surveys", study.tables["surveys"])
    if study.has("surveys", "responded_at"):
        return surveys.filter(during(study, "responded_at"))
    scores = [~nw.col(name).is_null() for name in present_scores(study)]
    if not scores:
        raise DataError(
            f"surveys: neither responded_at nor any of {', '.join(SCORES)}, so answers cannot be "
            "told from unanswered invitations. Map one of them in [tables.surveys.columns]."
        )
    return surveys.filter(nw.any_horizontal(*scores, ignore_nulls=True))


def present_scores(study: Study) -> list[str]:
    """Outcome scores that the surveys have, the study's own outcome among them."""
    names = dict.fromkeys((*SCORES, study.config.model.outcome))
    return [name for name in names if study.has("surveys", name)]


def linked_answers(study: Study) -> Lazy | None:
    """``response_id``, ``customer_id`` and ``responded_at`` of answers that a log can belong to.

    None where the surveys lack one of these columns: then no record can be placed before an
    answer.
    """
    names = ("response_id", "customer_id", "responded_at")
    if not study.has("surveys", *names):
        return None
    return answers(study).select(*names).filter(~nw.col("customer_id").is_null())


def fingerprint(response_ids: pd.Series) -> str:
    """A short name for a set of answers in their order, by which two of them are told apart."""
    name, start = sha256(), ""
    # In portions: texts of millions of ids take more memory than their column.
    for first in range(0, len(response_ids), IDS_AT_ONCE):
        some = response_ids.iloc[first : first + IDS_AT_ONCE].tolist()
        name.update((start + "\n".join(map(str, some))).encode())
        start = "\n"
    return name.hexdigest()[:12]


def before_each(moments: Lazy, records: Lazy, at: str, lookback_days: int | None = None) -> Lazy:
    """Pairs of an answer and a record of the same customer, strictly before the answer.

    Parameters
    ----------
    moments
        Result of `linked_answers`.
    records
        Any table with ``customer_id``.
    at
        Its column that says when the record began.
    lookback_days
        Leave out records that began longer ago than this many days; None keeps all.
    """
    if lookback_days is None:
        return moments.join(records, on="customer_id", how="inner").filter(
            nw.col(at) < nw.col("responded_at")
        )
    # With a column on either side DuckDB compares while it joins, and makes no pair in vain.
    since = moments.with_columns(_since=nw.col("responded_at") - lookback_days * DAY_US)
    return (
        since.join(records, on="customer_id", how="inner")
        .filter(nw.col(at) < nw.col("responded_at"), nw.col(at) >= nw.col("_since"))
        .drop("_since")
    )
