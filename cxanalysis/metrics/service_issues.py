"""Issues rather than contacts: repeats, contacts and time per issue, and what one costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw

from cxanalysis.metrics.contacts import handled
from cxanalysis.metrics.figures import Definition, Figure, left_out, mean, notes, ratio, share
from cxanalysis.metrics.parts import (
    SETTING,
    Figures,
    contacts_of,
    handle_seconds,
    in_currency,
    needed,
)
from cxanalysis.metrics.resolution import (
    ANY,
    any_reason_differs,
    can_see_repeats,
    extent,
)
from cxanalysis.metrics.rows import DAY_US, counted, totals, whole
from cxanalysis.metrics.service_handling import counted_contacts
from cxanalysis.study import Study

HOUR = 3600


def definitions(study: Study) -> tuple[Definition, ...]:
    """Repeats and issues."""
    metrics = study.config.metrics
    days, listed = metrics.fcr_window_days, ", ".join(metrics.not_first_level)
    who = () if study.has("tickets", "issue_id") else ("customer_id",)
    over = f"issues begun at least {days} days before the end of the data, quiet for {days} days"
    return (
        Definition(
            "fcr_any_reason",
            "First-contact resolution, any reason",
            "share",
            f"as first-contact resolution, any later attempt of the customer within {days} days "
            "counting, whatever its reason",
            ("customer_id",),
        ),
        Definition(
            "fcr_net",
            "First-contact resolution, net",
            "share",
            "as first-contact resolution, without issues that a first contact cannot settle "
            f"(reason {listed})",
            (
                "reason",
                *who,
                *needed(metrics.not_first_level, f"{SETTING}list of reasons not_first_level"),
            ),
        ),
        Definition(
            "repeat_contacts",
            "Repeat contacts",
            "share",
            f"contacts after another about the same matter, with gaps of at most {days} days ÷ "
            f"contacts, the first {days} days of the data left out",
            who,
        ),
        Definition(
            "contacts_per_issue",
            "Contacts per issue",
            "number",
            f"mean number of contacts, answered or abandoned; {over}",
            who,
        ),
        Definition(
            "issue_handle_time",
            "Handle time per issue",
            "seconds",
            f"handle time of all contacts of an issue together, mean; {over}",
            ("talk_seconds", *who),
        ),
        Definition(
            "issue_customer_time",
            "Customer's time per issue",
            "seconds",
            "the customer's time in the queue, on hold and talking, all contacts of an issue "
            f"together, mean; {over}",
            ("talk_seconds", *who),
        ),
        Definition(
            "cost_per_issue",
            f"Cost per resolved issue{in_currency(study)}",
            "money",
            f"cost of handling all issues ÷ issues that were handled at least once "
            f"({_rate(study)}); {over}",
            (
                "talk_seconds",
                *who,
                *needed(metrics.cost_per_hour, f"{SETTING}cost_per_hour of handling"),
            ),
        ),
        Definition(
            "avoidable_handling",
            "Avoidable handling time",
            "share",
            f"handle time of {_avoidable_text(study)} ÷ handle time of all contacts",
            ("talk_seconds", *who),
        ),
    )


def _rate(study: Study) -> str:
    metrics = study.config.metrics
    return f"at {metrics.cost_per_hour or 0:g} {metrics.currency}".strip() + " an hour"


def _avoidable_text(study: Study) -> str:
    reasons = study.config.metrics.failure_reasons
    if not (reasons and study.has("tickets", "reason")):
        return "repeat contacts"
    return f"repeat contacts and of contacts with a reason that is a failure ({', '.join(reasons)})"


def figures(study: Study, by: str | None) -> Figures:
    """The figures by group; an issue belongs to the period and group of its first contact."""
    if not can_see_repeats(study):
        return {}
    rows = contacts_of(study, by, issue_rows(study))
    sums = totals(rows, _aggregates(study))
    return {str(group): _of_group(study, row) for group, row in sums.to_dict("index").items()}


def issue_rows(study: Study) -> nw.LazyFrame[Any]:
    """Contacts of all dates with what they count for; an issue's totals stand on its first one."""
    tickets = counted_contacts(study)
    metrics, columns = study.config.metrics, study.columns["tickets"]
    window = metrics.fcr_window_days * DAY_US
    first_us, last_us = extent(tickets)
    tickets = tickets.with_columns(**_times(study), _one=nw.lit(1))
    issue = ("_owner", "_matter", "_numbered", "_since")
    opened = nw.col("opened_at")
    totals_of = {"_i_contacts": "_one", "_i_taken": "_took"}
    if "talk_seconds" in columns:
        totals_of |= {"_i_handle": "_h", "_i_customer": "_c", "_i_unknown": "_u"}
    tickets = tickets.with_columns(
        _last=opened.max().over(*issue),
        **{name: nw.col(column).sum().over(*issue) for name, column in totals_of.items()},
    )
    named = nw.col("_numbered") | ~nw.col("_owner").is_null()
    seen = nw.col("_numbered") | (nw.col("_since") >= first_us + window)
    begins = named & seen & nw.col("_begins") & (nw.col("_last") <= last_us - window)
    late_enough = named & (opened >= first_us + window)
    return tickets.with_columns(
        _issue_begins=counted(begins),
        _seen=counted(late_enough),
        _repeat=counted(late_enough & (nw.col("_run_start") < opened)),
        **_net(study),
    )


