"""The journey map in words: the weakest link, what was heard, and what was not."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.core import Estimate
from cxanalysis.findings.journey import JourneyFinding, OwnScore, Stage, Touchpoint, Weakest
from cxanalysis.narrative.core import describe, footnotes, tabulate
from cxanalysis.narrative.words import (
    amount,
    cited,
    counted,
    in_words,
    integer,
    interval,
    listed,
    name,
    percent,
    score,
    sentence_case,
    small,
    with_interval,
)

MOST_NAMED = 4  # of a list inside a sentence


@describe.register
def _describe(finding: JourneyFinding) -> tuple[str, ...]:
    if finding.needs:
        return (f"**There is no journey to show:** it {in_words(finding.needs)}.",)
    if not any(stage.touches for stage in finding.stages):
        return (f"**No touch is recorded for {finding.period}.**",)
    paragraphs = [_headline(finding), _best(finding), _touchpoint(finding), _believed(finding)]
    paragraphs += [_coverage(finding), _withheld(finding)]
    return tuple(paragraph for paragraph in paragraphs if paragraph)


@tabulate.register
def _tabulate(finding: JourneyFinding) -> pd.DataFrame | None:
    if not any(stage.touches for stage in finding.stages):
        return None
    return pd.DataFrame([_row(stage, finding) for stage in finding.stages])


@footnotes.register
def _footnotes(finding: JourneyFinding) -> tuple[str, ...]:
    if not any(stage.touches for stage in finding.stages):
        return ()
    lines: list[str] = []
    if finding.has_ratings:
        lines += [
            "*Rated*: touches that the customer rated ÷ touches.",
            f"*Rating*: mean of the ratings given, of {finding.low:g} to {finding.high:g}; "
            f"{'higher' if finding.higher_is_better else 'lower'} is better. Intervals count "
            "customers, not touches, since one customer rates alike.",
            f"*Best answer*: share of ratings that are {best(finding)}.",
        ]
    if finding.own_scores:
        lines.append(
            "*Own score*: what the study file says the company believes it gets; it counts as "
            "known exactly. More than chance allows for the number of stages (Holm's method)."
        )
    if any(stage.n_effort for stage in finding.stages):
        low, high = finding.effort_scale
        lines.append(f"*Effort*: mean of the answers on effort, of {low:g} to {high:g}.")
    return tuple(lines)


def best(finding: JourneyFinding) -> str:
    """The best answer, as written: "5"."""
    return f"{finding.high if finding.higher_is_better else finding.low:g}"


def _row(stage: Stage, finding: JourneyFinding) -> dict[str, str]:
    row = {
        "stage": sentence_case(name(stage.stage)),
        "touches": integer(stage.touches),
        "customers": integer(stage.customers),
    }
    if not finding.has_ratings:
        return row
    row |= {
        "rated": amount(stage.coverage.value, "share", 0),
        "n": integer(stage.n),
        "rating": amount(stage.rating.value, "score"),
        "95% interval": interval(stage.rating, "score") if stage.rating.has_interval else "–",
        "best answer": amount(stage.top_box.value, "share"),
    }
    if any(each.n_effort for each in finding.stages):
        row["effort"] = with_interval(stage.effort, "score")
    if any(each.lowest for each in finding.stages):
        row["lowest touchpoint"] = _lowest(stage.lowest) if stage.lowest else "–"
    return row


def _lowest(point: Touchpoint) -> str:
    return f"{name(point.touchpoint)} ({score(point.rating.value)})"


def _headline(finding: JourneyFinding) -> str:
    if not finding.has_ratings:
        return (
            f"**{counted(_touches(finding), 'touch', 'touches')} for {finding.period}, and no word "
            "on how they went:** the journeys hold no ratings."
        )
    if finding.weakest is None:
        return (
            f"**No stage can be held against another for {finding.period}:** that takes two with "
            f"at least {integer(finding.min_base)} ratings each."
        )
    stage = next(each for each in finding.stages if each.stage == finding.weakest.name)
    where = f"{with_interval(stage.rating, 'score')} of {finding.low:g} to {finding.high:g}"
    where = f"{where}, from {counted(stage.n, 'rating')}"
    return weakest_sentence(finding.weakest, "stage", where, worse(finding))


def worse(finding: JourneyFinding) -> str:
    """The word for a worse rating on this scale."""
    return "below" if finding.higher_is_better else "above"


def weakest_sentence(weakest: Weakest, noun: str, where: str, word: str) -> str:
    """Which is the worst, or that none clearly is; ``where`` gives its rating with interval."""
    lead = _size(weakest.lead)
    ends = f" (95% interval {interval(lead, 'score')})" if lead.has_interval else ""
    gap = score(abs(weakest.lead.value))
    if weakest.is_clear:
        return (
            f"**{sentence_case(cited_place(weakest.name))} is the weakest {noun}:** {where}. That "
            f"is {gap} {word} {cited_place(weakest.following)}, the next{ends}."
        )
    others = _rivals(weakest)
    return (
        f"**No {noun} is clearly the weakest.** The worst figure is that of "
        f"{cited_place(weakest.name)}, {where}, but it cannot be told apart from {others}: to "
        f"{cited_place(weakest.following)} the difference is {gap}{ends}."
    )


def _rivals(weakest: Weakest) -> str:
    """Those not told apart from the worst, the nearest by name."""
    more = len(weakest.rivals) - MOST_NAMED
    names = [cited_place(rival) for rival in weakest.rivals[:MOST_NAMED]]
    return listed(names + ([f"{small(more)} more"] if more > 0 else []))


def cited_place(text: str) -> str:
    """A stage, or a touchpoint of one: "use: installation" → "*installation* in *use*"."""
    stage, sign, point = text.partition(": ")
    return f"{cited(point)} in {cited(stage)}" if sign else cited(text)


def _size(lead: Estimate) -> Estimate:
    """A difference seen from its own side, so that it is above zero."""
    return lead if lead.value >= 0 else Estimate(-lead.value, -lead.high, -lead.low)


def _best(finding: JourneyFinding) -> str:
    rated = [stage for stage in finding.stages if stage.rating.known]
    if len(rated) < 2:
        return ""
    ordered = sorted(rated, key=lambda stage: stage.rating.value, reverse=finding.higher_is_better)
    top = ordered[0]
    awed = max(rated, key=lambda stage: stage.top_box.value)
    least = min(rated, key=lambda stage: stage.top_box.value)
    return (
        f"The best rated stage is {cited(top.stage)} at {with_interval(top.rating, 'score')}. The "
        f"best answer, {best(finding)}, was given in {percent(awed.top_box.value)} of ratings at "
        f"{cited(awed.stage)} and in {percent(least.top_box.value)} at {cited(least.stage)}."
    )


def _touchpoint(finding: JourneyFinding) -> str:
    weakest = finding.weakest_touchpoint
    if weakest is None:
        return ""
    if weakest.is_clear:
        return (
            f"Among touchpoints, {cited_place(weakest.name)} is rated worst, at "
            f"{score(weakest.rating)}; {cited_place(weakest.following)} follows "
            f"(difference {score(abs(weakest.lead.value))}, "
            f"{interval(_size(weakest.lead), 'score')})."
        )
    others = _rivals(weakest)
    return (
        f"Among touchpoints, the worst figure is {score(weakest.rating)}, at "
        f"{cited_place(weakest.name)}; it cannot be told apart from {others}."
    )


def _believed(finding: JourneyFinding) -> str:
    """Where the company thinks otherwise of itself than its customers rate it."""
    if not finding.own_scores:
        return ""
    clear = [own for own in finding.own_scores if own.is_clear]
    sign = 1 if finding.higher_is_better else -1
    sentences = []
    for word, better in (("better", True), ("worse", False)):
        parts = [_gap(own) for own in clear if (sign * own.difference.value > 0) == better]
        if parts:
            sentences.append(
                f"The company believes it is rated {word} than it is at {listed(parts)}."
            )
    others = [own for own in finding.own_scores if not own.is_clear]
    if others:
        names = listed([f"{cited(own.stage)} ({score(own.difference.value)})" for own in others])
        sentences.append(
            f"The difference between its own score and the ratings is within chance at {names}."
        )
    return " ".join(sentences)


def _gap(own: OwnScore) -> str:
    ends = interval(_size(own.difference), "score")
    return (
        f"{cited(own.stage)} ({score(own.score)} against {score(own.rating)}: a difference of "
        f"{score(abs(own.difference.value))}, {ends})"
    )


def _coverage(finding: JourneyFinding) -> str:
    met = [stage for stage in finding.stages if stage.coverage.known]
    total, rated = _touches(finding), sum(stage.n for stage in finding.stages)
    if not finding.has_ratings or not met or not rated:
        return ""
    least = min(met, key=lambda stage: stage.coverage.value)
    most = max(met, key=lambda stage: stage.coverage.value)
    text = (
        f"Of {counted(total, 'touch', 'touches')}, {percent(rated / total)} were rated; what the "
        "others were like is not known."
    )
    if least.stage == most.stage:
        return text
    return (
        f"{text} The share is lowest at {cited(least.stage)} ({percent(least.coverage.value)}) "
        f"and highest at {cited(most.stage)} ({percent(most.coverage.value)})."
    )


def _withheld(finding: JourneyFinding) -> str:
    few = [stage for stage in finding.stages if 0 < stage.n < finding.min_base]
    if not few:
        return ""
    names = [f"{cited(stage.stage)} ({integer(stage.n)})" for stage in few]
    return f"Ratings are withheld, with fewer than {finding.min_base} of them: {listed(names)}."


def _touches(finding: JourneyFinding) -> int:
    return sum(stage.touches for stage in finding.stages)
