"""Who the silent are: what they are worth, and how their journey went, beside the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw
import pandas as pd

from cxanalysis.metrics.figures import Definition, Figure, tidy, tidy_row
from cxanalysis.metrics.intervals import Comparison, Interval, difference_interval, p_of_interval
from cxanalysis.metrics.journeys.clusters import Ratio, mean_limits, ratios, share_limits
from cxanalysis.metrics.journeys.touches import rating_measure, touches
from cxanalysis.metrics.kept import add_outcome, promise_gap, promises_kept
from cxanalysis.metrics.multiple import holm
from cxanalysis.metrics.rows import during, lacking, of_segment
from cxanalysis.metrics.silent import NO_BASE, heard_customers, needed
from cxanalysis.metrics.silent_worth import CELL, WORTH, power_sums, worth, worth_gap
from cxanalysis.study import Study

Lazy = nw.LazyFrame[Any]
Figures = Mapping[str, Figure]
GROUPS = ("neither", "answer only", "both", "ticket only")
SILENT, HEARD = "neither", "heard"
RATING = Definition("rating", "Average rating", "score", "mean rating of the period's touches")
GAPS = (
    "metric",
    "silent",
    "heard",
    "difference",
    "conf_low",
    "conf_high",
    "p_value",
    "p_adjusted",
    "n",
    "n_heard",
)


def silent_traits(study: Study) -> pd.DataFrame:
    """What the silent of the period are worth and how their journey went, beside the others.

    Returns
    -------
    DataFrame
        For each group of active customers ("neither" ticket nor answer in the period, "answer
        only", "both", "ticket only") the column group and those of `service_metrics`, with
        value_mean, value_median, value_share, rating and promises_kept (due in the period).
        The customer is the unit: ``n`` is how many of the group stand behind a figure.
    """
    definitions, base = (*WORTH, RATING, promises_kept(study)), study.config.metrics.min_base
    gap = _gap(study)
    found = {} if gap else _figures(study, _customers(study), GROUPS)
    missing = Figure(note=gap)
    return tidy(
        (
            {"group": group} | tidy_row(each, found[group][each.metric] if found else missing, base)
            for group in GROUPS
            for each in definitions
        ),
        "group",
    )


def silent_gaps(study: Study) -> pd.DataFrame:
    """How the silent differ from the heard: customers with a ticket, an answer or both.

    Mean values are compared by ``skewed_difference``, since a few customers are worth many times
    the rest; ratings and promises kept with the customer as the unit.

    Returns
    -------
    DataFrame
        metric (value_mean, rating, promises_kept), silent, heard, difference (silent − heard),
        conf_low, conf_high, p_value, p_adjusted (Holm over the rows), n and n_heard
        (customers). A metric that lacks columns, or ``min_base`` customers on either side, is
        left out.
    """
    if _gap(study):
        return pd.DataFrame(columns=list(GAPS))
    customers = _customers(study, halves=True)
    found = _figures(study, customers, (SILENT, HEARD))
    rows = []
    for metric in ("value_mean", "rating", "promises_kept"):
        silent, heard = found[SILENT][metric], found[HEARD][metric]
        if min(silent.n, heard.n) < study.config.metrics.min_base:
            continue
        compared = _compare(silent, heard)
        if metric == "value_mean":
            compared = worth_gap(power_sums(customers), SILENT, HEARD)
        difference = silent.value - heard.value
        rows.append((metric, silent.value, heard.value, difference, *compared, silent.n, heard.n))
    table = pd.DataFrame(rows, columns=[name for name in GAPS if name != "p_adjusted"])
    return table.assign(p_adjusted=holm(table["p_value"]))[list(GAPS)]


def _compare(silent: Figure, heard: Figure) -> Comparison:
    one = Interval(silent.conf_low, silent.conf_high)
    other = Interval(heard.conf_low, heard.conf_high)
    limits = difference_interval(silent.value, one, heard.value, other)
    return Comparison(*limits, p_of_interval(silent.value - heard.value, *limits))


def _gap(study: Study) -> str:
    """What it takes to tell who is silent; empty where nothing is missing."""
    if "customers" not in study.tables:
        return NO_BASE
    lacks = lacking(study, "customers")
    return lacks or needed(study, "tickets") or needed(study, "surveys")


def _customers(study: Study, *, halves: bool = False) -> Lazy:
    """Active customers with the group they are in; the heard as one where ``halves``."""
    customers = study.keep(heard_customers)
    contacted, answered = nw.col("_contacted") == 1, nw.col("_answered") == 1
    one = nw.when(answered).then(nw.lit("answer only")).otherwise(nw.lit("ticket only"))
    four = nw.when(contacted & answered).then(nw.lit("both")).otherwise(one)
    group = nw.when(contacted | answered).then(nw.lit(HEARD) if halves else four)
    return customers.with_columns(group.otherwise(nw.lit(SILENT)).alias(CELL))


def _figures(study: Study, customers: Lazy, groups: tuple[str, ...]) -> dict[str, Figures]:
    """Every figure of every group of these customers, by its name."""
    amounts = worth(customers, groups) if study.has("customers", "value") else {}
    rated, kept = _ratings(study, customers), _promises(study, customers)
    no_value = {each.metric: Figure(note="needs customers.value") for each in WORTH}
    return {
        group: {
            **amounts.get(group, no_value),
            "rating": rated if isinstance(rated, Figure) else _mean(rated, group),
            "promises_kept": kept if isinstance(kept, Figure) else _share(kept, group),
        }
        for group in groups
    }


def _ratings(study: Study, customers: Lazy) -> pd.DataFrame | Figure:
    gap = lacking(study, "journeys")
    if gap is None and not study.has("journeys", "rating"):
        gap = "needs journeys.rating"
    if gap is not None:
        return Figure(note=gap)
    rows = touches(study).join(customers.select("customer_id", CELL), on="customer_id", how="inner")
    return ratios(rows, [CELL], {"x": rating_measure()})


def _promises(study: Study, customers: Lazy) -> pd.DataFrame | Figure:
    gap = promise_gap(study)
    if gap:
        return Figure(note=gap)
    rows = of_segment(study, "journeys", study.tables["journeys"])
    rows = add_outcome(study, rows.filter(during(study, "promised_at")))
    rows = rows.join(customers.select("customer_id", CELL), on="customer_id", how="inner")
    return ratios(rows, [CELL], {"x": Ratio(nw.col("_due"), nw.col("_kept"))})


def _mean(table: pd.DataFrame, group: str) -> Figure:
    mean, variance, _, customers = _row(table, group)
    if not customers:
        return Figure(note="nothing to count")
    return Figure(mean, *mean_limits(mean, variance, customers), customers)


def _share(table: pd.DataFrame, group: str) -> Figure:
    share, variance, n, customers = _row(table, group)
    if not customers:
        return Figure(note="nothing to count")
    return Figure(share, *share_limits(share, variance, n, customers), customers)


def _row(table: pd.DataFrame, group: str) -> tuple[float, float, int, int]:
    if group not in table.index:
        return 0.0, 0.0, 0, 0
    row = table.to_dict("index")[group]
    return row["x_mean"], row["x_variance"], int(row["x_n"]), int(row["x_customers"])
