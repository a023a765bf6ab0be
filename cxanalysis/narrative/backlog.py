"""The backlog in words: how much was open, since when, and how old."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.backlog import BacklogFinding, Point
from cxanalysis.narrative.core import caption, describe, tabulate
from cxanalysis.narrative.words import amount, counted, integer, sentence_case

_HOURS = 24  # in a day


@describe.register
def _describe(finding: BacklogFinding) -> tuple[str, ...]:
    if not finding.points:
        return (
            f"**What was open cannot be told for {finding.period}:** the data hold no time of "
            "solving, or end before the period does.",
        )
    last = finding.points[-1]
    were = "contact was" if last.open == 1 else "contacts were"
    paragraphs = [f"**{integer(last.open)} {were} open at the end of {_named(last)}.**"]
    if len(finding.points) > 1:
        before = finding.points[-2]
        paragraphs[0] += f" At the end of {_named(before)} there were {integer(before.open)}."
    if last.age_p50 == last.age_p50:
        paragraphs.append(
            f"Half of them had been open for longer than {days(last.age_p50)}, one in ten for "
            f"longer than {days(last.age_p90)}."
        )
    elif last.open:
        paragraphs.append(
            f"How old they were is withheld: fewer than {finding.min_base} were open."
        )
    paragraphs.append(
        "What was opened before the data begin is not seen, so the first counts may be too low. "
        "A contact that nobody marked as solved stays open here."
    )
    return tuple(paragraphs)


def _named(point: Point) -> str:
    return f"the {point.period}" if "quarter" in point.period else point.period


def days(value: float) -> str:
    """An age in the unit one would say: "40 min", "11.4 days"."""
    return amount(_HOURS * value, "hours")


@caption.register
def _caption(finding: BacklogFinding) -> str:
    return describe(finding)[0]


@tabulate.register
def _tabulate(finding: BacklogFinding) -> pd.DataFrame | None:
    if not finding.points:
        return None
    return pd.DataFrame(
        {
            "end of": sentence_case(point.period),
            "open": counted(point.open, "contact"),
            "half older than": days(point.age_p50),
            "one in ten older than": days(point.age_p90),
        }
        for point in finding.points
    )
