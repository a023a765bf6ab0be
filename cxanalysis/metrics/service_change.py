"""What changed in service since the period before, with customers as the unit that was sampled.

One customer makes several contacts and fares alike in them, so contacts are no independent cases,
and customers with contacts in both periods make their figures move together. Dealt at random into
two halves, no customer in both, the sample's customers give a change at the 5 % level in 4 to 6 %
of 1,400 deals (766 of medians), by figure; taken as independent contacts, in up to 15 %.

References
----------
Newcombe (1998), Statistics in Medicine 17:2635-2650; Zou & Donner (2008), Statistics in Medicine
27:1693-1702 (limits of a difference from those of its parts); Ying & Wei (1994), Journal of
Multivariate Analysis 50:17-29 (Kaplan–Meier with several times of one customer).
"""

from __future__ import annotations

from dataclasses import replace

import narwhals as nw
import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

from cxanalysis.engine import collect
from cxanalysis.metrics.contacts import given_up
from cxanalysis.metrics.intervals import CONF_LEVEL, Interval, median_interval, normal_quantile
from cxanalysis.metrics.journeys.clusters import CUSTOMER
from cxanalysis.metrics.parts import contacts_of
from cxanalysis.metrics.rows import EVERYONE, HOUR_US, lacking
from cxanalysis.metrics.service_bins import (
    AGAINST_FIRST,
    BIN,
    GROUP,
    figures_by_bin,
    limits_gap,
    own_unit,
)
from cxanalysis.metrics.service_groups import contact_cases
from cxanalysis.metrics.service_outcomes import last_us
from cxanalysis.metrics.service_patience import influences
from cxanalysis.study import Study

Floats = NDArray[np.float64]
BEFORE, NOW = 0, 1
MEANS = (
    "first_contact_resolution",
    "handle_time",
    "speed_of_answer",
    "abandonment",
    "contact_csat",
    "sla_met",
    "reopened",
    "failure_demand",
)
MEDIANS = {"first_reply": "first_replied_at", "resolution_time": "solved_at"}
"""Figures that are medians, each with the column in which its time ends."""
OF_CONTACTS = (*MEANS, *MEDIANS)
LIMITS = ("conf_low", "conf_high")
CHANGE = ("difference", "difference_low", "difference_high", "p_value")


def service_change(study: Study) -> pd.DataFrame:
    """Figures of contacts in the study's period against the one before, customers as clusters.

    Returns
    -------
    DataFrame
        Indexed by metric, as far as the tickets can give it: conf_low and conf_high (of the
        period's own figure), difference (now − before) with difference_low, difference_high and
        p_value, not adjusted; these are NaN where there is no period before. Figures of fewer
        than ``min_base`` cases are withheld.
    """
    if lacking(study, "tickets") is not None:
        return pd.DataFrame(columns=[*LIMITS, *CHANGE], dtype=float)
    rows = _rows(study, NOW)
    if study.period is not None:
        earlier = _rows(replace(study, period=study.period.previous()), BEFORE)
        rows = pd.concat([rows, earlier], ignore_index=True)
    return changes_of(study, rows)


def changes_of(study: Study, rows: pd.DataFrame) -> pd.DataFrame:
    """As `service_change`, of rows that say themselves in which period they count.

    Parameters
    ----------
    rows
        One per contact: `BIN` (`BEFORE` or `NOW`), customer_id, a column for each of `MEANS` that
        is known, NaN where the contact does not count, and for each of `MEDIANS` the hours and,
        under its name and "_over", whether the time had ended.
    """
    rows = own_unit(rows).assign(**{GROUP: EVERYONE})
    index = pd.MultiIndex.from_product([[EVERYONE], [BEFORE, NOW]], names=[GROUP, BIN])
    edges = pd.DataFrame({"time_from": np.nan, "time_to": np.nan}, index=index)
    means = [name for name in MEANS if name in rows]
    found: dict[str, dict[str, float]] = {}
    tables = figures_by_bin(study, rows, edges, means) if means else {}
    for name, table in tables.items():
        values = table[[*LIMITS, *AGAINST_FIRST]].to_numpy(float)[NOW]
        found[name] = dict(zip((*LIMITS, *CHANGE), map(float, values), strict=True))
    base = max(study.config.metrics.min_base, 2)
    for name in MEDIANS:
        if name in rows:
            found[name] = _median_change(rows[rows[name].notna()], name, base)
    return pd.DataFrame.from_dict(found, orient="index", columns=[*LIMITS, *CHANGE], dtype=float)


