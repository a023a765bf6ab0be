"""Who went on along the journey, in words."""

from __future__ import annotations

import math

import pandas as pd

from cxanalysis.findings.conversion import ConversionFinding, Step
from cxanalysis.findings.core import Estimate
from cxanalysis.narrative.core import describe, footnotes, tabulate
from cxanalysis.narrative.words import (
    cited,
    counted,
    digits_of,
    in_words,
    integer,
    interval,
    listed,
    name,
    percent,
    sentence_case,
    small,
    with_interval,
)


@describe.register
def _describe(finding: ConversionFinding) -> tuple[str, ...]:
    if finding.needs:
        return (f"**Who went on cannot be told:** it {in_words(finding.needs)}.",)
    if not finding.steps:
        return ("**Who went on cannot be told:** that takes touches at two stages or more.",)
    known = [step for step in finding.steps if step.went_on.known]
    if not known:
        return (
            f"**Who went on cannot be told for {finding.period}:** at no stage are there "
            f"{finding.min_base} customers whose {finding.days} days after it ended then.",
        )
    paragraphs = [_headline(known, finding.days), _reached(finding), _withheld(finding)]
    return tuple(paragraph for paragraph in paragraphs if paragraph)


@tabulate.register
def _tabulate(finding: ConversionFinding) -> pd.DataFrame | None:
    rows = [_row(step) for step in finding.steps if step.went_on.known]
    return pd.DataFrame(rows) if rows else None


@footnotes.register
def _footnotes(finding: ConversionFinding) -> tuple[str, ...]:
    if not any(step.went_on.known for step in finding.steps):
        return ()
    return (
        f"*Went on*: customers who touched the next stage within {finding.days} days of their "
        f"first touch at this one ÷ customers whose {finding.days} days ended in the period. A "
        "touch that nobody recorded counts as not made.",
        "*Any later*: the same for any stage after this one. *Median days*: of those who went on.",
    )


def _row(step: Step) -> dict[str, str]:
    return {
        "from": sentence_case(name(step.stage)),
        "to": sentence_case(name(step.following)),
        "customers": integer(step.n),
        "went on": percent(step.went_on.value, digits_of(step.went_on)),
        "95% interval": _ends(step.went_on),
        "median days": "–" if math.isnan(step.median_days) else f"{step.median_days:.1f}",
        "any later": percent(step.later.value),
    }


def _ends(estimate: Estimate) -> str:
    return interval(estimate)


def _headline(known: list[Step], days: int) -> str:
    least = min(known, key=lambda step: step.went_on.value)
    alone = least.went_on.high < min(
        (step.went_on.low for step in known if step is not least), default=math.inf
    )
    lead = "The step least often taken" if alone else "Among the steps least often taken"
    verb = "is the one from" if alone else "is that from"
    later = ""
    if least.later.value > least.went_on.value:
        later = f"; {percent(least.later.value)} touched a later stage, that one or another"
    return (
        f"**{lead} {verb} {cited(least.stage)} to {cited(least.following)}:** "
        f"{with_interval(least.went_on)} of {counted(least.n, 'customer')} took it "
        f"within {days} days{later}."
    )


def _reached(finding: ConversionFinding) -> str:
    if not finding.reached:
        return ""
    parts = [
        f"{with_interval(estimate)} reached {cited(stage)}" for stage, estimate in finding.reached
    ]
    return (
        f"Of {counted(finding.begun, 'customer')} who began at {cited(finding.first)}, within "
        f"{finding.days} days {listed(parts)}. Stages between may be left out on the way."
    )


def _withheld(finding: ConversionFinding) -> str:
    few = [step for step in finding.steps if not step.went_on.known]
    if not few:
        return ""
    names = [f"{cited(step.stage)} ({small(step.n)})" for step in few]
    return f"Withheld, with fewer than {finding.min_base} customers: {listed(names)}."
