"""What a service team is asked for, and whether its aims pull one another's way."""

from __future__ import annotations

from itertools import combinations
from typing import Any, Literal

import narwhals as nw
import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

from cxanalysis.engine import collect
from cxanalysis.metrics.contacts import given_up, handled
from cxanalysis.metrics.intervals import CONF_LEVEL
from cxanalysis.metrics.journeys.clusters import CUSTOMER
from cxanalysis.metrics.multiple import holm_known
from cxanalysis.metrics.parts import contacts_of, handle_seconds
from cxanalysis.metrics.resolution import can_see_repeats
from cxanalysis.metrics.rows import GROUP, HOUR_US, lacking
from cxanalysis.metrics.scales import scale_of
from cxanalysis.metrics.service_handling import counted_contacts
from cxanalysis.partition import CONTACT_METRICS, contact_metrics
from cxanalysis.study import Study

Floats = NDArray[np.float64]
Direction = Literal["lower", "higher"]
NATURAL: dict[str, Direction] = {
    "first_reply_hours": "lower",
    "queue_wait_minutes": "lower",
    "handle_minutes": "lower",
    "resolved_first": "higher",
    "transfers": "lower",
    "contact_csat": "higher",
}
"""Which way most teams are asked to move a figure, where the study file does not say."""
CONFLICT, TOGETHER, NOT_CLEAR = "conflict", "together", "not clear"
SAME = "same measure"
SAME_FROM = 0.99
"""Rank correlation from which two figures are one measure under two names.

Hours to the first reply and minutes in the queue are, where whoever answers ends the wait; clocks
that round keep them from 1.
"""
PAIRS = (
    "metric",
    "aim",
    "other",
    "other_aim",
    "n",
    "customers",
    "correlation",
    "conf_low",
    "conf_high",
    "p_adjusted",
    "word",
    "note",
)


def aims_of(study: Study) -> dict[str, tuple[Direction, bool]]:
    """Each figure of a contact with the way it is meant to go, and whether the study file says so.

    Where the study file says nothing, it is the way most teams are asked for.
    """
    given = study.config.service.aims
    natural = dict(NATURAL)
    if not scale_of(study, "tickets", "csat").higher_is_better:
        natural["contact_csat"] = "lower"
    return {
        metric.name: (given.get(metric.name, natural[metric.name]), metric.name in given)
        for metric in CONTACT_METRICS
    }


def aim_conflicts(study: Study) -> pd.DataFrame:
    """Whether contacts that meet one aim better meet another one worse.

    Rank correlation between two figures of the same contact, ranks taken inside its channel, so
    that channels which differ in both make no link. Customers are clusters.

    Returns
    -------
    DataFrame
        One row per pair of contact figures that the tickets can give: metric, aim, other,
        other_aim, n (contacts with both), customers, correlation with conf_low and conf_high,
        p_adjusted (Holm, over all pairs compared), word ("conflict" where what one aim asks for
        goes with the opposite of what the other asks for, "together", "not clear"; "same
        measure" where the ranks are the same or turned round, which is not compared) and note.
        Pairs of fewer than ``min_base`` contacts are withheld.
    """
    rows = _figures(study)
    aims, base = aims_of(study), max(study.config.metrics.min_base, 4)
    found: list[dict[str, Any]] = []
    for metric, other in combinations([name for name in NATURAL if name in rows], 2):
        row: dict[str, Any] = dict.fromkeys(PAIRS, np.nan)
        both = rows[rows[metric].notna() & rows[other].notna()]
        row |= {"metric": metric, "aim": aims[metric][0], "other": other}
        row |= {"other_aim": aims[other][0], "n": len(both), "customers": both[CUSTOMER].nunique()}
        if len(both) < base:
            row["note"] = f"withheld: fewer than {base}" if len(both) else "nothing to count"
        else:
            row |= _correlated(both, metric, other)
        found.append(row)
    table = pd.DataFrame(found, columns=list(PAIRS))
    table["p_adjusted"] = holm_known(table["p_adjusted"])
    table["word"] = [_word(row) for row in table.to_dict("records")]
    return table.assign(note=table["note"].fillna(""))


