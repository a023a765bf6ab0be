"""Who stays: findings from hand-made studies, their words, and what the picture draws."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pandas as pd
import pytest
from findings_of_loyalty import ALIKE, FEW, RETURNS, STAYS
from matplotlib.axes import Axes
from matplotlib.text import Text
from test_metrics_loyalty import LATER, RATED, SMALL, days, drawn, four_cells, study

from cxanalysis.findings import find_loyalty
from cxanalysis.narrative import describe, footnotes, tabulate
from cxanalysis.plots import plot


def said(finding: object) -> str:
    return " ".join(describe(finding))  # type: ignore[arg-type]


def test_finding_follows_every_band_and_judges_all_differences_together() -> None:
    finding = find_loyalty(study(drawn(), metrics={"min_base": 30}))
    assert (finding.main, finding.outcome, finding.needs) == ("nps", "stays", "")
    assert [band.band for band in finding.followed] == ["promoters", "passives", "detractors"]
    assert sum(band.n for band in finding.followed) == finding.n == 900
    assert sum(band.events for band in finding.followed) == finding.events
    (gap,) = finding.gaps
    assert gap.clear
    assert finding.adjusted is not None
    assert finding.adjusted.held == ("tenure_days", "plan")
    promoters = finding.followed[0]
    assert len(promoters.curve) == 91
    assert promoters.curve[-1] == pytest.approx(promoters.share.value)
    assert promoters.at_risk[0] == (0, promoters.n)


def test_four_cells_with_few_leavers_turn_to_buying_again() -> None:
    frames = four_cells()
    frames["journeys"] = frames["journeys"].assign(stage="purchase")  # 3 days before, and 5 after
    frames["surveys"] = pd.DataFrame(
        {"customer_id": ["0-0"], "responded_at": frames["tickets"]["opened_at"][:1], "nps": [9.0]}
    )
    finding = find_loyalty(study(frames))
    assert finding.amplified_outcome == "stays"  # 12 left
    frames["customers"] = frames["customers"].assign(active_to=days(*[400] * 40))
    finding = find_loyalty(study(frames))
    assert finding.amplified_outcome == "returns"
    assert {band.buyers for band in finding.followed if band.by == "joint"} == {10}
    assert "None of 40 customers with a rated contact left" in said(finding)
    assert "with a rated contact" not in said(replace(finding, min_base=41))


def test_without_a_last_day_buying_again_tells() -> None:
    bare = {name: SMALL[name] for name in ("surveys", "journeys")}
    finding = find_loyalty(study(bare))
    assert finding.outcome == "returns"
    assert "had bought again" in said(finding)


def test_what_the_tables_lack_is_said_in_a_sentence() -> None:
    finding = find_loyalty(study({"journeys": SMALL["journeys"]}))
    assert said(finding) == "**Who stays cannot be told:** it needs customer number in surveys."
    assert plot(finding) is None
    neither = {"surveys": SMALL["surveys"]}
    assert "it needs each customer's last day" in said(find_loyalty(study(neither)))
    nobody = find_loyalty(study(SMALL, "2025-01"))
    assert "no answer's 90 days ended then" in said(nobody)


def test_contacts_alone_tell_what_lasts() -> None:
    finding = find_loyalty(study({"tickets": RATED, "surveys": LATER}))
    assert finding.lasting is not None
    assert finding.lasting.gap is not None
    assert finding.lasting.gap.difference.value == 1
    assert "30 to 90 days after a contact rated well, overall satisfaction is 3.00" in said(finding)


def test_a_difference_within_chance_is_no_headline_and_its_size_is_said() -> None:
    assert said(STAYS).startswith("**Promoters stay more often than detractors.**")
    alike = said(ALIKE)
    assert alike.startswith("**What customers told goes with no clear difference in who stays.**")
    assert "a true difference below 3.8 points would often go unnoticed" in alike
    turned = replace(
        STAYS, gaps=(replace(STAYS.gaps[0], difference=replace(STAYS.share, value=-0.1)),)
    )
    assert said(turned).startswith("**Detractors stay more often than promoters.**")


def test_one_of_several_differences_is_not_clear_by_its_own_interval() -> None:
    gap = replace(STAYS.gaps[0], clear=False)
    text = said(replace(STAYS, gaps=(gap,)))
    assert text.startswith("**What customers told goes with no clear difference")
    assert "+12.5 points (+9.3 to +15.9), not clear with all differences here watched" in text


def test_ratio_that_may_be_one_is_called_no_clear_difference() -> None:
    assert STAYS.adjusted is not None
    unsure = replace(STAYS.adjusted, ratio=replace(STAYS.adjusted.ratio, low=0.9))
    assert "; no clear difference." in said(replace(STAYS, adjusted=unsure))
    assert "240 left)." in said(STAYS)


def test_table_and_notes_speak_of_what_is_shown() -> None:
    table = tabulate(STAYS)
    assert table is not None
    last = ["customers after 90 days", "had bought before", "bought again"]
    assert list(table.columns[-3:]) == last
    again = tabulate(RETURNS)
    assert again is not None
    assert list(again.columns) == ["told apart by", "", "customers", "returned", "bought again"]
    assert len(again) == 2  # the withheld band is left out
    assert not footnotes(FEW)
    assert not any("Rated well" in note for note in footnotes(RETURNS))


def test_picture_draws_curves_intervals_and_who_is_still_followed() -> None:
    figure = plot(STAYS)
    assert figure is not None
    (axes,) = figure.findobj(Axes)
    lines = [tuple(map(float, line.get_ydata())) for line in axes.lines]
    for band in STAYS.followed[:3]:
        assert band.curve in lines
        assert (band.share.low, band.share.high) in lines
    texts = {text.get_text() for text in figure.findobj(Text)}
    assert {"900", "820", "600", "520", "still followed", "promoters"} <= texts
    assert axes.get_ylim() == (0.75, 1.0)
    assert any("axis from 75%" in text for text in texts)


def test_labels_of_curves_that_end_alike_stay_apart() -> None:
    figure = plot(ALIKE)
    assert figure is not None
    (axes,) = figure.findobj(Axes)
    low, high = axes.get_ylim()
    places = sorted(
        text.xy[1]  # type: ignore[attr-defined]
        for text in axes.texts
        if text.get_text().startswith(("promoters (", "passives (", "detractors ("))
    )
    assert len(places) == 3
    assert all(b - a > 0.15 * (high - low) for a, b in pairwise(places))


def test_buying_again_begins_at_nothing() -> None:
    figure = plot(RETURNS)
    assert figure is not None
    assert figure.findobj(Axes)[0].get_ylim()[0] == 0
