"""Findings on promises written by hand; no figure here comes from data."""

from __future__ import annotations

from dataclasses import replace
from math import nan

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding
from cxanalysis.findings.promises import Curve, Kind, PromisesFinding

KEPT_73 = PromisesFinding(
    period="the third quarter of 2026",
    min_base=30,
    n_due=1707,
    kept=Estimate(0.735, 0.713, 0.755),
    n_late=453,
    late_hours=Estimate(114.3, 94.9, 136.3),
    late_hours_p90=Estimate(472.7, 354.8, 571.8),
    n_open=21,
    n_after_late=449,
    after_late=Estimate(0.501, 0.455, 0.547),
    n_after_kept=1237,
    after_kept=Estimate(0.088, 0.074, 0.105),
    difference=Estimate(0.413, 0.365, 0.461),
    n_chased=209,
    in_time=Estimate(0.933, 0.891, 0.960),
    n_contacts=861,
    chasing=Estimate(0.329, 0.298, 0.361),
    kinds=(
        Kind(
            "delivery_date",
            1163,
            Estimate(0.718, 0.691, 0.743),
            328,
            Estimate(112.1, 92.3, 134.1),
        ),
        Kind("fitting", 544, Estimate(0.770, 0.733, 0.804), 25),
    ),
    curve=Curve(
        (0.735, 0.771, 0.806, 0.84, 0.87, 0.90, 0.95, 0.99),
        (0.713, 0.75, 0.786, 0.82, 0.85, 0.88, 0.93, 0.98),
        (0.755, 0.79, 0.824, 0.857, 0.885, 0.915, 0.96, 0.995),
        (3.4, 6.9),
    ),
    definitions=(("Promises kept", "fulfilled by promised_at ÷ promises due in the period"),),
)
MOVED = replace(
    KEPT_73,
    kept_latest=Estimate(0.91, 0.89, 0.93),
    repromised=Estimate(0.18, 0.16, 0.20),
    moved="median 6 days later",
    has_deadline=True,
    n_rework=412,
    rework=Estimate(1.24, 1.15, 1.33),
    rework_text="2,043 for 1,648",
)
NEVER_MOVED = replace(MOVED, repromised=Estimate(0.0, 0.0, 0.002), moved="", n_open=1)
ALL_KEPT = replace(
    KEPT_73,
    kept=Estimate(1.0, 0.998, 1.0),
    n_late=0,
    late_hours=UNKNOWN,
    late_hours_p90=UNKNOWN,
    n_open=0,
    n_after_late=0,
    after_late=UNKNOWN,
    difference=UNKNOWN,
    n_chased=0,
    in_time=UNKNOWN,
    kinds=(),
    curve=Curve((1.0,) * 8, (nan,) * 8, (nan,) * 8),
)
MOSTLY_OPEN = replace(
    ALL_KEPT,
    kept=Estimate(0.42, 0.30, 0.55),
    n_due=60,
    n_late=35,
    n_open=30,
    n_after_late=35,
    after_late=Estimate(0.20, 0.10, 0.36),
    n_after_kept=25,
    difference=UNKNOWN,
    after_kept=UNKNOWN,
    chasing=UNKNOWN,
)
NO_DIFFERENCE = replace(
    KEPT_73,
    after_late=Estimate(0.12, 0.09, 0.15),
    difference=Estimate(0.03, -0.01, 0.07),
    late_hours_p90=UNKNOWN,
)
FEW_LATE = replace(
    KEPT_73,
    n_due=190,
    kept=Estimate(0.93, 0.88, 0.96),
    n_late=13,
    late_hours=UNKNOWN,
    late_hours_p90=UNKNOWN,
    n_open=1,
)
FEW = PromisesFinding("October 2026", 30, n_due=7, n_late=2)
NONE_DUE = PromisesFinding("October 2026", 30)
NO_DATES = PromisesFinding("October 2026", 30, gap="journeys.promised_at")
REWORK_ONLY = replace(
    NO_DATES,
    gap="journeys.fulfilled_at",
    n_rework=412,
    rework=Estimate(1.24, 1.15, 1.33),
    rework_text="2,043 for 1,648",
)
NO_TABLE = PromisesFinding("October 2026", 30, gap="journeys")

FINDINGS: dict[str, Finding] = {
    "promises": KEPT_73,
    "promises_moved": MOVED,
    "promises_never_moved": NEVER_MOVED,
    "promises_all_kept": ALL_KEPT,
    "promises_mostly_open": MOSTLY_OPEN,
    "promises_no_difference": NO_DIFFERENCE,
    "promises_few_late": FEW_LATE,
    "promises_withheld": FEW,
    "promises_none_due": NONE_DUE,
    "promises_no_dates": NO_DATES,
    "promises_rework_only": REWORK_ONLY,
    "promises_no_table": NO_TABLE,
}
WITHOUT_PICTURE = {
    "promises_all_kept",
    "promises_withheld",
    "promises_none_due",
    "promises_no_dates",
    "promises_rework_only",
    "promises_no_table",
}
