"""Feedback coverage: which touches customers rated, and which touchpoints nobody listens to."""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.metrics.contacts import customer_contacts, handled
from cxanalysis.metrics.figures import share, withhold
from cxanalysis.metrics.journeys import journey_map
from cxanalysis.metrics.journeys.touches import at_service, named_as_service, touches
from cxanalysis.metrics.rows import counted, during, lacking, of_segment
from cxanalysis.study import Study

CONTACTS = "contacts with service"
"""The stage under which contacts from the tickets stand, by channel."""
COLUMNS = (
    "table",
    "stage",
    "touchpoint",
    "is_service",
    "touches",
    "rated",
    "coverage",
    "conf_low",
    "conf_high",
    "is_deaf",
)


def feedback_coverage(study: Study) -> pd.DataFrame:
    """Rated touches ÷ touches in the study's period, by stage and touchpoint.

    A touch of the journeys is rated where its rating is known. A contact that was handled is a
    touch too, rated where its CSAT is; contacts stand after the journeys, by channel. Answers to
    surveys that name no single touch are not counted, since no touch can be told by them.

    Returns
    -------
    DataFrame
        One row per touchpoint: table ("journeys" or "tickets"), stage, touchpoint, is_service
        (contacts, and what the study file names as service), touches, rated, coverage with
        conf_low and conf_high (of the journeys with the customer as the unit, as `journey_map`;
        withheld below ``min_base`` touches), is_deaf (``min_base`` touches or more, none of
        them rated).
    """
    parts = []
    if lacking(study, "journeys") is None:
        parts.append(_of_journeys(study))
    if lacking(study, "tickets") is None:
        parts.append(_of_tickets(study))
    parts = [part for part in parts if len(part)]
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    found = pd.concat(parts, ignore_index=True)
    is_deaf = (found["touches"] >= study.config.metrics.min_base) & (found["rated"] == 0)
    return found.assign(is_deaf=is_deaf)[list(COLUMNS)]


def _of_journeys(study: Study) -> pd.DataFrame:
    found = journey_map(study, by_touchpoint=True)
    found = found[found["touches"] > 0]
    return pd.DataFrame(
        {
            "table": "journeys",
            "stage": found["stage"],
            "touchpoint": found["touchpoint"],
            "is_service": _mostly_service(study, found),
            "touches": found["touches"].astype(int),
            "rated": found["n"].fillna(0).astype(int),
            "coverage": found["coverage"],
            "conf_low": found["coverage_low"],
            "conf_high": found["coverage_high"],
        }
    )


def _mostly_service(study: Study, cells: pd.DataFrame) -> list[bool]:
    """Whether more than half of the touches of each cell are at service, by channel or name."""
    if not named_as_service(study):
        return [False] * len(cells)
    counts = collect(
        touches(study)
        .with_columns(_service=counted(at_service(study)), stage=nw.col("stage").cast(nw.String))
        .group_by("stage", "touchpoint")
        .agg(nw.col("_service").sum().alias("_service"), nw.len().alias("_all"))
    ).set_index(["stage", "touchpoint"])
    mostly = (2 * counts["_service"] > counts["_all"]).to_dict()
    return [
        mostly.get(cell, False) for cell in zip(cells["stage"], cells["touchpoint"], strict=True)
    ]


def _of_tickets(study: Study) -> pd.DataFrame:
    contacts = of_segment(study, "tickets", customer_contacts(study))
    contacts = contacts.filter(during(study, "opened_at") & handled(study.columns["tickets"]))
    channel = nw.col("channel").cast(nw.String) if study.has("tickets", "channel") else None
    given = ~nw.col("csat").is_null() if study.has("tickets", "csat") else nw.lit(False)
    counts = collect(
        contacts.with_columns(
            touchpoint=nw.lit("all channels") if channel is None else channel.fill_null("unknown"),
            _rated=counted(given),
        )
        .group_by("touchpoint")
        .agg(touches=nw.len(), rated=nw.col("_rated").sum())
    )
    least = study.config.metrics.min_base
    figures = [
        withhold(share(int(row["rated"]), int(row["touches"])), least)
        for row in counts.to_dict("records")
    ]
    return counts.assign(
        table="tickets",
        stage=CONTACTS,
        is_service=True,
        coverage=[figure.value for figure in figures],
        conf_low=[figure.conf_low for figure in figures],
        conf_high=[figure.conf_high for figure in figures],
    ).sort_values("touchpoint")
