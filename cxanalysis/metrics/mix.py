"""How much of a change is the mix of respondents, and how much happened within segments.

With weights w and scores y of each segment, now and before, the change of the whole splits into
*mix*, Δw · (ȳ − r), and *within*, w̄ · Δy; bars are averages of both periods, so neither period
is the standard, and r is the average of both overall scores, so a segment pulls up only where it
scores above the whole (Kitagawa 1955). A segment that answered in one period only has no change
within: all of it is a part of its own, new or gone. The parts add up to the change exactly.

It is the mix of *respondents*: whether customers themselves changed or only who answers, no
split can tell.

References
----------
Kitagawa (1955), Journal of the American Statistical Association 50:1168-1194.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import nan
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cxanalysis.engine import collect
from cxanalysis.metrics.change import NOTHING_BEFORE
from cxanalysis.metrics.experience import answer_sums, has_nps
from cxanalysis.metrics.intervals import normal_quantile
from cxanalysis.metrics.rows import lacking, whole
from cxanalysis.study import Study, segment_columns

Floats = NDArray[np.float64]
NPS_SCORES, CSAT_SCORES = (-100.0, 0.0, 100.0), (0.0, 1.0)
LEAST_SEGMENTS, MOST_SEGMENTS = 2, 12
MIX, WITHIN, NEW, GONE, CHANGE = "mix", "within", "new", "gone", "change"
COLUMNS = (
    "metric",
    "part",
    "segment",
    "estimate",
    "std_error",
    "conf_low",
    "conf_high",
    "n",
    "n_previous",
    "note",
)


@dataclass(frozen=True)
class ChangeParts:
    """Parts of a change by segment, each of shape (segments,), in the unit of the scores.

    ``mix`` and ``within`` are 0 for a segment of one period only, ``alone`` is 0 for one of
    both. ``totals`` holds the sums mix, within and the change itself; ``*_error`` are standard
    errors.
    """

    mix: Floats
    within: Floats
    alone: Floats
    totals: Floats
    mix_error: Floats
    within_error: Floats
    alone_error: Floats
    totals_error: Floats


def split_change(now: ArrayLike, before: ArrayLike, scores: ArrayLike) -> ChangeParts:
    """Split the change of a mean score into mix and within, by segment.

    Standard errors by the delta method, from the influence of each answer on each part; answers
    count as independent, also those of one customer in both periods. Simulated with three
    segments that changed in size and score, 95 % intervals of mix and within hold the truth in
    93.4 and 94.5 % of 3,000 runs at 100 answers a period, 94.3 and 95.4 % at 300; where nothing
    changed and segments score alike, that of the mix is too wide (100 %).

    Parameters
    ----------
    now, before
        Shape (segments, answers): how many gave each answer; no segment empty in both.
    scores
        Shape (answers,): what each answer counts, such as −100, 0 and 100 for the NPS.

    Returns
    -------
    ChangeParts
        Mix and within of every segment, their sums and the change itself, with standard errors.
    """
    z = np.asarray(scores, float)
    periods = [_Period.of(np.asarray(counts, float), z) for counts in (now, before)]
    new, old = periods
    both = (new.weights > 0) & (old.weights > 0)
    reference = (new.score + old.score) / 2
    middle, step = (new.scores + old.scores) / 2, new.scores - old.scores
    shift, weight = new.weights - old.weights, (new.weights + old.weights) / 2
    mix = np.where(both, shift * (middle - reference), 0.0)
    within = np.where(both, weight * step, 0.0)
    alone = np.where(both, 0.0, shift * (new.scores + old.scores - reference))
    variances = np.zeros((3, len(mix)))
    of_totals = np.zeros(3)
    for period, sign in ((new, 1.0), (old, -1.0)):
        d_weight, d_score, d_whole = period.influences(z)
        own = (period.weights > 0)[:, None, None]
        drag = shift[:, None, None] * d_whole / 2
        d_mix = sign * d_weight * (middle - reference)[:, None, None]
        d_mix += shift[:, None, None] * d_score / 2 - drag
        d_within = sign * weight[:, None, None] * d_score + d_weight * step[:, None, None] / 2
        d_alone = sign * d_weight * (period.scores - reference)[:, None, None]
        d_alone = np.where(own, d_alone + shift[:, None, None] * d_score, 0.0) - drag
        inside = both[:, None, None]
        parts = np.stack([d_mix * inside, d_within * inside, d_alone * ~inside])
        sums = parts.sum(axis=1)
        variances += period.variance(parts)
        of_totals += period.variance(np.stack([sums[0], sums[1], sums.sum(axis=0)]))
    totals = np.array([mix.sum(), within.sum(), new.score - old.score])
    of_parts = np.sqrt(variances)
    errors = of_parts[0], of_parts[1], of_parts[2], np.sqrt(of_totals)
    return ChangeParts(mix, within, alone, totals, *errors)


@dataclass(frozen=True)
class _Period:
    """Answers of one period: shares of all answers (segments, answers), and what they give."""

    n: float
    shares: Floats
    weights: Floats
    scores: Floats
    score: float

    @classmethod
    def of(cls, counts: Floats, z: Floats) -> _Period:
        n = counts.sum()
        weights = counts.sum(axis=1) / n
        scores = np.divide(counts @ z, counts.sum(axis=1), out=weights * 0, where=weights > 0)
        return cls(float(n), counts / n, weights, scores, float(counts.sum(axis=0) @ z / n))

    def influences(self, z: Floats) -> tuple[Floats, Floats, Floats]:
        """How one answer moves weights, scores (segments, segments, answers) and the whole."""
        own = np.eye(len(self.weights))[:, :, None]
        d_weight = own - self.weights[:, None, None] + 0 * z
        away = z - self.scores[:, None, None]
        base = np.where(self.weights > 0, self.weights, np.inf)[:, None, None]
        return d_weight, own * away / base, np.broadcast_to(z - self.score, self.shares.shape)

    def variance(self, influence: Floats) -> Floats:
        """Sampling variance of estimates from their influences (…, segments, answers)."""
        return np.asarray((self.shares * influence**2).sum(axis=(-2, -1)) / self.n)


def mix_within(study: Study, by: str) -> pd.DataFrame:
    """Split the change of NPS and CSAT since the period before by the segments of a column.

    Parameters
    ----------
    by
        A column of the surveys, or of the customers. Segments of fewer than ``min_base``
        answers in a period they answered in are taken together.

    Returns
    -------
    DataFrame
        For each of the two scores: the rows "change", "mix" and "within" of the whole, with an
        empty segment, then mix and within, or new or gone, of every segment. metric, part,
        segment, estimate (NPS in points, CSAT from −1 to 1), std_error, conf_low, conf_high
        (95 %, see ``split_change``), n, n_previous and note. Where the change is
        withheld or cannot be had, one row without an estimate and a note that says why.

    Raises
    ------
    ReportError
        When no such column ``by`` exists.
    """
    gap = lacking(study, "surveys") or ("" if study.period else "needs a period")
    if gap or study.period is None:
        return pd.DataFrame(
            [_nothing(metric, gap) for metric in ("nps", "csat")], columns=list(COLUMNS)
        )
    sums = answer_sums(study, by), answer_sums(replace(study, period=study.period.previous()), by)
    rows = []
    for metric in ("nps", "csat"):
        known = has_nps(study) if metric == "nps" else study.has("surveys", metric)
        counts = [_counts(each, metric) for each in sums] if known else []
        rows += _rows(metric, counts, study.config.metrics.min_base)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _counts(sums: Mapping[Any, Mapping[Any, Any]], metric: str) -> pd.DataFrame:
    """How many gave each kind of answer, by segment."""
    counts = {}
    for segment, each in sums.items():
        if metric == "nps":
            ends = whole(each["_detractor"]), whole(each["_promoter"])
            counts[segment] = [ends[0], whole(each["_nps_n"]) - sum(ends), ends[1]]
        else:
            satisfied = whole(each["_satisfied"])
            counts[segment] = [whole(each["_rated"]) - satisfied, satisfied]
    return pd.DataFrame.from_dict(counts, orient="index")


def _rows(metric: str, counts: list[pd.DataFrame], min_base: int) -> list[dict[str, Any]]:
    if not counts:
        return [_nothing(metric, f"needs surveys.{metric}")]
    now, before = _pooled(counts[0], counts[1], min_base)
    n, n_before = now.sum(axis=1), before.sum(axis=1)
    fewest = int(min(n.sum(), n_before.sum()))
    if fewest < min_base or len(now) < LEAST_SEGMENTS:
        note = _why_not(int(n.sum()), int(n_before.sum()), min_base)
        return [_nothing(metric, note) | {"n": int(n.sum()), "n_previous": int(n_before.sum())}]
    split = split_change(now, before, NPS_SCORES if metric == "nps" else CSAT_SCORES)
    whole_change = [
        _row(metric, part, "", *pair, int(n.sum()), int(n_before.sum()))
        for part, pair in zip(
            (MIX, WITHIN, CHANGE), zip(split.totals, split.totals_error, strict=True), strict=True
        )
    ]
    rows = [whole_change[2], *whole_change[:2]]
    for place, segment in enumerate(now.index):
        bases = int(n.iloc[place]), int(n_before.iloc[place])
        if all(bases):
            pairs = (split.mix, split.mix_error), (split.within, split.within_error)
            for part, (estimate, error) in zip((MIX, WITHIN), pairs, strict=True):
                rows.append(_row(metric, part, segment, estimate[place], error[place], *bases))
        else:
            part = NEW if bases[0] else GONE
            pair = split.alone[place], split.alone_error[place]
            rows.append(_row(metric, part, segment, *pair, *bases))
    return rows


def _why_not(n: int, n_before: int, min_base: int) -> str:
    """Why a change between so many answers is not split."""
    if n and n_before:
        few = min(n, n_before) < min_base
        return "withheld: " + (
            f"fewer than {min_base}" if few else f"no {LEAST_SEGMENTS} segments of {min_base}"
        )
    return NOTHING_BEFORE if n else "nothing to count"


def _pooled(
    now: pd.DataFrame, before: pd.DataFrame, min_base: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both periods with the same segments, the small ones taken together as the last."""
    segments = now.index.union(before.index)
    tables = [counts.reindex(segments, fill_value=0) for counts in (now, before)]
    bases = [table.sum(axis=1) for table in tables]
    small = ((bases[0] > 0) & (bases[0] < min_base)) | ((bases[1] > 0) & (bases[1] < min_base))
    empty = (bases[0] == 0) & (bases[1] == 0)
    for table in tables:
        if small.any():
            table.loc[f"others, fewer than {min_base} each"] = table[small].sum()
    keep = [segment for segment in tables[0].index if not (small | empty).get(segment, False)]
    return tables[0].loc[keep], tables[1].loc[keep]


