"""Touches and contacts on lines of time: one line per customer, or per stage for one customer."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from cxanalysis.findings.timeline import Event, TimelineFinding
from cxanalysis.narrative.words import counted, name, sentence_case
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import JOURNEY, QUIET, SERVICE, headed, themed

ROW, FOOT = 0.27, 0.75  # inches
WITHOUT = "no stage named"


@plot.register
def _plot(finding: TimelineFinding) -> Figure | None:
    journeys = [events for events in finding.journeys if len(events) > 0]
    if not journeys or (finding.customer and len(journeys[0]) < 2):
        return None
    lines = _stages(finding, journeys[0]) if finding.customer else [""] * len(journeys)
    with themed():
        figure, body = headed(
            ROW * len(lines) + FOOT,
            "One journey" if finding.customer else "Journeys from short to long",
            f"● touch   ◆ contact with service; {finding.period}",
        )
        axes = body.subplots()
        if finding.customer:
            _draw_one(axes, journeys[0], lines)
        else:
            _draw_many(axes, journeys)
        axes.set_ylim(len(lines) - 0.4, -0.6)
        axes.set_title("days since the first event", fontsize=9.5, weight="normal")
        return figure


def _stages(finding: TimelineFinding, events: tuple[Event, ...]) -> list[str]:
    """Stages of the journey in the study's order, others after them."""
    found = {event.stage or WITHOUT for event in events}
    ordered = [stage for stage in finding.stages if stage in found]
    return [*ordered, *sorted(found - {*ordered, WITHOUT}), *({WITHOUT} & found)]


def _draw_many(axes: Axes, journeys: list[tuple[Event, ...]]) -> None:
    for y, events in enumerate(journeys):
        axes.plot([0, events[-1].days], [y, y], color="#CCCCCC", lw=1.2, zorder=1)
        _dots(axes, [(event, y) for event in events])
    labels = [counted(len(events), "event") for events in journeys]
    axes.set_yticks(range(len(journeys)), labels, fontsize=9)
    _days(axes, max(events[-1].days for events in journeys))


def _draw_one(axes: Axes, events: tuple[Event, ...], lines: list[str]) -> None:
    places = [(event, lines.index(event.stage or WITHOUT)) for event in events]
    axes.plot(
        [event.days for event, _ in places], [y for _, y in places], color=QUIET, lw=0.8, zorder=1
    )
    _dots(axes, places)
    axes.set_yticks(range(len(lines)), [sentence_case(name(line)) for line in lines], fontsize=9)
    _days(axes, events[-1].days)


def _days(axes: Axes, last: float) -> None:
    """An axis of days with room for the first and the last mark."""
    last = max(last, 0.1)
    axes.set_xlim(-0.03 * last, 1.03 * last)
    axes.set_xticks([tick for tick in MaxNLocator(6).tick_values(0, last) if 0 <= tick <= last])


def _dots(axes: Axes, places: list[tuple[Event, int]]) -> None:
    """Contacts differ by shape as well as by colour, and lie on top."""
    for contact, marker, colour, size in ((False, "o", JOURNEY, 7), (True, "D", SERVICE, 6.5)):
        own = [(event.days, y) for event, y in places if event.is_contact == contact]
        if own:
            axes.plot(
                [day for day, _ in own],
                [y for _, y in own],
                marker,
                color=colour,
                ms=size,
                mec="white",
                mew=0.8,
                zorder=3 if contact else 2,
                clip_on=False,
            )
