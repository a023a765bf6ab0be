"""How long is too long: satisfaction by the time waited, and what came of longer handling."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import scipy

from cxanalysis.engine import collect
from cxanalysis.metrics.contacts import given_up, handled
from cxanalysis.metrics.intervals import CONF_LEVEL
from cxanalysis.metrics.journeys.clusters import CUSTOMER
from cxanalysis.metrics.multiple import holm_known
from cxanalysis.metrics.parts import contacts_of, handle_seconds
from cxanalysis.metrics.resolution import can_see_repeats
from cxanalysis.metrics.rows import GROUP as ROWS_GROUP
from cxanalysis.metrics.rows import SECOND_US, lacking
from cxanalysis.metrics.scales import boxes, ends, scale_of, worst_boxes
from cxanalysis.metrics.service_bins import (
    AGAINST_FIRST,
    BINNED,
    GROUP,
    TIME,
    cut_by_group,
    figures_by_bin,
)
from cxanalysis.metrics.service_handling import counted_contacts
from cxanalysis.study import Study

QUEUE, REPLY = "in the queue", "to the first reply"
FOUND = ("channel", *BINNED, *AGAINST_FIRST, "p_adjusted", "note")
WAIT = ("channel", "clock", *FOUND[1:], "satisfied", "csat", "csat_low", "csat_high", "spread")
HANDLING = ("channel", "measure", *FOUND[1:])
SLOPES = ("channel", "clock", "n", "customers", "estimate", "conf_low", "conf_high", "p_adjusted")


def wait_curve(study: Study) -> pd.DataFrame:
    """Share of rated contacts that were rated badly, by how long the customer had waited.

    The wait is the time in the queue in channels where that is known, and the time to the first
    reply in all others. Bins are cut anew in every channel, from the waits alone. The share is
    that of the two worst answers (the one worst of a short scale).

    Returns
    -------
    DataFrame
        One row per channel and bin: channel, clock, time_from and time_to (seconds; the last bin
        ends at infinity), n (rated contacts), customers, value (share dissatisfied) with
        conf_low and conf_high, difference (from the first bin) with difference_low and
        difference_high, p_value, p_adjusted (Holm, over all bins of all channels), note,
        satisfied (share of the best answers), csat (mean) with csat_low and csat_high, spread
        (standard deviation of the ratings inside the bin). Empty where no contact has both a
        wait and a rating.
    """
    rows = rated_waits(study)
    if rows.empty:
        return pd.DataFrame(columns=list(WAIT))
    rows, edges = cut_by_group(rows, study.config.metrics.min_base)
    parts = figures_by_bin(study, rows, edges, ("dissatisfied", "satisfied", "csat"))
    table = _finished(study, parts["dissatisfied"])
    shown = table["value"].notna().to_numpy()
    table["clock"] = [_clocks(rows)[channel] for channel in table["channel"]]
    table["satisfied"] = parts["satisfied"]["value"].to_numpy()
    for ours, theirs in (("csat", "value"), ("csat_low", "conf_low"), ("csat_high", "conf_high")):
        table[ours] = parts["csat"][theirs].to_numpy()
    spread = rows.groupby([GROUP, "_bin"])["csat"].std().reindex(edges.index).to_numpy()
    table["spread"] = np.where(shown, spread, np.nan)
    return table[list(WAIT)]


def rating_spread(study: Study) -> pd.DataFrame:
    """How often each rating was given in each bin of `wait_curve`: same wait, other ratings.

    Returns
    -------
    DataFrame
        channel, time_from, time_to, rating, count; bins of fewer than ``min_base`` rated
        contacts are left out.
    """
    rows = rated_waits(study)
    columns = ["channel", "time_from", "time_to", "rating", "count"]
    if rows.empty:
        return pd.DataFrame(columns=columns)
    base = study.config.metrics.min_base
    rows, edges = cut_by_group(rows, base)
    counts = rows.groupby([GROUP, "_bin", "csat"]).size().rename("count").reset_index("csat")
    enough = counts["count"].groupby(level=[0, 1]).transform("sum") >= base
    table = counts[enough].join(edges).reset_index()
    return table.rename(columns={GROUP: "channel", "csat": "rating"})[columns]


def wait_slopes(study: Study) -> pd.DataFrame:
    """How much the mean rating of a contact differs where the wait is twice as long, by channel.

    Least squares of the rating on the logarithm of the wait (at least a second), with customers
    as clusters; every contact counts, not bins.

    Returns
    -------
    DataFrame
        channel, clock, n, customers, estimate (points of the rating per doubling of the wait)
        with conf_low and conf_high, p_adjusted (Holm, over the channels). Channels with fewer
        than ``min_base`` rated contacts, or one wait for all, have no row.
    """
    rows = rated_waits(study)
    found = []
    for channel, part in rows.groupby(GROUP) if len(rows) else ():
        doublings = np.log2(np.maximum(part[TIME].to_numpy(float), 1.0))
        if len(part) < study.config.metrics.min_base or np.ptp(doublings) == 0:
            continue
        units = part[CUSTOMER].astype(object)
        units = units.where(units.notna(), pd.Series(range(len(part)), part.index).astype(str))
        figures = _slope(doublings, part["csat"].to_numpy(float), pd.factorize(units)[0])
        if figures is not None:
            found.append((channel, part["_clock"].iloc[0], len(part), units.nunique(), *figures))
    table = pd.DataFrame(found, columns=list(SLOPES))
    return table.assign(p_adjusted=holm_known(table["p_adjusted"]))


def handling_curve(study: Study) -> pd.DataFrame:
    """What came of contacts by how long they were handled: resolved first, and mean rating.

    Resolved first is of issues, by the handling of their first handled contact, as in
    first-contact resolution. Bins are cut anew for each measure and channel.

    Returns
    -------
    DataFrame
        One row per measure ("resolved_first", a share; "csat", a mean), channel and bin, with
        the columns of `wait_curve` up to note. Empty where handle time is not known.
    """
    rows = _handled_rows(study)
    tables = []
    for measure in ("resolved_first", "csat"):
        counted_rows = rows[rows[measure].notna()] if measure in rows else rows.iloc[:0]
        if len(counted_rows):
            cut, edges = cut_by_group(counted_rows, study.config.metrics.min_base)
            table = _finished(study, figures_by_bin(study, cut, edges, (measure,))[measure])
            tables.append(table.assign(measure=measure))
    if not tables:
        return pd.DataFrame(columns=list(HANDLING))
    table = pd.concat(tables, ignore_index=True)
    return table.assign(p_adjusted=holm_known(table["p_value"]))[list(HANDLING)]


# --- one row per contact -------------------------------------------------------------------


def rated_waits(study: Study) -> pd.DataFrame:
    """Rated contacts whose wait is known: channel, wait in seconds, rating and who gave it.

    Returns
    -------
    DataFrame
        The group and time columns of `service_bins`, _clock, customer_id, csat, dissatisfied
        and satisfied (1 or 0); empty where a column is absent.
    """
    waits = [name for name in ("queue_wait_seconds", "first_replied_at") if _has(study, name)]
    columns = [GROUP, TIME, "_clock", CUSTOMER, "csat", "dissatisfied", "satisfied"]
    if lacking(study, "tickets") is not None or not (waits and _has(study, "csat")):
        return pd.DataFrame(columns=columns)
    found = _contacts(study, {"csat": nw.col("csat"), **_waits(study)})
    queued = found["_queue"].notna().groupby(found[GROUP]).transform("any")
    found[TIME] = found["_queue"].where(queued, found["_reply"])
    found["_clock"] = np.where(queued, QUEUE, REPLY)
    found = found[found[TIME].notna() & found["csat"].notna()].reset_index(drop=True)
    scale = scale_of(study, "tickets", "csat")
    for name, (low, high) in (("dissatisfied", worst_boxes(scale)), ("satisfied", boxes(scale))):
        found[name] = found["csat"].between(low, high).astype(float)
    return found[columns]


def csat_ends(study: Study) -> tuple[float, float]:
    """Lowest and highest rating of a contact."""
    return ends(scale_of(study, "tickets", "csat"))


def _handled_rows(study: Study) -> pd.DataFrame:
    """Contacts with a handle time: channel, seconds, resolved_first and csat as far as known."""
    if lacking(study, "tickets") is not None or not _has(study, "talk_seconds"):
        return pd.DataFrame(columns=[GROUP, TIME, CUSTOMER])
    figures: dict[str, nw.Expr] = {TIME: handle_seconds(study)}
    if _has(study, "csat"):
        figures["csat"] = nw.col("csat")
    repeats = can_see_repeats(study)
    if repeats:
        figures |= {"_issues": nw.col("_issues"), "resolved_first": nw.col("_resolved")}
    found = _contacts(study, figures, repeats=repeats)
    found = found[found[TIME] > 0].reset_index(drop=True)
    if repeats:
        found["resolved_first"] = found["resolved_first"].where(found["_issues"] == 1)
    return found


def _waits(study: Study) -> dict[str, nw.Expr]:
    unknown = nw.lit(None, nw.Float64)
    reply = (nw.col("first_replied_at") - nw.col("opened_at")).cast(nw.Float64) / SECOND_US
    return {
        "_queue": nw.col("queue_wait_seconds") if _has(study, "queue_wait_seconds") else unknown,
        "_reply": reply if _has(study, "first_replied_at") else unknown,
    }


def _contacts(study: Study, figures: dict[str, nw.Expr], *, repeats: bool = False) -> pd.DataFrame:
    """Handled contacts of the period by channel, with these figures as floats."""
    by = "channel" if _has(study, "channel") else None
    columns = study.columns["tickets"]
    contacts = counted_contacts(study) if repeats else None
    rows = contacts_of(study, by, contacts).filter(handled(columns) & ~given_up(columns))
    who = nw.col(CUSTOMER) if _has(study, CUSTOMER) else nw.lit(None, nw.String)
    chosen = {name: figure.cast(nw.Float64) for name, figure in figures.items()}
    found = collect(rows.select(nw.col(ROWS_GROUP).alias(GROUP), who.alias(CUSTOMER), **chosen))
    return found.sort_values([GROUP, CUSTOMER], ignore_index=True)


def _has(study: Study, *columns: str) -> bool:
    return study.has("tickets", *columns)


# --- tables --------------------------------------------------------------------------------


def _clocks(rows: pd.DataFrame) -> dict[str, str]:
    return dict(rows.groupby(GROUP)["_clock"].first())


def _finished(study: Study, table: pd.DataFrame) -> pd.DataFrame:
    """Bins as rows, with their adjusted p-values and what is withheld."""
    base = study.config.metrics.min_base
    table = table.reset_index().rename(columns={GROUP: "channel"})
    note = np.where(table["value"].isna(), f"withheld: fewer than {base}", "")
    return table.assign(p_adjusted=holm_known(table["p_value"]), note=note)[list(FOUND)]


def _slope(x: Any, y: Any, groups: Any) -> tuple[float, float, float, float] | None:
    """Slope, limits and p-value by least squares with clusters; None from one cluster."""
    from statsmodels.regression.linear_model import OLS

    freedom = len(np.unique(groups)) - 1
    if freedom < 2:
        return None
    design = np.column_stack([np.ones(len(x)), x])
    fitted = OLS(y, design).fit(cov_type="cluster", cov_kwds={"groups": groups})
    slope, error = float(fitted.params[1]), float(fitted.bse[1])
    if error == 0:
        return slope, slope, slope, 1.0 if slope == 0 else 0.0
    reach = float(scipy.stats.t.ppf((1 + CONF_LEVEL) / 2, freedom)) * error
    p_value = 2 * float(scipy.stats.t.sf(abs(slope) / error, freedom))
    return slope, slope - reach, slope + reach, p_value
