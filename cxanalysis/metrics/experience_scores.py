"""What customers said, by question type: dissatisfaction, effort and ease apart, two indices.

Each question counts on its own scale and in its own direction: effort (CES 1.0, lower is easier)
and ease (CES 2.0, higher is easier) are never pooled, and an index takes only answers to all of
its questions.

References
----------
Dixon, Freeman & Toman (2010), Harvard Business Review 88(7):116-122, for CES. Fornell et al.
(1996), Journal of Marketing 60:7-18, for the three questions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw
import pandas as pd

from cxanalysis.config import Scale
from cxanalysis.metrics.figures import Definition, Figure, mean, share, tidy, tidy_row
from cxanalysis.metrics.rows import during, grouped, lacking, of_segment, totals, whole
from cxanalysis.metrics.scales import boxes, boxes_text, ends, scale_of, worst_boxes
from cxanalysis.study import Study

EASE, EFFORT = "ces", "ces_effort"
EASY_FROM = 5  # of 1 to 7
THREE = ("overall_satisfaction", "met_expectations", "near_ideal")
EMOTION = "rated_emotion"
THREE_E = ("rated_effectiveness", "rated_ease", EMOTION)
_SHARES = ("dsat", "ces_easy")


def experience_scores(study: Study, by: str | None = None) -> pd.DataFrame:
    """Further figures of the answers of the study's period, by ``responded_at``.

    Parameters
    ----------
    by
        A column of the surveys, or of the customers, to give every figure for each of its
        values; ``"kind"`` tells transactional from relational answers.

    Returns
    -------
    DataFrame
        As `service_metrics`: dsat (share of the worst answers), ces_effort (CES 1.0, mean),
        ces_ease and ces_easy (CES 2.0, mean and share agreeing), satisfaction_index (three
        questions, 0 to 100), three_e_index (effectiveness, ease and emotion, −100 to 100) and
        emotion (mean).

    Raises
    ------
    ReportError
        When no such column ``by`` exists.
    """
    definitions, min_base = _definitions(study), study.config.metrics.min_base
    gap = lacking(study, "surveys")
    if gap is not None:
        return tidy(tidy_row(each, Figure(note=gap), min_base) for each in definitions)
    scores = {
        each.metric: _score(study, each.metric) for each in definitions if not _gap(study, each)
    }
    answers = grouped(study, "surveys", of_segment(study, "surveys", study.tables["surveys"]), by)
    if study.has("surveys", "responded_at"):
        answers = answers.filter(during(study, "responded_at"))
    answers = answers.with_columns(
        _one=nw.lit(1), **{f"_{m}": score for m, score in scores.items()}
    )
    rows = []
    for group, sums in totals(answers, _aggregates(list(scores))).to_dict("index").items():
        for each in definitions:
            reason = _gap(study, each)
            figure = Figure(note=reason) if reason else _figure(each.metric, sums)
            rows.append(({by: group} if by else {}) | tidy_row(each, figure, min_base))
    return tidy(rows, by)


def _definitions(study: Study) -> tuple[Definition, ...]:
    csat = scale_of(study, "surveys", "csat")
    first, last = worst_boxes(csat)
    worst = f"{first:g}" if first == last else f"{first:g} or {last:g}"
    low, high = ends(csat)
    effort = ends(_effort_scale(study))
    easy = scale_of(study, "surveys", EASE)
    index = "; ".join(_range_text(study, name) for name in THREE)
    return (
        Definition(
            "dsat",
            "DSAT",
            "share",
            f"answers of {worst} ÷ answers, of {low:g} to {high:g}",
            ("csat",),
        ),
        Definition(
            "ces_effort",
            "Effort (CES 1.0)",
            "score",
            f"mean answer to how much effort it took, of {effort[0]:g} to {effort[1]:g}; lower is "
            "easier",
            (_effort_column(study),),
        ),
        Definition(
            "ces_ease",
            "Ease (CES 2.0)",
            "score",
            f"mean agreement that it was made easy, of {ends(easy)[0]:g} to {ends(easy)[1]:g}; "
            "higher is easier",
            (EASE,),
        ),
        Definition(
            "ces_easy",
            "Found it easy (CES 2.0)",
            "share",
            f"answers of {EASY_FROM} to 7 ÷ answers, of 1 to 7",
            (EASE,),
        ),
        Definition(
            "satisfaction_index",
            "Three-question index",
            "score",
            f"mean of satisfaction, expectations met and nearness to the ideal, each put on 0 to "
            f"100 ({index}), equal weights; answers to all three",
            THREE,
        ),
        Definition(
            "three_e_index",
            "3E index",
            "points",
            "mean over effectiveness, ease and emotion of 100 × (share of "
            f"{boxes_text(scale_of(study, 'surveys', THREE_E[0]))} − share of as many worst "
            "answers); answers to all three",
            THREE_E,
        ),
        Definition(
            "emotion",
            "Emotion",
            "score",
            f"mean answer to whether it felt good, of {_range_text(study, EMOTION)}",
            (EMOTION,),
        ),
    )


def _range_text(study: Study, name: str) -> str:
    low, high = ends(scale_of(study, "surveys", name))
    return f"{low:g} to {high:g}"


def _effort_column(study: Study) -> str:
    """Where effort is asked: its own column, or ces declared as lower is better."""
    if study.has("surveys", EFFORT) or scale_of(study, "surveys", EASE).higher_is_better:
        return EFFORT
    return EASE


def _effort_scale(study: Study) -> Scale:
    return scale_of(study, "surveys", _effort_column(study))


def _gap(study: Study, definition: Definition) -> str:
    """Why a figure cannot be given, "needs …"; empty where it can."""
    for name in definition.needs:
        if not study.has("surveys", name):
            return f"needs surveys.{name}"
    if not definition.metric.startswith("ces_eas"):
        return ""
    scale = scale_of(study, "surveys", EASE)
    if not scale.higher_is_better:
        return "needs agreement that it was easy (CES 2.0); surveys.ces asks for effort (CES 1.0)"
    low, high = ends(scale)
    if definition.metric == "ces_easy" and (low, high) != (1, 7):
        return f"needs a scale of 1 to 7; surveys.ces is on {low:g} to {high:g}"
    return ""


def _score(study: Study, metric: str) -> nw.Expr:
    """What one answer counts; null where it was not given in full."""
    if metric == "dsat":
        return _inside("csat", worst_boxes(scale_of(study, "surveys", "csat")))
    if metric == "ces_easy":
        return _inside(EASE, (EASY_FROM, 7))
    if metric == "ces_ease":
        return _number(EASE)
    if metric == "ces_effort":
        return _number(_effort_column(study))
    if metric == "emotion":
        return _number(EMOTION)
    names = THREE if metric == "satisfaction_index" else THREE_E
    part = _on_hundred if metric == "satisfaction_index" else _best_less_worst
    parts = [part(study, name) for name in names]
    return (parts[0] + parts[1] + parts[2]) / 3.0  # one answer missing leaves the sum missing


def _number(name: str) -> nw.Expr:
    return nw.col(name).cast(nw.Float64)


def _inside(name: str, limits: tuple[float, float]) -> nw.Expr:
    """1 or 0 for every answer, whether it lies within the limits, both included."""
    answer = _number(name)
    inside = ((answer >= limits[0]) & (answer <= limits[1])).cast(nw.Float64)
    return nw.when(~answer.is_null()).then(inside)


def _on_hundred(study: Study, name: str) -> nw.Expr:
    scale = scale_of(study, "surveys", name)
    low, high = ends(scale)
    first, last = (low, high) if scale.higher_is_better else (high, low)
    return (_number(name) - first) * (100.0 / (last - first))


def _best_less_worst(study: Study, name: str) -> nw.Expr:
    scale = scale_of(study, "surveys", name)
    return (_inside(name, boxes(scale)) - _inside(name, worst_boxes(scale))) * 100.0


def _aggregates(metrics: list[str]) -> dict[str, nw.Expr]:
    sums: dict[str, nw.Expr] = {"_rows": nw.col("_one").sum()}
    for metric in metrics:
        score = nw.col(f"_{metric}")
        sums |= {
            f"{metric}_n": score.count(),
            f"{metric}_sum": score.sum(),
            f"{metric}_mean": score.mean(),
            f"{metric}_std": score.std(),
        }
    return sums


def _figure(metric: str, sums: Mapping[Any, Any]) -> Figure:
    n = whole(sums[f"{metric}_n"])
    if metric in _SHARES:
        return share(whole(sums[f"{metric}_sum"]), n)
    return mean(float(sums[f"{metric}_mean"]), float(sums[f"{metric}_std"]), n)
