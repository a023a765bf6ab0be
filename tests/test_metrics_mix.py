from dataclasses import replace

import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxanalysis.config import StudyConfig
from cxanalysis.errors import ReportError
from cxanalysis.metrics import experience_metrics, mix_within
from cxanalysis.metrics.mix import CSAT_SCORES, NPS_SCORES, segments_of, split_change
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, study_of

EXACT = 1e-9  # sums of a handful of numbers
SIMULATED = 0.02  # three standard errors of .95 over 1,000 runs

COUNTS = st.lists(
    st.tuples(*[st.integers(0, 40)] * 6).filter(lambda cells: sum(cells) > 0),
    min_size=2,
    max_size=6,
).filter(lambda rows: all(sum(sum(row[i : i + 3]) for row in rows) > 0 for i in (0, 3)))


def study(rows: list[tuple[str, float, str]], **metrics: int) -> Study:
    frame = pd.DataFrame(rows, columns=["responded_at", "nps", "plan"])
    frame["responded_at"] = pd.to_datetime(frame["responded_at"], utc=True)
    content = {"name": "Test", "tables": {}, "metrics": {"min_base": 2} | metrics}
    base = study_of(StudyConfig.model_validate(content), {"surveys": frame})
    return Study(base.path, base.config, base.engine, base.tables, parse_period("2026-02"))


def answers(month: int, plan: str, promoters: int, passives: int, detractors: int):
    scores = [10] * promoters + [7] * passives + [2] * detractors
    return [(f"2026-0{month}-10", score, plan) for score in scores]


def parts(frame: pd.DataFrame, segment: str = "") -> pd.Series:
    chosen = frame[(frame["metric"] == "nps") & (frame["segment"] == segment)]
    return chosen.set_index("part")["estimate"]


def test_a_change_of_mix_alone_has_nothing_within():
    # A scores 100 and B −100 in both periods; A grows from 2 of 4 to 3 of 4.
    before = answers(1, "A", 2, 0, 0) + answers(1, "B", 0, 0, 2)
    now = answers(2, "A", 6, 0, 0) + answers(2, "B", 0, 0, 2)
    result = mix_within(study(before + now), "plan")
    assert parts(result).to_dict() == pytest.approx(
        {"change": 50, "mix": 50, "within": 0}, abs=EXACT
    )
    # Reference (0 + 50) / 2 = 25: A pulls up by ¼ · 75, B, which shrank, by −¼ · −125.
    assert parts(result, "A")["mix"] == pytest.approx(18.75, abs=EXACT)
    assert parts(result, "B")["mix"] == pytest.approx(31.25, abs=EXACT)


def test_the_weights_of_both_periods_are_averaged():
    # A: 2 of 4 then 6 of 8; its score goes from 0 to 100. B stays at −100.
    before = answers(1, "A", 1, 0, 1) + answers(1, "B", 0, 0, 2)
    now = answers(2, "A", 6, 0, 0) + answers(2, "B", 0, 0, 2)
    result = parts(mix_within(study(before + now), "plan"), "A")
    assert result["within"] == pytest.approx((0.5 + 0.75) / 2 * 100, abs=EXACT)
    # ȳ = 50, reference = (−50 + 50) / 2 = 0
    assert result["mix"] == pytest.approx(0.25 * 50, abs=EXACT)


def test_new_and_vanished_segments_are_rows_of_their_own():
    before = answers(1, "A", 2, 2, 0) + answers(1, "old", 0, 0, 4)
    now = answers(2, "A", 2, 2, 0) + answers(2, "new", 4, 0, 0)
    result = mix_within(study(before + now), "plan")
    rows = result[result["metric"] == "nps"].set_index("part")
    assert (rows.loc["new", "segment"], rows.loc["gone", "segment"]) == ("new", "old")
    assert (rows.loc["new", "n"], rows.loc["new", "n_previous"]) == (4, 0)
    # Scores: −25, then 75; reference 25. New: ½ · (100 − 25). Gone: −½ · (−100 − 25).
    assert rows.loc["new", "estimate"] == pytest.approx(37.5, abs=EXACT)
    assert rows.loc["gone", "estimate"] == pytest.approx(62.5, abs=EXACT)
    assert parts(result)["change"] == pytest.approx(100, abs=EXACT)


