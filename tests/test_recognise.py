"""Unknown files become a study file that is right, says why, and opens."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cxanalysis.config import read_config
from cxanalysis.engine import collect
from cxanalysis.errors import DataError, StudyError
from cxanalysis.partition import block_columns
from cxanalysis.recognise import Guess, recognise, write_study
from cxanalysis.recognise.guess import ItemGuess
from cxanalysis.recognise.whole import period_length
from cxanalysis.study import open_study

CUSTOMERS = 300
START = pd.Timestamp("2025-01-01")


def moments(rng: np.random.Generator, n: int, days: int = 330) -> pd.Series:
    return START + pd.to_timedelta(np.sort(rng.integers(0, days * 1440, n)), unit="min").to_series(
        index=range(n)
    )


def rated(rng: np.random.Generator, mood: np.ndarray, high: int) -> np.ndarray:
    """Ratings 1 to high that go with a person's mood, as the ratings of one survey do."""
    middle = (high + 1) / 2
    noise = rng.normal(0, 0.7, len(mood))
    return np.clip(np.round(middle + (mood + noise) * high / 5), 1, high).astype(int)


def emails(people: np.ndarray) -> list[str]:
    return [f"person{number}@example.com" for number in people]


def english_trio(folder: Path) -> list[Path]:
    """Helpdesk with e-mails as ids and US dates, a wide survey, events without stages."""
    rng = np.random.default_rng(1)
    who = rng.integers(0, CUSTOMERS, 700)
    opened = moments(rng, 700)
    us = "%m/%d/%Y %I:%M %p"
    tickets = pd.DataFrame(
        {
            "Ticket Number": [f"T-{n:05d}" for n in range(700)],
            "Requester": emails(who),
            "Requester name": [f"Name Surname{n}" for n in who],
            "Created at": opened.dt.strftime(us),
            "First reply": (opened + pd.Timedelta("35min")).dt.strftime(us),
            "Solved at": (opened + pd.Timedelta("26h")).dt.strftime(us),
            "Handle time (mins)": rng.integers(1, 40, 700),
            "Via": rng.choice(["Email", "Phone", "Chat"], 700),
            "Type": rng.choice(["Billing", "Delivery", "Other"], 700),
            "Reopens": rng.integers(0, 3, 700),
            "Group": rng.choice(["North", "South"], 700),
            "Assignee": rng.choice(["Ann Lee", "Bo Ray"], 700),
        }
    )
    mood = rng.normal(0, 1, 600)
    answered = moments(rng, 600)
    people = rng.integers(0, CUSTOMERS, 600)
    survey = pd.DataFrame(
        {
            "Response ID": [f"R_{n}" for n in range(600)],
            "Email Address": emails(people),
            "Recorded Date": answered.dt.strftime("%Y-%m-%d %H:%M:%S"),
            "Overall, how satisfied are you with us?": rated(rng, mood, 5),
            "How likely are you to recommend us to a friend?": rated(rng, mood, 11) - 1,
            "How satisfied were you with delivery?": rated(rng, mood, 5),
            "How satisfied were you with our website?": rated(rng, mood, 5),
            "How satisfied were you with our support agents?": np.where(
                rng.random(600) < 0.3, 6, rated(rng, mood, 5)
            ),
            "Any other comments": ["all went as it should, thank you", ""] * 300,
            "Country": rng.choice(["UK", "US"], 600),
        }
    )
    at = moments(rng, 1500)
    events = pd.DataFrame(
        {
            "customer_email": emails(rng.integers(0, CUSTOMERS, 1500)),
            "timestamp": at.dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "event_name": rng.choice(["Visit site", "Order", "Delivery", "Call hotline"], 1500),
        }
    )
    return save(folder, {"export_1": tickets, "export_2": survey, "export_3": events})


