"""The course: exercises that say what is wrong, their data, and copies for a class.

In a lesson, ``check("2.1", answer)`` says whether an answer is right, and ``hint("2.1")`` and
``hint("2.1", 2)`` help. `write_course` makes the copies that a class works in.
"""

from cxanalysis.lessons.classroom import write_course
from cxanalysis.lessons.exercise import check, hint
from cxanalysis.lessons.material import story, twenty_events

__all__ = ["check", "hint", "story", "twenty_events", "write_course"]
