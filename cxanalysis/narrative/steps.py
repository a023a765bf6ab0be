"""The five steps in words: what is there, what is missing, and what would come next."""

from __future__ import annotations

from math import isnan

import pandas as pd

from cxanalysis.findings.steps import Check, Step, StepsFinding
from cxanalysis.narrative.core import caption, describe, footnotes, tabulate
from cxanalysis.narrative.words import amount, integer, listed, sentence_case, small

HIGHEST = 5
LABELS = {
    "assessment": "Assessment",
    "map": "Journey map",
    "improvement": "Improvement",
    "optimisation": "Optimisation",
    "management": "Management",
}
# Of each check: what it asks for, and what to do where it is not met.
CHECKS = {
    "tables": ("tables that the study has", "add the tables that are missing"),
    "overall score": ("overall score", "ask customers for one overall score"),
    "response rate": ("response rate", "keep invitations that nobody answers"),
    "everyone": ("customers never heard", "add a table of all customers"),
    "stages met": ("stages with touches enough", "record touches at every stage"),
    "stages rated": ("stages with ratings enough", "ask for ratings at every stage"),
    "reasons mapped": ("reasons for contact with a stage", "say where each reason arises"),
    "touchpoints named": ("touchpoints named", "name the touchpoints inside the stages"),
    "owners": ("groups of drivers with an owner", "name an owner for each group"),
    "feedback answered": ("feedback answered", "record when feedback is answered"),
    "feedback acted on": ("feedback acted on", "record what changed because of feedback"),
    "effort of complaining": ("effort of complaining", "ask what it took to complain"),
    "promises": ("promises kept", "record promised dates and when they were kept"),
    "consistency": ("consistency index", "have enough touchpoints rated to compare them"),
    "first contact resolution": (
        "first contact resolution",
        "record contacts by customer, so that repeats are seen",
    ),
    "cost": ("cost per contact", "say what an hour of handling costs"),
    "review": ("reviewed each month or quarter", "review the figures each quarter at least"),
    "targets": ("targets set", "set targets for replies, or aims for the team"),
    "history": (
        "earlier periods with a score",
        "go on reporting: what is usual shows after seven periods",
    ),
    "own view": ("stages with a score of the company's own", "write down what you expect to hear"),
}


@describe.register
def _describe(finding: StepsFinding) -> tuple[str, ...]:
    counts = "This counts what is recorded and known, not how good it is."
    paragraphs = [f"{_headline(finding)} {counts}", _next(finding), _own(finding)]
    return tuple(paragraph for paragraph in paragraphs if paragraph)


@caption.register
def _caption(finding: StepsFinding) -> str:
    return describe(finding)[0]


@tabulate.register
def _tabulate(finding: StepsFinding) -> pd.DataFrame | None:
    return pd.DataFrame(
        {
            "step": LABELS[step.name],
            "level": integer(step.level),
            "there": "; ".join(_evidence(check, finding) for check in step.checks if check.met)
            or "–",
            "missing": "; ".join(
                _evidence(check, finding) for check in step.checks if not check.met
            )
            or "–",
        }
        for step in finding.steps
    )


@footnotes.register
def _footnotes(finding: StepsFinding) -> tuple[str, ...]:  # noqa: ARG001
    return (
        "*Level*: 1, and one more for each of four things that are there; no standard is meant.",
    )


def _headline(finding: StepsFinding) -> str:
    lowest = min(step.level for step in finding.steps)
    weakest = [LABELS[step.name].lower() for step in finding.steps if step.level == lowest]
    if lowest == HIGHEST:
        return "**All that the five steps rest on is there.**"
    if len(weakest) == len(finding.steps):
        return f"**All five steps stand at level {lowest} of {HIGHEST}.**"
    most = max(step.level for step in finding.steps)
    best = [LABELS[step.name].lower() for step in finding.steps if step.level == most]
    return (
        f"**{sentence_case(listed(weakest))} {'lags' if len(weakest) == 1 else 'lag'} behind**, at "
        f"level {lowest} of {HIGHEST}; {listed(best)} {'has' if len(best) == 1 else 'have'} "
        f"reached {most}."
    )


def _next(finding: StepsFinding) -> str:
    """The first thing to do at every step that lacks something, the weakest steps first."""
    open_steps = [step for step in finding.steps if step.level < HIGHEST]
    open_steps.sort(key=lambda step: step.level)
    if not open_steps:
        return ""
    parts = [
        f"for {LABELS[step.name].lower()}, "
        f"{CHECKS[next(check.name for check in step.checks if not check.met)][1]}"
        for step in open_steps
    ]
    return f"What would come next: {'; '.join(parts)}."


def _own(finding: StepsFinding) -> str:
    """How the company's own view differs from what its data show."""
    seen = [step for step in finding.steps if step.own is not None]
    if not seen:
        return ""
    above = [step for step in seen if step.own is not None and step.own > step.level]
    below = [step for step in seen if step.own is not None and step.own < step.level]
    texts = []
    if above:
        texts.append(f"sees itself further along than the data show at {_steps(above)}")
    if below:
        texts.append(f"has more to show than it gives itself credit for at {_steps(below)}")
    if not texts:
        which = "all five" if len(seen) == len(finding.steps) else f"{small(len(seen))} of the five"
        return f"The company's own view agrees with this at {which} steps."
    return f"The company {' and '.join(texts)}."


def _steps(steps: list[Step]) -> str:
    return listed(
        [f"{LABELS[step.name].lower()} ({step.own} against {step.level})" for step in steps]
    )


def _evidence(check: Check, finding: StepsFinding) -> str:
    text = CHECKS[check.name][0]
    if isnan(check.value):
        return text
    if not isnan(check.of):
        return f"{text}: {integer(check.value)} of {integer(check.of)}"
    if check.unit == "count":
        return f"{text}: {integer(check.value)}"
    if check.unit == "money":
        return f"{text}: {check.value:.2f} {finding.currency}".rstrip()
    return f"{text}: {amount(check.value, check.unit)}"
