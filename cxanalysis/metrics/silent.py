"""Customers who never contact anyone and never answer, and what their silence could hide."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import pandas as pd

from cxanalysis.engine import collect, len_of
from cxanalysis.metrics.contacts import customer_contacts
from cxanalysis.metrics.experience import DETRACTOR, experience_metrics
from cxanalysis.metrics.figures import Definition, Figure, left_out, share, some, tidy, tidy_row
from cxanalysis.metrics.rows import DAY_US, counted, during, lacking, of_segment, whole
from cxanalysis.metrics.scales import boxes_text, scale_of
from cxanalysis.study import Study

# What the silent would add at the worst and at the best.
ENDS = {"nps": (-100.0, 100.0), "csat": (0.0, 1.0)}
# A score on fewer of the answers is asked of some customers only.
MOSTLY_ASKED = 0.5
FIGURE = ("value", "conf_low", "conf_high", "n", "note")
NO_BASE = "needs a customers table: the union of tickets and surveys cannot show who is silent"


def silent_customers(study: Study) -> pd.DataFrame:
    """How many customers are never heard, and how far that could move NPS and CSAT.

    Returns
    -------
    DataFrame
        The tidy columns of `service_metrics`, one row each for

        - silent, no_ticket, no_answer: shares of the customers active in the period;
        - tickets_unmatched: share of tickets that match no customer, so that the three above
          are upper limits;
        - detractors_without_ticket, others_without_ticket: of the detractors who answered in the
          period, and of the others who answered the same question;
        - nps as collected, nps_lowest and nps_highest: as if everyone who was invited and did
          not answer were a detractor, or a promoter. ``n`` counts answers and silent
          invitations, and there is no interval: these are bounds;
        - nps_break_even: the average score (points) of the silent at which NPS would be 0;
        - csat as collected, csat_lowest and csat_highest: the same of CSAT, as if all of them
          were not satisfied, or satisfied.

    Notes
    -----
    Where surveys have a ``kind``, silent invitations count for a score only if their kind is
    one in which the score has ever been answered. A score that fewer than half of those answers
    have is asked of some customers only, and has no bounds.
    """
    figures = _active_shares(study) | {"tickets_unmatched": _unmatched(study)}
    figures |= {f"{who}_without_ticket": of for who, of in _without_ticket(study).items()}
    figures |= _bounds(study)
    min_base = study.config.metrics.min_base
    return tidy(tidy_row(each, figures[each.metric], min_base) for each in _definitions(study))


def _definitions(study: Study) -> tuple[Definition, ...]:
    days = study.config.model.lookback_days
    active = "÷ customers active in the period (an unknown start or end counts as active)"
    unanswered = "invitations of the period without an answer"
    csat = boxes_text(scale_of(study, "surveys", "csat"))
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
        Definition(
            "others_without_ticket",
            "Others without a ticket",
            "share",
            f"no ticket in the {days} days before answering ÷ answers of 7 to 10",
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
        Definition("csat", "CSAT as collected", "share", f"answers of {csat}, of the period"),
        Definition(
            "csat_lowest", "CSAT at the lowest", "share", f"with none of {unanswered} at {csat}"
        ),
        Definition(
            "csat_highest", "CSAT at the highest", "share", f"with all {unanswered} at {csat}"
        ),
    )


# --- who is silent -------------------------------------------------------------------------


def _active_shares(study: Study) -> dict[str, Figure]:
    names = ("silent", "no_ticket", "no_answer")
    gap = NO_BASE if "customers" not in study.tables else lacking(study, "customers")
    if gap is not None:
        return dict.fromkeys(names, Figure(note=gap))
    sums = collect(
        study.keep(heard_customers)
        .with_columns(
            _silent=(1 - nw.col("_contacted")) * (1 - nw.col("_answered")),
        )
        .select(
            nw.len().alias("n"),
            silent=nw.col("_silent").sum(),
            no_ticket=(1 - nw.col("_contacted")).sum(),
            no_answer=(1 - nw.col("_answered")).sum(),
        )
    ).iloc[0]
    needs = {
        "no_ticket": needed(study, "tickets"),
        "no_answer": needed(study, "surveys"),
        "silent": needed(study, "tickets") or needed(study, "surveys"),
    }
    n = whole(sums["n"])
    return {
        name: Figure(note=needs[name]) if needs[name] else share(whole(sums[name]), n)
        for name in names
    }


def heard_customers(study: Study) -> nw.LazyFrame[Any]:
    """Active customers, what they are worth, and ``_contacted`` and ``_answered``, 1 or 0."""
    customers = mark_heard(study, active_customers(study), "tickets", "opened_at", "_contacted")
    customers = mark_heard(study, customers, "surveys", "responded_at", "_answered")
    value = ["value"] if study.has("customers", "value") else []
    return customers.select("customer_id", *value, "_contacted", "_answered")


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


def needed(study: Study, table: str) -> str:
    """What is missing to see a customer's tickets or answers; empty where nothing is."""
    if not study.has(table, "customer_id"):
        return f"needs {table}.customer_id"
    return ""


