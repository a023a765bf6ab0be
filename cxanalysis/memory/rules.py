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

from cxanalysis.memory.crossval import Floats, Judged, judge
from cxanalysis.memory.rated import absent, rated_before
from cxanalysis.memory.scores import Answers, answers_with, extreme_of, last_of, mean_of, reduced
from cxanalysis.metrics.multiple import holm
from cxanalysis.study import Study

LEAST_RATED = 2  # with one rated touch the mean, the worst, the last and peak and end are one
LEAST_CUSTOMERS = 20  # below, no interval
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
BASE = (
    "answers", "several", "single", "unrated", "customers", "quarter_1", "median", "quarter_3",
    "note",
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
    table = answers_with(rated_before(study), LEAST_RATED)
    n, customers = len(table.answers), table.answers["customer_id"].nunique()
    least = max(study.config.metrics.min_base, LEAST_CUSTOMERS)
    if customers < least:
        note = f"withheld: fewer than {least} customers"
        blank = _blank(RULES, {"rule": "", "note": note})
        return pd.DataFrame([blank | {"n": n, "customers": customers}])
    designs = _designs(table, study.config.metrics.min_base)
    judged = _judged(list(designs.values()), table.answers)
    return _ranked(list(designs), judged).assign(n=n, customers=customers, note="")[list(RULES)]


def rated_answers(study: Study) -> pd.DataFrame:
    """How many ratings lie in the window before each answer of the study's period.

    Returns
    -------
    DataFrame
        One row: answers (with an overall score), several (with two ratings or more), single,
        unrated, and of those with several the customers, median, quarter_1 and quarter_3 of
        their number of ratings; note.
    """
    row: dict[str, Any] = dict.fromkeys(BASE, 0) | {"note": absent(study)}
    if row["note"]:
        return pd.DataFrame([row])
    sizes = rated_before(study).groupby("response_id", sort=False)["rating"].count()
    several = answers_with(rated_before(study), LEAST_RATED)
    quarters = np.quantile(several.sizes, (0.25, 0.5, 0.75)) if len(several.sizes) else [np.nan] * 3
    row |= {"answers": len(sizes), "several": len(several.sizes), "single": int((sizes == 1).sum())}
    row |= {"unrated": int((sizes == 0).sum())}
    row |= {"customers": several.answers["customer_id"].nunique()}
    row |= dict(zip(("quarter_1", "median", "quarter_3"), map(float, quarters), strict=True))
    return pd.DataFrame([row])


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
    table = answers_with(rated_before(study), LEAST_RATED)
    journey = mean_of(table)
    rows = []
    for touchpoint in sorted(table.touches["touchpoint"].unique()):
        own = last_of(table, (table.touches["touchpoint"] == touchpoint).to_numpy())
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


def _designs(table: Answers, min_base: int) -> dict[str, Floats]:
    """Columns of every rule."""
    usual = float(table.touches["rating"].mean())
    apart = table.touches["rating"].to_numpy() - usual
    last = last_of(table)
    rules = {
        "mean": mean_of(table),
        "sum": reduced(np.add, apart, table),
        "worst": reduced(np.minimum, table.touches["rating"].to_numpy(), table),
        "last": last,
        "peak and end": (extreme_of(table) + last) / 2,
    }
    designs = {name: values[:, None] for name, values in rules.items()}
    by_stage = _by_stage(table, apart, min_base)
    if by_stage.shape[1] > 1:
        designs["weighted"] = by_stage
    service = table.touches["service"].to_numpy() > 0
    of_service = last_of(table, service)
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


def _blank(columns: tuple[str, ...], named: dict[str, str]) -> dict[str, Any]:
    """A row without figures."""
    return dict.fromkeys(columns, np.nan) | {"n": 0, "customers": 0} | named
