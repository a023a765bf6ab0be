"""Narrative: findings in sentences and tables. Nothing is computed here, only worded."""

from cxanalysis.narrative import (
    answer,
    conversion,
    definitions,
    drivers,
    feedback,
    journey,
    promises,
    quality,
    scorecard,
    silent,
    trust,
)
from cxanalysis.narrative.core import ALSO, caption, describe, footnotes, headline, tabulate

__all__ = [
    "ALSO",
    "answer",
    "caption",
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
    "silent",
    "tabulate",
    "trust",
]