def _row(
    metric: str, part: str, segment: str, estimate: float, error: float, n: int, n_before: int
) -> dict[str, Any]:
    reach = normal_quantile() * error
    return {
        "metric": metric,
        "part": part,
        "segment": segment,
        "estimate": float(estimate),
        "std_error": float(error),
        "conf_low": float(estimate - reach),
        "conf_high": float(estimate + reach),
        "n": n,
        "n_previous": n_before,
        "note": "",
    }


def _nothing(metric: str, note: str) -> dict[str, Any]:
    return _row(metric, CHANGE, "", nan, nan, 0, 0) | {"note": note}


def segments_of(study: Study) -> tuple[str, ...]:
    """Columns to split a change by: texts of the customers with 2 to 12 values, in their order.

    Where there is no customers table, such columns of the surveys.
    """
    through = study.has("customers") and study.has("surveys", "customer_id")
    table = "customers" if through else "surveys"
    names = segment_columns(study, table) if study.has(table) else []
    if study.segment is not None:
        names = [name for name in names if name != study.segment[0]]
    if not names:
        return ()
    values = collect(study.tables[table].select(*[nw.col(name).n_unique() for name in names]))
    return tuple(name for name in names if LEAST_SEGMENTS <= values[name][0] <= MOST_SEGMENTS)
