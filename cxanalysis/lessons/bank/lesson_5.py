"""Lesson 5, is experience service: what is explained, split; and which way round."""

from __future__ import annotations

from functools import cache

import pandas as pd

import cxanalysis as cx
from cxanalysis.lessons import simulations
from cxanalysis.lessons.exercise import Exercise, Trap
from cxanalysis.lessons.kinds import Letters, Names, Number, Share

STOPS = (0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99)
OUTCOME = "overall_satisfaction"
LETTERS = ("a", "b", "c", "d")
POINTS = 0.002  # of R², as far as rounding to two or three digits goes


@cache
def _importance() -> pd.DataFrame:
    """What the package makes of what the lesson works out by least squares in four lines."""
    study = cx.read_sample()
    fit = cx.fit_drivers(cx.build_features(study), OUTCOME, blocks=study.blocks)
    figures = fit.importance().xs("raw", axis="columns", level="figure")
    table: pd.DataFrame = figures.xs("all", level="group")
    return table


def _part(name: str, quantity: str) -> float:
    return float(_importance()[quantity][name])


def _both() -> float:
    return _part("service", "total") + _part("journey", "unique")


def _first_stop() -> float:
    splits = {r: simulations.split_of_service(r) for r in STOPS}
    return min(r for r, split in splits.items() if split.unique < split.total / 10)


def _found(service: float, mood: float) -> float:
    return float(simulations.slopes_with_mood(service, mood).found.mean())


EXERCISES = (
    Exercise(
        "5.1",
        Number("points of R²", POINTS),
        lambda: _part("service", "total"),
        "That much goes with service, whatever else goes with it as well.",
        (
            '`r_squared` takes a list of names; `columns["service"]` is one.',
            "Call the function with the columns of service alone.",
        ),
        (Trap(lambda: _part("journey", "total"), "that is the journey alone."),),
    ),
    Exercise(
        "5.2",
        Number("points of R²", POINTS),
        _both,
        "More than either, and less than the sum of the two.",
        (
            "Two lists can be put together with `+`.",
            "Call the function once, with the columns of service and of the journey.",
        ),
        (
            Trap(
                lambda: _part("service", "total") + _part("journey", "total"),
                "that adds two R²; what both share is counted twice.",
            ),
            Trap(lambda: _part("journey", "total"), "that is the journey alone."),
        ),
    ),
    Exercise(
        "5.3",
        Number("points of R²", POINTS),
        lambda: _part("service", "unique"),
        "Known nowhere else in the data.",
        (
            "Compare two models: one with both sets, and one without service.",
            "R² of both less R² of the journey alone.",
        ),
        (
            Trap(
                lambda: _part("journey", "unique"),
                "that is what the *journey* adds to service.",
            ),
            Trap(
                lambda: _part("service", "unique") / _both(),
                "that is a share of R²; points were asked for.",
            ),
            Trap(lambda: _part("service", "total"), "that is what service has by itself."),
        ),
    ),
    Exercise(
        "5.4",
        Number("points of R²", POINTS),
        lambda: _part("service", "shared"),
        "And it is the same amount, looked at from the journey.",
        (
            "Total is made of unique and shared.",
            "The answer to 5.1 less the answer to 5.3.",
        ),
        (
            Trap(
                lambda: _part("service", "shared") / 2,
                "that is half of it; the question is about all that is shared.",
            ),
        ),
    ),
    Exercise(
        "5.5",
        Share(),
        lambda: _part("service", "shapley") / _both(),
        "One agreed way of splitting: a description, not a verdict.",
        (
            "First the mean of two of your numbers, then a share.",
            "The mean of total and unique, divided by R² of both sets together.",
        ),
        (
            Trap(
                lambda: _part("service", "shapley"),
                "that is in points of R²; divide by R² of both.",
            ),
            Trap(
                lambda: _part("service", "total") / _both(),
                "that gives all of the shared part to service.",
            ),
            Trap(
                lambda: _part("service", "unique") / _both(),
                "that gives all of the shared part to the journey.",
            ),
        ),
    ),
    Exercise(
        "5.6",
        Names(LETTERS),
        lambda: [
            letter
            for letter, holds in zip(
                LETTERS,
                (
                    _part("service", "total") > POINTS,
                    _part("journey", "unique") < POINTS,
                    _part("service", "unique") > POINTS,
                    1 - _both() > 0.5,
                ),
                strict=True,
            )
            if holds
        ],
        "A part, not the whole, and most of satisfaction is in no column.",
        (
            "Each sentence has its number among your answers so far.",
            "a: 5.1. b: what does the journey add to service? c: 5.3. d: 1 less 5.2.",
        ),
        (
            Trap(lambda: ("a", "c"), "what you have is right; there is one more."),
            Trap(lambda: ("a", "d"), "what you have is right; there is one more."),
            Trap(lambda: LETTERS, "one of yours says *nothing*; what does the journey add?"),
        ),
    ),
    Exercise(
        "5.7",
        Number(tolerance=0.001),
        _first_stop,
        "The slopes are as they were; only the data cannot tell them apart any more.",
        (
            "`unique` and `total` of each split.",
            "Go up from 0 until `unique` is less than `total` divided by 10.",
        ),
        (
            Trap(
                lambda: STOPS[STOPS.index(_first_stop()) + 1],
                "there it is, but not for the first time.",
            ),
            Trap(
                lambda: STOPS[STOPS.index(_first_stop()) - 1],
                "there it is more than a tenth of the *total*, though little of the whole.",
            ),
        ),
    ),
    Exercise(
        "5.8",
        Number(tolerance=0.01),
        lambda: _found(0, 0.4),
        "A clear slope, narrow interval and all, of something that does nothing.",
        (
            "The question names the call.",
            "Its two arguments are what service really does, and how much the mood colours.",
        ),
        (
            Trap(lambda: 0.0, "that is the truth; what do regressions *find*?"),
            Trap(lambda: 0.4, "that is how much the mood colours; what do regressions find?"),
        ),
    ),
    Exercise(
        "5.9",
        Names(LETTERS),
        lambda: ("b", "c"),
        "A record that no mood can colour, and a lot that no mood can draw.",
        (
            "What would the mood *not* reach?",
            "More of the same ratings carry more of the same mood. What is written down by a "
            "clock, or decided by a lot?",
        ),
        (
            Trap(lambda: ("c",), "what you have is right; there is one more."),
            Trap(lambda: ("b",), "what you have is right; there is one more."),
            Trap(lambda: ("a", "b", "c"), "one of yours only makes a wrong slope more exact."),
            Trap(lambda: ("b", "c", "d"), "one of yours adds ratings that the mood colours, too."),
        ),
    ),
    Exercise(
        "5.10",
        Letters(("abc",) * 4),
        lambda: "abcb",
        "On to claims.",
        (
            "None of the four is about how many answers there are.",
            "1: what is total made of? 2: is it measured or agreed? 3: what would be in a model "
            "that knew more? 4: who has changed anything?",
        ),
    ),
)
