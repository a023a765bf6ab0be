"""The answer in words: the verdict first, then three numbers, then what they rest on."""

from __future__ import annotations

import math

import pandas as pd

from cxanalysis.findings.answer import AnswerFinding, Part
from cxanalysis.narrative.chance import adds_nothing, against_chance, floor, unmeasured
from cxanalysis.narrative.core import describe, footnotes, tabulate
from cxanalysis.narrative.measured import (
    against_line,
    contacters,
    contrasts,
    fixed,
    measured,
    no_verdict,
    not_reliable,
    reliability,
)
from cxanalysis.narrative.shares import limit_of, share_of
from cxanalysis.narrative.unanswered import CANNOT, cannot, nothing, withheld
from cxanalysis.narrative.words import (
    cited,
    counted,
    gap,
    integer,
    listed,
    name,
    percent,
    sentence_case,
    with_interval,
)

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
_VERDICTS = {
    "yes": ("Yes", "service carries what the whole journey carries"),
    "no": ("No", "service does not carry what the whole journey carries"),
    "undecided": (
        "Undecided",
        "these answers do not settle whether service carries what the whole journey carries",
    ),
    "measured differently": (
        "No decision",
        "service and the rest of the journey are measured differently",
    ),
}
_MODELS = {"ordered": "an ordered logit", "logit": "a logit"}


