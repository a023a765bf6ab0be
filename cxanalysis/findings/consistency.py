"""How alike the touchpoints are rated, and the holes of the journey."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.findings.journey import Touchpoint, touchpoints_of
from cxanalysis.metrics import consistency_index, journey_holes
from cxanalysis.metrics.rows import lacking
from cxanalysis.metrics.scales import ends, scale_of
from cxanalysis.study import Study


@dataclass(frozen=True)
class Hole:
    """A touchpoint, or a whole stage, and why it is a hole.

    ``why`` is "below", "no ratings", "few ratings" or "no touches"; ``touchpoint`` is empty for
    a stage.
    """

    stage: str
    touchpoint: str
    why: str
    touches: int = 0
    n: int = 0
    rating: Estimate = UNKNOWN


@dataclass(frozen=True)
class ConsistencyFinding(Finding):
    """The index (0 to 1) and the standard deviation between touchpoints that it comes from.

    ``points`` are the touchpoints that are not withheld, worst first; ``line`` is the rating
    worse than which a touchpoint is a hole. ``needs`` says why there is no index, and is empty
    otherwise.
    """

    kind: ClassVar[str] = "consistency"

    period: str
    min_base: int
    index: Estimate = UNKNOWN
    spread: Estimate = UNKNOWN
    low: float = 1.0
    high: float = 5.0
    higher_is_better: bool = True
    line: float = 3.0
    points: tuple[Touchpoint, ...] = ()
    holes: tuple[Hole, ...] = ()
    needs: str = ""


def find_consistency(study: Study, below: float | None = None) -> ConsistencyFinding:
    """How alike the touchpoints are rated in the study's period, and where the holes are.

    Parameters
    ----------
    below
        The rating worse than which a touchpoint is a hole; the middle of the scale if left out.
    """
    period, base = period_title(study.period), study.config.metrics.min_base
    scale = scale_of(study, "journeys", "rating")
    low, high = ends(scale)
    line = (low + high) / 2 if below is None else below
    row = study.once(consistency_index).iloc[0]
    has_journeys = lacking(study, "journeys") is None
    rated = [each for each in (touchpoints_of(study) if has_journeys else ()) if each.rating.known]
    rated.sort(key=lambda each: each.rating.value, reverse=not scale.higher_is_better)
    return ConsistencyFinding(
        period=period,
        min_base=base,
        index=Estimate(*(float(row[name]) for name in ("index", "conf_low", "conf_high"))),
        spread=Estimate(*(float(row[name]) for name in ("spread", "spread_low", "spread_high"))),
        low=low,
        high=high,
        higher_is_better=scale.higher_is_better,
        line=line,
        points=tuple(rated),
        holes=_holes(study, line) if not row["note"].startswith("needs journeys") else (),
        needs=row["note"],
    )


def _holes(study: Study, line: float) -> tuple[Hole, ...]:
    return tuple(
        Hole(
            row["stage"],
            row["touchpoint"],
            row["why"],
            row["touches"],
            row["n"],
            Estimate(row["rating"], row["rating_low"], row["rating_high"]),
        )
        for row in journey_holes(study, line).to_dict("records")
    )
