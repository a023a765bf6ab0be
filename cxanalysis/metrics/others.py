"""Figures of others beside the company's own: benchmarks, and figures that are often quoted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan, sqrt
from typing import Any

import narwhals as nw
import pandas as pd

from cxanalysis.config import Benchmark, OwnItem, closest
from cxanalysis.engine import collect
from cxanalysis.errors import StudyError
from cxanalysis.metrics.experience import experience_metrics
from cxanalysis.metrics.figures import share, withhold
from cxanalysis.metrics.intervals import (
    Interval,
    difference_interval,
    normal_quantile,
    p_of_interval,
    wilson,
)
from cxanalysis.metrics.journey import journey_metrics
from cxanalysis.metrics.multiple import holm_known
from cxanalysis.metrics.rows import counted, during, lacking, of_segment, whole
from cxanalysis.metrics.service import service_metrics, service_names
from cxanalysis.study import Study

ABOVE, BELOW, ALIKE, NO_COMPARISON = "above", "below", "not told apart", "no comparison"
GAPS = (
    "metric",
    "label",
    "unit",
    "value",
    "conf_low",
    "conf_high",
    "n",
    "benchmark",
    "n_benchmark",
    "source",
    "year",
    "difference",
    "difference_low",
    "difference_high",
    "p_value",
    "p_adjusted",
    "word",
    "definition",
    "note",
)
QUOTED = ("claim", "low", "high", "said_by", "wording", "value", "conf_low", "conf_high",
          "n", "note")  # fmt: skip


@dataclass(frozen=True)
class Claim:
    """A figure that goes round: what is said, by whom, and what of one's own it may stand beside.

    ``low`` and ``high`` are shares; ``item`` is the key of the study file under which a company
    names its own question of the same wording, empty where no company's own data can hold one.
    None of them could be traced to what was asked of whom.
    """

    name: str
    low: float
    high: float
    said_by: str
    item: str = ""


CLAIMS = (
    Claim("customers pay more for a better experience", 0.55, 0.55, "no source given", "pays_more"),
    Claim(
        "customers are frustrated to be tied to a phone or computer while they wait",
        0.81,
        0.81,
        "Harris Poll, as quoted",
        "waiting_frustrates",
    ),
    Claim("revenue gained by better journeys", 0.10, 0.15, "McKinsey, as quoted"),
    Claim("satisfaction gained by better journeys", 0.20, 0.20, "McKinsey, as quoted"),
)
"""The published figures vary: McKinsey's guide of 2016 has 5 to 10 % of revenue."""


def benchmark_gaps(study: Study) -> pd.DataFrame:
    """The company's figures beside the benchmarks that its study file names.

    A benchmark with its number of answers is uncertain itself: a share by Newcombe's interval of
    a difference, an NPS by the widest variance that its value allows (nobody passive). One
    without that number, or of a mean, counts as known exactly. Nothing here makes two
    definitions the same: the company's own stands in the table.

    Returns
    -------
    DataFrame
        A row per benchmark: metric, label, unit, value with conf_low, conf_high and n,
        benchmark, n_benchmark (missing where not given), source, year, difference (own −
        benchmark) with difference_low and difference_high, p_value, p_adjusted (Holm), word
        ("above", "below", "not told apart", "no comparison"), definition, note.

    Raises
    ------
    StudyError
        When a benchmark is of a figure that does not exist.
    """
    benchmarks = study.config.benchmarks
    figures = _figures(study, [benchmark.metric for benchmark in benchmarks])
    rows = [_gap(benchmark, figures[benchmark.metric]) for benchmark in benchmarks]
    table = pd.DataFrame(
        rows, columns=[name for name in GAPS if name not in ("p_adjusted", "word")]
    )
    table["p_adjusted"] = holm_known(table["p_value"])
    table["word"] = [_word(row) for row in table.to_dict("records")]
    return table[list(GAPS)]


def quoted_figures(study: Study) -> pd.DataFrame:
    """Figures that are often quoted, each beside the company's own question of that wording.

    They stand beside each other and are not tested: a quoted figure has no population that
    this company's customers could be compared with. Where the study file names no such question
    the quoted figure is left out.

    Returns
    -------
    DataFrame
        A row per question named: claim, low and high (as quoted), said_by, wording (of
        the own question), value (share that agrees) with conf_low, conf_high and n (answers in
        the period), note.
    """
    rows = []
    for claim in CLAIMS:
        item = getattr(study.config.quoted, claim.item) if claim.item else None
        if item is not None:
            rows.append(_beside(study, claim, item))
    return pd.DataFrame(rows, columns=list(QUOTED))


