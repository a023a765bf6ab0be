"""What the sliders of the course draw: the truth that was put in, and what studies find of it."""

from __future__ import annotations

import re

import ipywidgets
import numpy as np
import pytest

from cxanalysis.errors import LessonError
from cxanalysis.lessons import seeing, simulations


def shown(draw, *values) -> tuple[str, str]:
    """Plain text and page of what a call displays."""
    with pytest.MonkeyPatch.context() as patch:
        outputs: list[dict[str, str]] = []
        patch.setattr(seeing, "display", lambda data, raw: outputs.append(data))
        draw(*values)
    (data,) = outputs
    return data["text/plain"], data["text/html"]


DRAWS = [
    (seeing.sample_size, (20,)),
    (seeing.non_response, (0.4,)),
    (seeing.collinearity, (0.9,)),
    (seeing.service_share, (0.3,)),
    (seeing.reverse_causation, (0.0, 0.5)),
    (seeing.handle_time_target, ((8, 4),)),
]


@pytest.mark.parametrize(("draw", "values"), DRAWS, ids=lambda x: getattr(x, "__name__", ""))
def test_each_shows_a_sentence_and_a_picture_with_it_and_the_same_again(draw, values) -> None:
    said, page = shown(draw, *values)
    assert f'alt="{said}"' in page.replace("&#x27;", "'")
    assert "nan" not in said
    assert shown(draw, *values) == (said, page)


def test_few_answers_spread_more_and_around_the_truth() -> None:
    few, many = simulations.sample_nps(20), simulations.sample_nps(2000)
    for spread in (few, many):
        assert spread.found.mean() == pytest.approx(spread.truth, abs=1.5)
    width = [high - low for low, high in (few.middle, many.middle)]
    assert 8 < width[0] / width[1] < 12  # the root of a hundred, within the steps of twenty answers


def test_silence_by_chance_is_harmless_and_by_satisfaction_is_not() -> None:
    fair, tilted = simulations.silence(0.0), simulations.silence(0.4)
    assert fair.heard == pytest.approx(fair.everyone, abs=4)
    assert tilted.everyone == fair.everyone
    assert tilted.heard > fair.everyone + 30
    assert "nobody knows it" in shown(seeing.non_response, 0.4)[0]


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
def test_what_is_shared_grows_with_the_correlation_and_the_slope_stays(correlation: float) -> None:
    split = simulations.split_of_service(correlation)
    # Two equal slopes: alone ((1 + r)² of 2 + 2r), beside the other (1 − r²), and half by Shapley.
    assert split.total == pytest.approx((1 + correlation) / 2)
    assert split.unique == pytest.approx((1 - correlation) / 2)
    assert split.shapley == pytest.approx(0.5)
    assert simulations.slopes_of_service(correlation).found.mean() == pytest.approx(1, abs=0.05)


def test_collinear_slopes_spread_as_theory_has_it() -> None:
    found = simulations.slopes_of_service(0.9).found
    assert found.std() == pytest.approx(1.5 / np.sqrt(300 * (1 - 0.9**2)), rel=0.1)


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_studies_find_the_share_that_was_put_in(share: float) -> None:
    spread = simulations.shares_found(share)
    assert spread.found.mean() == pytest.approx(share, abs=0.02)
    low, high = spread.middle
    assert low < share < high


def test_mood_makes_a_slope_where_service_has_none() -> None:
    assert simulations.slopes_with_mood(0.5, 0.0).found.mean() == pytest.approx(0.5, abs=0.01)
    assert simulations.slopes_with_mood(0.0, 0.5).found.mean() == pytest.approx(0.4, abs=0.01)
    assert "too much" in shown(seeing.reverse_causation, 0.0, 0.5)[0]
    assert "the truth." in shown(seeing.reverse_causation, 0.5, 0.0)[0]


def test_a_target_shortens_contacts_and_lengthens_matters() -> None:
    free, strict = simulations.handle_time_target(None), simulations.handle_time_target(4)
    assert free.first_contact_resolution == free.contacts_per_issue == 1
    assert strict.handle_minutes < free.handle_minutes
    assert strict.minutes_per_issue > free.minutes_per_issue
    assert strict.minutes_per_issue == pytest.approx(
        strict.handle_minutes * strict.contacts_per_issue
    )
    said = shown(seeing.handle_time_target, (8, 4))[0]
    assert re.search(rf"takes {strict.minutes_per_issue:.1f} minutes in all", said)


def test_a_slider_draws_anew_and_needs_two_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    controls = {}
    monkeypatch.setattr(ipywidgets, "interact", lambda draw, **found: controls.update(found))
    seeing.slide(seeing.sample_size, answers=[20, 100])
    assert list(controls["answers"].options) == [20, 100]
    with pytest.raises(LessonError, match="two values or more"):
        seeing.slide(seeing.sample_size, answers=[20])
