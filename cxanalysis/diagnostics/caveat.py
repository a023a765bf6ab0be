"""What a diagnostic finds: a code, and the numbers and column names behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cxanalysis.shown import Shown

SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class Caveat(Shown):
    """Something about a fit that a reader should know before trusting it.

    Attributes
    ----------
    code : str
        Which diagnostic it is; see `diagnose`.
    facts : dict
        Numbers and column names, never words; several of a kind as tuples.
    """

    code: str
    facts: dict[str, Any]
