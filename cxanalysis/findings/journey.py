"""The journey map: each stage in order, its weakest link, and where nobody was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.metrics import journey_map, weakest_link
from cxanalysis.metrics.journeys.own_scores import own_score_gap
from cxanalysis.metrics.rows import lacking
from cxanalysis.metrics.scales import ends, scale_of
from cxanalysis.study import Study

SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class Touchpoint:
    """One place where customers met the company, and its mean rating; unknown where withheld."""

    stage: str
    touchpoint: str
    touches: int
    n: int = 0
    rating: Estimate = UNKNOWN
    top_box: Estimate = UNKNOWN
    coverage: Estimate = UNKNOWN


@dataclass(frozen=True)
class Stage:
    """One stage of the map.

    ``n`` counts rated touches, ``coverage`` is their share of all; ``top_box`` is the share of
    the best answer among them. ``lowest`` is the worst rated touchpoint of the stage, where it
    has several that are not withheld.
    """

    stage: str
    touches: int
    customers: int
    n: int = 0
    coverage: Estimate = UNKNOWN
    rating: Estimate = UNKNOWN
    top_box: Estimate = UNKNOWN
    n_effort: int = 0
    effort: Estimate = UNKNOWN
    lowest: Touchpoint | None = None


@dataclass(frozen=True)
class Weakest:
    """The worst of several ratings: ``lead`` is how far the next one is better.

    ``rivals`` are those not told apart from it; the worst is clear without one.
    """

    name: str
    rating: float
    following: str
    lead: Estimate
    is_clear: bool
    rivals: tuple[str, ...] = ()


@dataclass(frozen=True)
class OwnScore:
    """What the company believes it gets at a stage: ``difference`` is that less the mean given.

    ``is_clear`` allows for all stages with such a score (Holm); unknown figures are withheld.
    """

    stage: str
    score: float
    n: int
    rating: float
    difference: Estimate
    is_clear: bool


@dataclass(frozen=True)
class JourneyFinding(Finding):
    """Every stage in the study's order.

    ``low`` and ``high`` bound the ratings; ``effort_scale`` those of effort. ``own_scores`` are
    the company's own, where the study file gives them. ``needs`` says why there is nothing to
    show, and is empty otherwise.
    """

    kind: ClassVar[str] = "journey"

    period: str
    min_base: int
    stages: tuple[Stage, ...] = ()
    low: float = 1.0
    high: float = 5.0
    higher_is_better: bool = True
    effort_scale: tuple[float, float] = (1.0, 7.0)
    has_ratings: bool = True
    weakest: Weakest | None = None
    weakest_touchpoint: Weakest | None = None
    own_scores: tuple[OwnScore, ...] = ()
    needs: str = ""


def find_journey(study: Study) -> JourneyFinding:
    """The study's journey map in its period, with the weakest stage and touchpoint."""
    period, base = period_title(study.period), study.config.metrics.min_base
    gap = lacking(study, "journeys")
    if gap is not None:
        return JourneyFinding(period, base, needs=gap)
    scale = scale_of(study, "journeys", "rating")
    low, high = ends(scale)
    points = touchpoints_of(study)
    return JourneyFinding(
        period=period,
        min_base=base,
        stages=tuple(
            _stage(row, _lowest(row["stage"], points, scale.higher_is_better))
            for row in journey_map(study).to_dict("records")
        ),
        low=low,
        high=high,
        higher_is_better=scale.higher_is_better,
        effort_scale=ends(scale_of(study, "journeys", "effort")),
        has_ratings=study.has("journeys", "rating"),
        weakest=_weakest(study, by_touchpoint=False),
        weakest_touchpoint=_weakest(study, by_touchpoint=True)
        if study.has("journeys", "touchpoint")
        else None,
        own_scores=_own_scores(study),
    )


def _own_scores(study: Study) -> tuple[OwnScore, ...]:
    return tuple(
        OwnScore(
            row["stage"],
            row["own_score"],
            row["n"],
            row["rating"],
            Estimate(row["difference"], row["conf_low"], row["conf_high"]),
            bool(row["p_adjusted"] < SIGNIFICANCE),
        )
        for row in own_score_gap(study).dropna(subset="difference").to_dict("records")
    )


def touchpoints_of(study: Study) -> tuple[Touchpoint, ...]:
    """Every touchpoint of the map; none where the journeys do not name them."""
    if not study.has("journeys", "touchpoint"):
        return ()
    return tuple(
        Touchpoint(
            row["stage"],
            row["touchpoint"],
            row["touches"],
            row["n"],
            _estimate(row, "rating"),
            _estimate(row, "top_box"),
            _estimate(row, "coverage"),
        )
        for row in journey_map(study, by_touchpoint=True).to_dict("records")
    )


def _lowest(stage: str, points: tuple[Touchpoint, ...], higher: bool) -> Touchpoint | None:
    rated = [each for each in points if each.stage == stage and each.rating.known]
    if len(rated) < 2:
        return None
    return min(rated, key=lambda each: each.rating.value if higher else -each.rating.value)


def _stage(row: Mapping[Any, Any], lowest: Touchpoint | None) -> Stage:
    return Stage(
        stage=row["stage"],
        touches=row["touches"],
        customers=row["customers"],
        n=row["n"],
        coverage=_estimate(row, "coverage"),
        rating=_estimate(row, "rating"),
        top_box=_estimate(row, "top_box"),
        n_effort=row["n_effort"],
        effort=_estimate(row, "effort"),
        lowest=lowest,
    )


def _estimate(row: Mapping[Any, Any], name: str) -> Estimate:
    return Estimate(row[name], row[f"{name}_low"], row[f"{name}_high"])


def _weakest(study: Study, *, by_touchpoint: bool) -> Weakest | None:
    found = weakest_link(study, by_touchpoint=by_touchpoint)
    if found.empty:
        return None
    row = found.iloc[0]
    return Weakest(
        name=row["stage"],
        rating=float(row["rating"]),
        following=row["next_stage"],
        lead=Estimate(*(float(row[name]) for name in ("difference", "conf_low", "conf_high"))),
        is_clear=bool(row["is_clear"]),
        rivals=row["rivals"],
    )
