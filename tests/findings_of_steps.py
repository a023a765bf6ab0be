"""Findings of the five steps, written by hand; no figure here comes from data."""

from __future__ import annotations

from dataclasses import replace
from math import nan

from cxanalysis.findings.core import Finding
from cxanalysis.findings.steps import Check, Step, StepsFinding


def _step(name: str, own: int | None, *checks: Check) -> Step:
    return Step(name, 1 + sum(check.met for check in checks), own, checks)


STEPS = StepsFinding(
    "October 2026",
    (
        _step(
            "assessment",
            3,
            Check("tables", True, 4, 4, "count"),
            Check("overall score", True, 3.92, nan, "score"),
            Check("response rate", True, 0.386, nan, "share"),
            Check("everyone", True, 0.54, nan, "share"),
        ),
        _step(
            "map",
            4,
            Check("stages met", True, 8, 8, "count"),
            Check("stages rated", False, 6, 8, "count"),
            Check("reasons mapped", False, 2, 4, "count"),
            Check("touchpoints named", True, 21, nan, "count"),
        ),
        _step(
            "improvement",
            4,
            Check("owners", False, 4, 10, "count"),
            Check("feedback answered", False, nan, nan, ""),
            Check("feedback acted on", False, nan, nan, ""),
            Check("effort of complaining", False, nan, nan, ""),
        ),
        _step(
            "optimisation",
            None,
            Check("promises", True, 0.67, nan, "share"),
            Check("consistency", True, 0.91, nan, "share"),
            Check("first contact resolution", True, 0.66, nan, "share"),
            Check("cost", True, 5.862, nan, "money"),
        ),
        _step(
            "management",
            4,
            Check("review", True, nan, nan, "count"),
            Check("targets", True, 4, nan, "count"),
            Check("history", False, 1, 7, "count"),
            Check("own view", True, 2, 8, "count"),
        ),
    ),
    "quarterly",
    "EUR",
)
ALL = StepsFinding(
    "October 2026",
    tuple(
        replace(
            step, level=5, own=5, checks=tuple(replace(check, met=True) for check in step.checks)
        )
        for step in STEPS.steps
    ),
)
NONE = StepsFinding(
    "all dates",
    tuple(
        replace(
            step,
            level=1,
            own=None,
            checks=tuple(replace(check, met=False) for check in step.checks),
        )
        for step in STEPS.steps
    ),
)
FINDINGS: dict[str, Finding] = {"steps": STEPS, "steps_all": ALL, "steps_none": NONE}
WITHOUT_PICTURE: set[str] = set()
