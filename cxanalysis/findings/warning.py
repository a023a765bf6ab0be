"""What comes before a contact: the rating of the touch, how soon, and as an alarm."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import Any, ClassVar

import pandas as pd

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.metrics import (
    contact_by_quality,
    contact_effect,
    contacts_after_rating,
    early_warning,
    proactive_lead,
    time_to_contact,
)
from cxanalysis.metrics.intervals import Interval, difference_interval
from cxanalysis.metrics.journeys.alarm import RULES, rule_text
from cxanalysis.metrics.journeys.followed import DAYS, follow_gap
from cxanalysis.metrics.scales import scale_of, worst_boxes
from cxanalysis.study import Study

SOON = 7


@dataclass(frozen=True)
class Link:
    """How a step of the rating goes with contact after: change per 100 touches.

    ``p_value`` allows for there being several stages, or touchpoints; ``stage`` names either and is
    empty for all of them.
    """

    stage: str
    n: int
    customers: int
    followed: int
    change: Estimate = UNKNOWN
    p_value: float = float("nan")


@dataclass(frozen=True)
class Answer:
    """Touches with one rating: how many, and the share followed by a contact."""

    rating: float
    n: int
    share: Estimate = UNKNOWN


@dataclass(frozen=True)
class Alarm:
    """What an alarm would have been worth; ``text`` says what sets it off.

    ``n`` alarms, of which ``right`` were followed by a contact, as ``base`` is of all that could
    have been alarms; ``recall`` is the share of ``contacts`` that one came before, ``lead`` the
    median days between, ``acted`` how often the company had begun a touch in them.
    """

    rule: str
    text: str
    n: int
    right: Estimate
    base: Estimate
    lift: Estimate
    contacts: int
    recall: Estimate
    lead: Estimate
    acted: Estimate


@dataclass(frozen=True)
class Quality:
    """Customers with the worst and best mean rating before, and how often they made contact."""

    n_worst: int
    n_best: int
    worst: Estimate
    best: Estimate
    difference: Estimate


@dataclass(frozen=True)
class WarningFinding(Finding):
    """Contacts within ``days`` after rated touches, by the rating.

    ``link``, ``stages`` and ``touchpoints`` compare the rating ``first`` with ``second``. ``low``
    and ``other`` are the shares with a contact by day 0, 1 … ``days`` after the ratings ``worst``
    and after the others, ``gaps`` their differences after `SOON` and ``days`` days. ``needs`` says
    why there is nothing to show, and is empty otherwise.
    """

    kind: ClassVar[str] = "warning"

    period: str
    min_base: int
    days: int = DAYS
    first: float = 3.0
    second: float = 4.0
    worst: tuple[float, float] = (1.0, 2.0)
    link: Link | None = None
    why: str = ""
    stages: tuple[Link, ...] = ()
    touchpoints: tuple[Link, ...] = ()
    answers: tuple[Answer, ...] = ()
    open: int = 0
    low: tuple[Estimate, ...] = ()
    other: tuple[Estimate, ...] = ()
    n_low: int = 0
    n_other: int = 0
    gaps: tuple[tuple[int, Estimate], ...] = ()
    alarms: tuple[Alarm, ...] = ()
    acted_before: Estimate = UNKNOWN
    acted_days: Estimate = UNKNOWN
    n_first_low: int = 0
    quality: Quality | None = None
    needs: str = ""


def find_warning(study: Study, days: int = DAYS) -> WarningFinding:
    """What came before the contacts of the study's period, as far as touches tell.

    Parameters
    ----------
    days
        How long after a touch a contact still counts.
    """
    period, base = period_title(study.period), study.config.metrics.min_base
    gap = follow_gap(study)
    if gap:
        return WarningFinding(period, base, days, needs=gap)
    whole = contact_effect(study, days).iloc[0]
    places = {
        by: contact_effect(study, days, by).to_dict("records")
        for by in ("stage", "touchpoint")
        if study.has("journeys", by)
    }
    shares = contacts_after_rating(study, days)
    waiting: Any = time_to_contact(study, tuple(range(days + 1))).set_index(["rating", "days"])
    before: Any = proactive_lead(study, days).set_index("metric")
    return WarningFinding(
        period=period,
        min_base=base,
        days=days,
        first=whole["from_rating"],
        second=whole["to_rating"],
        worst=worst_boxes(scale_of(study, "journeys", "rating")),
        link=_link("", whole),
        why=whole["note"],
        stages=tuple(_link(row["stage"], row) for row in places["stage"]),
        touchpoints=tuple(_link(row["touchpoint"], row) for row in places.get("touchpoint", ())),
        answers=tuple(
            Answer(row["rating"], row["n"], _estimate(row, "share"))
            for row in shares.to_dict("records")
        ),
        open=int(shares["open"].sum()),
        low=_curve(waiting, "low"),
        other=_curve(waiting, "other"),
        n_low=int(waiting.loc[("low", 0), "n"]),
        n_other=int(waiting.loc[("other", 0), "n"]),
        gaps=tuple(
            (day, _estimate(waiting.loc[("difference", day)], "share"))
            for day in sorted({min(SOON, days), days})
        ),
        alarms=tuple(alarm for rule in RULES if (alarm := _alarm(study, rule, days)) is not None),
        acted_before=_estimate(before.loc["acted_before"], "value"),
        acted_days=_estimate(before.loc["acted_lead_days"], "value"),
        n_first_low=int(before.loc["acted_before", "n"]),
        quality=_quality(contact_by_quality(study, days)),
    )


def _estimate(row: Any, name: str) -> Estimate:
    return Estimate(float(row[name]), float(row["conf_low"]), float(row["conf_high"]))


def _link(stage: str, row: Any) -> Link:
    return Link(
        stage,
        int(row["n"]),
        int(row["customers"]),
        int(row["followed"]),
        _estimate(row, "change"),
        float(row["p_adjusted"]),
    )


def _curve(waiting: Any, side: str) -> tuple[Estimate, ...]:
    rows = [_estimate(row, "share") for row in waiting.loc[side].to_dict("records")]
    return tuple(rows) if all(each.known for each in rows) else ()


def _alarm(study: Study, rule: str, days: int) -> Alarm | None:
    """An alarm that sounded often enough to be judged."""
    rows: Any = early_warning(study, rule, days).set_index("metric")
    if isnan(rows.loc["precision", "value"]):
        return None
    figures = {name: _estimate(rows.loc[name], "value") for name in rows.index}
    return Alarm(
        rule=rule,
        text=rule_text(study, rule),
        n=int(rows.loc["precision", "n"]),
        right=figures["precision"],
        base=figures["base_rate"],
        lift=figures["lift"],
        contacts=int(rows.loc["recall", "n"]),
        recall=figures["recall"],
        lead=figures["lead_days"],
        acted=figures["intervened"],
    )


def _quality(table: pd.DataFrame) -> Quality | None:
    if len(table) < 2:
        return None
    worst, best = (_estimate(table.iloc[place], "share") for place in (0, -1))
    low, high = difference_interval(
        worst.value, Interval(worst.low, worst.high), best.value, Interval(best.low, best.high)
    )
    difference = Estimate(worst.value - best.value, low, high)
    n_worst, n_best = (int(table["n"].iloc[place]) for place in (0, -1))
    return Quality(n_worst, n_best, worst, best, difference)
