"""Narrative: findings in sentences and tables. Nothing is computed here, only worded."""

from cxanalysis.narrative import (
    answer,
    backlog,
    consistency,
    conversion,
    definitions,
    drivers,
    feedback,
    journey,
    promises,
    quality,
    scorecard,
    service,
    silent,
    staffing,
    trust,
)
from cxanalysis.narrative.core import ALSO, caption, describe, footnotes, headline, tabulate

__all__ = [
    "ALSO",
    "answer",
    "backlog",
    "caption",
    "consistency",
    "conversion",
    "definitions",
    "describe",
    "drivers",
    "feedback",
    "footnotes",
    "headline",
    "journey",
    "promises",
    "quality",
    "scorecard",
    "service",
    "silent",
    "staffing",
    "tabulate",
    "trust",
]
