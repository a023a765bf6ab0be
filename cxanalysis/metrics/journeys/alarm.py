"""A low rating, or a promised date gone by, as an alarm for the contact that may follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.metrics.chases import contact_gap
from cxanalysis.metrics.contacts import customer_contacts
from cxanalysis.metrics.figures import Definition, Figure, share, tidy, tidy_row
from cxanalysis.metrics.journeys.followed import (
    DAYS,
    Lazy,
    add_contacts,
    by_company,
    follow_gap,
    not_service,
    watched,
)
from cxanalysis.metrics.journeys.linearised import (
    Floats,
    Integers,
    clustered_error,
    clustered_median,
    reach,
    share_interval,
)
from cxanalysis.metrics.journeys.until_contact import low_rating
from cxanalysis.metrics.kept import add_outcome, promise_gap
from cxanalysis.metrics.rows import (
    DAY_US,
    counted,
    during,
    of_segment,
    refuse_days,
    refuse_unknown,
    whole,
)
from cxanalysis.metrics.scales import scale_of, worst_boxes
from cxanalysis.study import Study

LOW_RATING, LATE_PROMISE = "low rating", "late promise"
RULES = (LOW_RATING, LATE_PROMISE)


@dataclass(frozen=True)
class _Rule:
    """What sets an alarm off: rows with ``at``, and whether each of them is an alarm."""

    rows: Lazy
    at: str
    alarm: nw.Expr
    words: str
    base: str


def early_warning(study: Study, rule: str = LOW_RATING, days: int = DAYS) -> pd.DataFrame:
    """How good an alarm would have been: of contacts within ``days`` after it.

    "low rating" sounds when a touch gets one of the two worst answers of a scale of five or more
    points (the worst of a shorter), "late promise" when the first promised moment passes with
    nothing fulfilled. Nothing is known to an alarm that was not known at its moment. Whether it
    would have prevented a contact these figures cannot say.

    Parameters
    ----------
    rule
        "low rating" or "late promise".
    days
        How long after an alarm a contact still proves it right.

    Returns
    -------
    DataFrame
        The tidy columns of `service_metrics`: alarms (of touches rated, or promises due),
        precision (alarms followed by a contact), base_rate (the same of all touches rated, or
        all promises due), lift (the first ÷ the second), recall (contacts that an alarm came
        before), lead_days (median from alarm to contact), intervened (alarms between which and
        the contact the company began a touch).

    Raises
    ------
    ReportError
        When there is no such rule, or ``days`` is below 1.
    """
    refuse_unknown("rule", rule, RULES)
    refuse_days(days)
    definitions, base = _definitions(study, rule, days), study.config.metrics.min_base
    gap = follow_gap(study) if rule == LOW_RATING else promise_gap(study) or contact_gap(study)
    if gap:
        return tidy(tidy_row(each, Figure(note=gap), base) for each in definitions)
    seen = watched(study)
    made = _rule(study, rule, everywhere=False)
    followed = (nw.col("_next") <= nw.col(made.at) + days * DAY_US).fill_null(False)
    rows = add_contacts(study, made.rows, made.at).filter(seen.for_days(made.at, days))
    columns = {"_alarm": counted(made.alarm), "_followed": counted(followed)}
    columns |= {"_lead": nw.col("_next") - nw.col(made.at), "_touched": _touched(study)}
    frame = collect(_with_touches(study, rows, made.at).select("customer_id", **columns))
    figures = _figures(frame) | {"recall": _recall(study, rule, days)}
    if not study.has("journeys", "initiator"):
        figures["intervened"] = Figure(note="needs journeys.initiator")
    return tidy(tidy_row(each, figures[each.metric], base) for each in definitions)


def rule_text(study: Study, rule: str) -> str:
    """The rule in words: "a rating of 1 or 2"."""
    if rule == LATE_PROMISE:
        return "a promised date that passed"
    first, last = worst_boxes(scale_of(study, "journeys", "rating"))
    return f"a rating of {first:g}" + (f" or {last:g}" if last > first else "")


def _rule(study: Study, rule: str, *, everywhere: bool) -> _Rule:
    """The rule's rows in the period, or at all times."""
    if rule == LOW_RATING:
        rows = of_segment(study, "journeys", study.tables["journeys"])
        rows = not_service(study, rows.filter(~nw.col("rating").is_null()))
        at, alarm, words = "occurred_at", low_rating(study), "touches rated"
    else:
        rows = add_outcome(study, of_segment(study, "journeys", study.tables["journeys"]))
        rows = rows.filter(nw.col("_due") == 1)
        at, alarm, words = "promised_at", nw.col("_kept") == 0, "promises due"
    if not everywhere:
        rows = rows.filter(during(study, at))
    return _Rule(rows, at, alarm, rule_text(study, rule), words)


