"""Findings of what changed since the report before, written by hand; no figure comes from data."""

from __future__ import annotations

from dataclasses import replace
from math import nan

from cxanalysis.findings.core import Estimate, Finding
from cxanalysis.findings.counting import Recounted
from cxanalysis.findings.since import Moved, New, Said, SinceFinding

SHARE = Moved(
    "answer.split",
    "Service's share, the shared part split evenly",
    "share",
    Estimate(0.24, 0.19, 0.29),
    Estimate(0.33, 0.28, 0.38),
    1842,
    1790,
    difference=Estimate(-0.09, -0.161, -0.019),
    word="down",
)
NPS = Moved(
    "scorecard.nps",
    "NPS",
    "points",
    Estimate(31.0, 27.0, 35.0),
    Estimate(28.0, 24.0, 32.0),
    1842,
    1790,
    again=28.0,
    difference=Estimate(3.0, -2.7, 8.7),
    word="no clear change",
)
FCR = Moved(
    "scorecard.first_contact_resolution",
    "First-contact resolution",
    "share",
    Estimate(0.61, 0.576, 0.643),
    Estimate(0.68, 0.65, 0.71),
    812,
    790,
    again=0.65,
    difference=Estimate(-0.04, -0.087, 0.007),
    word="no clear change",
)
SILENT = replace(
    NPS,
    key="silent.silent",
    label="Silent customers",
    unit="share",
    now=Estimate(0.54, 0.52, 0.56),
    then=Estimate(0.53, 0.51, 0.55),
    n=2947,
    n_then=2871,
    again=nan,
    difference=Estimate(0.01, -0.018, 0.038),
)
SAID = Said(
    "Figures of others",
    "Two of two benchmarks differ from your own figure: NPS and first-contact resolution.",
    "Not told apart: of two benchmarks, none clearly differs from your own figure.",
)
SAME = SinceFinding(
    "October 2026",
    "September 2026",
    made_before="2026-10-02T06:02:00+00:00",
    figures=(SHARE, NPS),
    sentences=114,
    n_both=384,
    lookback_days=90,
)
COUNTED = replace(
    SAME,
    counted=(
        Recounted("setting", "metrics.fcr_window_days", "7", "14"),
        Recounted("setting", "tables.surveys.scale.high", "", "10"),
        Recounted("parameter", "note", '"a *bold* word"', ""),
        Recounted("notebook", "cx_report.ipynb"),
        Recounted("package", "cxanalysis", "0.1.0", "0.2.0"),
        Recounted("library", "numpy", "2.4.6", ""),
        Recounted("new table", "customers"),
        Recounted("new column", "tickets.csat"),
        Recounted("gone column", "surveys.ces"),
        Recounted("gone file", "tickets-2026-01.csv"),
        Recounted("set aside", "tickets", share_before=0.012, share_now=0.031),
        Recounted("matched", "tickets in surveys", share_before=0.98, share_now=0.71),
        Recounted("fewer rows", "journeys", "26023", "9100"),
    ),
    figures=(replace(SHARE, told_apart=False), NPS, FCR, SILENT),
    said=(SAID, Said("Where it hurts", "", "Delivery hurts most."), Said("Who stays", "Most.", "")),
    new=(New("Figures of others", SAID.now), New("Where it hurts", "Delivery hurts most.")),
)
FINDINGS: dict[str, Finding] = {
    "since_same": SAME,
    "since_counted": COUNTED,
    "since_late_rows": replace(
        SAME, figures=(FCR,), new=(New("Data quality", "All rows were kept."),), n_both=0
    ),
    "since_study_file": replace(
        SAME,
        counted=(Recounted("study file", "study.toml"), Recounted("gone table", "journeys")),
        figures=(replace(SHARE, word="no comparison", difference=Estimate(nan)),),
        made_before="",
    ),
    "since_none": SinceFinding("October 2026", "September 2026", "none"),
    "since_all_dates": SinceFinding("all dates", "", "all dates"),
    "since_damaged": SinceFinding(
        "the third quarter of 2026", "the second quarter of 2026", "damaged"
    ),
}
WITHOUT_PICTURE = set(FINDINGS)
