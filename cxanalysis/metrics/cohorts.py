"""Customers who told how they feel, and what they did afterwards: one row each, one first moment.

A customer counts once, from the first answer (or rated contact) whose days of following end in
the study's period: only then is it known what became of it. Where the data end before the period
does, following ends with the data. Without a period every customer's first answer counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import narwhals as nw
import numpy as np
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.metrics.contacts import COMPANY, customer_contacts
from cxanalysis.metrics.experience import DETRACTOR, PROMOTER
from cxanalysis.metrics.figures import left_out
from cxanalysis.metrics.followup import gone_at, records
from cxanalysis.metrics.rows import DAY_US, lacking, of_segment, refuse_days, refuse_unknown
from cxanalysis.metrics.scales import boxes, scale_of, worst_boxes
from cxanalysis.study import Study, segment_columns
from cxanalysis.tables import CONTRACTS

Lazy = nw.LazyFrame[Any]
By = Literal["overall", "csat", "nps", "joint"]
Outcome = Literal["stays", "returns"]
GOOD, MIDDLE, POOR = "high", "middle", "low"
PROMOTERS, PASSIVES, DETRACTORS = "promoters", "passives", "detractors"
BANDS: dict[str, tuple[str, ...]] = {
    "overall": (GOOD, MIDDLE, POOR),
    "csat": (GOOD, MIDDLE, POOR),
    "nps": (PROMOTERS, PASSIVES, DETRACTORS),
    "joint": ("both good", "service good", "journey good", "neither good"),
}
"""What customers are told apart by, and its bands, the best first."""
SCORES = {"overall": "overall_satisfaction", "csat": "csat", "nps": "nps"}


@dataclass(frozen=True)
class Cohort:
    """Customers with the band they are in and what became of them.

    ``frame`` has customer_id, band, at_us (microseconds), days (followed, or until it happened),
    ended (whether it did) and, where known, tenure_days and the customers' segments in
    ``segments``. Where purchases are looked up: bought (whether one is on record by at_us),
    again_days (to the next) and seen_days (to the data's end). ``note`` says who was left out.
    """

    frame: pd.DataFrame
    segments: tuple[str, ...] = ()
    note: str = ""


def outcome_of(study: Study) -> Outcome:
    """What tells whether customers are kept: their last day or, without it, another purchase."""
    ends = study.has("customers", "active_to")
    return "stays" if ends or not study.has("journeys", "customer_id") else "returns"


def cohort_gap(study: Study, by: By, outcome: Outcome) -> str:
    """What it takes to follow customers by ``by``; empty where nothing is missing."""
    refuse_unknown("band of customers by", by, BANDS)
    refuse_unknown("outcome", outcome, ("stays", "returns"))
    needs = {"stays": [("customers", "active_to")], "returns": [("journeys", "customer_id")]}
    wanted = needs[outcome] + _needs(study, by)
    absent = [f"needs {table}.{column}" for table, column in wanted if not study.has(table, column)]
    tables = dict.fromkeys(table for table, _ in wanted)
    if absent:
        return absent[0]
    if outcome == "returns" and study.config.journey.purchase not in study.config.stages:
        return f"needs a stage {study.config.journey.purchase!r}, or journey.purchase"
    return next((gap for gap in (lacking(study, table) for table in tables) if gap), "")


def follow(study: Study, by: By, days: int, outcome: Outcome, *, purchases: bool = False) -> Cohort:
    """The customers whose ``days`` of following end in the study's period.

    `cohort_gap` says beforehand whether that is possible. With ``purchases`` those who stay are
    also looked up at the purchase stage, for `returning`. Who returns must have bought before.
    """
    refuse_days(days)
    end = records(study)[1]
    first = study.keep(first_told, by, days)
    if purchases and outcome == "stays":
        first = _add_again(study, first, end)
    rows = _stay(study, first, end) if outcome == "stays" else _return(study, first, end)
    frame = collect(rows)
    bands = np.array([*BANDS[by], ""], dtype=object)
    frame["band"] = bands[_band(study, by, frame)]
    frame = frame[frame["band"] != ""]
    if outcome == "stays":
        away, why = (frame["days"] <= 0) & frame["ended"], "who had left before"
    else:
        away, why = ~frame["bought"], "without a purchase before"
    note = left_out(int(away.sum()), "customer", "customers", why)
    segments = tuple(name for name in _segments(study) if name in frame)
    return Cohort(frame[~away].reset_index(drop=True), segments, note)


def returning(cohort: Cohort) -> Cohort:
    """Those who had bought before, followed to the next purchase; made with ``purchases``."""
    frame = cohort.frame[cohort.frame["bought"]].reset_index(drop=True)
    again = frame["again_days"]
    frame = frame.assign(days=again.fillna(frame["seen_days"]), ended=again.notna())
    return replace(cohort, frame=frame)


def purchases_told(study: Study) -> bool:
    """Whether a purchase can be told from what follows it, such as its delivery."""
    return study.has("journeys", "initiator")


# --- who told what, and when ---------------------------------------------------------------


def first_told(study: Study, by: By, days: int) -> Lazy:
    """Who told what first: customer_id, at_us and score; for "joint" journey, the mean before."""
    first = _first(_told(study, by), study, days, records(study)[1])
    return _add_journey(study, first) if by == "joint" else first


def _needs(study: Study, by: By) -> list[tuple[str, str]]:
    if by == "joint":
        return [
            ("tickets", "customer_id"),
            ("tickets", "csat"),
            ("journeys", "customer_id"),
            ("journeys", "rating"),
        ]
    table = _table(study, by)
    time = "opened_at" if table == "tickets" else "responded_at"
    return [(table, "customer_id"), (table, time), (table, SCORES[by])]


def _table(study: Study, by: By) -> str:
    rated = by in ("csat", "joint") and study.has("tickets", "csat", "customer_id")
    return "tickets" if rated or by == "joint" else "surveys"


def _told(study: Study, by: By) -> Lazy:
    """Every score given: customer_id, at_us, score and, for ``joint``, journey."""
    table = _table(study, by)
    score = "csat" if by == "joint" else SCORES[by]
    rows = customer_contacts(study) if table == "tickets" else study.tables[table]
    rows = of_segment(study, table, rows)
    moment = nw.col("opened_at" if table == "tickets" else "responded_at")
    if study.has(table, "solved_at"):  # a contact is rated once it is over
        moment = nw.coalesce(nw.col("solved_at"), moment)
    known = rows.filter(
        ~nw.col("customer_id").is_null() & ~nw.col(score).is_null() & ~moment.is_null()
    )
    told = known.select("customer_id", at_us=moment, score=nw.col(score).cast(nw.Float64))
    # Two answers at one instant count as their mean.
    return told.group_by("customer_id", "at_us").agg(nw.col("score").mean())


def rated_contacts(study: Study) -> Lazy:
    """Every rated contact: customer_id, at_us (when it was solved, else opened), contact."""
    return _told(study, "joint").rename({"score": "contact"})


def satisfied(study: Study, table: str, score: str, values: Any) -> np.ndarray[Any, Any]:
    """Which scores, or means of scores, reach the answers that count as satisfied."""
    low, high = boxes(scale_of(study, table, score))
    better = scale_of(study, table, score).higher_is_better
    known = np.asarray(values, float)
    reached: np.ndarray[Any, Any] = known >= low if better else known <= high
    return reached


def _first(told: Lazy, study: Study, days: int, end: int) -> Lazy:
    moment, window = nw.col("at_us"), days * DAY_US
    told = told.filter(moment < end)
    if study.period is not None:
        inside = (moment + window >= study.period.start_us) & (
            moment + window < study.period.end_us
        )
        told = told.filter(inside)
    first = told.group_by("customer_id").agg(at_us=moment.min())
    return told.join(first, on=["customer_id", "at_us"], how="inner")


def _add_journey(study: Study, first: Lazy) -> Lazy:
    """Add the mean rating of each customer's touches in the lookback days before ``at_us``."""
    window = study.config.model.lookback_days * DAY_US
    moment, at = nw.col("occurred_at"), nw.col("at_us")
    rated = study.tables["journeys"].filter(~nw.col("rating").is_null())
    rated = rated.select("customer_id", "occurred_at", rating=nw.col("rating").cast(nw.Float64))
    before = first.select("customer_id", "at_us").join(rated, on="customer_id", how="inner")
    before = before.filter((moment < at) & (moment >= at - window))
    means = before.group_by("customer_id").agg(journey=nw.col("rating").mean())
    return first.join(means, on="customer_id", how="inner")


def nps_place(score: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Place in `BANDS` of each answer on the NPS question."""
    return np.select([score >= PROMOTER, score <= DETRACTOR], [0, 2], 1)


def _band(study: Study, by: By, frame: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Place of each customer's band in `BANDS`."""
    score = frame["score"].to_numpy(float)
    if by == "nps":
        return nps_place(score)
    table = _table(study, by)
    service = satisfied(study, table, "csat" if by == "joint" else SCORES[by], score)
    if by == "joint":
        journey = satisfied(study, "journeys", "rating", frame["journey"])
        return np.where(service, 0, 2) + np.where(journey, 0, 1)
    low, high = worst_boxes(scale_of(study, table, SCORES[by]))
    return np.select([service, (score >= low) & (score <= high)], [0, 2], 1)


# --- what they did afterwards --------------------------------------------------------------


def _segments(study: Study) -> list[str]:
    """Segments of the customers, the company's own columns before those of the contract."""
    if "customers" not in study.tables:
        return []
    names = segment_columns(study, "customers")
    return sorted(names, key=lambda name: CONTRACTS["customers"].column(name) is not None)


def _stay(study: Study, first: Lazy, end: int) -> Lazy:
    """Until the customer's last day was over; one that lies after the data has not come yet."""
    rows = _with_traits(study, first, "inner", ("active_to",))
    left = (gone_at() <= end).fill_null(False)
    until = nw.when(left).then(gone_at()).otherwise(nw.lit(end))
    days = (until - nw.col("at_us")).cast(nw.Float64) / DAY_US
    return rows.with_columns(days=days, ended=left).drop("active_to")


def _return(study: Study, first: Lazy, end: int) -> Lazy:
    """Until the next purchase; who leaves counts as not returning."""
    rows = _with_traits(study, _add_again(study, first, end), "left")
    again = nw.col("again_days")
    days = nw.when(again.is_null()).then(nw.col("seen_days")).otherwise(again)
    return rows.with_columns(days=days, ended=~again.is_null())


def _add_again(study: Study, rows: Lazy, end: int) -> Lazy:
    """Add whether they had bought by then, the days to the next purchase, and to the data's end."""
    at, when = nw.col("at_us"), nw.col("occurred_at")
    each = rows.select("customer_id", "at_us").join(
        study.keep(_purchases), on="customer_id", how="inner"
    )
    each = each.with_columns(
        _before=nw.when(when <= at).then(when), _again=nw.when(when > at).then(when)
    )
    found = each.group_by("customer_id").agg(nw.col("_before").max(), nw.col("_again").min())
    rows = rows.join(found, on="customer_id", how="left")
    spans = {"again_days": nw.col("_again"), "seen_days": nw.lit(end)}
    rows = rows.with_columns(
        bought=~nw.col("_before").is_null(),
        **{name: (until - at).cast(nw.Float64) / DAY_US for name, until in spans.items()},
    )
    return rows.drop("_before", "_again")


def _purchases(study: Study) -> Lazy:
    """Touches at the purchase stage, without those the company began: they follow a purchase."""
    bought = study.tables["journeys"].filter(nw.col("stage") == study.config.journey.purchase)
    if purchases_told(study):
        who = nw.col("initiator").cast(nw.String).str.to_lowercase()
        bought = bought.filter((who != COMPANY).fill_null(True))
    return bought.select("customer_id", "occurred_at")


def _with_traits(
    study: Study, rows: Lazy, how: Literal["inner", "left"], more: tuple[str, ...] = ()
) -> Lazy:
    """Add what the customers table holds of each, where there is one."""
    if "customers" not in study.tables:
        return rows
    since = ["active_from"] if study.has("customers", "active_from") else []
    known = study.tables["customers"].select("customer_id", *more, *since, *_segments(study))
    rows = rows.join(known, on="customer_id", how=how)
    if not since:
        return rows
    tenure = (nw.col("at_us") - nw.col("active_from")).cast(nw.Float64) / DAY_US
    return rows.with_columns(tenure_days=tenure).drop("active_from")
