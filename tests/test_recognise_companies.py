"""Exports of companies unlike one another: what init makes of each, and what it warns of."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cxanalysis.config import read_config
from cxanalysis.engine import collect
from cxanalysis.recognise import Guess, recognise, write_study
from cxanalysis.recognise.stated import stated_scale
from cxanalysis.study import open_study

START = pd.Timestamp("2025-03-01 08:00")
N = 240


def moments(rng: np.random.Generator, n: int) -> pd.Series:
    return pd.Series(START + pd.to_timedelta(rng.integers(0, 300 * 1440, n), unit="min"))


def marks(rng: np.random.Generator, mood: np.ndarray, low: int, high: int) -> np.ndarray:
    middle, spread = (low + high) / 2, (high - low) / 5
    return np.clip(np.round(middle + spread * (mood + rng.normal(0, 0.6, len(mood)))), low, high)


def saved(folder: Path, **frames: pd.DataFrame) -> list[Path]:
    paths = [folder / f"{name}.csv" for name in frames]
    for path, frame in zip(paths, frames.values(), strict=True):
        frame.to_csv(path, index=False)
    return paths


def sources(guess: Guess, table: str) -> dict[str, str]:
    found = guess.table(table)
    assert found is not None, f"no {table} recognised"
    return {column.role: column.source for column in found.columns}


def settings(guess: Guess, table: str, role: str) -> dict[str, object]:
    found = guess.table(table)
    assert found is not None
    column = found.column(role)
    assert column is not None, f"no {role} recognised"
    return dict(column.settings)


def test_hotel_with_one_survey_and_a_code_for_not_used(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    mood = rng.normal(0.8, 0.6, N)
    asked = ["Room cleanliness", "Concierge helpfulness", "Friendliness of reception staff"]
    frame = pd.DataFrame({"Checkout": moments(rng, N).dt.strftime("%d-%b-%Y")})
    for question, unused in zip([*asked, "Breakfast"], [0.05, 0.4, 0.05, 0.05], strict=True):
        frame[question] = np.where(rng.random(N) < unused, 99, marks(rng, mood, 1, 10)).astype(int)
    frame["Overall rating of your stay"] = marks(rng, mood, 1, 10).astype(int)
    # nobody gives less than 3, so only the header says that the scale begins at 0
    frame["Would you recommend us? (0-10)"] = np.maximum(marks(rng, mood, 0, 10), 3).astype(int)
    guess = recognise(saved(tmp_path, guests=frame))
    assert sources(guess, "surveys") == {
        "responded_at": "Checkout",
        "overall_satisfaction": "Overall rating of your stay",
        "nps": "Would you recommend us? (0-10)",
    }
    (surveys,) = guess.tables
    assert surveys.scale == {"low": 1, "high": 10, "not_applicable": ["99"]}
    assert [bool(item.settings.get("service")) for item in surveys.items] == [
        False,
        True,
        True,
        False,
    ]
    assert not surveys.doubts and not guess.doubts


def test_software_company_with_parquet_timestamps_and_two_scores(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    mood = rng.normal(0, 1, N)
    opened = moments(rng, N).dt.tz_localize("UTC")
    cases = pd.DataFrame(
        {
            "id": range(N),
            "account_id": rng.integers(1, 150, N),
            "created_at": opened,
            "first_response_at": opened + pd.Timedelta("2h"),
            "resolved_at": opened + pd.Timedelta("9h"),
        }
    )
    survey = pd.DataFrame(
        {
            "response_id": range(9000, 9000 + N),
            "account_id": rng.integers(1, 150, N),
            "submitted_at": moments(rng, N).dt.tz_localize("UTC"),
            "nps_score": marks(rng, mood, 0, 10).astype(int),
            "csat": marks(rng, mood, 1, 5).astype(int),
        }
    )
    cases.to_parquet(tmp_path / "a.parquet")
    survey.to_parquet(tmp_path / "b.parquet")
    guess = recognise([tmp_path / "b.parquet", tmp_path / "a.parquet"])
    assert list(sources(guess, "tickets").values()) == list(cases.columns)
    assert sources(guess, "surveys")["csat"] == "csat"
    assert guess.settings["model.outcome"] == "nps"
    assert "own offset" in guess.reasons["time_zone"]


def test_shop_with_orders_returns_and_reviews_joined_by_the_order(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    ordered = moments(rng, N)
    orders = pd.DataFrame(
        {
            "OrderNo": [f"{n:08x}" for n in rng.permutation(2**20)[:N]],
            "CustomerNo": rng.integers(70_000, 70_200, N),
            "OrderDate": ordered,
            "ShippedDate": ordered + pd.Timedelta("1D"),
            "DeliveredDate": ordered + pd.Timedelta("5D"),
            "PromisedDeliveryDate": (ordered + pd.Timedelta("4D")).dt.date,
        }
    )
    returns = pd.DataFrame(
        {
            "ReturnID": range(1, 81),
            "OrderNo": orders["OrderNo"][:80],
            "RequestDate": ordered[:80] + pd.Timedelta("8D"),
            "Reason": ["late", "damaged"] * 40,
        }
    )
    reviews = pd.DataFrame(
        {
            "ReviewNo": range(N),
            "OrderNo": orders["OrderNo"],
            "ReviewDate": ordered + pd.Timedelta("20D"),
            "Stars": marks(rng, rng.normal(0, 1, N), 1, 5).astype(int),
        }
    )
    guess = recognise(saved(tmp_path, reviews=reviews, returns=returns, orders=orders))
    assert [table.table for table in guess.tables] == ["journeys", "tickets", "surveys"]
    assert sources(guess, "tickets")["opened_at"] == "RequestDate"
    for name in ("tickets", "surveys"):
        table = guess.table(name)
        assert table is not None
        (join,) = table.joins
        assert (join.on, dict(join.columns)) == ("OrderNo", {"customer_id": "CustomerNo"})
    journeys = guess.table("journeys")
    assert journeys is not None
    assert [event.touchpoint for event in journeys.events] == ["order", "shipped", "delivered"]


@pytest.fixture(scope="module")
def utility(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Tickets and survey that know only a contract; the survey asks about effort."""
    rng = np.random.default_rng(4)
    opened = moments(rng, N)
    day_first = "%d/%m/%Y %H:%M"
    cases = pd.DataFrame(
        {
            "case_number": [f"C-{n:05d}" for n in range(N)],
            "contract_id": [f"Z{n:05d}" for n in rng.integers(0, 150, N)],
            "logged_on": opened.dt.strftime(day_first),
            "closed_on": (opened + pd.Timedelta("3h")).dt.strftime(day_first),
            "handling_secs": rng.integers(60, 900, N),
        }
    )
    mood = rng.normal(0, 1, 140)
    pulse = pd.DataFrame(
        {
            "contract_id": [f"Z{n:05d}" for n in range(140)],
            "answered_on": moments(rng, 140).dt.strftime("%d/%m/%Y"),
            "satisfaction": marks(rng, mood, 1, 10).astype(int),
            "effort": marks(rng, -mood, 1, 7).astype(int),
        }
    )
    return saved(tmp_path_factory.mktemp("utility"), cases=cases, pulse=pulse)


