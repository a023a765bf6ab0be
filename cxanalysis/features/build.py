"""Put answers, contacts, stages and survey items together: one row per answered response."""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from cxanalysis.config import closest
from cxanalysis.engine import collect
from cxanalysis.engine.placed import collect_placed
from cxanalysis.errors import StudyError
from cxanalysis.features.answers import (
    Lazy,
    answers,
    fingerprint,
    linked_answers,
    present_scores,
)
from cxanalysis.features.coding import two_parts
from cxanalysis.features.issues import issue_features
from cxanalysis.features.journeys import stage_features
from cxanalysis.features.tickets import contact_features
from cxanalysis.partition import block_columns, survey_items, two_part_columns
from cxanalysis.study import Study

ANSWERS = "answers"  # in ``attrs`` of the features: the fingerprint of their rows
ROW_NAMES = ("response_id", "customer_id", "responded_at")
NUMBER = "_number"  # of an answer, while features are made
NOT_A_COLUMN = ("none", "raked", "propensity")  # of model.weights; the last two are estimated


def build_features(study: Study) -> pd.DataFrame:
    """One row per answered response, holding only what was known strictly before it.

    Records of ``model.lookback_days`` before ``responded_at`` count. Customers without
    contact keep their row; an answer without ``customer_id`` or ``responded_at`` cannot be
    joined with tickets and journeys and is coded as without any (``unmatched_responses``
    counts them).

    Returns
    -------
    DataFrame
        ``response_id``, ``customer_id`` and ``responded_at`` where the surveys have them, the
        outcome scores, the weight column that the study names, then the columns of
        ``study.blocks`` in their order, all float64. Sorted by ``response_id``, numbered from
        0; ``attrs["answers"]`` names this set of answers, so that weights made for another are
        refused.

    Raises
    ------
    DataError
        When there are no surveys, or answers cannot be told from unanswered invitations.
    StudyError
        When the study names a weight column that the surveys lack.

    Notes
    -----
    A figure that only some customers have is coded in two parts (``code_two_part``): filling
    zeros would bias its effect, dropping the rows would answer for contacters only.
    """
    features = collect_placed(_coded(study, NUMBER), NUMBER)
    if "response_id" in features:
        features.attrs[ANSWERS] = fingerprint(features["response_id"])
    return features


def lazy_features(study: Study) -> Lazy:
    """The rows and columns of `build_features` in the engine, in no order.

    For whoever needs sums over the answers rather than the answers. Errors are those of
    `build_features`.
    """
    return _coded(study)


def _coded(study: Study, *more: str) -> Lazy:
    """`lazy_features`, with more columns of what is kept."""
    pairs = two_part_columns(study.config, study.columns)
    columns = two_parts(pairs, centres(study))
    wanted = [*_kept(study), *block_columns(study.blocks), *more]
    return study.keep(_figures).select(*(columns.get(name, nw.col(name)) for name in wanted))


def centres(study: Study) -> pd.Series[float]:
    """Mean among the known of every figure coded in two parts, by its column; NaN if none is."""
    return study.once(_centres)["centre"]


def unmatched_responses(study: Study) -> int:
    """Answers that cannot be joined with tickets or journeys; 0 where there are neither."""
    if not {"tickets", "journeys"} & study.tables.keys():
        return 0
    n_answers = _count(answers(study))
    linked = linked_answers(study)
    return n_answers if linked is None else n_answers - _count(linked)


def raw_features(study: Study) -> pd.DataFrame:
    """Figures before coding: missing where there was nothing to know, without indicators."""
    return study.once(_raw_features)


def _raw_features(study: Study) -> pd.DataFrame:
    return collect_placed(study.keep(_figures), NUMBER)


def _centres(study: Study) -> pd.DataFrame:
    names = list(two_part_columns(study.config, study.columns))
    if not names:
        return pd.DataFrame({"centre": []}, pd.Index([], dtype="str"), dtype="float64")
    means = collect(study.keep(_figures).select(*(nw.col(name).mean() for name in names)))
    return means.astype("float64").T.set_axis(["centre"], axis="columns")


