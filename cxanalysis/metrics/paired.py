"""Whether customers who answered in both periods changed: each compared with their own answer.

A paired test leaves out what makes one customer differ from another, so it sees smaller changes
than ``change``; but it speaks only of those who answered twice, who are not like the rest.
"""

from __future__ import annotations

from math import nan
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import scipy
from numpy.typing import ArrayLike, NDArray

from cxanalysis.engine import collect
from cxanalysis.metrics.change import NOTHING_BEFORE
from cxanalysis.metrics.experience import DETRACTOR, NPS_RANGE, PROMOTER
from cxanalysis.metrics.intervals import CONF_LEVEL, Comparison
from cxanalysis.metrics.rows import lacking, of_segment
from cxanalysis.metrics.scales import boxes, ends, scale_of
from cxanalysis.study import Study

Floats = NDArray[np.float64]
LABELS = {"nps": ("NPS", "points"), "csat": ("CSAT", "share"), "ces": ("Ease (CES)", "score")}
COLUMNS = (
    "metric",
    "label",
    "unit",
    "value",
    "previous",
    "difference",
    "conf_low",
    "conf_high",
    "p_value",
    "n",
    "note",
)
FEW_DISCORDANT = 25  # below it McNemar's statistic has no chi-square distribution


def paired_change(study: Study) -> pd.DataFrame:
    """NPS, CSAT and CES of customers who answered in the study's period and in the one before.

    A customer with several answers in a period counts once, by the last. NPS by
    ``paired_interval`` of the category each customer is in, CSAT by the same interval with
    McNemar's p-value, CES by the paired t test. p-values are not adjusted for there being
    three.

    Returns
    -------
    DataFrame
        One row per score: metric, label, unit, value and previous (of these customers only),
        difference, conf_low, conf_high, p_value, n (customers, that is pairs) and note. Nothing
        but n below ``min_base`` pairs; a note says what is needed where nothing can be paired.
    """
    gap = _gap(study)
    scores = [name for name in LABELS if study.has("surveys", name)]
    answers = None if gap or not scores else _pairs(study, scores)
    rows = []
    for name, (label, unit) in LABELS.items():
        row = {"metric": name, "label": label, "unit": unit}
        if answers is None or name not in scores:
            rows.append(row | {"n": 0, "note": gap or f"needs surveys.{name}"})
        elif name == "nps" and ends(scale_of(study, "surveys", "nps")) != NPS_RANGE:
            rows.append(row | {"n": 0, "note": "needs a scale of 0 to 10"})
        else:
            rows.append(row | _row(study, name, answers[name]))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def paired_interval(changes: ArrayLike, level: float = CONF_LEVEL) -> Comparison:
    """Mean change of category per customer: of NPS as a fraction (−2 to 2), or of a share.

    Two imaginary customers are added, one who moved up by one category and one who moved down;
    for a share that is Bonett & Price's interval, with Student's t in place of the normal
    quantile. Since each customer's own change is averaged, the covariance of the two answers is
    counted. Simulated at 49 pairs of NPS and correlations, the interval holds the truth in
    94.8 to 100 % (average 96.5) of runs at 30 customers and 94.3 to 98.8 % (95.5) at 100; with
    the normal quantile 92.4 % at worst.

    Parameters
    ----------
    changes
        Shape (customers,): for NPS from −2 (promoter, then detractor) to 2; for a share −1, 0
        or 1.
    level
        Of confidence, 0 to 1.

    Returns
    -------
    Comparison
        Limits and two-sided p-value; NaN with fewer than two customers.

    References
    ----------
    Bonett & Price (2012), Journal of Educational and Behavioral Statistics 37:479-488.
    """
    moves = np.asarray(changes, float)
    n = len(moves)
    if n < 2:
        return Comparison(nan, nan, nan)
    centre = moves.sum() / (n + 2)
    error = np.sqrt(((moves**2).sum() + 2) / (n + 2) - centre**2) / np.sqrt(n + 2)
    reach = scipy.stats.t.ppf((1 + level) / 2, n - 1) * error
    p_value = 2 * scipy.stats.t.sf(abs(centre) / error, n - 1)
    return Comparison(float(centre - reach), float(centre + reach), float(p_value))


