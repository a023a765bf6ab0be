"""Findings of where the journey hurts, written by hand; no figure here comes from data."""

from __future__ import annotations

from dataclasses import replace
from math import nan

from cxanalysis.findings.core import Estimate, Finding
from cxanalysis.findings.pain import PainFinding, Place

DELIVERY = Place(
    "purchase",
    "delivery",
    1126,
    67,
    113.1,
    59.5,
    832,
    Estimate(0.143, 0.121, 0.168),
    0.46,
    Estimate(7.43, 6.05, 8.81),
    Estimate(5.33, 3.8, 6.77),
    is_apart=True,
)
INSTALLATION = Place(
    "use",
    "installation",
    537,
    155,
    65.6,
    288.6,
    411,
    Estimate(0.141, 0.111, 0.178),
    0.22,
    Estimate(2.1, 1.5, 2.7),
    Estimate(1.6, -0.1, 2.4),
)
PLANNER = Place(
    "attraction",
    "online_planner",
    459,
    0,
    43.5,
    0.0,
    302,
    Estimate(0.066, 0.043, 0.1),
    0.19,
    Estimate(0.54, 0.32, 0.8),
    Estimate(nan),
)
PAIN = PainFinding(
    period="October 2026",
    min_base=30,
    places=(DELIVERY, INSTALLATION, PLANNER),
    unrated=(("delivery date agreed", 190), ("installation date agreed", 0)),
    withheld=2,
)
FINDINGS: dict[str, Finding] = {
    "pain": PAIN,
    "pain_close": replace(
        PAIN,
        places=(
            replace(DELIVERY, lead=Estimate(1.1, -0.4, 2.5), is_apart=False),
            replace(INSTALLATION, is_rival=True),
            PLANNER,
        ),
        rivals=("installation", "a", "b", "c", "d", "e"),
        unrated=(("delivery date agreed", 0),),
        withheld=0,
        others=3,
    ),
    "pain_ratings_only": replace(
        PAIN,
        worst=(1.0, 1.0),
        places=tuple(
            replace(each, touchpoint="(no name)", contact_rate=nan, contacts=0)
            for each in (DELIVERY, INSTALLATION)
        ),
        unrated=(),
        withheld=1,
        contacts_need="needs the stage of each reason for contact, in the study file",
    ),
    "pain_one_place": replace(PAIN, places=(replace(DELIVERY, lead=Estimate(nan)),)),
    "pain_no_place": PainFinding("October 2026", 30, withheld=3),
    "pain_no_ratings": PainFinding("October 2026", 30, needs="needs journeys.rating"),
}
WITHOUT_PICTURE = {"pain_one_place", "pain_no_place", "pain_no_ratings"}
