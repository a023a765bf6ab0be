"""Definitions in words: how far a figure moves when only its definition does."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.core import Estimate
from cxanalysis.findings.definitions import DefinitionsFinding, Panel
from cxanalysis.narrative.core import caption, describe, footnotes, tabulate
from cxanalysis.narrative.words import (
    amount,
    digits_of,
    in_sentence,
    integer,
    interval,
    listed,
    wider,
)


@describe.register
def _describe(finding: DefinitionsFinding) -> tuple[str, ...]:
    if not finding.panels:
        return (
            f"**No figure has two definitions to compare for {finding.period}.** "
            f"{wider(finding.period)}",
        )
    first = next((each for each in finding.panels if each.metric == finding.widest), None)
    if first is None:
        paragraphs = [
            f"**Some figures of {finding.period} say what their definition lets them say.**"
        ]
        rest = list(finding.panels)
    else:
        paragraphs = [
            f"**{_basis(first)}, {in_sentence(first.label)} runs from {_span(first)}, "
            "depending on its definition.** "
            "A figure compared with another company's, or with a target, means something only "
            "where both are defined alike."
        ]
        rest = [panel for panel in finding.panels if panel is not first]
    moving = [f"{in_sentence(panel.label)} from {_span(panel)}" for panel in rest if _moves(panel)]
    if moving:
        moves = listed(moving).replace(" from", " moves from", 1)
        paragraphs.append(f"In the same way, {moves}.")
    paragraphs.append("The definition used in this report is marked; the others stand beside it.")
    return tuple(paragraphs)


@footnotes.register
def _footnotes(finding: DefinitionsFinding) -> tuple[str, ...]:
    sizes = [n for panel in finding.panels if _issues(panel) for n in _sizes(panel)]
    if len(set(sizes)) < 2:
        return ()
    return (
        f"First-contact resolution counts {integer(min(sizes))} to {integer(max(sizes))} issues: "
        "each definition joins contacts to issues in its own way and waits until its window is "
        "over. So a stricter one can come out higher; on one set of issues it could not.",
    )


@caption.register
def _caption(finding: DefinitionsFinding) -> str:
    return describe(finding)[0]


@tabulate.register
def _tabulate(finding: DefinitionsFinding) -> pd.DataFrame | None:
    if not finding.panels:
        return None
    return pd.DataFrame(
        {
            "figure": panel.label,
            "definition": f"{variant.text}{' (used here)' if variant.chosen else ''}",
            "value": _amount(variant.figure, panel.unit),
            "95% interval": interval(variant.figure, panel.unit)
            if variant.figure.has_interval
            else "–",
            "n": integer(variant.n),
            "defined so by": variant.source,
        }
        for panel in finding.panels
        for variant in panel.variants
    )


def _basis(panel: Panel) -> str:
    return "In the same data" if _issues(panel) else "On the same contacts"


def _issues(panel: Panel) -> bool:
    """Whether its definitions count issues, each its own, and not contacts."""
    return panel.metric == "first_contact_resolution"


def _sizes(panel: Panel) -> list[int]:
    return [variant.n for variant in panel.variants if variant.text.startswith("no repeat")]


def _amount(figure: Estimate, unit: str) -> str:
    return amount(figure.value, unit, digits_of(figure, unit))


def _span(panel: Panel) -> str:
    return interval(Estimate(panel.low, panel.low, panel.high), panel.unit)


def _moves(panel: Panel) -> bool:
    return amount(panel.low, panel.unit) != amount(panel.high, panel.unit)
