"""Feedback in words: where nobody listens, what becomes of comments, how hard complaining is."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.feedback import LOOP, Cell, FeedbackFinding, Step
from cxanalysis.metrics.listening import CONTACTS
from cxanalysis.narrative.core import describe, footnotes, tabulate
from cxanalysis.narrative.words import (
    agreeing,
    amount,
    cited,
    counted,
    in_sentence,
    in_words,
    integer,
    interval,
    listed,
    name,
    percent,
    sentence_case,
    small,
    with_interval,
)

MOST_NAMED = 4  # touchpoints that a sentence can hold


@describe.register
def _describe(finding: FeedbackFinding) -> tuple[str, ...]:
    paragraphs = (_coverage(finding), _balance(finding), _loop(finding), _complaints(finding))
    return tuple(paragraph for paragraph in paragraphs if paragraph)


@tabulate.register
def _tabulate(finding: FeedbackFinding) -> pd.DataFrame | None:
    if not finding.cells:
        return None
    rows = [
        (
            name(cell.stage),
            name(cell.touchpoint),
            integer(cell.touches),
            integer(cell.rated),
            with_interval(cell.coverage) if cell.coverage.known else "withheld",
        )
        for cell in finding.cells
    ]
    return pd.DataFrame(rows, columns=["stage", "touchpoint", "touches", "rated", "coverage"])


@footnotes.register
def _footnotes(finding: FeedbackFinding) -> tuple[str, ...]:
    known = [step for step in (*finding.loop, *finding.complaints) if step.figure.known]
    notes = [f"{step.label}: {in_words(step.definition)}." for step in known]
    if any(cell.stage == CONTACTS for cell in finding.cells):
        notes.insert(
            0,
            "Touches are those of the journeys and contacts that were handled; one that was given "
            "up cannot be rated and is left out.",
        )
    return tuple(notes)


def _coverage(finding: FeedbackFinding) -> str:
    if finding.touches == 0:
        return f"**There is no touch to be heard at** ({finding.period})."
    touches = counted(finding.touches, "touch", "touches")
    if finding.rated == 0:
        return f"**None of {touches} was rated** ({finding.period})."
    first = f"**{percent(finding.coverage)} of {touches} were rated**"
    deaf = finding.deaf
    if not deaf:
        return f"{first} ({finding.period}), and every touchpoint is heard at least now and then."
    named = [_touchpoint(cell) for cell in deaf[:MOST_NAMED]]
    more = len(deaf) - len(named)
    if more:
        named.append(f"{small(more)} more")
    places = (
        "One touchpoint is"
        if len(deaf) == 1
        else f"{sentence_case(small(len(deaf)))} touchpoints are"
    )
    return f"{first} ({finding.period}). {places} never rated: {listed(named)}."


def _touchpoint(cell: Cell) -> str:
    return f"{cited(cell.touchpoint)} ({counted(cell.touches, 'touch', 'touches')})"


def _balance(finding: FeedbackFinding) -> str:
    """Whether service is listened to more than it is met."""
    if not 0 < finding.service_touches < finding.touches or finding.rated == 0:
        return ""
    touches, ratings = finding.service_share
    digits = max(agreeing(1.0, [touches, 1 - touches]), agreeing(1.0, [ratings, 1 - ratings]))
    return (
        f"{percent(touches, digits)} of touches are with service, and {percent(ratings, digits)} "
        "of ratings are given there."
    )


def _loop(finding: FeedbackFinding) -> str:
    steps = [step for step in finding.loop if step.metric in LOOP]
    known = [step for step in steps if step.figure.known]
    open_steps = [step for step in steps if step.needs]
    sentences = []
    if known:
        told = [f"{with_interval(step.figure)} {_WORDS[step.metric]}" for step in known]
        received = counted(known[0].n, "piece", "pieces")
        sentences.append(f"Of {received} of feedback, {listed(told)}.")
        reply = next((step for step in finding.loop if step.metric == "feedback_reply"), None)
        if reply is not None and reply.figure.known:
            limits = f" ({interval(reply.figure, 'hours')})" if reply.figure.has_interval else ""
            sentences.append(
                f"Half had their answer within {amount(reply.figure.value, 'hours')}{limits}."
            )
    if open_steps:
        sentences.append(
            _needed(
                "What becomes of feedback cannot be told further"
                if known
                else "What becomes of feedback cannot be told",
                open_steps,
            )
        )
    return " ".join(sentences)


_WORDS = {
    "feedback_answered": "were answered",
    "feedback_acted": "led to a change",
    "feedback_told": "came back to the customer with news of a change",
}


def _complaints(finding: FeedbackFinding) -> str:
    known = [step for step in finding.complaints if step.figure.known]
    open_steps = [step for step in finding.complaints if step.needs]
    sentences = []
    if known:
        told = [
            f"{in_sentence(step.label)}, {with_interval(step.figure, step.unit)} of "
            f"{counted(step.n, 'case')}"
            for step in known
        ]
        sentences.append(f"What complaining takes: {listed(told)}.")
    if open_steps and not known:
        sentences.append(_needed("How hard complaining is cannot be told", open_steps))
    return " ".join(sentences)


def _needed(first: str, steps: list[Step]) -> str:
    needs = list(dict.fromkeys(in_words(step.needs) for step in steps))
    return f"{first}: it needs {listed(needs)}."
