"""Benchmarks are compared with one's own figures, quoted figures only stand beside them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from findings_of_others import FINDINGS, PAYS
from matplotlib.text import Text

from cxanalysis.config import StudyConfig
from cxanalysis.errors import StudyError
from cxanalysis.findings.others import OthersFinding, find_others
from cxanalysis.metrics.intervals import difference_interval, wilson
from cxanalysis.metrics.others import CLAIMS, benchmark_gaps, quoted_figures
from cxanalysis.narrative import describe
from cxanalysis.plots import plot
from cxanalysis.study import Study, study_of

EXACT = 1e-9

# Ten answers: seven promoters, one passive, two detractors; six satisfied; four would pay more.
ANSWERS = pd.DataFrame(
    {
        "customer_id": [str(n) for n in range(10)],
        "responded_at": pd.to_datetime(["2026-01-05"] * 10, utc=True),
        "nps": [10] * 7 + [7] + [0] * 2,
        "csat": [5.0] * 6 + [2.0] * 4,
        "pays": ["yes"] * 4 + ["no"] * 5 + [None],
        "waits": [5.0, 4.0, 3.0, 2.0] + [None] * 6,
    }
)


def study(**config: Any) -> Study:
    content = {"name": "Test", "tables": {}, "metrics": {"min_base": 2}} | config
    return study_of(StudyConfig.model_validate(content), {"surveys": ANSWERS})


def benchmark(**given: Any) -> dict[str, Any]:
    return {"metric": "csat", "value": 0.2, "source": "a report"} | given


def test_a_share_stands_beside_a_benchmark_with_newcombes_interval() -> None:
    row = benchmark_gaps(study(benchmarks=[benchmark(n=50)])).iloc[0]
    expected = difference_interval(0.6, wilson(6, 10), 0.2, wilson(10, 50))
    assert row["difference"] == pytest.approx(0.4, abs=EXACT)
    assert row["difference_low"] == pytest.approx(float(expected.low), abs=EXACT)
    assert row["word"] == "above"


def test_a_benchmark_without_its_answers_counts_as_known() -> None:
    known, unsure = (benchmark_gaps(study(benchmarks=[benchmark(n=n)])).iloc[0] for n in (None, 20))
    assert known["difference_low"] == pytest.approx(known["conf_low"] - 0.2, abs=EXACT)
    assert unsure["difference_low"] < known["difference_low"]
    assert pd.isna(known["n_benchmark"]) and unsure["n_benchmark"] == 20
    assert find_others(study(benchmarks=[benchmark(n=None)])).gaps[0].n_benchmark == 0


def test_an_nps_of_others_varies_as_much_as_its_value_allows() -> None:
    row = benchmark_gaps(study(benchmarks=[benchmark(metric="nps", value=50, n=100)])).iloc[0]
    reach = 100 * 1.959963985 * (0.75 / 100) ** 0.5  # no passives: variance 1 − .5²
    low = row["value"] - row["conf_low"]
    assert row["difference_low"] == pytest.approx(-((reach**2 + low**2) ** 0.5), abs=1e-6)
    assert row["word"] == "not told apart"


def test_several_benchmarks_share_one_chance_of_a_false_alarm() -> None:
    table = benchmark_gaps(study(benchmarks=[benchmark(), benchmark(value=0.55)]))
    assert (table["p_adjusted"] >= table["p_value"]).all()
    assert table["p_adjusted"].iloc[0] == pytest.approx(2 * table["p_value"].iloc[0])


def test_a_figure_that_the_study_cannot_give_is_not_compared() -> None:
    row = benchmark_gaps(study(benchmarks=[benchmark(metric="abandonment")])).iloc[0]
    assert row["word"] == "no comparison"
    assert row["note"].startswith("needs")


def test_a_benchmark_of_no_figure_is_refused_with_the_closest() -> None:
    with pytest.raises(StudyError, match=r"no figure 'npss'\. Did you mean 'nps'"):
        benchmark_gaps(study(benchmarks=[benchmark(metric="npss")]))


def test_a_quoted_figure_stands_beside_the_share_that_agrees() -> None:
    own = {"column": "pays", "wording": "I would pay more", "agree": ["yes"]}
    row = quoted_figures(study(quoted={"pays_more": own})).iloc[0]
    assert (row["low"], row["value"], row["n"]) == (0.55, pytest.approx(4 / 9), 9)
    assert row["conf_low"] == pytest.approx(float(wilson(4, 9).low), abs=EXACT)
    assert not {"p_value", "difference"} & set(quoted_figures(study()).columns)


def test_agreement_may_be_a_score_from_which_on_it_counts() -> None:
    own = {"column": "waits", "wording": "Waiting frustrates me", "agree_from": 4}
    row = quoted_figures(study(quoted={"waiting_frustrates": own})).iloc[0]
    assert (row["value"], row["n"]) == (0.5, 4)


def test_a_text_cannot_agree_from_a_score_on() -> None:
    own = {"column": "pays", "wording": "I would pay more", "agree_from": 4}
    with pytest.raises(StudyError, match=r"surveys\.pays holds texts.*agree ="):
        quoted_figures(study(quoted={"pays_more": own}))


def test_a_question_that_is_not_there_says_what_it_needs() -> None:
    own = {"column": "gone", "wording": "I would pay more", "agree": ["yes"]}
    row = quoted_figures(study(quoted={"pays_more": own})).iloc[0]
    assert row["note"] == "needs surveys.gone and surveys.responded_at"


def test_without_a_question_of_ones_own_no_quoted_figure_is_shown() -> None:
    assert quoted_figures(study()).empty
    assert all(claim.item for claim in CLAIMS[:2])
    assert not any(claim.item for claim in CLAIMS[2:])


def test_a_study_provides_others_only_where_its_file_names_some() -> None:
    assert "others" not in study().provides()
    assert "others" in study(benchmarks=[benchmark()]).provides()


def test_quoted_figures_are_marked_as_quoted_and_never_tested() -> None:
    text = " ".join(describe(OthersFinding("October 2026", 30, (), (PAYS,))))
    assert "Quoted: 55%" in text
    assert "significant" not in text
    assert "nothing is tested" in text


def test_the_picture_marks_own_figure_and_benchmark() -> None:
    figure = plot(FINDINGS["others"])
    assert figure is not None
    drawn = [text.get_text() for text in figure.findobj(Text)]
    assert "61%; 70%" in drawn
    assert "8%; 6%" in drawn


def test_one_share_alone_has_no_picture() -> None:
    assert plot(find_others(study(benchmarks=[benchmark(n=50)]))) is None