def _times(study: Study) -> dict[str, nw.Expr]:
    """Seconds of handling and of the customer, and whether a handled contact lacks a part."""
    columns = study.columns["tickets"]
    if "talk_seconds" not in columns:
        return {}
    taken = handled(columns)
    own = ("talk_seconds", "hold_seconds", "queue_wait_seconds")
    known = [nw.col(name).cast(nw.Float64).fill_null(0.0) for name in own if name in columns]
    customer = known[0]
    for part in known[1:]:
        customer = customer + part
    seconds = handle_seconds(study)
    return {
        "_h": nw.when(taken).then(seconds).otherwise(nw.lit(0.0)).fill_null(0.0),
        "_c": customer,
        "_u": counted(taken & seconds.is_null()),
    }


def _net(study: Study) -> dict[str, nw.Expr]:
    reasons = study.config.metrics.not_first_level
    if not reasons or not study.has("tickets", "reason"):
        return {}
    within = counted(~_reason_in(reasons))
    return {
        "_issues_net": nw.col("_issues") * within,
        "_resolved_net": nw.col("_resolved") * within,
    }


def _reason_in(reasons: tuple[str, ...]) -> nw.Expr:
    return nw.col("reason").cast(nw.String).is_in(list(reasons)).fill_null(False)


def _aggregates(study: Study) -> dict[str, nw.Expr]:
    begins = nw.col("_issue_begins") == 1
    contacts = nw.when(begins).then(nw.col("_i_contacts").cast(nw.Float64))
    found = {
        "_repeats": nw.col("_repeat").sum(),
        "_seen": nw.col("_seen").sum(),
        **_moments("contacts", contacts),
    }
    if any_reason_differs(study):
        found |= {name: nw.col(name).sum() for name in (f"_resolved{ANY}", f"_issues{ANY}")}
    else:
        found |= {f"{name}{ANY}": nw.col(name).sum() for name in ("_resolved", "_issues")}
    if _net(study):
        found |= {name: nw.col(name).sum() for name in ("_issues_net", "_resolved_net")}
    if not study.has("tickets", "talk_seconds"):
        return found
    measured = begins & (nw.col("_i_unknown") == 0)
    taken = measured & (nw.col("_i_taken") >= 1)
    handle = nw.when(measured).then(nw.col("_i_handle"))
    resolved = nw.when(taken).then(nw.lit(1.0)).otherwise(nw.lit(0.0))
    failed = nw.col("_repeat") == 1
    if study.config.metrics.failure_reasons and study.has("tickets", "reason"):
        failed = failed | _reason_in(study.config.metrics.failure_reasons)
    spent = nw.when(nw.col("_seen") == 1).then(nw.col("_h"))
    wasted = nw.when(failed).then(spent).otherwise(nw.lit(0.0))
    return found | {
        **_moments("handle", nw.when(taken).then(nw.col("_i_handle"))),
        **_moments("customer", nw.when(taken).then(nw.col("_i_customer"))),
        "_i_left_out": counted(begins & (nw.col("_i_unknown") > 0)).sum(),
        **_products("cost", handle, resolved),
        **_products("avoidable", wasted, spent),
    }


def _moments(name: str, column: nw.Expr) -> dict[str, nw.Expr]:
    return {
        f"_{name}_n": column.count(),
        f"_{name}_mean": column.mean(),
        f"_{name}_std": column.std(),
    }


def _products(name: str, top: nw.Expr, base: nw.Expr) -> dict[str, nw.Expr]:
    """Sums for a ratio of sums and its interval, over rows where ``top`` is known."""
    both = top * base
    return {
        f"_{name}_n": both.count(),
        f"_{name}_top": top.sum(),
        f"_{name}_base": nw.when(~both.is_null()).then(base).sum(),
        f"_{name}_top2": (top * top).sum(),
        f"_{name}_base2": nw.when(~both.is_null()).then(base * base).sum(),
        f"_{name}_cross": both.sum(),
    }


def _of_group(study: Study, row: Mapping[Any, Any]) -> dict[str, Figure]:
    found = {
        "fcr_any_reason": share(whole(row[f"_resolved{ANY}"]), whole(row[f"_issues{ANY}"])),
        "repeat_contacts": share(whole(row["_repeats"]), whole(row["_seen"])),
        "contacts_per_issue": _mean(row, "contacts"),
    }
    if "_issues_net" in row:
        found["fcr_net"] = share(whole(row["_resolved_net"]), whole(row["_issues_net"]))
    if "_cost_n" not in row:
        return found
    unknown = left_out(whole(row["_i_left_out"]), "issue", "issues", "with unmeasured contacts")
    rate = (study.config.metrics.cost_per_hour or 0.0) / HOUR
    hours = f"{row['_avoidable_top'] / HOUR:,.0f} of {row['_avoidable_base'] / HOUR:,.0f} hours"
    return found | {
        "issue_handle_time": _mean(row, "handle", unknown),
        "issue_customer_time": _mean(row, "customer", unknown),
        "cost_per_issue": _ratio(row, "cost", unknown, rate),
        "avoidable_handling": _ratio(row, "avoidable", hours),
    }


def _mean(row: Mapping[Any, Any], name: str, note: str = "") -> Figure:
    n = whole(row[f"_{name}_n"])
    return mean(float(row[f"_{name}_mean"]), float(row[f"_{name}_std"]), n, notes(note))


def _ratio(row: Mapping[Any, Any], name: str, note: str, scale: float = 1.0) -> Figure:
    sums = [float(row[f"_{name}_{part}"]) for part in ("top", "base", "top2", "base2", "cross")]
    return ratio(*sums, n=whole(row[f"_{name}_n"]), note=note, scale=scale)
