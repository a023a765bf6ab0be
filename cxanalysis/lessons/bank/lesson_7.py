"""Lesson 7, from finding to action: five steps on the sample company, and the learner's report."""

from __future__ import annotations

from functools import cache
from statistics import NormalDist

import pandas as pd

import cxanalysis as cx
from cxanalysis.findings.steps import StepsFinding
from cxanalysis.lessons.exercise import Exercise, Trap
from cxanalysis.lessons.kinds import Letters, MadeReport, Names, Number, Share
from cxanalysis.priorities import RecommendedOrder
from cxanalysis.study import Study

OUTCOME = "overall_satisfaction"
CHANGE, POWER = 0.1, 0.8  # points, and the chance of seeing them
ENOUGH = 100  # ratings
DRAWS = 200  # of customers: the middle of a step hardly hangs on how many
STEPS = ("assessment", "map", "improvement", "optimisation", "management")
STAGES = (
    *("awareness", "discovery", "attraction", "interaction"),
    *("purchase", "use", "cultivation", "advocacy"),
)
PROJECTS = ("purchase", "use", "how help went")


@cache
def _study() -> Study:
    study: Study = cx.read_sample()
    return study


def _furthest(direction: int) -> str:
    """The step at which the company's own view lies furthest above (1) or below (-1) its data."""
    found: StepsFinding = cx.find_steps(_study())
    return max(found.steps, key=lambda step: direction * ((step.own or 0) - step.level)).name


def _stages() -> pd.Series[float]:
    """Mean ratings, from the rows."""
    rows = _study().frame("journeys").dropna(subset="rating")
    ratings = rows.groupby("stage")["rating"].agg(["mean", "size"])
    return ratings.loc[ratings["size"] >= ENOUGH, "mean"]


def _kept() -> float:
    figures = cx.promise_metrics(_study()).set_index("metric")["value"]
    return float(figures["promises_kept"])


def _kept_of(which: str) -> float:
    """Promises kept among those that are fulfilled, or among all, due or not."""
    rows = _study().frame("journeys").dropna(subset="promised_at")
    if which == "fulfilled":
        end = rows["occurred_at"].max()
        rows = rows[rows["promised_at"] <= end].dropna(subset="fulfilled_at")
    return float((rows["fulfilled_at"] <= rows["promised_at"]).sum() / len(rows))


@cache
def _actions() -> tuple[RecommendedOrder, dict[str, tuple[float, float]]]:
    """The recommended order, and step and cost of each group that has a cost."""
    study = _study()
    features = cx.build_features(study)
    fit = cx.fit_drivers(features, OUTCOME, blocks=study.blocks, replicates=DRAWS)
    found = {
        group.name: (group.step.size.value, group.cost)
        for group in cx.find_actions(study, fit).groups
        if group.step is not None
    }
    return cx.recommended_order(study, fit), found


def _cheapest() -> float:
    """Cost of one point, by the side of the order that is not service."""
    rest = _actions()[0].rest
    assert rest is not None  # the sample company has both sides
    return rest.cost / rest.step[0]


def _per_point(group: str) -> float:
    step, cost = _actions()[1][group]
    return cost / step


def _failure() -> float:
    figures = cx.service_metrics(_study()).set_index("metric")["value"]
    return float(figures["failure_demand"])


def _one_reason(reason: str) -> float:
    return float((_study().frame("tickets")["reason"] == reason).mean())


def _answers(*, samples: int = 2) -> float:
    """Answers in each sample, by the formula for large ones."""
    answers = _study().frame("surveys")[OUTCOME].dropna()
    normal = NormalDist()
    reach = normal.inv_cdf(0.975) + normal.inv_cdf(POWER)
    return float(samples * reach**2 * answers.var() / CHANGE**2)


