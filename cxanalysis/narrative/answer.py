"""The answer in words: the verdict first, then three numbers, then what they rest on."""

from __future__ import annotations

import math

import pandas as pd

from cxanalysis.findings.answer import AnswerFinding
from cxanalysis.findings.core import Estimate
from cxanalysis.narrative.core import describe, tabulate
from cxanalysis.narrative.measured import contrasts, measured
from cxanalysis.narrative.words import (
    agreeing,
    cited,
    counted,
    digits_of,
    integer,
    listed,
    name,
    percent,
    sentence_case,
    wider,
    with_interval,
)

_CANNOT = {
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
_HOW_TO_READ = (
    "*Alone* is all that a set goes with, whether or not the other set goes with it too; what it "
    "*shares with nothing else* is what would be lost without it; the *even split* lies halfway "
    "between. No single one of the three is the answer, so all are given."
)
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
        return _cannot(finding)
    if finding.verdict == "withheld":
        return (_withheld(finding),)
    if finding.verdict == "nothing accounted for":
        return (_nothing(finding), _fixed(finding), _base(finding))
    paragraphs = (
        f"{_verdict(finding)} {_three_numbers(finding)}",
        _reasons(finding),
        measured(finding),
        *contrasts(finding),
        _split(finding),
        _floor(finding),
        _shared(finding),
        _beyond(finding),
        f"{_fixed(finding)} {_base(finding)} {_not_accounted(finding)}",
        _HOW_TO_READ,
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
        [(label, share_of(finding, ours), share_of(finding, rest)) for label, ours, rest in rows],
        columns=["part of what all drivers account for", "service", "the rest of the journey"],
    )


def share_of(finding: AnswerFinding, part: Estimate) -> str:
    """A part of what all drivers account for, with its interval.

    All parts of an answer have the decimals at which they add up.
    """
    return with_interval(part, digits=max(_digits(finding), digits_of(part)))


def _digits(finding: AnswerFinding) -> int:
    sums: list[tuple[Estimate, tuple[Estimate, ...]]] = [
        (finding.alone, (finding.unique, finding.shared)),
        (finding.rest_alone, (finding.rest_unique, finding.shared)),
        (Estimate(1.0), (finding.split, finding.rest_split)),
    ]
    if finding.parts:
        sums.append((finding.split, tuple(part.share for part in finding.parts)))
    return min(1, max(agreeing(whole.value, [p.value for p in parts]) for whole, parts in sums))


def _cannot(finding: AnswerFinding) -> tuple[str, ...]:
    """Why nothing can be said, what that leaves unsaid, and what it would take."""
    said = _CANNOT[finding.verdict].format(
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
        f"{subject} accounts for {_first(finding)} of what everything we measure "
        f"accounts for in {name(finding.outcome)}; the part it shares with nothing else is "
        f"{share_of(finding, finding.unique)}; with the shared part split evenly, its share is "
        f"{share_of(finding, finding.split)}."
    )


def _first(finding: AnswerFinding) -> str:
    """The first figure, with the kind of its interval."""
    return share_of(finding, finding.alone).replace("(", "(95% interval ", 1)


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
            "one side before it began. These figures describe; they decide nothing."
        )
    if finding.verdict == "undecided":
        return f"{threshold} The interval reaches across that. {_needed(finding)}"
    sentence = f"{threshold} {_side(finding)}"
    return f"{sentence} {_SIZES[finding.size]}" if finding.size in _SIZES else sentence


def _side(finding: AnswerFinding) -> str:
    """On which side of the line service lies, and by which limit."""
    side, most = ("above", "at least") if finding.verdict == "yes" else ("below", "at most")
    if math.isnan(finding.limit):
        return f"It lies {side} that, with 95% confidence."
    digits = max(_digits(finding), digits_of(finding.alone))
    return (
        f"It lies {side} that: with 95% confidence it is {most} "
        f"{percent(finding.limit, digits)} (a limit on one side, unlike the interval above)."
    )


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
    parts = [f"{cited(part.name)} {share_of(finding, part.share)}" for part in finding.parts]
    whole = share_of(finding, finding.split).split(" (")[0]
    return f"Within service, the even share of {whole} is made up of {listed(parts)}."


def _floor(finding: AnswerFinding) -> str:
    """What would be reached by chance alone."""
    if math.isnan(finding.floor):
        return ""
    ours, rest = (percent(max(0.0, at), 1) for at in (finding.floor, finding.rest_floor))
    passed = [finding.alone.value > finding.floor, finding.rest_alone.value > finding.rest_floor]
    verdict = {
        (True, True): "Both lie above it",
        (True, False): "Service lies above it, the rest of the journey does not",
        (False, True): "The rest of the journey lies above it, service does not",
        (False, False): "Neither lies above it",
    }[passed[0], passed[1]]
    units = "answers" if finding.n_customers == finding.n else "customers"
    return (
        f"There is a floor that chance alone reaches: with the scores dealt anew among {units}, "
        f"so that a set *goes with nothing at all*, service alone stays below {ours} and the rest "
        f"below {rest} in 19 of 20 deals. {verdict}."
    )


def _shared(finding: AnswerFinding) -> str:
    if not finding.shared.known or finding.shared.value >= 0:
        return ""
    return (
        f"The shared part is negative, {share_of(finding, finding.shared)}: each set shows its "
        "link more clearly once the other is held equal, so together they account for more than "
        "the sum of each alone. It is printed as it is."
    )


def _beyond(finding: AnswerFinding) -> str:
    """Why an interval may pass what a share can be."""
    parts = (finding.alone, finding.rest_alone, finding.unique, finding.rest_unique)
    if not any(part.low < -0.005 or part.high > 1.005 for part in parts):
        return ""
    return (
        "Some intervals reach below 0% or above 100%: what chance alone would account for has been "
        "taken off every figure, and the ends are printed as they come out."
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
        "that could be told from chance.** Together they come to "
        f"{with_interval(finding.accounted)} of the differences between answers; a share of that "
        f"has no meaning. {wider(finding.period)}"
    )


def _withheld(finding: AnswerFinding) -> str:
    if not finding.n:
        return (
            f"**Nothing can be said: there is no answer on {name(finding.outcome)}** "
            f"({finding.period}). {wider(finding.period)}"
        )
    return (
        f"**Withheld: {counted(finding.n, 'answer')} on {name(finding.outcome)}, and below "
        f"{finding.min_base} no figure is given.** {wider(finding.period)}"
    )
