"""What follows what: from each event of a customer to the next one, contacts with service included.

An event counts in the period in which the days after it end, for only then is it known what
followed within them; no event is taken for the last one because the data end. Events of one
instant are taken in the order of the stages, contacts last.
"""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import scipy

from cxanalysis.engine import collect
from cxanalysis.metrics.journeys.clusters import Ratio, covariances, ratios, share_limits
from cxanalysis.metrics.journeys.timeline import (
    CONTACT,
    ORDER,
    extent,
    journey_timeline,
    placed,
    timeline_gap,
)
from cxanalysis.metrics.multiple import holm_known
from cxanalysis.metrics.rows import DAY_US, counted, lacking, refuse_days, whole
from cxanalysis.study import Study

Lazy = nw.LazyFrame[Any]
WINDOW_DAYS = 30
SERVICE, NOTHING = "contact with service", "nothing"
LATER, SAME, EARLIER = "later stage", "same stage", "earlier stage"
KINDS = (LATER, SAME, EARLIER, SERVICE, NOTHING)
TRANSITIONS = (
    "origin",
    "target",
    "count",
    "n",
    "customers",
    "share",
    "conf_low",
    "conf_high",
    "open",
    "tied",
    "note",
)
KIND_COLUMNS = ("kind", "count", "n", "customers", "share", "conf_low", "conf_high", "note")
CONTACTED = (
    "stage",
    "n",
    "share",
    "conf_low",
    "conf_high",
    "difference",
    "p_value",
    "p_adjusted",
    "note",
)


def transitions(study: Study, days: int = WINDOW_DAYS) -> pd.DataFrame:
    """From every stage, and from a contact with service, to the customer's next event.

    Parameters
    ----------
    days
        How soon the next event has to come; later than that, nothing followed.

    Returns
    -------
    DataFrame
        A row per origin and target, stages in the study's order: origin, target (a stage,
        "contact with service" or "nothing"), count, n (events of the origin whose days are
        over), customers, share (count ÷ n) with conf_low and conf_high (customers as the unit),
        open (events of the origin in the period whose days are not over: neither counted as
        followed nor as the last), tied (of n, those with the next event at the same instant),
        note. Empty where the study has no journeys or no event whose days are over.
    """
    if transition_gap(study):
        return pd.DataFrame(columns=list(TRANSITIONS))
    steps = followed(study, days)
    sums = [nw.col(name).sum() for name in ("over", "open", "tied")]
    sides = collect(steps.group_by("origin", "target").agg(*sums))
    told = sides[sides["over"] > 0]
    states = _states(study, {*told["origin"], *told["target"]})
    sides = sides.groupby("origin")[["open", "tied"]].sum()
    over = steps.filter(nw.col("over") == 1)
    targets = [*states, NOTHING]
    measures = {
        f"t{number}": Ratio(nw.lit(1), counted(nw.col("target") == target))
        for number, target in enumerate(targets)
    }
    table = ratios(over, ["origin"], measures)
    base = study.config.metrics.min_base
    rows = []
    for origin in (state for state in states if state in table.index):
        cell, side = table.loc[origin], sides.loc[origin]
        for number, target in enumerate(targets):
            figure = _figure(cell, f"t{number}", base)
            rows.append(
                {"origin": origin, "target": target}
                | figure
                | {"open": whole(side["open"]), "tied": whole(side["tied"])}
            )
    return pd.DataFrame(rows, columns=list(TRANSITIONS))


def transition_kinds(study: Study, days: int = WINDOW_DAYS) -> pd.DataFrame:
    """What touches are followed by: a later stage, the same, an earlier one, a contact, nothing.

    Counted as in `transitions`; stages that the study file does not list have no place in the
    order and are left out.

    Returns
    -------
    DataFrame
        A row per kind: kind, count, n (touches), customers, share with conf_low and conf_high,
        note. Empty as `transitions` is.
    """
    if transition_gap(study):
        return pd.DataFrame(columns=list(KIND_COLUMNS))
    known = list(study.config.stages)
    touches = followed(study, days).filter(nw.col("over") == 1, nw.col("origin").is_in(known))
    touches = touches.filter(nw.col("target").is_in([*known, SERVICE, NOTHING]))
    step = nw.col("next_place") - nw.col("place")
    kind = (
        nw.when(nw.col("target").is_in([SERVICE, NOTHING]))
        .then(nw.col("target"))
        .otherwise(
            nw.when(step > 0)
            .then(nw.lit(LATER))
            .otherwise(nw.when(step < 0).then(nw.lit(EARLIER)).otherwise(nw.lit(SAME)))
        )
    )
    measures = {
        f"k{number}": Ratio(nw.lit(1), counted(nw.col("step_kind") == each))
        for number, each in enumerate(KINDS)
    }
    table = ratios(touches.with_columns(step_kind=kind, all=nw.lit("all")), ["all"], measures)
    if table.empty:
        return pd.DataFrame(columns=list(KIND_COLUMNS))
    base = study.config.metrics.min_base
    rows = [
        {"kind": kind} | _figure(table.iloc[0], f"k{number}", base)
        for number, kind in enumerate(KINDS)
    ]
    return pd.DataFrame(rows, columns=list(KIND_COLUMNS))


