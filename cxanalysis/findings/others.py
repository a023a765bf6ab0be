"""The company's figures beside those of others: benchmarks, and figures often quoted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.metrics.others import benchmark_gaps, quoted_figures
from cxanalysis.study import Study


@dataclass(frozen=True)
class Gap:
    """A figure beside its benchmark; ``year`` and ``n_benchmark`` are 0 where not known.

    ``word`` is "above", "below", "not told apart" or "no comparison".
    """

    label: str
    unit: str
    n: int
    own: Estimate
    benchmark: float
    source: str
    difference: Estimate = UNKNOWN
    word: str = "no comparison"
    n_benchmark: int = 0
    year: int = 0
    definition: str = ""
    note: str = ""


@dataclass(frozen=True)
class Quote:
    """A quoted share (``low`` and ``high`` alike, or a range) beside a question of one's own."""

    claim: str
    low: float
    high: float
    said_by: str
    wording: str
    n: int = 0
    own: Estimate = UNKNOWN
    note: str = ""


@dataclass(frozen=True)
class OthersFinding(Finding):
    """Benchmarks are compared; quoted figures only stand beside."""

    kind: ClassVar[str] = "others"

    period: str
    min_base: int
    gaps: tuple[Gap, ...] = ()
    quotes: tuple[Quote, ...] = ()


def find_others(study: Study) -> OthersFinding:
    """The study's figures beside the benchmarks and quoted figures its study file names.

    Raises
    ------
    StudyError
        When a benchmark is of a figure that does not exist.
    """
    return OthersFinding(
        period=period_title(study.period),
        min_base=study.config.metrics.min_base,
        gaps=tuple(
            Gap(
                row["label"],
                row["unit"],
                row["n"],
                Estimate(row["value"], row["conf_low"], row["conf_high"]),
                row["benchmark"],
                row["source"],
                Estimate(row["difference"], row["difference_low"], row["difference_high"]),
                row["word"],
                0 if pd.isna(row["n_benchmark"]) else int(row["n_benchmark"]),
                row["year"],
                row["definition"],
                row["note"],
            )
            for row in benchmark_gaps(study).to_dict("records")
        ),
        quotes=tuple(
            Quote(
                row["claim"],
                row["low"],
                row["high"],
                row["said_by"],
                row["wording"],
                row["n"],
                Estimate(row["value"], row["conf_low"], row["conf_high"]),
                row["note"],
            )
            for row in quoted_figures(study).to_dict("records")
        ),
    )
