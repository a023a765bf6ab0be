"""Lesson 6, claims: quoted figures, three rungs, what would change a mind, twenty figures."""

from __future__ import annotations

from functools import cache
from math import sqrt
from statistics import NormalDist

import cxanalysis as cx
from cxanalysis.lessons.exercise import Exercise, Trap
from cxanalysis.lessons.kinds import Groups, Letters, Names, Number, Share

WOULD_PAY, ANSWERED = 98, 240  # of the invented survey
FIGURES, LEVEL = 20, 0.05
LETTERS = ("a", "b", "c", "d", "e")
THINGS = ("who asked", "of whom", "when", "in which words", "how many answered")
TOLD, NOT_TOLD = "told", "not told"
WITH, PREDICTS, CAUSES = "goes with", "predicts", "causes"
RUNGS = {1: WITH, 2: CAUSES, 3: PREDICTS, 4: CAUSES, 5: WITH, 6: PREDICTS}
NORMAL = NormalDist().inv_cdf(0.975)


def _only_told(*things: str) -> dict[str, str]:
    return {thing: TOLD if thing in things else NOT_TOLD for thing in THINGS}


def _wilson(side: int) -> float:
    """An end of Wilson's interval, from its formula: -1 the lower one, 1 the upper one."""
    share, z = WOULD_PAY / ANSWERED, NORMAL
    middle = share + z**2 / (2 * ANSWERED)
    reach = z * sqrt(share * (1 - share) / ANSWERED + z**2 / (4 * ANSWERED**2))
    return (middle + side * reach) / (1 + z**2 / ANSWERED)


def _simple() -> float:
    share = WOULD_PAY / ANSWERED
    return share - NORMAL * sqrt(share * (1 - share) / ANSWERED)


@cache
def _robust(figure: str) -> float:
    """What the package makes of what the lesson works out by hand."""
    study = cx.read_sample()
    fit = cx.fit_drivers(cx.build_features(study), "overall_satisfaction", blocks=study.blocks)
    return float(cx.robustness_values(fit, "use_rating").loc[0, figure])


def _none_of_them() -> float:
    chance = 1.0
    for _ in range(FIGURES):
        chance *= 1 - LEVEL
    return chance


