"""The silent customers' section: who answers, figures under weights, and what stays open."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from findings_by_hand import NO_INVITATIONS, SILENT, WEIGHTED_SILENT
from findings_of_silence import ALIKE, KNOWN
from matplotlib.axes import Axes
from matplotlib.text import Text
from silent_company import silent_company

from cxanalysis.drivers import fit_drivers, share_sensitivity
from cxanalysis.features import build_features
from cxanalysis.findings import find_silent
from cxanalysis.findings.core import UNKNOWN, Estimate
from cxanalysis.findings.silent import SilentFinding, _curve
from cxanalysis.narrative import describe, tabulate
from cxanalysis.plots import plot


@pytest.fixture(scope="module")
def found() -> SilentFinding:
    study = silent_company(1500, by_satisfaction=0.0).study(replicates=200)
    features = build_features(study)
    features["late"] = features["contacts"] + features["nps"].rank() % 7
    blocks = {"service": {"help": ["contacted"]}, "journey": {"use": ["late"]}}
    fit = fit_drivers(features, "overall_satisfaction", blocks, replicates=200)
    return find_silent(study, fit)


def test_the_clearest_trait_of_each_question_is_found(found: SilentFinding) -> None:
    asked, answered = found.leanings
    assert (asked.question, asked.trait, asked.level) == ("invited", "region", "south")
    assert (answered.question, answered.trait, answered.reference) == (
        "answered",
        "region",
        "north",
    )
    assert answered.odds.high < 1
    assert answered.rate < answered.reference_rate


def test_figures_under_weights_stand_beside_the_raw_one(found: SilentFinding) -> None:
    kinds = [(each.metric, each.weighting) for each in found.weighted]
    assert kinds == [
        ("nps", "raked"),
        ("nps", "propensity"),
        ("csat", "raked"),
        ("csat", "propensity"),
    ]
    assert all(each.figure.high < found.nps.low for each in found.weighted[:2])
    assert found.csat_low < found.csat.value < found.csat_high
    assert found.share_curve is not None
    assert found.share_curve.low <= found.share_curve.share <= found.share_curve.high


def test_each_end_of_the_curve_belongs_to_whom_was_silent() -> None:
    frame = pd.DataFrame(np.random.default_rng(2).normal(size=(200, 3)), columns=["a", "b", "y"])
    frame["y"] += frame["a"] + frame["b"].clip(0)
    fit = fit_drivers(frame, "y", {"service": {"s": ["a"]}, "journey": {"j": ["b"]}})
    curve, table = _curve(fit), share_sensitivity(fit).set_index("gamma")["share"]
    assert curve is not None
    assert (curve.less, curve.more) == (table.loc[-0.5], table.loc[0.5])
    assert curve.less != curve.more


def test_a_curve_that_bends_says_how_far_it_goes() -> None:
    curve = WEIGHTED_SILENT.share_curve
    assert curve is not None
    bent = replace(WEIGHTED_SILENT, share_curve=replace(curve, low=0.11))
    assert "under weaker leanings it lies between 11% and 32%" in " ".join(describe(bent))


def test_without_a_model_nothing_is_said_of_its_share() -> None:
    assert "share of what our model" in " ".join(describe(WEIGHTED_SILENT))
    assert "model" not in " ".join(describe(replace(WEIGHTED_SILENT, share_curve=None)))


def test_a_study_without_invitations_claims_no_bounds_and_says_so() -> None:
    text = " ".join(describe(NO_INVITATIONS))
    assert "cannot be told apart" in text
    assert "lies between" not in text


def test_every_nps_is_drawn_with_its_figures_and_the_bounds_without_a_dot() -> None:
    figure = plot(WEIGHTED_SILENT)
    assert figure is not None
    rows = figure.findobj(Axes)[1]
    lines = [tuple(map(float, line.get_xdata())) for line in rows.lines]
    for estimate in (SILENT.nps, *(each.figure for each in WEIGHTED_SILENT.weighted[:2])):
        assert (estimate.low, estimate.high) in lines
        assert (estimate.value,) in lines
    assert (SILENT.nps_low, SILENT.nps_high) in lines
    labels = [text.get_text() for text in figure.findobj(Text)]
    assert {"+31 (+27 to +35)", "+27 (+23 to +31)", "−62 to +80"} <= set(labels)


def test_an_nps_alone_needs_no_second_drawing() -> None:
    alone = replace(SILENT, nps_low=float("nan"), nps_high=float("nan"))
    figure = plot(alone)
    assert figure is not None
    assert len(figure.findobj(Axes)) == 1


def test_who_the_silent_are_is_found_beside_the_heard() -> None:
    company = silent_company(1500, by_satisfaction=0.0)
    last = pd.Series(pd.NaT, index=company.frames["customers"].index, dtype="datetime64[ns, UTC]")
    last[:90] = pd.Timestamp("2026-10-20", tz="UTC")
    company.frames["customers"]["active_to"] = last
    who = find_silent(company.study()).who
    assert [trait.group for trait in who.traits] == ["neither", "answer only"]
    assert sum(trait.value_share.value for trait in who.traits) == pytest.approx(1)
    (worth,) = who.contrasts  # values are drawn alike for everyone, and nothing else is on record
    assert worth.metric == "value_mean"
    assert not worth.clear
    assert worth.difference.low < worth.silent.value - worth.heard.value < worth.difference.high
    assert who.n_lost == 0  # tickets and answers do not reach back far enough


def test_words_claim_only_differences_beyond_chance() -> None:
    text = " ".join(describe(KNOWN))
    assert "differ from those who were heard in average value" in text
    assert "In promises kept (79% against 76%; +3 points, −1 to +7) no clear difference" in text
    assert "a difference of +0.9 points" in text
    alike = " ".join(describe(ALIKE))
    assert "do not clearly differ from those who were heard in promises kept" in alike
    assert "2.2% (1.7% to 2.8%), no clear difference" in alike
    assert "who left," not in alike
    gap = replace(ALIKE.who.contrasts[0], difference=Estimate(0.03, 0.01, 0.07))
    lost = replace(ALIKE.who.contrasts[-1], difference=Estimate(0.009, 0.001, 0.017))
    pair = replace(ALIKE.who, contrasts=(gap, lost))
    watched = " ".join(describe(replace(ALIKE, who=pair)))
    assert "In promises kept (79% against 76%; +3 points, +1 to +7) they would differ" in watched
    assert "if that were watched alone, not among two." in watched
    assert "+0.9 points (+0.1 to +1.7) if it were watched alone, not among two." in watched
    assert "no clear difference" not in watched
    assert "do not clearly differ" not in watched


def test_where_nobody_left_or_nobody_was_heard_nothing_is_compared() -> None:
    none = Estimate(0.0, 0.0, 0.01)
    nobody = replace(KNOWN.who.contrasts[3], silent=none, heard=none)
    trait = replace(KNOWN.who.traits[0], value_share=Estimate(1.0, 1.0, 1.0))
    who = replace(KNOWN.who, traits=(trait,), contrasts=(nobody,), lost_without_ticket=UNKNOWN)
    text = " ".join(describe(replace(KNOWN, who=who)))
    assert "then left" not in text
    assert "The silent hold" not in text


def test_columns_without_a_figure_are_left_out_of_the_table() -> None:
    full, some = tabulate(KNOWN), tabulate(ALIKE)
    assert full is not None
    assert some is not None
    assert list(full.columns[3:]) == [
        "average value",
        "median value",
        "of all value",
        "average rating",
        "promises kept",
    ]
    assert list(some.columns[3:]) == ["of all value", "average rating", "promises kept"]
    assert some.iloc[2]["promises kept"] == "–"


def test_those_who_left_stand_beside_those_who_stayed() -> None:
    text = " ".join(describe(KNOWN))
    assert "of 8,790 who stayed it is 86.0% (85.2% to 86.7%)" in text
    alone = replace(KNOWN, who=replace(KNOWN.who, kept_without_ticket=UNKNOWN))
    assert "how many of those who stayed had not is not known" in " ".join(describe(alone))
