"""How the two sets of an answer were measured, and the same question asked otherwise."""

from __future__ import annotations

import math
from itertools import groupby

from cxanalysis.findings.answer import AnswerFinding, Reliability
from cxanalysis.findings.core import Estimate
from cxanalysis.findings.measured import Contrast, Measured
from cxanalysis.narrative.shares import limit_beside, limit_of, share_of
from cxanalysis.narrative.words import (
    counted,
    integer,
    listed,
    name,
    percent,
    sentence_case,
    with_interval,
)

_KINDS = {
    "the survey": "from the survey itself",
    "ratings on the way": "from ratings on the way",
    "records": "from records",
}


def measured(finding: AnswerFinding) -> str:
    """How each set was measured, by what and how much."""
    ours, rest = map(_kinds, (finding.service_measured, finding.journey_measured))
    if not ours or not rest:
        return ""
    return f"Service is measured by {ours}; the rest of the journey by {rest}."


def _kinds(parts: tuple[Measured, ...]) -> str:
    """12 of records and 2 of ratings: "12 columns from records and 2 from ratings on the way"."""
    items = [
        f"{integer(item.n_columns) if place else counted(item.n_columns, 'column')} "
        f"{_KINDS[item.kind]}"
        for place, item in enumerate(parts)
    ]
    return listed(items)


def contrasts(finding: AnswerFinding) -> str:
    """The same verdict by ratings alone and by records alone."""
    stands = "the verdict stands because ratings only and records only reach it too"
    if finding.verdict == "undecided":
        stands = "ratings only and records only do not settle it either"
    said = "; ".join(_beside(finding, item) for item in finding.contrasts)
    return (
        f"So ratings, which lie nearer to the question, do not weigh alike in the two; {stands}. "
        f"{sentence_case(said)}."
    )


def fixed(finding: AnswerFinding) -> str:
    """What was fixed before looking, after the margin; definitions chosen later are told."""
    said = "fixed in the study file before looking"
    if not finding.moved:
        return f"{said}, as the two sets were"
    return (
        f"{said}; but not all definitions here are the study file's own: some were chosen for "
        "this report, perhaps after looking"
    )


def no_verdict(finding: AnswerFinding) -> str:
    """How the sets were measured, why that stands in the way, and what a verdict would take."""
    return (
        f"{measured(finding)} Ratings lie nearer to the question than records, and answers of the "
        "same questionnaire nearer still, so the set with more of them looks larger. There is a "
        "verdict only where both sets are measured alike, or where everything, ratings only and "
        "records only all come to the same."
    ).strip()


def against_line(finding: AnswerFinding) -> str:
    """Everything, ratings only and records only, each against the line, without a verdict."""
    everything = _side(finding, finding.limit, limit_of(finding))
    said = [
        f"The line is {percent(finding.line)}: everything, less a margin of "
        f"{100 * finding.margin:.0f} points, {fixed(finding)}. With everything, service alone is "
        f"{everything}",
        *(sentence_case(_beside(finding, item) + _so(finding, item)) for item in finding.contrasts),
    ]
    return f"{'. '.join(said)}."


def _side(finding: AnswerFinding, limit: float, text: str) -> str:
    """On which side of the line a share lies, by the limit that is nearer to it."""
    if math.isnan(limit):
        return "not clear of the line"
    side, most = ("above", "at least") if limit > finding.line else ("below", "at most")
    return f"{side} the line ({most} {text}, with 95% confidence)"


def _beside(finding: AnswerFinding, contrast: Contrast) -> str:
    """What service alone comes to with one way of measuring on both sides."""
    only = f"with {contrast.by} only on both sides,"
    if contrast.lacking:
        return f"{only} they cannot be held against each other, {_lacking(contrast)}"
    if not contrast.n:
        return f"{only} no model can be fitted"
    if not contrast.alone.known:
        return f"{only} nothing of {name(finding.outcome)} is accounted for"
    return (
        f"{only} service alone accounts for {with_interval(contrast.alone)} of what the two then "
        f"account for{_on_fewer(finding, contrast)}"
    )


def _so(finding: AnswerFinding, contrast: Contrast) -> str:
    """What a contrast says of the line."""
    if contrast.verdict == "measured differently":
        return (
            "; that decides nothing either, since one set is rated in the survey itself and one "
            "is not"
        )
    if not contrast.alone.known:
        return ""
    return f", {_side(finding, contrast.limit, limit_beside(contrast.limit, contrast.alone))}"


