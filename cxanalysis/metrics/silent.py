"""Customers who never contact anyone and never answer, and what their silence could hide."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.metrics.contacts import customer_contacts
from cxanalysis.metrics.experience import DETRACTOR, experience_metrics
from cxanalysis.metrics.figures import Definition, Figure, left_out, share, some, tidy, tidy_row
from cxanalysis.metrics.rows import DAY_US, counted, during, lacking, of_segment, whole
from cxanalysis.study import Study

NO_BASE = "needs a customers table: the union of tickets and surveys cannot show who is silent"


def silent_customers(study: Study) -> pd.DataFrame:
    """How many customers are never heard, and how far that could move the NPS.

    Returns
    -------
    DataFrame
        The tidy columns of `service_metrics`, one row each for

        - silent, no_ticket, no_answer: shares of the customers active in the period;
        - tickets_unmatched: share of tickets that match no customer, so that the three above
          are upper limits;
        - detractors_without_ticket: of the detractors who answered in the period;
        - nps as collected, nps_lowest and nps_highest: as if everyone who was invited and did
          not answer were a detractor, or a promoter. ``n`` counts answers and silent
          invitations, and there is no interval: these are bounds;
        - nps_break_even: the average score (points) of the silent at which NPS would be 0.
    """
    figures = _active_shares(study) | {"tickets_unmatched": _unmatched(study)}
    figures |= {"detractors_without_ticket": _detractors_without_ticket(study)}
    figures |= _bounds(study)
    min_base = study.config.metrics.min_base
    return tidy(tidy_row(each, figures[each.metric], min_base) for each in _definitions(study))


def _definitions(study: Study) -> tuple[Definition, ...]:
    days = study.config.model.lookback_days
    active = "÷ customers active in the period (an unknown start or end counts as active)"
    unanswered = "invitations of the period without an answer"
    return (
        Definition("silent", "Silent customers", "share", f"no ticket and no answer {active}"),
        Definition("no_ticket", "Without a ticket", "share", f"no ticket {active}"),
        Definition("no_answer", "Without an answer", "share", f"no survey answer {active}"),
        Definition(
            "tickets_unmatched",
            "Tickets that match no customer",
            "share",
            "tickets without a customer of the customers table ÷ tickets of the period",
        ),
        Definition(
            "detractors_without_ticket",
            "Detractors without a ticket",
            "share",
            f"no ticket in the {days} days before answering ÷ answers of 0 to 6",
        ),
        Definition("nps", "NPS as collected", "points", "answers of the period"),
        Definition(
            "nps_lowest", "NPS at the lowest", "points", f"with all {unanswered} as detractors"
        ),
        Definition(
            "nps_highest", "NPS at the highest", "points", f"with all {unanswered} as promoters"
        ),
        Definition(
            "nps_break_even",
            "NPS of the silent that gives 0",
            "points",
            f"average of {unanswered} at which NPS over all of them would be 0",
        ),
    )


# --- who is silent -------------------------------------------------------------------------


def _active_shares(study: Study) -> dict[str, Figure]:
    names = ("silent", "no_ticket", "no_answer")
    gap = NO_BASE if "customers" not in study.tables else lacking(study, "customers")
    if gap is not None:
        return dict.fromkeys(names, Figure(note=gap))
    customers = active_customers(study).select("customer_id")
    customers = _mark(study, customers, "tickets", "opened_at", "_contacted")
    customers = _mark(study, customers, "surveys", "responded_at", "_answered")
    sums = collect(
        customers.with_columns(
            _silent=(1 - nw.col("_contacted")) * (1 - nw.col("_answered")),
        ).select(
            nw.len().alias("n"),
            silent=nw.col("_silent").sum(),
            no_ticket=(1 - nw.col("_contacted")).sum(),
            no_answer=(1 - nw.col("_answered")).sum(),
        )
    ).iloc[0]
    needs = {
        "no_ticket": _need(study, "tickets"),
        "no_answer": _need(study, "surveys"),
        "silent": _need(study, "tickets") or _need(study, "surveys"),
    }
    n = whole(sums["n"])
    return {
        name: Figure(note=needs[name]) if needs[name] else share(whole(sums[name]), n)
        for name in names
    }


def active_customers(study: Study) -> nw.LazyFrame[Any]:
    """Customers of the segment whose time as a customer touches the period."""
    customers = of_segment(study, "customers", study.tables["customers"])
    if study.period is None:
        return customers
    if study.has("customers", "active_from"):
        start = nw.col("active_from")
        customers = customers.filter(start.is_null() | (start < study.period.end_us))
    if study.has("customers", "active_to"):
        end = nw.col("active_to")
        customers = customers.filter(end.is_null() | (end >= study.period.start_us))
    return customers


def _need(study: Study, table: str) -> str:
    """What is missing to see a customer's tickets or answers; empty where nothing is."""
    if not study.has(table, "customer_id"):
        return f"needs {table}.customer_id"
    return ""


