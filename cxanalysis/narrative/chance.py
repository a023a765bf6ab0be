"""What an answer owes to chance: its two nulls, each under its own name, and unmeasured causes."""

from __future__ import annotations

import math

from cxanalysis.findings.answer import AnswerFinding, Robustness
from cxanalysis.narrative.words import cited, name, percent

_REST = "the rest of the journey"
# The least that 999 draws can show, times two tests.
LEAST = 0.002


def against_chance(finding: AnswerFinding) -> str:
    """One sentence: whether each set goes with anything at all, and adds anything to the other."""
    goes = {
        (True, True): "both sets go with more than *nothing at all*",
        (True, False): f"service goes with more than *nothing at all*, {_REST} is not shown to",
        (False, True): f"{_REST} goes with more than *nothing at all*, service is not shown to",
        (False, False): "neither set is shown to go with more than *nothing at all*",
    }
    adds = {
        (True, True): "each *adds something to the rest*",
        (True, False): "only service is shown to *add something to the rest*",
        (False, True): f"only {_REST} is shown to *add something* to the other set",
        (False, False): "neither is shown to *add anything to the rest*",
    }
    said = [table[key] for table, key in ((goes, finding.goes), (adds, finding.adds)) if key]
    return f"Held against chance, {', and '.join(said)}." if said else ""


def floor(finding: AnswerFinding) -> str:
    """How far chance alone reaches."""
    if finding.floor_by == "none":
        return (
            "Whether either set *goes with nothing at all* cannot be tested: a few customers gave "
            "most of the answers, and chance has too few of them to reorder."
        )
    if finding.goes is None:
        return ""
    ours, rest = (percent(max(0.0, at), 1) for at in (finding.floor, finding.rest_floor))
    units = "answers" if finding.n_customers == finding.n else "customers"
    how, cases = f"with the scores dealt anew among {units}", "deals"
    if finding.floor_by == "signed":
        how = (
            "with each customer's distance from the others' mean score given a sign by chance, "
            "since too few customers have as many answers as another to deal them anew"
        )
        cases = "draws"
    p_ours, p_rest = map(_p_value, (finding.service_goes, finding.rest_goes))
    return (
        f"*Goes with nothing at all*: {how}, service alone stays below {ours} and the rest below "
        f"{rest} in 19 of 20 {cases}; adjusted for two tests by Holm's method, p {p_ours} for "
        f"service and p {p_rest} for the rest."
    )


def adds_nothing(finding: AnswerFinding) -> str:
    """The tests of adding nothing to the rest."""
    if finding.adds is None:
        return ""
    test = "Wald" if finding.measure == "R²" else "score"
    ours, rest = map(_p_value, (finding.service_adds, finding.rest_adds))
    return (
        f"*Adds nothing to the rest*: a {test} test of each set, the other held equal, gives "
        f"p {ours} for service and p {rest} for the rest of the journey (adjusted for two tests "
        "by Holm's method)."
    )


def _p_value(p: float) -> str:
    if p < 0.001:
        return "below 0.001"
    if p <= LEAST:
        return f"≤ {LEAST:g}"
    return f"= {p:.{3 if p < 0.1 else 2}f}"


def unmeasured(finding: AnswerFinding) -> tuple[str, ...]:
    """What an unmeasured cause would have to explain, for each driver named beforehand."""
    return tuple(_unmeasured(finding, item) for item in finding.robustness)


def _unmeasured(finding: AnswerFinding, item: Robustness) -> str:
    driver = cited(item.term)
    if math.isnan(item.to_zero):
        return f"The coefficient of {driver} could not be estimated, so it has no robustness value."
    chance = "it lies within what chance allows as it is"
    if item.to_chance > 0:
        chance = f"{percent(item.to_chance, 1)} would bring it within what chance allows"
    return (
        f"To bring the coefficient of {driver} to zero, an unmeasured cause would have to explain "
        f"at least {percent(item.to_zero, 1)} of what is left of both it and "
        f"{name(finding.outcome)}; {chance} (robustness values, by the classical t)."
    )
