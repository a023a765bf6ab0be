from math import sqrt

import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

from cxanalysis.config import StudyConfig
from cxanalysis.metrics import change, scorecard
from cxanalysis.metrics.figures import Definition, Figure, mean, nps, share, tidy, tidy_row
from cxanalysis.metrics.intervals import nps_difference
from cxanalysis.metrics.scorecard import EIGHT
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, study_of

EXACT = 1e-9  # the same formula by another way


def table(unit: str, *figures: Figure, by: str | None = None) -> pd.DataFrame:
    rows = []
    for number, figure in enumerate(figures):
        metric = "m" if by else f"m{number}"
        group = {by: f"g{number}"} if by else {}
        rows.append(group | tidy_row(Definition(metric, "M", unit, ""), figure, min_base=2))
    return tidy(rows, by)


def compare(unit: str, now: Figure, before: Figure) -> pd.Series:
    return change(table(unit, now), table(unit, before)).iloc[0]


def test_shares_are_compared_by_newcombes_interval():
    result = compare("share", share(56, 70), share(48, 80))
    expected = confint_proportions_2indep(56, 70, 48, 80, method="newcomb")
    assert (result["conf_low"], result["conf_high"]) == pytest.approx(expected, abs=EXACT)
    assert result["difference"] == pytest.approx(0.2, abs=EXACT)
    assert (result["previous"], result["n_previous"]) == (pytest.approx(0.6), 80)
    assert result["word"] == "up"


def test_nps_is_compared_by_the_adjusted_standard_errors():
    # Variance (p + d − (p − d)²) / n with 3 more answers, ¾ of each kind.
    def error(promoters: int, detractors: int, n: int) -> float:
        p, d = (promoters + 0.75) / (n + 3), (detractors + 0.75) / (n + 3)
        return 100 * sqrt((p + d - (p - d) ** 2) / (n + 3))

    result = compare("points", nps(36, 21, 100), nps(60, 10, 120))
    together = np.hypot(error(36, 21, 100), error(60, 10, 120))
    assert result["difference"] == pytest.approx(15 - 100 * 50 / 120, abs=EXACT)
    adjusted = 100 * (15 / 103 - 50 / 123)
    expected = 2 * stats.norm.sf(abs(adjusted) / together)
    assert result["p_value"] == pytest.approx(expected, rel=1e-6)
    assert result["word"] == "down"


@pytest.mark.parametrize(
    "counts",
    [((36, 21, 100), (60, 10, 120)), ((30, 0, 30), (0, 30, 30)), ((2, 0, 2), (0, 0, 2))],
    ids=["both inside", "each cut at one end", "two answers"],
)
def test_nps_is_compared_the_same_way_from_figures_and_from_counts(counts):
    now, before = counts
    result = compare("points", nps(*now), nps(*before))
    low, high, p_value = nps_difference(now, before)
    limits = result["conf_low"], result["conf_high"]
    assert limits == pytest.approx((100 * low, 100 * high), abs=100 * EXACT)
    assert result["p_value"] == pytest.approx(p_value, rel=1e-6)


def test_an_nps_limit_cut_at_100_does_not_narrow_the_comparison():
    result = compare("points", nps(30, 0, 30), nps(30, 0, 30))
    # se = 100 · √((p + d − (p − d)²) / 33) with p = 30.75 / 33 and d = .75 / 33
    p, d = 30.75 / 33, 0.75 / 33
    reach = stats.norm.ppf(0.975) * 100 * sqrt(2 * (p + d - (p - d) ** 2) / 33)
    assert result["conf_high"] == pytest.approx(reach, abs=EXACT * 100)
    assert result["word"] == "no clear change"


def test_means_are_compared_by_welch():
    random = np.random.default_rng(3)
    now, before = random.normal(5, 1, 40), random.normal(4.2, 2, 25)
    result = compare(
        "score",
        mean(now.mean(), now.std(ddof=1), 40),
        mean(before.mean(), before.std(ddof=1), 25),
    )
    welch = stats.ttest_ind(now, before, equal_var=False)
    assert result["p_value"] == pytest.approx(welch.pvalue, rel=1e-6)
    limits = welch.confidence_interval()
    assert (result["conf_low"], result["conf_high"]) == pytest.approx((limits.low, limits.high))


def test_means_without_any_spread_are_compared_as_they_stand():
    same = compare("score", mean(4, 0, 40), mean(4, 0, 40))
    other = compare("score", mean(4, 0, 40), mean(3, 0, 40))
    assert (same["word"], other["word"]) == ("no clear change", "up")