EXERCISES = (
    Exercise(
        "7.1",
        Names(STEPS),
        lambda: (_furthest(1),),
        "What is claimed there has nothing to show for it yet.",
        (
            "Count the checks that are met at each step, and add 1.",
            "The company's level less the level by the data: where is it largest? Mind the "
            "direction: above its data.",
        ),
        (
            Trap(
                lambda: (_furthest(-1),),
                "there the data show *more* than the company claims.",
            ),
            Trap(
                lambda: ("management",),
                "one check is missing there; subtract that level from the company's own.",
            ),
        ),
    ),
    Exercise(
        "7.2",
        Names(STAGES),
        lambda: (str(_stages().idxmin()),),
        "Rated lowest. Whether it matters most is another question.",
        (
            "The column `rating`; `n` says on how many ratings it rests.",
            "`idxmin()` of a column gives the name of the row with its smallest value.",
        ),
        (
            Trap(lambda: (str(_stages().idxmax()),), "that is the highest."),
            Trap(
                lambda: (str(cx.journey_map(_study()).set_index("stage")["touches"].idxmin()),),
                "that is the stage with the fewest touches.",
            ),
        ),
    ),
    Exercise(
        "7.3",
        Number("points of the scale", 0.012),
        lambda: 4.3 - float(_stages()["purchase"]),
        "So far apart are the company and its customers.",
        (
            "One figure stands in the question, the other in the map.",
            "4.3 less the mean rating of `purchase`.",
        ),
        (
            Trap(
                lambda: float(_stages()["purchase"]) - 4.3,
                "the sign: how far is the company's own figure *above*?",
            ),
            Trap(
                lambda: 4.3 - float(_stages()["use"]),
                "that takes the rating of another stage.",
            ),
        ),
    ),
    Exercise(
        "7.4",
        Share(tolerance=0.003),
        _kept,
        "The rest came late, or has not come yet.",
        (
            "Compare two columns of `due`, row by row.",
            "`fulfilled_at <= promised_at` is false where nothing is fulfilled yet. The mean of "
            "true and false is a share.",
        ),
        (
            Trap(
                lambda: _kept_of("fulfilled"),
                "promises that are still open have been left out; they are due, and not kept.",
            ),
            Trap(
                lambda: _kept_of("all"),
                "promises that are not due yet have been counted as broken; use `due`.",
            ),
            Trap(lambda: 1 - _kept(), "that is the share that was not kept."),
        ),
    ),
    Exercise(
        "7.5",
        Number("EUR", 2000),
        _cheapest,
        "If the money buys a step, and if satisfaction follows.",
        (
            "Two columns of `costs`, one divided by the other.",
            "Cost divided by step is the cost of one point; the smallest of the three.",
        ),
        (
            Trap(
                lambda: _per_point("how help went"),
                "that is the cheapest project, and its step is the smallest: look at the cost of "
                "a point in each.",
            ),
            Trap(lambda: _per_point("use"), "there is a group with a lower cost per point."),
            Trap(
                lambda: min(_actions()[1][name][1] for name in PROJECTS),
                "that is what the smallest project costs; what does a *point* cost?",
            ),
            Trap(
                lambda: _cheapest() / 10,
                "that is the cost of a tenth of a point.",
            ),
        ),
    ),
    Exercise(
        "7.6",
        Letters(("abcd",)),
        lambda: "b",
        "It says what it goes by, what it takes for granted, and how to find out.",
        (
            "Cross out what the two cells above do not allow.",
            "Which one says what it takes for granted, and how it will be found out?",
        ),
        (
            Trap(lambda: "a", '"will" is a promise that what goes with it also moves it.'),
            Trap(lambda: "c", "read the verdict of the cell above once more."),
            Trap(lambda: "d", "how much goes with that stage? Look it up in the matrix."),
        ),
    ),
    Exercise(
        "7.7",
        Share(),
        _failure,
        "Most of the helpdesk's work is made elsewhere.",
        (
            "Two reasons count as failures; the question names them.",
            '`isin(["fault", "where is my order"])` says for each contact whether its reason is '
            "one of them; then the mean.",
        ),
        (
            Trap(lambda: _one_reason("fault"), "one of the two reasons is missing."),
            Trap(lambda: _one_reason("where is my order"), "one of the two reasons is missing."),
            Trap(lambda: 1 - _failure(), "that is the share of all other contacts."),
        ),
    ),
    Exercise(
        "7.8",
        Number("answers", 12),
        _answers,
        "So much patience does a tenth of a point ask for.",
        (
            "The question has the call; the effect size is still to be worked out.",
            "0.1 divided by `spread` is the effect size. The result is the number in *each* of "
            "the two samples.",
        ),
        (
            Trap(
                lambda: 2 * _answers(),
                "that is both together; the question is about each.",
            ),
            Trap(
                lambda: _answers(samples=1),
                "that would do if the earlier mean were known exactly; it is a sample, too.",
            ),
            Trap(
                lambda: _answers() / float(_study().frame("surveys")[OUTCOME].dropna().var()),
                "the change has not been divided by the standard deviation.",
            ),
        ),
    ),
    Exercise(
        "7.9",
        MadeReport(),
        lambda: {"study": "Acme Home", "period": "2026-Q3"},
        "Of these customers, in this quarter: a report that is yours.",
        (
            "The question has the call; a period and a segment are still to be filled in.",
            'A quarter is written "2026-Q1", a segment as a column, an equals sign and one of its '
            "values.",
        ),
    ),
    Exercise(
        "7.10",
        Letters(("abc",) * 4),
        lambda: "bcab",
        "That was the course. Now your own data.",
        (
            "Each of the four stands in the text of this lesson or of the one before.",
            "1: which three things make up the key, and what is missing in it? 2: who makes the "
            "contact? 3: think of the grey band of lesson 3. 4: which figure would you print?",
        ),
    ),
)
