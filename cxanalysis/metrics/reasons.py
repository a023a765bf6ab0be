"""Why customers make contact: how often for which reason, of what kind, and what it takes."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.errors import ReportError
from cxanalysis.metrics.contacts import handled
from cxanalysis.metrics.intervals import mean_interval
from cxanalysis.metrics.issues import issues
from cxanalysis.metrics.journeys.clusters import rate_limits, share_limits
from cxanalysis.metrics.journeys.touches import touches
from cxanalysis.metrics.parts import contacts_of, handle_seconds
from cxanalysis.metrics.resolution import can_see_repeats
from cxanalysis.metrics.rows import counted, during, lacking
from cxanalysis.metrics.silent import active_customers
from cxanalysis.metrics.since_purchase import narrowed_gap
from cxanalysis.study import Study

THOUSAND = 1000
HOUR = 3600
UNIT = "_unit"
ADVICE, ASSISTANCE = "advice", "assistance"
BUYING, USING = "buying", "using"
FAILURE, NO_FAILURE = "failure", "no failure"
COLUMNS = (
    "reason",
    "stage",
    "kind",
    "help",
    "phase",
    "is_failure",
    "contacts",
    "n",
    "issues",
    "nameless",
    "customers",
    "share",
    "share_low",
    "share_high",
    "per",
    "base",
    "rate",
    "rate_low",
    "rate_high",
    "handle_hours",
    "cost",
    "note",
)
MIX = ("about", "label", "contacts", "n", "share", "conf_low", "conf_high", "note")


def reasons_gap(study: Study) -> str:
    """What is needed to tell reasons, "needs …"; empty where nothing is."""
    lack = lacking(study, "tickets")
    if lack is not None:
        return lack
    return "" if study.has("tickets", "reason") else "needs tickets.reason"


def contact_reasons(study: Study) -> pd.DataFrame:
    """Every reason for contact in the study's period, most frequent first.

    Contacts go by ``opened_at``; those without a reason are left out. A customer makes several
    contacts, so intervals take the customer as the unit; contacts of unknown customers stand
    for themselves.

    Returns
    -------
    DataFrame
        reason; stage and kind as ``[reasons]`` of the study file says, help ("advice" for an
        inquiry, else "assistance"), phase ("buying" up to the stage of purchase, "using" after
        it), each empty where it is not said; is_failure; contacts; n (contacts with a reason);
        issues (begun in the period with this reason; none where most contacts of the reason are
        nameless, since no issue can be told of those); nameless (contacts with neither a
        customer number nor that of an issue); customers; share of contacts, 0 to 1;
        per and base (what the rate is per 1,000 of, and how many there were: touches of the
        stage, or active customers where no stage is given); rate; handle_hours and cost of
        handled contacts whose handling is known; note. Limits are of 95 % intervals.

    Raises
    ------
    ReportError
        When the tickets have no reasons, or cannot be narrowed to the segment.
    """
    counts = study.once(reason_counts)
    if counts.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    by_reason = counts.groupby("reason")
    table = by_reason.agg(
        contacts=("contacts", "sum"), customers=(UNIT, "nunique"), seconds=("seconds", "sum")
    )
    unmeasured = by_reason["unmeasured"].sum()
    table = table.join(shares(counts, "reason"))
    table = table.join(_meanings(study, table.index)).join(_issue_counts(study, table.index))
    table["nameless"] = by_reason["nameless"].sum()
    hidden = 2 * table["nameless"] > table["contacts"]
    table["issues"] = table["issues"].astype(float).mask(hidden)
    table = table.join(_rates(study, counts, table["stage"]))
    per_hour = study.config.metrics.cost_per_hour
    known = study.has("tickets", "talk_seconds")
    table["handle_hours"] = table["seconds"] / HOUR if known else np.nan
    table["cost"] = table["handle_hours"] * (np.nan if per_hour is None else per_hour)
    base = study.config.metrics.min_base
    few = (table["n"] < base).to_numpy()
    table.loc[few, ["share", "share_low", "share_high"]] = np.nan
    table.loc[few | (table["base"] < base), ["rate", "rate_low", "rate_high"]] = np.nan
    table["note"] = [
        f"withheld: fewer than {base}"
        if short
        else f"{lost:,.0f} handled without a known time"
        if known and lost
        else ""
        for short, lost in zip(few, unmeasured, strict=True)
    ]
    ordered = table.reset_index().sort_values(["contacts", "reason"], ascending=[False, True])
    return ordered[list(COLUMNS)].reset_index(drop=True)


def contact_mix(study: Study) -> pd.DataFrame:
    """Of what kind the contacts of the period were, as far as the study file says.

    Returns
    -------
    DataFrame
        about ("kind", "help", "phase", "help and phase" or "failure"), label, contacts, n
        (contacts of which that is known), share with its interval (customer as the unit), note.

    Raises
    ------
    ReportError
        As `contact_reasons`.
    """
    counts = study.once(reason_counts)
    meaning = _meanings(study, pd.Index(counts["reason"].unique(), name="reason"))
    told = (meaning["help"] != "") & (meaning["phase"] != "")
    meaning["help and phase"] = (meaning["help"] + " " + meaning["phase"]).where(told, "")
    meaning["failure"] = np.where(meaning["is_failure"], FAILURE, NO_FAILURE)
    base, parts = study.config.metrics.min_base, []
    for about in ("kind", "help", "phase", "help and phase", "failure"):
        if about == "failure" and not study.config.metrics.failure_reasons:
            continue
        labels = counts["reason"].map(meaning[about])
        labelled = counts.assign(label=labels)[labels != ""]
        if labelled.empty:
            continue
        sums = labelled.groupby("label")["contacts"].sum().to_frame()
        rows = sums.join(shares(labelled, "label")).reset_index().assign(about=about)
        parts.append(rows.rename(columns={"share_low": "conf_low", "share_high": "conf_high"}))
    if not parts:
        return pd.DataFrame(columns=list(MIX))
    table = pd.concat(parts, ignore_index=True)
    few = table["n"] < base
    table.loc[few, ["share", "conf_low", "conf_high"]] = np.nan
    table["note"] = np.where(few, f"withheld: fewer than {base}", "")
    return table[list(MIX)]


def reason_counts(study: Study) -> pd.DataFrame:
    """Contacts by customer and reason.

    Columns `UNIT`, customer_id, reason, contacts, seconds handled, unmeasured (contacts handled
    for an unknown time) and nameless (with neither a customer number nor that of an issue).
    """
    gap = reasons_gap(study)
    if gap:
        raise ReportError(f"Reasons for contact cannot be told: that {gap}.")
    reason = nw.col("reason").cast(nw.String)
    rows = contacts_of(study, None).filter(~reason.is_null()).with_columns(reason=reason)
    rows = with_unit(study, rows)
    taken, seconds = handled(study.columns["tickets"]), nw.lit(0.0)
    lost = nw.lit(0)
    if study.has("tickets", "talk_seconds"):
        whole = handle_seconds(study)
        seconds = nw.when(taken).then(whole).otherwise(nw.lit(0.0)).fill_null(0.0)
        lost = counted(taken & whole.is_null())
    nameless = nw.col("customer_id").is_null()
    if study.has("tickets", "issue_id"):
        nameless = nameless & nw.col("issue_id").is_null()
    rows = rows.with_columns(
        _one=nw.lit(1), _seconds=seconds, _lost=lost, _nameless=counted(nameless)
    )
    return collect(
        rows.group_by(UNIT, "customer_id", "reason").agg(
            contacts=nw.col("_one").sum(),
            seconds=nw.col("_seconds").sum(),
            unmeasured=nw.col("_lost").sum(),
            nameless=nw.col("_nameless").sum(),
        )
    )


def with_unit(study: Study, contacts: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Contacts with whose they are: the customer, or the contact itself where that is unknown."""
    if not study.has("tickets", "customer_id"):
        contacts = contacts.with_columns(customer_id=nw.lit(None, nw.String))
    order = [name for name in ("opened_at", "ticket_id") if study.has("tickets", name)]
    contacts = contacts.with_row_index("_row", order_by=order)
    alone = nw.concat_str(nw.lit("contact "), nw.col("_row").cast(nw.String))
    customer = nw.col("customer_id").cast(nw.String)
    return contacts.with_columns(nw.coalesce(customer, alone).alias(UNIT))


