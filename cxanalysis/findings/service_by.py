"""The main figures of service by channel and team, and which of them differ there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.metrics.rows import lacking
from cxanalysis.metrics.service_groups import MAIN, group_differences, service_by
from cxanalysis.study import Study

BY = ("channel", "team")
MOST = 12  # groups of one kind that are listed


@dataclass(frozen=True)
class Measure:
    """A figure's name, its label and its unit, as in `service_metrics`."""

    metric: str
    label: str
    unit: str


@dataclass(frozen=True)
class Group:
    """One channel or team: its contacts and its figures, in the order of the measures."""

    name: str
    contacts: int
    figures: tuple[tuple[int, Estimate], ...]


@dataclass(frozen=True)
class Difference:
    """A figure that was compared between ``groups``, from the lowest to the highest of them."""

    metric: str
    groups: int
    lowest: str
    highest: str
    p_adjusted: float


@dataclass(frozen=True)
class Split:
    """All groups of one kind, ``by``; ``more`` counts those not listed."""

    by: str
    groups: tuple[Group, ...]
    differences: tuple[Difference, ...] = ()
    more: int = 0


@dataclass(frozen=True)
class ServiceByFinding(Finding):
    """Figures of service by group; ``needs`` says why there are none, and is empty otherwise."""

    kind: ClassVar[str] = "groups"

    period: str
    min_base: int
    measures: tuple[Measure, ...] = ()
    splits: tuple[Split, ...] = ()
    needs: str = ""


def find_service_by(
    study: Study, by: Sequence[str] = BY, only: Sequence[str] = MAIN
) -> ServiceByFinding:
    """The main figures of service for each channel and team in the study's period.

    Parameters
    ----------
    by
        Columns of the tickets, or of the customers; those that neither has are left out.
    only
        Names of the figures wanted, of `service_by`.
    """
    period, base = period_title(study.period), study.config.metrics.min_base
    gap = lacking(study, "tickets")
    known = [name for name in by if gap is None and _has(study, name)]
    if not known:
        return ServiceByFinding(period, base, needs=gap or f"needs tickets.{by[0]}")
    tables = {name: service_by(study, name) for name in known}
    first = next(iter(tables.values()))
    labels = {row["metric"]: row for row in first.to_dict("records")}
    return ServiceByFinding(
        period=period,
        min_base=base,
        measures=tuple(
            Measure(metric, labels[metric]["label"], labels[metric]["unit"])
            for metric in only
            if metric in labels
        ),
        splits=tuple(_split(study, name, table, only) for name, table in tables.items()),
    )


def _has(study: Study, name: str) -> bool:
    through_customer = study.has("customers", name) and study.has("tickets", "customer_id")
    return study.has("tickets", name) or through_customer


def _split(study: Study, by: str, table: Any, only: Sequence[str]) -> Split:
    groups: dict[str, list[dict[Any, Any]]] = {}
    for row in table.to_dict("records"):
        groups.setdefault(row[by], []).append(row)
    found = tuple(_group(name, rows, only) for name, rows in groups.items())
    differences = tuple(
        Difference(row["metric"], row["groups"], row["lowest"], row["highest"], row["p_adjusted"])
        for row in group_differences(study, by).to_dict("records")
        if row["metric"] in only
    )
    ends = {end for each in differences for end in (each.lowest, each.highest)}
    listed = found[:MOST] + tuple(group for group in found[MOST:] if group.name in ends)
    return Split(by, listed, differences, len(found) - len(listed))


def _group(name: str, rows: list[dict[Any, Any]], only: Sequence[str]) -> Group:
    by_metric = {row["metric"]: row for row in rows}
    figures = []
    for metric in only:
        row = by_metric.get(metric)
        if row is None:
            figures.append((0, UNKNOWN))
        else:
            estimate = Estimate(row["value"], row["conf_low"], row["conf_high"])
            figures.append((int(row["n"]), estimate))
    return Group(str(name), int(rows[0]["contacts"]), tuple(figures))
