"""Mending and giving, in words."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.core import Estimate
from cxanalysis.findings.moments import Given, Mended, MomentsFinding
from cxanalysis.narrative.core import describe, footnotes, tabulate
from cxanalysis.narrative.words import (
    amount,
    cited,
    counted,
    gap,
    gap_range,
    in_sentence,
    in_words,
    integer,
    listed,
    name,
    score,
    sentence_case,
    signed_gap,
    small,
    wider,
)

CLEAR = 0.05
WHO = {
    "solved": "customers whose problem was solved",
    "unsolved": "customers whose problem was still open",
    "none": "customers who told of none",
}
DID = {
    "response": "answered the invitation",
    "recommends": "would recommend (9 or 10)",
    "told": "told it in public",
    "referred": "brought a customer",
}
LATER = ("told", "referred")


@describe.register
def _describe(finding: MomentsFinding) -> tuple[str, ...]:
    paragraphs = [
        " ".join(filter(None, (_solved(finding), _unsolved(finding)))),
        " ".join(filter(None, (_gestures(finding), _did(finding)))),
    ]
    return tuple(paragraph for paragraph in paragraphs if paragraph)


@tabulate.register
def _tabulate(finding: MomentsFinding) -> pd.DataFrame | None:
    rows = [row for each in finding.mended if each.plain.known for row in _rows(each)]
    rows += [_row(each) for each in finding.given if each.difference.known]
    return pd.DataFrame(rows) if rows else None


@footnotes.register
def _footnotes(finding: MomentsFinding) -> tuple[str, ...]:
    notes = []
    shown = [each for each in finding.mended if each.plain.known]
    if shown:
        notes.append(
            f"*Problem*: contact in the {finding.lookback_days} days before an answer for "
            f"{listed([cited(reason) for reason in finding.reasons], 'or')}; *solved*: so at the "
            "moment of the answer, with no attempt about it after. Who had a problem and told "
            "nobody counts as having none."
        )
    given = [each for each in finding.given if each.difference.known]
    if given:
        after = [in_sentence(each.label) for each in given if each.metric in LATER]
        later = (
            f" *{sentence_case(listed(after, 'or'))}*: within {finding.days} days after the "
            "answer, of answers old enough."
            if after
            else ""
        )
        notes.append(
            f"*Gesture*: a touch at {listed([cited(each) for each in finding.gestures], 'or')} in "
            f"the {finding.lookback_days} days before the answer (or the invitation).{later}"
        )
    if notes:
        held = _held_of_problems(finding) if shown else ""
        held += "; " if shown and given else ""
        if given:
            held += "for gestures, ratings before them, and touches and stages up to the answer"
        notes.append(
            f"*Held equal*: {held}. What no table holds is not. Intervals count a customer once; "
            "p-values allow for there being several. Only customers who answered are seen."
        )
    return tuple(notes)


def _held_of_problems(finding: MomentsFinding) -> str:
    return (
        f"for problems, ratings, number of touches and stages touched in {finding.lookback_days} "
        f"days that end {finding.failed_days} days before the first contact about it, so that "
        "what failed is not among them (of those who told of none, as long before the answer as "
        "at the median of the others)"
    )


# --- mending -------------------------------------------------------------------------------


def _pair(finding: MomentsFinding, first: str, second: str) -> Mended | None:
    found = (each for each in finding.mended if (each.first, each.second) == (first, second))
    return next(found, None)


def _solved(finding: MomentsFinding) -> str:
    """Whether those whose problem was solved stand above, below or with those without one."""
    pair = _pair(finding, "solved", "none")
    if pair is None:
        needs = in_words(finding.needs_problems)
        return f"**How mended problems are rated cannot be told:** it {needs}."
    if pair.n_first + pair.n_second == 0:
        return (
            f"**How mended problems are rated cannot be told for {finding.period}:** there are no "
            "answers."
        )
    if not pair.plain.known:
        return (
            f"**How mended problems are rated cannot be told for {finding.period}:** "
            f"{_answers(pair.n_first)} came from {WHO['solved']} and {integer(pair.n_second)} from "
            f"{WHO['none']}, and it takes {finding.min_base} of each. {wider(finding.period)}"
        )
    verdict, after = _paradox(pair, finding.higher_is_better)
    return (
        f"**{verdict}:** {score(pair.first_mean)} on average of {name(finding.outcome)} "
        f"({_answers(pair.n_first)}) against {score(pair.second_mean)} "
        f"({integer(pair.n_second)}). With ratings, touches and stages from before the problem "
        f"held equal the difference is {_points(pair.equal)}{after}."
    )


def _paradox(pair: Mended, higher_is_better: bool) -> tuple[str, str]:
    """The verdict, and what the interval says of a recovery paradox."""
    if not pair.p_value < CLEAR:
        return (
            "No clear difference between a problem solved and none",
            ", within chance: a recovery paradox is neither seen nor ruled out",
        )
    side = "higher" if pair.equal.value > 0 else "lower"
    verdict = f"Customers whose problem was solved rate {side} than those who told of none"
    if (side == "higher") != higher_is_better:
        return verdict, ": no recovery paradox is seen"
    return (
        verdict,
        ", what is called the recovery paradox; who complains may differ in more than that",
    )


def _unsolved(finding: MomentsFinding) -> str:
    parts = []
    for first, second in (("unsolved", "none"), ("solved", "unsolved")):
        pair = _pair(finding, first, second)
        if pair is None or not pair.plain.known:
            continue
        chance = "" if pair.p_value < CLEAR else ", within chance"
        other = "those with none" if second == "none" else "those with one still open"
        subject = "with a problem still open" if first == "unsolved" else "with one solved"
        parts.append(f"customers {subject} differ from {other} by {_points(pair.equal)}{chance}")
    if parts:
        return f"On the same footing, {'; '.join(parts)}."
    pair = _pair(finding, "unsolved", "none")
    if pair is None or not (found := _pair(finding, "solved", "none")) or not found.plain.known:
        return ""
    return (
        f"Only {_answers(pair.n_first)} came from customers with a problem still open: too few to "
        "compare."
    )


def _answers(n: int) -> str:
    return f"{small(n)} {'answer' if n == 1 else 'answers'}"


def _points(estimate: Estimate) -> str:
    return f"{_signed(estimate.value)} ({_signed(estimate.low)} to {_signed(estimate.high)})"


def _signed(value: float) -> str:
    return signed_gap(value, "score")


# --- giving --------------------------------------------------------------------------------


def _given(finding: MomentsFinding, metric: str) -> Given | None:
    return next((each for each in finding.given if each.metric == metric), None)


def _gestures(finding: MomentsFinding) -> str:
    equal = _given(finding, "score_adjusted")
    if equal is None:
        return f"What a gesture goes with cannot be told: it {in_words(finding.needs_gestures)}."
    places = listed([cited(each) for each in finding.gestures], "or")
    if equal.n_given + equal.n_rest == 0:
        return "" if finding.mended else f"There are no answers in {finding.period}."
    if equal.n_given == 0:
        return f"Of the answers of {finding.period}, none came after a gesture ({places})."
    if not equal.difference.known:
        return (
            f"Of the answers of {finding.period}, {integer(equal.n_given)} came after a gesture "
            f"({places}) and {integer(equal.n_rest)} without one: too few on one side to compare."
        )
    chance = "" if equal.p_value < CLEAR else ", within chance"
    return (
        f"Those who had got something unasked ({places}) gave {score(equal.given)} "
        f"({counted(equal.n_given, 'answer')}), the rest {score(equal.rest)} "
        f"({integer(equal.n_rest)}); with the journey before held equal the difference is "
        f"{_points(equal.difference)}{chance}.{_soon(finding)}"
    )


def _soon(finding: MomentsFinding) -> str:
    """A warning that asking right after a gift flatters, with what the data tell of it."""
    soon = _given(finding, "score_soon")
    warning = " Asking right after a gift may flatter"
    if soon is None or soon.n_given + soon.n_rest == 0:
        return f"{warning}."
    asked = f"{integer(soon.n_given)} of them were asked within {finding.soon_days} days of it"
    if not soon.difference.known:
        return f"{warning}: {asked}."
    clear = "" if soon.difference.excludes_zero else ", within chance"
    by = _points(soon.difference)
    return f"{warning}: {asked}, and differ from those asked later by {by}{clear}."


def _did(finding: MomentsFinding) -> str:
    """What customers did: answered, would recommend, told it, brought somebody."""
    known = [
        each
        for metric in DID
        if (each := _given(finding, metric)) is not None and each.difference.known
    ]
    if not known:
        return ""
    clear = [each for each in known if each.p_value < CLEAR]
    lines = [
        f"{amount(each.given, each.unit)} of those with a gesture {DID[each.metric]}, "
        f"{amount(each.rest, each.unit)} of the rest: {_by(each)} "
        f"({gap_range(each.difference.low, each.difference.high, each.unit)})."
        for each in clear
    ]
    rest = [DID[each.metric] for each in known if each not in clear]
    if rest:
        lines.append(f"No clear difference in how many {listed(rest, 'or')}.")
    return " ".join(lines)


def _by(each: Given) -> str:
    """A difference with its sign and unit: "+8 points", "−0.7 points"."""
    text = signed_gap(each.difference.value, each.unit)
    if each.unit != "share":
        return text
    return f"{text} {gap(each.difference.value, each.unit).rsplit(' ', maxsplit=1)[-1]}"


# --- the table -----------------------------------------------------------------------------


def _rows(pair: Mended) -> list[dict[str, str]]:
    titles = {"none": "no problem", "solved": "problem solved", "unsolved": "problem open"}
    row = {
        "compared": f"{titles[pair.first]} − {titles[pair.second]}".capitalize(),
        "first": f"{score(pair.first_mean)} ({integer(pair.n_first)})",
        "second": f"{score(pair.second_mean)} ({integer(pair.n_second)})",
    }
    plain, equal = (
        {
            "difference": _signed(each.value),
            "95% interval": f"{_signed(each.low)} to {_signed(each.high)}",
        }
        for each in (pair.plain, pair.equal)
    )
    held = {"compared": "– held equal", "first": "", "second": ""}
    return [row | plain, held | equal]


def _row(each: Given) -> dict[str, str]:
    gift = "Asked soon − asked later" if each.metric == "score_soon" else "Gesture − none"
    held = each.metric == "score_adjusted"
    what = f": {DID[each.metric]}" if each.metric in DID else ""
    return {
        "compared": "– held equal" if held else f"{gift}{what}",
        "first": "" if held else f"{amount(each.given, each.unit)} ({integer(each.n_given)})",
        "second": "" if held else f"{amount(each.rest, each.unit)} ({integer(each.n_rest)})",
        "difference": _by(each),
        "95% interval": gap_range(each.difference.low, each.difference.high, each.unit),
    }
