"""Findings of service, written by hand; no figure here comes from data."""

from __future__ import annotations

from dataclasses import replace

from cxanalysis.findings.core import Estimate, Finding
from cxanalysis.findings.definitions import DefinitionsFinding, Panel, Variant

RESOLVED = Panel(
    "first_contact_resolution",
    "First-contact resolution",
    "share",
    (
        Variant(
            "no repeat within 1 day, same reason",
            "SQM Group (1 to 30 days)",
            4210,
            Estimate(0.948, 0.941, 0.955),
        ),
        Variant(
            "no repeat within 7 days, same reason",
            "Call Centre Helper (7 days)",
            3980,
            Estimate(0.742, 0.728, 0.756),
            chosen=True,
        ),
        Variant(
            "no repeat within 30 days, any reason",
            "SQM Group (1 to 30 days)",
            2870,
            Estimate(0.534, 0.516, 0.552),
        ),
    ),
    0.534,
    0.948,
)
HANDLED = Panel(
    "handle_time",
    "Handle time",
    "seconds",
    (
        Variant(
            "mean of contacts handled",
            "Genesys, Calabrio",
            3900,
            Estimate(332.0, 327.0, 337.0),
            chosen=True,
        ),
        Variant("mean, talking only", "talk time alone", 3900, Estimate(267.0, 262.0, 272.0)),
    ),
    267.0,
    332.0,
)
DEFINITIONS = DefinitionsFinding("October 2026", 30, (RESOLVED, HANDLED), RESOLVED.metric)
TIMES_ONLY = replace(DEFINITIONS, panels=(HANDLED,), widest="")
NO_DEFINITIONS = DefinitionsFinding("October 2026", 30)

SERVICE_FINDINGS: dict[str, Finding] = {
    "definitions": DEFINITIONS,
    "definitions_times_only": TIMES_ONLY,
    "definitions_none": NO_DEFINITIONS,
}
WITHOUT_PICTURE = {"definitions_none"}