def test_contract_number_serves_as_the_customer(utility: list[Path]) -> None:
    guess = recognise(utility)
    assert sources(guess, "tickets")["customer_id"] == "contract_id"
    assert sources(guess, "surveys")["customer_id"] == "contract_id"
    assert sources(guess, "tickets")["talk_seconds"] == "handling_secs"


def test_lines_of_orders_with_a_date_are_no_tickets(utility: list[Path], tmp_path: Path) -> None:
    lines = pd.DataFrame(
        {
            "order": range(N),
            "price": 3,
            "shipping limit date": "2025-04-05",
            "contract_id": "Z00001",
        }
    )
    (items,) = saved(tmp_path, items=lines)
    assert dict(recognise([items, utility[1]]).unused) == {items: "it is none of the four tables"}


def test_number_of_one_name_that_meets_across_files_is_the_customer(
    utility: list[Path], tmp_path: Path
) -> None:
    frames = {path.stem: pd.read_csv(path) for path in utility}
    renamed = {k: f.rename(columns={"contract_id": "meter"}) for k, f in frames.items()}
    guess = recognise(saved(tmp_path, **renamed))
    assert sources(guess, "tickets")["customer_id"] == "meter"
    assert sources(guess, "surveys")["customer_id"] == "meter"


def test_effort_that_goes_against_satisfaction_is_read_as_lower_is_better(
    utility: list[Path],
) -> None:
    assert settings(recognise(utility), "surveys", "ces") == {"higher_is_better": False}


