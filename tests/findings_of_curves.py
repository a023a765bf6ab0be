"""Findings of waiting, giving up and handling, written by hand; no figure comes from data."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from cxanalysis.findings.core import Estimate, Finding
from cxanalysis.findings.curves import Bin, Curve, CurvesFinding, SelfService, Stretch

WHEN = "October 2026"
SHORT = Bin(
    0,
    30,
    210,
    Estimate(0.11, 0.07, 0.16),
    Estimate(3.9, 3.75, 4.05),
    0.62,
    0.95,
    ratings=((1, 8), (2, 15), (3, 57), (4, 90), (5, 40)),
)
MIDDLE = Bin(
    30,
    300,
    190,
    Estimate(0.14, 0.1, 0.2),
    Estimate(3.7, 3.55, 3.85),
    0.55,
    1.02,
    Estimate(0.03, -0.04, 0.1),
    0.41,
    ((1, 10), (2, 17), (3, 58), (4, 80), (5, 25)),
)
LONG = Bin(
    300,
    inf,
    160,
    Estimate(0.38, 0.31, 0.46),
    Estimate(3.0, 2.8, 3.2),
    0.31,
    1.21,
    Estimate(0.27, 0.18, 0.36),
    0.0004,
    ((1, 25), (2, 36), (3, 49), (4, 35), (5, 15)),
)
PHONE = Curve(
    "phone", "in the queue", (SHORT, MIDDLE, LONG), 2, Estimate(-0.11, -0.15, -0.07), 0.0002
)
EMAIL = Curve(
    "email",
    "to the first reply",
    (
        Bin(0, 43200, 60, Estimate(0.12, 0.06, 0.22), Estimate(3.5, 3.2, 3.8), 0.5, 0.9),
        Bin(
            43200,
            inf,
            55,
            Estimate(0.2, 0.12, 0.32),
            Estimate(3.3, 3.0, 3.6),
            0.44,
            1.0,
            Estimate(0.08, -0.05, 0.21),
            0.44,
        ),
    ),
    0,
    Estimate(-0.09, -0.16, -0.02),
    0.03,
)
CHAT = Curve("chat", "to the first reply", (Bin(0, inf, 12),))
QUEUE = (
    Stretch(5, 30, 900, 31, Estimate(0.09, 0.06, 0.13), gone=Estimate(0.03), would=Estimate(0.04)),
    Stretch(
        30,
        120,
        520,
        60,
        Estimate(0.11, 0.08, 0.14),
        0.4,
        Estimate(0.09, 0.07, 0.11),
        Estimate(0.17, 0.14, 0.21),
    ),
    Stretch(120, inf, 140, 50, Estimate(0.21, 0.16, 0.28), 0.003, Estimate(0.15, 0.13, 0.17)),
)
RESOLVED = Curve(
    "phone",
    "",
    (
        Bin(0, 240, 120, Estimate(0.52, 0.43, 0.61)),
        Bin(240, 480, 180, Estimate(0.66, 0.59, 0.73), gap=Estimate(0.14, 0.03, 0.25)),
        Bin(480, inf, 150, Estimate(0.74, 0.66, 0.8), gap=Estimate(0.22, 0.11, 0.33)),
    ),
    2,
)
RATED = Curve(
    "phone",
    "",
    (
        Bin(0, 300, 90, Estimate(3.4, 3.2, 3.6)),
        Bin(300, inf, 80, Estimate(3.5, 3.3, 3.7), gap=Estimate(0.1, -0.2, 0.4), p_adjusted=0.5),
    ),
)
CURVES = CurvesFinding(
    WHEN,
    30,
    waits=(PHONE, EMAIL, CHAT),
    n_compared=3,
    n_queue=940,
    giving_up=QUEUE,
    self_service=SelfService(120, 240, 0.24, 560, 0.16, Estimate(0.08, 0.01, 0.15)),
    resolved=(RESOLVED,),
    rated=(RATED,),
)
NO_TURN = replace(
    CURVES,
    waits=(
        replace(PHONE, turn=0, bins=(SHORT, MIDDLE), doubling=Estimate(-0.03, -0.06, -0.001)),
        EMAIL,
    ),
    giving_up=QUEUE[:2],
    self_service=None,
    needs_self_service="the study file's list of self_service touchpoints or channels",
    resolved=(replace(RESOLVED, turn=0),),
    rated=(),
)
NOISE = replace(
    NO_TURN,
    waits=(replace(NO_TURN.waits[0], p_doubling=0.3),),
    giving_up=(),
    needs_giving_up="needs tickets.queue_wait_seconds",
)
GIVING_UP = CurvesFinding(
    WHEN,
    30,
    n_queue=940,
    giving_up=QUEUE,
    self_service=SelfService(120, 240, 0.24, 560, 0.2, Estimate(0.04, -0.04, 0.12)),
    short_seconds=0,
    needs_waits="needs tickets.csat",
    needs_handling="needs tickets.talk_seconds",
)
LOW_IS_GOOD = replace(
    NOISE,
    low=1.0,
    high=6.0,
    higher_is_better=False,
    waits=(replace(EMAIL, doubling=Estimate(0.1, 0.02, 0.18)),),
    resolved=(),
)

FINDINGS: dict[str, Finding] = {
    "curves": CURVES,
    "curves_no_turn": NO_TURN,
    "curves_noise": NOISE,
    "curves_giving_up": GIVING_UP,
    "curves_low_is_good": LOW_IS_GOOD,
    "curves_few": CurvesFinding(WHEN, 30, waits=(CHAT,)),
    "curves_none": CurvesFinding(
        WHEN, 30, needs_waits="needs tickets", needs_giving_up="needs tickets"
    ),
}
WITHOUT_PICTURE = {"curves_few", "curves_none"}
