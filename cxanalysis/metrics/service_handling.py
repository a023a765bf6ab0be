"""How contacts were handled: first-contact resolution, times, giving up, ratings, agreed times."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import narwhals as nw

from cxanalysis.metrics.contacts import customer_contacts, given_up, handled
from cxanalysis.metrics.figures import (
    Definition,
    Figure,
    duration,
    left_out,
    mean,
    notes,
    share,
)
from cxanalysis.metrics.parts import PARTS, Figures, contacts_of, gap, handle_seconds
from cxanalysis.metrics.resolution import (
    add_resolution,
    can_see_repeats,
    resolution,
    resolution_kinds,
    resolution_sums,
    resolution_text,
)
from cxanalysis.metrics.rows import (
    GROUP,
    HOUR_US,
    counted,
    during,
    of_segment,
    totals,
    whole,
)
from cxanalysis.metrics.scales import boxes, boxes_text, ends, scale_of
from cxanalysis.metrics.service_outcomes import last_us, median_time, waits_of
from cxanalysis.study import Study

SHARES = {
    "abandonment": ("_abandoned", "_offered"),
    "contact_csat": ("_satisfied", "_rated"),
    "sla_met": ("_sla_met", "_sla_known"),
    "reopened": ("_reopened", "_reopens_known"),
}
COUNTED = "_counted"
Totals = Mapping[Any, Any]


def figures(study: Study, by: str | None) -> Figures:
    """The figures of `definitions` by group, as far as their columns are there."""
    kinds = resolution_kinds(study) if can_see_repeats(study) else ()
    # Apart from the rest: looking for repeats sorts the contacts, which then had to carry it.
    portions = [kinds] if study.holds else [(), *((kind,) for kind in kinds)]
    contacts, *others = (contacts_of(study, by, counted_contacts(study, each)) for each in portions)
    sums = totals(contacts, _aggregates(study) | _marks(portions[0]))
    for rows, each in zip(others, portions[1:], strict=True):
        sums = sums.join(totals(rows, _marks(each)))
    table = sums.to_dict("index")
    replies = _replies(study, contacts) if _has(study, "first_replied_at") else {}
    able = [each.metric for each in definitions(study) if not gap(study, each)]
    return {
        str(group): {
            metric: replies.get(str(group), Figure(note="nothing to count"))
            if metric == "first_reply"
            else _figure(study, metric, sums)
            for metric in able
        }
        for group, sums in table.items()
    }


def _has(study: Study, *columns: str) -> bool:
    return study.has("tickets", *columns)


# --- definitions ---------------------------------------------------------------------------


def definitions(study: Study) -> tuple[Definition, ...]:
    """What is counted, in the order of a table."""
    return (
        Definition(
            "first_contact_resolution",
            "First-contact resolution",
            "share",
            resolution_text(study),
            () if _has(study, "issue_id") else ("customer_id",),
        ),
        Definition(
            "handle_time", "Handle time", "seconds", _handle_time_text(study), ("talk_seconds",)
        ),
        Definition(
            "first_reply",
            "First reply",
            "hours",
            "median time from opening to the first reply, by the clock, abandoned contacts "
            "left out; contacts still unanswered count as waiting until the end of the data "
            "(Kaplan–Meier)",
            ("first_replied_at",),
        ),
        Definition("abandonment", "Abandonment", "share", _abandonment_text(study), ("abandoned",)),
        Definition(
            "contact_csat",
            "CSAT of contacts",
            "share",
            _rating_text(study),
            ("csat",),
        ),
        Definition(
            "sla_met",
            "Agreed time kept",
            "share",
            "contacts marked as within the agreed time ÷ contacts with that mark",
            ("sla_met",),
        ),
        Definition(
            "reopened",
            "Reopened",
            "share",
            f"contacts opened again at least once ÷ {'solved ' if _has(study, 'solved_at') else ''}"
            "contacts whose reopenings are known",
            ("reopens",),
        ),
    )


def _handle_time_text(study: Study) -> str:
    parts = [name.removesuffix("_seconds") for name in PARTS if _has(study, name)]
    absent = [name.removesuffix("_seconds") for name in PARTS if not _has(study, name)]
    text = f"sum of {' + '.join(parts or ['talk'])} ÷ contacts handled for more than 0 s"
    return f"{text} ({' and '.join(absent)} time not in the data)" if parts and absent else text


def _rating_text(study: Study) -> str:
    scale = scale_of(study, "tickets", "csat")
    low, high = ends(scale)
    return f"contacts rated {boxes_text(scale)} ÷ contacts rated, of {low:g} to {high:g}"


def _abandonment_text(study: Study) -> str:
    seconds = study.config.metrics.short_abandon_seconds
    if not _has(study, "queue_wait_seconds"):
        return "abandoned ÷ offered contacts, raw: waiting times are not in the data"
    if seconds == 0:
        return "abandoned ÷ offered contacts, raw: short waits count too"
    return (
        f"abandoned after {seconds:g} s or more ÷ offered contacts, those abandoned before "
        f"{seconds:g} s left out"
    )


# --- one row per contact, with what it counts for ------------------------------------------


def counted_rows(study: Study) -> nw.LazyFrame[Any]:
    """Contacts of the period and segment; repeats are looked for among all contacts."""
    return of_segment(study, "tickets", counted_contacts(study)).filter(during(study, "opened_at"))


def counted_contacts(study: Study, kinds: Collection[str] | None = None) -> nw.LazyFrame[Any]:
    """Contacts of all dates with what each counts for, which is the same in every period.

    Where the study's rows are held in memory, these are too, of all ``kinds``. Tickets
    that say by a column `COUNTED` that they are such contacts are taken as they are.

    Parameters
    ----------
    kinds
        Those wanted of `add_resolution`; all when None.
    """
    if study.has("tickets", COUNTED):
        return study.tables["tickets"]
    if study.holds:
        return study.of_all_dates.keep(_counted)
    return _counted(study, kinds)


def _counted(study: Study, kinds: Collection[str] | None = None) -> nw.LazyFrame[Any]:
    tickets = customer_contacts(study)
    if can_see_repeats(study):
        tickets = add_resolution(study, tickets, kinds)
    return _add_figures(study, tickets).with_columns(nw.lit(1).alias(COUNTED))


def _add_figures(study: Study, tickets: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Add what each contact counts for by itself, whatever came after it."""
    if _has(study, "talk_seconds"):
        tickets = _add_handle_time(study, tickets)
    return _add_shares(study, tickets)