def german_trio(folder: Path) -> list[Path]:
    """Semicolons, Windows letters, decimal commas, day first; stages with names of their own."""
    rng = np.random.default_rng(2)
    who = rng.integers(10_000, 10_000 + CUSTOMERS, 800)
    opened = moments(rng, 800)
    tickets = pd.DataFrame(
        {
            "Vorgangsnummer": range(500_000, 500_800),
            "Kundennr.": who,
            "Eröffnet am": opened.dt.strftime("%d.%m.%Y %H:%M"),
            "Gelöst am": (opened + pd.Timedelta("20h")).dt.strftime("%d.%m.%Y %H:%M"),
            "Kanal": rng.choice(["Telefon", "E-Mail"], 800),
            "Anliegen": rng.choice(["Rechnung", "Störung", "Prämie"], 800),
            "Wartezeit (Sekunden)": [f"{n / 10:.1f}".replace(".", ",") for n in range(800)],
            "Aufgelegt": rng.choice(["ja", "nein"], 800, p=[0.1, 0.9]),
            "Bearbeiter": rng.choice(["Jürgen Groß", "Käthe Weiß"], 800),
        }
    )
    mood = rng.normal(0, 1, 500)
    survey = pd.DataFrame(
        {
            "Fragebogen-Nr": range(1, 501),
            "Kundennummer": rng.integers(10_000, 10_000 + CUSTOMERS, 500),
            "Beantwortet am": moments(rng, 500).dt.strftime("%d.%m.%Y"),
            "Gesamtzufriedenheit": rated(rng, mood, 7),
            "Zufriedenheit mit der Beratung": rated(rng, mood, 7),
            "Zufriedenheit mit dem Kundendienst": rated(rng, mood, 7),
            "Zufriedenheit mit der Lieferung": rated(rng, mood, 7),
            "Bemerkungen": ["k.A.", "Das hat alles gut geklappt"] * 250,
        }
    )
    order = ["Suche", "Beratung", "Kauf", "Nutzung"]
    place = np.tile([0, 1, 2, 3], 300)
    events = pd.DataFrame(
        {
            "Kunde": np.repeat(np.arange(10_000, 10_000 + CUSTOMERS), 4),
            "Zeitpunkt": (START + pd.to_timedelta(place * 5 + 1, unit="D")).strftime("%d.%m.%Y"),
            "Phase": [order[n] for n in place],
            "Kontaktpunkt": [f"{order[n]} im Laden" for n in place],
            "Kanal": rng.choice(["Filiale", "Kundenservice"], 1200),
        }
    )
    frames = {"vorgaenge": tickets, "umfrage": survey, "ereignisse": events}
    return save(folder, frames, sep=";", encoding="cp1252")


def spanish_trio(folder: Path) -> list[Path]:
    """Tabs and a packed file; the survey knows the ticket, not the customer; 1 to 10."""
    rng = np.random.default_rng(3)
    opened = moments(rng, 900)
    llamadas = pd.DataFrame(
        {
            "id_caso": [f"C{n:04d}" for n in range(900)],
            "id_cliente": [f"CL-{n}" for n in rng.integers(0, CUSTOMERS, 900)],
            "fecha_apertura": opened.dt.strftime("%d/%m/%Y %H:%M:%S"),
            "fecha_cierre": (opened + pd.Timedelta("5h")).dt.strftime("%d/%m/%Y %H:%M:%S"),
            "motivo": rng.choice(["pago", "envío", "-"], 900),
            "canal": rng.choice(["teléfono", "correo"], 900),
            "resultado": "",
            "outcome": rng.choice(["ATENDIDA", "ABANDONADA"], 900, p=[0.8, 0.2]),
        }
    )
    mood = rng.normal(0, 1, 450)
    encuesta = pd.DataFrame(
        {
            "id_respuesta": range(450),
            "id_caso": [f"C{n:04d}" for n in rng.choice(900, 450, replace=False)],
            "fecha_respuesta": moments(rng, 450).dt.strftime("%d/%m/%Y"),
            "satisfaccion_general": rated(rng, mood, 10),
            "recomendaria": rated(rng, mood, 10),
            "facilidad": rated(rng, mood, 7),
        }
    )
    clientes = pd.DataFrame(
        {
            "cliente_id": [f"CL-{n}" for n in range(CUSTOMERS)],
            "nombre": [f"Persona {n}" for n in range(CUSTOMERS)],
            "fecha_alta": moments(rng, CUSTOMERS).dt.strftime("%d/%m/%Y"),
            "region": rng.choice(["norte", "sur"], CUSTOMERS),
        }
    )
    frames = {"datos_a": llamadas, "datos_b": encuesta, "datos_c": clientes}
    paths = save(folder, frames, sep="\t")
    packed = paths[0].with_suffix(".csv.gz")
    packed.write_bytes(gzip.compress(paths[0].read_bytes()))
    return [packed, *paths[1:]]


