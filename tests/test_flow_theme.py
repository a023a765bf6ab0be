"""The theme of the way through: findings from hand-made studies, and what the picture draws."""

from __future__ import annotations

import pytest
from findings_of_flow import FLOW
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.patches import PathPatch
from matplotlib.text import Text
from test_metrics_journeys import study
from test_metrics_journeys_transitions import TOUCHES, made

from cxanalysis.findings.flow import find_flow
from cxanalysis.narrative import describe
from cxanalysis.plots import plot
from cxanalysis.plots.theme import JOURNEY, NEUTRAL, SERVICE


def axes() -> list[Axes]:
    figure = plot(FLOW)
    assert figure is not None
    return figure.findobj(Axes)


def test_finding_holds_every_origin_and_what_touches_are_followed_by() -> None:
    finding = find_flow(made())
    assert finding.targets == ("buy", "use", "contact with service", "nothing")
    assert [origin.name for origin in finding.origins] == ["buy", "use", "contact with service"]
    assert [share.value for share in finding.origins[0].shares] == [0, 0.5, 0, 0.5]
    assert finding.origins[1].open == 1
    assert (finding.touches, finding.customers) == (8, 4)
    assert finding.contacted is not None
    assert finding.contacted.stage == "use"
    assert finding.rivals == ("buy",)  # one of four and none of four


def test_without_contacts_no_stage_is_named_for_them() -> None:
    finding = find_flow(study(TOUCHES))
    assert finding.contacted is None
    assert finding.rivals == ()
    assert "contact with service" not in [kind.name for kind in finding.kinds]
    assert not any("contact" in text for text in describe(finding)[1:])


def test_nothing_to_follow_is_said() -> None:
    assert find_flow(study(TOUCHES.iloc[:0])).origins == ()
    assert "cannot be told" in describe(find_flow(study(TOUCHES.iloc[:0])))[0]


def test_matrix_prints_every_share_under_its_target() -> None:
    matrix = axes()[1]
    figures = [text.get_text() for text in matrix.texts]
    assert figures[:5] == ["4%", "61%", "<1%", "1%", "34%"]
    assert len(figures) == 20
    assert matrix.get_yticklabels()[0].get_text() == "Awareness (612)"


def test_streams_are_as_wide_as_the_events_they_carry() -> None:
    streams = axes()[0]
    wide = {
        patch: patch.get_path().vertices[-2][1] - patch.get_path().vertices[0][1]
        for patch in streams.findobj(PathPatch)
    }
    bands = sorted(wide.values(), reverse=True)
    assert bands[0] / bands[1] == pytest.approx(0.38 / 0.33)  # of purchases, to purchase and use
    free = 1 - 0.018 * 4  # five targets, "other" included or not, have four gaps
    assert sum(bands) == pytest.approx(free, abs=0.02)


def test_gold_is_a_later_stage_blue_a_contact_and_grey_the_rest() -> None:
    drawn = [to_hex(patch.get_facecolor()).upper() for patch in axes()[0].findobj(PathPatch)]
    assert drawn.count(JOURNEY.upper()) == 2  # awareness to purchase, purchase to use
    assert drawn.count(SERVICE.upper()) >= 4
    assert NEUTRAL.upper() in drawn
    assert FLOW.is_onward("awareness", "use")
    assert not FLOW.is_onward("purchase", "purchase")
    assert not FLOW.is_onward("use", "purchase")
    assert not FLOW.is_onward("use", "contact with service")
    figure = plot(FLOW)
    assert figure is not None
    said = [text.get_text() for text in figure.findobj(Text)]
    assert any("gold: to a later stage" in text for text in said)