def shares(counts: pd.DataFrame, cell: str) -> pd.DataFrame:
    """Share of all contacts in each cell: n, share, share_low and share_high, by cell.

    ``counts`` has `UNIT` and contacts. A share is the ratio of two sums over customers.
    """
    mine = counts.groupby([cell, UNIT])["contacts"].sum().reset_index()
    whole = counts.groupby(UNIT)["contacts"].sum()
    a, n = mine["contacts"].to_numpy(float), whole.loc[mine[UNIT]].to_numpy(float)
    sums = pd.DataFrame({cell: mine[cell], "a": a, "aa": a * a, "an": a * n}).groupby(cell).sum()
    total, squares, units = float(whole.sum()), float((whole**2).sum()), len(whole)
    p = sums["a"].to_numpy() / total
    spread = np.maximum(sums["aa"] - 2 * p * sums["an"] + p**2 * squares, 0.0).to_numpy()
    variance = spread * units / max(units - 1, 1) / total**2
    low, high = share_limits(p, variance, total, np.full(len(p), units))
    return pd.DataFrame(
        {"n": int(total), "share": p, "share_low": low, "share_high": high}, index=sums.index
    )


def share_gap(counts: pd.DataFrame, first: str, second: str) -> tuple[float, float, float]:
    """How much larger the share of one reason is than that of another, with its interval."""
    whole = counts.groupby(UNIT)["contacts"].sum()
    apart = (counts["reason"] == first).astype(int) - (counts["reason"] == second).astype(int)
    mine = (apart * counts["contacts"]).groupby(counts[UNIT]).sum().loc[whole.index]
    total, units = float(whole.sum()), len(whole)
    gap = float(mine.sum()) / total
    off = (mine - gap * whole).to_numpy(float)
    std = float(np.sqrt((off**2).sum() / max(units - 1, 1))) * units / total
    low, high = mean_interval(gap, std, units)
    return gap, float(low), float(high)