def test_service_without_any_other_part_of_the_journey_is_warned_of(utility: list[Path]) -> None:
    assert any("rest of the journey" in doubt for doubt in recognise(utility).doubts)


def test_copy_of_a_file_and_an_unrelated_file_are_left_out(
    utility: list[Path], tmp_path: Path
) -> None:
    cases, pulse = utility
    copy = Path(shutil.copy(cases, tmp_path / "cases (1).csv"))
    (stock,) = saved(tmp_path, stock=pd.DataFrame({"SKU": range(50), "amount": range(50)}))
    guess = recognise([stock, cases, copy, pulse])
    assert dict(guess.unused) == {
        stock: "it is none of the four tables",
        copy: "it holds the same as cases.csv",
    }
    tickets = guess.table("tickets")
    assert tickets is not None and tickets.rows == N


def test_american_calls_with_tabs_am_pm_and_clock_lengths(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    american = "%m/%d/%Y %I:%M:%S %p"
    calls = pd.DataFrame(
        {
            "Call ID": range(1, N + 1),
            "Account Number": rng.integers(10**9, 10**9 + 150, N),
            "Call Start": moments(rng, N).dt.strftime(american),
            "Talk Time": [f"00:{n % 59:02d}:{n % 47:02d}" for n in range(N)],
            "Queue Time": [f"{n % 9:02d}:{n % 47:02d}" for n in range(N)],
            "Abandoned": rng.choice(["Y", "N"], N),
        }
    )
    mood = rng.normal(0, 1, N)
    survey = pd.DataFrame(
        {
            "Survey ID": range(N),
            "Account Number": calls["Account Number"],
            "Survey Date": moments(rng, N).dt.strftime(american),
            "OSAT": marks(rng, mood, 1, 5).astype(int),
            "LTR": marks(rng, mood, 0, 10).astype(int),
            "Branch": marks(rng, mood, 1, 5).astype(int),
            "Call Center": marks(rng, mood, 1, 5).astype(int),
        }
    )
    paths = [tmp_path / "call_log.txt", tmp_path / "results.txt"]
    calls.to_csv(paths[0], sep="\t", index=False)
    survey.to_csv(paths[1], sep="\t", index=False)
    guess = recognise(paths)
    tickets = guess.table("tickets")
    assert tickets is not None
    assert tickets.settings == {"delimiter": "\t", "time_format": american}
    assert settings(guess, "tickets", "talk_seconds") == {}
    # minutes:seconds cannot be told from hours:minutes
    assert [left.why for left in tickets.unread] == [
        "a time of day, or a length as MM:SS, which is not read (H:MM:SS is)"
    ]
    assert sources(guess, "surveys")["overall_satisfaction"] == "OSAT"
    surveys = guess.table("surveys")
    assert surveys is not None
    assert [item.source for item in surveys.items] == ["Branch", "Call Center"]


def test_log_of_changes_keeps_the_last_row_of_each_ticket(tmp_path: Path) -> None:
    log = pd.DataFrame(
        {
            "number": [f"INC{n // 4:05d}" for n in range(N)],
            "caller": [f"c{n // 8}" for n in range(N)],
            "opened_at": "2025-03-04 10:00",
            "resolved_at": "2025-03-05 10:00",
            "reopen_count": [n % 4 for n in range(N)],
        }
    )
    guess = recognise(saved(tmp_path, incident_log=log))
    config = read_config(write_study(guess, tmp_path / "study.toml"))
    assert config.tables.tickets is not None
    assert config.tables.tickets.duplicates == "keep-last"
    assert config.tables.tickets.columns["ticket_id"].column == "number"
    assert "comes again and again" in str(guess)


@pytest.mark.parametrize("customer", ["there", "none"])
def test_a_number_that_other_customers_or_hours_share_is_no_key(
    customer: str, tmp_path: Path
) -> None:
    calls = pd.DataFrame(
        {
            "call_id": [n // 2 for n in range(N)],
            "customer": [f"c{n % 50}" for n in range(N)],
            "opened_at": [f"2025-03-04 10:{n % 60:02d}" for n in range(N)],
            "wait_seconds": [n % 40 for n in range(N)],
        }
    )
    if customer == "none":
        calls = calls.drop(columns="customer")
    guess = recognise(saved(tmp_path, calls=calls))
    config = read_config(write_study(guess, tmp_path / "study.toml"))
    assert config.tables.tickets is not None
    assert config.tables.tickets.duplicates != "keep-last"
    assert "ticket_id" not in config.tables.tickets.columns
    assert "'call_id' comes again beside another" in str(guess)


def test_a_ticket_number_that_comes_twice_by_mistake_is_still_the_key(tmp_path: Path) -> None:
    tickets = pd.DataFrame(
        {
            "ticket_id": [*range(N - 1), 0],
            "customer": range(N),
            "opened": "2025-03-04 10:00",
        }
    )
    guess = recognise(saved(tmp_path, tickets=tickets))
    assert sources(guess, "tickets")["ticket_id"] == "ticket_id"
    (table,) = guess.tables
    assert "duplicates" not in table.settings


def test_likeliest_rating_becomes_the_outcome_with_a_warning(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    mood = rng.normal(0, 1, N)
    names = ["image1", "image2", "qual1", "sat1", "sat2"]
    frame = pd.DataFrame({name: marks(rng, mood, 1, 10).astype(int) for name in names})
    guess = recognise(saved(tmp_path, answers=frame))
    outcome = sources(guess, "surveys")["overall_satisfaction"]
    assert outcome in ("sat1", "sat2")
    assert f"{outcome!r} is taken for the outcome" in str(guess)
    (surveys,) = guess.tables
    (other,) = [item for item in surveys.items if item.source.startswith("sat")]
    assert other.settings["global_item"] is True


def test_questions_answered_in_words_are_named(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    words = ["Very dissatisfied", "Dissatisfied", "Neither", "Satisfied", "Very satisfied"]
    frame = pd.DataFrame(
        {
            "Timestamp": moments(rng, N).dt.strftime("%Y-%m-%d %H:%M:%S"),
            "How satisfied are you with our help desk?": rng.choice(words, N),
            "Overall satisfaction": rng.choice(words, N),
        }
    )
    guess = recognise(saved(tmp_path, form=frame))
    assert settings(guess, "surveys", "overall_satisfaction")["values"] == {
        word: str(place + 1) for place, word in enumerate(words)
    }
    assert "questions answered in words: 1" in str(guess)
    (item,) = guess.tables[0].items
    assert item.settings["service"] is True
    assert item.settings["values"]["Neither"] == "3"
    write_study(guess, tmp_path / "study.toml")
    column = collect(open_study(tmp_path).tables["surveys"])[item.name]
    spoken = frame["How satisfied are you with our help desk?"]
    assert column.tolist() == [words.index(text) + 1 for text in spoken]


def test_rating_between_ratings_is_kept_with_a_question(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    mood = rng.normal(0, 1, N)
    alike = {f"part {name}": marks(rng, mood, 1, 5).astype(int) for name in "abcd"}
    columns = list(alike.items())
    columns.insert(2, ("noise", rng.integers(1, 6, N)))
    frame = pd.DataFrame(
        {"Overall satisfaction": marks(rng, mood, 1, 5).astype(int), **dict(columns)}
    )
    guess = recognise(saved(tmp_path, form=frame))
    (surveys,) = guess.tables
    assert "noise" in [item.name for item in surveys.items]
    assert surveys.doubts == ("'noise' goes little with the other ratings: is it one?",)


def test_the_bare_word_service_counts_as_service_with_a_question(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    mood = rng.normal(0, 1, N)
    asked = ["Satisfaction with service", "Station wifi service", "Room rating"]
    frame = pd.DataFrame({name: marks(rng, mood, 1, 5).astype(int) for name in asked})
    frame["Overall satisfaction"] = marks(rng, mood, 1, 5).astype(int)
    guess = recognise(saved(tmp_path, answers=frame))
    (surveys,) = guess.tables
    items = {item.source: item.settings for item in surveys.items}
    assert items["Satisfaction with service"]["service"] is True
    assert "service" not in items["Station wifi service"]
    doubts = "\n".join(surveys.all_doubts)
    assert "'Satisfaction with service' is taken for what people in service do" in doubts
    assert "'Station wifi service' speaks of service" in doubts
    assert "2 with no word of a stage, taken for 'use'" in str(guess)


def test_scale_and_good_end_of_a_header_are_believed(tmp_path: Path) -> None:
    rng = np.random.default_rng(9)
    mood = rng.normal(0, 1, N)
    frame = pd.DataFrame(
        {
            "customer_id": np.arange(N) + 70_000,
            "How satisfied are you overall? (0-10)": np.maximum(marks(rng, mood, 0, 10), 2),
            "Ease of ordering (1 very easy - 7 very difficult)": 8 - marks(rng, mood, 2, 6),
            "Satisfaction with delivery (1 = very good, 6 = very bad)": 7 - marks(rng, mood, 2, 6),
            "Price rating (1 = red, 5 = blue)": marks(rng, mood, 1, 5),
        }
    ).astype(int)
    guess = recognise(saved(tmp_path, answers=frame))
    whole = settings(guess, "surveys", "overall_satisfaction")
    assert (whole["low"], whole["high"]) == (0, 10)
    ease = settings(guess, "surveys", "ces")
    assert ease == {"higher_is_better": False}  # 1 to 7 is what the contract has
    (surveys,) = guess.tables
    delivery, price = surveys.items
    assert delivery.settings["values"] == {str(mark): str(7 - mark) for mark in range(1, 7)}
    assert "high number is taken to be good" in "".join(price.doubts)
    study = open_study(write_study(guess, tmp_path / "study.toml"))
    read = collect(study.tables["surveys"])[delivery.name]
    assert sorted(read) == sorted(7 - frame[delivery.source])


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("very easy (1) – very difficult (7)", (1, 7, "low")),
        ("Zufrieden? 1 = sehr zufrieden bis 6 = sehr unzufrieden", (1, 6, "low")),
        ("0 (not at all likely) to 10 (extremely likely)", (0, 10, "high")),
        ("Effort, 1 = very low effort, 5 = very high effort", (1, 5, "low")),
        ("Rate us from 1 to 7", (1, 7, "")),
        ("1 = red, 5 = blue", (1, 5, "not told")),
    ],
)
def test_scales_stated_in_words_and_numbers(header: str, said: tuple[int, int, str]) -> None:
    stated = stated_scale(header)
    assert stated is not None
    assert (stated.low, stated.high, stated.good) == said


@pytest.mark.parametrize("header", ["Price", "Age 18-25", "2025-10-11", "1-2", "Wait 1-3 days"])
def test_numbers_that_state_no_scale(header: str) -> None:
    assert stated_scale(header) is None


def test_header_that_the_answers_speak_against_is_a_question(tmp_path: Path) -> None:
    rng = np.random.default_rng(10)
    mood = rng.normal(0, 1, N)
    whole = "Overall satisfaction (1 = very satisfied, 5 = very dissatisfied)"
    asked = [whole, "Delivery rating", "Price rating"]
    frame = pd.DataFrame({name: marks(rng, mood, 1, 5).astype(int) for name in asked})
    guess = recognise(saved(tmp_path, answers=frame))
    assert settings(guess, "surveys", "overall_satisfaction") == {"higher_is_better": False}
    assert "is the header right, or are the other questions turned round" in str(guess)


def test_ratings_in_words_stars_halves_and_parts_are_read_and_the_rest_is_asked_about(
    tmp_path: Path,
) -> None:
    rng = np.random.default_rng(11)
    mood = rng.normal(0, 1, N)
    five = pd.DataFrame({n: marks(rng, mood, 1, 5).astype(int) for n in "abcdefgh"})
    alone = rng.integers(1, 6, N)
    aside = rng.random(N) < 0.15
    words = ["Very dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "Very satisfied"]
    frame = pd.DataFrame(
        {
            "customer_id": np.arange(N) + 70_000,
            "Overall satisfaction": five["a"],
            "Customer service": five["b"].map(lambda n: words[n - 1]).mask(aside, "Not applicable"),
            "Support team": five["c"].astype(str).mask(aside, "don't know"),
            "Delivery speed": five["d"].map(lambda n: "★" * n),
            "Website": five["e"].map(lambda n: f"{n}/5"),
            "Room rating": np.clip(five["f"] - 0.5 * (rng.random(N) < 0.3), 1, 5),
            "Price": pd.Series(alone).astype(str).mask(aside, "N/A"),
            "Favourite": rng.choice(["tea", "coffee", "water"], N),
        }
    )
    guess = recognise(saved(tmp_path, answers=frame))
    (surveys,) = guess.tables
    items = {item.source: item for item in surveys.items}
    assert set(items) == set(frame.columns[2:-1])
    assert items["Customer service"].settings["not_applicable"] == ["Not applicable"]
    assert items["Support team"].settings["missing"] == ["don't know"]
    said = str(guess)
    assert "'Price' goes little with the other ratings: is it one?" in said
    assert "1 of few short answers not read" in said
    assert "'Price': 'N/A' (" in said and "write not_applicable = ['N/A'] for it" in said
    assert "columns of few short answers that are not read: 1 ('Favourite')" in said
    study = open_study(write_study(guess, tmp_path / "study.toml"))
    assert not len(study.rejects())
    rows = collect(study.tables["surveys"]).sort_values("response_id", ignore_index=True)
    for name, told in (("Customer service", "b"), ("Support team", "c"), ("Delivery speed", "d"),
                       ("Website", "e")):  # fmt: skip
        read = rows[items[name].name].dropna()
        kept = five[told][~aside] if name in ("Customer service", "Support team") else five[told]
        assert sorted(read) == sorted(kept)
    assert rows[f"{items['Customer service'].name}_na"].sum() == aside.sum()
    assert sorted(rows[items["Room rating"].name]) == sorted(frame["Room rating"])


def test_decimal_commas_of_a_rating_are_read(tmp_path: Path) -> None:
    rng = np.random.default_rng(12)
    mood = rng.normal(0, 1, N)
    asked = ["Overall satisfaction", "Customer service satisfaction", "Delivery satisfaction"]
    frame = pd.DataFrame({name: marks(rng, mood, 1, 5) for name in asked})
    frame.to_csv(tmp_path / "answers.csv", sep=";", decimal=",", index=False)
    (surveys,) = recognise([tmp_path / "answers.csv"]).tables
    assert surveys.settings["decimal"] == ","
    assert [item.source for item in surveys.items] == asked[1:]


@pytest.mark.parametrize("decimal", [".", ","])
def test_halves_of_a_scale_whose_low_end_is_good_are_turned_round(
    decimal: str, tmp_path: Path
) -> None:
    rng = np.random.default_rng(13)
    mood = rng.normal(0, 1, N)
    delivery = "Delivery rating (1 = very good, 5 = very bad)"
    frame = pd.DataFrame(
        {
            "customer_id": np.arange(N) + 70_000,
            "Overall satisfaction": marks(rng, mood, 1, 5),
            delivery: 6 - marks(rng, mood, 2, 10) / 2,
        }
    )
    frame.to_csv(tmp_path / "answers.csv", sep=";", decimal=decimal, index=False)
    guess = recognise([tmp_path / "answers.csv"])
    (surveys,) = guess.tables
    (item,) = surveys.items
    study = open_study(write_study(guess, tmp_path / "study.toml"))
    rows = collect(study.tables["surveys"])
    assert sorted(rows[item.name]) == sorted(6 - frame[delivery])
