"""The theme of channels and voices: the finding, and what its picture draws."""

from __future__ import annotations

import pandas as pd
import pytest
from findings_of_channels import CHANNELS
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from test_metrics_journeys import study
from test_metrics_journeys_channels import TOUCHES

from cxanalysis.findings.channels import find_channels
from cxanalysis.plots import plot


def test_finding_holds_both_questions_and_the_catalogue() -> None:
    finding = find_channels(study(pd.concat([TOUCHES, TOUCHES.iloc[-1:]])))
    online = finding.side("online")
    assert online is not None
    assert (online.touches, finding.unknown) == (5, 1)
    assert [each.first for each in finding.apart] == ["online"]
    assert not finding.apart[0].is_clear
    assert (finding.indirect_stage, finding.n_stage) == ("buy", 5)
    assert finding.indirect.value == 0
    assert len(finding.places) == 6


def test_a_missing_column_leaves_the_other_question() -> None:
    finding = find_channels(study(TOUCHES.drop(columns="channel")))
    assert finding.lacks == ("needs journeys.channel",)
    assert finding.side("direct") is not None
    neither = find_channels(study(TOUCHES.drop(columns=["channel", "influence"])))
    assert neither.needs == "needs journeys.channel"


def test_bars_are_as_long_as_the_shares_and_dots_stand_at_the_ratings() -> None:
    figure = plot(CHANNELS)
    assert figure is not None
    shares, ratings = figure.findobj(Axes)
    bars = [patch.get_width() for patch in shares.patches if isinstance(patch, Rectangle)]
    assert bars == pytest.approx([side.share.value for side in CHANNELS.sides])
    dots = [line.get_xdata()[0] for line in ratings.lines if line.get_marker() == "o"]
    assert dots == pytest.approx([side.rating.value for side in CHANNELS.sides])
