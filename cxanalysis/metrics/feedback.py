"""What becomes of feedback, and how hard it is to complain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.errors import ReportError
from cxanalysis.metrics.contacts import customer_contacts, handled
from cxanalysis.metrics.figures import Definition, Figure, mean, share, tidy, tidy_row
from cxanalysis.metrics.intervals import median_interval
from cxanalysis.metrics.rows import (
    GROUP,
    HOUR_US,
    counted,
    during,
    grouped,
    lacking,
    of_segment,
    totals,
    whole,
)
from cxanalysis.metrics.scales import ends, scale_of
from cxanalysis.study import Study

STEPS = {
    "feedback_answered": ("Feedback answered", "that were answered", "replied_at"),
    "feedback_acted": ("Feedback acted on", "that led to a change", "acted_at"),
    "feedback_told": ("Customer told of it", "whose customer was told of a change", "told_at"),
}
"""What may follow feedback, in order: label, words and the column of the surveys."""
_MOMENTS = ("replied_at", "acted_at", "told_at")
Totals = Mapping[Any, Any]


def feedback_loop(study: Study, by: str | None = None) -> pd.DataFrame:
    """What became of the feedback of the study's period, by ``responded_at``.

    Feedback is an answer with a comment; where the surveys have no comments, every answer.

    Parameters
    ----------
    by
        A column of the surveys, or of the customers, to give the figures for each of its
        values.

    Returns
    -------
    DataFrame
        As `service_metrics`: feedback_answered, feedback_acted and feedback_told (shares of the
        feedback received, as far as known at the end of the data) and feedback_reply (median
        hours to the answer, feedback without one counted as waiting).

    Raises
    ------
    ReportError
        When no such column ``by`` exists.
    """
    definitions, min_base = _loop_definitions(study), study.config.metrics.min_base
    gap = lacking(study, "surveys")
    if gap is None and not study.has("surveys", "responded_at"):
        gap = "needs surveys.responded_at"
    if gap is not None:
        return tidy(tidy_row(each, Figure(note=gap), min_base) for each in definitions)
    received = _received(study, by)
    known = {m: counted(~nw.col(c).is_null()) for m, (_, _, c) in STEPS.items() if _has(study, c)}
    sums = {metric: mark.sum() for metric, mark in known.items()} | {"_n": nw.len()}
    replies = _replies(study, received) if _has(study, "replied_at") else {}
    rows = []
    for group, found in totals(received, sums).to_dict("index").items():
        for each in definitions:
            figure = Figure(note=f"needs surveys.{each.needs[0]}")
            if each.metric == "feedback_reply" and _has(study, *each.needs):
                figure = replies.get(str(group), Figure(note="nothing to count"))
            elif each.metric in known:
                figure = share(whole(found[each.metric]), whole(found["_n"]))
            rows.append(({by: group} if by else {}) | tidy_row(each, figure, min_base))
    return tidy(rows, by)


def feedback_rows(study: Study) -> pd.DataFrame:
    """The feedback behind `feedback_loop`, one row each, oldest first.

    Returns
    -------
    DataFrame
        What the surveys hold of response_id, customer_id, touchpoint, comment and the moments
        of the loop; reply_hours, from the response to the answer (NaN without one).

    Raises
    ------
    ReportError
        When the surveys do not say when they were answered.
    """
    if lacking(study, "surveys") or not _has(study, "responded_at"):
        raise ReportError("There is no feedback to list: that needs surveys.responded_at.")
    names = ("response_id", "customer_id", "touchpoint", "comment", "responded_at", *_MOMENTS)
    found = collect(_received(study, None).select(*[name for name in names if _has(study, name)]))
    hours = pd.Series(np.nan, found.index)
    if "replied_at" in found:
        hours = (found["replied_at"] - found["responded_at"]).dt.total_seconds() / 3600
    rows = found.assign(reply_hours=hours).sort_values("responded_at", kind="stable")
    return rows.reset_index(drop=True)


def complaint_metrics(study: Study, by: str | None = None) -> pd.DataFrame:
    """How hard it was to complain in the study's period.

    Complaints are the touches at the touchpoints, and the contacts for the reasons, that the
    study file names under ``[feedback]``.

    Parameters
    ----------
    by
        A column of the journeys, tickets or customers, such as channel, to give the figures
        for each of its values; a figure whose table lacks it is left out.

    Returns
    -------
    DataFrame
        As `service_metrics`: complaint_effort (mean effort of touches), complaint_contacts
        (attempts per matter) and complaint_handled (contacts that somebody handled).
    """
    rows = _touch_effort(study, by) + _contact_effort(study, by)
    return tidy(rows, by if rows and by in rows[0] else None)


def _has(study: Study, *columns: str) -> bool:
    return study.has("surveys", *columns)


def _loop_definitions(study: Study) -> tuple[Definition, ...]:
    what = "answers with a comment" if _has(study, "comment") else "answers"
    steps = [
        Definition(metric, label, "share", f"{what} {words} ÷ {what}", (column,))
        for metric, (label, words, column) in STEPS.items()
    ]
    reply = Definition(
        "feedback_reply",
        "Time to answer feedback",
        "hours",
        f"median time from the response to the company's answer, of {what}; those without one "
        "count as waiting until the end of the data (Kaplan–Meier)",
        ("replied_at",),
    )
    return (*steps, reply)


def _received(study: Study, by: str | None) -> nw.LazyFrame[Any]:
    answers = of_segment(study, "surveys", study.tables["surveys"])
    answers = answers.filter(during(study, "responded_at"))
    if _has(study, "comment"):
        answers = answers.filter(nw.col("comment").str.strip_chars() != "")
    return grouped(study, "surveys", answers, by)


def _replies(study: Study, received: nw.LazyFrame[Any]) -> dict[str, Figure]:
    """Time to the answer by group; the surveys' own newest moment ends the waiting."""
    names = [name for name in ("responded_at", *_MOMENTS) if _has(study, name)]
    surveys = study.tables["surveys"]
    latest = collect(surveys.select(*[nw.col(name).max().alias(name[:-3]) for name in names]))
    replied = ~nw.col("replied_at").is_null()
    until = nw.when(replied).then(nw.col("replied_at")).otherwise(whole(latest.iloc[0].max()))
    rows = collect(
        received.select(GROUP, _wait=until - nw.col("responded_at"), _replied=counted(replied))
    )
    return {str(group): _reply(part) for group, part in rows.groupby(GROUP)}


