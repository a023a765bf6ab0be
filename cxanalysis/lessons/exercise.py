"""An exercise of the course, and how an answer to it is checked.

What is right is computed from the lesson's data when it is asked for, never kept as a number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

from cxanalysis.config import closest
from cxanalysis.errors import LessonError

LESSONS = range(8)  # of the course, from 0
STEPS = (1, 2)  # of hints


class Kind(Protocol):
    """What sort of answer an exercise takes."""

    def read(self, answer: object) -> Any:
        """The answer in the form that is compared; a `LessonError` where it is of another sort."""
        ...

    def wrong(self, read: Any, expected: Any) -> str:
        """What is wrong with an answer, without giving the right one; empty where it is right."""
        ...


@dataclass(frozen=True)
class Trap:
    """An answer that many give, and what they have overlooked."""

    answer: Callable[[], Any]
    says: str


@dataclass(frozen=True)
class Exercise:
    """One question.

    ``expected`` computes the right answer, ``right`` is said to whoever has it, and ``hints``
    are the two steps of help: where to look, then how to go about it.
    """

    number: str
    kind: Kind
    expected: Callable[[], Any]
    right: str
    hints: tuple[str, str]
    traps: tuple[Trap, ...] = ()


def check(number: str, answer: object) -> None:
    """Say that an answer is right, or stop with what is wrong.

    Parameters
    ----------
    number
        Of the exercise, such as "2.1".
    answer
        Yours, in any form that says it: 0.25, "25 %" and a series with that one value are the
        same share.

    Raises
    ------
    LessonError
        When the answer is missing, of another sort, or not right; the message says in what, and
        does not give the answer.
    """
    exercise = find(number)
    if answer is ...:
        raise LessonError(
            f"{number}: put your answer in place of the three dots. "
            f'hint("{number}") says where to look.'
        )
    try:
        read = exercise.kind.read(answer)
        wrong = exercise.kind.wrong(read, exercise.expected())
        if wrong:
            caught = (t.says for t in exercise.traps if not exercise.kind.wrong(read, t.answer()))
            raise LessonError(next(caught, wrong))
    except LessonError as error:
        raise LessonError(f"{number}, not yet: {error}") from None
    print(f"{number} is right. {exercise.right}")


def hint(number: str, step: int = 1) -> None:
    """Print help with an exercise.

    Parameters
    ----------
    step
        1: where to look; 2: how to go about it.

    Raises
    ------
    LessonError
        When there is no such exercise or step.
    """
    exercise = find(number)
    if step not in STEPS:
        raise LessonError(f"{number} has hints 1 and 2, not {step!r}.")
    print(exercise.hints[step - 1])


def find(number: str) -> Exercise:
    """An exercise by its number.

    Raises
    ------
    LessonError
        When there is none.
    """
    lesson = str(number).partition(".")[0]
    if lesson not in map(str, LESSONS):
        raise LessonError(f"There is no exercise {number!r}; lessons go from 0 to {LESSONS[-1]}.")
    known = {exercise.number: exercise for exercise in exercises(int(lesson))}
    if number not in known:
        hint = closest(str(number), known) or f" Known: {', '.join(known)}."
        raise LessonError(f"Lesson {lesson} has no exercise {number!r}.{hint}")
    return known[number]


def exercises(lesson: int) -> tuple[Exercise, ...]:
    """The exercises of a lesson, in order."""
    bank = import_module(f"cxanalysis.lessons.bank.lesson_{lesson}")
    found: tuple[Exercise, ...] = bank.EXERCISES
    return found
