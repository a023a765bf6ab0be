"""What package, SQL and pandas are compared by: figures with names, from the sums behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxanalysis.metrics.figures import Figure, duration, left_out, mean, notes, share
from cxanalysis.metrics.journeys.clusters import mean_limits, share_limits
from cxanalysis.metrics.service_outcomes import median_time

Figures = dict[str, float | str]
MAIN = (
    *("first_contact_resolution", "handle_time", "speed_of_answer"),
    *("first_reply", "abandonment", "contact_csat"),
)
MAP = ("touches", "customers", "n", "coverage", "coverage_low", "rating", "rating_low", "top_box")
SHORT_SECONDS, BEST = 5, 5
LOOKUPS = (("tickets", "surveys"), ("journeys", "surveys"), ("surveys", "tickets"))


def of_tidy(table: pd.DataFrame) -> Figures:
    """Value and n of every metric of a tidy table."""
    return _parts(table, ("value", "n"))


def of_service(table: pd.DataFrame) -> Figures:
    """As `of_tidy`, with intervals and what is said of the spread and of any reason."""
    return _parts(table, ("value", "conf_low", "n", "note"))


def _parts(table: pd.DataFrame, parts: tuple[str, ...]) -> Figures:
    return {
        f"{row['metric']} {part}": row[part] for row in table.to_dict("records") for part in parts
    }


def of_map(table: pd.DataFrame) -> Figures:
    """Every figure of a journey map."""
    return {
        f"{row['stage']} {part}": float(row[part])
        for row in table.to_dict("records")
        for part in MAP
    }


def of_matches(table: pd.DataFrame) -> Figures:
    """Customers, and those found in the other table."""
    return {
        f"{row['left']} in {row['right']} {part}": float(row[part])
        for row in table.to_dict("records")
        for part in ("n", "matched")
    }


def replies(micros: NDArray[np.float64], replied: NDArray[np.bool_]) -> Figure:
    """Median hours until the first reply, with contacts that still wait (Kaplan–Meier)."""
    return median_time(pd.Series(micros / 3.6e9), pd.Series(replied), "answered")


def service(sums: Mapping[str, Any], first_reply: Figure) -> Figures:
    """Figures of service from counts, means, deviations and quantiles."""
    found = {
        "first_contact_resolution": _resolution(sums),
        "handle_time": _mean(sums, "handle", ""),
        "speed_of_answer": _mean(sums, "wait", f", longest {duration(sums['wait_longest'])}"),
        "first_reply": first_reply,
        "abandonment": share(int(sums["gone"]), int(sums["offered"])),
        "contact_csat": share(int(sums["satisfied"]), int(sums["rated"])),
    }
    return {
        f"{name} {part}": getattr(figure, part)
        for name, figure in found.items()
        for part in ("value", "conf_low", "n", "note")
    }


def _mean(sums: Mapping[str, Any], name: str, longest: str) -> Figure:
    spread = f"median {duration(sums[f'{name}_median'])}, 90th percentile "
    spread += f"{duration(sums[f'{name}_p90'])}{longest}"
    unknown = int(sums[f"{name}_unknown"])
    of = ("handled contact", "handled contacts", "with a missing part")
    if name == "wait":
        of = ("contact", "contacts", "without a time in the queue")
    note = notes(spread, left_out(unknown, *of))
    return mean(sums[f"{name}_mean"], sums[f"{name}_std"], int(sums[f"{name}_n"]), note)


def _resolution(sums: Mapping[str, Any]) -> Figure:
    every = share(int(sums["any_resolved"]), int(sums["any_issues"]))
    text = f"for any reason {every.value:.1%} ({every.conf_low:.1%} to {every.conf_high:.1%}) "
    young = left_out(int(sums["young"]), "issue", "issues", "less than 7 days old")
    note = notes(f"{text}of {every.n:,}", young)
    return share(int(sums["resolved"]), int(sums["issues"]), note)


def experience(sums: Mapping[str, Any]) -> Figures:
    """Figures of experience from counts and means."""
    found = {
        "nps": (100 * (sums["promoters"] - sums["detractors"]) / sums["nps_n"], sums["nps_n"]),
        "csat": (np.nan, 0),
        "ces": (sums["ces_mean"], sums["ces_n"]),
        "overall_satisfaction": (sums["overall_mean"], sums["overall_n"]),
        "response_rate": (sums["returned"] / sums["invited"], sums["invited"]),
    }
    return {
        f"{name} {part}": float(value)
        for name, both in found.items()
        for part, value in zip(("value", "n"), both, strict=True)
    }


def journey(sums: pd.DataFrame) -> Figures:
    """The journey map from sums by stage over customers: c touches, n rated, s rating, t best."""
    table = pd.DataFrame(index=sums.index)
    table["touches"], table["customers"], table["n"] = sums["c"], sums["customers"], sums["n"]
    table["coverage"], table["rating"] = sums["n"] / sums["c"], sums["s"] / sums["n"]
    table["top_box"] = sums["t"] / sums["n"]
    customers, raters = sums["customers"], sums["raters"]
    of_share = _variance(table["coverage"], sums["c"], sums["nn"], sums["cn"], sums["cc"])
    of_share *= customers / (customers - 1)
    of_mean = _variance(table["rating"], sums["n"], sums["ss"], sums["ns"], sums["nn"])
    of_mean *= raters / (raters - 1)
    limits = share_limits(table["coverage"], of_share, sums["c"], customers)
    table["coverage_low"] = limits.low
    table["rating_low"] = mean_limits(table["rating"], of_mean, raters).low
    return of_map(table.reset_index(names="stage"))


def _variance(ratio: Any, base: Any, top2: Any, cross: Any, base2: Any) -> Any:
    return (top2 - 2 * ratio * cross + ratio**2 * base2) / base**2
