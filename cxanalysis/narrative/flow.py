"""What follows what on the way, in words."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.flow import FlowFinding, Kind, Origin
from cxanalysis.metrics.journeys.transitions import EARLIER, LATER, NOTHING, SAME, SERVICE
from cxanalysis.narrative.core import caption, describe, footnotes, tabulate
from cxanalysis.narrative.words import (
    cited,
    counted,
    in_words,
    integer,
    listed,
    name,
    percent,
    sentence_case,
    small,
    with_interval,
)

MOST_NAMED = 4
MANY_TIED = 0.05  # of the events: more do not belong into a footnote
LEAST_NAMED = 0.1  # of what follows a contact: less is not worth a place in the sentence
WORDS = {
    LATER: "one at a later stage",
    SAME: "one at the same stage",
    EARLIER: "one at an earlier stage",
    SERVICE: "a contact with service",
}


@describe.register
def _describe(finding: FlowFinding) -> tuple[str, ...]:
    if finding.needs:
        return (f"**What follows what cannot be told:** it {in_words(finding.needs)}.",)
    if not finding.known:
        return (
            f"**What follows what cannot be told for {finding.period}:** at no stage are there "
            f"{finding.min_base} events whose {finding.days} days ended then.",
        )
    paragraphs = [
        _headline(finding),
        _tied(finding) if _mostly_tied(finding) else "",
        _contacted(finding),
        _after(finding),
        _withheld(finding),
    ]
    return tuple(paragraph for paragraph in paragraphs if paragraph)


@caption.register
def _caption(finding: FlowFinding) -> str:
    return describe(finding)[0]


@tabulate.register
def _tabulate(finding: FlowFinding) -> pd.DataFrame | None:
    rows = [
        {
            "from": sentence_case(name(origin.name)),
            "events": integer(origin.n),
            "customers": integer(origin.customers),
        }
        | {
            f"to {name(target)}": percent(share.value)
            for target, share in zip(finding.targets, origin.shares, strict=True)
        }
        for origin in finding.known
    ]
    return pd.DataFrame(rows) if rows else None


@footnotes.register
def _footnotes(finding: FlowFinding) -> tuple[str, ...]:
    if not finding.known:
        return ()
    still = sum(origin.open for origin in finding.origins)
    left = (
        f" {counted(still, 'event')} of the period whose {finding.days} days were not over at its "
        f"end {'counts' if still == 1 else 'count'} as neither."
        if still
        else ""
    )
    notes = [
        f"*What follows*: the customer's next touch or contact within {finding.days} days, of "
        f"events whose {finding.days} days ended in the period; *nothing*: none was recorded in "
        f"them.{left} An order in time is no more than that.",
        "Intervals take customers, not events, as what was sampled.",
    ]
    if any(origin.tied for origin in finding.origins) and not _mostly_tied(finding):
        notes.append(_tied(finding))
    return tuple(notes)


def _mostly_tied(finding: FlowFinding) -> bool:
    """Whether so many events share their instant that the order shown is not that of time."""
    tied = sum(origin.tied for origin in finding.origins)
    n = sum(origin.n for origin in finding.origins)
    return tied > MANY_TIED * n


def _tied(finding: FlowFinding) -> str:
    tied = sum(origin.tied for origin in finding.origins)
    n = sum(origin.n for origin in finding.origins)
    return (
        f"{integer(tied)} of {counted(n, 'event')} had the next one at the same instant; their "
        "order is that of the stages, contacts last, and not one in time."
    )


def _headline(finding: FlowFinding) -> str:
    kinds = [kind for kind in finding.kinds if kind.share.known]
    if not kinds:
        return f"**What follows what, from {counted(len(finding.known), 'stage')}.**"
    first = max(kinds, key=lambda kind: kind.share.value)
    others = [kind for kind in kinds if kind is not first]
    alone = all(first.share.low > kind.share.high for kind in others)
    lead = "is most often followed by" if alone else "is followed by"
    some = [f"{_next(kind, finding)} in {with_interval(kind.share)}" for kind in others]
    return (
        f"**A touch {lead} {_next(first, finding)}: in {with_interval(first.share)}** of "
        f"{counted(finding.touches, 'case')}; by {listed(some)}."
    )


def _next(kind: Kind, finding: FlowFinding) -> str:
    if kind.name == NOTHING:
        return f"nothing within {finding.days} days"
    return WORDS[kind.name]


def _contacted(finding: FlowFinding) -> str:
    found = finding.contacted
    if found is None:
        return ""
    text = (
        f"A contact comes next most often after a touch at {cited(found.stage)}: in "
        f"{with_interval(found.share)} of {integer(found.n)}"
    )
    if finding.compared < 2:
        return f"{text}."
    if not finding.rivals:
        return f"{text}, more often than after any other stage."
    more = len(finding.rivals) - MOST_NAMED
    rivals = [cited(stage) for stage in finding.rivals[:MOST_NAMED]]
    rivals += [f"{small(more)} more"] if more > 0 else []
    return f"{text}, which is within noise of {listed(rivals)}."


def _after(finding: FlowFinding) -> str:
    """What follows a contact, the most frequent first."""
    origin = next((each for each in finding.known if each.name == SERVICE), None)
    if origin is None:
        return ""
    pairs = sorted(
        zip(finding.targets, origin.shares, strict=True), key=lambda pair: -pair[1].value
    )
    named = [pair for pair in pairs if pair[1].value >= LEAST_NAMED][:MOST_NAMED]
    parts = [f"{_what(target, finding)} in {with_interval(share)}" for target, share in named]
    return f"After a contact comes {listed(parts)} of {integer(origin.n)}." if parts else ""


def _what(target: str, finding: FlowFinding) -> str:
    if target == SERVICE:
        return "another contact"
    return f"nothing within {finding.days} days" if target == NOTHING else cited(target)


def _withheld(finding: FlowFinding) -> str:
    few = [origin for origin in finding.origins if not origin.shares[0].known]
    return _few(few, finding.min_base) if few else ""


def _few(few: list[Origin], base: int) -> str:
    names = [f"{cited(origin.name)} ({small(origin.n)})" for origin in few]
    return f"Withheld, with fewer than {base} events: {listed(names)}."
