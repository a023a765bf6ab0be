"""What changed, in words: more than chance or not, and more than usual or not."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.changes import ChangesFinding
from cxanalysis.narrative.core import describe, footnotes, tabulate
from cxanalysis.narrative.moves import definition, figures_table, gaps, moves

_WHAT = {
    "service": "figures of service",
    "journey": "ratings by stage, nor promises",
}


@describe.register
def _describe(finding: ChangesFinding) -> tuple[str, ...]:
    if not finding.period_before:
        return ("**What changed cannot be told:** the report covers all dates.",)
    if not finding.figures and not finding.withheld:
        return (
            f"**Nothing to compare for {finding.period}**: there are no {_WHAT[finding.side]}.",
        )
    return (*moves(finding), *gaps(finding))


@tabulate.register
def _tabulate(finding: ChangesFinding) -> pd.DataFrame | None:
    return figures_table(finding) if finding.period_before else None


@footnotes.register
def _footnotes(finding: ChangesFinding) -> tuple[str, ...]:
    if not finding.period_before:
        return ()
    if finding.side == "service":
        return (
            "Each figure is counted as in the section on service, where its definition stands. "
            "Intervals and tests here take the customer as the unit, since one customer makes "
            "several contacts; in that section each contact counts as one, so the intervals of "
            "the same figures can differ.",
        )
    promises = [each for each in finding.figures if each.unit != "score"]
    rated = "*Ratings*: mean of the rated touches of a stage; n counts customers."
    return (*([rated] if len(promises) < len(finding.figures) else []), *map(definition, promises))
