"""Findings of reasons for contact, written by hand; no figure here comes from data."""

from __future__ import annotations

from dataclasses import replace

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding
from cxanalysis.findings.reasons import Part, Reason, ReasonsFinding

FAULT = Reason(
    "fault",
    412,
    260,
    231,
    Estimate(0.515, 0.47, 0.56),
    Estimate(196.4, 171, 226),
    "touches of use",
    "use",
    True,
    48.2,
    2024.4,
    "Installation",
    198,
    Estimate(0.12, 0.08, 0.17),
    Estimate(0.14, 0.1, 0.2),
)
ORDER = Reason(
    "where_is_my_order",
    240,
    160,
    151,
    Estimate(0.3, 0.26, 0.34),
    Estimate(8.1, 6.2, 10.4),
    "touches of purchase",
    "purchase",
    True,
    17.5,
    735.0,
    "Logistics",
    96,
    Estimate(0.04, 0.02, 0.1),
    Estimate(0.21, 0.14, 0.3),
)
QUESTION = Reason(
    "question",
    148,
    130,
    128,
    Estimate(0.185, 0.15, 0.22),
    Estimate(70.5, 58, 85),
    "touches of use",
    "use",
    hours=9.4,
    cost=394.8,
    n_recurring=12,
)
REASONS = ReasonsFinding(
    period="October 2026",
    min_base=30,
    n=800,
    reasons=(FAULT, ORDER, QUESTION),
    lead=Estimate(0.215, 0.15, 0.28),
    mix=(
        Part("kind", "inquiry", 388, 800, Estimate(0.485, 0.44, 0.53)),
        Part("kind", "troubleshooting", 412, 800, Estimate(0.515, 0.47, 0.56)),
        Part("help", "advice", 388, 800, Estimate(0.485, 0.44, 0.53)),
        Part("help", "assistance", 412, 800, Estimate(0.515, 0.47, 0.56)),
        Part("phase", "buying", 240, 800, Estimate(0.3, 0.26, 0.34)),
        Part("phase", "using", 560, 800, Estimate(0.7, 0.66, 0.74)),
        Part("help and phase", "advice buying", 240, 800, Estimate(0.3, 0.26, 0.34)),
        Part("help and phase", "advice using", 148, 800, Estimate(0.185, 0.15, 0.22)),
        Part("help and phase", "assistance using", 412, 800, Estimate(0.515, 0.47, 0.56)),
    ),
    failure=Estimate(0.815, 0.78, 0.85),
    has_failures=True,
    failure_hours=65.7,
    failure_cost=2759.4,
    all_hours=75.1,
    currency="EUR",
    has_stages=True,
    again=Estimate(0.08, 0.06, 0.11),
    any_again=Estimate(0.17, 0.14, 0.21),
    n_again=306,
)
BARE = replace(
    REASONS,
    period="all dates",
    reasons=tuple(
        replace(
            each,
            stage="",
            per="",
            rate=UNKNOWN,
            is_failure=False,
            hours=float("nan"),
            cost=float("nan"),
            owner="",
            n_recurring=0,
            same_again=UNKNOWN,
        )
        for each in (replace(FAULT, share=Estimate(0.32, 0.28, 0.36)), ORDER)
    ),
    lead=Estimate(0.02, -0.04, 0.08),
    others=14,
    others_share=0.38,
    mix=(),
    failure=UNKNOWN,
    has_failures=False,
    failure_hours=0.0,
    all_hours=float("nan"),
    currency="",
    has_stages=False,
    again=UNKNOWN,
    any_again=UNKNOWN,
    n_again=0,
)

FINDINGS: dict[str, Finding] = {
    "reasons": REASONS,
    "reasons_bare": BARE,
    "reasons_one": replace(
        BARE,
        reasons=(
            replace(
                BARE.reasons[0],
                share=Estimate(1.0, 0.97, 1.0),
                rate=Estimate(24.2, 20, 29),
                per="customers",
            ),
        ),
        others=0,
        failure=Estimate(1.0, 0.97, 1.0),
    ),
    "reasons_nameless": replace(
        BARE,
        nameless=510,
        all_hours=75.1,
        reasons=(BARE.reasons[0], replace(BARE.reasons[1], issues=float("nan"))),
    ),
    "reasons_few": ReasonsFinding("October 2026", 30, n=12),
    "reasons_none": ReasonsFinding("2025", 30),
    "reasons_no_table": ReasonsFinding("October 2026", 30, needs="needs tickets.reason"),
}
WITHOUT_PICTURE = {"reasons_few", "reasons_none", "reasons_no_table"}
