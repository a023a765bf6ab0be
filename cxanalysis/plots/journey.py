"""The journey map's picture: ratings along the stages, and under them touches and coverage."""

from __future__ import annotations

import math
import textwrap
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cxanalysis.findings.journey import JourneyFinding, Stage, Touchpoint
from cxanalysis.narrative.words import counted, integer, name, percent, score, sentence_case
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import (
    INK,
    JOURNEY,
    NEUTRAL,
    QUIET,
    SERVICE,
    headed,
    marked,
    plain,
    themed,
)

RATINGS, STRIP, STAGE_LABELS = 2.3, 0.62, 0.5  # inches
LARGEST = 13.0  # points, the dot of the stage with most ratings
SMALLEST = 4.0
CROWDED = 5  # stages: with more, every other name stands a line lower
LABEL_WIDTH = 13


@plot.register
def _plot(finding: JourneyFinding) -> Figure | None:
    rated = any(stage.rating.known for stage in finding.stages)
    if not any(stage.touches for stage in finding.stages):
        return None
    heights = [RATINGS, STRIP, STRIP] if rated else [STRIP * 1.6]
    total = sum(stage.touches for stage in finding.stages)
    with themed():
        figure, body = headed(
            sum(heights) + STAGE_LABELS,
            "The journey, stage by stage",
            f"{counted(total, 'touch', 'touches')}, {finding.period}",
        )
        panels: Any = body.subplots(
            len(heights), 1, sharex=True, squeeze=False, height_ratios=heights
        )
        axes: list[Axes] = list(panels[:, 0])
        if rated:
            _draw_ratings(axes[0], finding)
            _draw_strip(axes[1], "touches", [s.touches for s in finding.stages], integer, JOURNEY)
            shares = [stage.coverage.value for stage in finding.stages]
            _draw_strip(axes[2], "share of them that was rated", shares, percent, NEUTRAL, top=1.0)
        else:
            _draw_strip(axes[0], "touches", [s.touches for s in finding.stages], integer, JOURNEY)
        _name_stages(axes[-1], finding.stages)
        return figure


def _draw_ratings(axes: Axes, finding: JourneyFinding) -> None:
    """The mean with its band, broken where a stage is withheld; dots as large as their base."""
    stages = finding.stages
    xs = list(range(len(stages)))
    axes.fill_between(
        xs,
        [stage.rating.low for stage in stages],
        [stage.rating.high for stage in stages],
        color=SERVICE,
        alpha=0.18,
        lw=0,
    )
    axes.plot(xs, [stage.rating.value for stage in stages], "-", color=SERVICE, lw=1.4)
    most = max(stage.n for stage in stages)
    for x, stage in enumerate(stages):
        if stage.rating.known:
            size = SMALLEST + (LARGEST - SMALLEST) * math.sqrt(stage.n / most)
            _draw_stage(axes, x, stage, size, finding.higher_is_better)
        else:
            axes.text(x, 0.04, "withheld" if stage.n else "–", transform=_foot(axes), **_SMALL)
    _draw_own(axes, finding)
    _name_lowest(axes, finding)
    low, high = _limits(finding)
    axes.set(xlim=(-0.5, len(stages) - 0.5), ylim=(low, high))
    if not finding.higher_is_better:
        axes.invert_yaxis()
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.1f}")
    axes.yaxis.set_major_locator(_locator())
    axes.tick_params(axis="x", length=0, labelbottom=False)
    axes.spines["bottom"].set_visible(False)
    believed = "; diamond: own score" if finding.own_scores else ""
    axes.set_title(
        f"mean rating, of {finding.low:g} to {finding.high:g}, with 95% interval; larger dot: "
        f"more ratings{believed}",
        fontsize=9.5,
        weight="normal",
        color=QUIET,
    )


def _draw_stage(axes: Axes, x: int, stage: Stage, size: float, upwards: bool) -> None:
    rating = stage.rating
    axes.plot([x, x], [rating.low, rating.high], color=SERVICE, lw=2)
    axes.plot([x], [rating.value], "o", color=SERVICE, ms=size, mec="white", mew=1.2, zorder=3)
    axes.annotate(
        score(rating.value),
        (x, rating.high if upwards else rating.low),
        xytext=(0, 4),
        textcoords="offset points",
        ha="center",
        fontsize=9,
    )
    if stage.lowest is not None:
        axes.plot([x], [stage.lowest.rating.value], "_", color=QUIET, ms=11, mew=1.6, zorder=2)