def _figures(study: Study, wanted: Sequence[str]) -> dict[str, dict[Any, Any]]:
    """The figures that benchmarks are of, by name."""
    if not wanted:
        return {}
    known = service_names(study)
    tables = [study.once(experience_metrics), study.once(journey_metrics)]
    tables.append(service_metrics(study, only=[name for name in known if name in wanted]))
    figures = {row["metric"]: row for table in tables for row in table.to_dict("records")}
    for name in wanted:
        if name not in figures:
            hint = closest(name, [*figures, *known])
            raise StudyError(f"benchmarks: no figure {name!r}.{hint}")
    return figures


def _gap(benchmark: Benchmark, own: dict[Any, Any]) -> dict[str, object]:
    row = {
        **{key: own[key] for key in ("metric", "label", "unit", "value", "conf_low", "conf_high")},
        **{key: own[key] for key in ("n", "definition", "note")},
        "benchmark": benchmark.value,
        "n_benchmark": nan if benchmark.n is None else benchmark.n,
        "source": benchmark.source,
        "year": benchmark.year or 0,
    }
    if pd.isna([own["value"], own["conf_low"], own["conf_high"]]).any():
        return row
    theirs = _interval(benchmark, own["unit"])
    limits = difference_interval(
        own["value"], Interval(own["conf_low"], own["conf_high"]), benchmark.value, theirs
    )
    difference = own["value"] - benchmark.value
    return row | {
        "difference": difference,
        "difference_low": limits.low,
        "difference_high": limits.high,
        "p_value": p_of_interval(difference, *limits),
    }


def _interval(benchmark: Benchmark, unit: str) -> Interval:
    """How far a benchmark may be off; no width where its answers are not known or it is a mean."""
    value, n = benchmark.value, benchmark.n
    if n is not None and unit == "share":
        low, high = wilson(value * n, n)
        return Interval(float(low), float(high))
    if n is not None and unit == "points":
        # Of all ways to come to a score the one without passives varies most.
        reach = 100 * normal_quantile() * sqrt((1 - (value / 100) ** 2) / n)
        return Interval(value - reach, value + reach)
    return Interval(value, value)


def _word(row: dict[Any, Any]) -> str:
    if pd.isna(row["p_adjusted"]):
        return NO_COMPARISON
    if row["p_adjusted"] >= 0.05:
        return ALIKE
    return ABOVE if row["difference"] > 0 else BELOW


def _beside(study: Study, claim: Claim, item: OwnItem) -> dict[str, object]:
    row: dict[str, object] = {
        "claim": claim.name,
        "low": claim.low,
        "high": claim.high,
        "said_by": claim.said_by,
        "wording": item.wording,
    }
    gap = lacking(study, "surveys")
    if gap is None and not study.has("surveys", item.column, "responded_at"):
        gap = f"needs surveys.{item.column} and surveys.responded_at"
    if gap is not None:
        return row | {"n": 0, "note": gap}
    rows = of_segment(study, "surveys", study.tables["surveys"])
    answers = rows.filter(during(study, "responded_at"), ~nw.col(item.column).is_null())
    sums = collect(
        answers.select(
            nw.len().cast(nw.Int64).alias("n"), _agrees(study, item).sum().alias("agree")
        )
    )
    n = whole(sums["n"].iloc[0])
    figure = withhold(share(whole(sums["agree"].iloc[0]), n), study.config.metrics.min_base)
    return row | {
        "value": figure.value,
        "conf_low": figure.conf_low,
        "conf_high": figure.conf_high,
        "n": n,
        "note": figure.note,
    }


def _agrees(study: Study, item: OwnItem) -> nw.Expr:
    column = nw.col(item.column)
    if item.agree_from is None:
        return counted(column.cast(nw.String).is_in(item.agree))
    if not study.tables["surveys"].collect_schema()[item.column].is_numeric():
        raise StudyError(
            f"quoted: surveys.{item.column} holds texts, so agree_from = {item.agree_from:g} "
            "cannot be compared with them. Name the answers that agree, as agree = [...], or "
            "declare the column as a score under tables.surveys.items."
        )
    return counted(column >= item.agree_from)
