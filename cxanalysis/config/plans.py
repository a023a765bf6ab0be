"""What the company means to do, where it sees itself, and what it wants to be held against."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from cxanalysis.config.base import Settings, Texts

Level = Annotated[int, Field(ge=1, le=5)]


class Action(Settings):
    """What it would take to mend a group of drivers: who owns it and what it costs.

    ``cost`` is in the currency of the metrics; ``within_reach`` is false for what the company
    can hardly change, such as a friend's tip.
    """

    owner: str = ""
    cost: float | None = Field(None, ge=0)
    within_reach: bool = True


class Benchmark(Settings):
    """A figure of others, under the definition that they used, and where it was published.

    ``metric`` is the name of one of the study's figures, such as "nps", and ``value`` is in its
    unit: shares from 0 to 1.
    ``n`` is the number of answers behind it; without it the benchmark counts as known exactly.
    """

    metric: str
    value: float
    source: str
    n: int | None = Field(None, ge=1)
    year: int | None = None


class OwnItem(Settings):
    """The company's own question that is worded like the one a quoted figure is said to be from.

    ``column`` is one of the surveys; an answer agrees from the score ``agree_from`` on, or when
    it is one of ``agree``.
    """

    column: str
    wording: str
    agree_from: float | None = None
    agree: Texts = ()

    @model_validator(mode="after")
    def _one_rule(self) -> OwnItem:
        if (self.agree_from is None) == (not self.agree):
            raise ValueError("give exactly one of agree_from or agree")
        return self


class Quoted(Settings):
    """Own questions to stand beside the figures that are quoted most often."""

    pays_more: OwnItem | None = None
    waiting_frustrates: OwnItem | None = None


class Assessment(Settings):
    """How the company sees itself at each of the five steps (1 to 5), and how often it reviews."""

    assessment: Level | None = None
    map: Level | None = None
    improvement: Level | None = None
    optimisation: Level | None = None
    management: Level | None = None
    reviewed: Literal["never", "yearly", "quarterly", "monthly"] | None = None
