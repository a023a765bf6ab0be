"""Who is merely fine, and the scores that are kept apart, in words."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.experience import ExperienceFinding, Kind, Parts, Score, Tasks
from cxanalysis.narrative.core import describe, footnotes, tabulate
from cxanalysis.narrative.words import (
    amount,
    cited,
    counted,
    digits_of,
    in_sentence,
    in_words,
    integer,
    interval,
    listed,
    name,
    percent,
    score,
    sentence_case,
    wider,
    with_interval,
)

HARDEST = {"ces_ease": "lowest", "ces_effort": "highest"}


@describe.register
def _describe(finding: ExperienceFinding) -> tuple[str, ...]:
    if finding.needs:
        return (f"**There are no answers to tell of:** that {in_words(finding.needs)}.",)
    if not (finding.parts or finding.scores or finding.kinds or finding.tasks):
        return (_nothing(finding), *_missing(finding))
    paragraphs = (
        _headline(finding),
        _scores(finding),
        _kinds(finding),
        *(_tasks(each) for each in finding.tasks),
        _withheld(finding),
    )
    return (*(paragraph for paragraph in paragraphs if paragraph), *_missing(finding))


@tabulate.register
def _tabulate(finding: ExperienceFinding) -> pd.DataFrame | None:
    if finding.kinds:
        return pd.DataFrame([_kind_row(kind, finding.kinds) for kind in finding.kinds])
    rows = [
        {
            "task": sentence_case(name(task.name)),
            "answers": integer(task.n),
            in_sentence(tasks.label): score(task.value.value),
            "95% interval": interval(task.value, "score"),
        }
        for tasks in finding.tasks[:1]
        for task in tasks.tasks
    ]
    return pd.DataFrame(rows) if len(rows) > 1 else None


@footnotes.register
def _footnotes(finding: ExperienceFinding) -> tuple[str, ...]:
    lines = [
        f"{sentence_case(cited(parts.score))}: {parts.worst_text} is dissatisfied, "
        f"{parts.middle_text} fine, {parts.best_text} satisfied."
        for parts in finding.parts
        if parts.middle_text
    ]
    lines += [f"{cited(each.label)}: {each.definition}." for each in finding.scores]
    if finding.kinds:
        lines.append(
            "Relational answers are about the whole, transactional ones about one thing that had "
            "just been done. They ask other people at other moments, so they are never pooled, "
            "and the rows are not to be read as a comparison."
        )
    if finding.missing:
        needs = dict.fromkeys(in_words(each.needs) for each in finding.missing)
        lines.append(f"What is not given would need {listed(list(needs))}.")
    return tuple(lines)


def _nothing(finding: ExperienceFinding) -> str:
    if finding.withheld:
        return (
            f"**Withheld for {finding.period}:** the further scores stand on fewer than "
            f"{finding.min_base} answers. {wider(finding.period)}"
        )
    return f"**No score beyond those of the scorecard can be given for {finding.period}.**"


def _headline(finding: ExperienceFinding) -> str:
    if not finding.parts:
        return f"**Further scores of the answers for {finding.period}**, each with what it asks."
    first, *others = finding.parts
    text = (
        f"**Of {counted(first.n, 'answer')} on {name(first.score)}, "
        f"{percent(first.middle.value, digits_of(first.middle))} ({interval(first.middle)}) are "
        f"merely fine and {percent(first.worst.value, digits_of(first.worst))} "
        f"({interval(first.worst)}) dissatisfied:** a mean shows neither."
    )
    return " ".join((text, *(_other(parts) for parts in others)))


def _other(parts: Parts) -> str:
    dsat = " (DSAT)" if parts.score == "csat" else ""
    return (
        f"On {name(parts.score)}, {with_interval(parts.worst)} of {counted(parts.n, 'answer')} are "
        f"dissatisfied{dsat} and {with_interval(parts.middle)} merely fine."
    )


def _scores(finding: ExperienceFinding) -> str:
    if not finding.scores:
        return ""
    return f"{sentence_case(listed([_said(each) for each in finding.scores]))}."


def _said(each: Score) -> str:
    return (
        f"{in_sentence(each.label)} is {with_interval(each.value, each.unit)} from "
        f"{counted(each.n, 'answer')}"
    )


def _kinds(finding: ExperienceFinding) -> str:
    if not finding.kinds:
        return ""
    parts = [f"{cited(kind.name)} ones give {_first(kind)}" for kind in finding.kinds]
    return f"Answers of different kinds are kept apart: {'; '.join(parts)}."


def _first(kind: Kind) -> str:
    """The first two scores of a kind."""
    return listed(
        [
            f"{in_sentence(each.label)} {with_interval(each.value, each.unit)}"
            for each in kind.scores[:2]
        ]
    )


def _kind_row(kind: Kind, kinds: tuple[Kind, ...]) -> dict[str, str]:
    labels = dict.fromkeys(each.label for other in kinds for each in other.scores)
    known = {each.label: each for each in kind.scores}
    row = {"kind": sentence_case(name(kind.name))}
    for label in labels:
        figure = known.get(label)
        row[label] = "–" if figure is None else _cell(figure)
    return row


def _cell(figure: Score) -> str:
    value = amount(figure.value.value, figure.unit, digits_of(figure.value, figure.unit))
    return f"{value} ({interval(figure.value, figure.unit)}), n {integer(figure.n)}"


def _tasks(tasks: Tasks) -> str:
    hardest = tasks.tasks[0]
    scale = f"{tasks.scale[0]:g} to {tasks.scale[1]:g}"
    value = with_interval(hardest.value, "score")
    if len(tasks.tasks) == 1:
        return (
            f"{sentence_case(in_sentence(tasks.label))} is known of one task only, "
            f"{cited(hardest.name)}: {value} of {scale}, from {counted(hardest.n, 'answer')}."
        )
    following = tasks.tasks[1]
    gap, ends = score(abs(tasks.lead.value)), interval(tasks.lead, "score")
    text = (
        f"By task, {in_sentence(tasks.label)} is {HARDEST[tasks.metric]} at "
        f"{cited(hardest.name)}: {value} of {scale}, from {counted(hardest.n, 'answer')}"
    )
    if tasks.lead.excludes_zero:
        return f"{text}; {cited(following.name)}, the next, is better by {gap} ({ends})."
    return (
        f"{text}; it cannot be told apart from {cited(following.name)}, the next (difference "
        f"{gap}, {ends})."
    )


def _withheld(finding: ExperienceFinding) -> str:
    if not finding.withheld:
        return ""
    names = listed([in_sentence(name(each)) for each in finding.withheld])
    return f"Withheld, on fewer than {finding.min_base} answers: {names}."


def _missing(finding: ExperienceFinding) -> tuple[str, ...]:
    """One short sentence on what was not asked, or not noted beside the answers."""
    questions = [in_sentence(each.label) for each in finding.missing if not each.asked]
    columns = [each.label for each in finding.missing if each.asked]
    sentences = [f"Not asked: {listed(questions)}."] if questions else []
    if columns:
        sentences.append(f"Not told apart, for want of a column: {', '.join(columns)}.")
    return (" ".join(sentences),) if sentences else ()
