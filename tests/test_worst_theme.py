"""The theme of the worst touches: findings from made companies, and what its picture draws."""

from __future__ import annotations

from dataclasses import replace

import pytest
from findings_of_worst import FOUND
from matplotlib.axes import Axes
from test_memory import BAD, company, study

from cxanalysis.findings import find_worst
from cxanalysis.narrative import caption, describe, footnotes
from cxanalysis.plots import plot

# Drawn values are the finding's own.
EXACT = 1e-9


def test_finding_tells_the_lowest_from_the_low_and_names_the_ratings() -> None:
    finding = find_worst(company("worst"))
    assert finding.lowest is not None
    assert finding.low is not None
    assert (finding.lowest.worst, finding.lowest.mildest) == (1, 1)
    assert (finding.low.worst, finding.low.mildest) == (1, 2)
    assert finding.lowest.share.value < finding.low.share.value
    assert finding.lowest.held.high < 0
    assert sum(place.of_all for place in finding.places) == pytest.approx(1, abs=EXACT)
    assert "lower score than its part in the mean accounts for" in " ".join(describe(finding))


def test_where_low_is_good_the_highest_answer_is_the_worst() -> None:
    scale = {"low": 1, "high": 5, "higher_is_better": False, "column": "rating"}
    tables = {"journeys": {"path": "x.csv", "columns": {"rating": scale}}}
    finding = find_worst(study(frames={"journeys": BAD}, tables=tables))
    assert finding.lowest is not None
    assert finding.low is not None
    assert (finding.lowest.worst, finding.low.mildest) == (5, 4)
    assert finding.lowest.share.value == pytest.approx(2 / 5, abs=EXACT)
    assert finding.needs_answers == "needs surveys"


def test_finding_says_what_it_needs() -> None:
    bare = find_worst(study(frames={"journeys": BAD.drop(columns="rating")}))
    assert bare.needs == "needs journeys.rating or tickets.csat"
    assert (bare.lowest, bare.low, bare.places, bare.told) == (None, None, (), ())


def test_nothing_is_said_of_places_where_too_few_customers_rated() -> None:
    finding = find_worst(study(frames={"journeys": BAD}, metrics={"min_base": 6}))
    assert (finding.places, finding.n_worst, finding.n_withheld) == ((), 0, 0)
    assert len(describe(finding)) == 1
    assert plot(finding) is None


def test_picture_draws_every_touchpoint_with_a_worst_touch_and_its_caption_names_them() -> None:
    figure = plot(FOUND)
    assert figure is not None
    axes = figure.findobj(Axes)[0]
    dots = [float(line.get_xdata()[0]) for line in axes.lines if line.get_marker() == "o"]
    assert dots == pytest.approx([0.11, 0.087], abs=EXACT)
    assert "*installation*" in caption(FOUND)
    assert caption(FOUND) in describe(FOUND)


def test_contacts_counted_by_their_end_say_so() -> None:
    served = replace(FOUND.places[0], touchpoint="contact with service", stage="service")
    said = footnotes(replace(FOUND, places=(*FOUND.places, served)))[0]
    assert "A contact counts in the period in which it was over" in said
    assert "it was over" not in footnotes(FOUND)[0]
