"""What comes before a contact: the finding from a hand-made study, and what its picture draws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from findings_of_warning import WARNING
from matplotlib.axes import Axes
from matplotlib.text import Text
from test_metrics_journeys_warning import ALARMS, CONTACTS, TOUCHES, drawn, study

from cxanalysis.findings.warning import find_warning
from cxanalysis.narrative import describe
from cxanalysis.narrative.core import caption
from cxanalysis.plots import plot

EXACT = 1e-9  # drawn values are the finding's own


def test_finding_has_the_link_the_curves_and_the_alarm_of_a_study() -> None:
    finding = find_warning(study(*drawn(np.random.default_rng(3), 500, 0.7)))
    assert finding.needs == ""
    assert finding.link is not None
    assert finding.link.change.high < 0
    assert (finding.first, finding.second, finding.worst) == (3, 4, (1, 2))
    assert len(finding.low) == len(finding.other) == 31
    assert [day for day, _ in finding.gaps] == [7, 30]
    assert [alarm.rule for alarm in finding.alarms] == ["low rating"]  # nothing was promised
    assert [link.stage for link in finding.touchpoints] == ["app", "manual"]
    assert "Taken by touchpoint, the change is beyond chance at *" in describe(finding)[0]
    assert describe(finding)[0].startswith("**A better rating goes with fewer contacts:**")


def test_touches_without_touchpoints_are_told_by_stage() -> None:
    rows, contacts = drawn(np.random.default_rng(3), 500, 0.7)
    stage = np.where(np.arange(len(rows)) % 2, "buy", "use")
    finding = find_warning(study(rows.drop(columns="touchpoint").assign(stage=stage), contacts))
    assert finding.touchpoints == ()
    assert "Taken by stage, the change is beyond chance at *" in describe(finding)[0]


def test_without_a_link_no_sentence_claims_one() -> None:
    text = " ".join(describe(find_warning(study(*drawn(np.random.default_rng(5), 500, 0.0)))))
    assert "No clear link" in text
    assert "within chance" in text


def test_finding_says_what_it_needs() -> None:
    assert find_warning(study(TOUCHES.drop(columns="rating"), CONTACTS)).needs == (
        "needs journeys.rating"
    )
    few = find_warning(study(TOUCHES, CONTACTS))
    assert (
        "cannot be told for all dates:** no rated touch has 30 days"
        in describe(find_warning(study(TOUCHES.iloc[5:6], CONTACTS)))[0]
    )
    assert "fewer than 20 customers" in describe(few)[0]


@pytest.mark.parametrize("days", [1, 7, 10])
def test_shorter_windows_are_told_with_their_own_days(days: int) -> None:
    finding = find_warning(study(pd.concat([ALARMS] * 3), CONTACTS), days)
    assert len(finding.low) == days + 1
    within = {1: "within 1 day;", 7: "within 7 days;", 10: "within 7 and 10 days;"}
    assert within[days] in caption(finding)
    assert plot(finding) is not None


def test_picture_draws_every_answer_and_both_curves() -> None:
    figure = plot(WARNING)
    assert figure is not None
    answers, curves = figure.findobj(Axes)
    dots = [line for line in answers.lines if line.get_marker() == "o"]
    shown = [answer.share.value for answer in WARNING.answers if answer.share.known]
    assert [float(dot.get_xdata()[0]) for dot in dots] == pytest.approx(shown, abs=EXACT)
    ends = [float(line.get_ydata()[-1]) for line in curves.lines]
    assert ends == pytest.approx([0.24, 0.11], abs=EXACT)
    texts = {text.get_text() for text in curves.findobj(Text)}
    assert {"rated 1 or 2", "rated otherwise", "day 30"} <= texts