def _draw_own(axes: Axes, finding: JourneyFinding) -> None:
    """What the company believes it gets, a hollow diamond with its figure."""
    places = {stage.stage: x for x, stage in enumerate(finding.stages)}
    for own in finding.own_scores:
        x = places[own.stage]
        axes.plot([x], [own.score], "D", color="white", mec=INK, mew=1.2, ms=6, zorder=4)
        axes.annotate(
            score(own.score),
            (x, own.score),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
            color=QUIET,
        )


def _name_lowest(axes: Axes, finding: JourneyFinding) -> None:
    """The worst rated touchpoint of all, by name at its mark."""
    points = [stage.lowest for stage in finding.stages if stage.lowest is not None]
    if not points:
        return
    sign = 1 if finding.higher_is_better else -1
    worst: Touchpoint = min(points, key=lambda each: sign * each.rating.value)
    x = next(i for i, stage in enumerate(finding.stages) if stage.stage == worst.stage)
    label = f"– lowest touchpoint: {name(worst.touchpoint)}, {score(worst.rating.value)}"
    last = len(finding.stages) - 1
    side = "left" if x < last / 3 else "right" if x > 2 * last / 3 else "center"
    place = {"left": x - 0.3, "right": x + 0.3, "center": float(x)}[side]
    axes.annotate(
        plain(textwrap.shorten(label, 70, placeholder="…")),
        (place, worst.rating.value),
        xytext=(0, -6),
        textcoords="offset points",
        ha=side,
        va="top",
        fontsize=9,
        color=QUIET,
    )


def _limits(finding: JourneyFinding) -> tuple[float, float]:
    """An axis around what is drawn, with room for the names under and over it."""
    known = [stage for stage in finding.stages if stage.rating.known]
    ends = [stage.rating.value for stage in known]
    for stage in known:
        ends += [end for end in (stage.rating.low, stage.rating.high) if not math.isnan(end)]
        ends += [stage.lowest.rating.value] if stage.lowest else []
    ends += [own.score for own in finding.own_scores]
    span = max(max(ends) - min(ends), 0.4)
    return min(ends) - 0.24 * span, max(ends) + 0.16 * span


def _draw_strip(
    axes: Axes, title: str, values: list[Any], form: Any, colour: str, top: float = 0.0
) -> None:
    """A bar per stage with its figure above it; ``top`` is the end of the axis where it has one."""
    heights = [0.0 if math.isnan(value) else float(value) for value in values]
    top = top or max(heights)
    bars = axes.bar(range(len(values)), heights, width=0.62, color=colour)
    for x, bar in enumerate(bars):
        bar.set_gid(marked(x))
    for x, (value, height) in enumerate(zip(values, heights, strict=True)):
        text = "–" if math.isnan(value) else form(value)
        axes.annotate(text, (x, height), xytext=(0, 1), textcoords="offset points", **_SMALL)
    axes.set(ylim=(0, 1.5 * top), xlim=(-0.5, len(values) - 0.5), yticks=[])
    axes.tick_params(axis="x", length=0, labelbottom=False)
    axes.set_title(title, fontsize=9.5, weight="normal", color=QUIET)


def _name_stages(axes: Axes, stages: tuple[Stage, ...]) -> None:
    names = []
    for number, stage in enumerate(stages):
        lines = textwrap.wrap(sentence_case(name(stage.stage)), LABEL_WIDTH)
        lower = len(stages) > CROWDED and number % 2
        names.append(plain(("\n" if lower else "") + "\n".join(lines)))
    axes.set_xticks(range(len(stages)), names)
    axes.tick_params(axis="x", labelbottom=True, labelcolor=INK)


def _foot(axes: Axes) -> Any:
    return axes.get_xaxis_transform()


def _locator() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(4, steps=[1, 2, 5, 10])


_SMALL: dict[str, Any] = {"ha": "center", "va": "bottom", "fontsize": 9, "color": QUIET}
