"""The team's aims in words: which point to satisfaction, and which two pull apart."""

from __future__ import annotations

import pandas as pd

from cxanalysis.drivers.aims import AGAINST, ALIGNED
from cxanalysis.findings.aims import Aim, AimsFinding, Pair
from cxanalysis.findings.core import Estimate
from cxanalysis.metrics.service_aims import CONFLICT, NOT_CLEAR
from cxanalysis.narrative.core import ALSO, describe, footnotes, tabulate
from cxanalysis.narrative.words import (
    cited,
    counted,
    gap,
    in_words,
    integer,
    listed,
    name,
    points,
    sentence_case,
    slope,
    small,
    wider,
)

UNITS = {"hours": "hour", "minutes": "minute", "count": "one more", "points": "point"}


@describe.register
def _describe(finding: AimsFinding) -> tuple[str, ...]:
    if not finding.known and not finding.pairs:
        return (_nothing(finding),)
    pairs = " ".join(text for text in (_pairs(finding), _same(finding)) if text)
    paragraphs = [_headline(finding), _asked(finding), pairs, _missing(finding)]
    return tuple(paragraph for paragraph in paragraphs if paragraph)


def aim_text(aim: str) -> str:
    """What is asked of a figure: "to be lower"."""
    return f"to be {aim}"


def _nothing(finding: AimsFinding) -> str:
    if finding.needs:
        takes = in_words(finding.needs).removeprefix("needs ")
        return (
            f"**Whether the team's aims point to satisfaction cannot be told:** that takes {takes}."
        )
    return (
        "**Whether the team's aims point to satisfaction cannot be told for "
        f"{finding.period}:** no figure of a contact has {finding.min_base} answers. "
        f"{wider(finding.period)}"
    )


def _headline(finding: AimsFinding) -> str:
    against, aligned = finding.worded(AGAINST), finding.worded(ALIGNED)
    many = len(finding.known)
    if not many:
        return "**Whether the team's aims point to satisfaction cannot be told:** " + (
            f"that takes {in_words(finding.needs).removeprefix('needs ')}."
            if finding.needs
            else f"no figure of a contact has {finding.min_base} answers."
        )
    if against:
        title = (
            "One aim points away from satisfaction"
            if len(against) == 1
            else f"{sentence_case(small(len(against)))} aims point away from satisfaction"
        )
        rest = f" {_linked(finding, aligned[0])}" if aligned else ""
        return f"**{title}:** {_link(finding, against[0])}.{rest}"
    if aligned:
        title = f"{sentence_case(small(len(aligned)))} of {small(many)} aims"
        verb = "points" if len(aligned) == 1 else "point"
        return (
            f"**{title} clearly {verb} to satisfaction, none clearly away from it:** "
            f"{_link(finding, aligned[0])}."
        )
    title = (
        f"Of none of the {small(many)} aims is it clear whether it points to satisfaction"
        if many > 1
        else "It is not clear whether the one aim known points to satisfaction"
    )
    return (
        f"**{title}:** "
        f"each link with {cited(finding.outcome)} is within noise, other drivers held equal."
    )


def _linked(finding: AimsFinding, aim: Aim) -> str:
    return f"The clearest that points to it: {_link(finding, aim)}."


def _link(finding: AimsFinding, aim: Aim) -> str:
    """What one standard deviation the way that is asked goes with."""
    side = "higher" if (aim.towards.value > 0) else "lower"
    unit = " log-odds" if finding.log_odds else " points"
    outcome = cited(finding.outcome)
    return (
        f"where {cited(aim.metric)} lies one standard deviation {aim.aim}, {outcome} "
        f"is {gap(aim.towards.value, 'score')}{unit} {_better(side)} "
        f"({_range(aim.towards)}), other drivers held equal"
    )


def _better(side: str) -> str:
    return "better" if side == "higher" else "worse"


def _signed(estimate: Estimate) -> str:
    """A link with its interval: "+0.15 (−0.14 to +0.45)"."""
    text = points(estimate.value, 2)
    return f"{text} ({_range(estimate)})" if estimate.has_interval else text


def _range(estimate: Estimate) -> str:
    return f"{points(estimate.low, 2)} to {points(estimate.high, 2)}"