def save(folder: Path, frames: dict[str, pd.DataFrame], **how: str) -> list[Path]:
    paths = []
    for name, frame in frames.items():
        paths.append(folder / f"{name}.csv")
        frame.to_csv(paths[-1], index=False, **how)  # type: ignore[call-overload]
    return paths


def sources(guess: Guess, table: str) -> dict[str, str]:
    found = guess.table(table)
    assert found is not None, f"no {table} recognised"
    return {column.role: column.source for column in found.columns}


Trio = Callable[[Path], list[Path]]
TRIOS = [english_trio, german_trio, spanish_trio]


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> Guess:
    return recognise(english_trio(tmp_path_factory.mktemp("english")))


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Guess:
    return recognise(german_trio(tmp_path_factory.mktemp("german")))


@pytest.fixture(scope="module")
def spanish(tmp_path_factory: pytest.TempPathFactory) -> Guess:
    return recognise(spanish_trio(tmp_path_factory.mktemp("spanish")))


def test_english_helpdesk_is_mapped(english: Guess) -> None:
    assert sources(english, "tickets") == {
        "ticket_id": "Ticket Number",
        "customer_id": "Requester",
        "opened_at": "Created at",
        "first_replied_at": "First reply",
        "solved_at": "Solved at",
        "talk_seconds": "Handle time (mins)",
        "channel": "Via",
        "reason": "Type",
        "reopens": "Reopens",
        "team": "Group",
    }
    tickets = english.table("tickets")
    assert tickets is not None
    assert tickets.settings["time_format"] == "%m/%d/%Y %I:%M %p"
    talk = tickets.column("talk_seconds")
    assert talk is not None and talk.settings["unit"] == "minutes"


def test_wide_survey_has_scores_items_and_codes(english: Guess) -> None:
    assert sources(english, "surveys") == {
        "response_id": "Response ID",
        "customer_id": "Email Address",
        "responded_at": "Recorded Date",
        "overall_satisfaction": "Overall, how satisfied are you with us?",
        "nps": "How likely are you to recommend us to a friend?",
        "comment": "Any other comments",
        "country": "Country",
    }
    surveys = english.table("surveys")
    assert surveys is not None
    items = {item.name: item.settings for item in surveys.items}
    assert list(items) == ["delivery", "website", "support_agents"]
    assert items["support_agents"]["service"] is True
    assert items["support_agents"]["not_applicable"] == ["6"]
    assert items["website"]["stage"] == "discovery"
    assert "service" not in items["delivery"]


def test_of_a_comment_only_its_first_sign_is_kept(english: Guess) -> None:
    surveys = english.table("surveys")
    assert surveys is not None
    comment = surveys.column("comment")
    assert comment is not None and comment.settings == {"characters": 1}
    assert "the words may name people" in comment.why


def test_few_kinds_of_event_become_stages_and_say_so(english: Guess) -> None:
    assert sources(english, "journeys")["stage"] == "event_name"
    assert set(english.settings["stages"]) >= {"Visit site", "Order", "Delivery", "Call hotline"}
    assert english.settings["service.touchpoints"] == ["Call hotline"]
    journeys = english.table("journeys")
    assert journeys is not None
    stage = journeys.column("stage")
    assert stage is not None and "NO STAGE COLUMN" in stage.why


