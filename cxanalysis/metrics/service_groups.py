"""The main figures of service by channel, team or segment, and whether they differ there."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

from cxanalysis.engine import collect
from cxanalysis.metrics.contacts import customer_contacts
from cxanalysis.metrics.journeys.clusters import CUSTOMER, all_covariances, ratios
from cxanalysis.metrics.multiple import holm_known
from cxanalysis.metrics.parts import contacts_of
from cxanalysis.metrics.rows import GROUP, UNKNOWN, counted, grouped, lacking, totals
from cxanalysis.metrics.service import service_metrics
from cxanalysis.metrics.service_bins import SHARES, measure_of, own_unit
from cxanalysis.metrics.service_handling import counted_rows
from cxanalysis.metrics.service_waiting import queue_columns
from cxanalysis.study import Study

Floats = NDArray[np.float64]
MAIN = (
    "handle_time",
    "speed_of_answer",
    "first_reply",
    "first_contact_resolution",
    "abandonment",
    "contact_csat",
)
TESTED = tuple(name for name in MAIN if name != "first_reply")  # a median has no such test
# A contact given up reached no team: its team says how it was routed, or that nobody had it.
NOT_BY = {"team": ("abandonment",)}
DIFFERENCES = ("metric", "groups", "n", "lowest", "highest", "p_value", "p_adjusted")


def service_by(study: Study, by: str) -> pd.DataFrame:
    """The main figures of service for each channel, team or segment.

    Parameters
    ----------
    by
        A column of the tickets, or of the customers.

    Returns
    -------
    DataFrame
        ``by``, contacts (attempts by customers), then the tidy columns of `service_metrics` for
        handle time, speed of answer, first reply, first-contact resolution, abandonment and
        ratings of contacts; groups with most contacts first. Teams have no abandonment, since
        whoever gave up reached none, nor have channels of which no contact in all the data was
        given up, as with email: there is nothing to hang up.

    Raises
    ------
    ReportError
        When no such column ``by`` exists.
    """
    table = service_metrics(study, by, [name for name in MAIN if name not in NOT_BY.get(by, ())])
    if lacking(study, "tickets") is not None or by not in table:
        return table
    silent = (table["metric"] == "abandonment") & table[by].isin(_never_given_up(study, by))
    table.loc[silent, ["value", "conf_low", "conf_high"]] = np.nan
    table.loc[silent, ["n", "note"]] = 0, "no contact of this channel was ever given up"
    counts = totals(contacts_of(study, by), {"contacts": nw.len()})["contacts"].fillna(0)
    table.insert(1, "contacts", table[by].map(counts).fillna(0).astype(int))
    order = table["contacts"].sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def group_differences(study: Study, by: str) -> pd.DataFrame:
    """Whether each main figure differs between the groups by more than chance.

    Wald's test of equal means or shares, with customers as clusters; groups of fewer than
    ``min_base`` cases, and contacts whose group is unknown, are left out. Abandonment is
    compared over the channels in which somebody ever gave up.

    Parameters
    ----------
    by
        A column of the tickets, or of the customers.

    Returns
    -------
    DataFrame
        metric, groups (compared), n, lowest and highest (groups), p_value and p_adjusted (Holm,
        over the figures of this column). Figures with fewer than two groups have no row.

    Raises
    ------
    ReportError
        When no such column ``by`` exists.
    """
    rows = contact_cases(study, by)
    names = [name for name in TESTED if name in rows and name not in NOT_BY.get(by, ())]
    if not names or rows.empty:
        return pd.DataFrame(columns=list(DIFFERENCES))
    if "abandonment" in rows:
        rows.loc[rows[GROUP].isin(_never_given_up(study, by)), "abandonment"] = np.nan
    frame = study.engine.register(own_unit(rows)[[GROUP, CUSTOMER, *names]])
    measures = {name: measure_of(name) for name in names}
    table = ratios(frame, [GROUP], measures)
    base, shown = max(study.config.metrics.min_base, 2), {}
    for name in names:
        part = pd.DataFrame({x: table[f"{name}_{x}"] for x in ("mean", "n", "customers")})
        part = part[(part["n"] >= base) & (part["customers"] > 1)]
        if len(part) > 1:
            shown[name] = part
    spreads = all_covariances(frame, [GROUP], {name: measures[name] for name in shown}, shown)
    found = []
    for name, part in shown.items():
        p_value = _equal(part, spreads[name], share=name in SHARES)
        ends = part["mean"].idxmin(), part["mean"].idxmax()
        found.append((name, len(part), int(part["n"].sum()), *ends, p_value))
    differences = pd.DataFrame(found, columns=list(DIFFERENCES[:-1]))
    return differences.assign(p_adjusted=holm_known(differences["p_value"]))


def contact_cases(study: Study, by: str | None) -> pd.DataFrame:
    """One row per contact: its group, customer, and each figure where the contact counts.

    The figures are those `TESTED`, agreed time kept, reopened and failure demand, as far as the
    tickets can give them.
    """
    if lacking(study, "tickets") is not None:
        return pd.DataFrame()
    rows = grouped(study, "tickets", counted_rows(study), by)
    parts = {
        "first_contact_resolution": ("_issues", "_resolved"),
        "abandonment": ("_offered", "_abandoned"),
        "contact_csat": ("_rated", "_satisfied"),
        "sla_met": ("_sla_known", "_sla_met"),
        "reopened": ("_reopens_known", "_reopened"),
    }
    present = set(rows.collect_schema().names())
    chosen: dict[str, nw.Expr] = {
        name: nw.when(nw.col(base) == 1).then(nw.col(hit)).cast(nw.Float64)
        for name, (base, hit) in parts.items()
        if base in present
    }
    if "_handle" in present:
        chosen["handle_time"] = nw.col("_handle").cast(nw.Float64)
    if study.has("tickets", "queue_wait_seconds"):
        rows = rows.with_columns(_in_time=queue_columns(study)["_answered"])
        waited = nw.col("queue_wait_seconds").cast(nw.Float64)
        chosen["speed_of_answer"] = nw.when(nw.col("_in_time") == 1).then(waited)
    reasons = study.config.metrics.failure_reasons
    if reasons and study.has("tickets", "reason"):
        reason = nw.col("reason").cast(nw.String)
        failed = reason.is_in(list(reasons)).cast(nw.Float64)
        chosen["failure_demand"] = nw.when(~reason.is_null()).then(failed)
    if not chosen:
        return pd.DataFrame()
    who = nw.col(CUSTOMER) if study.has("tickets", CUSTOMER) else nw.lit(None, nw.String)
    found = collect(rows.select(GROUP, who.alias(CUSTOMER), **chosen))
    return found[found[GROUP] != UNKNOWN].reset_index(drop=True)


def _never_given_up(study: Study, by: str) -> list[str]:
    """Channels of which no contact in all the data was given up: there is nothing to hang up."""
    if by != "channel" or not study.has("tickets", "abandoned"):
        return []
    rows = grouped(study, "tickets", customer_contacts(study), by)
    gone = totals(rows, {"_gone": counted(nw.col("abandoned")).sum()})["_gone"]
    return [str(channel) for channel in gone.index[gone == 0]]


def _equal(part: pd.DataFrame, matrix: Floats, *, share: bool) -> float:
    """P-value of all groups having one mean; a share of 0 or 1 keeps some variance."""
    mean, n = part["mean"].to_numpy(float), part["n"].to_numpy(float)
    if share:
        middle = (mean * n + 2) / (n + 4)  # Agresti & Coull (1998)
        floor = np.where((mean == 0) | (mean == 1), middle * (1 - middle) / (n + 4), 0.0)
        matrix = matrix + np.diag(floor)
    contrast = np.column_stack([-np.ones(len(mean) - 1), np.eye(len(mean) - 1)])
    gaps, spread = contrast @ mean, contrast @ matrix @ contrast.T
    if not np.any(gaps):
        return 1.0
    if np.linalg.matrix_rank(spread) < len(gaps):
        return float("nan")
    statistic = float(gaps @ np.linalg.solve(spread, gaps)) / len(gaps)
    freedom = float(part["customers"].sum() - len(part))
    return float(scipy.stats.f.sf(statistic, len(gaps), max(freedom, 1.0)))
