"""Which rule turns the ratings on the way into the overall score, judged on unseen customers.

Rules, each of the rated touches in the window before an answer:

- *mean*; *worst*; *last* (of several at the same moment, their mean);
- *sum*: of how far each touch lies above or below the usual rating, so that many touches count
  for more than few (adding instead of averaging: Anderson 1965);
- *peak and end*: midway between the most extreme touch (farthest from the middle of the scale,
  the worse one at a tie) and the last (Kahneman, Fredrickson, Schreiber & Redelmeier 1993);
- *weighted*: the mean in which a touch counts by its stage, with weights that the training
  customers' answers give;
- *last of service*: the last touch of service, and whether there was any.

References
----------
Anderson (1965), Journal of Experimental Psychology 70:394-400; Kahneman et al. (1993),
Psychological Science 4:401-405.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxanalysis.engine import collect
from cxanalysis.memory.crossval import Floats, Judged, judge
from cxanalysis.memory.rated import absent, group_starts, rated_before, rated_in_view
from cxanalysis.metrics.multiple import holm
from cxanalysis.metrics.scales import ends, scale_of
from cxanalysis.study import Study

LEAST_RATED = 2  # with one rated touch the mean, the worst, the last and peak and end are one
LEAST_CUSTOMERS = 20  # below, no interval
SAME = 1e-9  # distances on a scale of 0 to 1, computed twice
EARLIEST = np.iinfo(np.int64).min
RULES = (
    "rule",
    "r2",
    "conf_low",
    "conf_high",
    "behind",
    "behind_low",
    "behind_high",
    "p_adjusted",
    "n",
    "customers",
    "note",
)
JOURNEY_SCORES = (
    "customer_id", "n", "mean", "worst", "best", "last", "peak_end", "service", "last_service",
)  # fmt: skip
LEVELS = (
    "touchpoint",
    "r2",
    "journey_r2",
    "difference",
    "conf_low",
    "conf_high",
    "p_adjusted",
    "n",
    "customers",
    "note",
)


def rating_rules(study: Study) -> pd.DataFrame:
    """How well each rule predicts the overall score of customers it was not fitted on.

    Answers of the study's period with two rated touches or more in the window before count.
    Every rule is judged on the same ten folds of whole customers, dealt out ten times.

    Returns
    -------
    DataFrame
        rule, r2 (out of sample) with conf_low and conf_high, behind (the best rule's R² less this
        one's) with behind_low and behind_high, p_adjusted (Holm over all pairs of rules, since
        the best is known only afterwards), n (answers), customers, note. Best first; empty R²
        where fewer than ``min_base`` (or 20) customers answered.
    """
    gap = absent(study)
    if gap:
        return pd.DataFrame([_blank(RULES, {"rule": "", "note": gap})])
    table = _answers_with(rated_before(study), LEAST_RATED)
    n, customers = len(table.answers), table.answers["customer_id"].nunique()
    least = max(study.config.metrics.min_base, LEAST_CUSTOMERS)
    if customers < least:
        note = f"withheld: fewer than {least} customers"
        blank = _blank(RULES, {"rule": "", "note": note})
        return pd.DataFrame([blank | {"n": n, "customers": customers}])
    designs = _designs(table, study.config.metrics.min_base)
    judged = _judged(list(designs.values()), table.answers)
    return _ranked(list(designs), judged).assign(n=n, customers=customers, note="")[list(RULES)]


def journey_against_touchpoints(study: Study) -> pd.DataFrame:
    """Whether a touchpoint's own rating or the whole journey's mean predicts the overall score.

    For each touchpoint, both are judged on the answers that have a rating of it and of another
    one in the window before.

    Returns
    -------
    DataFrame
        touchpoint, r2 (of its last rating), journey_r2 (of the mean of all), difference (journey
        less touchpoint) with conf_low and conf_high, p_adjusted (Holm over touchpoints), n
        (answers), customers, note. Most answers first; touchpoints with fewer than ``min_base``
        (or 20) customers have a note only.
    """
    gap = absent(study)
    if gap:
        return pd.DataFrame([_blank(LEVELS, {"touchpoint": "", "note": gap})])
    least = max(study.config.metrics.min_base, LEAST_CUSTOMERS)
    table = _answers_with(rated_before(study), LEAST_RATED)
    journey = _mean(table)
    rows = []
    for touchpoint in sorted(table.touches["touchpoint"].unique()):
        own = _last(table, (table.touches["touchpoint"] == touchpoint).to_numpy())
        has = ~np.isnan(own)
        answers = table.answers[has]
        customers = answers["customer_id"].nunique()
        row = _blank(LEVELS, {"touchpoint": touchpoint, "note": f"withheld: fewer than {least}"})
        if customers >= least:
            judged = _judged([own[has, None], journey[has, None]], answers)
            lead = dict(
                zip(("difference", "conf_low", "conf_high", "p"), judged.lead(1, 0), strict=True)
            )
            row |= {"r2": judged.r2[0], "journey_r2": judged.r2[1], "note": ""} | lead
        rows.append(row | {"n": len(answers), "customers": customers})
    found = pd.DataFrame(rows, columns=[*LEVELS, "p"])
    known = found["p"].notna()
    if known.any():
        found.loc[known, "p_adjusted"] = holm(found.loc[known, "p"].astype(float))
    found = found.sort_values(["n", "touchpoint"], ascending=[False, True], ignore_index=True)
    return found[list(LEVELS)]


def journey_scores(study: Study) -> pd.DataFrame:
    """What each rule makes of every customer's rated touches in the study's period and segment.

    Returns
    -------
    DataFrame
        customer_id, n (rated touches), mean, worst, best, last, peak_end, service (mean of those
        at service) and last_service, all on the scale of the journeys' ratings (of the tickets'
        where journeys have none). One row per customer; empty where nothing is rated.
    """
    if absent(study, answers=False):
        return pd.DataFrame(columns=list(JOURNEY_SCORES))
    touches = collect(rated_in_view(study)).assign(responded_at=np.nan, score=np.nan)
    touches["response_id"] = touches["customer_id"]
    touches = touches.sort_values(["response_id", "occurred_at"], ignore_index=True)
    table = _answers_with(touches, 1)
    service = table.touches["service"].to_numpy() > 0
    ratings = table.touches["rating"].to_numpy()
    given = _reduced(np.add, service.astype(float), table)
    scores = {
        "mean": _mean(table),
        "worst": _reduced(np.minimum, ratings, table),
        "best": _reduced(np.maximum, ratings, table),
        "last": _last(table),
        "peak_end": (_extreme(table) + _last(table)) / 2,
        "service": _divide(_reduced(np.add, np.where(service, ratings, 0.0), table), given),
        "last_service": _last(table, service),
    }
    source = ("journeys", "rating") if study.has("journeys", "rating") else ("tickets", "csat")
    scale = scale_of(study, *source)
    low, high = ends(scale)
    worst, span = (low, high - low) if scale.higher_is_better else (high, low - high)
    found = pd.DataFrame({name: worst + span * values for name, values in scores.items()})
    found.insert(0, "n", table.sizes)
    found.insert(0, "customer_id", table.answers["customer_id"].to_numpy())
    return found


class Answers:
    """Answers, their touches below each other, and where each one's touches begin."""

    def __init__(self, rows: pd.DataFrame) -> None:
        self.touches = rows
        self.starts = group_starts(rows["response_id"])
        self.sizes = np.diff(self.starts, append=len(rows))
        self.answers = rows.iloc[self.starts][
            ["response_id", "customer_id", "responded_at", "score"]
        ].reset_index(drop=True)


