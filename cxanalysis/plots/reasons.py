"""Reasons for contact as a Pareto chart by rate, and what kind of help was asked for."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cxanalysis.findings.core import Estimate
from cxanalysis.findings.reasons import Reason, ReasonsFinding
from cxanalysis.narrative.reasons import rate
from cxanalysis.narrative.words import coded, name, percent, sentence_case, with_interval
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import (
    INK,
    JOURNEY,
    QUIET,
    SERVICE,
    SHARED,
    Segment,
    headed,
    split,
    stacked_bar,
    themed,
    wrapped,
)

ROW, HEAD, MIX = 0.36, 0.4, 0.95  # inches
# Okabe and Ito's, in an order in which neighbours differ in lightness too.
STAGE_COLOURS = (SERVICE, JOURNEY, "#009E73", "#CC79A7", "#56B4E9", "#D55E00", SHARED)
COLUMNS = (("share", 106), ("so far", 148))  # points right of the axis
MIX_LOOKS = {
    "advice buying": ("advice on buying", "#56B4E9", INK),
    "advice using": ("advice on using", SERVICE, "white"),
    "assistance buying": ("assistance in buying", JOURNEY, INK),
    "assistance using": ("assistance in using", "#D55E00", INK),
}


@plot.register
def _plot(finding: ReasonsFinding) -> Figure | None:
    if not finding.reasons:
        return None
    rows, by_rate = _ordered(finding)
    parts = _mix(finding)
    upper = ROW * len(rows) + HEAD
    failed = (
        f"; hatched: a failure, {percent(finding.failure.value)} of contacts"
        if finding.failure.known
        else ""
    )
    with themed():
        figure, body = headed(
            upper + MIX if parts else upper,
            "Reasons for contact",
            f"{'per 1,000 ' + _of(rows) if by_rate else 'share of contacts'}{failed}",
        )
        if parts:
            above, below = split(body, upper, MIX)
            _bars(above.subplots(), rows, finding.n, by_rate)
            axes = below.subplots()
            stacked_bar(axes, parts)
            axes.set_title("What was asked for", fontsize=9.5, color=QUIET)
        else:
            _bars(body.subplots(), rows, finding.n, by_rate)
        return figure


def _ordered(finding: ReasonsFinding) -> tuple[list[Reason], bool]:
    """Reasons by rate where all rates are per touches or all per customers, else by share."""
    per = {each.per == "customers" for each in finding.reasons}
    by_rate = len(per) == 1 and all(each.rate.known for each in finding.reasons)
    return sorted(finding.reasons, key=lambda each: -_length(each, by_rate).value), by_rate


def _of(rows: list[Reason]) -> str:
    per = {each.per for each in rows}
    if per == {"customers"}:
        return "active customers"
    return name(next(iter(per))) if len(per) == 1 else "touches of the stage"


def _length(each: Reason, by_rate: bool) -> Estimate:
    return each.rate if by_rate else each.share


def _bars(axes: Axes, rows: list[Reason], n: int, by_rate: bool) -> None:
    stages = list(dict.fromkeys(each.stage for each in rows if each.stage))
    colours = {stage: STAGE_COLOURS[i % len(STAGE_COLOURS)] for i, stage in enumerate(stages)}
    total = 0
    for y, each in enumerate(rows):
        length = _length(each, by_rate)
        total += each.contacts
        axes.barh(
            [y],
            [length.value],
            height=0.62,
            color=colours.get(each.stage, SHARED),
            edgecolor="white",
            hatch="///" if each.is_failure else None,
        )
        if length.has_interval:
            axes.plot([length.low, length.high], [y, y], color=INK, lw=1.4)
        texts = [(rate(length) if by_rate else with_interval(length), 8)]
        if by_rate:
            texts.append((percent(each.share.value), COLUMNS[0][1]))
        texts.append((percent(total / n), COLUMNS[1][1]))
        for text, right in texts:
            _beside(axes, y, text, right)
    heads = COLUMNS if by_rate else COLUMNS[1:]
    for head, right in heads:
        _beside(axes, -0.8, head, right, QUIET)
    reach = max((_length(each, by_rate).high for each in rows), default=1.0)
    axes.set(xlim=(0, 1.02 * reach), ylim=(len(rows) - 0.5, -1.1))
    axes.set_yticks(range(len(rows)), [_label(each) for each in rows])
    if not by_rate:
        axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")


def _beside(axes: Axes, y: float, text: str, right: float, colour: str = INK) -> None:
    axes.annotate(
        text,
        (1, y),
        xycoords=axes.get_yaxis_transform(),
        xytext=(right, 0),
        textcoords="offset points",
        va="center",
        fontsize=9,
        color=colour,
    )


def _label(each: Reason) -> str:
    stage = f" ({name(each.stage)})" if each.stage else ""
    return wrapped(f"{sentence_case(coded(name(each.reason), 'reason'))}{stage}", 22)


def _mix(finding: ReasonsFinding) -> list[Segment]:
    parts = {part.label: part for part in finding.mix if part.about == "help and phase"}
    if not all(part.share.known for part in parts.values()):
        return []
    return [
        Segment(label, parts[key].share.value, colour, ink)
        for key, (label, colour, ink) in MIX_LOOKS.items()
        if key in parts
    ]