def _add_handle_time(study: Study, tickets: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    tickets = tickets.with_columns(
        _seconds=handle_seconds(study), _handled=handled(study.columns["tickets"])
    )
    taken = nw.col("_handled") & (nw.col("_seconds") > 0)
    return tickets.with_columns(
        _handle=nw.when(taken).then(nw.col("_seconds")),
        _unmeasured=counted(nw.col("_handled") & nw.col("_seconds").is_null()),
    )


def _add_shares(study: Study, tickets: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    columns: dict[str, nw.Expr] = {}
    if _has(study, "abandoned"):
        gone = nw.col("abandoned")
        short = nw.lit(False)
        if _has(study, "queue_wait_seconds"):
            limit = study.config.metrics.short_abandon_seconds
            short = (gone & (nw.col("queue_wait_seconds") < limit)).fill_null(False)
        columns["_offered"] = counted(~gone.is_null() & ~short)
        columns["_abandoned"] = counted(gone & ~short)
    if _has(study, "csat"):
        first, last = boxes(scale_of(study, "tickets", "csat"))
        rating = nw.col("csat")
        columns["_rated"] = counted(~rating.is_null())
        columns["_satisfied"] = counted((rating >= first) & (rating <= last))
    if _has(study, "sla_met"):
        columns["_sla_met"] = counted(nw.col("sla_met"))
        columns["_sla_known"] = counted(~nw.col("sla_met").is_null())
    if _has(study, "reopens"):
        base = ~nw.col("reopens").is_null()
        if _has(study, "solved_at"):
            base = base & ~nw.col("solved_at").is_null()
        columns["_reopens_known"] = counted(base)
        columns["_reopened"] = counted(base & (nw.col("reopens") >= 1))
    return tickets.with_columns(**columns) if columns else tickets


# --- figures -------------------------------------------------------------------------------


def _aggregates(study: Study) -> dict[str, nw.Expr]:
    sums = ["_offered", "_abandoned"] if _has(study, "abandoned") else []
    sums += ["_satisfied", "_rated"] if _has(study, "csat") else []
    sums += ["_sla_met", "_sla_known"] if _has(study, "sla_met") else []
    sums += ["_reopened", "_reopens_known"] if _has(study, "reopens") else []
    aggregates = {name: nw.col(name).sum() for name in sums}
    if _has(study, "talk_seconds"):
        handle = nw.col("_handle")
        aggregates |= {
            "_handle_n": handle.count(),
            "_handle_mean": handle.mean(),
            "_handle_std": handle.std(),
            "_handle_median": handle.median(),
            "_handle_p90": handle.quantile(0.9, interpolation="linear"),
            "_unmeasured": nw.col("_unmeasured").sum(),
        }
    return aggregates or {"_rows": nw.len()}


def _marks(kinds: Collection[str]) -> dict[str, nw.Expr]:
    return {name: nw.col(name).sum() for name in resolution_sums(kinds)}


def _figure(study: Study, metric: str, sums: Totals) -> Figure:
    if metric == "handle_time":
        return _handle_time(sums)
    if metric == "first_contact_resolution":
        return resolution(study, sums)
    count, base = SHARES[metric]
    return share(whole(sums[count]), whole(sums[base]))


def _handle_time(sums: Totals) -> Figure:
    n, unmeasured = whole(sums["_handle_n"]), whole(sums["_unmeasured"])
    return mean(
        float(sums["_handle_mean"]),
        float(sums["_handle_std"]),
        n,
        notes(
            _spread_text(sums) if n else "",
            left_out(unmeasured, "handled contact", "handled contacts", "with a missing part"),
        ),
    )


def _spread_text(sums: Totals) -> str:
    median, p90 = sums["_handle_median"], sums["_handle_p90"]
    return f"median {duration(median)}, 90th percentile {duration(p90)}"


def _replies(study: Study, tickets: nw.LazyFrame[Any]) -> dict[str, Figure]:
    """First reply by group."""
    replied = ~nw.col("first_replied_at").is_null()
    until = nw.when(replied).then(nw.col("first_replied_at")).otherwise(nw.lit(last_us(study)))
    waits = waits_of(tickets.filter(~given_up(study.columns["tickets"])), until, replied)
    return {
        str(group): median_time(part["_wait"] / HOUR_US, part["_over"], "answered")
        for group, part in waits.groupby(GROUP)
    }
