"""An answer that cannot be given: why, and what it would take."""

from __future__ import annotations

from cxanalysis.findings.answer import AnswerFinding
from cxanalysis.narrative.words import counted, name, wider, with_interval

CANNOT = {
    "no survey": (
        "**This study cannot say, because it has no survey.** How much of the experience goes "
        "with service can only be read from what customers answer about the whole of it."
    ),
    "no outcome": (
        "**This study cannot say, because its survey holds no {outcome}.** Name the question "
        "that is to be explained as outcome under [model] in the study file."
    ),
    "no service": (
        "**This study cannot say, because nothing in it measures service.** It has neither "
        "tickets with a customer to join them by nor a survey question marked as service."
    ),
    "no journey": (
        "**This study cannot say, because it measures service only.** Without the rest of the "
        "journey there is nothing to hold service against: it needs a table of journeys, or "
        "survey questions about other parts of the experience."
    ),
    "no model": (
        "**This study cannot say: no model could be fitted to {answers}.** There are too few for "
        "so many measures, or one of the two sets did not vary in this period. {wider} "
        "The command cxanalysis drivers gives the exact reason."
    ),
}
_LACKING = {
    "outcome": (
        "a survey in which customers score the whole of their experience, each answer with the "
        "customer's number and its date"
    ),
    "service": "tickets with the customer's number, or survey questions about service",
    "journey": (
        "what else customers met, as a table of journeys (orders, deliveries, visits) with the "
        "customer's number, or as survey questions about other parts of their experience"
    ),
}


def cannot(finding: AnswerFinding) -> tuple[str, ...]:
    """Why nothing can be said, what that leaves unsaid, and what it would take."""
    said = CANNOT[finding.verdict].format(
        outcome=name(finding.outcome),
        answers=counted(finding.n, "answer"),
        wider=wider(finding.period),
    )
    if not finding.lacks:
        return (said,)
    needed = "; and ".join(_LACKING[item] for item in finding.lacks)
    leaves_open = (
        "So it leaves open how much of satisfaction goes with service, which part of the journey "
        "goes with it most, and what to mend first."
    )
    if "outcome" in finding.lacks:
        leaves_open += (
            " The figures below describe what was recorded; whether customers were content with "
            "it, they do not tell."
        )
    return (
        said,
        leaves_open,
        f"To answer, it would need, besides what it holds: {needed}.",
    )


def nothing(finding: AnswerFinding) -> str:
    """That what is accounted for cannot be told from chance."""
    together = f"come to {with_interval(finding.accounted)} of the differences between answers"
    if finding.measure != "R²":
        together = f"reach a {finding.measure} of {with_interval(finding.accounted)}"
    return (
        f"**There is nothing to divide: the drivers account for none of {name(finding.outcome)} "
        f"that could be told from chance.** Together they {together}; a share of that "
        f"has no meaning. {wider(finding.period)}"
    )


def withheld(finding: AnswerFinding) -> str:
    """That there are too few answers, or none."""
    if not finding.n:
        return (
            f"**Nothing can be said: there is no answer on {name(finding.outcome)}** "
            f"({finding.period}). {wider(finding.period)}"
        )
    return (
        f"**Withheld: {counted(finding.n, 'answer')} on {name(finding.outcome)}, and below "
        f"{finding.min_base} no figure is given.** {wider(finding.period)}"
    )
