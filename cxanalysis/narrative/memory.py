"""Which rule the overall score follows, in words, and what is recalled later."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.core import Estimate
from cxanalysis.findings.memory import Lag, Levels, MemoryFinding, Rule
from cxanalysis.narrative.core import describe, footnotes, tabulate
from cxanalysis.narrative.words import (
    counted,
    gap_range,
    in_words,
    integer,
    listed,
    name,
    percent,
    points,
    sentence_case,
    signed_gap,
    small,
    with_interval,
)

RULES = {
    "mean": "the mean of all ratings",
    "sum": "the sum above and below the usual",
    "worst": "the worst rating",
    "last": "the last rating",
    "peak and end": "peak and end",
    "weighted": "the mean weighted by stage",
    "last of service": "the last rating of service",
}


@describe.register
def _describe(finding: MemoryFinding) -> tuple[str, ...]:
    paragraphs = [_headline(finding), _behind(finding), _base(finding), _recalled(finding)]
    return tuple(paragraph for paragraph in paragraphs if paragraph)


@tabulate.register
def _tabulate(finding: MemoryFinding) -> pd.DataFrame | None:
    if not finding.rules:
        return None
    return pd.DataFrame([_row(rule, finding.rules[0]) for rule in finding.rules])


@footnotes.register
def _footnotes(finding: MemoryFinding) -> tuple[str, ...]:
    notes = []
    if finding.rules:
        notes = [
            "*Accounted for*: 1 − squared error of what the rule predicts ÷ that of predicting "
            "the average score for everyone, over ten folds of whole customers dealt ten times; "
            "below 0%, that average does better. Since the best is known only afterwards, the "
            "tests allow for all pairs of rules (Holm).",
            "*Peak and end*: midway between the rating farthest from the middle of the scale, the "
            "worse one at a tie, and the last one (Kahneman and others, 1993). *Usual*: the mean "
            "of all these ratings. *Weighted*: what each stage counts for is learnt from the "
            "customers fitted on.",
            "A touch that nobody rated is in no rule, and those who rate and answer are not "
            "everyone. Ratings by one person resemble each other, which helps every rule.",
        ]
    if finding.gap.known:
        what = "the mean of the ratings"
        if finding.same_touchpoint:
            what = "the last rating of the same touchpoint"
        notes.append(
            f"*Later scores*: the gap is the later score less {what} in the {finding.days} days "
            "before it. Nobody deals by chance who answers soon and who late, so what differs "
            "between them may be other than memory."
        )
    return tuple(notes)


def lag_text(lag: Lag) -> str:
    """The days of a lag: "7 to 13 days", "56 days or more"."""
    if lag.to_days == float("inf"):
        return f"{lag.from_days:g} days or more"
    return f"{lag.from_days:g} to {lag.to_days - 1:g} days"


def _row(rule: Rule, first: Rule) -> dict[str, str]:
    behind = beyond = "–"
    if rule is not first:
        low, high = rule.behind.low, rule.behind.high
        behind = f"{signed_gap(rule.behind.value, 'share', 1)} ({gap_range(low, high, 'share', 1)})"
        beyond = "yes" if rule.clear else "no"
    return {
        "rule": sentence_case(RULES[rule.rule].removeprefix("the ")),
        "accounted for": percent(rule.r2.value, 1),
        "points behind the first": behind,
        "beyond noise": beyond,
    }


def _headline(finding: MemoryFinding) -> str:
    outcome = name(finding.outcome)
    if not finding.rules:
        if finding.needs.startswith("needs"):
            return f"**What stays in memory cannot be told:** it {in_words(finding.needs)}."
        many = small(finding.customers) if finding.customers else "none"
        return (
            f"**What stays in memory cannot be told for {finding.period}:** of the customers who "
            f"answered, {many} had two ratings or more in the {finding.days} days before, which "
            "is too few."
        )
    first = finding.rules[0]
    known = f"{with_interval(first.r2)} of the differences between answers"
    if not first.r2.low > 0:
        return (
            f"**None of the rules is shown to predict {outcome}:** the first of them, "
            f"{RULES[first.rule]}, accounts for {known} of customers it was not fitted on."
        )
    if finding.clear:
        rule = sentence_case(RULES[first.rule])
        return (
            f"**{rule} predicts {outcome} best:** it accounts for {known} "
            "of customers it was not fitted on, more than any other rule by more than noise."
        )
    return (
        f"**No rule alone predicts {outcome} best:** {RULES[first.rule]} comes first and accounts "
        f"for {known} of customers it was not fitted on, but {_close(finding)} within noise of it."
    )


def _close(finding: MemoryFinding) -> str:
    names = [RULES[rule.rule] for rule in finding.rules[1:] if not rule.clear]
    return f"{listed(names)} {'is' if len(names) == 1 else 'are'}"


def _behind(finding: MemoryFinding) -> str:
    """What is behind by more than noise, and how single touchpoints compare."""
    if not finding.rules or not finding.rules[0].r2.low > 0:
        return ""
    behind = [rule for rule in finding.rules[1:] if rule.clear]
    names = [f"{RULES[rule.rule]} ({percent(rule.r2.value)})" for rule in behind]
    verb = "is" if len(names) == 1 else "are"
    said = [f"Behind it by more than noise {verb} {listed(names)}."] if names else []
    if finding.clear:
        said = [f"Next {'comes' if len(names) == 1 else 'come'} {listed(names[:2])}."]
    said += [_single(finding.levels)] if finding.levels is not None else []
    return " ".join(said)


def _single(levels: Levels) -> str:
    """Whether the journey's mean or one touchpoint's own rating predicts better."""
    of = f"of {counted(levels.touchpoints, 'touchpoint')}"
    if not levels.journey_better and not levels.touchpoint_better:
        if levels.touchpoints == 1:
            return (
                "At the one touchpoint with enough answers, its own rating predicts neither "
                "clearly better nor clearly worse than the mean of the whole journey."
            )
        return (
            f"At none {of} does its own rating predict clearly better or worse than the mean of "
            "the whole journey."
        )
    parts = []
    if levels.journey_better:
        parts.append(
            f"the mean of the whole journey predicts better than a touchpoint's own rating at "
            f"{levels.journey_better} {of}"
        )
    if levels.touchpoint_better:
        at = f"at {levels.touchpoint_better}" + ("" if parts else f" {of}")
        parts.append(f"the touchpoint's own rating better {at}")
    rest = "" if levels.touchpoint_better else "; nowhere is it the other way round"
    return f"By more than noise, {listed(parts)}{rest}."


def _base(finding: MemoryFinding) -> str:
    if not finding.rules:
        return ""
    low, _, high = finding.typical
    span = f"{low:g} to {high:g}" if low < high else f"{low:g}"
    left = []
    if finding.n_unrated:
        left.append(f"{integer(finding.n_unrated)} without a rating")
    if finding.n_single:
        left.append(f"{integer(finding.n_single)} with one, on which all rules agree")
    text = (
        f"The rules were tried on {counted(finding.n, 'answer')} of "
        f"{counted(finding.customers, 'customer')} with two ratings or more in the {finding.days} "
        f"days before, the middle half of them with {span}."
    )
    return f"{text} Not used: {listed(left)}." if left else text


def _recalled(finding: MemoryFinding) -> str:
    if not finding.gap.known:
        return ""
    gap, slope = finding.gap, finding.slope
    where = "are not clearly above or below" if not gap.excludes_zero else "lie above"
    where = "lie below" if gap.high < 0 else where
    of, there = (" of a touchpoint", " there") if finding.same_touchpoint else ("", "")
    brought = ", to which both were brought" if (finding.low, finding.high) == (0, 1) else ""
    text = (
        f"Later scores{of} {where} the ratings{there} in the moment: the gap is {_signed(gap)} "
        f"on a scale from {finding.low:g} to {finding.high:g}{brought}, over "
        f"{counted(finding.n_gap, 'answer')} given {finding.median_days:.0f} days after the last "
        "rated touch (median)."
    )
    if not slope.known:
        return text
    noise = "" if slope.excludes_zero else ", which is within noise"
    return f"{text} For 30 more days between, it differs by {_signed(slope)}{noise}."


def _signed(estimate: Estimate) -> str:
    """A difference of scores with its interval, all with their sign."""
    if not estimate.has_interval:
        return points(estimate.value, 2)
    low, high = points(estimate.low, 2), points(estimate.high, 2)
    return f"{points(estimate.value, 2)} ({low} to {high})"
