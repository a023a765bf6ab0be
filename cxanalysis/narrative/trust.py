"""How far to trust the report: each caveat a sentence, in the order of their weight."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.trust import TrustFinding
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
    "ols": "linear regression, each answer counted once",
    "wls": "linear regression, answers weighted as the survey asks",
}
"""How each model is called in a report."""


@describe.register
def _describe(finding: TrustFinding) -> tuple[str, ...]:
    if finding.has_model:
        paragraphs = [_direction(), _same_survey(finding), _base(finding), _coding(finding)]
        paragraphs += [_window(finding), _left_out(finding), *_joined(finding)]
        paragraphs += [_who_answers(finding)]
    else:
        paragraphs = [
            "**These figures describe; they explain nothing.** No model was fitted, so nothing is "
            "said about what goes with satisfaction."
        ]
    paragraphs.append(_unmatched(finding))
    return tuple(paragraph for paragraph in paragraphs if paragraph)


@tabulate.register
def _tabulate(finding: TrustFinding) -> pd.DataFrame | None:
    rows = [("a figure is given from", counted(finding.min_base, "case"))]
    rows += [("days and hours are counted in", finding.time_zone)]
    if "tickets" in finding.tables:
        rows += [("a contact is a repeat within", counted(finding.fcr_window_days, "day"))]
        rows += [("hanging up counts from", f"{finding.short_abandon_seconds:g} s of waiting")]
    if finding.has_model:
        rows += _model_rows(finding)
        if _looks_back(finding):
            rows += [("looked back before each answer", counted(finding.lookback_days, "day"))]
    return pd.DataFrame(rows, columns=["setting", "value"])


def _model_rows(finding: TrustFinding) -> list[tuple[str, str]]:
    units = "answers" if finding.n_customers == finding.n else "customers"
    weights = finding.weights or "none"
    return [
        ("what is explained", name(finding.outcome)),
        ("model", MODELS.get(finding.model, finding.model)),
        ("answers weighted by", name(weights)),
        ("margin fixed beforehand", f"{100 * finding.margin:.0f} points"),
        ("intervals from", f"{counted(finding.replicates, 'resample')} of {units}"),
        ("random seed", str(finding.seed)),
    ]


def _direction() -> str:
    return (
        "**These are associations, not causes:** unhappy customers also contact us more, so a "
        "link between contact and satisfaction can run either way."
    )


def _same_survey(finding: TrustFinding) -> str:
    if not finding.same_survey:
        return ""
    return (
        f"{name(finding.outcome).capitalize()} and {counted(len(finding.same_survey), 'driver')} "
        "come from one questionnaire. A mood of the moment colours all its answers, which makes "
        "their link look closer than it is."
    )


def _base(finding: TrustFinding) -> str:
    sentence = f"The model rests on {counted(finding.n, 'answer')}"
    if finding.n_customers and finding.n_customers != finding.n:
        sentence += f" of {counted(finding.n_customers, 'customer')}"
    sentence += f" and uses {counted(finding.n_columns, 'column')}."
    if finding.crowded:
        sentence += " That is fewer than 20 answers a column: read the two sets, not the groups."
    return sentence


def _coding(finding: TrustFinding) -> str:
    kept, left_out = counted(finding.n, "answer"), integer(finding.n_dropped)
    if finding.coding == "complete-cases":
        return (
            f"Only answers that rate every question are used: {kept} kept, {left_out} left out. "
            "The figures speak for customers who used everything asked about, not for all."
        )
    sentence = (
        "Customers without a contact, and questions marked as not used, stay in: that something "
        "did not apply is recorded as such, never as a zero."
    )
    if not finding.n_dropped:
        return f"{sentence} All {kept} are kept."
    return f"{sentence} {kept} are kept; {left_out} with a value missing are left out."


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
            "One column was left out, since nothing can be estimated from it; it is named, with "
            "the reason, at the end."
        )
    return (
        f"{sentence_case(small(total))} columns were left out, since nothing can be estimated "
        "from them; they are named, with the reason, at the end."
    )


def _by_reason(finding: TrustFinding) -> dict[str, list[str]]:
    """Columns left out, together where the reason is the same."""
    columns: dict[str, list[str]] = {}
    for item in finding.left_out:
        columns.setdefault(in_words(item.reason), []).append(name(item.column))
    return columns


@footnotes.register
def _footnotes(finding: TrustFinding) -> tuple[str, ...]:
    return tuple(
        f"Left out ({reason}): {', '.join(columns)}."
        for reason, columns in _by_reason(finding).items()
    )


def _who_answers(finding: TrustFinding) -> str:
    if finding.answered.known:
        return (
            f"{with_interval(finding.answered)} of {counted(finding.n_invited, 'invitation')} were "
            "answered. Who answers may differ from who does not, and nothing here corrects for "
            "that."
        )
    if not finding.n:
        return ""
    return (
        "The survey holds no unanswered invitations, so how those who answered differ from those "
        "who did not cannot be told."
    )


def _joined(finding: TrustFinding) -> tuple[str, ...]:
    return tuple(
        f"{percent(share)} of the customers in surveys also appear in {right}. The rest either "
        "had nothing there or could not be joined, and the two look the same."
        for left, right, share in finding.matches
        if left == "surveys" and right != "customers" and share < 1
    )


def _unmatched(finding: TrustFinding) -> str:
    items = [
        f"{percent(1 - share)} of those in {left}"
        for left, right, share in finding.matches
        if right == "customers" and share < 1
    ]
    if not items:
        return ""
    return f"Not every customer is in the customers table: {listed(items)} are missing there."
