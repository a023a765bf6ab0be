"""Means and shares of touches, with the customer as the unit that was sampled.

One customer leaves several touches and rates alike, so touches are no independent cases. A mean
is the ratio of two sums over customers, and its variance that of a ratio (Cochran 1977, §6.4);
with one touch per customer both are the ordinary ones. Simulated with three touches a customer
and half the variance between customers, 95 % intervals hold the truth of a mean in 94 to 95 % and
of a share in 93 to 95 % of 3,000 runs, at 30 to 300 customers; intervals that take touches for
independent cases, in 80 %.

References
----------
Cochran (1977), Sampling Techniques, 3rd ed.; Dean & Pagano (2015), Survey Methodology 41:287-302.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

from cxanalysis.engine import collect
from cxanalysis.metrics.intervals import CONF_LEVEL, Interval, normal_quantile, wilson

Lazy = nw.LazyFrame[Any]
Floats = NDArray[np.float64]
CUSTOMER = "customer_id"


@dataclass(frozen=True)
class Ratio:
    """A measure of touches: the mean of ``value`` over the touches where ``counts`` is 1.

    Both are numeric columns or expressions without missing values; ``value`` is 0 where the
    touch does not count.
    """

    counts: nw.Expr
    value: nw.Expr


def ratios(frame: Lazy, cells: Sequence[str], measures: Mapping[str, Ratio]) -> pd.DataFrame:
    """Mean, variance and bases of every measure in every cell, summed in the engine.

    Returns
    -------
    DataFrame
        Indexed by ``cells``; for each measure ``<name>_mean``, ``<name>_variance`` (NaN with a
        single customer), ``<name>_n`` (touches) and ``<name>_customers``.
    """
    of, per = _per_customer(frame, cells, measures)
    sums: dict[str, nw.Expr] = {}  # what two measures share is added up once
    parts = {}
    for name, (n, s) in of.items():
        parts[name] = (n, s, n + n, n + s, s + s, f"g{n}")
        a, b = nw.col(n), nw.col(s)
        sums |= {n: a.sum(), s: b.sum(), n + n: (a * a).sum(), n + s: (a * b).sum()}
        sums |= {s + s: (b * b).sum(), f"g{n}": (a > 0).cast(nw.Int64).sum()}
    table = collect(per.group_by(*cells).agg(**sums)).set_index(list(cells)).sort_index()
    columns: dict[str, Any] = {}
    for name in measures:
        count, total, nn, ns, ss, customers = (
            table[column].to_numpy(float) for column in parts[name]
        )
        average = _divide(total, count)
        spread = np.maximum(ss - 2 * average * ns + average**2 * nn, 0.0)
        columns[f"{name}_mean"] = average
        columns[f"{name}_variance"] = _divide(
            spread * customers, count**2 * np.maximum(customers - 1, 0)
        )
        columns[f"{name}_n"] = count.astype(np.int64)
        columns[f"{name}_customers"] = customers.astype(np.int64)
    return pd.DataFrame(columns, index=table.index)


def covariances(frame: Lazy, cells: Sequence[str], measure: Ratio, means: pd.DataFrame) -> Floats:
    """Covariance matrix of the cells' means, which share customers.

    Parameters
    ----------
    means
        Columns mean, n and customers, indexed by ``cells`` in the order wanted; cells that are
        not in it are left out.

    Returns
    -------
    ndarray
        Shape (k, k); NaN in rows and columns of a cell with a single customer.
    """
    return all_covariances(frame, cells, {"x": measure}, {"x": means})["x"]


def all_covariances(
    frame: Lazy,
    cells: Sequence[str],
    measures: Mapping[str, Ratio],
    means: Mapping[str, pd.DataFrame],
) -> dict[str, Floats]:
    """As `covariances`, of several measures by name, summed in the engine at one go.

    Each has its own ``means``, and its own cells in them.
    """
    if not measures:
        return {}
    of, own = _per_customer(frame, cells, measures)
    numbered = {str(number): names for number, names in enumerate(of.values())}
    counts = [nw.col(n) > 0 for n, _ in of.values()]
    own = own.filter(nw.any_horizontal(*counts, ignore_nulls=True))
    other = own.rename({name: f"{name}_2" for name in own.collect_schema().names()})
    pairs = own.join(other, left_on=CUSTOMER, right_on=f"{CUSTOMER}_2", how="inner")
    keys = [*cells, *(f"{name}_2" for name in cells)]
    products = {
        f"{part}{other_part}_{number}": nw.col(first) * nw.col(f"{second}_2")
        for number, names in numbered.items()
        for part, first in zip("ns", names, strict=True)
        for other_part, second in zip("ns", names, strict=True)
    }
    sums = collect(pairs.with_columns(**products).group_by(*keys).agg(*map(_sum, products)))
    return {
        name: _matrix(sums, cells, number, means[name])
        for number, name in zip(numbered, measures, strict=True)
    }


def _sum(name: str) -> nw.Expr:
    return nw.col(name).sum()


def _matrix(sums: pd.DataFrame, cells: Sequence[str], number: str, means: pd.DataFrame) -> Floats:
    """Covariances of one measure from the sums of products over customers."""
    index, k = means.index, len(means)
    first = _places(sums, list(cells), index)
    second = _places(sums, [f"{name}_2" for name in cells], index)
    inside = (first >= 0) & (second >= 0)
    a, b = first[inside], second[inside]
    m, n = means["mean"].to_numpy(float), means["n"].to_numpy(float)
    part = {x: sums[f"{x}_{number}"].to_numpy(float)[inside] for x in ("nn", "ns", "sn", "ss")}
    product = part["ss"] - m[b] * part["sn"] - m[a] * part["ns"] + m[a] * m[b] * part["nn"]
    matrix = np.zeros((k, k))
    matrix[a, b] = product / (n[a] * n[b])
    customers = means["customers"].to_numpy(float)
    inflate = np.sqrt(_divide(customers, customers - 1))
    scaled: Floats = matrix * np.outer(inflate, inflate)
    return scaled


def mean_limits(mean: Any, variance: Any, customers: Any, level: float = CONF_LEVEL) -> Interval:
    """Student's t interval on customers − 1 degrees of freedom; arrays of one shape."""
    freedom = np.asarray(customers, float) - 1
    quantile = scipy.stats.t.ppf((1 + level) / 2, np.where(freedom > 0, freedom, np.nan))
    reach = quantile * np.sqrt(np.asarray(variance, float))
    return Interval(mean - reach, mean + reach)