def _on_fewer(finding: AnswerFinding, contrast: Contrast) -> str:
    """The base of a contrast where it is another than that of the answer."""
    return "" if contrast.n == finding.n else f", on {counted(contrast.n, 'answer')}"


def _lacking(contrast: Contrast) -> str:
    sets = listed([name(item) for item in contrast.lacking])
    verb = "is" if len(contrast.lacking) == 1 else "are"
    how = "rated" if contrast.by == "ratings" else "found in any record"
    return f"since {sets} {verb} not {how}"


def contacters(finding: AnswerFinding) -> str:
    """The question among customers with a contact alone, which is another one."""
    contrast = finding.contacters
    if contrast is None:
        return ""
    among = f"Among the {counted(contrast.n, 'answer')} of customers who contacted us"
    another = "that is another question, not a correction of the first"
    few = ""
    if contrast.n < contrast.needed:
        few = f" So many measures ask for {integer(contrast.needed)} answers, so read it loosely."
    if not contrast.alone.known:
        return f"{among}, nothing is accounted for that could be told from chance; {another}."
    return (
        f"{among}, service alone accounts for {with_interval(contrast.alone)} of what everything "
        f"then accounts for; {another}.{few}"
    )


def reliability(finding: AnswerFinding) -> str:
    """What service alone would come to, had its measures been less than perfect."""
    known = _known(finding)
    if not known:
        return ""
    real = _or([percent(item.reliability) for item in known])
    sentence = (
        f"If only {real} of the differences in service, all its measures taken together as one "
        "score, were real, and the rest of the journey were measured without error, service alone "
        f"would account for {_or([_figure(finding, item.alone) for item in known])}"
    )
    return f"{sentence}{_then(finding, known)}. {_both(finding, known)}"


def _both(finding: AnswerFinding, known: list[Reliability]) -> str:
    """What errors in the rest of the journey would do to that."""
    other = "Errors in the rest of the journey work the other way"
    both = [item for item in known if item.both.known]
    if not both:
        return f"{other}; how far cannot be told, since the two cannot both be so unreliable."
    return (
        f"{other}: were neither set more than {_or([percent(item.reliability) for item in both])} "
        f"real, it would be {_or([_figure(finding, item.both) for item in both])}."
    )


def _figure(finding: AnswerFinding, part: Estimate) -> str:
    """A part of the whole without its interval."""
    return share_of(finding, part).split(" (")[0]


def _known(finding: AnswerFinding) -> list[Reliability]:
    """Reliabilities with a figure, the best first."""
    known = [item for item in finding.reliabilities if item.alone.known]
    return sorted(known, key=lambda item: -item.reliability)


def _or(items: list[str]) -> str:
    return listed(items, "or")


def _then(finding: AnswerFinding, known: list[Reliability]) -> str:
    """What the verdict would be; nothing where there is none to change."""
    if finding.verdict == "measured differently":
        return ""
    if all(item.verdict == finding.verdict for item in known):
        return ", and the verdict would be the same"
    said = [
        f"*{verdict}* at {listed([percent(item.reliability) for item in items])}"
        for verdict, items in groupby(known, key=lambda item: item.verdict)
    ]
    return f", and the verdict would be {', '.join(said)}"


def not_reliable(finding: AnswerFinding) -> str:
    """Why there is no figure at some reliability, or none of its limits."""
    reasons = {item.reason for item in finding.reliabilities if not item.alone.known}
    if "not linear" in reasons:
        return (
            "What errors in its measures hide of service cannot be worked out for this model, "
            "only for least squares."
        )
    if "cannot be" in reasons:
        unfit = [item.reliability for item in finding.reliabilities if not item.alone.known]
        return (
            f"There is no figure for service's measures being {percent(max(unfit))} real or less: "
            "with so much error they could hardly go as closely with the rest or "
            f"with {name(finding.outcome)} as they do."
        )
    return _no_limits(finding)


def _no_limits(finding: AnswerFinding) -> str:
    """Why figures of less reliable measures stand without limits."""
    if any(item.reason == "few customers" for item in finding.reliabilities):
        return "There are too few customers for limits of what less reliable measures would give."
    return ""
