"""Who stays: the share still customers, or back to buy, after they told how they feel."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import nan, sqrt
from typing import Any

import numpy as np
import pandas as pd
import scipy

from cxanalysis.metrics.cohorts import BANDS, By, Cohort, Outcome, cohort_gap, follow, outcome_of
from cxanalysis.metrics.figures import notes
from cxanalysis.metrics.intervals import (
    CONF_LEVEL,
    Interval,
    difference_interval,
    normal_quantile,
    p_of_interval,
)
from cxanalysis.metrics.multiple import holm
from cxanalysis.metrics.survival import Booleans, Floats, Spared, spared, spared_by_day
from cxanalysis.study import Study

DAYS = 90
EVERYONE = "everyone"
POWER = 0.8
RETENTION = ("by", "band", "n", "events", "at_risk", "value", "conf_low", "conf_high", "note")
GAPS = (
    "by",
    "first",
    "second",
    "difference",
    "conf_low",
    "conf_high",
    "p_value",
    "p_adjusted",
    "detectable",
    "n",
)


def retention(
    study: Study, by: By = "nps", days: int = DAYS, outcome: Outcome | None = None
) -> pd.DataFrame:
    """The share of customers kept ``days`` after they told how they feel, by what they told.

    Kaplan–Meier, with times cut short at the end of the data. A customer counts once, from the
    first answer whose days end in the study's period (all dates: the first answer), and is kept
    as long as ``customers.active_to`` has not passed; with the outcome "returns", or where there is
    no such column, kept is who bought again, of those with a purchase on record by the answer. A
    purchase is a touch at the purchase stage that the company did not begin; without
    ``journeys.initiator`` any touch there, so that one may belong to the purchase before.

    Parameters
    ----------
    by
        "overall" (overall satisfaction), "csat" (rating of a contact; else of the surveys), both
        as the two best, the two worst and the answers between; "nps" (promoters, passives,
        detractors); "joint": rated contact by mean rating of the touches in the lookback days
        before it, each good where it reaches the answers that count as satisfied.
    days
        How long after the answer to look.
    outcome
        "stays" or "returns".

    Returns
    -------
    DataFrame
        by, band ("everyone" first, then the best to the worst), n (customers), events (who left,
        or returned, by then), at_risk (followed that long without), value with conf_low and
        conf_high, note. One row with a note where columns are lacking; no value where fewer than
        ``min_base`` began, or could be followed to that day.
    """
    outcome = outcome or outcome_of(study)
    gap = cohort_gap(study, by, outcome)
    if gap:
        row = (by, EVERYONE, 0, 0, 0, nan, nan, nan, gap)
        return pd.DataFrame([row], columns=list(RETENTION))
    cohort = follow(study, by, days, outcome)
    return table_of(cohort, by, days, outcome, study.config.metrics.min_base)


def table_of(cohort: Cohort, by: By, days: int, outcome: Outcome, base: int) -> pd.DataFrame:
    """`retention` of a cohort that is at hand."""
    rows = []
    for band in (EVERYONE, *BANDS[by]):
        found = band_share(cohort, band, days)
        why = withheld(found, days, base)
        value = kept(found, outcome) if not why and found else (nan, nan, nan)
        counts = (found.n, found.events, found.at_risk) if found else (0, 0, 0)
        rows.append((by, band, *counts, *value, notes(why, cohort.note)))
    return pd.DataFrame(rows, columns=list(RETENTION))


def band_share(cohort: Cohort, band: str, days: float) -> Spared | None:
    """The share of a band to whom nothing happened by a day; None where nobody is in it."""
    days_of, ended = _times(cohort, band)
    return spared(days_of, ended, days) if len(days_of) else None


def _times(cohort: Cohort, band: str) -> tuple[Floats, Booleans]:
    """How long the customers of a band were followed, and whether it happened."""
    frame = cohort.frame
    inside = np.ones(len(frame), bool) if band == EVERYONE else np.asarray(frame["band"] == band)
    return frame["days"].to_numpy(float)[inside], frame["ended"].to_numpy(bool)[inside]


def kept(found: Spared, outcome: Outcome) -> tuple[float, float, float]:
    """The share that stayed, or that returned, with its limits."""
    if outcome == "stays":
        return found.share, found.low, found.high
    return 1 - found.share, 1 - found.high, 1 - found.low


def withheld(found: Spared | None, days: int, base: int) -> str:
    """Why a share is not given; empty where it is."""
    if found is None:
        return "nothing to count"
    if found.n < base:
        return f"withheld: fewer than {base}"
    followed = found.at_risk + found.events
    return f"withheld: fewer than {base} followed for {days} days" if followed < base else ""


def retention_curves(
    study: Study, by: By = "nps", days: int = DAYS, outcome: Outcome | None = None
) -> pd.DataFrame:
    """The curves behind `retention`.

    Parameters
    ----------
    by, days, outcome
        As in `retention`.

    Returns
    -------
    DataFrame
        band, day (0 to ``days``), value and at_risk; bands whose share is withheld are left out.
    """
    outcome = outcome or outcome_of(study)
    if cohort_gap(study, by, outcome):
        return pd.DataFrame(columns=["band", "day", "value", "at_risk"])
    cohort = follow(study, by, days, outcome)
    return curves_of(cohort, by, days, outcome, study.config.metrics.min_base)


def curves_of(cohort: Cohort, by: By, days: int, outcome: Outcome, base: int) -> pd.DataFrame:
    """`retention_curves` of a cohort that is at hand."""
    parts = []
    for band in BANDS[by]:
        if withheld(band_share(cohort, band, days), days, base):
            continue
        followed, ended = _times(cohort, band)
        share = spared_by_day(followed, ended, days)
        at_risk = len(followed) - np.searchsorted(np.sort(followed), np.arange(days + 1))
        value = share if outcome == "stays" else 1 - share
        table = pd.DataFrame({"day": np.arange(days + 1), "value": value, "at_risk": at_risk})
        parts.append(table.assign(band=band))
    columns = ["band", "day", "value", "at_risk"]
    return pd.concat(parts)[columns] if parts else pd.DataFrame(columns=columns)


def retention_gaps(
    study: Study,
    by: By | Sequence[By] = "nps",
    days: int = DAYS,
    outcome: Outcome | None = None,
) -> pd.DataFrame:
    """How far bands differ in `retention`, each pair of them, the better band first.

    Parameters
    ----------
    by, days, outcome
        As in `retention`; ``by`` may be several.

    Returns
    -------
    DataFrame
        by, first, second, difference (first − second), conf_low, conf_high (Newcombe's from the
        shares' own), p_value, p_adjusted (Holm over all rows), detectable (the difference that
        would be found four times in five, at the share of events seen), n (customers in both).
    """
    outcome = outcome or outcome_of(study)
    groups = (by,) if isinstance(by, str) else tuple(by)
    base = study.config.metrics.min_base
    rows: list[tuple[Any, ...]] = []
    for each in groups:
        if not cohort_gap(study, each, outcome):
            rows += pairs_of(follow(study, each, days, outcome), each, days, outcome, base)
    return gaps_of(rows)


def pairs_of(
    cohort: Cohort, by: By, days: int, outcome: Outcome, base: int
) -> list[tuple[Any, ...]]:
    """The rows of `retention_gaps` without p_adjusted, of a cohort that is at hand."""
    found = {band: band_share(cohort, band, days) for band in BANDS[by]}
    known = [
        (band, each)
        for band, each in found.items()
        if each is not None and not withheld(each, days, base)
    ]
    return [
        (by, first, second, *compare(one, other, outcome), one.n + other.n)
        for (first, one), (second, other) in combinations(known, 2)
    ]


def gaps_of(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """Rows of `pairs_of` as a table, p-values adjusted over all of them."""
    table = pd.DataFrame(rows, columns=[name for name in GAPS if name != "p_adjusted"])
    return table.assign(p_adjusted=holm(table["p_value"]))[list(GAPS)]


def compare(first: Spared, second: Spared, outcome: Outcome) -> tuple[float, ...]:
    """Difference, its limits, p-value, and the difference that would mostly be found."""
    (one, *low_high), (other, *ends) = kept(first, outcome), kept(second, outcome)
    low, high = difference_interval(one, Interval(*low_high), other, Interval(*ends))
    p_value = p_of_interval(one - other, low, high)
    return one - other, low, high, p_value, _detectable(first, second)


def _detectable(first: Spared, second: Spared) -> float:
    """The difference of two shares that a test finds with the usual power, about."""
    # One imaginary event lets a band in which nothing has happened yet have a variance.
    share = (first.events + second.events + 1) / (first.n + second.n + 2)
    reach = normal_quantile(CONF_LEVEL) + float(scipy.stats.norm.ppf(POWER))
    return reach * sqrt(share * (1 - share) * (1 / first.effective + 1 / second.effective))