def _reply(rows: pd.DataFrame) -> Figure:
    hours, replied = rows["_wait"].to_numpy(float) / HOUR_US, rows["_replied"].to_numpy(bool)
    median, (low, high) = median_interval(hours, replied)
    note = "median not reached" if pd.isna(median) else ""
    return Figure(median, low, high, len(rows), note)


def _touch_effort(study: Study, by: str | None) -> list[dict[str, object]]:
    min_base, named = study.config.metrics.min_base, study.config.feedback.touchpoints
    low, high = ends(scale_of(study, "journeys", "effort"))
    better = "higher" if scale_of(study, "journeys", "effort").higher_is_better else "lower"
    definition = Definition(
        "complaint_effort",
        "Effort of complaining",
        "score",
        f"mean effort of touches where customers complain, of {low:g} to {high:g}, as the study "
        f"file declares it ({better} is better)",
        ("touchpoint", "effort"),
    )
    absent = [name for name in definition.needs if not study.has("journeys", name)]
    gap = lacking(study, "journeys") or (f"needs journeys.{absent[0]}" if absent else "")
    gap = gap or ("" if named else "needs feedback.touchpoints in the study file")
    if gap:
        return [tidy_row(definition, Figure(note=gap), min_base)]
    if by is not None and not (study.has("journeys", by) or study.has("customers", by)):
        return []
    touches = of_segment(study, "journeys", study.tables["journeys"])
    touches = touches.filter(during(study, "occurred_at") & nw.col("touchpoint").is_in(named))
    effort = nw.col("effort").cast(nw.Float64)
    sums = {"n": effort.count(), "mean": effort.mean(), "std": effort.std()}
    rows = []
    for group, found in totals(grouped(study, "journeys", touches, by), sums).iterrows():
        figure = mean(float(found["mean"]), float(found["std"]), whole(found["n"]))
        rows.append(({by: group} if by else {}) | tidy_row(definition, figure, min_base))
    return rows


def _contact_effort(study: Study, by: str | None) -> list[dict[str, object]]:
    min_base, named = study.config.metrics.min_base, study.config.feedback.reasons
    definitions = (
        Definition(
            "complaint_contacts",
            "Contacts per complaint",
            "ratio",
            "contacts for the reasons that are complaints ÷ matters they belong to",
            ("reason", "issue_id"),
        ),
        Definition(
            "complaint_handled",
            "Complaints that reached somebody",
            "share",
            "contacts for the reasons that are complaints and that somebody handled ÷ all of them",
            ("reason",),
        ),
    )
    rows: list[dict[str, object]] = []
    for each in definitions:
        absent = [name for name in each.needs if not study.has("tickets", name)]
        gap = lacking(study, "tickets") or (f"needs tickets.{absent[0]}" if absent else "")
        gap = gap or ("" if named else "needs feedback.reasons in the study file")
        if gap:
            rows.append(tidy_row(each, Figure(note=gap), min_base))
        elif by is None or study.has("tickets", by) or study.has("customers", by):
            for group, figure in _complaints(study, each.metric, by).items():
                rows.append(({by: group} if by else {}) | tidy_row(each, figure, min_base))
    return rows


def _complaints(study: Study, metric: str, by: str | None) -> dict[str, Figure]:
    contacts = of_segment(study, "tickets", customer_contacts(study))
    named = study.config.feedback.reasons
    contacts = contacts.filter(during(study, "opened_at") & nw.col("reason").is_in(named))
    contacts = grouped(study, "tickets", contacts, by)
    if metric == "complaint_handled":
        taken = counted(handled(study.columns["tickets"]))
        table = totals(
            contacts.with_columns(_taken=taken), {"x": nw.col("_taken").sum(), "n": nw.len()}
        )
        return {str(g): share(whole(f["x"]), whole(f["n"])) for g, f in table.iterrows()}
    each = (
        contacts.filter(~nw.col("issue_id").is_null()).group_by("issue_id", GROUP).agg(n=nw.len())
    )
    tries = nw.col("n").cast(nw.Float64)
    table = totals(each, {"x": tries.mean(), "s": tries.std(), "n_of": tries.count()})
    return {
        str(g): mean(float(f["x"]), float(f["s"]), whole(f["n_of"])) for g, f in table.iterrows()
    }
