"""What the scorecard leaves unsaid of the answers: who is merely fine, and scores kept apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from typing import Any, ClassVar

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.metrics import answer_parts, experience_metrics, experience_scores
from cxanalysis.metrics.intervals import Interval, difference_interval
from cxanalysis.metrics.rows import lacking
from cxanalysis.metrics.scales import boxes_text, ends, scale_of, worst_boxes
from cxanalysis.study import Study

NEEDS = "needs "
PARTED = ("overall_satisfaction", "csat")
"""Scores whose parts are shown; those of the NPS stand in the scorecard."""
FURTHER = ("ces_effort", "satisfaction_index", "three_e_index", "emotion")
BY_KIND = ("nps", "csat", "dsat", "ces_ease", "ces_effort", "overall_satisfaction", "emotion")
TASKS = {"ces_ease": True, "ces_effort": False}
"""Scores told by task, and whether a high one is good."""
KIND, TOUCHPOINT = "kind", "touchpoint"


@dataclass(frozen=True)
class Parts:
    """Shares of the worst, the middle and the best answers to a question, of ``n`` answers.

    ``worst_text``, ``middle_text`` and ``best_text`` say which answers these are.
    """

    score: str
    n: int
    worst: Estimate
    middle: Estimate
    best: Estimate
    worst_text: str = ""
    middle_text: str = ""
    best_text: str = ""


@dataclass(frozen=True)
class Score:
    """A further figure; ``unit`` as in `service_metrics`."""

    metric: str
    label: str
    unit: str
    n: int
    value: Estimate
    definition: str = ""


@dataclass(frozen=True)
class Kind:
    """The figures of answers of one kind: transactional or relational, say."""

    name: str
    scores: tuple[Score, ...]


@dataclass(frozen=True)
class Task:
    """How easy one task was, or how much effort it took, by those who were asked about it."""

    name: str
    n: int
    value: Estimate


@dataclass(frozen=True)
class Tasks:
    """Tasks of one kind of question, the hardest first.

    ``lead`` is how far the next hardest is better; unknown with a single task.
    """

    metric: str
    label: str
    scale: tuple[float, float]
    tasks: tuple[Task, ...]
    lead: Estimate = UNKNOWN


@dataclass(frozen=True)
class Missing:
    """What cannot be given and what it needs; ``asked`` is whether the question itself was."""

    label: str
    needs: str
    asked: bool


@dataclass(frozen=True)
class ExperienceFinding(Finding):
    """Parts of the answers, further scores, kinds of survey apart, and ease by task.

    ``missing`` holds what cannot be given, ``withheld`` labels of what is on too few answers.
    ``needs`` says why there is nothing at all.
    """

    kind: ClassVar[str] = "experience"

    period: str
    min_base: int
    parts: tuple[Parts, ...] = ()
    scores: tuple[Score, ...] = ()
    kinds: tuple[Kind, ...] = ()
    tasks: tuple[Tasks, ...] = ()
    withheld: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()
    needs: str = ""


def find_experience(study: Study) -> ExperienceFinding:
    """Scores of the study's answers in its period, beyond those of the scorecard."""
    period, base = period_title(study.period), study.config.metrics.min_base
    gap = lacking(study, "surveys")
    if gap is not None:
        return ExperienceFinding(period, base, needs=gap)
    rows = experience_scores(study).to_dict("records")
    further = [row for row in rows if row["metric"] in FURTHER]
    given = [row for row in further if not row["note"].startswith(NEEDS)]
    parts = _parts(study)
    few = [row["label"] for row in given if isnan(row["value"]) and row["n"]]
    return ExperienceFinding(
        period=period,
        min_base=base,
        parts=tuple(each for each in parts if each.middle.known),
        scores=tuple(score for score in map(_score, given) if score.value.known),
        kinds=_kinds(study),
        tasks=tuple(each for each in (_tasks(study, metric) for metric in TASKS) if each.tasks),
        withheld=(*(each.score for each in parts if not each.middle.known and each.n), *few),
        missing=_missing(study, further),
    )


