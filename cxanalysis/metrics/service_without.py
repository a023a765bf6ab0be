"""Help without a contact, and time between contacts: what most exports say little about."""

from __future__ import annotations

import narwhals as nw

from cxanalysis.metrics.contacts import customer_contacts
from cxanalysis.metrics.figures import Definition, Figure, share
from cxanalysis.metrics.parts import SETTING, Figures, needed
from cxanalysis.metrics.rows import (
    HOUR_US,
    counted,
    during,
    grouped,
    lacking,
    of_segment,
    totals,
    whole,
)
from cxanalysis.metrics.service_outcomes import last_us
from cxanalysis.study import Study

KEY = ("customer_id", "occurred_at")


def definitions(study: Study) -> tuple[Definition, ...]:
    """Self-service and occupancy."""
    places, hours = study.config.service.self_service, study.config.service.self_service_hours
    return (
        Definition(
            "self_service",
            "Self-service without a contact",
            "share",
            f"visits to self-service ({', '.join(places)}) without a contact of that customer in "
            f"the {hours:g} hours after ÷ visits; no contact may also mean giving up",
            (
                "customer_id",
                "journeys.customer_id",
                *needed(places, f"{SETTING}list of self_service touchpoints or channels"),
            ),
        ),
        Definition(
            "occupancy",
            "Occupancy",
            "share",
            "time handling contacts ÷ time handling or free for the next one",
            ("a table of agents' time (free, on break), which no export of contacts holds",),
        ),
    )


def figures(study: Study, by: str | None) -> Figures:
    """Self-service by group; empty where visits have no such column to group by."""
    known = by is None or study.has("journeys", by) or study.has("customers", by)
    if not known or lacking(study, "journeys") is not None:
        return {}
    places, after_us = (
        study.config.service,
        round(study.config.service.self_service_hours * HOUR_US),
    )
    visits = of_segment(study, "journeys", study.tables["journeys"])
    visits = visits.filter(during(study, "occurred_at"))
    visits = visits.filter(nw.col("occurred_at") <= last_us(study) - after_us)
    columns = [name for name in ("touchpoint", "channel") if study.has("journeys", name)]
    marks = [nw.col(name).cast(nw.String).is_in(list(places.self_service)) for name in columns]
    visits = visits.filter(nw.any_horizontal(*marks, ignore_nulls=True))
    visits = grouped(study, "journeys", visits, by).with_columns(_one=nw.lit(1))
    contacts = customer_contacts(study).select("customer_id", "opened_at")
    followed = (
        visits.select(*KEY)
        .join(contacts, on="customer_id", how="inner")
        .filter(
            nw.col("opened_at") >= nw.col("occurred_at"),
            nw.col("opened_at") <= nw.col("occurred_at") + after_us,
        )
        .select(*KEY)
        .unique()
        .with_columns(_followed=nw.lit(1))
    )
    visits = visits.join(followed, on=list(KEY), how="left")
    visits = visits.with_columns(_alone=counted(nw.col("_followed").is_null()))
    sums = totals(visits, {"hit": nw.col("_alone").sum(), "n": nw.col("_one").sum()})
    found: dict[str, dict[str, Figure]] = {}
    for group, row in sums.to_dict("index").items():
        found[str(group)] = {"self_service": share(whole(row["hit"]), whole(row["n"]))}
    return found
