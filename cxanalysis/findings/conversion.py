"""Who went on along the journey, and how many of those who began reached each stage."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import ClassVar

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.metrics import journey_completion, stage_conversion
from cxanalysis.metrics.journeys.conversion import WINDOW_DAYS
from cxanalysis.metrics.rows import lacking
from cxanalysis.study import Study


@dataclass(frozen=True)
class Step:
    """From one stage to the next: the share of ``n`` customers who took it, and how soon.

    ``later`` is the share that touched any later stage; unknown figures are withheld.
    """

    stage: str
    following: str
    n: int
    went_on: Estimate = UNKNOWN
    later: Estimate = UNKNOWN
    median_days: float = float("nan")


@dataclass(frozen=True)
class ConversionFinding(Finding):
    """Each step of the journey, and the share of those who began that reached each stage.

    Only customers count whose ``days`` after a stage end in the period. ``begun`` is how many
    began at the first stage; ``reached`` holds the stages after it. ``needs`` says why there is
    nothing to show, and is empty otherwise.
    """

    kind: ClassVar[str] = "conversion"

    period: str
    min_base: int
    days: int = WINDOW_DAYS
    steps: tuple[Step, ...] = ()
    first: str = ""
    begun: int = 0
    reached: tuple[tuple[str, Estimate], ...] = ()
    needs: str = ""


def find_conversion(study: Study, days: int = WINDOW_DAYS) -> ConversionFinding:
    """Who went on from each stage, in the study's period.

    Parameters
    ----------
    days
        How long after the first touch of a stage going on still counts.
    """
    period, base = period_title(study.period), study.config.metrics.min_base
    gap = lacking(study, "journeys")
    if gap is not None:
        return ConversionFinding(period, base, days, needs=gap)
    completion = journey_completion(study, days).to_dict("records")
    return ConversionFinding(
        period=period,
        min_base=base,
        days=days,
        steps=tuple(
            Step(
                row["stage"],
                row["next_stage"],
                row["n"],
                Estimate(row["share"], row["conf_low"], row["conf_high"]),
                Estimate(row["later_share"], row["later_low"], row["later_high"]),
                row["median_days"],
            )
            for row in stage_conversion(study, days).to_dict("records")
        ),
        first=completion[0]["stage"] if completion else "",
        begun=completion[0]["n"] if completion else 0,
        reached=tuple(
            (row["stage"], Estimate(row["share"], row["conf_low"], row["conf_high"]))
            for row in completion[1:]
            if not isnan(row["share"])
        ),
    )