@describe.register
def _describe(finding: AnswerFinding) -> tuple[str, ...]:
    if finding.verdict in CANNOT:
        return cannot(finding)
    if finding.verdict == "withheld":
        return (withheld(finding),)
    if finding.verdict == "nothing accounted for":
        return (nothing(finding), f"{_fixed(finding)} {_base(finding)}")
    if finding.verdict == "few with service":
        return _too_few(finding)
    paragraphs = (
        f"{_verdict(finding)} {_three_numbers(finding)}",
        _reasons(finding),
        _by_measure(finding),
        " ".join(filter(None, (reliability(finding), contacters(finding), _unweighted(finding)))),
        _shared(finding),
        _rests_on(finding),
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
    table = [(label, *(share_of(finding, part) for part in parts)) for label, *parts in rows]
    columns = ["part of what all drivers account for", "service", "the rest of the journey"]
    return pd.DataFrame([*table, *_of_service_only(finding)], columns=columns)


def _of_service_only(finding: AnswerFinding) -> list[tuple[str, str, str]]:
    """Rows that the rest of the journey has no figure for."""
    rows = [
        (f"of that, {name(part.name)}", share_of(finding, part.share)) for part in _groups(finding)
    ]
    if finding.contacters is not None and finding.contacters.alone.known:
        rows.append(("alone, who contacted us", with_interval(finding.contacters.alone)))
    if finding.unweighted is not None and finding.unweighted.alone.known:
        rows.append(("alone, each answer counting once", with_interval(finding.unweighted.alone)))
    rows += [
        (f"alone, {item.by} only on both sides", with_interval(item.alone))
        for item in finding.contrasts
        if item.alone.known
    ]
    rows += [
        (f"alone, measures {percent(item.reliability)} real ∗", share_of(finding, item.alone))
        for item in reversed(finding.reliabilities)
        if item.alone.known
    ]
    return [(label, figure, "") for label, figure in rows]


@footnotes.register
def _footnotes(finding: AnswerFinding) -> tuple[str, ...]:
    if not finding.alone.known:
        return ()
    notes = (
        _HOW_TO_READ,
        _beyond(finding),
        "" if finding.contrasts else measured(finding),
        floor(finding),
        adds_nothing(finding),
        _point_values(finding),
        _one_sided(finding),
        not_reliable(finding),
        *unmeasured(finding),
    )
    return tuple(note for note in notes if note)


def _one_sided(finding: AnswerFinding) -> str:
    """What the asterisk in the table stands for."""
    if not any(item.alone.has_interval for item in finding.reliabilities):
        return ""
    return (
        "∗ The measures of the rest of the journey are taken as free of errors; limits are on one "
        "side, 95% each, as a verdict uses them."
    )


def _point_values(finding: AnswerFinding) -> str:
    """Why groups have no interval where their set has one."""
    if not finding.split.has_interval or all(part.share.has_interval for part in _groups(finding)):
        return ""
    return "Groups inside service are point values: for this model they have no interval."


def _too_few(finding: AnswerFinding) -> tuple[str, ...]:
    """That too few had anything of service for a verdict, and the figures under that."""
    what = "who rated it" if finding.service_from == "the survey" else "with a contact"
    lead = (
        f"**No verdict: too few customers {what} ({finding.n_with_service}) to say whether service "
        f"carries what the whole journey carries.** It takes {finding.min_base} of them."
    )
    figures = f"{_three_numbers(finding)} With so few, intervals hold less often than they say."
    parts = (lead, figures, _fixed(finding), _shared(finding), _rests_on(finding))
    return tuple(part for part in parts if part)


def _verdict(finding: AnswerFinding) -> str:
    verdict, why = _VERDICTS[finding.verdict]
    by = ", by definitions chosen for this report" if finding.moved else ""
    return f"**{verdict}{by}: {why}.**"


def _three_numbers(finding: AnswerFinding) -> str:
    subject = "Alone it" if finding.verdict == "no" else "Service alone"
    return (
        f"{subject} accounts for {_first(finding)} of what everything we measure "
        f"accounts for in {name(finding.outcome)}; the part it shares with nothing else is "
        f"{share_of(finding, finding.unique)}; with the shared part split evenly, its share is "
        f"{share_of(finding, finding.split)}{_inside(finding)}.{_unsettled(finding)}"
    )


def _unsettled(finding: AnswerFinding) -> str:
    """That a figure lies outside its own interval, as it does where columns outgrow answers."""
    for figure in (finding.alone, finding.unique, finding.split):
        if figure.has_interval and not figure.low <= figure.value <= figure.high:
            return (
                " A figure outside its own interval is none to quote: "
                f"{counted(finding.n, 'answer')} are too few for this model."
            )
    return ""


def _inside(finding: AnswerFinding) -> str:
    """The groups that the even share is made up of."""
    parts = [f"{cited(part.name)} {share_of(finding, part.share)}" for part in _groups(finding)]
    return f", made up of {listed(parts)}" if parts else ""


def _groups(finding: AnswerFinding) -> tuple[Part, ...]:
    """Groups inside service; a single one is the set itself, and said already."""
    return finding.parts if len(finding.parts) > 1 else ()


def _first(finding: AnswerFinding) -> str:
    """The first figure, with the kind of its interval."""
    return share_of(finding, finding.alone).replace("(", "(95% interval ", 1)


def _reasons(finding: AnswerFinding) -> str:
    """What stands behind the verdict, beyond the three numbers."""
    if finding.verdict == "measured differently":
        return no_verdict(finding)
    threshold = (
        "To carry what the whole journey carries, service alone would have to account for more "
        f"than {percent(finding.line)}: everything, less a margin of {_margin(finding)}, "
        f"{fixed(finding)}."
    )
    said = [threshold, _side(finding), _SIZES.get(finding.size, "")]
    if finding.verdict == "undecided":
        said[1:] = ["The interval reaches across that.", _needed(finding), said[2]]
    return " ".join(part for part in said if part)


def _side(finding: AnswerFinding) -> str:
    """On which side of the line service lies, and by which limit."""
    side, most = ("above", "at least") if finding.verdict == "yes" else ("below", "at most")
    if math.isnan(finding.limit):
        return f"It lies {side} that, with 95% confidence."
    return (
        f"It lies {side} that: with 95% confidence it is {most} {limit_of(finding)} (a limit on "
        "one side, unlike the interval above)."
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


def _by_measure(finding: AnswerFinding) -> str:
    """The question by one way of measuring, where the sets are not measured alike."""
    if finding.verdict == "measured differently":
        return against_line(finding)
    return f"{measured(finding)} {contrasts(finding)}" if finding.contrasts else ""


def _shared(finding: AnswerFinding) -> str:
    if not finding.shared.known or finding.shared.value >= 0:
        return ""
    return (
        f"The shared part is negative, {share_of(finding, finding.shared)}: each set shows its "
        "link more clearly once the other is held equal, so together they account for more than "
        "the sum of each alone. It is printed as it is."
    )


def _unweighted(finding: AnswerFinding) -> str:
    """What weights make of the answer."""
    if finding.unweighted is None or not finding.unweighted.alone.known:
        return ""
    return (
        "The answers are weighted; with each counting once, service alone would account for "
        f"{with_interval(finding.unweighted.alone)}."
    )


def _beyond(finding: AnswerFinding) -> str:
    """Why an interval may pass what a share can be."""
    parts = [finding.alone, finding.rest_alone, finding.unique, finding.rest_unique]
    parts += [item.alone for item in finding.contrasts]
    parts += [item.alone for item in finding.reliabilities]
    parts += [item.alone for item in (finding.contacters, finding.unweighted) if item is not None]
    if not any(part.low < -0.005 or part.high > 1.005 for part in parts):
        return ""
    return (
        "Some intervals reach below 0% or above 100%: what chance alone would account for has been "
        "taken off every figure, and the ends are printed as they come out."
    )


def _fixed(finding: AnswerFinding) -> str:
    if finding.moved:
        return f"The margin of {_margin(finding)} was {fixed(finding)}."
    return (
        "The two sets, service and the rest of the journey, and the margin of "
        f"{_margin(finding)} were fixed in the study file before looking."
    )


def _base(finding: AnswerFinding) -> str:
    base = counted(finding.n, "answer")
    if finding.n_customers and finding.n_customers != finding.n:
        base += f" of {counted(finding.n_customers, 'customer')}"
    return sentence_case(f"these figures rest on {base} ({finding.period}).")


def _rests_on(finding: AnswerFinding) -> str:
    """Chance, the base and what is left over."""
    said = (against_chance(finding), _base(finding), _not_accounted(finding))
    return " ".join(part for part in said if part)


def _not_accounted(finding: AnswerFinding) -> str:
    if finding.measure != "R²":
        return _in_levels(finding)
    return (
        f"{with_interval(finding.not_accounted)} of the differences between answers is not "
        "accounted for by this model, partly the noise of a single answer."
    )


def _in_levels(finding: AnswerFinding) -> str:
    """What a measure that is no part of all differences may be used for."""
    model = _MODELS.get(finding.model, finding.model)
    if finding.top_box is not None:
        model += f" of a score of {finding.top_box:g} or more"
    sentence = f"What is divided is the {finding.measure} of {model}: compare shares, not levels."
    if math.isnan(finding.share_gap):
        return sentence
    return (
        f"{sentence} The largest difference of a share from that by least squares is "
        f"{gap(finding.share_gap, 'share', 1)}."
    )