def test_medians_are_compared_through_their_own_intervals():
    # Differences: 6 − 4 = 2, −√(1² + 1.5²) below and +√(2² + 0.5²) above.
    result = compare("hours", Figure(6, 5, 8, 50), Figure(4, 3.5, 5.5, 50))
    assert result["conf_low"] == pytest.approx(2 - sqrt(3.25), abs=EXACT)
    assert result["conf_high"] == pytest.approx(2 + sqrt(4.25), abs=EXACT)
    # The interval excludes 0, so p is below .05.
    assert result["p_value"] < 0.05
    assert result["word"] == "up"


def test_the_interval_and_the_p_value_of_a_share_agree():
    counts = range(20, 60)
    now = table("share", *[share(count, 80) for count in counts])
    result = change(now, table("share", *[share(40, 80)] * len(counts)))
    excludes_zero = (result["conf_low"] > 0) | (result["conf_high"] < 0)
    assert list(excludes_zero) == list(result["p_value"] < 0.05)
    assert 0 < excludes_zero.sum() < len(counts)


def test_holm_takes_back_a_word_that_stands_alone_among_many():
    # Alone p is about .03; among ten figures without any change Holm multiplies it by ten.
    alone = compare("share", share(60, 100), share(45, 100))
    assert alone["word"] == "up"
    still = [share(50, 100)] * 9
    many = change(table("share", share(60, 100), *still), table("share", share(45, 100), *still))
    assert many["p_value"].iloc[0] == pytest.approx(alone["p_value"])
    assert many["p_adjusted"].iloc[0] == pytest.approx(10 * alone["p_value"])
    assert set(many["word"]) == {"no clear change"}


def test_holm_asks_less_of_each_further_figure():
    now = table("share", share(75, 100), share(60, 100), share(52, 100))
    result = change(now, table("share", *[share(45, 100)] * 3))
    steps = [3, 2, 1] * result["p_value"]  # smallest times three, next times two, last as it is
    assert list(result["p_adjusted"]) == pytest.approx(list(np.maximum.accumulate(steps)))


def test_a_figure_that_is_withheld_or_new_has_no_comparison():
    result = change(table("share", share(1, 1), share(50, 100)), table("share", share(50, 100)))
    assert list(result["word"]) == ["no comparison", "no comparison"]
    assert result["difference"].isna().all()
    assert list(result["n_previous"]) == [100, 0]


def test_groups_are_compared_each_with_itself():
    now = table("share", share(90, 100), share(10, 100), by="channel")
    before = table("share", share(10, 100), share(90, 100), by="channel")
    result = change(now, before)
    assert list(result.columns[:2]) == ["channel", "metric"]
    assert list(result["word"]) == ["up", "down"]


# --- the scorecard -------------------------------------------------------------------------


def company(period: str) -> Study:
    """Forty answers in January, all detractors, and forty in February, all promoters."""
    moments = ["2026-01-10"] * 40 + ["2026-02-10"] * 40
    surveys = pd.DataFrame(
        {"responded_at": pd.to_datetime(moments, utc=True), "nps": [2] * 40 + [10] * 40}
    )
    tickets = pd.DataFrame(
        {"opened_at": pd.to_datetime(moments, utc=True), "abandoned": [True, False] * 40}
    )
    config = StudyConfig.model_validate({"name": "Test", "tables": {}})
    base = study_of(config, {"surveys": surveys, "tickets": tickets})
    return Study(base.path, base.config, base.engine, base.tables, parse_period(period))


def test_the_scorecard_leads_with_the_eight_and_keeps_what_is_missing():
    result = scorecard(company("2026-02"))
    assert tuple(result["metric"][:8]) == EIGHT
    assert set(result["metric"][8:]) == {
        "overall_satisfaction",
        "response_rate",
        "contact_csat",
        "sla_met",
        "reopened",
    }
    notes = result.set_index("metric")["note"]
    assert notes["promises_kept"] == "needs journeys"


def test_ratings_of_contacts_stand_in_for_csat_where_surveys_do_not_ask():
    study = company("2026-02")
    rated = study.tables["tickets"].with_columns(csat=nw.lit(5))
    tables = {**study.tables, "tickets": rated}
    result = scorecard(Study(study.path, study.config, study.engine, tables, study.period))
    assert result["metric"][1] == "contact_csat"
    assert result["value"][1] == 1
    assert "csat" not in set(result["metric"])


def test_the_scorecard_compares_with_the_period_before():
    result = scorecard(company("2026-02")).set_index("metric")
    assert result.loc["nps", ["value", "previous", "difference"]].tolist() == [100, -100, 200]
    assert result.loc["nps", "word"] == "up"
    assert result.loc["abandonment", "word"] == "no clear change"
    assert result.loc["csat", "word"] == "no comparison"


def test_the_first_period_and_the_whole_have_nothing_to_be_compared_with():
    for period in ("2026-01", "all"):
        result = scorecard(company(period)).set_index("metric")
        assert not np.isnan(result.loc["nps", "value"])
        assert set(result["word"]) == {"no comparison"}
