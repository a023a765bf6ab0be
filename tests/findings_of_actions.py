"""Findings of what to mend first, written by hand; no figure here comes from data."""

from __future__ import annotations

from dataclasses import replace

from cxanalysis.findings.actions import ActionsFinding, Contrast, Group, OneSide, Order, Step
from cxanalysis.findings.core import UNKNOWN, Estimate, Finding


def around(value: float, reach: float) -> Estimate:
    """An estimate with an interval of the same reach to both sides."""
    return Estimate(value, round(value - reach, 4), round(value + reach, 4))


USE = Group(
    set="journey",
    name="use",
    share=around(0.34, 0.07),
    step=Step(around(0.42, 0.07), "purchase", around(0.13, 0.09), True),
    performance=around(58.2, 2.1),
    n=790,
    measured_by="stage",
    reach=0.46,
    key=around(0.065, 0.014),
    following="purchase",
    ahead=around(0.033, 0.019),
    clear=True,
    importance_side="above",
    performance_side="below",
    quadrant="mend first",
    adds=True,
    owner="Installation",
    cost=90_000.0,
)
PURCHASE = Group(
    set="journey",
    name="purchase",
    share=around(0.23, 0.06),
    step=Step(around(0.29, 0.06), "how help went", around(0.11, 0.1), False),
    performance=around(71.4, 1.6),
    n=820,
    measured_by="stage",
    reach=0.5,
    key=around(0.032, 0.01),
    following="how help went",
    ahead=around(0.018, 0.011),
    clear=True,
    importance_side="across",
    performance_side="above",
    quadrant="undecided",
    adds=True,
)
HELP = Group(
    set="service",
    name="how help went",
    share=around(0.21, 0.05),
    step=Step(around(0.18, 0.07), "awareness", around(0.1, 0.08), False),
    performance=around(60.4, 2.4),
    n=340,
    measured_by="contacts",
    reach=0.17,
    key=around(0.014, 0.004),
    following="awareness",
    ahead=around(0.011, 0.004),
    clear=True,
    importance_side="across",
    performance_side="below",
    quadrant="undecided",
    adds=True,
    owner="Customer service",
    cost=40_000.0,
)
AWARENESS = Group(
    set="journey",
    name="awareness",
    share=around(0.05, 0.03),
    step=Step(
        around(0.08, 0.04),
        "needing help",
        around(0.01, 0.06),
        False,
        "awareness_rating",
        around(0.17, 0.09),
    ),
    performance=around(72.0, 2.0),
    n=590,
    measured_by="stage",
    reach=0.2,
    key=Estimate(0.003, -0.0004, 0.006),
    importance_side="below",
    performance_side="above",
    quadrant="possible overkill",
    adds=False,
    within_reach=False,
    owner="Marketing",
)
NEEDING = Group(
    set="service",
    name="needing help",
    share=around(0.17, 0.05),
    step=Step(Estimate(0.07, 0.0, 0.15)),
    reach=0.18,
    adds=False,
    note="needing help is not done well or badly",
)
ORDER = Order(
    verdict="the rest first",
    service=OneSide("service", "how help went", around(0.18, 0.07)),
    rest=OneSide("journey", "use", around(0.42, 0.07)),
    difference=around(-0.24, 0.13),
    chosen="step",  # needing help has no key
    pairs=4,
)
ACTIONS = ActionsFinding(
    period="October 2026",
    outcome="overall_satisfaction",
    n=1842,
    min_base=30,
    n_columns=31,
    unexplained=around(0.58, 0.05),
    groups=(USE, PURCHASE, HELP, AWARENESS, NEEDING),
    importance_line=0.2075,
    performance_line=65.5,
    order=ORDER,
    soft=Contrast(
        "contact_csat",
        around(0.16, 0.07),
        "first_reply_hours",
        around(0.05, 0.06),
        around(0.11, 0.12),
    ),
    currency="EUR",
)
WIDE = around(0.34, 0.15)
UNDECIDED = replace(
    ACTIONS,
    groups=(
        replace(USE, share=WIDE, importance_side="across", quadrant="undecided"),
        PURCHASE,
        HELP,
    ),
    order=replace(ORDER, verdict="not told", difference=around(-0.05, 0.13)),
)
BOTH_ACROSS = replace(
    UNDECIDED,
    groups=(
        replace(
            USE,
            share=WIDE,
            performance=around(65.1, 2.1),
            importance_side="across",
            performance_side="across",
            quadrant="undecided",
            step=replace(USE.step, told_apart=False) if USE.step else None,
            clear=False,
        ),
        replace(PURCHASE, owner="Logistics"),
    ),
    order=None,
)
PERFORMANCE_ACROSS = replace(
    ACTIONS,
    groups=(
        replace(
            USE,
            performance=around(65.1, 2.1),
            performance_side="across",
            quadrant="undecided",
        ),
        PURCHASE,
        HELP,
    ),
)
COSTED = replace(
    ACTIONS,
    order=replace(
        ORDER,
        verdict="not told",
        service=replace(ORDER.service, cost=40_000.0),
        rest=replace(ORDER.rest, cost=90_000.0),
        per_cost=around(-0.017, 0.2),
        per=100_000.0,
        by="cost",
    ),
)
MEASURED_DIFFERENTLY = replace(
    ACTIONS, order=replace(ORDER, verdict="measured differently"), soft=None
)
SERVICE_FIRST = replace(
    COSTED,
    groups=(USE, replace(HELP, quadrant="mend first", importance_side="above"), PURCHASE),
    order=replace(
        COSTED.order or ORDER,
        verdict="service first",
        difference=around(-0.05, 0.13),
        per_cost=around(0.52, 0.3),
    ),
    soft=Contrast(
        "courtesy of staff",
        around(0.21, 0.05),
        "queue_wait_minutes",
        around(0.04, 0.04),
        around(0.17, 0.08),
    ),
    no_group=("garage", "roof"),
)
OUT_OF_REACH = replace(ACTIONS, groups=(replace(USE, within_reach=False), PURCHASE, AWARENESS))
NO_STEPS = replace(
    ACTIONS,
    groups=tuple(
        replace(
            group,
            step=None,
            share=Estimate(group.share.value),
            key=Estimate(group.key.value),
            ahead=Estimate(group.ahead.value),
            clear=False,
            importance_side="across",
            quadrant="undecided",
        )
        for group in (USE, PURCHASE, HELP)
    ),
    order=None,
    soft=None,
    unexplained=UNKNOWN,
    point_values=True,
    weighted=True,
)
WHOLE_SERVICE = replace(
    ACTIONS,
    groups=(
        USE,
        PURCHASE,
        replace(
            NEEDING,
            name="service touchpoints",
            share=around(0.33, 0.04),
            note="a whole set is not ranked among parts of another",
        ),
    ),
    order=replace(ORDER, service=replace(ORDER.service, name="service touchpoints"), pairs=2),
)
ALONE = replace(
    ACTIONS,
    groups=(
        replace(
            USE,
            quadrant="",
            key=UNKNOWN,
            step=Step(around(0.42, 0.07)),
            note="alone, with nothing to hold it against",
        ),
        replace(NEEDING, step=None),
    ),
    importance_line=float("nan"),
    performance_line=float("nan"),
    order=replace(
        ORDER, service=replace(ORDER.service, name="needing help"), chosen="step", pairs=1
    ),
)
NOTHING = replace(ACTIONS, groups=(), order=None, soft=None)

FINDINGS: dict[str, Finding] = {
    "actions": ACTIONS,
    "actions_undecided": UNDECIDED,
    "actions_undecided_on_both": BOTH_ACROSS,
    "actions_undecided_on_performance": PERFORMANCE_ACROSS,
    "actions_costs": COSTED,
    "actions_service_first": SERVICE_FIRST,
    "actions_measured_differently": MEASURED_DIFFERENTLY,
    "actions_out_of_reach": OUT_OF_REACH,
    "actions_point_values": NO_STEPS,
    "actions_whole_service": WHOLE_SERVICE,
    "actions_alone": ALONE,
    "actions_no_model": ActionsFinding("October 2026", "overall_satisfaction", 0, 30, "no model"),
    "actions_few": ActionsFinding("October 2026", "overall_satisfaction", 21, 30, "few"),
    "actions_not_told_apart": replace(NOTHING, reason="not told apart", n=412),
    "actions_nothing_accounted_for": replace(NOTHING, reason="nothing accounted for", n=412),
}
WITHOUT_PICTURE = {
    "actions_alone",
    "actions_no_model",
    "actions_few",
    "actions_not_told_apart",
    "actions_nothing_accounted_for",
}
