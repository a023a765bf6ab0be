"""Who stays, with what else is on record held equal, and whether two good things add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, nan

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxanalysis.metrics.cohorts import BANDS, By, Cohort, Outcome, cohort_gap, follow, outcome_of
from cxanalysis.metrics.figures import notes
from cxanalysis.metrics.intervals import (
    Interval,
    combined_interval,
    normal_quantile,
    p_of_interval,
)
from cxanalysis.metrics.loyalty import DAYS, band_share, kept, withheld
from cxanalysis.study import Study

EVENTS_PER_TERM = 5  # Vittinghoff & McCulloch (2007), American Journal of Epidemiology 165:710
MOST_CUSTOMERS = 20_000  # more are drawn from: the fit takes a second for so many
SEED = 1958
YEAR_DAYS = 365.25
RATIO = ("by", "first", "second", "ratio", "conf_low", "conf_high", "p_value", "n", "events")


def retention_adjusted(
    study: Study, by: By = "nps", days: int = DAYS, outcome: Outcome | None = None
) -> pd.DataFrame:
    """How much faster the worst band leaves (or returns) than the best, others held equal.

    Cox regression on the cohort of `retention` up to ``days``, Efron's ties, with time as a
    customer in years as a term and the customers' segments as strata: those whose strata keep
    ``min_base`` customers on average, in the order of the table. It takes five events per term.

    Parameters
    ----------
    by, days, outcome
        As in `retention`.

    Returns
    -------
    DataFrame
        One row: by, first (the worst band), second (the best), ratio of hazards with conf_low
        and conf_high, p_value, n, events, held ("tenure_days" and segments) and note. Above
        20,000 customers, as many drawn at random.

    References
    ----------
    Cox (1972), Journal of the Royal Statistical Society B 34:187-220.
    """
    outcome = outcome or outcome_of(study)
    gap = cohort_gap(study, by, outcome)
    if gap:
        return _row(by, None, gap)
    cohort = follow(study, by, days, outcome)
    return adjusted_of(cohort, by, days, study.config.metrics.min_base)


def adjusted_of(cohort: Cohort, by: By, days: int, base: int) -> pd.DataFrame:
    """`retention_adjusted` of a cohort that is at hand."""
    bands = BANDS[by]
    frame = cohort.frame[cohort.frame["days"] > 0]
    sizes = frame["band"].value_counts()
    known = [band for band in bands if sizes.get(band, 0) >= base]
    if len(known) < 2:
        return _row(by, None, f"withheld: fewer than {base}")
    ends = (known[-1], known[0])
    frame = frame[frame["band"].isin(known)]
    tenure = "tenure_days" in frame and bool(frame["tenure_days"].notna().any())
    held = _strata(frame, cohort.segments, base)
    if not tenure and not held:
        return _row(by, ends, "needs customers.active_from or a segment to hold equal")
    if tenure:
        frame = frame[frame["tenure_days"].notna()]
    if len(frame) > MOST_CUSTOMERS:
        frame = frame.sample(MOST_CUSTOMERS, random_state=SEED)
    return _fit(frame, by, known, days, ["tenure_days", *held] if tenure else held)


@dataclass(frozen=True)
class _Ratio:
    value: float
    low: float
    high: float
    p_value: float
    n: int
    events: int
    held: tuple[str, ...]


def _fit(
    frame: pd.DataFrame, by: By, known: Sequence[str], days: int, held: list[str]
) -> pd.DataFrame:
    from statsmodels.duration.hazard_regression import PHReg

    ended = (frame["ended"] & (frame["days"] <= days)).to_numpy()
    columns = [np.asarray(frame["band"] == band, float) for band in known[:0:-1]]
    if "tenure_days" in held:
        columns.append(frame["tenure_days"].to_numpy(float) / YEAR_DAYS)
    ends, n, events = (known[-1], known[0]), len(frame), int(ended.sum())
    if events < EVENTS_PER_TERM * len(columns) or _empty(frame, ended, ends):
        return _row(by, ends, f"too few events to hold anything equal: {events}", n, events)
    strata = _codes(frame, [name for name in held if name != "tenure_days"])
    x = np.column_stack(columns)
    times = np.minimum(frame["days"].to_numpy(float), days)
    model = PHReg(times, x - x.mean(axis=0), status=ended.astype(int), strata=strata, ties="efron")
    result = model.fit(disp=0)
    log_ratio, error = float(result.params[0]), float(result.bse[0])
    reach = normal_quantile() * error
    if not np.isfinite(error):
        return _row(by, ends, "the model did not settle", n, events)
    found = _Ratio(
        exp(log_ratio),
        exp(log_ratio - reach),
        exp(log_ratio + reach),
        float(result.pvalues[0]),
        n,
        events,
        tuple(held),
    )
    return _row(by, ends, "", found=found)


def _empty(frame: pd.DataFrame, ended: NDArray[np.bool_], ends: tuple[str, str]) -> bool:
    """Whether nothing happened in one of the two bands: the ratio has no end then."""
    return any(not ended[(frame["band"] == band).to_numpy()].any() for band in ends)


def _strata(frame: pd.DataFrame, segments: Sequence[str], base: int) -> list[str]:
    """Segments whose strata together keep so many customers on average."""
    chosen: list[str] = []
    for name in segments:
        strata = np.unique(_codes(frame, [*chosen, name])).size
        if frame[name].nunique() > 1 and len(frame) / strata >= base:
            chosen.append(name)
    return chosen


def _codes(frame: pd.DataFrame, names: Sequence[str]) -> NDArray[np.int64]:
    if not names:
        return np.zeros(len(frame), np.int64)
    keys = frame[list(names)].astype("str")
    return np.asarray(keys.groupby(list(names), sort=False).ngroup(), np.int64)


def _row(
    by: By,
    ends: tuple[str, str] | None,
    note: str,
    n: int = 0,
    events: int = 0,
    found: _Ratio | None = None,
) -> pd.DataFrame:
    first, second = ends or ("", "")
    found = found or _Ratio(nan, nan, nan, nan, n, events, ())
    values = (found.value, found.low, found.high, found.p_value, found.n, found.events)
    row = (by, first, second, *values, ", ".join(found.held), notes(note))
    return pd.DataFrame([row], columns=[*RATIO, "held", "note"])


# --- two good things together --------------------------------------------------------------

AMPLIFIED = ("difference", "conf_low", "conf_high", "p_value", "n", "note")


def amplification(study: Study, days: int = DAYS, outcome: Outcome | None = None) -> pd.DataFrame:
    """Whether good service goes with more customers kept where the journey was good as well.

    The difference that good service goes with among customers with a good journey, less the one
    among the others, from the four shares of `retention` by "joint".

    Parameters
    ----------
    days, outcome
        As in `retention`.

    Returns
    -------
    DataFrame
        One row: difference (of differences, of shares), conf_low, conf_high, p_value, n
        (customers), note. No value where one of the four shares is withheld.

    References
    ----------
    Zou & Donner (2008), Statistics in Medicine 27:1693-1702 (the interval).
    """
    outcome = outcome or outcome_of(study)
    gap = cohort_gap(study, "joint", outcome)
    if gap:
        return pd.DataFrame([(nan, nan, nan, nan, 0, gap)], columns=list(AMPLIFIED))
    cohort = follow(study, "joint", days, outcome)
    return amplification_of(cohort, days, outcome, study.config.metrics.min_base)


def amplification_of(cohort: Cohort, days: int, outcome: Outcome, base: int) -> pd.DataFrame:
    """`amplification` of a cohort that is at hand."""
    found = [band_share(cohort, band, days) for band in BANDS["joint"]]
    n = len(cohort.frame)
    why = next((reason for each in found if (reason := withheld(each, days, base))), "")
    if why:
        return pd.DataFrame([(nan, nan, nan, nan, n, why)], columns=list(AMPLIFIED))
    shares = [kept(each, outcome) for each in found if each is not None]
    values = [value for value, _, _ in shares]
    limits = [Interval(low, high) for _, low, high in shares]
    # both good − journey good, less (service good − neither good)
    signs = (1, -1, -1, 1)
    difference = sum(sign * value for sign, value in zip(signs, values, strict=True))
    low, high = combined_interval(signs, values, limits)
    p_value = p_of_interval(difference, low, high)
    return pd.DataFrame([(difference, low, high, p_value, n, "")], columns=list(AMPLIFIED))
