"""Findings written by hand, several cases per theme; no figure here comes from a fit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from importlib import import_module
from math import nan
from pathlib import Path

from cxanalysis.diagnostics import Caveat
from cxanalysis.findings.answer import AnswerFinding, Part, Reliability, Robustness
from cxanalysis.findings.core import UNKNOWN, Estimate, Finding
from cxanalysis.findings.drivers import Driver, DriversFinding, Paths, Term
from cxanalysis.findings.measured import Contrast, Measured
from cxanalysis.findings.quality import Count, Match, QualityFinding, TableRead
from cxanalysis.findings.scorecard import Figure, Missing, Mix, Paired, ScorecardFinding
from cxanalysis.findings.silent import Leaning, ShareCurve, SilentFinding, Weighted
from cxanalysis.findings.trust import LeftOut, TrustFinding

NO = AnswerFinding(
    verdict="no",
    outcome="overall_satisfaction",
    period="October 2026",
    n=1842,
    n_customers=1611,
    margin=0.20,
    min_base=30,
    size="less than half",
    alone=Estimate(0.51, 0.44, 0.58),
    unique=Estimate(0.06, 0.03, 0.10),
    shared=Estimate(0.45, 0.38, 0.51),
    split=Estimate(0.28, 0.24, 0.33),
    rest_alone=Estimate(0.94, 0.90, 0.97),
    rest_unique=Estimate(0.49, 0.42, 0.56),
    rest_split=Estimate(0.72, 0.67, 0.76),
    accounted=Estimate(0.42, 0.38, 0.46),
    limit=0.567,
    floor=0.011,
    rest_floor=0.014,
    service_goes=0.002,
    rest_goes=0.002,
    service_adds=0.0004,
    rest_adds=0.002,
    parts=(
        Part("needing help", Estimate(0.19, 0.15, 0.23)),
        Part("how help went", Estimate(0.09, 0.06, 0.13)),
    ),
    service_from="ratings on the way",
    journey_from="ratings on the way",
    service_measured=(Measured("ratings on the way", 4),),
    journey_measured=(Measured("ratings on the way", 12),),
    contacters=Contrast(
        "contacters",
        n=412,
        alone=Estimate(0.63, 0.49, 0.76),
        unique=Estimate(0.12, 0.05, 0.21),
        split=Estimate(0.375, 0.28, 0.48),
    ),
    reliabilities=(
        Reliability(0.7, "no", Estimate(0.66, 0.57, 0.74)),
        Reliability(0.8, "no", Estimate(0.60, 0.52, 0.67), both=Estimate(0.47)),
        Reliability(0.9, "no", Estimate(0.55, 0.48, 0.62), both=Estimate(0.49)),
    ),
)
YES = replace(
    NO,
    verdict="yes",
    size="most",
    alone=Estimate(0.93, 0.87, 0.98),
    unique=Estimate(0.62, 0.55, 0.69),
    shared=Estimate(0.31, 0.26, 0.36),
    split=Estimate(0.775, 0.72, 0.83),
    rest_alone=Estimate(0.38, 0.31, 0.45),
    rest_unique=Estimate(0.07, 0.02, 0.13),
    rest_split=Estimate(0.225, 0.17, 0.28),
    limit=0.88,
    parts=(),
    contacters=None,
    reliabilities=(
        Reliability(0.7, None, reason="cannot be"),
        Reliability(0.8, "yes", Estimate(0.99, 0.95, 1.03)),
        Reliability(0.9, "yes", Estimate(0.96, 0.91, 1.00)),
    ),
)
UNDECIDED = replace(
    NO,
    verdict="undecided",
    size="depends",
    alone=Estimate(0.74, 0.58, 0.89),
    unique=Estimate(0.31, 0.004, 0.52),
    shared=Estimate(0.43, 0.25, 0.61),
    split=Estimate(0.525, 0.38, 0.67),
    rest_alone=Estimate(0.69, 0.48, 0.996),
    rest_unique=Estimate(0.26, 0.11, 0.42),
    rest_split=Estimate(0.475, 0.33, 0.62),
    parts=(
        Part("needing help", Estimate(0.335, 0.22, 0.46)),
        Part("how help went", Estimate(0.19, 0.07, 0.31)),
    ),
    n=212,
    n_customers=212,
    customers_needed=1490,
    service_adds=0.031,
    rest_adds=0.34,
    contacters=Contrast("contacters", n=41),
    reliabilities=(
        Reliability(0.7, "yes", Estimate(0.93, 0.81, 1.04)),
        Reliability(0.8, "undecided", Estimate(0.86, 0.72, 0.98)),
        Reliability(0.9, "undecided", Estimate(0.79, 0.66, 0.93)),
    ),
)
OUT_OF_REACH = replace(UNDECIDED, customers_needed=48200, out_of_reach=True)
NEGATIVE = replace(
    NO,
    alone=Estimate(0.21, 0.15, 0.28),
    unique=Estimate(0.27, 0.20, 0.34),
    shared=Estimate(-0.06, -0.10, -0.02),
    split=Estimate(0.24, 0.17, 0.31),
    rest_alone=Estimate(0.73, 0.66, 0.80),
    rest_unique=Estimate(0.79, 0.72, 0.85),
    rest_split=Estimate(0.76, 0.69, 0.83),
    parts=(
        Part("needing help", Estimate(0.26, 0.19, 0.33)),
        Part("how help went", Estimate(-0.02, -0.04, 0.01)),
    ),
)
MEASURED_DIFFERENTLY = replace(
    NO,
    verdict="measured differently",
    size="unknown",
    service_from="records",
    journey_from="ratings on the way",
    service_measured=(Measured("records", 11),),
    journey_measured=(Measured("ratings on the way", 16), Measured("records", 14)),
    contrasts=(
        Contrast("ratings", lacking=("service",)),
        Contrast(
            "records",
            n=1842,
            alone=Estimate(0.63, 0.51, 0.74),
            unique=Estimate(0.31, 0.22, 0.41),
            split=Estimate(0.47, 0.38, 0.56),
            verdict="no",
            limit=0.72,
        ),
    ),
)
MIXED = replace(
    NO,
    service_measured=(Measured("records", 12), Measured("ratings on the way", 2)),
    journey_measured=(Measured("ratings on the way", 16), Measured("records", 14)),
    contrasts=(
        Contrast(
            "ratings",
            n=1842,
            alone=Estimate(0.22, 0.15, 0.30),
            unique=Estimate(0.02, 0.01, 0.05),
            split=Estimate(0.12, 0.08, 0.17),
            verdict="no",
            limit=0.288,
        ),
        Contrast(
            "records",
            n=1842,
            alone=Estimate(0.63, 0.51, 0.74),
            unique=Estimate(0.31, 0.22, 0.41),
            split=Estimate(0.47, 0.38, 0.56),
            verdict="no",
            limit=0.72,
        ),
    ),
)
RATED_ON_ONE_SIDE = replace(
    MIXED,
    verdict="measured differently",
    size="unknown",
    journey_measured=(Measured("ratings on the way", 16),),
    contrasts=(MIXED.contrasts[0], Contrast("records", lacking=("journey",))),
)
DISAGREEING = replace(
    MIXED,
    verdict="measured differently",
    size="unknown",
    contrasts=(
        MIXED.contrasts[0],
        Contrast(
            "records",
            n=1790,
            alone=Estimate(0.88, 0.74, 1.06),
            unique=Estimate(0.31, 0.22, 0.41),
            split=Estimate(0.47, 0.38, 0.56),
            verdict="undecided",
        ),
    ),
    contacters=Contrast("contacters", n=133, alone=Estimate(0.41, 0.12, 0.72), needed=860),
)
MIXED_UNDECIDED = replace(
    UNDECIDED,
    service_measured=MIXED.service_measured,
    journey_measured=MIXED.journey_measured,
    contrasts=(
        Contrast("ratings", n=212, alone=Estimate(0.71, 0.55, 0.88), verdict="undecided"),
        Contrast("records", n=212, alone=Estimate(0.83, 0.61, 1.04), verdict="undecided"),
    ),
)
RATED_ELSEWHERE = replace(
    DISAGREEING,
    limit=nan,
    contrasts=(
        replace(MIXED.contrasts[0], verdict="measured differently"),
        replace(MIXED.contrasts[1], alone=Estimate(0.93, 0.84, 1.02), verdict="yes", limit=0.86),
    ),
)
NOTHING = replace(
    NO,
    verdict="nothing accounted for",
    alone=UNKNOWN,
    unique=UNKNOWN,
    shared=UNKNOWN,
    split=UNKNOWN,
    rest_alone=UNKNOWN,
    rest_unique=UNKNOWN,
    rest_split=UNKNOWN,
    accounted=Estimate(-0.002, -0.01, 0.03),
    parts=(),
    contacters=None,
    reliabilities=(),
)
NO_SURVEY = AnswerFinding(
    "no survey", "overall_satisfaction", "October 2026", 0, 0, 0.20, 30,
    lacks=("outcome", "journey"),
)  # fmt: skip
NO_MODEL = replace(NO_SURVEY, verdict="no model", n=41, lacks=())
UNEVEN = replace(
    NO,
    alone=Estimate(0.384, 0.271, 0.512),
    unique=Estimate(0.118, 0.064, 0.203),
    shared=Estimate(0.266, 0.174, 0.362),
    split=Estimate(0.251, 0.17, 0.35),
    rest_alone=Estimate(0.882, 0.79, 1.013),
    rest_unique=Estimate(0.616, 0.49, 0.73),
    rest_split=Estimate(0.749, 0.65, 0.83),
    limit=0.488,
    parts=(
        Part("needing help", Estimate(0.1445, 0.10, 0.19)),
        Part("how help went", Estimate(0.1065, 0.07, 0.17)),
    ),
)
ORDERED_LOGIT = replace(
    NO,
    model="ordered",
    measure="McFadden R²",
    share_gap=0.034,
    parts=(Part("needing help", Estimate(0.19)), Part("how help went", Estimate(0.09))),
    reliabilities=tuple(Reliability(each, None, reason="not linear") for each in (0.7, 0.8, 0.9)),
)
ROBUST = replace(
    NO,
    robustness=(
        Robustness("resolved_first", 0.139, 0.076),
        Robustness("transfers", 0.012, 0.0),
        Robustness("handle_minutes", float("nan"), float("nan")),
    ),
)
BY_CHANCE = replace(
    UNDECIDED,
    alone=Estimate(0.03, -0.02, 0.11),
    floor=0.05,
    service_goes=0.19,
    shared=Estimate(0.02, -0.03, 0.08),
    unique=Estimate(0.01, -0.02, 0.06),
    split=Estimate(0.02, -0.01, 0.07),
    rest_alone=Estimate(0.99, 0.94, 1.02),
    rest_unique=Estimate(0.97, 0.89, 1.02),
    rest_split=Estimate(0.98, 0.93, 1.01),
    verdict="no",
    size="less than half",
    limit=0.10,
    parts=(),
    customers_needed=None,
    service_adds=0.61,
    rest_adds=0.002,
    contacters=None,
    reliabilities=(),
)
NO_ANSWERS = AnswerFinding("withheld", "overall_satisfaction", "October 2026", 0, 0, 0.20, 30)
FEW_ANSWERS = AnswerFinding("withheld", "overall_satisfaction", "October 2026", 23, 23, 0.20, 30)


NPS = Figure(
    "nps", "NPS", "points", 1790, Estimate(31, 27.4, 34.6), Estimate(29, 25.2, 32.8), 1702,
    Estimate(2, -3.1, 7.1), "no clear change", "promoters (9–10) minus detractors (0–6)",
)  # fmt: skip
CSAT = Figure(
    "csat", "Satisfied (CSAT)", "share", 1842, Estimate(0.78, 0.761, 0.798),
    Estimate(0.79, 0.770, 0.809), 1755, Estimate(-0.01, -0.037, 0.017), "no clear change",
    "answers in the top two of five",
)  # fmt: skip
FIRST_REPLY = Figure(
    "first_reply", "First reply", "hours", 2988, Estimate(6.0, 5.7, 6.3),
    Estimate(5.2, 4.9, 5.5), 2811, Estimate(0.8, 0.4, 1.2), "up",
    "median time from opening to the first reply",
)  # fmt: skip
PROMISES = Figure(
    "promises_kept", "Promises kept", "share", 940, Estimate(0.84, 0.815, 0.862),
    Estimate(0.91, 0.890, 0.927), 903, Estimate(-0.07, -0.10, -0.04), "down",
    "kept by the first date promised, of those due",
)  # fmt: skip
HANDLE_TIME = Figure(
    "handle_time", "Handle time", "seconds", 2988, Estimate(332, 321, 343),
    Estimate(328, 318, 339), 2811, Estimate(4, -11, 19), "no clear change",
    "talk, hold and wrap-up per contact handled",
)  # fmt: skip
ABANDONED = Figure(
    "abandonment", "Abandonment", "share", 12, UNKNOWN, definition="left the queue after 5 s"
)
ON_TIME = Figure(
    "sla_met", "Agreed time kept", "share", 861, Estimate(0.6957, 0.664, 0.725),
    Estimate(0.7811, 0.750, 0.809), 764, Estimate(-0.0854, -0.128, -0.042), "down",
    "contacts within the agreed time, of those with that mark", leads=False,
)  # fmt: skip
REOPENED = Figure(
    "reopened", "Reopened", "share", 22140, Estimate(0.0093, 0.0081, 0.0107),
    Estimate(0.0112, 0.0099, 0.0127), 21050, Estimate(-0.0019, -0.0037, -0.0001),
    "no clear change", "opened again, of those solved", "12 without a mark left out", leads=False,
)  # fmt: skip
MOVED = ScorecardFinding(
    period="October 2026",
    period_before="September 2026",
    min_base=30,
    figures=(NPS, CSAT, FIRST_REPLY, HANDLE_TIME, PROMISES),
    withheld=(ABANDONED,),
    missing=(
        Missing("Ease (CES)", "surveys.ces"),
        Missing("Response rate", "surveys.ces"),
        Missing("Agreed time kept", "tickets.sla_met"),
    ),
    nps_mix=(0.19, 0.31, 0.50),
)
ALSO_MOVED = replace(MOVED, figures=(*MOVED.figures, ON_TIME, REOPENED))
USUAL = replace(
    MOVED,
    figures=(
        replace(
            NPS, now=Estimate(21, 17.1, 24.9), difference=Estimate(-8, -13.3, -2.7), word="down",
            usual_low=24.2, usual_high=36.9, beyond_usual=True, n_earlier=12,
        ),
        CSAT,
        replace(
            FIRST_REPLY, usual_low=3.9, usual_high=6.4, beyond_usual=False, n_earlier=24,
        ),
        replace(PROMISES, n_earlier=4),
    ),
    withheld=(),
    missing=(),
    nps_mix=(0.24, 0.31, 0.45),
    every="month",
    nps_before=tuple(
        (date(2025 + month // 12, month % 12 + 1, 1).strftime("%B %Y"), value)
        for month, value in enumerate(
            (31.0, 28, 33, 30, 27, 32, nan, 30, 34, 31, 30, 26, 29), start=8
        )
    ),
    mixes=(
        Mix("nps", "plan", Estimate(-0.6, -1.4, 0.2), Estimate(-7.4, -12.6, -2.2)),
        Mix("nps", "region", Estimate(0.04, -0.3, 0.4), Estimate(-9.2, -14.5, -3.9), 1.2),
    ),
)  # fmt: skip
TOO_FEW = replace(
    MOVED,
    every="quarter",
    period="the third quarter of 2026",
    period_before="the second quarter of 2026",
    figures=tuple(replace(figure, n_earlier=1) for figure in MOVED.figures),
    missing=(),
    withheld=(),
)
STILL = replace(MOVED, figures=(NPS, CSAT), withheld=(), missing=())
FIRST_PERIOD = replace(
    MOVED,
    period_before="",
    figures=tuple(
        replace(figure, before=UNKNOWN, n_before=0, difference=UNKNOWN, word="no comparison")
        for figure in MOVED.figures
    ),
    withheld=(),
)
NO_FIGURES = ScorecardFinding("October 2026", "", 30, withheld=(ABANDONED,))

DRIVERS = DriversFinding(
    outcome="overall_satisfaction",
    model="ols",
    n=1842,
    accounted=Estimate(0.42, 0.38, 0.46),
    drivers=(
        Driver("journey", "use", Estimate(0.31, 0.25, 0.37), 0.0001, True, 6, True),
        Driver("journey", "purchase", Estimate(0.24, 0.19, 0.29), 0.0001, True, 6, True),
        Driver("service", "needing help", Estimate(0.19, 0.15, 0.23), 0.0004, True, 2, True),
        Driver("journey", "cultivation", Estimate(0.12, 0.08, 0.16), 0.003, True, 6, True),
        Driver("service", "how help went", Estimate(0.09, 0.06, 0.13), 0.02, True, 9, True),
        Driver("journey", "discovery", Estimate(0.033, 0.01, 0.06), 0.41, False, 6, True),
        Driver("journey", "advocacy", Estimate(0.012, -0.004, 0.03), 0.77, False, 6, False),
    ),
    lead=Estimate(0.07, 0.01, 0.13),
)
TIED = replace(DRIVERS, lead=Estimate(0.07, -0.02, 0.16))
SETS_ONLY = replace(
    DRIVERS,
    n=291,
    drivers=(
        Driver("journey", "journey", Estimate(0.63, 0.49, 0.76), 0.0001, True, 12, True),
        Driver("service", "service", Estimate(0.37, 0.24, 0.51), 0.38, False, 3, True),
    ),
    grouped=False,
    lead=Estimate(0.26, -0.02, 0.52),
)
NO_DRIVERS = DriversFinding("", "", 0, UNKNOWN, (), grouped=False)
NOTHING_TO_DIVIDE = replace(
    NO_DRIVERS, outcome="overall_satisfaction", n=316, accounted=Estimate(0.16, -0.01, 0.22)
)
UNTESTED = replace(
    DRIVERS,
    drivers=tuple(
        replace(driver, adds=None, goes=None, p_value=float("nan")) for driver in DRIVERS.drivers
    ),
    lead=UNKNOWN,
)
WITH_TERMS = replace(
    DRIVERS,
    terms=(
        Term("journey", "use_rating", Estimate(0.435, 0.321, 0.550), 0.0001),
        Term("journey", "use_late_days", Estimate(-0.0558, -0.095, -0.016), 0.02),
        Term("service", "contacted", Estimate(-0.52, -0.83, -0.21), 0.002),
        Term("service", "queue_wait_minutes", Estimate(-0.0042, -0.0070, -0.0014), 0.03),
    ),
    n_terms=7,
)
POINT_VALUES = replace(
    DRIVERS,
    model="ordered",
    measure="McFadden R²",
    accounted=Estimate(0.21, 0.18, 0.24),
    drivers=tuple(
        replace(driver, share=Estimate(driver.share.value)) for driver in DRIVERS.drivers
    ),
    lead=Estimate(0.07),
    terms=(Term("journey", "signs and directions", Estimate(0.61, 0.44, 0.78), 0.0001),),
    n_terms=1,
)
PATHS = Paths(Estimate(0.33, 0.26, 0.40), Estimate(0.24, 0.18, 0.29), Estimate(0.09, 0.05, 0.14))
ONE_IDLE = replace(DRIVERS, drivers=DRIVERS.drivers[:-1])
WHOLE_SERVICE = replace(
    DRIVERS,
    drivers=(
        Driver("service", "service at the desk", Estimate(0.34, 0.27, 0.41), 0.0001, True, 4, True),
        Driver("journey", "use", Estimate(0.29, 0.23, 0.35), 0.0001, True, 6, True),
        Driver("journey", "purchase", Estimate(0.21, 0.15, 0.27), 0.0001, True, 6, True),
        Driver("journey", "discovery", Estimate(0.16, 0.11, 0.21), 0.0001, True, 6, True),
    ),
    lead=Estimate(0.08, 0.01, 0.15),
)
UNTRUSTED_NAMES = replace(
    DRIVERS,
    drivers=(
        Driver("journey", "<script>alert(1)</script>", Estimate(0.6, 0.5, 0.7), 0.001, True, 3),
        Driver(
            "service",
            "a_very_long_touchpoint_name_that_somebody_typed_into_the_study_file",
            Estimate(0.4, 0.3, 0.5),
            0.001,
            True,
            3,
        ),
    ),
)

SILENT = SilentFinding(
    period="October 2026",
    min_base=30,
    n_active=9120,
    ticket_only=812,
    answer_only=1290,
    both=543,
    neither=6475,
    silent=Estimate(0.71, 0.7006, 0.7192),
    n_detractors=340,
    detractors_without_ticket=Estimate(0.60, 0.547, 0.651),
    n_others=1450,
    others_without_ticket=Estimate(0.83, 0.81, 0.848),
    lookback_days=90,
    n_nps=1790,
    nps=Estimate(31, 27.4, 34.6),
    nps_low=-62,
    nps_high=80,
    silent_nps_at_zero=-13,
    n_tickets=3120,
    tickets_unmatched=Estimate(0.12),
)
WEIGHTED_SILENT = replace(
    SILENT,
    csat=Estimate(0.72, 0.70, 0.74),
    n_csat=1750,
    csat_low=0.31,
    csat_high=0.88,
    leanings=(
        Leaning(
            "invited",
            "tenure_days",
            "highest fifth",
            "lowest fifth",
            Estimate(2.1, 1.7, 2.6),
            0.94,
            0.88,
            1824,
        ),
        Leaning("answered", "contacted", "yes", "no", Estimate(0.62, 0.5, 0.77), 0.26, 0.35, 540),
    ),
    weighted=(
        Weighted("nps", "raked", Estimate(27, 23.1, 30.8), 1610.0),
        Weighted("nps", "propensity", Estimate(26, 22, 30.1), 1544.4),
        Weighted("csat", "raked", Estimate(0.70, 0.68, 0.72), 1590.0),
    ),
    weighted_for="active customers",
    share_curve=ShareCurve(0.25, 0.16, 0.32, 0.32, 0.16, 1.6487),
)
LEVEL_RESPONSE = replace(
    WEIGHTED_SILENT,
    leanings=(Leaning("invited"), Leaning("answered")),
    weighted=(),
    weighted_for="",
    share_curve=None,
)
NO_INVITATIONS = replace(
    SILENT,
    nps_low=nan,
    nps_high=nan,
    silent_nps_at_zero=nan,
    leanings=(
        Leaning(
            "answered of active",
            "region",
            "north",
            "south",
            Estimate(1.4, 1.1, 1.8),
            0.31,
            0.32,
            900,
        ),
    ),
    weighted=(Weighted("nps", "raked", Estimate(27, 23.1, 30.8), 1610.0),),
    weighted_for="active customers",
)
NO_CUSTOMERS = SilentFinding(
    period="October 2026",
    min_base=30,
    n_nps=1790,
    nps=Estimate(31, 27.4, 34.6),
    gap="a customers table: the union of tickets and surveys cannot show who is silent",
)
FEW_CUSTOMERS = SilentFinding(
    period="October 2026", min_base=30, n_active=21, neither=15, answer_only=6
)
UNHAPPY = replace(
    SILENT,
    nps=Estimate(-12, -16, -8),
    nps_low=-80,
    nps_high=61,
    silent_nps_at_zero=4,
    tickets_unmatched=Estimate(0.0),
)

QUARTER_SILENT = replace(SILENT, period="the third quarter of 2026")

MANY_REJECTS = QualityFinding(
    tables=(
        TableRead(
            "tickets",
            ("tickets.csv",),
            rows_read=3158,
            rows_kept=3080,
            excluded=(Count("service is PHANTOM", 40),),
            set_aside=(Count("unreadable time", 31), Count("solved before opened", 7)),
            unread=("agent_note", "queue"),
        ),
        TableRead(
            "surveys",
            ("survey-09.csv", "survey-10.csv"),
            rows_read=1850,
            rows_kept=1850,
            unread=("q1", "q2", "q3", "q4", "q5", "q6", "q7"),
        ),
    ),
    matches=(
        Match("surveys", "tickets", 1611, 612, 0.38),
        Match("tickets", "customers", 2480, 2480, 1.0),
        Match("surveys", "customers", 1611, 1611, 1.0),
    ),
)
LEFT_OUT = QualityFinding(
    tables=(
        TableRead(
            "journeys",
            ("orders.csv",),
            rows_read=600,
            rows_kept=465,
            excluded=(
                Count("no time for delivered_late", 61),
                Count("no time for refund", 52),
                Count("status = test", 12),
                Count("empty row", 10),
            ),
        ),
        TableRead(
            "surveys",
            ("survey.csv",),
            rows_read=1850,
            rows_kept=1843,
            excluded=(Count("earlier row of the same response_id", 7),),
        ),
    )
)
ALL_KEPT = QualityFinding(
    tables=(TableRead("surveys", ("survey.csv",), rows_read=1850, rows_kept=1850),)
)
ONE_REJECT = QualityFinding(
    tables=(
        TableRead(
            "surveys", ("survey.csv",), rows_read=1850, rows_kept=1849,
            set_aside=(Count("duplicate response_id", 1),),
        ),
    )
)  # fmt: skip

TWO_PART = TrustFinding(
    period="October 2026",
    has_model=True,
    outcome="overall_satisfaction",
    model="ols",
    n=1842,
    n_dropped=8,
    n_two_part=1842,
    n_complete=1842,
    n_customers=1611,
    n_columns=41,
    same_survey=(),
    left_out=(
        LeftOut("awareness_late_days", "the same value in every row"),
        LeftOut("awareness_due", "the same value in every row"),
        LeftOut("use_due", "same as use_promised"),
    ),
    n_invited=6010,
    answered=Estimate(0.308, 0.296, 0.320),
    matches=(("surveys", "tickets", 0.38), ("tickets", "customers", 0.88)),
    tables=("journeys", "tickets", "surveys", "customers"),
    lookback_days=90,
    replicates=2000,
    seed=20260101,
)
COMPLETE_CASES = replace(
    TWO_PART,
    coding="complete-cases",
    n=291,
    n_dropped=1863,
    n_two_part=2102,
    n_complete=291,
    n_customers=291,
    n_columns=15,
    same_survey=("quality of information", "screens"),
    left_out=(),
    answered=UNKNOWN,
    n_invited=0,
    matches=(),
    tables=("surveys",),
)
RATED_AND_RECORDED = (
    Caveat("outcome_before_driver", {"columns": ("use_rating", "contact_csat")}),
    Caveat("global_item", {"kept_out": ("all in all",), "used": ("Overall quality",)}),
    Caveat(
        "small_base",
        {
            "n": 1842,
            "n_columns": 41,
            "crowded": False,
            "min_base": 30,
            "groups": (("journey", "advocacy", 12), ("service", "how help went", 24)),
        },
    ),
    Caveat(
        "high_vif",
        {
            "limit": 10.0,
            "terms": (
                ("answered", 58.1),
                ("contacted", 32.9),
                ("handle_minutes_known", 15.6),
                ("use_due", 10.4),
            ),
        },
    ),
    Caveat("condition_number", {"limit": 30.0, "value": 44.7}),
    Caveat(
        "sign_conflict",
        {
            "terms": (
                ("queue_wait_minutes", 0.0421, 0.0112, 0.0730, -0.12),
                ("use_late_days", 0.21, 0.08, 0.34, -0.05),
                ("contacts", -0.26, -0.45, -0.07, 0.14),
                ("transfers", 0.31, 0.10, 0.52, -0.02),
            )
        },
    ),
    Caveat("nonlinear", {"sets": (("journey", 0.021, -1, 0.0004), ("service", 0.012, 1, 0.01))}),
    Caveat(
        "influence",
        {"terms": (("transfers", 0.12, 0.35),), "share": 0.27, "change": 0.04},
    ),
    Caveat("repeated_rows", {"n": 1842, "repeated": 84, "near": 6}),
    Caveat("straight_lines", {"n": 1790, "straight": 161, "value": 5.0, "of_value": 140}),
    Caveat(
        "halo",
        {
            "estimate": 0.12,
            "conf_low": 0.05,
            "conf_high": 0.19,
            "n": 1204,
            "held": ("queue_wait_minutes", "resolved_first"),
        },
    ),
)
WEIGHTED = replace(TWO_PART, model="wls", weights="weight", left_out=())
DOUBTFUL = replace(TWO_PART, left_out=(), caveats=RATED_AND_RECORDED)
ONE_DOUBT = replace(
    COMPLETE_CASES,
    caveats=(
        Caveat("global_item", {"kept_out": (), "used": ("overall quality", "general impression")}),
        Caveat(
            "small_base",
            {"n": 291, "n_columns": 15, "crowded": True, "min_base": 30, "groups": ()},
        ),
        Caveat("high_vif", {"limit": 10.0, "terms": (("screens", 12.4),)}),
        Caveat("sign_conflict", {"terms": (("screens", -0.2, -0.31, -0.09, 0.12),)}),
        Caveat("influence", {"terms": (("screens", 0.12, 0.35), ("signs", -0.2, -0.01))}),
    ),
)
RECORDS_ONLY = TrustFinding(
    period="1999",
    has_model=False,
    outcome="overall_satisfaction",
    tables=("tickets",),
)

FINDINGS: dict[str, Finding] = {
    "answer_no": NO,
    "answer_yes": YES,
    "answer_undecided": UNDECIDED,
    "answer_out_of_reach": OUT_OF_REACH,
    "answer_negative_shared": NEGATIVE,
    "answer_measured_differently": MEASURED_DIFFERENTLY,
    "answer_mixed": MIXED,
    "answer_rated_on_one_side": RATED_ON_ONE_SIDE,
    "answer_disagreeing": DISAGREEING,
    "answer_rated_elsewhere": RATED_ELSEWHERE,
    "answer_mixed_undecided": MIXED_UNDECIDED,
    "answer_nothing_accounted_for": NOTHING,
    "answer_no_survey": NO_SURVEY,
    "answer_no_answers": NO_ANSWERS,
    "answer_no_model": NO_MODEL,
    "answer_uneven": UNEVEN,
    "answer_withheld": FEW_ANSWERS,
    "answer_ordered_logit": ORDERED_LOGIT,
    "answer_robustness": ROBUST,
    "answer_weighted": replace(
        NO, unweighted=Contrast("unweighted", n=NO.n, alone=Estimate(0.53, 0.46, 0.6))
    ),
    "answer_service_by_chance": BY_CHANCE,
    "scorecard_moved": MOVED,
    "scorecard_also_moved": ALSO_MOVED,
    "scorecard_no_clear_change": STILL,
    "scorecard_usual_movement": USUAL,
    "scorecard_same_customers": replace(
        STILL,
        paired=(
            Paired("NPS", "points", 341, Estimate(4.2, -1.1, 9.5)),
            Paired("CSAT", "share", 98, Estimate(-0.03, -0.11, 0.05)),
            Paired("Ease (CES)", "score", 41, Estimate(0.12, -0.2, 0.44)),
        ),
    ),
    "scorecard_too_few_periods": TOO_FEW,
    "scorecard_first_period": FIRST_PERIOD,
    "scorecard_nothing_to_show": NO_FIGURES,
    "drivers_ordered": DRIVERS,
    "drivers_tied": TIED,
    "drivers_sets_only": SETS_ONLY,
    "drivers_untested": UNTESTED,
    "drivers_no_model": NO_DRIVERS,
    "drivers_nothing_to_divide": NOTHING_TO_DIVIDE,
    "drivers_with_terms": WITH_TERMS,
    "drivers_point_values": POINT_VALUES,
    "drivers_one_idle": ONE_IDLE,
    "drivers_whole_service": WHOLE_SERVICE,
    "drivers_untrusted_names": UNTRUSTED_NAMES,
    "drivers_paths": replace(DRIVERS, paths=PATHS),
    "drivers_paths_by_chance": replace(
        DRIVERS,
        paths=replace(PATHS, direct=Estimate(0.02, -0.03, 0.07)),
    ),
    "drivers_paths_apart": replace(
        SETS_ONLY,
        paths=Paths(
            Estimate(0.30, 0.24, 0.36), Estimate(0.28, 0.22, 0.34), Estimate(0.02, -0.01, 0.05)
        ),
    ),
    "drivers_paths_hidden": replace(
        DRIVERS,
        paths=Paths(
            Estimate(0.20, 0.14, 0.26), Estimate(0.26, 0.20, 0.32), Estimate(-0.06, -0.1, -0.02)
        ),
    ),
    "drivers_paths_nothing": replace(
        DRIVERS, paths=replace(PATHS, total=Estimate(0.04, -0.01, 0.09))
    ),
    "silent": SILENT,
    "silent_no_customers_table": NO_CUSTOMERS,
    "silent_weighted": WEIGHTED_SILENT,
    "silent_level_response": LEVEL_RESPONSE,
    "silent_no_invitations": NO_INVITATIONS,
    "silent_withheld": FEW_CUSTOMERS,
    "silent_unhappy": UNHAPPY,
    "silent_third_quarter": QUARTER_SILENT,
    "quality_many_rejects": MANY_REJECTS,
    "quality_nothing_set_aside": ALL_KEPT,
    "quality_left_out": LEFT_OUT,
    "quality_one_reject": ONE_REJECT,
    "quality_frames": QualityFinding(tables=()),
    "trust_two_part": TWO_PART,
    "trust_complete_cases": COMPLETE_CASES,
    "trust_weighted": WEIGHTED,
    "trust_doubtful": DOUBTFUL,
    "trust_one_doubt": ONE_DOUBT,
    "trust_records_only": RECORDS_ONLY,
}
WITHOUT_PICTURE = {
    "answer_no_answers",
    "answer_no_model",
    "answer_no_survey",
    "answer_nothing_accounted_for",
    "answer_withheld",
    "drivers_no_model",
    "drivers_nothing_to_divide",
    "drivers_sets_only",
    "drivers_paths_apart",
    "scorecard_nothing_to_show",
    "silent_no_customers_table",
    "silent_withheld",
    *(name for name in FINDINGS if name.startswith(("quality", "trust"))),
}
# Every file findings_of_*.py beside this one adds the findings of its themes by the same two names.
for path in sorted(Path(__file__).parent.glob("findings_of_*.py")):
    theme = import_module(path.stem)
    FINDINGS |= theme.FINDINGS
    WITHOUT_PICTURE |= theme.WITHOUT_PICTURE
