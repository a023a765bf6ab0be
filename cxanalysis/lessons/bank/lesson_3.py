"""Lesson 3, experience metrics: NPS, CSAT, CES, their noise, and whether a change is real."""

from __future__ import annotations

import math

import pandas as pd

import cxanalysis as cx
from cxanalysis.lessons import simulations
from cxanalysis.lessons.exercise import Exercise, Trap
from cxanalysis.lessons.kinds import Letters, Names, Number, Share, YesNo
from cxanalysis.study import Study

STOPS = (10, 20, 50, 100, 200, 500, 1000, 2000)
NEAR = 10  # points
Z = 1.96  # standard errors on either side of a 95% interval's middle


def _study() -> Study:
    study: Study = cx.read_sample()
    return study


def _answers(column: str) -> pd.Series[float]:
    surveys = _study().frame("surveys")
    return surveys.loc[surveys["responded_at"].notna(), column].dropna()


def _score(metric: str, column: str, quarter: str = "all") -> float:
    """A cell of the package's own table, which the lesson works out by hand."""
    table: pd.DataFrame = cx.experience_metrics(_study().during(quarter)).set_index("metric")
    return float(table[column][metric])


def _ones() -> float:
    """NPS where those who say 8 are taken for promoters."""
    scores = _answers("nps")
    return 100 * float((scores >= 8).mean() - (scores <= 6).mean())


def _enough() -> int:
    true = simulations.sample_nps(STOPS[0]).truth
    ends = {n: simulations.sample_nps(n).middle for n in STOPS}
    return min(n for n, (low, high) in ends.items() if true - low <= NEAR >= high - true)


def _standard_errors() -> list[float]:
    quarters = ("2026-Q2", "2026-Q3")
    return [
        (_score("nps", "conf_high", quarter) - _score("nps", "conf_low", quarter)) / 2 / Z
        for quarter in quarters
    ]


def _is_beyond() -> bool:
    rise = _score("nps", "value", "2026-Q3") - _score("nps", "value", "2026-Q2")
    return abs(rise) > Z * math.hypot(*_standard_errors())


EXERCISES = (
    Exercise(
        "3.1",
        Number("points", 0.5),
        lambda: _score("nps", "value"),
        "Two shares and a difference.",
        (
            "Only the column `nps` of the answers, and only where somebody answered it.",
            "`(scores >= 9).mean()` is the share of 9 and 10. Take the share of 0 to 6 from it, "
            "and multiply by 100.",
        ),
        (
            Trap(lambda: _score("nps", "value") / 100, "that is a share; NPS is in points."),
            Trap(_ones, "8 is not a promoter's score; those begin at 9."),
            Trap(lambda: float(_answers("nps").mean()), "that is the mean of the answers."),
        ),
    ),
    Exercise(
        "3.2",
        Share(),
        lambda: _score("csat", "value"),
        "A share: of those who were asked after a contact, and answered.",
        (
            "The column `csat`, without the rows in which nobody answered it.",
            "Which share of these answers is 4 or more?",
        ),
        (
            Trap(
                lambda: (_answers("csat") >= 4).sum() / len(_answers("overall_satisfaction")),
                "that divides by all answers; only some were asked this question.",
            ),
            Trap(
                lambda: float(_answers("csat").mean()), "that is the mean; a share was asked for."
            ),
            Trap(
                lambda: float((_answers("csat") >= 5).mean()), "a 4 counts as satisfied here, too."
            ),
        ),
    ),
    Exercise(
        "3.3",
        Number(tolerance=0.05),
        lambda: _score("ces", "value"),
        "A mean, since this toolkit's rule for CES is a mean: others take the share of 5 to 7.",
        (
            "The column `ces` of the answers.",
            "`.mean()` leaves out the rows without an answer by itself.",
        ),
        (
            Trap(
                lambda: float((_answers("ces") >= 5).mean()),
                "that is the share of 5 to 7, another rule; here it is the mean.",
            ),
        ),
    ),
    Exercise(
        "3.4",
        Number("points", 0.01),
        lambda: 0.0,
        "Six or zero: NPS does not hear the difference.",
        (
            "What does NPS do with a 6, and what with a 0?",
            "Work NPS out once more after the change, and take the first from the second.",
        ),
    ),
    Exercise(
        "3.5",
        Number("answers", 0.5),
        _enough,
        "So many answers in a month, for ten points on either side.",
        (
            "The truth is +20, so both ends have to lie between +10 and +30.",
            "Go up the stops, and look at both ends of `middle` each time.",
        ),
        (
            Trap(
                lambda: STOPS[STOPS.index(_enough()) - 1],
                "look at both ends: one of them lies more than ten points away.",
            ),
        ),
    ),
    Exercise(
        "3.6",
        Number("times", 0.5),
        lambda: 4,
        "The noise goes down with the root of the number of answers.",
        (
            "Compare the width of the band at 50 and at 200, or at 500 and at 2000.",
            "The width is the upper end less the lower one. How many times as many answers, and "
            "what became of the width?",
        ),
        (
            Trap(lambda: 2, "with twice the answers it becomes narrower, but not by half."),
            Trap(lambda: 10, "that makes it narrower than half."),
        ),
    ),
    Exercise(
        "3.7",
        Names(("a", "b", "c", "d")),
        lambda: ("b", "d"),
        "It speaks of studies like this one, and of people like those who answered.",
        (
            "Two are right. Is an interval about customers, or about averages?",
            "Single customers give whole numbers from 0 to 10; NPS is in points. And whom has the "
            "study never heard?",
        ),
        (
            Trap(lambda: ("a", "b", "d"), "one of yours speaks of single customers' scores."),
            Trap(lambda: ("b",), "what you have is right; there is one more."),
            Trap(lambda: ("d",), "what you have is right; there is one more."),
            Trap(lambda: ("b", "c", "d"), "one of yours says *exactly*."),
        ),
    ),
    Exercise(
        "3.8",
        Number("points", 0.1),
        lambda: math.hypot(*_standard_errors()),
        "Less than the sum of the two, more than either.",
        (
            "First a standard error for each quarter: half the interval, divided by 1.96.",
            "Square both, add them, and take the root.",
        ),
        (
            Trap(
                lambda: sum(_standard_errors()),
                "standard errors do not add up; their squares do.",
            ),
            Trap(
                lambda: math.hypot(*_standard_errors()) * Z,
                "that is 1.96 standard errors of the difference; one was asked for.",
            ),
            Trap(
                lambda: math.hypot(*_standard_errors()) * 2,
                "take half of each interval: it reaches to both sides.",
            ),
        ),
    ),
    Exercise(
        "3.9",
        YesNo(),
        _is_beyond,
        "Compare the change with its own noise, before anybody is praised for it.",
        (
            "The change is the difference of the two values.",
            "Multiply the answer to 3.8 by 1.96. Is the change larger, whatever its sign?",
        ),
    ),
    Exercise(
        "3.10",
        Letters(("abc",) * 4),
        lambda: "baca",
        "On to those who say nothing.",
        (
            "Question 4 is not about numbers; it is about who was asked.",
            "1: look at the slider at 20 or 50. 2: and there, too. 3: which group do 7 and 8 "
            "belong to? 4: what does a large number of the wrong people tell?",
        ),
    ),
)
