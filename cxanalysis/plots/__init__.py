"""Plots: findings as pictures, drawn from the same final numbers as the sentences."""

from cxanalysis.plots import (
    answer,
    backlog,
    changes,
    consistency,
    conversion,
    definitions,
    drivers,
    feedback,
    flow,
    journey,
    promises,
    reasons,
    scorecard,
    service,
    sides,
    silent,
    staffing,
)
from cxanalysis.plots.core import plot

__all__ = [
    "answer",
    "backlog",
    "changes",
    "consistency",
    "conversion",
    "definitions",
    "drivers",
    "feedback",
    "flow",
    "journey",
    "plot",
    "promises",
    "reasons",
    "scorecard",
    "service",
    "sides",
    "silent",
    "staffing",
]
