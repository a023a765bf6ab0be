"""What package, SQL and pandas are compared by: figures with names, from the sums behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxanalysis.metrics.intervals import median_interval
from cxanalysis.metrics.journeys.clusters import mean_limits, share_limits

Figures = dict[str, float]
MAIN = (
    *("first_contact_resolution", "handle_time", "speed_of_answer"),
    *("first_reply", "abandonment", "contact_csat"),
)
MAP = ("touches", "customers", "n", "coverage", "coverage_low", "rating", "rating_low", "top_box")
SHORT_SECONDS, BEST = 5, 5
LOOKUPS = (("tickets", "surveys"), ("journeys", "surveys"), ("surveys", "tickets"))


def of_tidy(table: pd.DataFrame) -> Figures:
    """Value, n and lower limit of every metric of a tidy table."""
    return {
        f"{row['metric']} {part}": float(row[part])
        for row in table.to_dict("records")
        for part in ("value", "n")
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


def median_reply(micros: NDArray[np.float64], replied: NDArray[np.bool_]) -> float:
    """Median hours until the first reply, with contacts that still wait (Kaplan–Meier)."""
    return median_interval(micros / 3.6e9, replied)[0]


def service(sums: Mapping[str, Any], median: float) -> Figures:
    """Figures of service from counts and means."""
    found = {
        "first_contact_resolution": (sums["resolved"] / sums["issues"], sums["issues"]),
        "handle_time": (sums["handle_mean"], sums["handle_n"]),
        "speed_of_answer": (sums["wait_mean"], sums["wait_n"]),
        "first_reply": (median, sums["replies"]),
        "abandonment": (sums["gone"] / sums["offered"], sums["offered"]),
        "contact_csat": (sums["satisfied"] / sums["rated"], sums["rated"]),
    }
    return {
        f"{name} {part}": float(value)
        for name, both in found.items()
        for part, value in zip(("value", "n"), both, strict=True)
    }


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