def contact_follows(study: Study, days: int = WINDOW_DAYS) -> pd.DataFrame:
    """After touches of which stage a contact comes next, and whether the stages differ.

    Returns
    -------
    DataFrame
        A row per stage of at least ``min_base`` touches, the highest share first: stage, n,
        share with conf_low and conf_high, difference (highest − this one), p_value of its being
        zero, p_adjusted (Holm, over all these differences; the first row has none of the three),
        note. Shares of two stages have customers in common, which the test allows for.
    """
    if transition_gap(study):
        return pd.DataFrame(columns=list(CONTACTED))
    over = followed(study, days).filter(nw.col("over") == 1, nw.col("origin") != SERVICE)
    measure = Ratio(nw.lit(1), counted(nw.col("target") == SERVICE))
    table = ratios(over, ["origin"], {"c": measure}).rename(columns=lambda c: c.removeprefix("c_"))
    table = table[(table["n"] >= study.config.metrics.min_base) & (table["customers"] > 1)]
    if table.empty:
        return pd.DataFrame(columns=list(CONTACTED))
    matrix = covariances(over, ["origin"], measure, table)
    share = table["mean"].to_numpy(float)
    order = np.argsort(-share, kind="stable")
    top, others = order[0], order[1:]
    gap = share[top] - share[others]
    variance = matrix[top, top] + np.diag(matrix)[others] - 2 * matrix[top, others]
    z = np.divide(gap, np.sqrt(variance), out=np.zeros(len(gap)), where=variance > 0)
    low, high = share_limits(table["mean"], table["variance"], table["n"], table["customers"])
    found = pd.DataFrame(
        {
            "stage": table.index[order],
            "n": table["n"].to_numpy()[order],
            "share": share[order],
            "conf_low": np.asarray(low)[order],
            "conf_high": np.asarray(high)[order],
            "difference": np.concatenate([[np.nan], gap]),
            "p_value": np.concatenate([[np.nan], 2 * scipy.stats.norm.sf(np.abs(z))]),
            "note": "",
        }
    )
    return found.assign(p_adjusted=holm_known(found["p_value"]))[list(CONTACTED)]


def transition_gap(study: Study) -> str:
    """What is missing to see one event follow another, "needs …"; empty where nothing is."""
    return lacking(study, "journeys") or timeline_gap(study)


def followed(study: Study, days: int = WINDOW_DAYS) -> Lazy:
    """Every event of the period, or whose days end in it, with what came next.

    Returns
    -------
    LazyFrame
        customer_id, occurred_at, origin, target, place and next_place (of the stages), channel
        and next_channel, over (1 where the days end in the period), open (1 where it is of the
        period and they do not), tied.
    """
    refuse_days(days)
    events = placed(study, journey_timeline(study))
    state = nw.when(nw.col("kind") == CONTACT).then(nw.lit(SERVICE)).otherwise(nw.col("stage"))
    events = events.with_columns(origin=state)
    after = {
        f"next_{name}": nw.col(name).shift(-1).over("customer_id", order_by=list(ORDER))
        for name in ("occurred_at", "origin", "place", "channel")
    }
    moment, window, (_, end) = nw.col("occurred_at"), days * DAY_US, extent(study)
    over, of_period = moment + window <= end, moment <= end
    if study.period is not None:
        over = over & (moment + window >= study.period.start_us)
        over = over & (moment + window < study.period.end_us)
        of_period = (moment >= study.period.start_us) & (moment < study.period.end_us)
    next_at = nw.col("next_occurred_at")
    soon = (next_at - moment <= window).fill_null(False)
    events = events.with_columns(**after).with_columns(
        target=nw.when(soon).then(nw.col("next_origin")).otherwise(nw.lit(NOTHING)),
        over=counted(over),
        open=counted(of_period & ~over & (moment + window > _until(study, end))),
        tied=counted(over & (next_at == moment)),
    )
    return events.filter((nw.col("over") == 1) | (nw.col("open") == 1))


def _states(study: Study, found: set[str]) -> list[str]:
    """Stages that have events, in the study's order, then others, contacts last."""
    stages = [stage for stage in study.config.stages if stage in found]
    others = sorted(found - {*stages, SERVICE, NOTHING})
    return [*stages, *others, *([SERVICE] if SERVICE in found else [])]


def _until(study: Study, end: int) -> int:
    return end if study.period is None else min(end, study.period.end_us - 1)


def _figure(cell: Any, name: str, base: int) -> dict[str, Any]:
    """Count, base and share of one target, the share withheld on fewer events than the base."""
    share, variance, n, customers = (
        float(cell[f"{name}_{part}"]) for part in ("mean", "variance", "n", "customers")
    )
    figure = {"count": round(share * n), "n": int(n), "customers": int(customers)}
    if n < base:
        gone = dict.fromkeys(("share", "conf_low", "conf_high"), np.nan)
        return figure | gone | {"note": f"withheld: fewer than {base}"}
    low, high = share_limits(share, variance, n, customers)
    return figure | {"share": share, "conf_low": float(low), "conf_high": float(high), "note": ""}
