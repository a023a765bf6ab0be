"""Whether figures of two periods differ by more than sampling error."""

from __future__ import annotations

from collections.abc import Mapping
from math import hypot, nan
from typing import Any

import pandas as pd
import scipy

from cxanalysis.metrics.figures import TIDY
from cxanalysis.metrics.intervals import (
    CONF_LEVEL,
    NPS_EXTRA_ANSWERS,
    NPS_EXTRA_SHARE,
    Interval,
    difference_interval,
    normal_quantile,
    nps_difference,
    p_of_interval,
)
from cxanalysis.metrics.multiple import holm_known

UP, DOWN = "up", "down"
NO_CLEAR_CHANGE = "no clear change"
NO_COMPARISON = "no comparison"
NOTHING_BEFORE = "nothing in the period before"
_CLUSTERED = {
    "difference": "difference",
    "conf_low": "difference_low",
    "conf_high": "difference_high",
    "p_value": "p_value",
}


def change(
    current: pd.DataFrame, previous: pd.DataFrame, clustered: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Compare the figures of two periods that share no cases.

    Shares by Newcombe's interval of a difference, NPS as `nps_difference`, means by Welch's,
    medians by the interval that their own two intervals give. The word is "up" or "down" only
    where the p-value, after Holm over all figures compared here, is below .05; otherwise "no
    clear change", and "no comparison" where one of the two has no value.

    Every case counts as independent of the others. Customers with one answer in both periods are
    not paired (see `paired_change`): as people resemble themselves, the limits are then rather
    too wide than too narrow. Where one customer has several cases in a period, as contacts have,
    they are too narrow: such figures are given in ``clustered``.

    Parameters
    ----------
    current, previous
        Tidy tables of metrics, made with the same ``by``.
    clustered
        Differences with customers as the unit, as `service_change` gives them; they stand in the
        place of those made here.

    Returns
    -------
    DataFrame
        One row per figure of ``current``, in its order: its group where there is one, metric,
        previous, n_previous, difference (current − previous), conf_low, conf_high, p_value,
        p_adjusted, word.
    """
    keys = [name for name in current.columns if name not in TIDY] + ["metric"]
    old = previous[[*keys, "value", "conf_low", "conf_high", "n"]]
    pairs = current.merge(old, on=keys, how="left", suffixes=("", "_previous"))
    compared = [_compare(pair) for pair in pairs.to_dict("records")]
    table = pd.concat([pairs[keys], pd.DataFrame(compared, index=pairs.index)], axis=1)
    if clustered is not None:
        here = table["metric"].isin(clustered.index)
        given = clustered.reindex(table.loc[here, "metric"])
        for name, source in _CLUSTERED.items():
            table.loc[here, name] = given[source].to_numpy()
    table["p_adjusted"] = holm_known(table["p_value"])
    table["word"] = [
        _word(row["difference"], row["p_adjusted"]) for row in table.to_dict("records")
    ]
    return table


def _compare(pair: Mapping[Any, Any]) -> dict[str, float]:
    value, before = pair["value"], pair["value_previous"]
    n_before = 0 if pd.isna(pair["n_previous"]) else int(pair["n_previous"])
    result = {"previous": before, "n_previous": n_before, "difference": value - before}
    now = Interval(pair["conf_low"], pair["conf_high"])
    then = Interval(pair["conf_low_previous"], pair["conf_high_previous"])
    if pd.isna([value, before, *now, *then]).any():
        low, high, p_value = nan, nan, nan
        result["difference"] = nan
    elif pair["unit"] == "points":
        counts = _nps_counts(value, now, pair["n"]), _nps_counts(before, then, n_before)
        low, high, p_value = nps_difference(*counts)
        low, high = 100 * low, 100 * high
    elif pair["unit"] in ("seconds", "score"):
        low, high, p_value = _welch(value - before, now, pair["n"], then, n_before)
    else:
        low, high = difference_interval(value, now, before, then)
        p_value = p_of_interval(value - before, low, high)
    return result | {"conf_low": low, "conf_high": high, "p_value": p_value}


def _nps_counts(value: float, interval: Interval, n: int) -> tuple[float, float, float]:
    """Promoters, detractors and answers behind a score.

    The score tells how many more are promoters; how many are either follows from the distance
    of the limit on the side of 0, which is never cut at ±100.
    """
    more, total = value / 100 * n, n + NPS_EXTRA_ANSWERS
    centre = more / total
    reach = centre - interval.low / 100 if value >= 0 else interval.high / 100 - centre
    either = (reach / normal_quantile()) ** 2 * total + centre**2
    both = either * total - 2 * NPS_EXTRA_SHARE
    return (both + more) / 2, (both - more) / 2, float(n)


def _welch(
    difference: float, interval_1: Interval, n_1: int, interval_2: Interval, n_2: int
) -> tuple[float, float, float]:
    errors = [
        (interval.high - interval.low) / 2 / scipy.stats.t.ppf((1 + CONF_LEVEL) / 2, n - 1)
        for interval, n in ((interval_1, n_1), (interval_2, n_2))
    ]
    error = hypot(*errors)
    if error == 0:  # every case has the same value in both periods
        return difference, difference, 1.0 if difference == 0 else 0.0
    spread = errors[0] ** 4 / (n_1 - 1) + errors[1] ** 4 / (n_2 - 1)
    freedom = error**4 / spread
    reach = float(scipy.stats.t.ppf((1 + CONF_LEVEL) / 2, freedom)) * error
    p_value = 2 * float(scipy.stats.t.sf(abs(difference) / error, freedom))
    return difference - reach, difference + reach, p_value


def _word(difference: float, p_value: float) -> str:
    if pd.isna(p_value):
        return NO_COMPARISON
    if p_value >= 1 - CONF_LEVEL:
        return NO_CLEAR_CHANGE
    return UP if difference > 0 else DOWN
