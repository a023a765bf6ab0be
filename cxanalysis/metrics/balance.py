"""Where customers are listened to, held against where they are met: service and every stage."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.metrics.contacts import customer_contacts, handled
from cxanalysis.metrics.intervals import normal_quantile
from cxanalysis.metrics.journeys.clusters import CUSTOMER, Ratio, covariances, ratios, share_limits
from cxanalysis.metrics.journeys.touches import at_service
from cxanalysis.metrics.listening import CONTACTS
from cxanalysis.metrics.rows import counted, during, lacking, of_segment
from cxanalysis.metrics.side_events import sides_gap
from cxanalysis.study import Study

Lazy = nw.LazyFrame[Any]
SURVEYS = "surveys about one thing"
"""Place of transactional answers about something that the study file does not name as service."""
WHOLE = "everything"
"""Place of relational answers, which are about no single place and enter no share."""
COLUMNS = (
    "place",
    "is_service",
    "owner",
    "touches",
    "touch_share",
    "touch_low",
    "touch_high",
    "feedback",
    "feedback_share",
    "feedback_low",
    "feedback_high",
    "difference",
    "conf_low",
    "conf_high",
    "note",
)
PARTS = ("mean", "variance", "n", "customers")
TOUCH, FEEDBACK = "touch", "feedback"


def listening_balance(study: Study) -> pd.DataFrame:
    """Share of the feedback that is collected at service, and the share of touches that are it.

    Feedback is what names the place it is about: ratings of touches in the journeys, ratings of
    contacts, and answers to transactional surveys, which count for service where the study file
    names their touchpoint as service. Touches are those of `service_share`, but of contacts only
    those that were handled: who gave up cannot rate. Both count in the study's period; the
    customer is the unit of all intervals, also of that of the difference.

    Returns
    -------
    DataFrame
        One row per stage of the journey with a touch, one for service (place "contacts with
        service"), one for other transactional answers where there are any, and a last one,
        "everything", with the number of answers about no single place. Columns: place,
        is_service, owner (as the study file names it), touches, touch_share with touch_low and
        touch_high, feedback (ratings and answers), feedback_share with feedback_low and
        feedback_high; difference (feedback share − touch share) with conf_low and conf_high, of
        the row of service only, so that one comparison is made; note. Empty where the study
        lacks a side; shares of fewer than ``min_base`` touches or ratings are withheld.
    """
    if sides_gap(study):
        return pd.DataFrame(columns=list(COLUMNS))
    frame = study.keep(_counts)
    table = collect(frame.group_by("what", "place").agg(n=nw.col("n").sum()))
    counts = table.set_index(["what", "place"])["n"]
    places = _in_order(study, set(table["place"]))
    inside = [_inside(place) for place in places]
    shares = ratios(frame, ["what"], {f"_{i}": each for i, each in enumerate(inside)})
    rows = []
    for i, place in enumerate(places):
        parts = {part: shares[f"_{i}_{part}"] for part in PARTS}
        rows.append(_row(study, frame, counts, place, pd.DataFrame(parts)))
    relational = _relational(study)
    if relational:
        rows.append({"place": WHOLE, "is_service": False, "feedback": relational})
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table[["owner", "note"]] = table[["owner", "note"]].fillna("")
    return table.fillna({"touches": 0, "feedback": 0}).astype({"touches": int, "feedback": int})


def _counts(study: Study) -> Lazy:
    """How many touches and how much feedback each customer has at each place."""
    frame = nw.concat([_touches(study), *_answers(study)])
    frame = frame.filter(~nw.col(CUSTOMER).is_null())
    return frame.group_by(CUSTOMER, "what", "place").agg(n=nw.len())


def _inside(place: str) -> Ratio:
    n = nw.col("n")
    return Ratio(n, n * counted(nw.col("place") == place))


def _of(frame: Lazy, what: str, place: nw.Expr) -> Lazy:
    return frame.select(CUSTOMER, nw.lit(what).alias("what"), place.alias("place"))


def _touches(study: Study) -> Lazy:
    parts = [_of(_journeys(study), TOUCH, nw.col("_place"))]
    if lacking(study, "tickets") is None:
        parts.append(_of(_tickets(study), TOUCH, nw.lit(CONTACTS)))
    return nw.concat(parts)


def _journeys(study: Study) -> Lazy:
    rows = of_segment(study, "journeys", study.tables["journeys"])
    rows = rows.filter(during(study, "occurred_at"))
    stage = nw.col("stage").cast(nw.String)
    place = nw.when(at_service(study)).then(nw.lit(CONTACTS)).otherwise(stage)
    return rows.with_columns(_place=place)


def _tickets(study: Study) -> Lazy:
    rows = of_segment(study, "tickets", customer_contacts(study))
    return rows.filter(during(study, "opened_at") & handled(study.columns["tickets"]))


def _answers(study: Study) -> list[Lazy]:
    """Everything that says which place it is about, a row each."""
    parts = []
    if study.has("journeys", "rating"):
        rated = _journeys(study).filter(~nw.col("rating").is_null())
        parts.append(_of(rated, FEEDBACK, nw.col("_place")))
    if study.has("tickets", "csat") and lacking(study, "tickets") is None:
        rated = _tickets(study).filter(~nw.col("csat").is_null())
        parts.append(_of(rated, FEEDBACK, nw.lit(CONTACTS)))
    if study.has("surveys", CUSTOMER, "kind", "responded_at") and not lacking(study, "surveys"):
        rows = _surveys(study).filter(_transactional())
        parts.append(_of(rows, FEEDBACK, _survey_place(study)))
    return parts


def _surveys(study: Study) -> Lazy:
    rows = of_segment(study, "surveys", study.tables["surveys"])
    return rows.filter(during(study, "responded_at"))


def _transactional() -> nw.Expr:
    return (nw.col("kind").cast(nw.String).str.to_lowercase() == "transactional").fill_null(False)


def _survey_place(study: Study) -> nw.Expr:
    named = study.config.service.touchpoints
    if not (named and study.has("surveys", "touchpoint")):
        return nw.lit(SURVEYS)
    at = nw.col("touchpoint").is_in(named).fill_null(False)
    return nw.when(at).then(nw.lit(CONTACTS)).otherwise(nw.lit(SURVEYS))


def _relational(study: Study) -> int:
    """Answers about everything: all where surveys have no kinds."""
    if lacking(study, "surveys") is not None or not study.has("surveys", "responded_at"):
        return 0
    rows = _surveys(study)
    rows = rows.filter(~_transactional()) if study.has("surveys", "kind") else rows
    return int(collect(rows.select(nw.len().alias("n")))["n"].iloc[0])


def _in_order(study: Study, found: set[str]) -> list[str]:
    stages = [stage for stage in study.config.stages if stage in found]
    others = sorted(found - set(stages) - {CONTACTS, SURVEYS})
    return [*stages, *others, CONTACTS, *([SURVEYS] if SURVEYS in found else [])]


def _row(
    study: Study, frame: Lazy, counts: pd.Series[Any], place: str, table: pd.DataFrame
) -> dict[str, Any]:
    low, high = share_limits(table["mean"], table["variance"], table["n"], table["customers"])
    limits = pd.DataFrame({"low": low, "high": high}, index=table.index)
    row: dict[str, Any] = {
        "place": place,
        "is_service": place == CONTACTS,
        "owner": _owner(study, place),
        "touches": counts.get((TOUCH, place), 0),
        "feedback": counts.get((FEEDBACK, place), 0),
        "note": "",
    }
    for what in (TOUCH, FEEDBACK):
        if what not in table.index:
            row["note"] = "no feedback that names its place"
        elif table["n"][what] < study.config.metrics.min_base:
            row["note"] = f"withheld: fewer than {study.config.metrics.min_base}"
        else:
            row[f"{what}_share"] = table["mean"][what]
            row[f"{what}_low"], row[f"{what}_high"] = limits.loc[what]
    if place == CONTACTS and not row["note"]:
        row |= _difference(frame, _inside(place), table)
    return row


def _owner(study: Study, place: str) -> str:
    """Who owns it: by the stage's name, of service that of how help went."""
    actions = study.config.actions
    names = ("service", "how help went", "needing help") if place == CONTACTS else (place,)
    return next((actions[name].owner for name in names if name in actions), "")


def _difference(frame: Lazy, inside: Ratio, table: pd.DataFrame) -> dict[str, float]:
    """Feedback share less touch share, of the same customers: their covariance counts."""
    means = table[["mean", "n", "customers"]].reindex([FEEDBACK, TOUCH])
    matrix = covariances(frame, ["what"], inside, means)
    error = float(np.sqrt(max(matrix[0, 0] + matrix[1, 1] - 2 * matrix[0, 1], 0.0)))
    gap = float(means["mean"].iloc[0] - means["mean"].iloc[1])
    reach = normal_quantile() * error
    return {"difference": gap, "conf_low": gap - reach, "conf_high": gap + reach}
