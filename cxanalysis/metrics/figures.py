"""A figure with its interval and base, and the tidy table that figures become."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import nan, sqrt

import pandas as pd

from cxanalysis.metrics.intervals import mean_interval, nps_interval, wilson

TIDY = (
    "metric",
    "label",
    "value",
    "conf_low",
    "conf_high",
    "n",
    "unit",
    "definition",
    "note",
)


@dataclass(frozen=True)
class Definition:
    """What a metric is called, what it counts, and the columns it needs.

    ``unit`` is one of "share" (0 to 1), "points" (NPS), "score" (a mean on its scale),
    "number" (a mean count), "per 100", "money", "seconds" and "hours" (a median).
    """

    metric: str
    label: str
    unit: str
    text: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figure:
    """A value with its 95 % interval and the number of cases behind it."""

    value: float = nan
    conf_low: float = nan
    conf_high: float = nan
    n: int = 0
    note: str = ""


def share(count: int, n: int, note: str = "") -> Figure:
    """``count`` of ``n`` with Wilson's interval; no value where ``n`` is 0."""
    if n == 0:
        return Figure(note=notes("nothing to count", note))
    low, high = wilson(count, n)
    return Figure(count / n, low, high, n, note)


def mean(
    value: float, std: float, n: int, note: str = "", effective: float | None = None
) -> Figure:
    """A mean with its t interval, over ``effective`` cases where weights make them fewer."""
    if n == 0:
        return Figure(note=notes("nothing to count", note))
    low, high = mean_interval(value, std, n if effective is None else effective)
    return Figure(value, low, high, n, note)


def ratio(
    top: float,
    base: float,
    top2: float,
    base2: float,
    cross: float,
    *,
    n: int,
    note: str = "",
    scale: float = 1.0,
) -> Figure:
    """A ratio of two sums over ``n`` cases, times ``scale``, with its linearised interval.

    ``top2``, ``base2`` and ``cross`` are the sums of squares and of products; Cochran (1977),
    Sampling Techniques, chapter 6.
    """
    if n == 0 or base == 0:
        return Figure(note=notes("nothing to count", note))
    value = top / base
    spread = max(top2 - 2 * value * cross + value**2 * base2, 0.0)
    std = sqrt(spread / (n - 1)) * n / base if n > 1 else nan
    low, high = mean_interval(scale * value, scale * std, n)
    return Figure(scale * value, low, high, n, note)


def nps(promoters: float, detractors: float, n: int, note: str = "") -> Figure:
    """Net Promoter Score in points; counts may be weighted ones that add up to ``n``."""
    return weighted_nps(promoters, detractors, float(n), n, note)


def weighted_nps(
    promoters: float, detractors: float, effective: float, n: int, note: str = ""
) -> Figure:
    """Net Promoter Score of ``effective`` answers, of which so many are promoters."""
    if n == 0 or effective == 0:
        return Figure(note=notes("nothing to count", note))
    low, high = nps_interval(promoters, detractors, effective)
    value = 100 * (promoters - detractors) / effective
    return Figure(value, max(100 * low, -100.0), min(100 * high, 100.0), n, note)


def kish(weight_sum: float, weight_square_sum: float) -> float:
    """Kish's effective number of answers: how many unweighted ones tell as much."""
    return weight_sum**2 / weight_square_sum if weight_square_sum else 0.0


def weighted_std(weight_sum: float, x_sum: float, x_square_sum: float, effective: float) -> float:
    """Standard deviation from weighted sums, as of ``effective`` independent answers."""
    if effective <= 1:
        return nan
    average = x_sum / weight_sum
    variance = max(x_square_sum / weight_sum - average**2, 0.0)
    return sqrt(variance * effective / (effective - 1))


def withhold(figure: Figure, min_base: int) -> Figure:
    """The figure without its value where fewer than ``min_base`` cases stand behind it."""
    if figure.n >= min_base or figure.n == 0:
        return figure
    return Figure(n=figure.n, note=f"withheld: fewer than {min_base}")


def tidy_row(definition: Definition, figure: Figure, min_base: int) -> dict[str, object]:
    """One row of the tidy table."""
    shown = withhold(figure, min_base)
    return {
        "metric": definition.metric,
        "label": definition.label,
        "value": shown.value,
        "conf_low": shown.conf_low,
        "conf_high": shown.conf_high,
        "n": shown.n,
        "unit": definition.unit,
        "definition": definition.text,
        "note": shown.note,
    }


def tidy(rows: Iterable[dict[str, object]], by: str | None = None) -> pd.DataFrame:
    """Rows as a table: the group first where there is one, then the columns of `TIDY`."""
    columns = ([by] if by else []) + list(TIDY)
    frame = pd.DataFrame(list(rows), columns=columns)
    return frame.astype({"value": float, "conf_low": float, "conf_high": float, "n": "int64"})


def notes(*parts: str) -> str:
    """Remarks as one text; empty ones are skipped."""
    return "; ".join(part for part in parts if part)


def some(count: int, one: str, many: str) -> str:
    """A count with its noun, "1 issue" or "1,054 issues"; empty for none."""
    return f"{count:,} {one if count == 1 else many}" if count else ""


def duration(seconds: float) -> str:
    """Seconds in the unit one would say: "48 s", "5 min 32 s", "3.4 hours"."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{seconds / 3600:.1f} hours"


def left_out(count: int, one: str, many: str, why: str) -> str:
    """A remark on cases that were left out; empty for none."""
    return f"{some(count, one, many)} {why} left out" if count else ""