def test_german_files_with_semicolons_commas_and_windows_letters(german: Guess) -> None:
    assert sources(german, "tickets") == {
        "ticket_id": "Vorgangsnummer",
        "customer_id": "Kundennr.",
        "opened_at": "Eröffnet am",
        "solved_at": "Gelöst am",
        "queue_wait_seconds": "Wartezeit (Sekunden)",
        "abandoned": "Aufgelegt",
        "channel": "Kanal",
        "reason": "Anliegen",
    }
    tickets, surveys = german.table("tickets"), german.table("surveys")
    assert tickets is not None and surveys is not None
    assert tickets.settings["delimiter"] == ";"
    assert tickets.settings["encoding"] == "cp1252"
    assert tickets.settings["decimal"] == ","
    assert tickets.settings["time_format"] == "%d.%m.%Y %H:%M"
    abandoned = tickets.column("abandoned")
    assert abandoned is not None and abandoned.settings == {"true": ["ja"], "false": ["nein"]}
    overall = surveys.column("overall_satisfaction")
    assert overall is not None and overall.source == "Gesamtzufriedenheit"
    assert (overall.settings["low"], overall.settings["high"]) == (1, 7)
    assert [item.settings.get("service", False) for item in surveys.items] == [False, True, False]
    assert "k.A." in surveys.settings["missing"]


def test_own_stages_come_in_the_order_of_the_journey(german: Guess) -> None:
    assert german.settings["stages"][:4] == ["Suche", "Beratung", "Kauf", "Nutzung"]
    assert german.settings["service.channels"] == ["Kundenservice"]


def test_survey_without_customer_finds_it_through_the_ticket(spanish: Guess) -> None:
    surveys = spanish.table("surveys")
    assert surveys is not None
    (join,) = surveys.joins
    assert (join.on, join.right_on) == ("id_caso", "id_caso")
    assert join.columns == {"customer_id": "id_cliente"}


def recommendations(folder: Path, header: str, lowest: int) -> Guess:
    answers = np.random.default_rng(7).integers(lowest, 11, 1500)
    days = START + pd.to_timedelta(np.arange(1500) % 300, unit="D").to_series(index=range(1500))
    frame = pd.DataFrame({"Email": emails(np.arange(1500)), "Recorded Date": days, header: answers})
    return recognise(save(folder, {"survey": frame}))


def test_recommendation_without_a_zero_is_an_nps_with_a_loud_question(tmp_path: Path) -> None:
    asked = "How likely are you to recommend us?"
    guess = recommendations(tmp_path, asked, lowest=1)
    text = write_study(guess, tmp_path / "study.toml").read_text(encoding="utf-8")
    assert sources(guess, "surveys")["nps"] == asked
    assert guess.settings["model.outcome"] == "nps"
    for written in (text, str(guess)):
        assert "CHECK: survey.csv" in written
        assert "nobody gave 0: is the scale 0–10 or 1–10?" in written
    assert "NOBODY GAVE 0" in next(line for line in text.splitlines() if line.startswith("nps = "))


@pytest.mark.parametrize(
    ("header", "lowest"), [("Would you recommend us?", 0), ("Would you recommend us? (0-10)", 3)]
)
def test_zero_seen_or_said_leaves_no_question(header: str, lowest: int, tmp_path: Path) -> None:
    guess = recommendations(tmp_path, header, lowest)
    assert sources(guess, "surveys")["nps"] == header
    assert "nobody gave 0" not in str(guess)


def test_recommendation_that_says_one_to_ten_is_no_nps(tmp_path: Path) -> None:
    guess = recommendations(tmp_path, "Would you recommend us? (1-10)", lowest=1)
    surveys = guess.table("surveys")
    assert surveys is not None
    assert surveys.column("nps") is None


def test_outcome_column_becomes_a_flag(spanish: Guess) -> None:
    tickets = spanish.table("tickets")
    assert tickets is not None
    abandoned = tickets.column("abandoned")
    assert abandoned is not None and abandoned.source == "outcome"
    assert abandoned.settings["true"] == ["ABANDONADA"]
    assert tickets.settings["missing"][-1] == "-"


@pytest.mark.parametrize("trio", TRIOS)
def test_three_unknown_files_become_a_study_that_opens(trio: Trio, tmp_path: Path) -> None:
    paths = trio(tmp_path)
    guess = recognise(paths)
    study_file = write_study(guess, tmp_path / "study.toml")
    study = open_study(study_file, period="all")
    rows = {reading.table: reading for reading in study.reading}
    assert set(rows) == {table.table for table in guess.tables}
    for table in guess.tables:
        assert rows[table.table].rows_kept == rows[table.table].rows_read == table.rows
    assert all(study.has(name, "customer_id") for name in study.tables)
    matched = study.matches().set_index(["left", "right"])["share"]
    assert (matched > 0.5).all()


