"""How far to trust the report: each caveat a sentence, in the order of their weight."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.core import period_title
from cxanalysis.findings.trust import TrustFinding
from cxanalysis.narrative.caveats import note_of, paragraph_of
from cxanalysis.narrative.core import describe, footnotes, tabulate
from cxanalysis.narrative.words import (
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

MODELS = {
    "ols": "linear regression (least squares)",
    "wls": "linear regression (weighted least squares)",
    "ordered": "ordered logit",
    "logit": "logit",
}
"""How each model is called in a report."""


@describe.register
def _describe(finding: TrustFinding) -> tuple[str, ...]:
    if finding.has_model:
        paragraphs = [_direction(finding), _same_survey(finding), _base(finding), _coding(finding)]
        paragraphs += [_window(finding), _left_out(finding), *map(paragraph_of, finding.caveats)]
        paragraphs.append(_mood(finding))
        paragraphs += [*_joined(finding), _who_answers(finding)]
    else:
        paragraphs = [
            "**These figures describe; they explain nothing.** No model was fitted, so nothing is "
            "said about what goes with satisfaction. A figure's interval allows for chance, not "
            "for what was never recorded."
        ]
    paragraphs += [_unmatched(finding), _independent(finding)]
    return tuple(paragraph for paragraph in paragraphs if paragraph)


@tabulate.register
def _tabulate(finding: TrustFinding) -> pd.DataFrame | None:
    if not finding.has_model:
        return None
    units = "answers" if finding.n_customers == finding.n else "customers"
    weights = name(finding.weights) if finding.weights else "nothing: each counts once"
    rows = [
        ("model", MODELS.get(finding.model, finding.model)),
        ("answers weighted by", weights),
        ("intervals from", f"{counted(finding.replicates, 'resample')} of {units}"),
        ("random seed", str(finding.seed)),
    ]
    return pd.DataFrame(rows, columns=["setting", "value"])


def _direction(finding: TrustFinding) -> str:
    if "tickets" in finding.tables:
        return (
            "**These are associations, not causes:** unhappy customers also contact us more, so a "
            "link between contact and satisfaction can run either way."
        )
    return (
        "**These are associations, not causes:** whoever is content with the whole may rate its "
        "parts higher for that, so a link can run either way."
    )


def _same_survey(finding: TrustFinding) -> str:
    if not finding.same_survey:
        return ""
    total = len(finding.same_survey)
    drivers = "the question that is to explain it"
    if total > 1:
        drivers = f"the {small(total)} questions that are to explain it"
    return (
        f"{sentence_case(name(finding.outcome))} and {drivers} come from one questionnaire. A mood "
        "of the moment colours all its answers, which makes their link look closer than it is."
    )


def _base(finding: TrustFinding) -> str:
    sentence = f"The model rests on {counted(finding.n, 'answer')}"
    if finding.n_customers and finding.n_customers != finding.n:
        sentence += f" of {counted(finding.n_customers, 'customer')}"
    sentence += f" and uses {counted(finding.n_columns, 'measure')}.{_worth(finding)}"
    if finding.crowded:
        sentence += " That is fewer than 20 answers a measure, so no group is told apart."
    return sentence


def _worth(finding: TrustFinding) -> str:
    """What answers of unequal weight, and customers with unlike many answers, count for."""
    said = ""
    if finding.weights and finding.kish_n < finding.n - 0.5:
        said += f" Weighted, they tell as much as {counted(round(finding.kish_n), 'plain answer')}"
        few = ": a few answers weigh more than all others" if 2 * finding.kish_n < finding.n else ""
        said += f"{few}. Intervals of weighted answers hold somewhat less often than they say."
    if 2 * finding.n_effective_customers < finding.n_customers:
        said += (
            f" Some customers count for far more than others, so together they tell as much as "
            f"{counted(round(finding.n_effective_customers), 'customer')} of equal weight."
        )
    return said


def _coding(finding: TrustFinding) -> str:
    """What becomes of answers to which something does not apply, and what each way keeps."""
    kept, all_of_them = integer(finding.n), counted(finding.n_two_part, "answer")
    if finding.coding == "complete-cases":
        return (
            f"Only answers that rate every question are used: {kept} of {all_of_them} with a score "
            "for the whole. The figures speak for customers who used everything asked about, not "
            "for all. Coded in two parts, whether something was used and how it was rated, all "
            f"{integer(finding.n_two_part)} could stay."
        )
    applies = []
    if _looks_back(finding):
        applies.append("customers without a contact or a stage of the journey")
    if finding.same_survey:
        applies.append("questions marked as not used")
    sentence = (
        f"{sentence_case(listed(applies))} stay in: that something did not apply is recorded as "
        "such, never as a zero."
    )
    whole = finding.n == finding.n_two_part
    sentence += f" So {'all ' if whole else f'{kept} of '}{all_of_them} are kept"
    if finding.n_complete < finding.n_two_part:
        sentence += f"; only {integer(finding.n_complete)} rate every question"
    return f"{sentence}."


def _window(finding: TrustFinding) -> str:
    if not _looks_back(finding):
        return ""
    sentence = (
        f"Only what was known in the {counted(finding.lookback_days, 'day')} before an answer "
        "counts towards it."
    )
    if "tickets" not in finding.tables:
        return sentence
    return (
        f"{sentence} Whether a fresh contact was resolved for good was often not known yet: such "
        "contacts count as open, not as resolved."
    )


def _looks_back(finding: TrustFinding) -> bool:
    return not {"tickets", "journeys"}.isdisjoint(finding.tables)


def _left_out(finding: TrustFinding) -> str:
    if not finding.left_out:
        return ""
    total = len(finding.left_out)
    if total == 1:
        return (
            "One measure was left out, since nothing can be estimated from it; it is named below, "
            "with the reason."
        )
    return (
        f"{sentence_case(small(total))} measures were left out, since nothing can be "
        "estimated from them; they are named below, with the reason."
    )


def _by_reason(finding: TrustFinding) -> dict[str, list[str]]:
    """Columns left out, together where the reason is the same."""
    columns: dict[str, list[str]] = {}
    for item in finding.left_out:
        columns.setdefault(in_words(item.reason), []).append(name(item.column))
    return columns


@footnotes.register
def _footnotes(finding: TrustFinding) -> tuple[str, ...]:
    left_out = [
        f"Left out ({reason}): {', '.join(columns)}."
        for reason, columns in _by_reason(finding).items()
    ]
    notes = [note for caveat in finding.caveats if (note := note_of(caveat))]
    if finding.halo is not None and not finding.halo.known:
        notes.append(
            "Whether ratings of contacts carry the mood that customers came with cannot be told: "
            "that takes enough rated contacts with waiting times, each after a rated touch."
        )
    return (*left_out, *notes)


def _mood(finding: TrustFinding) -> str:
    """That contacts are not shown to be rated by the mood customers came with."""
    if finding.halo is None or not finding.halo.known:
        return ""
    return (
        "That ratings of contacts carry the mood customers came with is not shown: a point more in "
        f"earlier ratings of the journey goes with {with_interval(finding.halo, '')} points in the "
        "rating of a contact, with waiting and resolution held equal "
        f"({counted(finding.n_halo, 'contact')})."
    )


def _who_answers(finding: TrustFinding) -> str:
    if finding.answered.known:
        corrected = "nothing in the model corrects for that"
        if finding.weights:
            corrected = "the weights correct for what they were made from and for nothing else"
        return (
            f"{with_interval(finding.answered)} of {counted(finding.n_invited, 'invitation')} were "
            f"answered. Who answers may differ from who does not, and {corrected}."
        )
    if not finding.n:
        return ""
    return (
        "The survey holds no unanswered invitations, so how those who answered differ from those "
        "who did not cannot be told."
    )


def _joined(finding: TrustFinding) -> tuple[str, ...]:
    return tuple(
        f"Customers in surveys who do not appear in {right} either had nothing there or could not "
        "be joined, and the two look the same."
        for left, right, share in finding.matches
        if left == "surveys" and right != "customers" and share < 1
    )


def _independent(finding: TrustFinding) -> str:
    """What the tests of change take for granted."""
    kinds = {"tickets": "contacts", "journeys": "promises"}
    cases = [noun for table, noun in kinds.items() if table in finding.tables]
    if finding.n_customers < finding.n:
        cases.append("answers")
    if not cases or finding.period == period_title(None):  # no period, no change
        return ""
    return (
        f"The tests of change treat several {listed(cases, 'or')} of one customer as independent; "
        "where they resemble each other, a change looks surer there than it is."
    )


def _unmatched(finding: TrustFinding) -> str:
    items = [
        f"{percent(1 - share)} of the customers in {left}"
        for left, right, share in finding.matches
        if right == "customers" and share < 1
    ]
    if not items:
        return ""
    return f"Not every customer is in the customers table: {listed(items)} are missing from it."