def share_limits(share: Any, variance: Any, n: Any, customers: Any) -> Interval:
    """Wilson's interval on the effective number of touches, at most ``n``.

    That is p(1 − p) by the variance with customers, not customers − 1, in its denominator; with
    one touch per customer it is ``n``. At a share of 0 or 1, which has no variance of its own,
    the customers are counted.
    """
    p, cases = np.asarray(share, float), np.asarray(n, float)
    clusters = np.asarray(customers, float)
    effective = _divide(p * (1 - p) * clusters, np.asarray(variance, float) * (clusters - 1))
    effective = np.where(np.isnan(effective), clusters, effective)
    effective = np.minimum(effective, cases)
    known = cases > 0
    return wilson(np.where(known, p * effective, 0.0), np.where(known, effective, 0.0))


def rate_limits(rate: Any, variance: Any, exposure: Any) -> Interval:
    """Score interval of a rate on as many independent events as would leave it as uncertain.

    That is rate² by the variance; with one event per customer at most it is the count, and the
    interval that of a Poisson rate. At a rate of 0, which has no variance of its own, ``exposure``
    gives the upper limit. Simulated with customers who differ in how often they make contact,
    95 % intervals hold the truth in 94 % of 400 runs of 70 customers and in 95 % of 270.

    References
    ----------
    Barker (2002), The American Statistician 56:85-89, the score interval.
    """
    value = np.asarray(rate, float)
    events = _divide(value**2, variance)
    square = normal_quantile() ** 2
    half = _divide(square, 2 * events)
    reach = np.sqrt(half**2 + 2 * half)
    none, most = value == 0, _divide(square, exposure)
    return Interval(
        np.where(none, 0.0, value * (1 + half - reach)),
        np.where(none, most, value * (1 + half + reach)),
    )


def _per_customer(
    frame: Lazy, cells: Sequence[str], measures: Mapping[str, Ratio]
) -> tuple[dict[str, tuple[str, str]], Lazy]:
    """Both sums of every measure by cell and customer, and the columns that hold them.

    What two measures share is one column. A measure may bear a name from the data, which a column
    of the engine cannot always bear, so columns have names of their own.
    """
    columns: dict[str, nw.Expr] = {}
    of: dict[str, tuple[str, str]] = {}
    for name, each in measures.items():
        names = []
        for part in (each.counts, each.value):
            known = next((column for column, other in columns.items() if other is part), None)
            names.append(known or f"_{len(columns)}_")
            columns[names[-1]] = part
        of[name] = (names[0], names[1])
    touches = frame.with_columns(**{name: part.cast(nw.Float64) for name, part in columns.items()})
    sums = (nw.col(name).sum() for name in columns)
    return of, touches.group_by(*cells, CUSTOMER).agg(*sums)


def _places(sums: pd.DataFrame, columns: list[str], index: pd.Index[Any]) -> NDArray[np.intp]:
    if len(columns) == 1:
        return index.get_indexer(pd.Index(sums[columns[0]]))
    return index.get_indexer(pd.MultiIndex.from_frame(sums[columns]))


def _divide(above: Any, below: Any) -> Floats:
    """The quotient; NaN where the denominator is 0."""
    above, below = np.broadcast_arrays(np.asarray(above, float), np.asarray(below, float))
    quotient: Floats = np.full(above.shape, np.nan)
    np.divide(above, below, out=quotient, where=below != 0)
    return quotient