def _answers_with(rows: pd.DataFrame, least: int) -> Answers:
    """Answers with at least so many rated touches."""
    rated = rows[rows["rating"].notna()]
    sizes = rated.groupby("response_id", sort=False)["rating"].transform("size")
    return Answers(rated[sizes >= least].reset_index(drop=True))


def _designs(table: Answers, min_base: int) -> dict[str, Floats]:
    """Columns of every rule."""
    usual = float(table.touches["rating"].mean())
    apart = table.touches["rating"].to_numpy() - usual
    last = _last(table)
    rules = {
        "mean": _mean(table),
        "sum": _reduced(np.add, apart, table),
        "worst": _reduced(np.minimum, table.touches["rating"].to_numpy(), table),
        "last": last,
        "peak and end": (_extreme(table) + last) / 2,
    }
    designs = {name: values[:, None] for name, values in rules.items()}
    by_stage = _by_stage(table, apart, min_base)
    if by_stage.shape[1] > 1:
        designs["weighted"] = by_stage
    service = table.touches["service"].to_numpy() > 0
    of_service = _last(table, service)
    has = ~np.isnan(of_service)
    if has.sum() >= min_base and not service.all():
        designs["last of service"] = np.column_stack([has, np.where(has, of_service - usual, 0.0)])
    return designs


