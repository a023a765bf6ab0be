"""The answer in words: the verdict first, then three numbers, then what they rest on."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.answer import AnswerFinding
from cxanalysis.findings.core import Estimate
from cxanalysis.narrative.core import describe, tabulate
from cxanalysis.narrative.words import (
    amount,
    cited,
    counted,
    integer,
    interval,
    listed,
    name,
    percent,
    sentence_case,
    with_interval,
)

_CANNOT = {
    "no survey": (
        "**This study cannot say, because it has no survey.** How much of the experience goes "
        "with service can only be read from what customers answer about the whole of it. What "
        "the records show by themselves follows."
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
        "**This study cannot say: no model could be fitted to these answers.** The command "
        "cxanalysis drivers says why."
    ),
}
_SIZES = {
    "most": "However the shared part is split, service's share is more than half.",
    "less than half": "However the shared part is split, service's share is less than half.",
    "depends": (
        "Whether service's share is more or less than half depends on how the shared part is split."
    ),
}
_SOURCES = {
    "the survey": "questions in the survey itself",
    "ratings on the way": "ratings given on the way",
    "records": "records of what happened",
}


@describe.register
def _describe(finding: AnswerFinding) -> tuple[str, ...]:
    if finding.verdict in _CANNOT:
        return (_CANNOT[finding.verdict].format(outcome=name(finding.outcome)),)
    if finding.verdict == "withheld":
        return (_withheld(finding),)
    if finding.verdict == "nothing accounted for":
        return (_nothing(finding), _fixed(finding), _base(finding))
    paragraphs = (
        f"{_verdict(finding)} {_three_numbers(finding)}",
        _reasons(finding),
        _split(finding),
        _shared(finding),
        f"{_fixed(finding)} {_base(finding)} {_not_accounted(finding)}",
    )
    return tuple(paragraph for paragraph in paragraphs if paragraph)


@tabulate.register
def _tabulate(finding: AnswerFinding) -> pd.DataFrame | None:
    if not finding.alone.known:
        return None
    rows = [
        ("alone", finding.alone, finding.rest_alone),
        ("shared with nothing else", finding.unique, finding.rest_unique),
        ("shared by the two", finding.shared, finding.shared),
        ("shared part split evenly", finding.split, finding.rest_split),
    ]
    return pd.DataFrame(
        [(label, with_interval(ours), with_interval(rest)) for label, ours, rest in rows],
        columns=["part of what all drivers account for", "service", "the rest of the journey"],
    )


def _verdict(finding: AnswerFinding) -> str:
    if finding.verdict == "yes":
        return "**Yes: service carries what the whole journey carries.**"
    if finding.verdict == "no":
        return "**No: service does not carry what the whole journey carries.**"
    if finding.verdict == "undecided":
        return (
            "**Undecided: these answers do not settle whether service carries what the whole "
            "journey carries.**"
        )
    return "**No decision: service and the rest of the journey are measured differently.**"


def _three_numbers(finding: AnswerFinding) -> str:
    subject = "Alone it" if finding.verdict == "no" else "Service alone"
    return (
        f"{subject} accounts for {_first_interval(finding.alone)} of what everything we measure "
        f"accounts for in {name(finding.outcome)}; the part it shares with nothing else is "
        f"{with_interval(finding.unique)}; with the shared part split evenly, its share is "
        f"{with_interval(finding.split)}."
    )


def _first_interval(estimate: Estimate) -> str:
    if not estimate.has_interval:
        return with_interval(estimate)
    ends = interval(estimate.low, estimate.high)
    return f"{amount(estimate.value, 'share')} (95% interval {ends})"


def _reasons(finding: AnswerFinding) -> str:
    """What stands behind the verdict, beyond the three numbers."""
    threshold = (
        "To carry what the whole journey carries, service alone would have to account for more "
        f"than {percent(finding.line)}: everything, less a margin of {_margin(finding)}."
    )
    if finding.verdict == "measured differently":
        return (
            f"Service comes from {_SOURCES[finding.service_from]}, the rest of the journey from "
            f"{_SOURCES[finding.journey_from]}. The nearer a measure stands to the question it "
            "is held against, the closer the two go together, so the comparison would favour "
            "one side before it began. The figures describe; they decide nothing."
        )
    if finding.verdict == "undecided":
        return f"{threshold} The interval reaches across that. {_needed(finding)}"
    side = "above" if finding.verdict == "yes" else "below"
    sentence = f"{threshold} It lies {side} that, with 95% confidence."
    return f"{sentence} {_SIZES[finding.size]}" if finding.size in _SIZES else sentence


def _margin(finding: AnswerFinding) -> str:
    return f"{100 * finding.margin:.0f} points"


def _needed(finding: AnswerFinding) -> str:
    if finding.out_of_reach:
        return (
            "More answers of this kind will not settle it: if today's estimate is the truth, it "
            f"would take more than ten times the {counted(finding.n_customers, 'customer')} "
            "there are."
        )
    if finding.customers_needed is None:
        return "There are too few customers to say how many it would take to settle it."
    return (
        f"If today's estimate is the truth, answers of about "
        f"{integer(finding.customers_needed)} customers would settle it; there are "
        f"{integer(finding.n_customers)}."
    )


def _split(finding: AnswerFinding) -> str:
    if len(finding.parts) < 2:
        return ""
    parts = [f"{cited(part.name)} {with_interval(part.share)}" for part in finding.parts]
    return f"Within service, {percent(finding.split.value)} is made up of {listed(parts)}."


def _shared(finding: AnswerFinding) -> str:
    if not finding.shared.known or finding.shared.value >= 0:
        return ""
    return (
        f"The shared part is negative, {with_interval(finding.shared)}: each set shows its link "
        "more clearly once the other is held equal, so together they account for more than the "
        "sum of each alone. It is printed as it is."
    )


def _fixed(finding: AnswerFinding) -> str:
    return (
        "The two sets, service and the rest of the journey, and the margin of "
        f"{_margin(finding)} were fixed in the study file before looking."
    )


def _base(finding: AnswerFinding) -> str:
    base = counted(finding.n, "answer")
    if finding.n_customers and finding.n_customers != finding.n:
        base += f" of {counted(finding.n_customers, 'customer')}"
    return sentence_case(f"these figures rest on {base} ({finding.period}).")


def _not_accounted(finding: AnswerFinding) -> str:
    return (
        f"{with_interval(finding.not_accounted)} of the differences between answers is not "
        "accounted for by this model, partly the noise of a single answer."
    )


def _nothing(finding: AnswerFinding) -> str:
    return (
        f"**There is nothing to divide: the drivers account for none of {name(finding.outcome)} "
        "that could be told from chance.** Without that, a share of it has no meaning."
    )


def _withheld(finding: AnswerFinding) -> str:
    return (
        f"**Withheld: {counted(finding.n, 'answer')} on {name(finding.outcome)}, and below "
        f"{finding.min_base} no figure is given.** Take a longer period or a wider segment."
    )