def share_features(study: Study) -> None:
    """Work out the figures behind all answers, for the studies narrowed from this one.

    Errors are those of `build_features`.
    """
    study.keep(_figures)


def _figures(study: Study) -> Lazy:
    """What `raw_features` gives and each answer's `NUMBER`, in the engine.

    An answer's figures are of its own customer, so those of all answers hold those of a period's
    or segment's.
    """
    wider = study.wider
    if wider is not None and wider.keeps(_figures) and study.has("surveys", "response_id"):
        ids = answers(study).select("response_id").with_row_index(NUMBER, order_by="response_id")
        return wider.keep(_figures).drop(NUMBER).join(ids, on="response_id", how="inner")
    rows = study.keep(_rows)
    frame = rows
    for part in _log_features(study, rows):
        frame = frame.join(part, left_on=NUMBER, right_on="response_id", how="left")
    pairs = two_part_columns(study.config, study.columns)
    names = [name for name in block_columns(study.blocks) if name not in pairs.values()]
    may_be_missing = {*pairs, *survey_items(study.config)}
    made = set(frame.collect_schema().names())
    numbers = [name for name in _kept(study) if name not in ROW_NAMES]
    chosen = [nw.col(name) for name in _kept(study) if name in ROW_NAMES]
    chosen.append(nw.col(NUMBER))
    for name in (*numbers, *names):
        figure = (nw.col(name) if name in made else nw.lit(None)).cast(nw.Float64)
        filled = name in names and name not in may_be_missing
        chosen.append((figure.fill_null(0.0) if filled else figure).alias(name))
    return frame.select(*chosen)


def _rows(study: Study) -> Lazy:
    """Answers with their number in the order of their ids: joins by it are short and cheap."""
    rows = answers(study).select(*_kept(study), *_ratings(study))
    return rows.with_row_index(NUMBER, order_by="response_id")


def _kept(study: Study) -> list[str]:
    """Columns of the surveys that stay as they are: who, when, the scores and the weight."""
    weights = study.config.model.weights
    made = weights in NOT_A_COLUMN
    if not made and not study.has("surveys", weights):
        raise StudyError(
            f"model.weights: the surveys have no column {weights!r}."
            f"{closest(weights, sorted(study.columns['surveys']))}"
        )
    names = [name for name in ROW_NAMES if study.has("surveys", name)] + present_scores(study)
    return names if made else [*names, weights]


def _log_features(study: Study, rows: Lazy) -> list[Lazy]:
    """What tickets and journeys say, as far as an answer can be joined with them.

    Their ``response_id`` is the answer's `NUMBER`.
    """
    if not study.has("surveys", *ROW_NAMES):
        return []
    number = nw.col(NUMBER).alias("response_id")
    linked = ~nw.col("customer_id").is_null()
    moments = rows.filter(linked).select(number, "customer_id", "responded_at")
    parts: list[Lazy] = []
    if study.has("tickets", "customer_id"):
        parts += [contact_features(study, moments), issue_features(study, moments)]
    if "journeys" in study.tables:
        parts += [stage_features(study, moments)]
    return parts


def _ratings(study: Study) -> list[nw.Expr]:
    """Ratings of survey items, null where blank or not used, and whether each was used."""
    ratings = []
    for name in survey_items(study.config):
        rating = nw.col(name).cast(nw.Float64)
        used = nw.lit(1.0)
        if study.has("surveys", f"{name}_na"):
            not_used = nw.col(f"{name}_na").fill_null(False)
            rating = nw.when(~not_used).then(rating)
            used = nw.when(not_used).then(nw.lit(0.0)).otherwise(used)
        ratings += [rating.alias(name), used.alias(f"{name}_used")]
    return ratings


def _count(rows: Lazy) -> int:
    return int(collect(rows.select(nw.len().alias("n")))["n"].iloc[0])
