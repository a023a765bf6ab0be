"""NPS and CSAT as collected, and as weights against silence make them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.errors import ModelError
from cxanalysis.features.answers import answers
from cxanalysis.importance import Floats
from cxanalysis.metrics.experience import DETRACTOR, NPS_RANGE, PROMOTER, experience_metrics
from cxanalysis.metrics.figures import Figure, kish, notes, some, withhold
from cxanalysis.metrics.intervals import CONF_LEVEL
from cxanalysis.metrics.scales import boxes, ends, scale_of
from cxanalysis.nonresponse.weights import PROPENSITY, RAKED, ResponseWeights, response_weights

if TYPE_CHECKING:
    from cxanalysis.study import Study

RAW = "raw"
UNITS = {"nps": "points", "csat": "share"}
COLUMNS = ("metric", "weighting", "value", "conf_low", "conf_high", "n", "kish_n", "unit", "note")
PORTION = 100
# A weighted margin further than this from that of everyone is told.
GAP = 0.005


def nps_by_weighting(study: Study) -> pd.DataFrame:
    """NPS and CSAT of the period, raw, raked and by the probability of answering.

    Returns
    -------
    DataFrame
        metric ("nps", "csat"), weighting ("raw", "raked", "propensity"), value, conf_low,
        conf_high, n (answers behind it), kish_n (how many unweighted answers tell as much),
        unit, note. Values are NaN below ``min_base``, by ``kish_n`` too, and where ``note``
        says what is missing.

    Raises
    ------
    DataError, StudyError
        As `response_weights`; what only weights lack is said in ``note``.

    Notes
    -----
    Raw intervals are those of `experience_metrics`. The others are percentiles over
    ``model.replicates`` bootstrap samples of whole customers, the silent ones among them, with
    weights estimated anew in each.
    """
    collected = experience_metrics(study, weighted=False).set_index("metric").to_dict("index")
    scores = _scores(study)
    rows = []
    for metric in UNITS:
        raw = collected[metric]
        figure = Figure(raw["value"], raw["conf_low"], raw["conf_high"], raw["n"], raw["note"])
        rows.append(_row(metric, RAW, figure, float(figure.n)))
    for how in (RAKED, PROPENSITY):
        try:
            weights = response_weights(study, how)
        except ModelError as error:
            rows += [_row(metric, how, Figure(note=str(error)), 0.0) for metric in UNITS]
            continue
        draws = _draws(study, weights, scores)
        for metric in UNITS:
            if metric in scores:
                rows.append(_weighted(study, metric, weights, scores[metric], draws[metric]))
            else:
                rows.append(_row(metric, how, Figure(note=collected[metric]["note"]), 0.0))
    return pd.DataFrame(rows, columns=list(COLUMNS)).sort_values(
        "metric", key=lambda names: names.map(list(UNITS).index), kind="stable", ignore_index=True
    )


def _scores(study: Study) -> dict[str, Floats]:
    """What each answer adds to a figure, in the order of the features; NaN where not rated."""
    names = [name for name in UNITS if study.has("surveys", name)]
    if "nps" in names and ends(scale_of(study, "surveys", "nps")) != NPS_RANGE:
        names.remove("nps")
    frame = collect(answers(study).select("response_id", *names).sort("response_id"))
    scores = {}
    if "nps" in names:
        given = frame["nps"].to_numpy(dtype=float, na_value=np.nan)
        scores["nps"] = 100.0 * ((given >= PROMOTER).astype(float) - (given <= DETRACTOR))
        scores["nps"][np.isnan(given)] = np.nan
    if "csat" in names:
        first, last = boxes(scale_of(study, "surveys", "csat"))
        given = frame["csat"].to_numpy(dtype=float, na_value=np.nan)
        scores["csat"] = np.where(np.isnan(given), np.nan, (given >= first) & (given <= last))
    return scores


def _draws(study: Study, weights: ResponseWeights, scores: dict[str, Floats]) -> dict[str, Floats]:
    """Weighted figures in bootstrap samples, by metric."""
    model = study.config.model
    rng = np.random.default_rng(model.seed)
    index = pd.RangeIndex(len(weights.weights))
    clusters = np.arange(len(index))
    found: dict[str, list[Floats]] = {metric: [] for metric in scores}
    for first in range(0, model.replicates, PORTION):
        size = min(PORTION, model.replicates - first)
        drawn = weights.draws(rng, size, index, clusters)
        for metric, score in scores.items():
            found[metric].append(_averages(drawn, score))
    return {metric: np.concatenate(values) for metric, values in found.items()}


def _averages(weights: Floats, score: Floats) -> Floats:
    """Weighted averages (b,) of the scores given; NaN where a sample has none."""
    given = ~np.isnan(score)
    total = weights[:, given].sum(axis=1)
    sums = weights[:, given] @ score[given]
    return np.asarray(np.where(total > 0, sums / np.where(total > 0, total, 1.0), np.nan))


def _weighted(
    study: Study,
    metric: str,
    weights: ResponseWeights,
    score: Floats,
    draws: Floats,
) -> dict[str, object]:
    size = np.where(np.isnan(score), 0.0, weights.weights)
    n = int((size > 0).sum())
    if n == 0:
        return _row(metric, weights.name, Figure(note="nothing to count"), 0.0)
    effective = kish(float(size.sum()), float((size**2).sum()))
    low, high = np.nanquantile(draws, [(1 - CONF_LEVEL) / 2, (1 + CONF_LEVEL) / 2])
    value = float(_averages(size[None], score)[0])
    figure = Figure(value, float(low), float(high), n, _remarks(weights))
    least = study.config.metrics.min_base
    if effective < least <= n:
        figure = Figure(n=n, note=f"withheld: tells as much as fewer than {least} answers")
    return _row(metric, weights.name, withhold(figure, least), effective)


def _remarks(weights: ResponseWeights) -> str:
    without = some(weights.n_without, "answer", "answers")
    cut = some(weights.n_capped, "weight", "weights")
    return notes(
        f"stands for {weights.whole}",
        f"{without} of nobody among them left out" if without else "",
        f"{cut} cut to five times the average" if cut else "",
        f"a margin is still {weights.gap:.1%} off" if weights.gap > GAP else "",
    )


def _row(metric: str, weighting: str, figure: Figure, effective: float) -> dict[str, object]:
    return {
        "metric": metric,
        "weighting": weighting,
        "value": figure.value,
        "conf_low": figure.conf_low,
        "conf_high": figure.conf_high,
        "n": figure.n,
        "kish_n": effective,
        "unit": UNITS[metric],
        "note": figure.note,
    }
