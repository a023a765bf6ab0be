"""Service and experience side by side: what service is of the journey, and where we listen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.metrics import experience_metrics, feedback_coverage, service_metrics
from cxanalysis.metrics.balance import WHOLE, listening_balance
from cxanalysis.metrics.journeys.touches import named_as_service
from cxanalysis.metrics.rows import lacking
from cxanalysis.metrics.scales import ends, scale_of
from cxanalysis.metrics.side_events import STAGE, sides_gap
from cxanalysis.metrics.sides import service_share
from cxanalysis.study import Study

SERVICE_FACTS = (
    "reactive",
    "contact_rate",
    "handle_time",
    "resolution_time",
    "first_contact_resolution",
    "first_reply",
    "abandonment",
)
EXPERIENCE_FACTS = ("overall_satisfaction", "nps", "ces")
CONTACTS_RATED = "contacts_rated"


@dataclass(frozen=True)
class Fact:
    """A figure of either side; ``unit`` as in `service_metrics`."""

    metric: str
    label: str
    unit: str
    n: int
    value: Estimate
    definition: str = ""
    note: str = ""


@dataclass(frozen=True)
class Place:
    """A stage of the journey, or service: its share of all touches, and of all that was said.

    ``touches`` and ``feedback`` are counts; shares are unknown where too few stand behind them.
    """

    name: str
    is_service: bool
    touches: int
    touch_share: Estimate = UNKNOWN
    feedback: int = 0
    feedback_share: Estimate = UNKNOWN
    owner: str = ""


@dataclass(frozen=True)
class SidesFinding(Finding):
    """What service is of the journey, and one figure of each for everything they differ in.

    ``difference`` is service's share of the feedback less its share of the touches; ``whole``
    counts answers about no single place. ``stages`` says at which stages contacts arise (share
    of the touches there). ``scale`` is that of the overall score. ``doubled`` is whether a contact
    may stand in the journeys as well as in the tickets. ``needs`` says why there is
    nothing to show, and is empty otherwise.
    """

    kind: ClassVar[str] = "sides"

    period: str
    min_base: int
    facts: tuple[Fact, ...] = ()
    n_stages: int = 0
    n_touchpoints: int = 0
    places: tuple[Place, ...] = ()
    difference: Estimate = UNKNOWN
    whole: int = 0
    stages: tuple[tuple[str, Estimate], ...] = ()
    scale: tuple[float, float] = (1.0, 5.0)
    doubled: bool = False
    needs: str = ""

    def fact(self, metric: str) -> Fact | None:
        """A figure that is known, by the name of its metric."""
        return next((each for each in self.facts if each.metric == metric), None)

    @property
    def service(self) -> Place | None:
        """The row of service."""
        return next((place for place in self.places if place.is_service), None)


def find_sides(study: Study) -> SidesFinding:
    """Service and experience side by side, in the study's period."""
    period, base = period_title(study.period), study.config.metrics.min_base
    gap = sides_gap(study)
    if gap:
        return SidesFinding(period, base, needs=gap)
    coverage, balance = study.once(feedback_coverage), listening_balance(study)
    met = coverage[coverage["table"] == "journeys"]
    rows = balance.to_dict("records")
    return SidesFinding(
        period=period,
        min_base=base,
        facts=tuple(fact for fact in _facts(study, coverage) if fact.value.known),
        n_stages=met["stage"].nunique(),
        n_touchpoints=len(met) if study.has("journeys", "touchpoint") else 0,
        places=tuple(_place(row) for row in rows if row["place"] != WHOLE),
        difference=_difference(balance),
        whole=int(balance.loc[balance["place"] == WHOLE, "feedback"].sum()),
        stages=_stages(study),
        scale=ends(scale_of(study, "surveys", "overall_satisfaction")),
        doubled="tickets" in study.tables and named_as_service(study),
    )


def _facts(study: Study, coverage: pd.DataFrame) -> list[Fact]:
    parts = [service_share(study)]
    if lacking(study, "tickets") is None:
        parts.append(service_metrics(study, only=SERVICE_FACTS))
    if lacking(study, "surveys") is None:
        said = experience_metrics(study, weighted=False)
        parts.append(said[said["metric"].isin(EXPERIENCE_FACTS)])
    facts = [_fact(row) for part in parts for row in part.to_dict("records")]
    return [*facts, *_rated(study, coverage)]


def _fact(row: Mapping[Any, Any]) -> Fact:
    return Fact(
        row["metric"],
        row["label"],
        row["unit"],
        row["n"],
        Estimate(row["value"], row["conf_low"], row["conf_high"]),
        row["definition"],
        row["note"],
    )


def _rated(study: Study, coverage: pd.DataFrame) -> list[Fact]:
    """How many of the contacts, and of the touches, were rated by those who had them."""
    found = []
    for table, columns, label in (
        ("tickets", ("csat",), "Contacts rated"),
        ("journeys", ("rating",), "Touches rated"),
    ):
        rows = coverage[coverage["table"] == table]
        n, rated = int(rows["touches"].sum()), int(rows["rated"].sum())
        if n >= study.config.metrics.min_base and study.has(table, *columns):
            metric = CONTACTS_RATED if table == "tickets" else "touches_rated"
            found.append(Fact(metric, label, "share", n, Estimate(rated / n)))
    return found


def _place(row: Mapping[Any, Any]) -> Place:
    return Place(
        row["place"],
        bool(row["is_service"]),
        int(row["touches"]),
        Estimate(row["touch_share"], row["touch_low"], row["touch_high"]),
        int(row["feedback"]),
        Estimate(row["feedback_share"], row["feedback_low"], row["feedback_high"]),
        row["owner"],
    )


def _difference(balance: pd.DataFrame) -> Estimate:
    rows = balance[balance["is_service"].astype(bool)]
    if rows.empty:
        return UNKNOWN
    return Estimate(*map(float, rows.iloc[0][["difference", "conf_low", "conf_high"]]))


def _stages(study: Study) -> tuple[tuple[str, Estimate], ...]:
    """Stages at which reasons arise, the one with most contacts for its touches first."""
    if sides_gap(study, STAGE):
        return ()
    named = {meaning.stage for meaning in study.config.reasons.values()}
    rows = service_share(study, STAGE)
    rows = rows[(rows["metric"] == "service_touches") & rows[STAGE].isin(named)].dropna(
        subset="value"
    )
    rows = rows.sort_values("value", ascending=False, kind="stable")
    return tuple(
        (row[STAGE], Estimate(row["value"], row["conf_low"], row["conf_high"]))
        for row in rows.to_dict("records")
    )
