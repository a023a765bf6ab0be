"""When customers make contact: the finding from hand-made contacts, and its picture."""

from __future__ import annotations

import pytest
from findings_of_timing import RATES, TIMING
from matplotlib.axes import Axes
from test_metrics_pain import made
from test_metrics_timing import ASKED, BUY, HELP, JOURNEYS, TICKETS

from cxanalysis.findings.timing import find_timing
from cxanalysis.narrative import caption, describe
from cxanalysis.plots import plot

EXACT = 1e-9


def test_finding_joins_purchases_ratings_and_help() -> None:
    found = find_timing(made(JOURNEYS, TICKETS, **BUY))
    assert (found.n, found.n_after) == (6, 4)
    assert found.after.value == pytest.approx(4 / 6)
    assert found.within[0] == (7, found.within[0][1])
    assert len(found.weeks) == 13
    assert found.bad == "1 or 2"
    assert "list of self_service" in found.help_need
    helped = find_timing(made(HELP, ASKED, service={"self_service": ["help"]}, **BUY))
    assert helped.n_help == 4
    assert "Of 4 customers at self-service 50%" in " ".join(describe(helped))


def test_without_journeys_one_sentence_says_so() -> None:
    bare = made(JOURNEYS, TICKETS, **BUY)
    alone = type(bare)(bare.path, bare.config, bare.engine, {"tickets": bare.tables["tickets"]})
    assert describe(find_timing(alone)) == (
        "**When customers make contact cannot be told:** it needs journeys.",
    )
    few = find_timing(made(JOURNEYS, TICKETS, metrics={"min_base": 30}, **BUY))
    assert "6 contacts of known customers" in describe(few)[0]


def test_picture_draws_the_rate_of_every_week_beside_its_sentence() -> None:
    figure = plot(TIMING)
    assert figure is not None
    (axes,) = figure.findobj(Axes)
    (line,) = axes.lines
    assert list(line.get_ydata()) == pytest.approx(RATES, abs=EXACT)
    assert axes.get_xticklabels()[0].get_text() == "1\n1,600"
    assert caption(TIMING).startswith("For every 1,000 customers")