def _rows(study: Study, place: int) -> pd.DataFrame:
    """Contacts of one period with what they count for."""
    parts = [contact_cases(study, None), _times(study)]
    return pd.concat(parts, ignore_index=True).assign(**{BIN: place})


def _times(study: Study) -> pd.DataFrame:
    """Contacts not given up, with the hours that each of `MEDIANS` took so far."""
    ends = {name: column for name, column in MEDIANS.items() if study.has("tickets", column)}
    if not ends:
        return pd.DataFrame()
    last = last_us(study)
    chosen: dict[str, nw.Expr] = {}
    for name, column in ends.items():
        over = ~nw.col(column).is_null()
        until = nw.when(over).then(nw.col(column)).otherwise(nw.lit(last))
        chosen[name] = (until - nw.col("opened_at")).cast(nw.Float64) / HOUR_US
        chosen[f"{name}_over"] = over.cast(nw.Float64)
    rows = contacts_of(study, None).filter(~given_up(study.columns["tickets"]))
    who = nw.col(CUSTOMER) if study.has("tickets", CUSTOMER) else nw.lit(None, nw.String)
    return collect(rows.select(who.alias(CUSTOMER), **chosen))


def _median_change(rows: pd.DataFrame, name: str, base: int) -> dict[str, float]:
    """Median times of both periods and their difference; NaN where one is not reached."""
    unknown = dict.fromkeys((*LIMITS, *CHANGE), np.nan)
    codes = pd.factorize(rows[CUSTOMER])[0]
    values, limits, parts = np.full(2, np.nan), np.full((2, 2), np.nan), []
    for place in (BEFORE, NOW):
        inside = (rows[BIN] == place).to_numpy()
        if inside.sum() < base:
            parts.append(np.zeros(0))
            continue
        hours = rows[name].to_numpy(float)[inside]
        over = rows[f"{name}_over"].to_numpy(float)[inside] == 1
        values[place], ends, part = clustered_median(hours, over, codes[inside])
        limits[place] = ends
        parts.append(part)
    found = unknown | dict(zip(LIMITS, map(float, limits[NOW]), strict=True))
    if np.isnan([*values, *limits.ravel()]).any():
        return found
    width = max(map(len, parts))
    both = np.array([np.pad(part, (0, width - len(part))) for part in parts])
    order = [NOW, BEFORE]
    spread = (both @ both.T)[np.ix_(order, order)]
    gap = limits_gap(values[order], limits[order, 0], limits[order, 1], spread)
    return found | dict(zip(CHANGE, gap, strict=True))


def clustered_median(
    durations: Floats, ended: NDArray[np.bool_], customers: NDArray[np.int64]
) -> tuple[float, Interval, Floats]:
    """Median as `median_interval` has it, with limits for several durations of one customer.

    The limits reach further by as much as the spread between customers at the median is wider
    than that between durations, never less far.

    Parameters
    ----------
    customers
        A number from 0 on for each customer.

    Returns
    -------
    tuple
        Median, limits, and what each customer adds to the error of the share at the median.
    """
    median, plain = median_interval(durations, ended)
    if np.isnan(median):
        return median, plain, np.zeros(0)
    at = np.array([np.nextafter(median, np.inf)])
    _, own = influences(durations, ended, np.arange(len(durations)), at)
    _, parts = influences(durations, ended, customers, at)
    there, each = len(np.unique(customers)), float((own**2).sum())
    wider = 1.0
    if there > 1 and each > 0:
        wider = max(float((parts**2).sum()) * there / (there - 1) / each, 1.0)
    level = float(1 - 2 * scipy.stats.norm.sf(normal_quantile(CONF_LEVEL) * np.sqrt(wider)))
    return median, median_interval(durations, ended, level)[1], parts[:, 0]


def with_limits(figures: pd.DataFrame, changes: pd.DataFrame) -> pd.DataFrame:
    """Tidy figures with the limits of `service_change` where it has them."""
    here = figures["metric"].isin(changes.index) & figures["value"].notna()
    table = figures.copy()
    for name in LIMITS:
        table.loc[here, name] = changes[name].reindex(figures.loc[here, "metric"]).to_numpy()
    return table