def _by_stage(table: Answers, apart: Floats, min_base: int) -> Floats:
    """Sum of how far the touches of each stage lie from the usual ÷ number of touches of all.

    With one weight for all stages this is the mean. Stages rated before fewer than ``min_base``
    answers share one column: their own weight would be a guess.
    """
    codes, names = pd.factorize(table.touches["stage"], sort=True)
    answer = np.repeat(np.arange(len(table.sizes)), table.sizes)
    columns = np.zeros((len(table.sizes), len(names)))
    np.add.at(columns, (answer, codes), apart)
    reached = np.zeros_like(columns, dtype=bool)
    reached[answer, codes] = True
    enough = reached.sum(axis=0) >= min_base
    rest = columns[:, ~enough].sum(axis=1, keepdims=True)
    kept = columns[:, enough] if enough.all() else np.hstack([columns[:, enough], rest])
    return np.asarray(kept / table.sizes[:, None], dtype=np.float64)


def _judged(designs: list[Floats], answers: pd.DataFrame) -> Judged:
    customers = pd.factorize(answers["customer_id"])[0].astype(np.int64)
    return judge(designs, answers["score"].to_numpy(dtype=np.float64), customers)


def _ranked(names: list[str], judged: Judged) -> pd.DataFrame:
    """Rules with R² and how far each is behind the best."""
    limits = judged.limits()
    first = int(np.nanargmax(judged.r2)) if not np.isnan(judged.r2).all() else 0
    pairs = [(a, b) for a in range(len(names)) for b in range(a)]
    adjusted = holm([judged.lead(a, b)[3] for a, b in pairs])
    p_of = {frozenset(pair): float(p) for pair, p in zip(pairs, adjusted, strict=True)}
    rows = []
    for place, rule in enumerate(names):
        lead, low, high, _ = judged.lead(first, place)
        p = p_of.get(frozenset((first, place)), np.nan)
        r2 = (float(judged.r2[place]), float(limits.low[place]), float(limits.high[place]))
        rows.append((rule, *r2, lead, low, high, p))
    found = pd.DataFrame(rows, columns=list(RULES[:8]))
    return found.sort_values("r2", ascending=False, kind="stable", ignore_index=True)


def _reduced(how: Any, values: Floats, table: Answers) -> Floats:
    """Sum, least or greatest of each answer's touches."""
    if not len(table.starts):
        return np.empty(0)
    return np.asarray(how.reduceat(values, table.starts), dtype=np.float64)


def _mean(table: Answers) -> Floats:
    return _reduced(np.add, table.touches["rating"].to_numpy(), table) / table.sizes


def _last(table: Answers, among: NDArray[np.bool_] | None = None) -> Floats:
    """The latest rating; the mean of several at the same moment; NaN where there is none."""
    if not len(table.starts):
        return np.empty(0)
    moments = table.touches["occurred_at"].astype("int64").to_numpy()
    among = np.ones(len(moments), dtype=bool) if among is None else among
    latest = np.maximum.reduceat(np.where(among, moments, EARLIEST), table.starts)
    counts = among & (moments == np.repeat(latest, table.sizes))
    total = _reduced(np.add, np.where(counts, table.touches["rating"].to_numpy(), 0.0), table)
    return _divide(total, _reduced(np.add, counts.astype(float), table))


def _extreme(table: Answers) -> Floats:
    """The rating farthest from the middle of its scale, the worse one at a tie."""
    ratings = table.touches["rating"].to_numpy()
    distance = np.abs(ratings - 0.5)
    farthest = np.repeat(_reduced(np.maximum, distance, table), table.sizes)
    return _reduced(np.minimum, np.where(distance > farthest - SAME, ratings, np.inf), table)


def _divide(above: Floats, below: Any) -> Floats:
    counts = np.asarray(below, dtype=np.float64)
    quotient = np.full(len(counts), np.nan)
    np.divide(above, counts, out=quotient, where=counts > 0)
    return quotient


def _blank(columns: tuple[str, ...], named: dict[str, str]) -> dict[str, Any]:
    """A row without figures."""
    return dict.fromkeys(columns, np.nan) | {"n": 0, "customers": 0} | named
