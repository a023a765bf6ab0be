"""The sample company: its files, what occurs in it, and that it can be made again."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cxanalysis.config import DEFAULT_STAGES, read_config
from cxanalysis.errors import SampleError
from cxanalysis.sample import read_sample, simulate, write_sample
from cxanalysis.sample.company import simulate_all
from cxanalysis.sample.process import COEFFICIENTS
from cxanalysis.tables import CONTRACTS

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
LIMIT_BYTES = 3_000_000
# Sums of the large company's cross-products may differ in the last digits between machines;
# truth.json keeps six decimals.
TRUTH_TOLERANCE = 5e-6
TABLES = ("journeys", "tickets", "surveys", "customers")


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder)
    return folder


@pytest.fixture(scope="module")
def company() -> dict[str, pd.DataFrame]:
    return simulate()


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    return json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", [*(f"{table}.csv" for table in TABLES), "study.toml"])
def test_file_is_made_again_byte_for_byte(again: Path, name: str) -> None:
    assert (again / name).read_bytes() == (SAMPLE / name).read_bytes()


def test_truth_is_made_again(again: Path, truth: dict[str, Any]) -> None:
    made = json.loads((again / "truth.json").read_text(encoding="utf-8"))
    assert _numbers(made) == pytest.approx(_numbers(truth), abs=TRUTH_TOLERANCE)
    assert _without_numbers(made) == _without_numbers(truth)


def test_folder_holds_nothing_else_and_is_small() -> None:
    files = {path.name: path.stat().st_size for path in SAMPLE.iterdir() if path.is_file()}
    assert set(files) == {*(f"{table}.csv" for table in TABLES), "study.toml", "truth.json"}
    assert sum(files.values()) < LIMIT_BYTES


def test_another_seed_gives_another_company(company: dict[str, pd.DataFrame]) -> None:
    other = simulate(seed=1)
    assert not company["surveys"].equals(other["surveys"])


def test_too_few_customers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SampleError, match="at least 100"):
        write_sample(tmp_path, customers=5)
    assert not list(tmp_path.iterdir())


def test_study_file_is_valid_and_shows_every_main_section() -> None:
    config = read_config(SAMPLE / "study.toml")
    assert config.stages == DEFAULT_STAGES
    content = tomllib.loads((SAMPLE / "study.toml").read_text(encoding="utf-8"))
    assert {"tables", "service", "metrics", "model", "limits", "report"} <= set(content)


@pytest.mark.parametrize("name", TABLES)
def test_table_keeps_its_contract(company: dict[str, pd.DataFrame], name: str) -> None:
    frame, contract = company[name], CONTRACTS[name]
    extra = set(frame.columns) - set(contract.names)
    assert extra == ({"plan", "region"} if name == "customers" else set())
    for column in contract.columns:
        if column.name not in frame:
            assert not column.required or column.name == contract.key
            continue
        values = frame[column.name]
        assert not (column.required and values.isna().any())
        if column.low is not None:
            assert not (values.dropna() < column.low).any()
        if column.high is not None:
            assert not (values.dropna() > column.high).any()
    for rule in contract.rules:
        if {rule.later, rule.earlier} <= set(frame):
            assert not (frame[rule.later] < frame[rule.earlier]).any()
    if contract.key in frame:
        assert frame[contract.key].is_unique


@pytest.mark.parametrize("name", ["journeys", "tickets", "surveys"])
def test_every_record_is_of_a_known_customer(company: dict[str, pd.DataFrame], name: str) -> None:
    assert company[name]["customer_id"].isin(company["customers"]["customer_id"]).all()


def test_nothing_is_known_of_the_time_after_the_export(company: dict[str, pd.DataFrame]) -> None:
    end = pd.Timestamp("2026-10-08", tz="Europe/Berlin")
    for frame in company.values():
        for name in frame.select_dtypes("datetimetz"):
            assert name == "promised_at" or not (frame[name] >= end).any()


def test_all_eight_stages_and_five_channels_occur(company: dict[str, pd.DataFrame]) -> None:
    assert set(company["journeys"]["stage"]) == set(DEFAULT_STAGES)
    channels = set(company["journeys"]["channel"]) | set(company["tickets"]["channel"])
    assert channels == {"web", "in person", "phone", "email", "chat"}


def test_promises_are_kept_broken_and_open(company: dict[str, pd.DataFrame]) -> None:
    promises = company["journeys"].dropna(subset="promised_at")
    state = (promises["fulfilled_at"] > promises["promised_at"]).map(
        {True: "broken", False: "kept"}
    )
    state = state.mask(promises["fulfilled_at"].isna(), "open")
    assert state.value_counts().reindex(["kept", "broken", "open"]).gt(30).all()


def test_customers_of_broken_promises_ask_where_their_order_is(
    company: dict[str, pd.DataFrame],
) -> None:
    journeys, tickets = company["journeys"], company["tickets"]
    late = journeys.loc[journeys["fulfilled_at"] > journeys["promised_at"], "customer_id"]
    asking = tickets.loc[tickets["reason"] == "where is my order", "customer_id"]
    customers = company["customers"]["customer_id"]
    rate = customers.isin(asking).groupby(customers.isin(late)).mean()
    assert rate[True] > 10 * rate[False]


def test_poor_deliveries_cause_contacts_about_faults(company: dict[str, pd.DataFrame]) -> None:
    journeys, tickets = company["journeys"], company["tickets"]
    rated = journeys[journeys["touchpoint"].isin(["delivery", "installation"])].dropna(
        subset="rating"
    )
    faulty = tickets.loc[tickets["reason"] == "fault", "customer_id"]
    rate = rated["customer_id"].isin(faulty).groupby(rated["rating"] <= 2).mean()
    assert rate[True] > 1.5 * rate[False]


def test_some_come_back_about_the_same_matter_and_most_never_come(
    company: dict[str, pd.DataFrame],
) -> None:
    tickets = company["tickets"].sort_values("opened_at")
    per_issue = tickets.groupby("issue_id")["ticket_id"].count()
    assert 0.2 < (per_issue > 1).mean() < 0.5
    pause = tickets.groupby("issue_id")["opened_at"].diff().dropna()
    assert (pause < pd.Timedelta(days=7)).mean() > 0.95
    silent = ~company["customers"]["customer_id"].isin(tickets["customer_id"])
    assert 0.65 < silent.mean() < 0.72


def test_a_few_handled_contacts_are_still_open(company: dict[str, pd.DataFrame]) -> None:
    handled = company["tickets"].dropna(subset="first_replied_at")
    assert 0.01 < handled["solved_at"].isna().mean() < 0.12


def test_callers_who_wait_longer_give_up_more_often(company: dict[str, pd.DataFrame]) -> None:
    calls = company["tickets"].query("channel == 'phone'")
    long = calls["queue_wait_seconds"] > 180
    given_up = calls["abandoned"].groupby(long).mean()
    assert given_up[True] > 1.3 * given_up[False]
    assert calls.loc[calls["abandoned"], "talk_seconds"].isna().all()


def test_the_unhappy_answer_less_often(truth: dict[str, Any]) -> None:
    _, latent = simulate_all(3000, 2026)
    mean = latent.groupby("answers")["latent"].mean()
    assert mean[True] > mean[False] + 0.2
    heard, everyone = truth["scores"], truth["scores_if_everyone_answered"]
    assert heard["nps"] > everyone["nps"] + 5


def test_unanswered_invitation_has_no_answer(company: dict[str, pd.DataFrame]) -> None:
    surveys = company["surveys"]
    silent = surveys["responded_at"].isna()
    assert 0.5 < silent.mean() < 0.7
    assert (
        surveys.loc[silent, ["overall_satisfaction", "nps", "csat", "ces", "comment"]]
        .isna()
        .all(axis=None)
    )
    assert surveys.loc[~silent, ["overall_satisfaction", "nps"]].notna().all(axis=None)


def test_each_quarter_has_about_a_thousand_answers(company: dict[str, pd.DataFrame]) -> None:
    local = company["surveys"]["responded_at"].dt.tz_convert("Europe/Berlin")
    answers = local.dropna().dt.quarter.value_counts()
    assert answers[2] > 900
    assert answers[3] > 900


def test_truth_names_its_partition_coding_and_precision(truth: dict[str, Any]) -> None:
    assert set(truth["partition"]) == {"service", "journey"}
    assert truth["coding"] == {"not_applicable": "two-part", "lookback_days": 90}
    assert set(truth["coefficients"]) == set(COEFFICIENTS)
    for version in ("shares", "shares_if_everyone_answered"):
        service, journey = (truth[version]["sets"][name] for name in ("service", "journey"))
        assert service["share"]["monte_carlo_se"] < 0.01
        assert service["share"]["value"] + journey["share"]["value"] == pytest.approx(1, abs=1e-5)
        assert 0.2 < service["share"]["value"] < 0.4
        assert service["total"]["value"] < journey["total"]["value"]


def _numbers(tree: Any, place: str = "") -> dict[str, float]:
    if isinstance(tree, dict):
        return {k: v for key in tree for k, v in _numbers(tree[key], f"{place}/{key}").items()}
    return {place: tree} if isinstance(tree, int | float) else {}


def _without_numbers(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _without_numbers(value) for key, value in tree.items()}
    return None if isinstance(tree, int | float) else tree


def test_files_already_there_are_kept(tmp_path: Path) -> None:
    (tmp_path / "tickets.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(SampleError, match=r"tickets\.csv would be replaced"):
        write_sample(tmp_path, customers=200)
    assert [path.name for path in tmp_path.iterdir()] == ["tickets.csv"]
    assert (tmp_path / "tickets.csv").read_text(encoding="utf-8") == "mine"


def test_sample_company_opens_by_name() -> None:
    study = read_sample(period="last")
    assert study.config.name == "Acme Home"
    assert study.period is not None
