"""Disputed figures of service under their common definitions, the one used marked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from cxanalysis.findings.core import Estimate, Finding, period_title
from cxanalysis.metrics.panel import definition_panel
from cxanalysis.study import Study


@dataclass(frozen=True)
class Variant:
    """One definition, who uses it, and the figure it gives; ``chosen`` is the one used."""

    text: str
    source: str
    n: int
    figure: Estimate
    chosen: bool = False


@dataclass(frozen=True)
class Panel:
    """One figure under several definitions, in its unit, with the lowest and the highest."""

    metric: str
    label: str
    unit: str
    variants: tuple[Variant, ...]
    low: float
    high: float


@dataclass(frozen=True)
class DefinitionsFinding(Finding):
    """The figures that have more than one definition here, the widest apart first.

    ``widest`` is the metric whose share differs most, empty where no share has two values.
    """

    kind: ClassVar[str] = "definitions"

    period: str
    min_base: int
    panels: tuple[Panel, ...] = ()
    widest: str = ""


def find_definitions(study: Study) -> DefinitionsFinding:
    """Each disputed figure of the study's period under its common definitions."""
    frame = definition_panel(study)
    frame = frame[frame["value"].notna()]
    panels = [
        _panel(rows.to_dict("records"))
        for _, rows in frame.groupby("metric", sort=False)
        if len(rows) > 1
    ]
    shares = [panel for panel in panels if panel.unit == "share" and panel.high > panel.low]
    widest = max(shares, key=lambda panel: panel.high - panel.low, default=None)
    return DefinitionsFinding(
        period=period_title(study.period),
        min_base=study.config.metrics.min_base,
        panels=tuple(panels),
        widest="" if widest is None else widest.metric,
    )


def _panel(rows: list[dict[Any, Any]]) -> Panel:
    variants = tuple(
        Variant(
            text=row["variant"],
            source=row["source"],
            n=row["n"],
            figure=Estimate(row["value"], row["conf_low"], row["conf_high"]),
            chosen=bool(row["chosen"]),
        )
        for row in rows
    )
    values = [variant.figure.value for variant in variants]
    first = rows[0]
    return Panel(first["metric"], first["label"], first["unit"], variants, min(values), max(values))
