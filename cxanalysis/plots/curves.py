"""The curves in small multiples: a row per bin of time, a panel per question and channel."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from cxanalysis.findings.core import Estimate
from cxanalysis.findings.curves import Bin, Curve, CurvesFinding
from cxanalysis.narrative.curves import PER, span, titled
from cxanalysis.narrative.words import integer, percent, score
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import QUIET, SERVICE, headed, percent_axis, plain, themed

ROW, FRAME = 0.27, 0.66  # inches
MOST = 2  # channels drawn of each kind; the table has them all
LARGEST = 190.0  # points², the dot of a rating that all of a bin gave


@dataclass(frozen=True)
class Panel:
    """Rows of one panel: their labels, what they show, and what is drawn at the right."""

    title: str
    labels: Sequence[str]
    values: Sequence[Estimate]
    texts: Sequence[str]
    share: bool
    beside: tuple[str, Callable[[Axes], None]] | None = None

    @property
    def height(self) -> float:
        """In inches."""
        return FRAME + ROW * len(self.labels)


@plot.register
def _plot(finding: CurvesFinding) -> Figure | None:
    panels = _panels(finding)
    if not panels:
        return None
    with themed():
        figure, body = headed(
            sum(panel.height for panel in panels),
            "How long is too long",
            f"{finding.period[:1].upper()}{finding.period[1:]}; 95% intervals, n beside them",
        )
        heights = [panel.height for panel in panels]
        parts: Any = body.subfigures(len(panels), 1, squeeze=False, height_ratios=heights)
        for part, panel in zip(parts[:, 0], panels, strict=True):
            _draw(part, panel)
        return figure


def _panels(finding: CurvesFinding) -> list[Panel]:
    found = [_wait_panel(finding, curve) for curve in _largest(finding.waits)]
    known = [each for each in finding.giving_up if each.per_minute.known]
    if len(known) > 1:
        rates = [_scaled(each.per_minute, PER) for each in known]
        would = [each.would for each in known]
        found.append(
            Panel(
                f"Gave up per {PER} minutes waited, by time in the queue",
                [span(each.low, each.high) for each in known],
                rates,
                [
                    f"{rate.value:.0f}, n {integer(each.waiting)}"
                    for rate, each in _zip(rates, known)
                ],
                share=False,
                beside=("given up by then, had\nnobody been answered", _rows_of(would)),
            )
        )
    for curve in _largest(finding.resolved):
        found.append(_curve_panel("Resolved first, by handling", curve, share=True))
    for curve in _largest(finding.rated):
        found.append(_curve_panel("Mean rating, by handling", curve, share=False))
    return found


def _largest(curves: Sequence[Curve]) -> list[Curve]:
    return [curve for curve in curves if curve.compared][:MOST]


def _zip(first: Sequence[Any], second: Sequence[Any]) -> Any:
    return zip(first, second, strict=True)


def _scaled(estimate: Estimate, factor: float) -> Estimate:
    return Estimate(factor * estimate.value, factor * estimate.low, factor * estimate.high)


def _wait_panel(finding: CurvesFinding, curve: Curve) -> Panel:
    shown = [each for each in curve.bins if each.value.known]
    panel = _curve_panel("Dissatisfied", curve, share=True)
    clouds = f"ratings given, {finding.low:g} to {finding.high:g}"
    return Panel(
        panel.title,
        panel.labels,
        panel.values,
        panel.texts,
        share=True,
        beside=(clouds, lambda axes: _ratings(axes, shown, finding))
        if all(each.ratings for each in shown)
        else None,
    )


def _curve_panel(title: str, curve: Curve, *, share: bool) -> Panel:
    shown = [each for each in curve.bins if each.value.known]
    form = percent if share else score
    return Panel(
        f"{title}: {titled(curve)}",
        [span(each.low, each.high) for each in shown],
        [each.value for each in shown],
        [f"{form(each.value.value)}, n {integer(each.n)}" for each in shown],
        share=share,
    )


def _draw(part: SubFigure, panel: Panel) -> None:
    axes: Any = part.subplots(
        1, 2 if panel.beside else 1, squeeze=False, width_ratios=[1.5, 1] if panel.beside else None
    )
    left = axes[0, 0]
    _rows(left, panel.values, panel.texts)
    left.set_yticks(range(len(panel.labels)), [plain(label) for label in panel.labels], fontsize=9)
    if panel.share:
        _from_zero(left, panel.values)
    elif panel.beside:
        left.set_xlim(left=0)
    _inside(left)
    part.suptitle(plain(panel.title), x=0.008, ha="left", fontsize=9.5, fontweight="bold")
    if panel.beside:
        title, draw = panel.beside
        right = axes[0, 1]
        draw(right)
        right.set_title(title, fontsize=9, weight="normal", color=QUIET)
        right.set(ylim=left.get_ylim(), yticks=[])


def _rows(axes: Axes, values: Sequence[Estimate], texts: Sequence[str]) -> None:
    """A dot with its interval per row, and its figures at the right."""
    for y, (value, text) in enumerate(zip(values, texts, strict=True)):
        if value.has_interval:
            axes.plot([value.low, value.high], [y, y], color=SERVICE, lw=2.2)
        axes.plot([value.value], [y], "o", color=SERVICE, ms=7, mec="white", mew=1.1, zorder=3)
        axes.annotate(
            text,
            (1, y),
            xycoords=axes.get_yaxis_transform(),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
        )
    axes.set_ylim(len(values) - 0.5, -0.5)


def _rows_of(values: Sequence[Estimate]) -> Callable[[Axes], None]:
    def draw(axes: Axes) -> None:
        texts = [percent(value.value) if value.known else "" for value in values]
        _rows(axes, values, texts)
        for y, value in enumerate(values):
            if not value.known:  # the longest waits
                at = axes.get_yaxis_transform()
                axes.text(0.02, y, "has no end", transform=at, va="center", fontsize=9, color=QUIET)
        _from_zero(axes, values)
        _inside(axes)

    return draw


def _from_zero(axes: Axes, values: Sequence[Estimate]) -> None:
    """An axis of shares that ends where the intervals do."""
    axes.set_xlim(0, min(1.0, 1.05 * max(_high(value) for value in values)))
    percent_axis(axes)


def _inside(axes: Axes) -> None:
    """No tick, and so no label, beyond the ends of the axis."""
    low, high = axes.get_xlim()
    axes.set_xticks([tick for tick in axes.get_xticks() if low <= tick <= high])


def _high(value: Estimate) -> float:
    if not value.known:
        return 0.05
    return value.high if value.has_interval else max(value.value, 0.05)


def _ratings(axes: Axes, bins: Sequence[Bin], finding: CurvesFinding) -> None:
    """How often each rating was given at each wait: the larger the dot, the more often."""
    for y, each in enumerate(bins):
        total = sum(count for _, count in each.ratings)
        for rating, count in each.ratings:
            size = LARGEST * count / total
            axes.scatter([rating], [y], s=size, color=SERVICE, alpha=0.55, lw=0, clip_on=False)
    span_of = finding.high - finding.low
    axes.set_xlim(finding.low - 0.08 * span_of, finding.high + 0.08 * span_of)
    step = max(1, math.ceil(span_of / 5))
    ticks = [finding.low + step * i for i in range(int(span_of // step) + 1)]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
