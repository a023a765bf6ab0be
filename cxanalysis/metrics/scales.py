"""Which answers a scale has, and which of them count as satisfied."""

from __future__ import annotations

from cxanalysis.config import Scale
from cxanalysis.study import Study
from cxanalysis.tables import CONTRACTS

# Two boxes of a three- or four-point scale would be most of it.
POINTS_FOR_TWO_BOXES = 5


def scale_of(study: Study, table: str, score: str) -> Scale:
    """The scale a score is declared on in the study file; the contract's where none is.

    Raises
    ------
    KeyError
        When the table's contract has no such score.
    """
    contract = CONTRACTS[table].column(score)
    if contract is None:
        raise KeyError(score)
    settings = getattr(study.config.tables, table)
    declared = settings.columns.get(score) if settings is not None else None
    if declared is None:
        return Scale(low=contract.low, high=contract.high)
    return Scale(
        low=contract.low if declared.low is None else declared.low,
        high=contract.high if declared.high is None else declared.high,
        higher_is_better=declared.higher_is_better,
    )


def ends(scale: Scale) -> tuple[float, float]:
    """Lowest and highest answer."""
    return float(scale.low or 0), float(scale.high or 0)


def boxes(scale: Scale) -> tuple[float, float]:
    """Lowest and highest answer that counts as satisfied: the two best, or the one best."""
    low, high = ends(scale)
    step = 1 if high - low + 1 >= POINTS_FOR_TWO_BOXES else 0
    return (high - step, high) if scale.higher_is_better else (low, low + step)


def worst_boxes(scale: Scale) -> tuple[float, float]:
    """Lowest and highest answer that counts as dissatisfied: the two worst, or the one worst."""
    low, high = ends(scale)
    best, last = boxes(scale)
    step = last - best
    return (low, low + step) if scale.higher_is_better else (high - step, high)


def boxes_text(scale: Scale) -> str:
    """The satisfied answers in words: "4 or 5"."""
    first, last = boxes(scale)
    return f"{first:g}" if first == last else f"{first:g} or {last:g}"