def mcnemar(before: ArrayLike, now: ArrayLike) -> float:
    """P-value that a yes/no answer changed as often one way as the other.

    Exact where fewer than 25 customers changed, otherwise by chi-square.

    References
    ----------
    McNemar (1947), Psychometrika 12:153-157.
    """
    from statsmodels.stats.contingency_tables import mcnemar as test

    first, second = np.asarray(before, bool), np.asarray(now, bool)
    table = np.array(
        [
            [np.sum(first & second), np.sum(first & ~second)],
            [np.sum(~first & second), np.sum(~first & ~second)],
        ]
    )
    changed = table[0, 1] + table[1, 0]
    if changed == 0:
        return 1.0
    return float(test(table, exact=changed < FEW_DISCORDANT, correction=False).pvalue)


def paired_means(before: ArrayLike, now: ArrayLike, level: float = CONF_LEVEL) -> Comparison:
    """Paired t test of a mean; NaN where all changed alike, since no spread is then known."""
    changes = np.asarray(now, float) - np.asarray(before, float)
    if len(changes) < 2 or np.ptp(changes) == 0:
        return Comparison(nan, nan, nan)
    result = scipy.stats.ttest_1samp(changes, 0)
    limits = result.confidence_interval(level)
    return Comparison(float(limits.low), float(limits.high), float(result.pvalue))


def _gap(study: Study) -> str:
    if study.period is None:
        return "needs a period"
    for column in ("customer_id", "responded_at"):
        if not study.has("surveys", column):
            return f"needs surveys.{column}"
    return lacking(study, "surveys") or ""


def _pairs(study: Study, scores: list[str]) -> dict[str, pd.DataFrame]:
    """By score a row per customer known in both periods, before and now."""
    assert study.period is not None
    earlier = study.period.previous()
    start, middle, end = earlier.start_us, study.period.start_us, study.period.end_us
    instant = nw.col("responded_at")
    surveys = of_segment(study, "surveys", study.tables["surveys"])
    surveys = surveys.filter((instant >= start) & (instant < end), ~nw.col("customer_id").is_null())
    answers = collect(
        surveys.select(
            "customer_id",
            _now=(instant >= middle),
            _moment=instant,
            **{name: nw.col(name).cast(nw.Float64) for name in scores},
        )
    )
    answers = answers.sort_values(["_moment", *scores], kind="stable")
    latest = answers.groupby(["customer_id", "_now"])[scores].last()  # skips what is missing
    return {name: _wide(latest[name].dropna()) for name in scores}


def _wide(latest: pd.Series[Any]) -> pd.DataFrame:
    return latest.unstack("_now").reindex(columns=[False, True])


def _row(study: Study, name: str, answers: pd.DataFrame) -> dict[str, Any]:
    """What a score's pairs say; ``answers`` has a column before and one now."""
    both = answers.dropna().to_numpy(float)
    n, least = len(both), study.config.metrics.min_base
    if n < least:
        nothing = NOTHING_BEFORE if answers[False].isna().all() else "nothing to pair"
        return {"n": n, "note": f"withheld: fewer than {least}" if n else nothing}
    if name == "ces":
        values, result, scale = both, paired_means(both[:, 0], both[:, 1]), 1.0
    elif name == "nps":
        values = (both >= PROMOTER).astype(float) - (both <= DETRACTOR)
        result, scale = paired_interval(values[:, 1] - values[:, 0]), 100.0
    else:
        first, last = boxes(scale_of(study, "surveys", "csat"))
        values, scale = ((both >= first) & (both <= last)).astype(float), 1.0
        limits = paired_interval(values[:, 1] - values[:, 0])
        result = limits._replace(p_value=mcnemar(values[:, 0], values[:, 1]))
    previous, value = scale * values.mean(axis=0)
    return {
        "value": value,
        "previous": previous,
        "difference": value - previous,
        "conf_low": scale * result.low,
        "conf_high": scale * result.high,
        "p_value": result.p_value,
        "n": n,
        "note": "",
    }