def test_small_segments_are_taken_together_and_the_sum_stays_exact():
    before = answers(1, "A", 3, 2, 1) + answers(1, "b", 1, 0, 0) + answers(1, "c", 0, 0, 2)
    now = answers(2, "A", 4, 0, 0) + answers(2, "b", 2, 0, 2) + answers(2, "c", 0, 1, 0)
    narrow = study(before + now, min_base=3)
    result = mix_within(narrow, "plan")
    assert set(result["segment"]) == {"", "A", "others, fewer than 3 each"}
    rows = result[(result["metric"] == "nps") & (result["segment"] != "")]
    previous = Study(
        narrow.path, narrow.config, narrow.engine, narrow.tables, parse_period("2026-01")
    )
    scores = [experience_metrics(each)["value"][0] for each in (narrow, previous)]
    assert rows["estimate"].sum() == pytest.approx(scores[0] - scores[1], abs=EXACT)


def test_what_cannot_be_split_says_why():
    rows = answers(1, "A", 2, 0, 0) + answers(2, "A", 2, 0, 0)
    notes = mix_within(study(rows), "plan").set_index("metric")["note"]
    assert notes.to_dict() == {
        "nps": "withheld: no 2 segments of 2",
        "csat": "needs surveys.csat",
    }
    assert mix_within(study(rows, min_base=5), "plan")["note"][0] == "withheld: fewer than 5"
    base = study(rows)
    everything = Study(base.path, base.config, base.engine, base.tables)
    assert set(mix_within(everything, "plan")["note"]) == {"needs a period"}
    assert mix_within(study(rows[:2]), "plan")["note"][0] == "nothing to count"
    assert mix_within(study(rows[2:]), "plan")["note"][0] == "nothing in the period before"
    with pytest.raises(ReportError, match="no column 'plam' to group by"):
        mix_within(base, "plam")


def test_segments_are_texts_of_the_customers_with_few_values():
    base = study(answers(1, "A", 1, 0, 0) + answers(2, "B", 1, 0, 0))
    assert segments_of(base) == ("plan",)
    assert segments_of(base.among("plan=A")) == ()
    customers = pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(20)],
            "region": ["north", "south"] * 10,
            "street": [f"street {i}" for i in range(20)],
            "country": "DE",
            "value": 1.0,
        }
    )
    surveys = base.tables["surveys"].with_columns(customer_id=nw.lit("c1"))
    tables = {"surveys": surveys, "customers": base.engine.register(customers)}
    assert segments_of(replace(base, tables=tables)) == ("region",)


@given(COUNTS)
def test_parts_add_up_to_the_change(rows):
    cells = np.array(rows, float)
    now, before = cells[:, :3], cells[:, 3:]
    split = split_change(now, before, NPS_SCORES)
    scores = [c.sum(axis=0) @ np.array(NPS_SCORES) / c.sum() for c in (now, before)]
    added = split.mix.sum() + split.within.sum() + split.alone.sum()
    assert added == pytest.approx(scores[0] - scores[1], abs=1e-7)
    assert split.totals[2] == pytest.approx(scores[0] - scores[1], abs=1e-7)


@given(COUNTS)
def test_exchanging_the_periods_turns_every_sign_and_keeps_every_error(rows):
    cells = np.array(rows, float)
    there = split_change(cells[:, :3], cells[:, 3:], NPS_SCORES)
    back = split_change(cells[:, 3:], cells[:, :3], NPS_SCORES)
    for part in ("mix", "within", "alone", "totals"):
        assert getattr(there, part) == pytest.approx(-getattr(back, part), abs=1e-7)
        errors = getattr(there, f"{part}_error"), getattr(back, f"{part}_error")
        assert errors[0] == pytest.approx(errors[1], abs=1e-7)


def test_the_error_of_the_whole_change_is_that_of_two_independent_means():
    now, before = np.array([[5, 15], [10, 10.0]]), np.array([[8, 8], [20, 4.0]])
    p, q = 25 / 40, 12 / 40
    expected = np.sqrt(p * (1 - p) / 40 + q * (1 - q) / 40)
    assert split_change(now, before, CSAT_SCORES).totals_error[2] == pytest.approx(expected)


def test_intervals_of_mix_and_within_cover_their_truth():
    random = np.random.default_rng(5)
    shares = np.array([[0.4, 0.35, 0.25], [0.25, 0.35, 0.4]])
    kinds = np.array([[[0.2, 0.3, 0.5]] * 3, [[0.2, 0.3, 0.5], [0.3, 0.3, 0.4], [0.4, 0.3, 0.3]]])
    kinds[0, 2] = [0.5, 0.3, 0.2]
    cells = shares[:, :, None] * kinds
    truth = split_change(1e6 * cells[0], 1e6 * cells[1], NPS_SCORES)
    held = []
    for _ in range(1000):
        now, before = (random.multinomial(300, each.ravel()).reshape(3, 3) for each in cells)
        split = split_change(now, before, NPS_SCORES)
        held.append(np.abs(split.totals - truth.totals) <= 1.959964 * split.totals_error)
    assert np.mean(held, axis=0) == pytest.approx([0.95] * 3, abs=SIMULATED)
