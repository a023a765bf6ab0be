"""Promises in words: kept or not, how late, and who asked in the meantime."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.promises import Kind, PromisesFinding
from cxanalysis.narrative.core import caption, describe, footnotes, tabulate
from cxanalysis.narrative.words import (
    amount,
    counted,
    digits_of,
    gap,
    gap_range,
    in_words,
    integer,
    interval,
    name,
    percent,
    score,
    sentence_case,
    with_interval,
)


@describe.register
def _describe(finding: PromisesFinding) -> tuple[str, ...]:
    paragraphs = (
        _kept(finding),
        _late(finding),
        _after(finding),
        _answered(finding),
        _rework(finding),
    )
    return tuple(paragraph for paragraph in paragraphs if paragraph)


@caption.register
def _caption(finding: PromisesFinding) -> str:
    return _late(finding) or _kept(finding)


@tabulate.register
def _tabulate(finding: PromisesFinding) -> pd.DataFrame | None:
    if not finding.kinds:
        return None
    rows = [
        (
            name(kind.touchpoint),
            integer(kind.n),
            with_interval(kind.kept),
            integer(kind.n_late),
            _half(kind),
        )
        for kind in finding.kinds
    ]
    columns = ["promise", "due", "kept", "not kept", "half of these fulfilled within"]
    return pd.DataFrame(rows, columns=columns)


@footnotes.register
def _footnotes(finding: PromisesFinding) -> tuple[str, ...]:
    return tuple(f"{label}: {in_words(definition)}." for label, definition in finding.definitions)


def _half(kind: Kind) -> str:
    if not kind.late_hours.known:
        return "–"
    return with_interval(kind.late_hours, "hours")


def _kept(finding: PromisesFinding) -> str:
    if finding.gap:
        need = "a table of journeys" if finding.gap == "journeys" else in_words(finding.gap)
        return f"**Whether promises were kept cannot be told.** It needs {need}."
    if finding.n_due == 0:
        return f"**No promise fell due** ({finding.period})."
    if not finding.kept.known:
        return (
            f"**Withheld: only {counted(finding.n_due, 'promise')} fell due**, and below "
            f"{finding.min_base} no figure is given."
        )
    share = percent(finding.kept.value, digits_of(finding.kept))
    if finding.kept.value in (0.0, 1.0):
        share = "No promise was" if finding.kept.value == 0 else "All promises were"
    else:
        share = f"{share} of promises were"
    sentences = [
        f"**{share} kept** ({interval(finding.kept)}; "
        f"{counted(finding.n_due, 'promise')} due, {finding.period}), each held against the first "
        "date given."
    ]
    return " ".join([*sentences, *_moved(finding)])


def _moved(finding: PromisesFinding) -> list[str]:
    if not finding.kept_latest.known:
        return []
    if finding.repromised.known and finding.repromised.value == 0:
        return ["No promise was given a later date."]
    moved = f" ({finding.moved})" if finding.moved else ""
    return [
        f"{sentence_case(percent(finding.repromised.value))} were given a later date{moved}; if "
        f"the latest date counted instead, {percent(finding.kept_latest.value)} would pass as "
        "kept."
    ]


def _late(finding: PromisesFinding) -> str:
    if not finding.kept.known or finding.n_late == 0:
        return ""
    late, worst = finding.late_hours, finding.late_hours_p90
    base = counted(finding.n_late, "promise that was not kept", "promises that were not kept")
    still = _still_open(finding.n_open)
    if finding.n_late < finding.min_base:
        return (
            f"Of {base} it is not told how late they were: below {finding.min_base} no figure is "
            f"given.{still}"
        )
    if not late.known:
        return f"Of {base}, fewer than half have been fulfilled so far.{still}"
    text = f"Of {base}, half were fulfilled within {_time(late.value)}"
    text += f" ({interval(late, 'hours')})" if late.has_interval else ""
    if worst.known:
        text += f" of the promised moment and nine in ten within {_time(worst.value)}"
    else:
        text += " of the promised moment"
    return f"{text}.{still}"


def _still_open(n: int) -> str:
    if n == 0:
        return ""
    it = "it" if n == 1 else "they"
    return (
        f" {counted(n, 'promise was', 'promises were')} still open when the data end: how late "
        f"{it} will be is not known, only how late {it} {'is' if n == 1 else 'are'} already."
    )


def _time(hours: float) -> str:
    return amount(hours, "hours")


def _after(finding: PromisesFinding) -> str:
    late, kept, difference = finding.after_late, finding.after_kept, finding.difference
    if not late.known:
        return ""
    days = counted(finding.chase_days, "day")
    first = (
        f"After promises not kept, {with_interval(late)} of customers made contact within {days}"
    )
    if not kept.known:
        return f"{first} ({counted(finding.n_after_late, 'promise')})."
    bases = f"{integer(finding.n_after_late)} and {counted(finding.n_after_kept, 'promise')}"
    if not difference.excludes_zero:
        return f"{first}, after promises kept {with_interval(kept)}: no clear difference ({bases})."
    more = "more" if difference.value > 0 else "less"
    return (
        f"{first}, after promises kept {with_interval(kept)}: {gap(difference.value, 'share')} "
        f"{more} ({gap_range(difference.low, difference.high, 'share')}; {bases})."
    )


def _answered(finding: PromisesFinding) -> str:
    sentences = []
    if finding.chasing.known:
        sentences.append(
            f"{with_interval(finding.chasing)} of {counted(finding.n_contacts, 'contact')} came "
            "from customers who were waiting for something late at that moment, whatever they "
            "asked about."
        )
    if finding.in_time.known:
        goal = "the customer's deadline" if finding.has_deadline else "what they waited for came"
        sentences.append(
            f"Of {counted(finding.n_chased, 'late promise')} with such a contact, "
            f"{with_interval(finding.in_time)} had an answer before {goal}."
        )
    return " ".join(sentences)


def _rework(finding: PromisesFinding) -> str:
    if not finding.rework.known:
        return ""
    limits = finding.rework
    inside = f"{score(limits.low)} to {score(limits.high)}; " if limits.has_interval else ""
    return (
        f"Work took {score(limits.value)} times what was planned ({inside}"
        f"{finding.rework_text}, in visits or parts)."
    )
