"""Contacts made while a promise was late: how many, after which promises, answered in time."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.metrics.contacts import customer_contacts, handled_at
from cxanalysis.metrics.figures import Definition, Figure, left_out, notes, share, tidy_row
from cxanalysis.metrics.kept import add_outcome, promise_gap
from cxanalysis.metrics.rows import (
    DAY_US,
    GROUP,
    counted,
    during,
    grouped,
    lacking,
    of_segment,
    totals,
    whole,
)
from cxanalysis.study import Study

CHASE_DAYS = 7
"""How long after the promised moment a contact is looked for, after late promises and kept."""


def chase_definitions(study: Study) -> tuple[Definition, ...]:
    """Figures of promises that look at contacts."""
    has_deadline = study.has("journeys", "deadline_at")
    goal = "the customer's deadline" if has_deadline else "the promise was fulfilled"
    known = ", promises without one left out" if has_deadline else ""
    return (
        _after("late", "not kept"),
        _after("kept", "kept"),
        Definition(
            "chased_in_time",
            "Answered in time",
            "share",
            f"late promises whose customer, in contact while the promise was late, was answered "
            f"before {goal} ÷ late promises with such a contact{known}",
        ),
    )


def _after(kind: str, words: str) -> Definition:
    return Definition(
        f"contact_after_{kind}",
        f"Contact after promises {words}",
        "share",
        f"promises {words} whose customer made contact, for any reason, within {CHASE_DAYS} days "
        f"after the promised moment ÷ promises {words} for which contacts are known so long",
    )


def chase_definition() -> Definition:
    """The figure of contacts that looks at promises."""
    return Definition(
        "chase_contacts",
        "Contacts while a promise is late",
        "share",
        "contacts, for any reason, of customers to whom a promise was open and late at that "
        "moment ÷ contacts of known customers",
        ("customer_id",),
    )


def contact_gap(study: Study) -> str:
    """What is needed to see contacts beside promises, "needs …"; empty where nothing is."""
    if lacking(study, "tickets"):
        return str(lacking(study, "tickets"))
    return "" if study.has("tickets", "customer_id") else "needs tickets.customer_id"


def add_chases(study: Study, promises: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Promises, one row each, with what contacts of their customer tell.

    Added are, 1 or 0: ``_watched`` (contacts are known from the promised moment for
    `CHASE_DAYS`), ``_contacted`` (one was made in that time), ``_chased`` (one was made while
    the promise was late) and ``_in_time`` (one of these was answered before the deadline).
    """
    window = CHASE_DAYS * DAY_US
    contacts = customer_contacts(study)
    first_us, last_us = _extent(contacts)
    goal = "deadline_at" if study.has("journeys", "deadline_at") else "_until"
    contacts = contacts.filter(~nw.col("customer_id").is_null()).select(
        "customer_id",
        _contact=nw.col("opened_at"),
        _answer=handled_at(study.columns["tickets"]),
    )
    promised, contact, until = nw.col("promised_at"), nw.col("_contact"), nw.col("_until")
    chase = (contact > promised) & ((contact < until) | until.is_null())
    chase = chase & (nw.col("_due") == 1) & (nw.col("_kept") == 0)
    in_time = nw.col("_answer") < nw.col(goal)
    if goal == "_until":  # what was never fulfilled was answered before it was
        in_time = in_time | (until.is_null() & ~nw.col("_answer").is_null())
    watched = (promised >= first_us) & (promised <= last_us - window)
    joined = promises.join(contacts, on="customer_id", how="left").with_columns(
        _watched=counted(watched),
        _contacted=counted(watched & (contact > promised) & (contact <= promised + window)),
        _chased=counted(chase),
        _in_time=counted(chase & in_time),
    )
    marks = ("_watched", "_contacted", "_chased", "_in_time")
    rest = [name for name in promises.collect_schema().names() if name not in marks]
    return joined.group_by(*rest).agg(*[nw.col(mark).max() for mark in marks])


def _extent(tickets: nw.LazyFrame[Any]) -> tuple[int, int]:
    opened = nw.col("opened_at")
    ends = collect(tickets.select(first=opened.min(), last=opened.max())).iloc[0]
    return whole(ends["first"]), whole(ends["last"])


def chased_figures(study: Study, promises: pd.DataFrame) -> dict[str, Figure]:
    """Figures by metric of promises with the marks of `add_chases`."""
    late = (promises["_due"] == 1) & (promises["_kept"] == 0)
    kept, watched = promises["_kept"] == 1, promises["_watched"] == 1
    chased = late & (promises["_chased"] == 1)
    if study.has("journeys", "deadline_at"):
        chased &= promises["deadline_at"].notna()
    found = {}
    for kind, rows in (("late", late), ("kept", kept)):
        seen = promises.loc[rows & watched, "_contacted"]
        unseen = left_out(
            int((rows & ~watched).sum()),
            "promise",
            "promises",
            "for which contacts are not known so long",
        )
        found[f"contact_after_{kind}"] = share(int(seen.sum()), len(seen), unseen)
    answered = promises.loc[chased, "_in_time"]
    found["chased_in_time"] = share(int(answered.sum()), len(answered))
    return found


def chasing_contacts(study: Study, by: str | None = None) -> list[dict[str, object]]:
    """Rows of `chase_contacts`, by a column of the tickets or customers; none by another."""
    min_base, definition = study.config.metrics.min_base, chase_definition()
    gap = promise_gap(study) or contact_gap(study)
    if gap:
        return [tidy_row(definition, Figure(note=gap), min_base)]
    if by is not None and not (study.has("tickets", by) or study.has("customers", by)):
        return []
    contacts = of_segment(study, "tickets", customer_contacts(study))
    contacts = grouped(study, "tickets", contacts.filter(during(study, "opened_at")), by)
    marked = _mark_chasing(study, contacts)
    sums = {"_known": nw.col("_known").sum(), "_chasing": nw.col("_chasing").sum()}
    rows = []
    for group, found in totals(marked, sums | {"_all": nw.len()}).to_dict("index").items():
        known = whole(found["_known"])
        unnamed = whole(found["_all"]) - known
        note = left_out(unnamed, "contact", "contacts", "without customer number")
        figure = share(whole(found["_chasing"]), known, notes(note))
        rows.append(({by: group} if by else {}) | tidy_row(definition, figure, min_base))
    return rows


def _mark_chasing(study: Study, contacts: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Contacts with whether their customer is known and waited for something late just then."""
    late = (
        add_outcome(study, study.tables["journeys"])
        .filter((nw.col("_due") == 1) & (nw.col("_kept") == 0))
        .select("customer_id", _promised=nw.col("promised_at"), _over=nw.col("_until"))
    )
    contact, over = nw.col("opened_at"), nw.col("_over")
    chasing = (contact > nw.col("_promised")) & ((contact < over) | over.is_null())
    numbered = contacts.select("customer_id", "opened_at", GROUP).with_row_index(
        "_contact", order_by=["customer_id", "opened_at", GROUP]
    )
    return (
        numbered.join(late, on="customer_id", how="left")
        .with_columns(_chasing=counted(chasing), _known=counted(~nw.col("customer_id").is_null()))
        .group_by("_contact", GROUP)
        .agg(nw.col("_chasing").max(), nw.col("_known").max())
    )
