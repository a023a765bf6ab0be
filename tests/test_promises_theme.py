"""The section on promises: what is found in a study, said and drawn."""

from __future__ import annotations

import pandas as pd
import pytest
from findings_of_promises import FINDINGS, KEPT_73, MOVED
from matplotlib.axes import Axes
from matplotlib.collections import FillBetweenPolyCollection
from matplotlib.text import Text
from test_metrics_promises import PROMISES as ROWS
from test_metrics_promises import instants, study

from cxanalysis.findings import find_promises
from cxanalysis.metrics.intervals import Interval, difference_interval
from cxanalysis.narrative import caption, describe
from cxanalysis.plots import plot

EXACT = 1e-9


def many(copies: int) -> pd.DataFrame:
    """The promises several times over, so that no figure is withheld."""
    return pd.concat([ROWS] * copies, ignore_index=True).assign(
        event_id=[str(place) for place in range(copies * len(ROWS))]
    )


def test_what_is_found_are_the_metrics_own_figures() -> None:
    found = find_promises(study(many(4)))
    assert (found.n_due, found.kept.value) == (20, pytest.approx(0.2, abs=EXACT))
    assert found.kept_latest.value == pytest.approx(0.4, abs=EXACT)
    assert found.moved == "median 10 days later"
    assert (found.n_late, found.n_open) == (16, 4)
    low, high = difference_interval(
        found.after_late.value,
        Interval(found.after_late.low, found.after_late.high),
        found.after_kept.value,
        Interval(found.after_kept.low, found.after_kept.high),
    )
    assert (found.difference.low, found.difference.high) == (low, high)
    assert [(kind.touchpoint, kind.n) for kind in found.kinds] == [("delivery", 16), ("fitting", 4)]


def test_the_curve_begins_with_the_share_kept_and_ends_when_little_more_comes() -> None:
    found = find_promises(study(many(4)))
    assert found.curve is not None
    # Kept 4 of 20; at 2 days 4 more; at 5 days 4 called off; at 9 days 4 more; 4 open for 20.
    days = (0, 1, 2, 8, 9, 20)
    shares = [found.curve.fulfilled[day] for day in days]
    assert shares == pytest.approx([0.2, 0.2, 0.4, 0.4, 0.6, 0.6], abs=EXACT)
    assert found.curve.still_open == (20.0,)
    assert len(found.curve.fulfilled) == 21


def test_no_curve_below_the_base_and_nothing_without_dates() -> None:
    few = find_promises(study(min_base=30))
    assert few.curve is None
    assert "Withheld" in describe(few)[0]
    bare = find_promises(study(ROWS.drop(columns="promised_at")))
    assert bare.gap == "journeys.promised_at"


def test_a_study_of_kept_promises_has_no_time_late() -> None:
    kept = many(4).assign(fulfilled_at=instants(*["2026-01-10"] * 28), cancelled_at=pd.NaT)
    kept["cancelled_at"] = instants(*[None] * 28)
    found = find_promises(study(kept))
    assert found.kept.value == 1
    assert plot(found) is None
    assert "half were" not in " ".join(describe(found))


def test_more_contacts_after_late_promises_are_claimed_only_beyond_chance() -> None:
    assert "41 points more (+36 to +46" in " ".join(describe(KEPT_73))
    text = " ".join(describe(FINDINGS["promises_no_difference"]))
    assert "no clear difference" in text
    assert "points more" not in text


def test_the_picture_draws_the_curve_its_band_and_a_tick_for_each_open_promise() -> None:
    figure = plot(KEPT_73)
    assert figure is not None
    (axes,) = figure.findobj(Axes)
    assert isinstance(axes, Axes)
    curve = KEPT_73.curve
    assert curve is not None
    drawn = [tuple(map(float, line.get_ydata())) for line in axes.lines]
    assert curve.fulfilled in drawn
    ticks = next(line for line in axes.lines if line.get_marker() == "|")
    assert tuple(map(float, ticks.get_xdata())) == curve.still_open
    assert tuple(map(float, ticks.get_ydata())) == (curve.fulfilled[3], curve.fulfilled[6])
    assert figure.findobj(FillBetweenPolyCollection)
    texts = [text.get_text() for text in figure.findobj(Text)]
    assert "kept: 74%" in texts or "kept: 73%" in texts


def test_the_picture_is_described_by_what_it_shows() -> None:
    assert caption(KEPT_73) in describe(KEPT_73)
    assert "half were fulfilled" in caption(KEPT_73)


def test_a_deadline_of_the_customer_is_named() -> None:
    assert "before the customer's deadline" in " ".join(describe(MOVED))
    assert "before what they waited for came" in " ".join(describe(KEPT_73))