@pytest.mark.parametrize("company", ["english", "german", "spanish"])
def test_no_person_is_named_in_study_file_or_summary(
    company: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    guess: Guess = request.getfixturevalue(company)
    text = write_study(guess, tmp_path / "study.toml").read_text(encoding="utf-8") + str(guess)
    for private in ("person1", "example.com", "Surname", "Ann Lee", "Groß", "Persona"):
        assert private not in text


def test_every_mapped_line_says_why(english: Guess, tmp_path: Path) -> None:
    text = write_study(english, tmp_path / "study.toml").read_text(encoding="utf-8")
    block = text.split("[tables.tickets.columns]")[1].split("\n\n")[0].strip().splitlines()
    assert len(block) == 10
    assert all("  # " in line and "filled" in line for line in block)
    assert "Assignee: looks personal" in text


def test_summary_names_table_and_share_of_columns(english: Guess) -> None:
    assert "export_1.csv → tickets (10 of 12 columns recognised, 700 rows)" in str(english)


@pytest.mark.parametrize(
    ("last", "expected", "decided"),
    [("25/02/2025 10:00", "%d/%m/%Y %H:%M", True), ("02/25/2025 10:00", "%m/%d/%Y %H:%M", True),
     ("03/02/2025 10:00", "%d/%m/%Y %H:%M", False)],
)  # fmt: skip
def test_day_or_month_first_is_told_by_the_last_row(
    last: str, expected: str, decided: bool, tmp_path: Path
) -> None:
    times = ["01/02/2025 09:00", "02/02/2025 09:00"] * 600 + [last]
    frame = pd.DataFrame(
        {"Ticket ID": range(1201), "Customer ID": range(1201), "Created at": times}
    )
    guess = recognise(save(tmp_path, {"tickets": frame}))
    tickets = guess.table("tickets")
    assert tickets is not None and tickets.settings["time_format"] == expected
    opened = tickets.column("opened_at")
    assert opened is not None
    assert bool(opened.doubts) is not decided
    assert ("DAY OR MONTH FIRST?" in opened.why) is not decided


def test_parts_of_one_table_are_listed_together(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"Ticket ID": range(50), "Customer": range(50), "Created at": ["2025-01-05"] * 50}
    )
    paths = save(
        tmp_path, {"january": frame, "february": frame.assign(**{"Ticket ID": range(50, 100)})}
    )
    guess = recognise(paths)
    (tickets,) = guess.tables
    assert tickets.files == tuple(paths)
    assert tickets.rows == 100
    config = read_config(write_study(guess, tmp_path / "study.toml"))
    assert config.tables.tickets is not None
    assert config.tables.tickets.path == ("january.csv", "february.csv")


def test_customer_number_zero_is_nobody(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "ticket": range(200),
            "customer_id": [0, 7001, 7002, 7003] * 50,
            "opened": ["2025-01-05 10:00"] * 200,
        }
    )
    (tickets,) = recognise(save(tmp_path, {"calls": frame})).tables
    customer = tickets.column("customer_id")
    assert customer is not None and customer.settings == {"missing": ["0"]}
    assert "0 (25 %) read as not identified" in customer.why


def test_orders_with_a_time_per_step_become_events_and_a_promise(tmp_path: Path) -> None:
    days = pd.date_range("2025-01-01", periods=60)
    orders = pd.DataFrame(
        {
            "order_id": range(60),
            "customer_id": [f"c{n % 40}" for n in range(60)],
            "ordered_at": days,
            "shipped_at": days + pd.Timedelta("1D"),
            "delivered_at": days + pd.Timedelta("4D"),
            "promised_date": days + pd.Timedelta("3D"),
        }
    )
    (journeys,) = recognise(save(tmp_path, {"orders": orders})).tables
    assert journeys.table == "journeys"
    assert [event.stage for event in journeys.events] == ["purchase", "use", "use"]
    # The promise is the order's: what is not yet delivered must not count as having got there.
    assert [event.source for event in journeys.events] == [
        "ordered_at",
        "shipped_at",
        "delivered_at",
    ]
    assert [dict(event.columns) for event in journeys.events] == [
        {"promised_at": "promised_date", "fulfilled_at": "delivered_at"},
        {},
        {},
    ]