def _word(row: dict[Any, Any]) -> str:
    if abs(row["correlation"]) > SAME_FROM:
        return SAME
    if pd.isna(row["p_adjusted"]) or row["p_adjusted"] >= 1 - CONF_LEVEL:
        return NOT_CLEAR
    same = row["aim"] == row["other_aim"]
    return TOGETHER if (row["correlation"] > 0) == same else CONFLICT


def _figures(study: Study) -> pd.DataFrame:
    """Handled contacts with their channel, customer and the figures that the tickets can give."""
    if lacking(study, "tickets") is not None:
        return pd.DataFrame()
    columns = study.columns["tickets"]
    names = [metric.name for metric in contact_metrics(columns)]
    repeats = "resolved_first" in names and can_see_repeats(study)
    figures: dict[str, nw.Expr] = {}
    for name, expression in _expressions(study).items():
        if name in names:
            figures[name] = expression
    if repeats:
        figures |= {"_issues": nw.col("_issues"), "resolved_first": nw.col("_resolved")}

    by = "channel" if study.has("tickets", "channel") else None
    contacts = counted_contacts(study) if repeats else None
    rows = contacts_of(study, by, contacts).filter(handled(columns) & ~given_up(columns))
    who = nw.col(CUSTOMER) if study.has("tickets", CUSTOMER) else nw.lit(None, nw.String)
    chosen = {name: figure.cast(nw.Float64) for name, figure in figures.items()}
    found = collect(rows.select(GROUP, who.alias(CUSTOMER), **chosen))
    codes, known = pd.factorize(found[CUSTOMER])
    found[CUSTOMER] = np.where(codes >= 0, codes, len(known) + np.arange(len(found)))
    if "handle_minutes" in found:
        found["handle_minutes"] = found["handle_minutes"].where(found["handle_minutes"] > 0)
    if repeats:
        found["resolved_first"] = found["resolved_first"].where(found["_issues"] == 1)
    return found


def _expressions(study: Study) -> dict[str, nw.Expr]:
    found: dict[str, nw.Expr] = {
        "first_reply_hours": (nw.col("first_replied_at") - nw.col("opened_at")).cast(nw.Float64)
        / HOUR_US,
        "queue_wait_minutes": nw.col("queue_wait_seconds").cast(nw.Float64) / 60,
        "transfers": nw.col("transfers"),
        "contact_csat": nw.col("csat"),
    }
    if study.has("tickets", "talk_seconds"):
        found["handle_minutes"] = handle_seconds(study) / 60
    return found


def _correlated(both: pd.DataFrame, metric: str, other: str) -> dict[str, Any]:
    """Correlation of ranks inside channels; its limits by Fisher's z, customers as clusters."""
    x, y = (_ranks(both, name) for name in (metric, other))
    if not (x.any() and y.any()):
        return {"note": "one of the two does not vary"}
    u, v = x / x.std(), y / y.std()
    correlation = float((u * v).mean())
    parts = u * v - correlation * (u**2 + v**2) / 2
    groups = pd.factorize(both[CUSTOMER])[0]
    sums = np.bincount(groups, parts)
    freedom = len(sums) - 1
    if freedom < 2 or abs(correlation) > SAME_FROM:
        return {"note": "too few customers" if freedom < 2 else "", "correlation": correlation}
    error = float(np.sqrt((sums**2).sum() * len(sums) / freedom)) / len(u)
    centre, spread = np.arctanh(correlation), error / (1 - correlation**2)
    reach = float(scipy.stats.t.ppf((1 + CONF_LEVEL) / 2, freedom)) * spread
    p_value = 2 * float(scipy.stats.t.sf(abs(centre) / spread, freedom)) if spread else np.nan
    return {
        "correlation": correlation,
        "conf_low": float(np.tanh(centre - reach)),
        "conf_high": float(np.tanh(centre + reach)),
        "p_adjusted": p_value,
    }


def _ranks(rows: pd.DataFrame, name: str) -> Floats:
    """Ranks from 0 to 1 inside the channel, less their mean there."""
    share = rows.groupby(GROUP)[name].rank(pct=True)
    centred: Floats = (share - share.groupby(rows[GROUP]).transform("mean")).to_numpy(float)
    return np.where(np.abs(centred) < 1e-12, 0.0, centred)