def _asked(finding: AimsFinding) -> str:
    given = [aim for aim in finding.aims if aim.given]
    said = listed([f"{cited(aim.metric)} {aim_text(aim.aim)}" for aim in given])
    text = f"The study file asks for {said}" if given else "The study file names no aims"
    if len(given) < len(finding.aims):
        rest = "the rest are" if given else "each figure is"
        text += f"; {rest} taken the way most teams are asked to move them"
        text = text if given else text.replace("move them", "move it")
    if finding.unknown:
        names = listed([cited(each) for each in finding.unknown])
        text += f". Not a figure of a contact, so left aside: {names}"
    return f"{text}." if finding.aims or finding.unknown else ""


def _pairs(finding: AimsFinding) -> str:
    if not finding.pairs:
        return ""
    apart = [pair for pair in finding.pairs if pair.word == CONFLICT]
    n = counted(len(finding.pairs), "pair")
    if not apart:
        return f"No two aims clearly pull apart among contacts of one channel ({n} compared)."
    said = listed([_apart(pair) for pair in apart])
    lead = (
        "Two aims pull apart"
        if len(apart) == 1
        else f"{sentence_case(small(len(apart)))} pairs of aims pull apart"
    )
    return f"{lead} among contacts of one channel ({n} compared): {said}."


def _apart(pair: Pair) -> str:
    """What meeting the first aim better goes with for the second."""
    opposite = "higher" if pair.other_aim == "lower" else "lower"
    return (
        f"a {pair.aim} {cited(pair.metric)} goes with a {opposite} {cited(pair.other)} "
        f"(rank correlation {points(pair.correlation.value, 2)}, {_range(pair.correlation)}; "
        f"{counted(pair.n, 'contact')})"
    )


def _same(finding: AimsFinding) -> str:
    """Pairs that are one measure under two names."""
    if not finding.same:
        return ""
    said = listed(
        [
            f"{cited(pair.metric)} and {cited(pair.other)} ({counted(pair.n, 'contact')})"
            for pair in finding.same
        ]
    )
    return f"Not compared, since where both are known they are one measure: {said}."


def _missing(finding: AimsFinding) -> str:
    if not finding.missing:
        return ""
    said = [f"{cited(metric)} (needs {in_words(lack)})" for metric, lack in finding.missing]
    return f"Not shown: {listed(said)}."


@tabulate.register
def _tabulate(finding: AimsFinding) -> pd.DataFrame | None:
    rows = [_aim_row(aim) for aim in finding.aims]
    given = {aim.metric for aim in finding.aims if aim.given}
    shown = [
        pair
        for pair in finding.pairs
        if pair.word != NOT_CLEAR or {pair.metric, pair.other} <= given
    ]
    if not finding.known and not shown:
        return None  # every link is withheld: a table would say so in each of its rows
    if shown and rows:
        rows.append({key: ALSO if key == "figure" else "" for key in rows[0]})
    rows += [_pair_row(pair) for pair in shown]
    return pd.DataFrame(rows) if rows else None


def _aim_row(aim: Aim) -> dict[str, str]:
    per = UNITS.get(aim.unit, "all against none")
    known = aim.towards.known
    return {
        "figure": sentence_case(name(aim.metric)),
        "asked": aim.aim if aim.given else f"{aim.aim} (usual)",
        "n": integer(aim.n),
        "link": _signed(aim.towards) if known else "withheld",
        "per unit": f"{slope(aim.slope.value)} ({per})" if known else "–",
        "verdict": aim.word if known else "–",
    }


def _pair_row(pair: Pair) -> dict[str, str]:
    return {
        "figure": f"{sentence_case(name(pair.metric))} with {name(pair.other)}",
        "asked": f"{pair.aim}, {pair.other_aim}",
        "n": integer(pair.n),
        "link": _signed(pair.correlation),
        "per unit": "–",
        "verdict": pair.word,
    }


@footnotes.register
def _footnotes(finding: AimsFinding) -> tuple[str, ...]:
    notes = []
    if finding.known:
        notes.append(
            f"*Link* of an aim: how far {cited(finding.outcome)} differs where the figure lies one "
            "standard deviation further the way that is asked, from the model of all drivers; n "
            "answers have the figure. What a figure does through another one in the model, the "
            "rating of the contact say, is not counted here."
        )
        notes.append(
            "*Aligned* or *against* only where the p-value, after Holm over all figures, is below "
            "0.05. An aim can be worth having for its cost, which is not looked at."
        )
    if finding.pairs:
        notes.append(
            "*Link* of two aims, shown where clear or where the study file has both: rank "
            "correlation of the two figures of one contact, ranks inside its channel, customers "
            "as clusters; after Holm over all pairs."
        )
    return tuple(notes)
