"""What customers said: recommendation, satisfaction, ease, from the surveys table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw
import pandas as pd

from cxanalysis.metrics.figures import (
    Definition,
    Figure,
    kish,
    mean,
    nps,
    share,
    tidy,
    tidy_row,
    weighted_nps,
    weighted_std,
)
from cxanalysis.metrics.rows import (
    EVERYONE,
    counted,
    during,
    grouped,
    lacking,
    of_segment,
    totals,
    whole,
)
from cxanalysis.metrics.scales import boxes, boxes_text, ends, scale_of
from cxanalysis.study import Study

PROMOTER, DETRACTOR = 9, 6
NPS_RANGE = (0.0, 10.0)
CES_RANGE, EASY = (1.0, 7.0), 5  # "made it easy", CES 2.0
MEANS = {"ces": "Ease (CES)", "overall_satisfaction": "Overall satisfaction"}
Totals = Mapping[Any, Any]


def experience_metrics(
    study: Study, by: str | None = None, *, weighted: bool = True
) -> pd.DataFrame:
    """Figures of customers' answers in the study's period, by ``responded_at``.

    Parameters
    ----------
    by
        A column of the surveys, or of the customers, to give every figure for each of its
        values.
    weighted
        Where the surveys have weights, add weighted figures beside the plain ones; their note
        gives Kish's effective number of answers.

    Returns
    -------
    DataFrame
        As `service_metrics`; NPS in points, means on the scale of the answers.

    Raises
    ------
    ReportError
        When no such column ``by`` exists.
    """
    weight = weight_column(study) if weighted else None
    definitions = _definitions(study) + (_weighted_definitions(study) if weight else ())
    min_base = study.config.metrics.min_base
    gap = lacking(study, "surveys")
    if gap is not None:
        return tidy(tidy_row(each, Figure(note=gap), min_base) for each in definitions)
    rows = []
    for group, sums in study.once(answer_sums, by, weight).items():
        for definition in definitions:
            figure = _figure(study, definition, sums)
            rows.append(({by: group} if by else {}) | tidy_row(definition, figure, min_base))
    return tidy(rows, by)


def nps_mix(study: Study) -> tuple[float, float, float] | None:
    """Shares of detractors, passives and promoters among the period's answers.

    Returns
    -------
    tuple of float, or None
        None where there are fewer than ``min_base`` answers, or no question of 0 to 10.
    """
    if lacking(study, "surveys") is not None or not has_nps(study):
        return None
    sums = study.once(answer_sums, None, None)[EVERYONE]
    n = whole(sums["_nps_n"])
    if n < study.config.metrics.min_base:
        return None
    detractors, promoters = whole(sums["_detractor"]) / n, whole(sums["_promoter"]) / n
    return detractors, 1 - detractors - promoters, promoters


def weight_column(study: Study) -> str | None:
    """The survey weight: the column the model names, else the mapped one; None without."""
    named = study.config.model.weights
    name = "weight" if named == "none" else named
    return name if study.has("surveys", name) else None


# --- definitions ---------------------------------------------------------------------------


def _definitions(study: Study) -> tuple[Definition, ...]:
    csat = scale_of(study, "surveys", "csat")
    low, high = ends(csat)
    means = tuple(_mean_definition(study, name) for name in MEANS)
    return (
        Definition(
            "nps",
            "NPS",
            "points",
            "100 × (share answering 9 or 10 − share answering 0 to 6), of 0 to 10",
            ("nps",),
        ),
        Definition(
            "csat",
            "CSAT",
            "share",
            f"answers of {boxes_text(csat)} ÷ answers, of {low:g} to {high:g}",
            ("csat",),
        ),
        *means,
        Definition(
            "response_rate",
            "Response rate",
            "share",
            "invitations of the period that were answered ÷ invitations of the period",
            ("invited_at", "responded_at"),
        ),
    )


def _mean_definition(study: Study, name: str) -> Definition:
    scale = scale_of(study, "surveys", name)
    low, high = ends(scale)
    better = "higher" if scale.higher_is_better else "lower"
    word = "easier" if name == "ces" else "better"
    text = f"mean answer, of {low:g} to {high:g}; {better} is {word}"
    effort = name == "ces" and not scale.higher_is_better
    label = "Effort (CES 1.0)" if effort else MEANS[name]
    return Definition(name, label, "score", text, (name,))


def _weighted_definitions(study: Study) -> tuple[Definition, ...]:
    return tuple(
        Definition(
            f"{plain.metric}_weighted",
            f"{plain.label}, weighted",
            plain.unit,
            f"{plain.text}; each answer counts by its survey weight",
            plain.needs,
        )
        for plain in _definitions(study)
        if plain.metric in ("nps", *MEANS)
    )


def answer_sums(
    study: Study, by: str | None = None, weight: str | None = None
) -> Mapping[Any, Totals]:
    """What the answers of the period add up to, by group; the counts behind every figure here."""
    surveys = of_segment(study, "surveys", study.tables["surveys"])
    answers = _add_scores(study, surveys.with_columns(_answered=_answered(study)), weight)
    table = totals(grouped(study, "surveys", answers, by), _aggregates(study, weight))
    return table.to_dict("index")


# --- one row per invitation, with what it counts for ---------------------------------------


def _answered(study: Study) -> nw.Expr:
    """Whether a row is an answer of the period; where no times are given, every row is one."""
    if study.has("surveys", "responded_at"):
        return during(study, "responded_at")
    return nw.lit(True)


def has_nps(study: Study) -> bool:
    """Whether the surveys ask for a recommendation from 0 to 10; no other scale gives an NPS."""
    return study.has("surveys", "nps") and ends(scale_of(study, "surveys", "nps")) == NPS_RANGE


def _has_easy(study: Study) -> bool:
    """Whether ease is asked as agreement, 1 to 7: only then do 5 to 7 mean easy."""
    if not study.has("surveys", "ces"):
        return False
    scale = scale_of(study, "surveys", "ces")
    return ends(scale) == CES_RANGE and scale.higher_is_better


def _add_scores(study: Study, surveys: nw.LazyFrame[Any], weight: str | None) -> nw.LazyFrame[Any]:
    answered = nw.col("_answered")
    columns: dict[str, nw.Expr] = {}
    if has_nps(study):
        given = answered & ~nw.col("nps").is_null()
        columns["_nps"] = nw.when(given).then(nw.col("nps").cast(nw.Float64))
        columns["_promoter"] = counted(given & (nw.col("nps") >= PROMOTER))
        columns["_detractor"] = counted(given & (nw.col("nps") <= DETRACTOR))
    if study.has("surveys", "csat"):
        first, last = boxes(scale_of(study, "surveys", "csat"))
        given = answered & ~nw.col("csat").is_null()
        columns["_rated"] = counted(given)
        columns["_satisfied"] = counted(
            given & (nw.col("csat") >= first) & (nw.col("csat") <= last)
        )
    for name in MEANS:
        if study.has("surveys", name):
            columns[f"_{name}"] = nw.when(answered).then(nw.col(name).cast(nw.Float64))
    if _has_easy(study):
        columns["_easy"] = counted(answered & (nw.col("ces") >= EASY))
    if study.has("surveys", "invited_at", "responded_at"):
        invited = during(study, "invited_at")
        columns["_invited"] = counted(invited)
        columns["_returned"] = counted(invited & ~nw.col("responded_at").is_null())
    if weight is not None:
        positive = nw.col(weight).cast(nw.Float64)
        columns["_weight"] = nw.when(positive > 0).then(positive)
    return surveys.with_columns(**columns) if columns else surveys


def _aggregates(study: Study, weight: str | None) -> dict[str, nw.Expr]:
    aggregates: dict[str, nw.Expr] = {"_answers": nw.col("_answered").cast(nw.Int64).sum()}
    sums = ["_rated", "_satisfied"] if study.has("surveys", "csat") else []
    sums += ["_easy"] if _has_easy(study) else []
    sums += ["_promoter", "_detractor"] if has_nps(study) else []
    sums += ["_invited", "_returned"] if study.has("surveys", "invited_at", "responded_at") else []
    aggregates |= {name: nw.col(name).sum() for name in sums}
    scores = [name for name in MEANS if study.has("surveys", name)]
    scores += ["nps"] if has_nps(study) else []
    for name in scores:
        score = nw.col(f"_{name}")
        aggregates |= {
            f"_{name}_n": score.count(),
            f"_{name}_mean": score.mean(),
            f"_{name}_std": score.std(),
        }
        if weight is not None:
            aggregates |= _weighted_sums(name)
    return aggregates


def _weighted_sums(name: str) -> dict[str, nw.Expr]:
    score = nw.col(f"_{name}")
    weight = nw.when(~score.is_null()).then(nw.col("_weight"))
    sums: dict[str, nw.Expr] = {
        f"_{name}_weighed": weight.count(),
        f"_{name}_w": weight.sum(),
        f"_{name}_ww": (weight * weight).sum(),
        f"_{name}_wx": (weight * score).sum(),
        f"_{name}_wxx": (weight * score * score).sum(),
    }
    if name == "nps":
        sums["_promoter_w"] = (weight * nw.col("_promoter")).sum()
        sums["_detractor_w"] = (weight * nw.col("_detractor")).sum()
    return sums


# --- figures -------------------------------------------------------------------------------


def _figure(study: Study, definition: Definition, sums: Totals) -> Figure:
    plain = definition.metric.removesuffix("_weighted")
    absent = [name for name in definition.needs if not study.has("surveys", name)]
    if absent:
        return Figure(note=f"needs surveys.{absent[0]}")
    if plain == "nps" and not has_nps(study):
        low, high = ends(scale_of(study, "surveys", "nps"))
        return Figure(note=f"needs a scale of 0 to 10; surveys.nps is on {low:g} to {high:g}")
    if plain != definition.metric:
        return _weighted_figure(plain, sums)
    return _plain_figure(plain, sums)


def _plain_figure(metric: str, sums: Totals) -> Figure:
    if metric == "nps":
        return nps(whole(sums["_promoter"]), whole(sums["_detractor"]), whole(sums["_nps_n"]))
    if metric == "csat":
        return share(whole(sums["_satisfied"]), whole(sums["_rated"]))
    if metric == "response_rate":
        return share(whole(sums["_returned"]), whole(sums["_invited"]))
    average, std = float(sums[f"_{metric}_mean"]), float(sums[f"_{metric}_std"])
    n = whole(sums[f"_{metric}_n"])
    note = _easy_text(whole(sums["_easy"]), n) if metric == "ces" and "_easy" in sums else ""
    return mean(average, std, n, note)


def _easy_text(easy: int, n: int) -> str:
    if n == 0:
        return ""
    figure = share(easy, n)
    return f"5 to 7 from {figure.value:.1%} ({figure.conf_low:.1%} to {figure.conf_high:.1%})"


def _weighted_figure(name: str, sums: Totals) -> Figure:
    n = whole(sums[f"_{name}_weighed"])
    if n == 0:
        return Figure(note="nothing to count")
    total, squares = float(sums[f"_{name}_w"]), float(sums[f"_{name}_ww"])
    effective = kish(total, squares)
    note = f"effective number of answers {effective:,.0f} (Kish)"
    if name == "nps":
        scale = effective / total
        promoters, detractors = sums["_promoter_w"] * scale, sums["_detractor_w"] * scale
        return weighted_nps(promoters, detractors, effective, n, note)
    x_sum, x_squares = float(sums[f"_{name}_wx"]), float(sums[f"_{name}_wxx"])
    std = weighted_std(total, x_sum, x_squares, effective)
    return mean(x_sum / total, std, n, note, effective)
