"""How the two sets of an answer were measured, and the question with one way on both sides."""

from __future__ import annotations

from cxanalysis.findings.answer import AnswerFinding, Contrast, Measured
from cxanalysis.narrative.words import (
    counted,
    integer,
    listed,
    name,
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


def contrasts(finding: AnswerFinding) -> tuple[str, ...]:
    """The question with one way of measuring on both sides.

    It takes a paragraph each where that is all there is to say, else a sentence for both.
    """
    if not finding.contrasts:
        return ()
    if finding.verdict == "measured differently":
        return tuple(_contrast(finding, contrast) for contrast in finding.contrasts)
    first, second = (_beside(finding, contrast) for contrast in finding.contrasts)
    return (
        "So ratings, which lie nearer to the question, do not weigh alike in the two. "
        f"{sentence_case(first)}; {second}.",
    )


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


def _on_fewer(finding: AnswerFinding, contrast: Contrast) -> str:
    """The base of a contrast where it is another than that of the answer."""
    return "" if contrast.n == finding.n else f", on {counted(contrast.n, 'answer')}"


def _lacking(contrast: Contrast) -> str:
    sets = listed([name(item) for item in contrast.lacking])
    verb = "is" if len(contrast.lacking) == 1 else "are"
    how = "rated" if contrast.by == "ratings" else "found in any record"
    return f"since {sets} {verb} not {how}"


def _contrast(finding: AnswerFinding, contrast: Contrast) -> str:
    """Like held against like, or why that cannot be done."""
    by = f"By {contrast.by} on both sides,"
    if contrast.lacking:
        return f"{by} the two cannot be held against each other here, {_lacking(contrast)}."
    if not contrast.n:
        return f"{by} no model can be fitted."
    if not contrast.alone.known:
        return f"{by} nothing of {name(finding.outcome)} is accounted for."
    return (
        f"{by} service alone accounts for {with_interval(contrast.alone)} of what both account "
        f"for; {with_interval(contrast.unique)} is shared with nothing else, and its even share "
        f"is {with_interval(contrast.split)} ({counted(contrast.n, 'answer')})."
    )
