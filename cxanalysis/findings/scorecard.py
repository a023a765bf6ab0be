"""The scorecard: the period's figures, the period before, and what moved beyond noise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.metrics.experience import nps_mix
from cxanalysis.metrics.scorecard import EIGHT, scorecard
from cxanalysis.study import Study

NEEDS = "needs "
STANDS_IN = "contact_csat"  # for the CSAT of a survey, where only contacts were rated


@dataclass(frozen=True)
class Figure:
    """One figure of the scorecard in this period and the one before.

    ``leads`` is true of the eight figures that stand first. ``unit`` is "share" (0 to 1),
    "points", "seconds", "hours" or "score" for a mean on its scale; ``word`` is "up", "down",
    "no clear change" or "no comparison".
    """

    metric: str
    label: str
    unit: str
    n: int
    now: Estimate
    before: Estimate = UNKNOWN
    n_before: int = 0
    difference: Estimate = UNKNOWN
    word: str = "no comparison"
    definition: str = ""
    note: str = ""
    leads: bool = True


@dataclass(frozen=True)
class Missing:
    """A figure that the study's columns do not allow, and what it would need."""

    label: str
    needs: str


@dataclass(frozen=True)
class ScorecardFinding(Finding):
    """The figures of a period.

    ``nps_mix`` holds the shares of detractors, passives and promoters behind the NPS, empty
    where there is none to show.
    """

    kind: ClassVar[str] = "scorecard"

    period: str
    period_before: str
    min_base: int
    figures: tuple[Figure, ...] = ()
    withheld: tuple[Figure, ...] = ()
    missing: tuple[Missing, ...] = ()
    nps_mix: tuple[float, ...] = ()


def find_scorecard(study: Study) -> ScorecardFinding:
    """The study's figures in its period beside those of the period before."""
    rows = scorecard(study).to_dict("records")
    absent = [row for row in rows if row["note"].startswith(NEEDS)]
    first = {*EIGHT} if any(row["metric"] == "csat" for row in rows) else {*EIGHT, STANDS_IN}
    figures = [_figure(row, row["metric"] in first) for row in rows if row not in absent]
    return ScorecardFinding(
        period=period_title(study.period),
        period_before=period_title(study.period.previous()) if study.period else "",
        min_base=study.config.metrics.min_base,
        figures=tuple(figure for figure in figures if figure.now.known),
        withheld=tuple(figure for figure in figures if not figure.now.known),
        missing=tuple(Missing(row["label"], row["note"].removeprefix(NEEDS)) for row in absent),
        nps_mix=nps_mix(study) or (),
    )


def _figure(row: Mapping[Any, Any], leads: bool) -> Figure:
    return Figure(
        metric=row["metric"],
        label=row["label"],
        unit=row["unit"],
        n=row["n"],
        now=Estimate(row["value"], row["conf_low"], row["conf_high"]),
        before=Estimate(row["previous"]),
        n_before=row["n_previous"],
        difference=Estimate(row["difference"], row["difference_low"], row["difference_high"]),
        word=row["word"],
        definition=row["definition"],
        note=row["note"],
        leads=leads,
    )