def _meanings(study: Study, reasons: pd.Index[Any]) -> pd.DataFrame:
    """What the study file says of each reason; empty texts where it says nothing."""
    config = study.config
    places = {stage: place for place, stage in enumerate(config.stages)}
    bought = places.get(config.journey.purchase)
    rows = []
    for reason in reasons:
        known = config.reasons.get(reason)
        stage, kind = (known.stage or "", known.kind or "") if known else ("", "")
        aid = "" if not kind else ADVICE if kind == "inquiry" else ASSISTANCE
        phase = ""
        if stage and bought is not None:
            phase = BUYING if places[stage] <= bought else USING
        failed = reason in config.metrics.failure_reasons
        rows.append((stage, kind, aid, phase, failed))
    columns = ["stage", "kind", "help", "phase", "is_failure"]
    return pd.DataFrame(rows, columns=columns, index=reasons)


def _issue_counts(study: Study, reasons: pd.Index[Any]) -> pd.Series[Any]:
    """Issues begun in the period by the reason of their first contact."""
    if not can_see_repeats(study):
        return pd.Series(np.nan, reasons, name="issues")
    begun = issues(study).filter(during(study, "began_at") & ~nw.col("reason").is_null())
    found = collect(begun.group_by("reason").agg(issues=nw.len())).set_index("reason")["issues"]
    return found.reindex(reasons, fill_value=0)


def _rates(study: Study, counts: pd.DataFrame, stage: pd.Series[Any]) -> pd.DataFrame:
    """Contacts per 1,000 touches of the reason's stage, or else per 1,000 active customers."""
    columns = ["per", "base", "rate", "rate_low", "rate_high"]
    parts = [_rate(study, counts[counts["reason"] == each], stage[each]) for each in stage.index]
    return pd.DataFrame(parts, columns=columns, index=stage.index)


def _rate(study: Study, mine: pd.DataFrame, stage: str) -> tuple[str, int, float, float, float]:
    exposure = study.once(_stage_touches) if stage else study.once(_active)
    exposure = exposure[exposure["stage"] == stage]
    if exposure.empty:
        return ("", 0, np.nan, np.nan, np.nan)
    per = f"touches of {stage}" if stage else "customers"
    t = exposure.set_index("customer_id")["touches"]
    if not stage:
        mine = mine[mine["customer_id"].isin(t.index)]
    a = mine.groupby(UNIT)["contacts"].sum()
    total, units = float(t.sum()), len(t.index.union(a.index))
    rate = float(a.sum()) / total
    cross = float((a * t.reindex(a.index, fill_value=0)).sum())
    spread = float((a**2).sum()) - 2 * rate * cross + rate**2 * float((t**2).sum())
    variance = max(spread, 0.0) * units / max(units - 1, 1) / total**2
    low, high = rate_limits(rate, variance, total)
    return (per, int(total), THOUSAND * rate, THOUSAND * float(low), THOUSAND * float(high))


def _stage_touches(study: Study) -> pd.DataFrame:
    """Touches by customer and stage in the study's period, of stages that reasons belong to."""
    named = sorted({each.stage for each in study.config.reasons.values() if each.stage})
    if lacking(study, "journeys") is not None or narrowed_gap(study) or not named:
        return pd.DataFrame({"customer_id": [], "stage": [], "touches": []})
    rows = touches(study).filter(nw.col("stage").is_in(named))
    return collect(rows.group_by("customer_id", "stage").agg(touches=nw.len()))


def _active(study: Study) -> pd.DataFrame:
    """Active customers, one touch of no stage each."""
    if "customers" not in study.tables or lacking(study, "customers") is not None:
        return pd.DataFrame({"customer_id": [], "stage": [], "touches": []})
    return collect(active_customers(study).select("customer_id")).assign(stage="", touches=1)
