"""The team's aims: links and conflicts counted by hand, and what the picture draws."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from findings_of_aims import AIMS, FASTER, RESOLVED, WAIT
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from scipy.stats import spearmanr

from cxanalysis.config import StudyConfig
from cxanalysis.drivers.aims import kpi_alignment
from cxanalysis.findings import find_aims
from cxanalysis.findings.core import UNKNOWN
from cxanalysis.metrics import aim_conflicts
from cxanalysis.metrics.service_aims import aims_of
from cxanalysis.narrative import describe, tabulate
from cxanalysis.plots import plot
from cxanalysis.plots.theme import JOURNEY, SERVICE, SHARED
from cxanalysis.study import Study, study_of

EXACT = 1e-9  # sums of a handful of numbers; drawn values are the finding's own
START = pd.Timestamp("2026-01-01", tz="UTC")
HOUR = pd.Timedelta(hours=1)


def study(
    tickets: pd.DataFrame,
    aims: dict[str, str] | None = None,
    surveys: pd.DataFrame | None = None,
    journeys: pd.DataFrame | None = None,
    **metrics: object,
) -> Study:
    settings = {
        "name": "Test",
        "tables": {},
        "service": {"aims": aims or {}},
        "metrics": {"min_base": 4} | metrics,
    }
    frames = {"tickets": tickets, "surveys": surveys, "journeys": journeys}
    given = {name: frame for name, frame in frames.items() if frame is not None}
    return study_of(StudyConfig.model_validate(settings), given)


def contacts(**columns: Any) -> pd.DataFrame:
    """One contact per customer, an hour apart."""
    n = len(next(iter(columns.values())))
    opened = START + np.arange(n) * HOUR
    who = [f"c{i}" for i in range(n)]
    return pd.DataFrame({"customer_id": who, "opened_at": opened} | columns)


# --- conflicts -----------------------------------------------------------------------------


def test_link_of_two_aims_is_the_rank_correlation() -> None:
    generator = np.random.default_rng(8)
    talk = generator.gamma(2, 200, 300)
    csat = np.clip(np.round(3 + (talk - 400) / 300 + generator.normal(0, 1, 300)), 1, 5)
    row = aim_conflicts(study(contacts(talk_seconds=talk, csat=csat)))
    row = row.set_index(["metric", "other"]).loc[("handle_minutes", "contact_csat")]
    expected = spearmanr(talk, csat).statistic
    assert row["correlation"] == pytest.approx(expected, abs=EXACT)
    assert row["n"] == row["customers"] == 300
    assert row["conf_low"] < expected < row["conf_high"]
    assert row["word"] == "conflict"  # shorter is asked for, and longer goes with a better rating


def test_same_link_is_no_conflict_where_the_other_way_is_asked_for() -> None:
    talk = np.arange(1.0, 201)
    csat = np.repeat([1.0, 2, 3, 4, 5], 40)
    csat[::7] = 3  # no perfect order, of which no interval could be made
    asked = study(contacts(talk_seconds=talk, csat=csat), {"handle_minutes": "higher"})
    row = aim_conflicts(asked).set_index(["metric", "other"])
    assert row.loc[("handle_minutes", "contact_csat"), "word"] == "together"


def test_channels_that_differ_in_both_make_no_link() -> None:
    generator = np.random.default_rng(2)
    slow = np.repeat([0.0, 1.0], 200)
    talk, csat = 100 + 500 * slow + generator.random(400), 1 + 3 * slow
    csat = csat + (generator.random(400) < 0.5)
    table = contacts(talk_seconds=talk, csat=csat, channel=np.where(slow == 1, "chat", "phone"))
    row = aim_conflicts(study(table)).set_index(["metric", "other"])
    assert abs(row.loc[("handle_minutes", "contact_csat"), "correlation"]) < 0.15
    assert row.loc[("handle_minutes", "contact_csat"), "word"] == "not clear"


def test_contacts_of_one_customer_tell_less_than_those_of_many() -> None:
    generator = np.random.default_rng(4)
    own = np.repeat(generator.random(20), 10)
    talk, csat = own * 100 + 1, np.round(1 + 4 * np.roll(own, 10))
    many = contacts(talk_seconds=talk + generator.random(200), csat=csat)
    few = many.assign(customer_id=np.repeat([f"c{i}" for i in range(20)], 10))
    ends = []
    for table in (many, few):
        pairs = aim_conflicts(study(table)).set_index(["metric", "other"])
        row = pairs.loc[("handle_minutes", "contact_csat")]
        ends.append(row["conf_high"] - row["conf_low"])
    assert ends[1] > 2 * ends[0]


def test_pair_of_few_contacts_is_withheld_and_one_that_never_varies_has_no_link() -> None:
    few = aim_conflicts(study(contacts(talk_seconds=[10.0, 20, 30], csat=[1.0, 2, 3])))
    assert few["correlation"].isna().all()
    assert few["note"].eq("withheld: fewer than 4").any()
    same = aim_conflicts(study(contacts(talk_seconds=[10.0] * 8, csat=[1.0, 2, 3, 4] * 2)))
    assert same["note"].eq("one of the two does not vary").any()
    assert same["word"].eq("not clear").all()


def test_one_clock_under_two_names_is_not_counted_as_two_aims_that_agree() -> None:
    generator = np.random.default_rng(5)
    wait, csat = generator.gamma(2, 60, 200), generator.integers(1, 6, 200)
    table = contacts(queue_wait_seconds=wait, csat=csat.astype(float))
    answered_at = table["opened_at"] + pd.to_timedelta(np.round(wait / 3) * 3, unit="s")
    table["first_replied_at"] = answered_at  # a coarse clock: nearly, not exactly, the same ranks
    pairs = aim_conflicts(study(table)).set_index(["metric", "other"])
    row = pairs.loc[("first_reply_hours", "queue_wait_minutes")]
    assert 0.99 < row["correlation"] < 1
    assert row["word"] == "same measure"
    assert pd.isna(row["p_adjusted"])  # so Holm does not count it
    finding = find_aims(study(table))
    assert [pair.word for pair in finding.same] == ["same measure"]
    assert all(pair.word != "same measure" for pair in finding.pairs)


def test_tickets_with_one_figure_have_no_pair() -> None:
    assert aim_conflicts(study(contacts(talk_seconds=[10.0, 20]).drop(columns="customer_id"))).empty


# --- links to the outcome ------------------------------------------------------------------


def answered(n: int = 240, seed: int = 6) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Customers whose score rises with the length of their call, and falls with their wait."""
    generator = np.random.default_rng(seed)
    talk, wait = generator.uniform(60, 900, n), generator.uniform(1, 600, n)
    score = 3 + (talk - 480) / 400 - (wait - 300) / 400 + generator.normal(0, 0.3, n)
    tickets = contacts(talk_seconds=talk, queue_wait_seconds=wait)
    surveys = pd.DataFrame(
        {
            "response_id": [f"r{i}" for i in range(n)],
            "customer_id": tickets["customer_id"],
            "responded_at": START + pd.Timedelta(days=20),
            "overall_satisfaction": np.clip(np.round(score), 1, 5),
        }
    )
    journeys = pd.DataFrame(
        {
            "customer_id": tickets["customer_id"],
            "occurred_at": START + pd.Timedelta(days=1),
            "stage": generator.choice(["purchase", "use"], n),
            "rating": generator.integers(1, 6, n).astype(float),
        }
    )
    return tickets, surveys, journeys


