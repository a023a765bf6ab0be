"""Where the journey hurts: places ranked by volume, severity and reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.metrics.journeys.touches import UNNAMED
from cxanalysis.metrics.pain import contacts_unplaced, pain_gap, pain_points
from cxanalysis.metrics.scales import scale_of, worst_boxes
from cxanalysis.study import Study

MOST = 12  # places shown one by one


@dataclass(frozen=True)
class Place:
    """A touchpoint: its three factors, their product, and how far that lies above the next."""

    stage: str
    touchpoint: str
    touches: int
    contacts: int
    volume: float
    contact_rate: float
    n: int
    severity: Estimate
    reach: float
    score: Estimate
    lead: Estimate = UNKNOWN
    is_apart: bool = False
    is_rival: bool = False

    @property
    def name(self) -> str:
        """The touchpoint, or the stage where touchpoints have no names."""
        return self.stage if self.touchpoint == UNNAMED else self.touchpoint


@dataclass(frozen=True)
class PainFinding(Finding):
    """Places with a score, the most painful first; ``needs`` says why there are none.

    ``others`` counts ranked places beyond those shown. ``unrated`` are places that nobody rates
    and contacts that followed a touch there, most contacts first; ``withheld`` have too few
    ratings. ``contacts_need`` says why contacts are left out.
    """

    kind: ClassVar[str] = "pain"

    period: str
    min_base: int
    worst: tuple[float, float] = (1.0, 2.0)
    places: tuple[Place, ...] = ()
    others: int = 0
    rivals: tuple[str, ...] = ()
    unrated: tuple[tuple[str, int], ...] = ()
    withheld: int = 0
    contacts_need: str = ""
    needs: str = ""


def find_pain(study: Study) -> PainFinding:
    """Where the study's journey hurts in its period."""
    period, base = period_title(study.period), study.config.metrics.min_base
    gap = pain_gap(study)
    if gap:
        return PainFinding(period, base, needs=gap)
    table = pain_points(study)
    ranked, rest = table[table["rank"].notna()], table[table["rank"].isna()]
    unrated = rest[rest["n"] == 0].sort_values("contacts", ascending=False, kind="stable")
    places = tuple(_place(row) for row in ranked.to_dict("records"))
    return PainFinding(
        period=period,
        min_base=base,
        worst=worst_boxes(scale_of(study, "journeys", "rating")),
        places=places[:MOST],
        others=max(len(places) - MOST, 0),
        rivals=tuple(each.name for each in places if each.is_rival),
        unrated=tuple(zip(unrated["touchpoint"], unrated["contacts"].astype(int), strict=True)),
        withheld=int((rest["n"] > 0).sum()),
        contacts_need=contacts_unplaced(study),
    )


def _place(row: Mapping[Any, Any]) -> Place:
    return Place(
        stage=row["stage"],
        touchpoint=row["touchpoint"],
        touches=row["touches"],
        contacts=row["contacts"],
        volume=row["volume"],
        contact_rate=row["contact_rate"],
        n=row["n"],
        severity=Estimate(row["severity"], row["severity_low"], row["severity_high"]),
        reach=row["reach"],
        score=Estimate(row["score"], row["score_low"], row["score_high"]),
        lead=Estimate(row["lead"], row["lead_low"], row["lead_high"]),
        is_apart=bool(row["is_apart"]),
        is_rival=bool(row["is_rival"]),
    )