EXERCISES = (
    Exercise(
        "6.1",
        Groups(THINGS, (TOLD, NOT_TOLD)),
        _only_told,
        "Nobody could ask this again, and so nobody can find out whether it is right.",
        (
            "Read line A as if you were to repeat the survey tomorrow.",
            "Whose customers, in which country and year? Do you have the question, or somebody's "
            "summary of the answers?",
        ),
        (
            Trap(
                lambda: _only_told("of whom"),
                '"customers" is a word for everybody; whose customers, and where?',
            ),
            Trap(
                lambda: _only_told("in which words"),
                "what stands there is a summary of answers; is it the question that was put?",
            ),
            Trap(
                lambda: _only_told("of whom", "in which words"),
                'could you ask the same people the same question? "Customers" is no list of '
                "people, and a summary is no question.",
            ),
        ),
    ),
    Exercise(
        "6.2",
        Share(tolerance=0.003),
        lambda: WOULD_PAY / ANSWERED,
        "Of those who answered, and in what they said.",
        (
            "Two numbers are given in the cell.",
            "Those who would pay more, divided by those who answered.",
        ),
        (
            Trap(
                lambda: 1 - WOULD_PAY / ANSWERED,
                "that is the share of those who would not.",
            ),
            Trap(
                lambda: WOULD_PAY / (ANSWERED - WOULD_PAY),
                "divide by all who answered, not by the others.",
            ),
        ),
    ),
    Exercise(
        "6.3",
        Share(tolerance=0.0008),
        lambda: _wilson(-1),
        "True shares below this would make such a draw unusual.",
        (
            "The function takes how many said yes, how many answered, and a method.",
            'Without `method` it gives the simple interval; `method="wilson"` is the one asked '
            "for. The first of its two values is the lower end.",
        ),
        (
            Trap(_simple, "that is the simple interval; Wilson's was asked for."),
            Trap(lambda: _wilson(1), "that is the upper end."),
        ),
    ),
    Exercise(
        "6.4",
        Letters(("abcd",)),
        lambda: "b",
        "How many answered, what they said, how sure: nothing that was not observed.",
        (
            "Cross out what nobody has observed.",
            "Which of them compares with a figure that has no population, and which takes words "
            "for deeds?",
        ),
        (
            Trap(lambda: "a", "who are these others, and were they asked in the same words?"),
            Trap(lambda: "c", "saying and doing are two things; only one was observed."),
            Trap(
                lambda: "d",
                "nobody knows whom the 55 % are about, so your customers cannot refute it.",
            ),
        ),
    ),
    Exercise(
        "6.5",
        Groups(tuple(RUNGS), (WITH, PREDICTS, CAUSES)),
        lambda: RUNGS,
        "The verb tells the rung; whether the evidence reaches it is the next question.",
        (
            "Ask of each: does it say what *would* happen if somebody changed something?",
            "Two on each rung. On the second rung, something is told of cases that were not "
            "looked at before.",
        ),
        (
            Trap(
                lambda: {**RUNGS, 2: WITH},
                'look at the verb of sentence 2: what does "takes off" say?',
            ),
            Trap(
                lambda: {**RUNGS, 3: CAUSES},
                "sentence 3 names who will leave, not what makes them leave.",
            ),
        ),
    ),
    Exercise(
        "6.6",
        Share(tolerance=0.002),
        lambda: _robust("rv"),
        "That strong, and on both sides, would an unknown cause have to be.",
        (
            "First f, then the formula with f in it.",
            "f is t divided by the square root of df. Then the square root of f to the fourth "
            "plus 4 times f squared, less f squared, and half of that.",
        ),
        (
            Trap(
                lambda: _robust("partial_r2"),
                "that is what the rating itself explains of what is left of satisfaction.",
            ),
            Trap(
                lambda: abs(_robust("statistic")) / sqrt(_robust("df")),
                "that is f; put it into the formula.",
            ),
            Trap(lambda: 2 * _robust("rv"), "half of the bracket is wanted."),
            Trap(
                lambda: _robust("rv_alpha"),
                "that is the strength at which the coefficient is no longer clear; at which is "
                "it zero?",
            ),
        ),
    ),
    Exercise(
        "6.7",
        Names(LETTERS),
        lambda: ("a", "d"),
        "Both could have come out otherwise, and both would be hard to explain away.",
        (
            "Ask of each: would it surprise somebody who believes the sentence?",
            "Look for those in which service differs, the journey does not, and customers feel "
            "or do something else. The rest fits the sentence, or says nothing of it.",
        ),
        (
            Trap(lambda: ("a",), "what you have is right; there is one more."),
            Trap(lambda: ("d",), "what you have is right; there is one more."),
            Trap(
                lambda: ("a", "b", "d"),
                "one of yours is about customers without any service: would it surprise "
                "somebody who believes the sentence?",
            ),
            Trap(
                lambda: ("a", "c", "d"),
                "one of yours speaks for the sentence, not against it.",
            ),
            Trap(
                lambda: ("a", "d", "e"),
                "one of yours tells what the team did, and nothing of satisfaction.",
            ),
        ),
    ),
    Exercise(
        "6.8",
        Number("figures", 0.01),
        lambda: sum([LEVEL] * FIGURES),
        "As many as that, out of nothing.",
        (
            "Each of the twenty has the same small chance.",
            "Twenty times that chance.",
        ),
        (
            Trap(lambda: LEVEL, "that is the chance of one of them; there are twenty."),
            Trap(lambda: 0.0, "nothing has changed, but some will look as if."),
        ),
    ),
    Exercise(
        "6.9",
        Share(),
        lambda: 1 - _none_of_them(),
        "More likely than not, a page without any news has a headline.",
        (
            "Begin with the chance that none of them does.",
            "One of them does not with 0.95; all twenty do not with 0.95 multiplied by itself "
            "twenty times. The rest is the answer.",
        ),
        (
            Trap(_none_of_them, "that is the chance that none does."),
            Trap(
                lambda: FIGURES * LEVEL,
                "that is the number to be expected; a chance that adds up like this would be "
                "above 1 with thirty figures.",
            ),
            Trap(lambda: LEVEL, "that is the chance of one of them; there are twenty."),
        ),
    ),
    Exercise(
        "6.10",
        Letters(("abc",) * 4),
        lambda: "bbca",
        "On to what to do with a finding.",
        (
            "Each of the four is one part of the lesson, in order.",
            "1: are the words the same? 2: which rung? 3: what does the number speak of? 4: what "
            "would you have to see to judge the three?",
        ),
    ),
)