def _missing(study: Study, rows: list[dict[Any, Any]]) -> tuple[Missing, ...]:
    """Questions that were not asked, then columns that would tell answers apart."""
    found = [
        Missing(row["label"], row["note"].removeprefix(NEEDS), asked=False)
        for row in rows
        if row["note"].startswith(NEEDS)
    ]
    asked = study.has("surveys", "ces") or study.has("surveys", "ces_effort")
    for column, label, applies in (
        (TOUCHPOINT, "ease by task", asked),
        (KIND, "transactional from relational answers", True),
    ):
        if applies and not study.has("surveys", column):
            found.append(Missing(label, f"surveys.{column}", asked=True))
    return tuple(found)


def _parts(study: Study) -> list[Parts]:
    table = answer_parts(study)
    found = []
    for score in PARTED:
        rows = table[table["score"] == score].set_index("part")
        between = "" if rows.empty else _between(study, score)
        if not between:
            continue
        worst, middle, best = (
            Estimate(*map(float, rows.loc[part, ["share", "conf_low", "conf_high"]]))
            for part in ("worst", "middle", "best")
        )
        scale = scale_of(study, "surveys", score)
        texts = (_text(worst_boxes(scale)), between, boxes_text(scale))
        found.append(Parts(score, int(rows["n"].iloc[0]), worst, middle, best, *texts))
    return found


def _text(box: tuple[float, float]) -> str:
    return f"{box[0]:g}" if box[0] == box[1] else f"{box[0]:g} or {box[1]:g}"


def _between(study: Study, score: str) -> str:
    """The answers in the middle: "3", or "3 to 8"."""
    low, high = ends(scale_of(study, "surveys", score))
    worst = worst_boxes(scale_of(study, "surveys", score))
    step = worst[1] - worst[0] + 1
    first, last = low + step, high - step
    if first > last:
        return ""
    return f"{first:g}" if first == last else f"{first:g} to {last:g}"


def _score(row: Mapping[Any, Any]) -> Score:
    value = Estimate(row["value"], row["conf_low"], row["conf_high"])
    return Score(row["metric"], row["label"], row["unit"], row["n"], value, row["definition"])


def _kinds(study: Study) -> tuple[Kind, ...]:
    """Figures by kind of survey, which are never pooled; none where they are all of one kind."""
    if not study.has("surveys", KIND):
        return ()
    both = [experience_metrics(study, KIND, weighted=False), experience_scores(study, KIND)]
    found: dict[str, dict[str, Score]] = {}
    for table in both:
        for row in table[table["metric"].isin(BY_KIND)].dropna(subset="value").to_dict("records"):
            found.setdefault(str(row[KIND]), {})[row["metric"]] = _score(row)
    if len(found) < 2:
        return ()
    return tuple(
        Kind(name, tuple(scores[metric] for metric in BY_KIND if metric in scores))
        for name, scores in sorted(found.items())
    )


def _tasks(study: Study, metric: str) -> Tasks:
    low, high = (1.0, 7.0)
    if not study.has("surveys", TOUCHPOINT):
        return Tasks(metric, "", (low, high), ())
    table = experience_scores(study, TOUCHPOINT)
    rows = table[(table["metric"] == metric) & (table[TOUCHPOINT] != "unknown")]
    rows = rows.dropna(subset="value")
    if rows.empty:
        return Tasks(metric, "", (low, high), ())
    rows = rows.sort_values("value", ascending=TASKS[metric], kind="stable")
    tasks = tuple(
        Task(row[TOUCHPOINT], row["n"], Estimate(row["value"], row["conf_low"], row["conf_high"]))
        for row in rows.to_dict("records")
    )
    asked = "ces" if metric == "ces_ease" or not study.has("surveys", metric) else metric
    scale = ends(scale_of(study, "surveys", asked))
    return Tasks(metric, str(rows["label"].iloc[0]), scale, tasks, _lead(tasks, TASKS[metric]))


def _lead(tasks: tuple[Task, ...], high_is_good: bool) -> Estimate:
    """How far the second hardest task is better than the hardest."""
    if len(tasks) < 2:
        return UNKNOWN
    hardest, following = tasks[0].value, tasks[1].value
    first, second = (following, hardest) if high_is_good else (hardest, following)
    low, high = difference_interval(
        first.value,
        Interval(first.low, first.high),
        second.value,
        Interval(second.low, second.high),
    )
    return Estimate(first.value - second.value, low, high)
