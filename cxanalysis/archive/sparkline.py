"""A figure over periods as a small picture that stands in a line, with words for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from cxanalysis.findings.core import Estimate

WIDTH, HEIGHT, EDGE = 110.0, 24.0, 4.0
MOST = 12  # points that still read as a line


@dataclass(frozen=True)
class Point:
    """A figure in one period; ``at`` counts months, so that a missing period leaves its room."""

    at: int
    period: str
    text: str
    estimate: Estimate


def sparkline(label: str, points: Sequence[Point]) -> str:
    """The points as an SVG with their intervals as a band; empty for fewer than two.

    Parameters
    ----------
    points
        In the order of time, at most `MOST`.
    """
    if len(points) < 2:
        return ""
    said = ", ".join(f"{point.text} in {point.period}" for point in points)
    words = escape(f"{label}: {said}")
    values = _Scale.of(points)
    middle = [values.place(p.at, p.estimate.value) for p in points]
    upper = [values.place(p.at, p.estimate.high) for p in points if p.estimate.has_interval]
    lower = [values.place(p.at, p.estimate.low) for p in points if p.estimate.has_interval]
    x, y = middle[-1].split(",")
    return (
        f'<svg viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{words}">'
        f'<polygon class="band" points="{" ".join([*upper, *reversed(lower)])}"/>'
        f'<polyline class="line" points="{" ".join(middle)}"/>'
        f'<circle class="dot" cx="{x}" cy="{y}" r="2.6"/></svg>'
    )


@dataclass(frozen=True)
class _Scale:
    """From months and values to places in the picture."""

    first: int
    last: int
    low: float
    high: float

    @classmethod
    def of(cls, points: Sequence[Point]) -> _Scale:
        ends = [point.estimate.value for point in points]
        for point in points:
            if point.estimate.has_interval:
                ends += [point.estimate.low, point.estimate.high]
        return cls(points[0].at, points[-1].at, min(ends), max(ends))

    def place(self, at: int, value: float) -> str:
        across = (at - self.first) / (self.last - self.first)
        span = self.high - self.low
        up = (value - self.low) / span if span > 0 else 0.5
        x = EDGE + across * (WIDTH - 2 * EDGE)
        y = HEIGHT - EDGE - up * (HEIGHT - 2 * EDGE)
        return f"{x:.1f},{y:.1f}"
