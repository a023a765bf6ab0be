"""Plots: findings as pictures, drawn from the same final numbers as the sentences."""

from cxanalysis.plots import (
    answer,
    conversion,
    definitions,
    drivers,
    feedback,
    journey,
    promises,
    scorecard,
    silent,
)
from cxanalysis.plots.core import plot

__all__ = [
    "answer",
    "conversion",
    "definitions",
    "drivers",
    "feedback",
    "journey",
    "plot",
    "promises",
    "scorecard",
    "silent",
]