def mark_heard(
    study: Study, customers: nw.LazyFrame[Any], table: str, time: str, name: str
) -> nw.LazyFrame[Any]:
    """Add 1 for customers with a row of the table in the period, 0 for the others."""
    if needed(study, table):
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


def _without_ticket(study: Study) -> dict[str, Figure]:
    """Shares without a ticket before their answer, of detractors and of the others."""
    whose = {"detractors": True, "others": False}
    gap = lacking(study, "surveys") or _detractor_gap(study)
    if gap is not None:
        return dict.fromkeys(whose, Figure(note=gap))
    answers = of_segment(study, "surveys", study.tables["surveys"])
    answers = answers.filter(during(study, "responded_at") & ~nw.col("nps").is_null())
    answers = answers.with_columns(_low=nw.col("nps") <= DETRACTOR)
    keys = ["customer_id", "responded_at"]
    named = answers.filter(~nw.col("customer_id").is_null())
    times = named.group_by(*keys, "_low").agg(nw.len().alias("_answers"))
    window = study.config.model.lookback_days * DAY_US
    before = nw.col("responded_at") - nw.col("opened_at")
    heard = (
        times.join(customer_contacts(study).select("customer_id", "opened_at"), on="customer_id")
        .filter((before > 0) & (before <= window))
        .select(*keys)
        .unique()
        .with_columns(nw.lit(1).alias("_heard"))
    )
    table = times.join(heard, on=keys, how="left").with_columns(
        _unheard=nw.col("_answers") * nw.col("_heard").is_null().cast(nw.Int64)
    )
    by_kind = table.group_by("_low")
    sums = by_kind.agg(n=nw.col("_answers").sum(), count=nw.col("_unheard").sum())
    nobody = answers.group_by("_low").agg(unnamed=counted(nw.col("customer_id").is_null()).sum())
    known, rest = (collect(rows).set_index("_low") for rows in (sums, nobody))
    counts = known.join(rest, how="outer").reindex([True, False]).fillna(0).to_dict("index")
    return {
        who: share(
            whole(counts[low]["count"]),
            whole(counts[low]["n"]),
            left_out(whole(counts[low]["unnamed"]), "answer", "answers", "without customer number"),
        )
        for who, low in whose.items()
    }


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
    """NPS and CSAT as collected, and their limits if nothing is assumed of the silent."""
    collected = experience_metrics(study, weighted=False).set_index("metric").to_dict("index")
    figures: dict[str, Figure] = {}
    for score, (worst, best) in ENDS.items():
        raw = Figure(**{name: collected[score][name] for name in FIGURE})
        silent, gap = _silent_invitations(study, score)
        figures |= {score: raw} | _limits(score, raw, silent, gap, worst, best)
    figures["nps_break_even"] = _break_even(figures["nps"], *_silent_invitations(study, "nps"))
    return figures


def _limits(
    score: str, raw: Figure, silent: int, gap: str, worst: float, best: float
) -> dict[str, Figure]:
    names = (f"{score}_lowest", f"{score}_highest")
    if gap or pd.isna(raw.value):
        return dict.fromkeys(names, Figure(n=0 if gap else raw.n, note=gap or raw.note))
    heard, total = raw.n * raw.value, raw.n + silent
    return {
        name: Figure((heard + end * silent) / total, n=total, note=_base(raw, silent))
        for name, end in zip(names, (worst, best), strict=True)
    }


def _break_even(raw: Figure, silent: int, gap: str) -> Figure:
    """The average of the silent at which the figure over everyone asked would be 0."""
    if gap or pd.isna(raw.value):
        return Figure(n=0 if gap else raw.n, note=gap or raw.note)
    average = -raw.n * raw.value / silent if silent else float("nan")
    return Figure(average, n=raw.n + silent, note=_base(raw, silent))


def _base(raw: Figure, silent: int) -> str:
    unanswered = some(silent, "invitation", "invitations") or "no invitation"
    return f"{some(raw.n, 'answer', 'answers')} and {unanswered} without an answer"


def _share_rated(surveys: nw.LazyFrame[Any], score: str) -> float:
    """Which part of all answers has the score."""
    answered = surveys.filter(~nw.col("responded_at").is_null())
    sums = collect(answered.select(n=nw.len(), rated=nw.col(score).count())).iloc[0]
    return whole(sums["rated"]) / max(whole(sums["n"]), 1)


def _silent_invitations(study: Study, score: str) -> tuple[int, str]:
    """How many invitations that ask for a score are unanswered; or what it takes to tell."""
    if not study.has("surveys", "invited_at", "responded_at"):
        return 0, "needs surveys.invited_at"
    surveys = study.tables["surveys"]
    invited = of_segment(study, "surveys", surveys).filter(
        during(study, "invited_at") & nw.col("responded_at").is_null()
    )
    if study.has("surveys", "kind", score):
        asking = surveys.filter(~nw.col(score).is_null()).select("kind").unique()
        invited = invited.join(asking, on="kind", how="semi")
        surveys = surveys.join(asking, on="kind", how="semi")
    if study.has("surveys", score) and _share_rated(surveys, score) < MOSTLY_ASKED:
        return 0, f"{score} is asked of a part only: nothing tells which of the silent"
    return len_of(invited), ""