def test_aim_against_the_link_is_told_from_one_that_follows_it() -> None:
    tickets, surveys, journeys = answered()
    table = kpi_alignment(study(tickets, {"handle_minutes": "lower"}, surveys, journeys))
    rows = table.set_index("metric")
    assert rows.loc["handle_minutes", "word"] == "against"
    assert rows.loc["queue_wait_minutes", "word"] == "aligned"
    assert bool(rows.loc["handle_minutes", "given"]) is True
    assert bool(rows.loc["queue_wait_minutes", "given"]) is False
    handling = rows.loc["handle_minutes"]
    # A minute more is 60 / 400 points more, and one deviation of 840 / sqrt(12) s that many.
    assert handling["estimate"] == pytest.approx(0.15, abs=0.03)  # clipped and rounded scores
    deviation = float((tickets["talk_seconds"] / 60).std())
    assert handling["spread"] == pytest.approx(deviation, rel=1e-6)
    assert handling["towards"] == pytest.approx(-handling["estimate"] * deviation, rel=1e-6)
    assert handling["towards_low"] < handling["towards"] < handling["towards_high"]


def test_asking_for_the_opposite_turns_the_verdict() -> None:
    tickets, surveys, journeys = answered()
    table = kpi_alignment(study(tickets, {"handle_minutes": "higher"}, surveys, journeys))
    assert table.set_index("metric").loc["handle_minutes", "word"] == "aligned"


def test_figures_that_lack_a_column_or_answers_say_so() -> None:
    tickets, surveys, journeys = answered()
    rows = kpi_alignment(study(tickets, None, surveys, journeys)).set_index("metric")
    assert rows.loc["transfers", "note"] == "needs tickets.transfers"
    few = kpi_alignment(study(tickets, None, surveys, journeys, min_base=1000))
    assert few["estimate"].isna().all()


def test_study_file_has_the_last_word_on_a_direction() -> None:
    told = aims_of(study(contacts(csat=[1.0, 2]), {"transfers": "higher"}))
    assert told["transfers"] == ("higher", True)
    assert told["resolved_first"] == ("higher", False)


def test_finding_names_what_it_lacks_and_aims_it_does_not_know() -> None:
    tickets, surveys, journeys = answered()
    finding = find_aims(study(tickets, {"smiles": "higher"}, surveys, journeys))
    assert finding.unknown == ("smiles",)
    assert {aim.metric for aim in finding.known} >= {"handle_minutes", "queue_wait_minutes"}
    alone = find_aims(study(tickets))
    assert alone.needs == "needs surveys.overall_satisfaction"
    assert alone.aims == ()
    bare = study(tickets)
    without = find_aims(type(bare)(bare.path, bare.config, bare.engine, {}))
    assert describe(without)[0].endswith("that takes tickets.")


# --- picture -------------------------------------------------------------------------------


def test_dots_lie_where_the_aims_point() -> None:
    figure = plot(AIMS)
    assert figure is not None
    (axes,) = figure.findobj(Axes)
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert [float(line.get_xdata()[0]) for line in dots] == [
        aim.towards.value for aim in (FASTER, RESOLVED, WAIT)
    ]
    assert [to_hex(line.get_color()).upper() for line in dots] == [JOURNEY, SERVICE, SHARED]
    assert [text.get_text()[0] for text in axes.get_yticklabels()] == ["↓", "↑", "↓"]


def test_aims_whose_every_link_is_withheld_have_no_table() -> None:
    withheld = replace(AIMS, aims=tuple(replace(a, towards=UNKNOWN) for a in AIMS.aims), pairs=())
    assert tabulate(AIMS) is not None
    assert tabulate(withheld) is None