def _definitions(study: Study, rule: str, days: int) -> tuple[Definition, ...]:
    base = "touches rated" if rule == LOW_RATING else "promises due"
    alarm = rule_text(study, rule) if follow_gap(study) == "" or rule == LATE_PROMISE else rule
    after = f"followed by a contact of the customer within {days} days"
    return (
        Definition("alarms", "Alarms", "share", f"{alarm} ÷ {base}"),
        Definition("precision", "Alarms that were right", "share", f"alarms {after} ÷ alarms"),
        Definition("base_rate", "Without an alarm to go by", "share", f"{base} {after} ÷ {base}"),
        Definition("lift", "Times as often", "number", "alarms that were right ÷ base rate"),
        Definition(
            "recall",
            "Contacts with an alarm before",
            "share",
            f"contacts with an alarm of the same customer in the {days} days before ÷ contacts "
            f"of known customers, from day {days} of the journeys on",
        ),
        Definition("lead_days", "Days of warning", "number", "median days from alarm to contact"),
        Definition(
            "intervened",
            "Company acted between",
            "share",
            "alarms after which the company began a touch, for whatever reason, before the "
            "contact came ÷ alarms followed by a contact",
        ),
    )


def _figures(frame: pd.DataFrame) -> dict[str, Figure]:
    customers = pd.factorize(frame["customer_id"])[0]
    alarm, followed = (frame[name].to_numpy() == 1 for name in ("_alarm", "_followed"))
    right = alarm & followed
    lead = frame["_lead"].to_numpy(float)[right] / DAY_US
    median, (low, high) = clustered_median(lead, customers[right])
    return {
        "alarms": clustered_share(alarm, customers),
        "precision": clustered_share(followed[alarm], customers[alarm]),
        "base_rate": clustered_share(followed, customers),
        "lift": _lift(alarm, followed, customers),
        "lead_days": Figure(median, low, high, len(lead), "" if len(lead) else "nothing to count"),
        "intervened": clustered_share(frame["_touched"].to_numpy()[right] == 1, customers[right]),
    }


def clustered_share(flag: Any, customers: Integers) -> Figure:
    """A share of rows that share customers, as a figure."""
    n = len(flag)
    if n == 0:
        return Figure(note="nothing to count")
    value = float(np.mean(flag))
    clusters = len(np.unique(customers))
    if clusters == n:
        return share(int(np.sum(flag)), n)
    error = clustered_error((flag - value) / n, customers)
    return Figure(value, *share_interval(value, error, clusters), n)


def _lift(alarm: Any, followed: Any, customers: Integers) -> Figure:
    """The ratio of two shares, its interval on the scale of logarithms."""
    n, hits, all_hits = int(alarm.sum()), int((alarm & followed).sum()), int(followed.sum())
    if n == 0 or hits == 0:
        return Figure(n=n, note="no alarm was right" if n else "nothing to count")
    value = (hits / n) / (all_hits / len(alarm))
    influence: Floats = alarm * (followed / hits - 1 / n) - (followed / all_hits - 1 / len(alarm))
    half = reach(len(np.unique(customers))) * clustered_error(influence, customers)
    return Figure(value, float(value * np.exp(-half)), float(value * np.exp(half)), n)


def _recall(study: Study, rule: str, days: int) -> Figure:
    """Contacts of the period that an alarm came before; alarms of earlier periods count."""
    made, window = _rule(study, rule, everywhere=True), days * DAY_US
    first = collect(made.rows.select(first=nw.col(made.at).min()))["first"].iloc[0]
    if pd.isna(first):
        return Figure(note="nothing to count")
    contacts = of_segment(study, "tickets", customer_contacts(study))
    contacts = contacts.filter(
        during(study, "opened_at") & ~nw.col("customer_id").is_null()
    ).filter(nw.col("opened_at") >= whole(first) + window)
    contacts = contacts.select("customer_id", "opened_at").with_row_index(
        "_contact", order_by=["customer_id", "opened_at"]
    )
    alarms = made.rows.filter(made.alarm).select("customer_id", _at=nw.col(made.at))
    before = (nw.col("_at") < nw.col("opened_at")) & (nw.col("_at") >= nw.col("opened_at") - window)
    found = collect(
        contacts.join(alarms, on="customer_id", how="left")
        .with_columns(_warned=counted(before))
        .group_by("_contact", "customer_id")
        .agg(nw.col("_warned").max())
    )
    return clustered_share(found["_warned"].to_numpy() == 1, pd.factorize(found["customer_id"])[0])


def _touched(study: Study) -> nw.Expr:
    return nw.col("_by_company") if study.has("journeys", "initiator") else nw.lit(0)


def _with_touches(study: Study, rows: Lazy, at: str) -> Lazy:
    """Rows with ``_by_company``: 1 where the company began a touch before the next contact."""
    if not study.has("journeys", "initiator"):
        return rows
    touched = (
        study.tables["journeys"]
        .filter(by_company())
        .select("customer_id", _acted=nw.col("occurred_at"))
    )
    moments = rows.select("customer_id", at, "_next").unique()
    between = (nw.col("_acted") > nw.col(at)) & (nw.col("_acted") < nw.col("_next"))
    marked = (
        moments.join(touched, on="customer_id", how="inner")
        .with_columns(_by_company=counted(between))
        .group_by("customer_id", at)
        .agg(nw.col("_by_company").max())
    )
    return rows.join(marked, on=["customer_id", at], how="left").with_columns(
        nw.col("_by_company").fill_null(0)
    )
