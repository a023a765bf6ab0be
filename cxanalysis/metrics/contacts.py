"""What a contact is and when it was handled: one definition for the metrics and the features.

A contact is an attempt by the customer. Where the tickets say who began it, rows that the
company began (``initiator`` is "company") are none: they count neither as contacts nor as
repeats. A contact was *handled* when the customer did not give up, as far as that is known, and
somebody replied, solved it or talked with the customer. Where the tickets record neither replies
nor solutions, every contact not abandoned was handled; where they do not say what was abandoned
either, every contact with talk time, or each one if there is none of these columns. The metrics
count what was handled at any time in the data, the features what was handled before a response.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxanalysis.metrics.rows import SECOND_US

if TYPE_CHECKING:
    from cxanalysis.study import Study

COMPANY = "company"


def customer_contacts(study: Study) -> nw.LazyFrame[Any]:
    """Tickets that customers began; one without a known initiator counts as such."""
    tickets = study.tables["tickets"]
    if not study.has("tickets", "initiator"):
        return tickets
    initiator = nw.col("initiator").cast(nw.String).str.to_lowercase()
    return tickets.filter((initiator != COMPANY).fill_null(True))


def given_up(columns: frozenset[str]) -> nw.Expr:
    """Whether the customer gave up, as far as the tickets say."""
    if "abandoned" not in columns:
        return nw.col("opened_at").is_null()  # never: a filter takes no literal
    return nw.col("abandoned").fill_null(False)


def handled_at(columns: frozenset[str]) -> nw.Expr:
    """First moment at which a contact was handled; null where it was given up or never was."""
    answered_at = after(nw.col("opened_at"), wait_seconds(columns).fill_null(0.0))
    signs = [nw.col(name) for name in ("first_replied_at", "solved_at") if name in columns]
    if "talk_seconds" in columns and (signs or "abandoned" not in columns):
        signs.append(nw.when(nw.col("talk_seconds") > 0).then(answered_at))
    moment = nw.min_horizontal(*signs) if signs else answered_at
    return nw.when(~given_up(columns)).then(moment)


def handled(columns: frozenset[str]) -> nw.Expr:
    """Whether a contact was handled at any time in the data."""
    return ~handled_at(columns).is_null()


def wait_seconds(columns: frozenset[str]) -> nw.Expr:
    """Seconds in the queue; 0 where the tickets have no such column."""
    if "queue_wait_seconds" in columns:
        return nw.col("queue_wait_seconds").cast(nw.Float64)
    return nw.lit(0.0)


def after(moment: nw.Expr, seconds: nw.Expr) -> nw.Expr:
    """The instant so many seconds after another, in whole microseconds."""
    return moment + (seconds * SECOND_US).round().cast(nw.Int64)
