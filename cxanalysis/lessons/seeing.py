"""What is better seen than read: each call draws one simulated truth and says what it shows.

`slide` puts sliders before one of them: ``slide(sample_size, answers=[20, 100, 500])``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from IPython.display import display
from matplotlib.axes import Axes

from cxanalysis.display import picture
from cxanalysis.errors import LessonError
from cxanalysis.lessons import simulations
from cxanalysis.lessons.simulations import Spread
from cxanalysis.plots.theme import INK, JOURNEY, NEUTRAL, QUIET, SERVICE, headed, themed

HEIGHT = 1.9  # inches of a drawing
EDGES = 33  # of a histogram's bars: steps of five points where NPS is drawn
HEAD = 1.25  # room above the highest bar, for a word


def sample_size(answers: int = 100) -> None:
    """NPS of two thousand samples from one company whose NPS never changes."""
    spread = simulations.sample_nps(answers)
    low, high = spread.middle
    said = (
        f"The company's NPS is {_signed(spread.truth)}, always. Of samples of {answers:,} answers, "
        f"95 in 100 find something between {_signed(low)} and {_signed(high)}."
    )
    _histogram(spread, "NPS found in samples of one company", said, wide=(-60, 100))


def non_response(tilt: float = 0.0) -> None:
    """NPS of everyone and of those who answer, where satisfaction decides who does."""
    company = simulations.silence(tilt)
    said = (
        f"{company.answered.mean():.0%} answer. Their NPS is {_signed(company.heard)}; that of "
        f"everyone is {_signed(company.everyone)}, and nobody knows it."
    )
    with themed():
        figure, body = headed(HEIGHT, "Everyone, and those who answered")
        axes = body.subplots()
        for place, (rows, colour, name) in enumerate(
            [
                (np.ones_like(company.answered), NEUTRAL, "everyone"),
                (company.answered, SERVICE, "answered"),
            ]
        ):
            counts = np.bincount(company.scores[rows].astype(int), minlength=11)
            at = simulations.SCORES + (place - 0.5) * 0.42
            axes.bar(at, counts / counts.sum(), 0.42, color=colour, label=name)
        axes.set_xticks(simulations.SCORES)
        axes.set_xlabel("how likely to recommend, 0 to 10")
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axes.legend(frameon=False, fontsize=9)
        _show(figure, said)


def collinearity(correlation: float = 0.5) -> None:
    """The slope of service where service and journey rise and fall together."""
    spread = simulations.slopes_of_service(correlation)
    split = simulations.split_of_service(correlation)
    low, high = spread.middle
    said = (
        f"Service and journey correlate by {correlation:.2f}, and both have a slope of 1. "
        f"95 in 100 studies find between {low:.2f} and {high:.2f} for service. Of what is "
        f"explained, service goes with {split.total:.0%} by itself and adds {split.unique:.0%} "
        f"to the journey."
    )
    _histogram(spread, "Slope of service found in studies of one company", said, wide=(-1.5, 3.5))


def service_share(share: float = 0.25, answers: int = 300) -> None:
    """Service's share as many studies of a company find it, where the truth is known."""
    spread = simulations.shares_found(share, answers)
    low, high = spread.middle
    said = (
        f"In truth {share:.0%} goes with service. With {answers:,} answers, 95 in 100 studies "
        f"find between {low:.0%} and {high:.0%}."
    )
    _histogram(spread, "Service's share found in studies of one company", said, wide=(0, 1))


def reverse_causation(service: float = 0.5, mood: float = 0.0) -> None:
    """The slope of service where the overall mood colours the rating of the service."""
    spread = simulations.slopes_with_mood(service, mood)
    said = (
        f"One step of better service raises satisfaction by {service:.2f}. The mood colours the "
        f"rating of service by {mood:.2f}, and regressions find {spread.found.mean():.2f} on "
        f"average: {_beside(spread.found.mean(), service)}"
    )
    _histogram(spread, "Slope of rated service found in studies", said, wide=(-0.5, 1.5))


def handle_time_target(minutes: Sequence[float] = (12, 10, 8, 6, 5, 4, 3)) -> None:
    """What becomes of a contact centre as its target for handle time is lowered."""
    runs = [simulations.handle_time_target(target) for target in minutes]
    free = simulations.handle_time_target(None)
    last = runs[-1]
    said = (
        f"Without a target a contact takes {free.handle_minutes:.1f} minutes, and settles the "
        f"matter. Under a target of {minutes[-1]:g} minutes it takes {last.handle_minutes:.1f}, "
        f"{last.first_contact_resolution:.0%} are settled at the first contact, and a matter "
        f"takes {last.minutes_per_issue:.1f} minutes in all."
    )
    with themed():
        figure, body = headed(HEIGHT, "Minutes, by the target for a contact")
        axes = body.subplots()
        per_contact = [run.handle_minutes for run in runs]
        axes.plot(minutes, per_contact, "o-", color=SERVICE, label="a contact")
        per_issue = [run.minutes_per_issue for run in runs]
        axes.plot(minutes, per_issue, "o-", color=JOURNEY, label="a matter, all its contacts")
        axes.axhline(free.handle_minutes, color=QUIET, lw=0.8, ls=":")
        axes.invert_xaxis()
        axes.set_ylim(0)
        axes.set_xlabel("target, minutes")
        axes.legend(frameon=False, fontsize=9)
        _show(figure, said)


def slide(draw: Callable[..., None], **values: Sequence[float]) -> None:
    """Sliders that draw anew at each move.

    Parameters
    ----------
    draw
        A function of this module.
    **values
        For each of its arguments the values that its slider stops at.

    Raises
    ------
    LessonError
        When a slider has fewer than two stops.
    """
    import ipywidgets

    for name, stops in values.items():
        if len(stops) < 2:
            raise LessonError(f"the slider {name!r} needs two values or more, not {len(stops)}.")
    controls: Mapping[str, Any] = {
        name: ipywidgets.SelectionSlider(
            options=list(stops), description=name, continuous_update=False
        )
        for name, stops in values.items()
    }
    ipywidgets.interact(draw, **controls)


def _histogram(spread: Spread, title: str, said: str, wide: tuple[float, float]) -> None:
    with themed():
        figure, body = headed(HEIGHT, title)
        axes: Axes = body.subplots()
        low, high = spread.middle
        axes.axvspan(low, high, color=NEUTRAL, zorder=0)
        axes.hist(spread.found, bins=np.linspace(*wide, EDGES).tolist(), color=SERVICE, zorder=2)
        axes.axvline(spread.truth, color=INK, lw=1.6, zorder=3)
        axes.annotate(
            "the truth",
            (spread.truth, 1),
            (4, -2),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            va="top",
            fontsize=9,
        )
        axes.set_xlim(*wide)
        axes.set_ylim(0, HEAD * axes.get_ylim()[1])
        axes.set_yticks([])
        axes.set_xlabel("grey: where 95 in 100 studies end", color=QUIET)
        _show(figure, said)


def _show(figure: Any, said: str) -> None:
    page = f'<section class="cx-seen"><p>{said}</p>{picture(figure, said)}</section>'
    publish: Callable[..., None] = display  # IPython's own is untyped
    publish({"text/html": page, "text/plain": said}, raw=True)


def _signed(value: float) -> str:
    return f"{value:+.0f}".replace("-", "−")


def _beside(found: float, truth: float) -> str:
    if abs(found - truth) < 0.02:
        return "the truth."
    return f"too {'much' if found > truth else 'little'}, and no number of answers mends that."
