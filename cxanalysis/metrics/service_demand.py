"""Why customers make contact, how often, who begins, and what a contact costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw
import numpy as np

from cxanalysis.metrics.contacts import COMPANY, handled
from cxanalysis.metrics.figures import Definition, Figure, left_out, mean, notes, share
from cxanalysis.metrics.parts import (
    SETTING,
    Figures,
    contacts_of,
    handle_seconds,
    in_currency,
    needed,
)
from cxanalysis.metrics.rows import (
    EVERYONE,
    GROUP,
    counted,
    during,
    grouped,
    lacking,
    of_segment,
    totals,
    whole,
)
from cxanalysis.metrics.silent import active_customers
from cxanalysis.study import Study

HUNDRED = 100
HOUR = 3600


def definitions(study: Study) -> tuple[Definition, ...]:
    """Contact rate, failure demand and cost."""
    metrics = study.config.metrics
    when = "in the period" if study.period else "in all the data"
    rate = f"{metrics.cost_per_hour or 0:g} {metrics.currency}".strip()
    return (
        Definition(
            "contact_rate",
            "Contacts per 100 customers",
            "per 100",
            f"contacts {when} ÷ customers active {when} × 100; contacts of customers who are "
            "not in the customers table left out",
            ("customer_id", "customers.customer_id"),
        ),
        Definition(
            "failure_demand",
            "Failure demand",
            "share",
            f"contacts with a reason that is a failure ({', '.join(metrics.failure_reasons)}) ÷ "
            "contacts with a known reason",
            (
                "reason",
                *needed(metrics.failure_reasons, f"{SETTING}list of failure_reasons"),
            ),
        ),
        Definition(
            "cost_per_contact",
            f"Cost per contact{in_currency(study)}",
            "money",
            f"handle time × {rate} an hour ÷ contacts handled for more than 0 s",
            (
                "talk_seconds",
                *needed(metrics.cost_per_hour, f"{SETTING}cost_per_hour of handling"),
            ),
        ),
    )


def initiator_definitions(study: Study) -> tuple[Definition, ...]:  # noqa: ARG001  (a theme)
    """Who begins."""
    return (
        Definition(
            "reactive",
            "Begun by the customer",
            "share",
            "contacts that the customer began ÷ contacts whose beginner is known; the rest "
            "the company began, before being asked",
            ("initiator",),
        ),
    )


def figures(study: Study, by: str | None) -> Figures:
    """The figures by group, as far as their columns are there."""
    rows = contacts_of(study, by)
    found: dict[str, dict[str, Figure]] = {}
    if study.has("tickets", "customer_id") and "customers" in study.tables:
        _put(found, "contact_rate", _contact_rates(study, rows, by))
    if study.has("tickets", "reason"):
        _put(found, "failure_demand", _failures(study, rows))
    if study.has("tickets", "talk_seconds"):
        _put(found, "cost_per_contact", _costs(study, rows))
    return found


def _put(found: dict[str, dict[str, Figure]], metric: str, figures: Mapping[str, Figure]) -> None:
    for group, figure in figures.items():
        found.setdefault(group, {})[metric] = figure


def _contact_rates(study: Study, rows: nw.LazyFrame[Any], by: str | None) -> dict[str, Figure]:
    """Contacts of active customers by customer: those without one count as 0."""
    if lacking(study, "customers") is not None:
        return {}
    active = active_customers(study)
    by_ticket = by is None or study.has("tickets", by)
    sizes = totals(grouped(study, "customers", active, None if by_ticket else by), {"n": nw.len()})[
        "n"
    ]
    each = (
        rows.join(active.select("customer_id"), on="customer_id", how="semi")
        .group_by(GROUP, "customer_id")
        .agg(_count=nw.len())
        .with_columns(_count=nw.col("_count").cast(nw.Float64))
        .with_columns(_square=nw.col("_count") * nw.col("_count"))
    )
    sums = totals(each, {"count": nw.col("_count").sum(), "square": nw.col("_square").sum()})
    everyone = totals(rows, {"n": nw.len()})["n"]
    groups = set(sums.index) | (set() if by_ticket else set(sizes.index))
    return {
        str(group): _rate(
            sums["count"].get(group, 0.0),
            sums["square"].get(group, 0.0),
            whole(sizes.get(EVERYONE if by_ticket else group)),
            whole(everyone.get(group)),
        )
        for group in groups
    }


def _rate(count: float, square: float, n: int, contacts: int) -> Figure:
    count, square = float(np.nan_to_num(count)), float(np.nan_to_num(square))
    average = count / n if n else np.nan
    variance = (square - n * average**2) / (n - 1) if n > 1 else np.nan
    others = left_out(
        contacts - round(count), "contact", "contacts", "of customers not active or not known"
    )
    std = HUNDRED * float(np.sqrt(max(variance, 0.0)))
    return mean(HUNDRED * average, std, n, others)


def _failures(study: Study, rows: nw.LazyFrame[Any]) -> dict[str, Figure]:
    reasons = list(study.config.metrics.failure_reasons)
    reason = nw.col("reason").cast(nw.String)
    rows = rows.with_columns(
        _failed=counted(reason.is_in(reasons)), _known=counted(~reason.is_null())
    )
    sums = totals(rows, {"hit": nw.col("_failed").sum(), "base": nw.col("_known").sum()})
    return {
        str(group): share(whole(row["hit"]), whole(row["base"]))
        for group, row in sums.to_dict("index").items()
    }


def _costs(study: Study, rows: nw.LazyFrame[Any]) -> dict[str, Figure]:
    per_second = (study.config.metrics.cost_per_hour or 0.0) / HOUR
    seconds, taken = handle_seconds(study), handled(study.columns["tickets"])
    cost = nw.when(taken & (seconds > 0)).then(seconds * per_second)
    rows = rows.with_columns(_cost=cost, _unmeasured=counted(taken & seconds.is_null()))
    sums = totals(
        rows,
        {
            "n": nw.col("_cost").count(),
            "mean": nw.col("_cost").mean(),
            "std": nw.col("_cost").std(),
            "unmeasured": nw.col("_unmeasured").sum(),
        },
    )
    return {
        str(group): mean(
            float(row["mean"]),
            float(row["std"]),
            whole(row["n"]),
            notes(
                left_out(
                    whole(row["unmeasured"]),
                    "handled contact",
                    "handled contacts",
                    "with a missing part",
                )
            ),
        )
        for group, row in sums.to_dict("index").items()
    }


def initiators(study: Study, by: str | None) -> Figures:
    """The share of contacts that customers began, by group."""
    rows = of_segment(study, "tickets", study.tables["tickets"]).filter(during(study, "opened_at"))
    who = nw.col("initiator").cast(nw.String).str.to_lowercase()
    rows = grouped(study, "tickets", rows, by).with_columns(
        _known=counted(~who.is_null()), _customer=counted(who != COMPANY)
    )
    sums = totals(rows, {"hit": nw.col("_customer").sum(), "base": nw.col("_known").sum()})
    return {
        str(group): {"reactive": share(whole(row["hit"]), whole(row["base"]))}
        for group, row in sums.to_dict("index").items()
    }
