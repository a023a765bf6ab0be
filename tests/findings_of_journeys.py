"""Findings of journeys, written by hand; no figure here comes from data."""

from __future__ import annotations

from dataclasses import replace

from cxanalysis.findings.consistency import ConsistencyFinding, Hole
from cxanalysis.findings.conversion import ConversionFinding, Step
from cxanalysis.findings.core import Estimate, Finding
from cxanalysis.findings.journey import JourneyFinding, OwnScore, Stage, Touchpoint, Weakest


def _stage(stage: str, touches: int, n: int, rating: float, lowest: Touchpoint | None) -> Stage:
    """A stage with an interval of 0.1 to each side."""
    return Stage(
        stage,
        touches,
        round(0.8 * touches),
        n,
        Estimate(n / touches, n / touches - 0.03, n / touches + 0.03),
        Estimate(rating, rating - 0.1, rating + 0.1),
        Estimate(rating / 5 - 0.5, rating / 5 - 0.55, rating / 5 - 0.45),
        lowest=lowest,
    )


INSTALLATION = Touchpoint("use", "installation", 540, 410, Estimate(3.05, 2.93, 3.17))
CHECKOUT = Touchpoint("purchase", "store checkout", 760, 400, Estimate(3.71, 3.6, 3.82))
MAP = JourneyFinding(
    period="October 2026",
    min_base=30,
    stages=(
        _stage("awareness", 930, 590, 3.76, None),
        _stage("purchase", 1520, 820, 3.83, CHECKOUT),
        _stage("use", 1070, 790, 3.36, INSTALLATION),
        _stage("advocacy", 470, 290, 3.79, None),
    ),
    weakest=Weakest("use", 3.36, "awareness", Estimate(0.40, 0.28, 0.52), True),
    weakest_touchpoint=Weakest(
        "use: installation", 3.05, "purchase: store checkout", Estimate(0.66, 0.5, 0.82), True
    ),
)
NOT_CLEAR = replace(
    MAP,
    stages=(
        *MAP.stages[:2],
        Stage("use", 61, 44, 12, Estimate(0.2, 0.12, 0.31)),
        Stage("cultivation", 0, 0),
        replace(MAP.stages[3], n_effort=88, effort=Estimate(2.6, 2.3, 2.9)),
    ),
    weakest=Weakest(
        "awareness", 3.76, "advocacy", Estimate(0.03, -0.11, 0.17), False, ("advocacy", "purchase")
    ),
    weakest_touchpoint=Weakest(
        "purchase: store checkout",
        3.71,
        "advocacy: own online review",
        Estimate(0.02, -0.1, 0.14),
        False,
        ("advocacy: own online review", "use: a", "use: b", "use: c", "use: d", "use: e"),
    ),
)
LOW_IS_GOOD = replace(
    MAP,
    low=1.0,
    high=6.0,
    higher_is_better=False,
    weakest=Weakest(
        "purchase", 3.83, "advocacy", Estimate(-0.04, -0.16, 0.08), False, ("advocacy",)
    ),
    weakest_touchpoint=None,
)
NO_RATINGS = JourneyFinding(
    period="all dates",
    min_base=30,
    stages=(
        Stage("purchase", 8135, 8016, coverage=Estimate(0.0, 0.0, 0.0005)),
        Stage("delivery", 7100, 7010, coverage=Estimate(0.0, 0.0, 0.0005)),
    ),
    has_ratings=False,
)

BELIEVED = replace(
    MAP,
    own_scores=(
        OwnScore("purchase", 4.3, 820, 3.83, Estimate(0.47, 0.37, 0.57), True),
        OwnScore("use", 4.0, 790, 3.36, Estimate(0.64, 0.54, 0.74), True),
        OwnScore("advocacy", 3.85, 290, 3.79, Estimate(0.06, -0.04, 0.16), False),
    ),
)

FINDINGS: dict[str, Finding] = {
    "journey_map": MAP,
    "journey_believed": BELIEVED,
    "journey_believed_worse": replace(
        BELIEVED,
        own_scores=(OwnScore("use", 3.1, 790, 3.36, Estimate(-0.26, -0.36, -0.16), True),),
    ),
    "journey_not_clear": NOT_CLEAR,
    "journey_low_is_good": LOW_IS_GOOD,
    "journey_no_ratings": NO_RATINGS,
    "journey_few_ratings": replace(NO_RATINGS, has_ratings=True),
    "journey_no_touches": JourneyFinding(
        "October 2026", 30, (Stage("purchase", 0, 0), Stage("use", 0, 0))
    ),
    "journey_no_table": JourneyFinding("October 2026", 30, needs="needs journeys"),
}
WITHOUT_PICTURE = {"journey_no_touches", "journey_no_table"}

CONVERSION = ConversionFinding(
    period="October 2026",
    min_base=30,
    steps=(
        Step(
            "awareness",
            "purchase",
            640,
            Estimate(0.47, 0.43, 0.51),
            Estimate(0.58, 0.54, 0.62),
            5.2,
        ),
        Step("purchase", "use", 890, Estimate(0.61, 0.58, 0.64), Estimate(0.63, 0.6, 0.66), 12.7),
        Step("use", "advocacy", 510, Estimate(0.19, 0.16, 0.23), Estimate(0.19, 0.16, 0.23), 15.9),
    ),
    first="awareness",
    begun=640,
    reached=(
        ("purchase", Estimate(0.47, 0.43, 0.51)),
        ("use", Estimate(0.31, 0.27, 0.35)),
        ("advocacy", Estimate(0.01, 0.005, 0.02)),
    ),
)
FINDINGS |= {
    "conversion": CONVERSION,
    "conversion_close": replace(
        CONVERSION,
        steps=(
            replace(CONVERSION.steps[0], went_on=Estimate(0.22, 0.19, 0.25)),
            Step("purchase", "use", 12),
            CONVERSION.steps[2],
        ),
        reached=(),
    ),
    "conversion_few": replace(CONVERSION, steps=(Step("purchase", "use", 12),), reached=()),
    "conversion_one_stage": replace(CONVERSION, steps=(), reached=()),
    "conversion_no_table": ConversionFinding("October 2026", 30, needs="needs journeys"),
}
WITHOUT_PICTURE |= {
    "conversion_few",
    "conversion_one_stage",
    "conversion_no_table",
}

CONSISTENCY = ConsistencyFinding(
    period="October 2026",
    min_base=30,
    index=Estimate(0.84, 0.76, 0.9),
    spread=Estimate(0.32, 0.2, 0.48),
    points=(
        replace(INSTALLATION, rating=Estimate(2.85, 2.7, 3.0), top_box=Estimate(0.11)),
        replace(CHECKOUT, top_box=Estimate(0.19)),
        Touchpoint(
            "awareness", "friend's tip", 300, 190, Estimate(3.96, 3.84, 4.08), Estimate(0.28)
        ),
    ),
    holes=(
        Hole("use", "installation", "below", 540, 410, Estimate(2.85, 2.7, 3.0)),
        Hole("use", "date agreed", "no ratings", 530),
        Hole("awareness", "fair", "few ratings", 61, 12),
        Hole("advocacy", "", "no touches"),
    ),
)
FINDINGS |= {
    "consistency": CONSISTENCY,
    "consistency_by_chance": replace(
        CONSISTENCY,
        index=Estimate(0.98, 0.91, 1.0),
        spread=Estimate(0.04, 0.0, 0.18),
        points=CONSISTENCY.points[1:],
        holes=(),
    ),
    "consistency_none": ConsistencyFinding("October 2026", 30, needs="needs journeys.rating"),
}
WITHOUT_PICTURE |= {"consistency_none"}
