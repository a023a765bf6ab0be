"""How customer service worked: all figures from the tickets table, theme by theme."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pandas as pd

from cxanalysis.config import closest
from cxanalysis.errors import ReportError
from cxanalysis.metrics import (
    service_demand,
    service_handling,
    service_hours,
    service_issues,
    service_outcomes,
    service_waiting,
    service_without,
)
from cxanalysis.metrics.figures import Definition, Figure, tidy, tidy_row
from cxanalysis.metrics.parts import Theme, gap
from cxanalysis.metrics.rows import EVERYONE, lacking
from cxanalysis.study import Study

THEMES = (
    Theme(service_handling.definitions, service_handling.figures),
    Theme(service_waiting.definitions, service_waiting.figures),
    Theme(service_outcomes.definitions, service_outcomes.figures),
    Theme(service_hours.definitions, service_hours.figures),
    Theme(service_issues.definitions, service_issues.figures),
    Theme(service_demand.definitions, service_demand.figures),
    Theme(service_without.definitions, service_without.figures),
    Theme(service_demand.initiator_definitions, service_demand.initiators, of_contacts=False),
)
NOTHING = Figure(note="nothing to count")
Chosen = list[tuple[Theme, tuple[Definition, ...]]]


def service_metrics(
    study: Study, by: str | None = None, only: Collection[str] | None = None
) -> pd.DataFrame:
    """Figures of customer service in the study's period, by ``opened_at``.

    Parameters
    ----------
    by
        A column of the tickets, or of the customers, to give every figure for each of its
        values.
    only
        Names of the metrics wanted; all where left out.

    Returns
    -------
    DataFrame
        One row per metric (and group): metric, label, value, conf_low, conf_high, n, unit,
        definition, note. Shares run from 0 to 1. A figure from fewer than ``min_base`` cases
        is withheld; one whose columns are absent has no value and a note that names them.

    Raises
    ------
    ReportError
        When no such column ``by`` exists, or no such metric.
    """
    chosen = _chosen(study, only)
    min_base = study.config.metrics.min_base
    lack = lacking(study, "tickets")
    if lack is not None:
        every = [each for _, wanted in chosen for each in wanted]
        return tidy(tidy_row(each, Figure(note=lack), min_base) for each in every)
    found = [
        (
            wanted,
            study.once(theme.figures, by) if any(not gap(study, each) for each in wanted) else {},
        )
        for theme, wanted in chosen
    ]
    rows = []
    for group in sorted({group for _, figures in found for group in figures} or {EVERYONE}):
        for wanted, figures in found:
            for definition in wanted:
                lack = gap(study, definition)
                figure = figures.get(group, {}).get(definition.metric, NOTHING)
                figure = Figure(note=lack) if lack else figure
                rows.append(({by: group} if by else {}) | tidy_row(definition, figure, min_base))
    return tidy(rows, by)


def service_names(study: Study) -> list[str]:
    """Names of all metrics that `service_metrics` can give, in its order."""
    return [each.metric for theme in THEMES for each in theme.definitions(study)]


def _chosen(study: Study, only: Collection[str] | None) -> Chosen:
    every = [(theme, _definitions(study, theme)) for theme in THEMES]
    if only is None:
        return every
    known = service_names(study)
    for name in only:
        if name not in known:
            raise ReportError(f"No service metric {name!r}.{closest(name, known)}")
    wanted = [(theme, tuple(d for d in each if d.metric in only)) for theme, each in every]
    return [(theme, each) for theme, each in wanted if each]


def _definitions(study: Study, theme: Theme) -> tuple[Definition, ...]:
    found = theme.definitions(study)
    if not (theme.of_contacts and study.has("tickets", "initiator")):
        return found
    left = "; contacts that the company began are left out"
    return tuple(replace(each, text=f"{each.text}{left}") for each in found)