def test_code_just_above_the_scale_is_judged_by_the_other_answers(tmp_path: Path) -> None:
    """6 among those who rate the rest like everyone is "not used"; as the best mark it is not."""
    rng = np.random.default_rng(4)
    mood = rng.normal(0, 1, 400)
    names = ["price", "speed", "look"]
    unused = {n: np.where(rng.random(400) < 0.2, 6, rated(rng, mood, 5)) for n in names}
    marks = {n: rated(rng, mood, 6) for n in names}
    highs = []
    for number, columns in enumerate((unused, marks)):
        frame = pd.DataFrame({"response id": range(400), **columns})
        (surveys,) = recognise(save(tmp_path, {f"survey{number}": frame})).tables
        highs.append((surveys.scale["high"], surveys.scale.get("not_applicable")))
    assert highs == [(5, ["6"]), (6, None)]


def test_existing_study_file_is_kept_unless_asked(english: Guess, tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(StudyError, match="there already"):
        write_study(english, path)
    assert path.read_text(encoding="utf-8") == "mine"
    write_study(english, path, overwrite=True)
    assert read_config(path).tables.tickets is not None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"a,b\n", "no rows below the header"),
        (b"just a sentence\nand another\n", "only one column"),
        (b"1,2025-01-01,5\n2,2025-01-02,4\n", "first line holds values"),
        (b"PK\x03\x04rest", "the archive breaks off or is damaged"),
        (b"a,b\n1,2\n3,4\n", "none of the four tables"),
    ],
)
def test_unfit_file_is_refused_by_name(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "strange.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        recognise([path])
    assert "strange.csv" in str(caught.value)


def test_two_files_of_one_kind_that_nothing_tells_apart_are_refused(tmp_path: Path) -> None:
    frame = pd.DataFrame({"Customer": range(50), "Created at": ["2025-01-05"] * 50})
    first = frame.assign(**{"Ticket ID": range(50)})
    second = frame.assign(**{"Ticket ID": range(50), "Remark 7": "x", "Remark 8": "y"})
    with pytest.raises(DataError, match=r"a\.csv and b\.csv both look like tickets"):
        recognise(save(tmp_path, {"a": first, "b": second}))


def even_times(days: int, a_day: float) -> pd.Series:
    """Times from a mid-month day on, evenly spread."""
    number = int(days * a_day)
    minutes = np.linspace(0, days * 1440, number).astype(int)
    return pd.Series(pd.Timestamp("2023-01-15") + pd.to_timedelta(minutes, unit="min"))


@pytest.mark.parametrize(
    ("columns", "every"), [(0, "month"), (6, "quarter"), (30, "year"), (100, "all")]
)
def test_period_is_long_enough_for_the_model(columns: int, every: str) -> None:
    # about 106 a month, 320 a quarter, 1,280 a year, two of which are complete
    found, reason = period_length(even_times(days=1300, a_day=3.5), "answers", columns)
    assert found == every
    assert f"{max(100, 20 * columns):,} answers" in reason
    assert (f"the model's {columns} columns" in reason) == (columns > 5)


def test_months_without_answers_count_in_the_average() -> None:
    times = even_times(days=400, a_day=5)
    gap = times.dt.month.isin([4, 5, 6, 7, 8, 9, 10])
    assert period_length(times, "answers")[0] == "month"
    assert period_length(times[~gap], "answers")[0] == "quarter"


def test_study_file_says_how_many_answers_the_columns_of_the_model_need(
    english: Guess, tmp_path: Path
) -> None:
    path = write_study(english, tmp_path / "study.toml")
    columns = len(block_columns(open_study(path, period="all").blocks))
    line = next(
        line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("every")
    )
    assert line.startswith('every = "all"  # a report needs')
    assert f"{20 * columns:,} answers, 20 for each of the model's {columns} columns" in line


def test_question_named_like_a_feature_is_pointed_out_at_once(tmp_path: Path) -> None:
    tickets, survey, _ = english_trio(tmp_path)
    frame = pd.read_csv(survey)
    frame = frame.rename(columns={"How satisfied were you with delivery?": "answered_rated"})
    frame = frame.rename(columns={"How satisfied were you with our website?": "answered"})
    frame.to_csv(survey, index=False)
    assert "CHECK: answered, answered_rated: more than one feature" in str(
        recognise([tickets, survey])
    )


@pytest.mark.parametrize(
    ("services", "said"),
    [
        ([True], "  1 rating question, about service\n"),
        ([False], "  1 rating question, not about service\n"),
        ([False, False], "  2 rating questions, none of them about service\n"),
        ([True, False], "  2 rating questions, 1 of them about service\n"),
    ],
)
def test_summary_counts_questions_in_plain_words(
    services: list[bool], said: str, english: Guess
) -> None:
    surveys = english.table("surveys")
    assert surveys is not None
    items = tuple(ItemGuess("asked", "Asked", "", {"service": service}) for service in services)
    assert said in str(replace(english, tables=(replace(surveys, items=items),)))


def test_times_since_1970_are_known_by_their_size(tmp_path: Path) -> None:
    seconds = pd.Series(range(1_700_000_000, 1_700_040_000, 1_000))
    frame = pd.DataFrame(
        {
            "customer_id": [f"C{n % 15}" for n in range(40)],
            "timestamp": seconds * 1_000_000,
            "event_name": ["visit", "order"] * 20,
        }
    )
    path = write_study(recognise(save(tmp_path, {"events": frame})), tmp_path / "study.toml")
    assert 'time_format = "unix microseconds"' in path.read_text(encoding="utf-8")
    (first, *_) = sorted(collect(open_study(path).tables["journeys"])["occurred_at"])
    assert first == pd.Timestamp("2023-11-14 22:13:20", tz="UTC")


@pytest.mark.parametrize(
    ("header", "factor", "taken"),
    [
        ("timestamp", 0.25, True),
        ("Created at", 1, True),
        ("Opened by", 1, False),
        ("Response time", 1, False),
        ("timestamp", 1000, False),
    ],
)
def test_excels_days_are_read_and_never_without_a_doubt(
    header: str, factor: float, taken: bool, tmp_path: Path
) -> None:
    frame = pd.DataFrame(
        {
            "customer_id": [f"C{n % 15}" for n in range(40)],
            "when": [f"2025-03-{n % 28 + 1:02d}" for n in range(40)],
            header: [45_170 + n * factor for n in range(40)],
            "event_name": ["visit", "order"] * 20,
        }
    )
    if taken:
        frame = frame.drop(columns="when")
    path = write_study(recognise(save(tmp_path, {"events": frame})), tmp_path / "study.toml")
    text = path.read_text(encoding="utf-8")
    assert ('time_format = "excel days"' in text) == taken
    if taken:
        last = "2023-09-10" if factor < 1 else "2023-10-10"
        said = f"taken for days since 1900 as Excel counts them, 2023-09-01 to {last}; if these"
        assert said in text.partition("[tables")[0]
        (first, *_) = sorted(collect(open_study(path).tables["journeys"])["occurred_at"])
        assert first == pd.Timestamp("2023-09-01", tz="UTC")


@pytest.mark.parametrize(
    ("texts", "decimal"), [(["76,740", "12", "2,183,601"], None), (["3,5", "12", "1,250"], ",")]
)
def test_commas_that_group_thousands_are_no_decimal_commas(
    texts: list[str], decimal: str | None, tmp_path: Path
) -> None:
    frame = pd.DataFrame(
        {
            "ticket_id": range(30),
            "opened_at": pd.date_range("2025-01-01", periods=30).astype(str),
            "queue_wait_seconds": texts * 10,
        }
    )
    (tickets,) = recognise(save(tmp_path, {"tickets": frame})).tables
    assert tickets.column("queue_wait_seconds") is not None
    assert tickets.settings.get("decimal") == decimal
