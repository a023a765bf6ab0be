"""Diagnostics of a fit in words: a sentence or two each, with their numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cxanalysis.diagnostics import Caveat
from cxanalysis.findings.core import Estimate
from cxanalysis.narrative.words import (
    cited,
    counted,
    integer,
    listed,
    name,
    percent,
    points,
    sentence_case,
    slope,
    small,
    with_interval,
)

NAMED = 3
"""Measures that a sentence names; further ones are counted, and named in a footnote."""


def paragraph_of(caveat: Caveat) -> str:
    """What a reader should know of it; empty where it is said at another place."""
    return _PARAGRAPHS[caveat.code](caveat.facts) if caveat.code in _PARAGRAPHS else ""


def note_of(caveat: Caveat) -> str:
    """The whole list behind a sentence that names only the first; empty where it names all."""
    if caveat.code == "high_vif" and len(terms := caveat.facts["terms"]) > NAMED:
        rows = [f"{name(term)} {integer(value)}" for term, value in terms]
        return f"Overlapping measures, with their variance inflation: {', '.join(rows)}."
    if caveat.code == "sign_conflict" and len(terms := caveat.facts["terms"]) > NAMED:
        rows = [f"{name(term)} ({_both(values)})" for term, *values in terms]
        return f"Measures whose sign turns: {'; '.join(rows)}."
    return ""


def _undated(facts: dict[str, Any]) -> str:
    rated = {"contact_csat": "contacts"}
    kinds = sorted({rated.get(column, "touches") for column in facts["columns"]})
    moments = listed([{"contacts": "contact", "touches": "touch"}[kind] for kind in kinds], "or")
    return (
        f"Ratings of {listed(kinds)} have no time of their own: each counts from the moment of "
        f"the {moments}, so one that was given only after the overall answer cannot be told apart."
    )


def _global_item(facts: dict[str, Any]) -> str:
    sentences = []
    kept_out, used = ([cited(item) for item in facts[key]] for key in ("kept_out", "used"))
    if kept_out:
        ask, be = ("asks", "is") if len(kept_out) == 1 else ("ask", "are")
        sentences.append(
            f"{sentence_case(_some(kept_out))} {ask} about the whole and {be} kept out of the "
            "model: the outcome would explain itself."
        )
    if used:
        be, it = ("is", "it") if len(used) == 1 else ("are", "they")
        sentences.append(
            f"{sentence_case(_some(used))} {be} used as {'a measure' if it == 'it' else 'measures'}"
            f", yet by {'its' if it == 'it' else 'their'} wording {it} may ask about the whole, as "
            f"the outcome does. If so, mark {'it' if it == 'it' else 'them'} as global in the "
            "study file."
        )
    return " ".join(sentences)


def _small_base(facts: dict[str, Any]) -> str:
    """Groups that few customers have anything in; too few answers a column are said elsewhere."""
    groups = [f"{cited(group)} ({integer(customers)})" for _, group, customers in facts["groups"]]
    if not groups:
        return ""
    return (
        f"Fewer than {counted(facts['min_base'], 'customer')} have anything in {listed(groups)}, "
        "so little can be said there, a share near zero does not mean that nothing is there, and "
        "intervals hold somewhat less often than they say."
    )


def _high_vif(facts: dict[str, Any]) -> str:
    terms = facts["terms"]
    term, most = terms[0]
    if len(terms) == 1:
        return (
            f"{sentence_case(cited(term))} overlaps with the other measures so far that the "
            f"variance of its coefficient is {integer(most)} times what it would be alone. {_LOOSE}"
        )
    return (
        f"{sentence_case(small(len(terms)))} measures overlap with others so far that the "
        f"variance of their coefficients is at least {integer(facts['limit'])} times what it "
        f"would be alone ({cited(term)}: {integer(most)} times). {_LOOSE}"
    )


_LOOSE = (
    "Single coefficients are loose there; shares of sets and groups, which take overlapping "
    "measures together, are less so."
)


def _condition(facts: dict[str, Any]) -> str:
    return (
        "Some combination of the measures hardly varies: their condition number is "
        f"{integer(facts['value'])}, and {integer(facts['limit'])} counts as strong dependence. "
        "What such measures carry is divided among them on thin evidence."
    )


def _sign_conflict(facts: dict[str, Any]) -> str:
    terms = facts["terms"]
    rows = [f"{cited(term)} ({_both(values)})" for term, *values in terms]
    verb = "changes its sign" if len(terms) == 1 else "change their sign"
    return (
        f"{sentence_case(_some(rows))} {verb} once the other measures are held equal. Neither "
        "sign is the true one: they answer different questions, so both are given."
    )


def _both(values: Sequence[float]) -> str:
    estimate, low, high, correlation = values
    return (
        f"coefficient {slope(Estimate(estimate, low, high))}; correlation {points(correlation, 2)}"
    )


def _some_rows(facts: dict[str, Any]) -> str:
    what = "Overlapping measures, bends, single customers of weight and answers that look copied"
    if not facts["n"]:
        return f"{what} were not looked for: too few answers could be drawn by chance."
    return (
        f"{what} were looked for among {counted(facts['n'], 'answer')} of "
        f"{counted(facts['customers'], 'customer')} drawn by chance, out of "
        f"{counted(facts['of'], 'answer')} that the model is made of."
    )


def _nonlinear(facts: dict[str, Any]) -> str:
    shapes = {
        -1: "flattens towards the better end, so that what goes badly weighs more than what goes "
        "well",
        1: "steepens towards the better end, so that what goes well weighs more than what goes "
        "badly",
    }
    bends = [
        f"the link with {cited(key)} {shapes[direction]} (a curve would account for a further "
        f"{percent(gain, 1)} of the differences between answers)"
        for key, gain, direction, _ in facts["sets"]
    ]
    return f"The model draws straight lines, but {listed(bends)}."


def _influence(facts: dict[str, Any]) -> str:
    sentences = []
    if facts["terms"]:
        rows = [
            f"{cited(term)} (coefficient {slope(estimate)}, without that customer {slope(without)})"
            for term, estimate, without in facts["terms"]
        ]
        verb = "hangs" if len(rows) == 1 else "hang"
        sentences.append(f"What is said of {_some(rows)} {verb} on a single customer.")
    if "share" in facts:
        now, then = facts["share"], facts["share"] + facts["change"]
        sentences.append(
            f"Without one customer the share of service would be {percent(then)} instead "
            f"of {percent(now)}."
        )
    sentences.append("Look at those answers before relying on it.")
    return " ".join(sentences)


def _repeated(facts: dict[str, Any]) -> str:
    return (
        f"{integer(facts['repeated'])} of {counted(facts['n'], 'answer')} are the same as another "
        f"in every measure and in the score, while only {integer(facts['near'])} differ from "
        "another in a single place. Chance would leave more of the second kind; copied or "
        "filled-in answers look like this."
    )


def _straight(facts: dict[str, Any]) -> str:
    n, straight = facts["n"], facts["straight"]
    return (
        f"{integer(straight)} of {counted(n, 'answer')} ({percent(straight / n)}) give one and the "
        f"same value to every question they rate, {integer(facts['of_value'])} of them a "
        f"{facts['value']:g}. Some mean it, some click through, and filled-in data look the same; "
        "each makes all links look closer."
    )


def _halo(facts: dict[str, Any]) -> str:
    effect = Estimate(facts["estimate"], facts["conf_low"], facts["conf_high"])
    held = [name(column) for column in facts["held"]]
    equal = f", with {listed(held)} held equal" if held else ""
    return (
        "Customers who had rated their journey a point higher before a contact rate that contact "
        f"{with_interval(effect, '')} points higher{equal} ({counted(facts['n'], 'contact')}). So "
        "ratings of service carry some of the mood that customers came with."
    )


def _some(items: Sequence[str]) -> str:
    """The first few, and how many more: "a, b, c and two more"."""
    if len(items) <= NAMED:
        return listed(items)
    return listed([*items[:NAMED], f"{small(len(items) - NAMED)} more"])


_PARAGRAPHS: dict[str, Callable[[dict[str, Any]], str]] = {
    "outcome_before_driver": _undated,
    "global_item": _global_item,
    "small_base": _small_base,
    "high_vif": _high_vif,
    "condition_number": _condition,
    "sign_conflict": _sign_conflict,
    "nonlinear": _nonlinear,
    "influence": _influence,
    "repeated_rows": _repeated,
    "some_rows": _some_rows,
    "straight_lines": _straight,
    "halo": _halo,
}
