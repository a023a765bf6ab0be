"""Pictures draw the findings' own numbers and labels; what is compared is drawn data."""

from __future__ import annotations

import io
import sys
from itertools import pairwise

import matplotlib as mpl
import pytest
from findings_by_hand import (
    DRIVERS,
    FINDINGS,
    MOVED,
    NEGATIVE,
    NO,
    SILENT,
    UNDECIDED,
    UNTRUSTED_NAMES,
    USUAL,
    WITHOUT_PICTURE,
)
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from cxanalysis.plots import plot
from cxanalysis.plots.theme import JOURNEY, NEUTRAL, SERVICE, SHARED, themed

# Widths are sums of floats.
TOLERANCE = 1e-9
DRAWN = [name for name in FINDINGS if name not in WITHOUT_PICTURE]


def drawn(finding: object) -> Figure:
    figure = plot(finding)  # type: ignore[arg-type]
    assert figure is not None
    return figure


def bars(axes: Axes) -> list[float]:
    return [patch.get_width() for patch in axes.patches if isinstance(patch, Rectangle)]


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def test_whole_of_the_answer_adds_up_to_all_differences() -> None:
    whole = drawn(NO).findobj(Axes)[0]
    widths = bars(whole)
    assert sum(widths) == pytest.approx(1, abs=TOLERANCE)
    assert widths[0] == pytest.approx(NO.unique.value * NO.accounted.value, abs=TOLERANCE)
    assert widths[3] == pytest.approx(1 - NO.accounted.value, abs=TOLERANCE)


def test_every_interval_of_the_answer_is_drawn() -> None:
    sets = drawn(UNDECIDED).findobj(Axes)[1]
    lines = {tuple(map(float, line.get_xdata())) for line in sets.lines}
    for part in (UNDECIDED.alone, UNDECIDED.split, UNDECIDED.unique, UNDECIDED.rest_alone):
        assert (part.low, part.high) in lines
    assert (UNDECIDED.line, UNDECIDED.line) in lines


def test_negative_shared_part_is_not_stacked() -> None:
    figure = drawn(NEGATIVE)
    assert len(figure.findobj(Axes)) == 1
    assert not figure.findobj(Axes)[0].patches


def test_driver_bars_are_as_long_as_their_shares_and_coloured_by_set() -> None:
    axes = drawn(DRIVERS).findobj(Axes)[0]
    assert bars(axes) == pytest.approx([driver.share.value for driver in DRIVERS.drivers])
    colours = [mpl.colors.to_hex(patch.get_facecolor()).upper() for patch in axes.patches]
    assert colours[:3] == [JOURNEY, JOURNEY, SERVICE]


def test_driver_that_adds_nothing_is_grey_and_says_so() -> None:
    figure = drawn(DRIVERS)
    axes = figure.findobj(Axes)[0]
    assert mpl.colors.to_hex(axes.patches[-1].get_facecolor()).upper() == NEUTRAL
    assert sum("not shown to add to the rest" in text for text in texts(figure)) == 2


def test_driver_is_told_apart_by_label_as_well_as_by_colour() -> None:
    labels = [label.get_text() for label in drawn(DRIVERS).findobj(Axes)[0].get_yticklabels()]
    assert labels[:3] == ["Use\n(journey)", "Purchase\n(journey)", "Needing help\n(service)"]


def test_base_and_fit_stand_in_the_subtitle() -> None:
    assert any("R² 42%, 1,842 answers" in text for text in texts(drawn(DRIVERS)))


def test_long_label_is_wrapped_and_nothing_is_read_as_a_formula() -> None:
    labels = [item.get_text() for item in drawn(UNTRUSTED_NAMES).findobj(Axes)[0].get_yticklabels()]
    assert max(len(line) for label in labels for line in label.split("\n")) <= 26
    assert labels[0].startswith("<script>")


def test_nps_bar_shows_the_three_kinds_of_answers() -> None:
    figure = drawn(MOVED)
    assert bars(figure.findobj(Axes)[0]) == pytest.approx(MOVED.nps_mix)
    assert "NPS +31 (+27 to +35)" in texts(figure)


def test_nps_of_earlier_periods_is_drawn_on_the_range_it_usually_moves_in() -> None:
    figure = drawn(USUAL)
    _, trend = figure.findobj(Axes)
    nps = USUAL.figures[0]
    (band,) = (patch for patch in trend.patches if isinstance(patch, Rectangle))
    assert (band.get_y(), band.get_height()) == pytest.approx(
        (nps.usual_low, nps.usual_high - nps.usual_low), abs=TOLERANCE
    )
    drawn_values = list(map(float, trend.lines[0].get_ydata()))
    assert drawn_values == pytest.approx([value for _, value in USUAL.nps_before], nan_ok=True)
    limits = [tuple(map(float, line.get_ydata())) for line in trend.lines]
    assert (nps.now.low, nps.now.high) in limits
    assert {"September 2025", "October 2026"} <= set(texts(figure))


def test_silent_bar_shows_all_active_customers() -> None:
    widths = bars(drawn(SILENT).findobj(Axes)[0])
    assert widths == pytest.approx([share for _, _, share in SILENT.parts])
    assert sum(widths) == pytest.approx(1, abs=TOLERANCE)


@pytest.mark.parametrize("name", sorted(WITHOUT_PICTURE))
def test_without_a_figure_there_is_no_picture(name: str) -> None:
    assert plot(FINDINGS[name]) is None


@pytest.mark.parametrize("name", DRAWN)
def test_no_text_is_small_or_outside_the_picture(name: str) -> None:
    figure = drawn(FINDINGS[name])
    with themed():
        figure.savefig(io.BytesIO(), format="png", dpi=50)  # settles the layout
        box = figure.bbox
        for text in figure.findobj(Text):
            if not text.get_text() or not text.get_visible():
                continue
            assert text.get_fontsize() >= 9
            extent = text.get_window_extent()
            assert extent.x0 >= box.x0 - 1, text.get_text()
            assert extent.x1 <= box.x1 + 1, text.get_text()
            assert extent.y0 >= box.y0 - 1, text.get_text()
            assert extent.y1 <= box.y1 + 1, text.get_text()


def test_colours_stay_apart_in_grey_print() -> None:
    def lightness(colour: str) -> float:
        red, green, blue = mpl.colors.to_rgb(colour)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    levels = sorted(lightness(colour) for colour in (SERVICE, SHARED, JOURNEY, NEUTRAL))
    assert min(b - a for a, b in pairwise(levels)) > 0.05


def test_drawing_leaves_no_trace_in_the_settings_or_in_pyplot() -> None:
    before = dict(mpl.rcParams)
    plot(NO)
    assert dict(mpl.rcParams) == before
    if "matplotlib.pyplot" in sys.modules:
        assert not sys.modules["matplotlib.pyplot"].get_fignums()
