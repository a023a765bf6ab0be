"""The scorecard: the period's figures, the period before, and what moved beyond noise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.metrics.change import DOWN, UP
from cxanalysis.metrics.control import LEAST_RANGES
from cxanalysis.metrics.experience import nps_mix
from cxanalysis.metrics.history import earlier_figures, earlier_periods, values_of
from cxanalysis.metrics.mix import GONE, MIX, NEW, WITHIN, mix_within, segments_of
from cxanalysis.metrics.paired import paired_change
from cxanalysis.metrics.scorecard import EIGHT, scorecard
from cxanalysis.study import Study

NEEDS = "needs "
MOST_SPLITS = 3  # columns, the first ones: a sentence cannot hold more
SPLIT, MOVED = ("nps", "csat"), (UP, DOWN)
STANDS_IN = "contact_csat"  # for the CSAT of a survey, where only contacts were rated


@dataclass(frozen=True)
class Figure:
    """One figure of the scorecard in this period and the one before.

    ``leads`` is true of the eight figures that stand first. ``unit`` is "share" (0 to 1),
    "points", "seconds", "hours" or "score" for a mean on its scale; ``word`` is "up", "down",
    "no clear change" or "no comparison". ``usual_low`` and ``usual_high`` bound what the figure
    usually does from period to period, by its ``n_earlier`` earlier periods; ``beyond_usual``
    is None where these are too few to tell.
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
    usual_low: float = nan
    usual_high: float = nan
    beyond_usual: bool | None = None
    n_earlier: int = 0


@dataclass(frozen=True)
class Mix:
    """The part of a change that the mix of respondents by ``segments`` accounts for.

    ``within`` is what changed within the segments, ``alone`` what segments account for that
    answered in one of the two periods only.
    """

    metric: str
    segments: str
    mix: Estimate
    within: Estimate
    alone: float = 0.0


@dataclass(frozen=True)
class Paired:
    """The change of a score among the ``n`` customers who answered in both periods."""

    label: str
    unit: str
    n: int
    difference: Estimate


@dataclass(frozen=True)
class Missing:
    """A figure that the study's columns do not allow, and what it would need."""

    label: str
    needs: str


@dataclass(frozen=True)
class ScorecardFinding(Finding):
    """The figures of a period.

    ``nps_mix`` holds the shares of detractors, passives and promoters behind the NPS, empty
    where there is none to show. ``every`` is "month", "quarter" or "year", empty for all dates;
    with fewer than ``periods_needed`` earlier ones nothing is said of usual movement.
    ``nps_before`` holds the NPS of earlier periods (title, value), oldest first, where
    its usual movement is known; ``mixes`` splits the changes of NPS and CSAT that are more than
    sampling error. ``paired`` has what changed among customers who answered in both periods.
    """

    kind: ClassVar[str] = "scorecard"

    period: str
    period_before: str
    min_base: int
    figures: tuple[Figure, ...] = ()
    withheld: tuple[Figure, ...] = ()
    missing: tuple[Missing, ...] = ()
    nps_mix: tuple[float, ...] = ()
    every: str = ""
    periods_needed: int = LEAST_RANGES + 1
    nps_before: tuple[tuple[str, float], ...] = ()
    mixes: tuple[Mix, ...] = ()
    paired: tuple[Paired, ...] = ()


def find_scorecard(study: Study) -> ScorecardFinding:
    """The study's figures in its period beside those of the period before."""
    rows = scorecard(study).to_dict("records")
    absent = [row for row in rows if row["note"].startswith(NEEDS)]
    first = {*EIGHT} if any(row["metric"] == "csat" for row in rows) else {*EIGHT, STANDS_IN}
    figures = [figure_of(row, row["metric"] in first) for row in rows if row not in absent]
    return ScorecardFinding(
        period=period_title(study.period),
        period_before=period_title(study.period.previous()) if study.period else "",
        min_base=study.config.metrics.min_base,
        figures=tuple(figure for figure in figures if figure.now.known),
        withheld=tuple(figure for figure in figures if not figure.now.known),
        missing=tuple(Missing(row["label"], row["note"].removeprefix(NEEDS)) for row in absent),
        nps_mix=nps_mix(study) or (),
        every=study.period.kind if study.period else "",
        nps_before=_nps_before(study, figures),
        mixes=_mixes(study, figures),
        paired=_paired(study),
    )


def _paired(study: Study) -> tuple[Paired, ...]:
    rows = paired_change(study).to_dict("records")
    found = [
        Paired(
            row["label"],
            row["unit"],
            row["n"],
            Estimate(row["difference"], row["conf_low"], row["conf_high"]),
        )
        for row in rows
    ]
    return tuple(each for each in found if each.difference.known)


def figure_of(row: Mapping[Any, Any], leads: bool) -> Figure:
    """A row of `scorecard`, or of a table made like it, as a figure."""
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
        usual_low=row["usual_low"],
        usual_high=row["usual_high"],
        beyond_usual=row["beyond_usual"],
        n_earlier=row["n_earlier"],
    )


def _nps_before(study: Study, figures: list[Figure]) -> tuple[tuple[str, float], ...]:
    if not any(figure.metric == "nps" and figure.beyond_usual is not None for figure in figures):
        return ()
    scores = values_of(earlier_figures(study, ("surveys",)), "nps")
    periods = [period_title(period) for period in earlier_periods(study)]
    first = int((~np.isnan(scores)).argmax())
    return tuple(zip(periods[first:], map(float, scores[first:]), strict=True))


def _mixes(study: Study, figures: list[Figure]) -> tuple[Mix, ...]:
    moved = [each.metric for each in figures if each.metric in SPLIT and each.word in MOVED]
    if not moved:
        return ()
    found = []
    for by in segments_of(study)[:MOST_SPLITS]:
        parts = mix_within(study, by).set_index("metric")
        found += [_mix(parts.loc[[metric]], metric, by) for metric in moved]
    return tuple(mix for mix in found if mix is not None)


def _mix(parts: pd.DataFrame, metric: str, by: str) -> Mix | None:
    whole = parts[parts["segment"] == ""].set_index("part")
    if MIX not in whole.index:
        return None
    alone = parts[parts["part"].isin([NEW, GONE])]["estimate"].sum()
    mix, within = (
        Estimate(*map(float, whole.loc[part, ["estimate", "conf_low", "conf_high"]]))
        for part in (MIX, WITHIN)
    )
    return Mix(metric, by, mix, within, float(alone))
