"""Findings of benchmarks and quoted figures, written by hand; all of them are invented."""

from __future__ import annotations

from cxanalysis.findings.core import Estimate, Finding
from cxanalysis.findings.others import Gap, OthersFinding, Quote

RESOLVED = Gap(
    "First-contact resolution",
    "share",
    812,
    Estimate(0.61, 0.576, 0.643),
    0.7,
    "a trade body",
    Estimate(-0.09, -0.13, -0.05),
    "below",
    400,
    2025,
    "issues with no other contact within seven days",
)
NPS = Gap(
    "NPS",
    "points",
    1790,
    Estimate(21.0, 17.0, 25.0),
    19.0,
    "a survey of the industry",
    Estimate(2.0, -2.0, 6.0),
    "not told apart",
    definition="promoters (9–10) minus detractors (0–6)",
)
PAYS = Quote(
    "customers pay more for a better experience",
    0.55,
    0.55,
    "no source given",
    "I would pay more for a better experience",
    410,
    Estimate(0.41, 0.363, 0.458),
)
LEFT = Gap(
    "Abandonment",
    "share",
    640,
    Estimate(0.08, 0.061, 0.104),
    0.058,
    "a trade body",
    Estimate(0.022, 0.003, 0.046),
    "not told apart",
    definition="abandoned after 5 s or more ÷ offered contacts",
)
FINDINGS: dict[str, Finding] = {
    "others": OthersFinding("October 2026", 30, (RESOLVED, NPS, LEFT), (PAYS,)),
    "others_alike": OthersFinding("October 2026", 30, (NPS,)),
    "others_quoted_only": OthersFinding("October 2026", 30, (), (PAYS,)),
    "others_nothing": OthersFinding(
        "October 2026",
        30,
        (),
        (
            Quote(
                "customers pay more for a better experience",
                0.55,
                0.55,
                "no source given",
                "I would pay more",
                note="needs surveys.pays and surveys.responded_at",
            ),
        ),
    ),
}
WITHOUT_PICTURE = {"others_alike", "others_quoted_only", "others_nothing"}
