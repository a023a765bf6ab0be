"""Headline figures of a report, taken from its findings as they are published."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, nan
from typing import Any

from cxanalysis.findings.core import UNKNOWN, Estimate

Json = Mapping[str, Any]

_ANSWER = (
    ("split", "Service's share, the shared part split evenly"),
    ("alone", "Service's share, alone"),
    ("unique", "Service's share, shared with nothing else"),
)


@dataclass(frozen=True)
class Published:
    """A headline figure of one report.

    ``key`` names it in every report: the kind of its finding, then its own name. ``unit`` is as
    in `findings.scorecard.Figure`. Where the finding stands beside the period before, ``again``
    is the earlier figure as counted from this report's data and by its rules, ``difference`` and
    ``word`` are its test of the change. ``leads`` is false of those that only a comparison looks
    at.
    """

    key: str
    label: str
    unit: str
    n: int
    now: Estimate
    again: float = nan
    difference: Estimate = UNKNOWN
    word: str = ""
    leads: bool = True


def figures_of(findings: Sequence[Json]) -> tuple[Published, ...]:
    """The headline figures in findings as JSON, in their order; each key once.

    What is not formed as expected is left out, since a file may have been changed by others.
    """
    found: dict[str, Published] = {}
    for finding in findings:
        for figure in _OF_KIND.get(text_in(finding, "kind"), _none)(finding):
            if figure.now.known:
                found.setdefault(figure.key, figure)
    return tuple(found.values())


def _none(finding: Json) -> Iterator[Published]:  # noqa: ARG001
    yield from ()


def _answer(finding: Json) -> Iterator[Published]:
    for name, label in _ANSWER:
        yield Published(
            f"answer.{name}", label, "share", count_in(finding, "n"), estimate_in(finding, name)
        )


def _compared(finding: Json) -> Iterator[Published]:
    """The figures of a scorecard, or of a section on changes, that lead."""
    for each in items_in(finding, "figures"):
        if each.get("leads") is True:
            yield Published(
                f"{text_in(finding, 'kind')}.{text_in(each, 'metric')}",
                text_in(each, "label"),
                text_in(each, "unit"),
                count_in(each, "n"),
                estimate_in(each, "now"),
                estimate_in(each, "before").value,
                estimate_in(each, "difference"),
                text_in(each, "word"),
            )


def _silent(finding: Json) -> Iterator[Published]:
    n = count_in(finding, "n_active")
    yield Published("silent.silent", "Silent customers", "share", n, estimate_in(finding, "silent"))


def _drivers(finding: Json) -> Iterator[Published]:
    for each in items_in(finding, "drivers"):
        name = text_in(each, "name")
        yield Published(
            f"drivers.{text_in(each, 'set')}.{name}",
            f"Share of {name}",
            "share",
            count_in(finding, "n"),
            estimate_in(each, "share"),
            leads=False,
        )


_OF_KIND: dict[str, Callable[[Json], Iterator[Published]]] = {
    "answer": _answer,
    "scorecard": _compared,
    "changes": _compared,
    "silent": _silent,
    "drivers": _drivers,
}


def items_in(content: Json, key: str) -> list[Json]:
    """The objects listed under a key; empty where there is no such list."""
    value = content.get(key)
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def text_in(content: Json, key: str) -> str:
    """The text under a key; empty where there is none."""
    value = content.get(key)
    return value if isinstance(value, str) else ""


def count_in(content: Json, key: str) -> int:
    """The whole number under a key; 0 where there is none."""
    value = content.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def number_in(content: Json, key: str) -> float:
    """The number under a key; NaN where there is none."""
    value = content.get(key)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return nan
    return float(value) if isfinite(value) else nan


def estimate_in(content: Json, key: str) -> Estimate:
    """The estimate under a key; unknown where there is none."""
    value = content.get(key)
    if not isinstance(value, Mapping):
        return UNKNOWN
    return Estimate(*(number_in(value, end) for end in ("value", "low", "high")))