def _mark(
    study: Study, customers: nw.LazyFrame[Any], table: str, time: str, name: str
) -> nw.LazyFrame[Any]:
    """Add 1 for customers with a row of the table in the period, 0 for the others."""
    if _need(study, table):
        return customers.with_columns(nw.lit(0).alias(name))
    rows = customer_contacts(study) if table == "tickets" else study.tables[table]
    if study.has(table, time):
        rows = rows.filter(during(study, time))
    heard = rows.select("customer_id").unique().with_columns(nw.lit(1).alias(name))
    return customers.join(heard, on="customer_id", how="left").with_columns(
        nw.col(name).fill_null(0)
    )


def _unmatched(study: Study) -> Figure:
    if "tickets" not in study.tables or "customers" not in study.tables:
        return Figure(note="needs customers" if "tickets" in study.tables else "needs tickets")
    if not study.has("tickets", "customer_id"):
        return Figure(note="needs tickets.customer_id")
    if study.segment is not None:
        return Figure(note="not known within a segment: such tickets belong to none")
    tickets = study.tables["tickets"].filter(during(study, "opened_at"))
    known = study.tables["customers"].select("customer_id", nw.lit(1).alias("_known"))
    joined = tickets.select("customer_id").join(known, on="customer_id", how="left")
    sums = collect(
        joined.select(
            nw.len().alias("n"), unmatched=nw.col("_known").is_null().cast(nw.Int64).sum()
        )
    ).iloc[0]
    return share(whole(sums["unmatched"]), whole(sums["n"]))


# --- unhappy and unheard -------------------------------------------------------------------


def _detractors_without_ticket(study: Study) -> Figure:
    gap = lacking(study, "surveys") or _detractor_gap(study)
    if gap is not None:
        return Figure(note=gap)
    answers = of_segment(study, "surveys", study.tables["surveys"])
    answers = answers.filter(during(study, "responded_at") & (nw.col("nps") <= DETRACTOR))
    keys = ["customer_id", "responded_at"]
    named = answers.filter(~nw.col("customer_id").is_null())
    detractors = named.group_by(*keys).agg(nw.len().alias("_answers"))
    window = study.config.model.lookback_days * DAY_US
    before = nw.col("responded_at") - nw.col("opened_at")
    heard = (
        detractors.join(
            customer_contacts(study).select("customer_id", "opened_at"), on="customer_id"
        )
        .filter((before > 0) & (before <= window))
        .select(*keys)
        .unique()
        .with_columns(nw.lit(1).alias("_heard"))
    )
    table = detractors.join(heard, on=keys, how="left").with_columns(
        _unheard=nw.col("_answers") * nw.col("_heard").is_null().cast(nw.Int64)
    )
    sums = collect(table.select(n=nw.col("_answers").sum(), count=nw.col("_unheard").sum()))
    unnamed = collect(answers.select(n=counted(nw.col("customer_id").is_null()).sum()))
    note = left_out(whole(unnamed.iloc[0]["n"]), "answer", "answers", "without customer number")
    return share(whole(sums.iloc[0]["count"]), whole(sums.iloc[0]["n"]), note)


def _detractor_gap(study: Study) -> str | None:
    needs = {
        "surveys": ("customer_id", "responded_at", "nps"),
        "tickets": ("customer_id", "opened_at"),
    }
    for name, columns in needs.items():
        for column in columns:
            if not study.has(name, column):
                return f"needs {name}.{column}"
    return None


def _bounds(study: Study) -> dict[str, Figure]:
    """NPS as collected, and between which limits it lies if nothing is assumed of the silent."""
    answered = experience_metrics(study, weighted=False).set_index("metric").to_dict("index")["nps"]
    raw = Figure(
        **{name: answered[name] for name in ("value", "conf_low", "conf_high", "n", "note")}
    )
    names = ("nps_lowest", "nps_highest", "nps_break_even")
    if pd.isna(raw.value):
        return {"nps": raw} | dict.fromkeys(names, Figure(n=raw.n, note=raw.note))
    if not study.has("surveys", "invited_at", "responded_at"):
        return {"nps": raw} | dict.fromkeys(names, Figure(note="needs surveys.invited_at"))
    invited = of_segment(study, "surveys", study.tables["surveys"])
    invited = invited.filter(during(study, "invited_at"))
    silent = whole(
        collect(invited.select(n=counted(nw.col("responded_at").is_null()).sum())).iloc[0]["n"]
    )
    heard, total = raw.n * raw.value, raw.n + silent
    unanswered = some(silent, "invitation", "invitations") or "no invitation"
    note = f"{some(raw.n, 'answer', 'answers')} and {unanswered} without an answer"
    break_even = -heard / silent if silent else float("nan")
    return {
        "nps": raw,
        "nps_lowest": Figure((heard - 100 * silent) / total, n=total, note=note),
        "nps_highest": Figure((heard + 100 * silent) / total, n=total, note=note),
        "nps_break_even": Figure(break_even, n=total, note=note),
    }
