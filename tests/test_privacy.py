"""No raw identifier outlives the reading: not in the cache, not in rejects, not in an error."""

import stat

import duckdb
import pandas as pd
import pytest

from cxanalysis.config import Privacy
from cxanalysis.engine import collect
from cxanalysis.errors import DataError
from cxanalysis.sources.person_names import is_person
from cxanalysis.sources.privacy import mask, treatment
from cxanalysis.study import check_study, open_study

SECRETS = (
    "ann.smith@example.com",
    "bob@example.org",
    "+49 30 1234567",
    "0171-1234567",
    "(415) 555-2671",
    "192.168.10.77",
    "Ann Smith",
    "Bob Jones",
)

TICKETS = """id,E-Mail,Requester name,opened,talk,ip_address,reason
1,Ann.Smith@example.com,Ann Smith,2026-03-01,60,192.168.10.77,call ann.smith@example.com back
2,bob@example.org,Bob Jones,2026-03-02,bob@example.org,192.168.10.77,from 192.168.10.77
3,bob@example.org,Bob Jones,+49 30 1234567,60,192.168.10.77,billing
3,bob@example.org,Bob Jones,2026-03-02,-1,192.168.10.77,billing
bob@example.org,bob@example.org,Bob Jones,2026-03-02,1,192.168.10.77,billing
bob@example.org,bob@example.org,Bob Jones,2026-03-02,1,192.168.10.77,billing
4,ann.smith@example.com,Ann Smith,2026-03-02
"""
SURVEYS = """customer,when,score,comment,contact,phone
ann.smith@example.com,2026-03-05,5,"Ring (415) 555-2671 or 0171-1234567, ask",bob@example.org,123
BOB@example.org,2026-03-06,9,mail bob@example.org,ann.smith@example.com,0171-1234567
"""
STUDY = """
name = "private"
[limits]
bad_rows = {limit}
[tables.tickets]
path = "tickets.csv"
[tables.tickets.columns]
ticket_id = "id"
customer_id = "E-Mail"
opened_at = "opened"
talk_seconds = "talk"
reason = "reason"
team = "Requester name"
where = "ip_address"
[tables.surveys]
path = "surveys.csv"
[tables.surveys.columns]
customer_id = "customer"
responded_at = "when"
csat = "score"
comment = "comment"
other = "contact"
line = "phone"
"""


def write(folder, limit):
    (folder / "tickets.csv").write_text(TICKETS, encoding="utf-8")
    (folder / "surveys.csv").write_text(SURVEYS, encoding="utf-8")
    (folder / "study.toml").write_text(STUDY.format(limit=limit), encoding="utf-8")
    return folder


def everything_in(folder):
    """All bytes of the cache, and all values of its Parquet files."""
    texts = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            texts.append(path.read_bytes().decode("latin-1"))
        if path.suffix == ".parquet":
            texts.append(str(duckdb.read_parquet(str(path)).fetchall()))
    return "\n".join(texts).lower()


def test_no_identifier_is_left_anywhere(tmp_path):
    study = open_study(write(tmp_path, 1.0), period="all")
    assert set(study.rejects()["rule"]) == {
        "unreadable number",
        "unreadable time",
        "negative duration",
        "duplicate id",
        "ragged line",
        "off the scale 1–5",
    }
    kept = everything_in(tmp_path / ".cxanalysis") + repr(check_study(study)).lower()
    for secret in SECRETS:
        assert secret.lower() not in kept
    assert "billing" in kept  # the search does look into values


def test_no_identifier_is_in_an_error_or_in_its_rejects(tmp_path):
    with pytest.raises(DataError) as error:
        open_study(write(tmp_path, 0.05))
    kept = everything_in(tmp_path / ".cxanalysis") + str(error.value).lower()
    assert "break the table's rules" in kept
    for secret in SECRETS:
        assert secret.lower() not in kept


def test_hashed_customers_still_match_between_tables(tmp_path):
    study = open_study(write(tmp_path, 1.0), period="all")
    tickets = collect(study.tables["tickets"])["customer_id"]
    surveys = collect(study.tables["surveys"])["customer_id"]
    assert set(surveys) <= set(tickets)
    assert all(len(value) == 24 for value in tickets)


def test_texts_are_masked_and_columns_of_persons_left_out(tmp_path):
    study = open_study(write(tmp_path, 1.0), period="all")
    comments = list(collect(study.tables["surveys"])["comment"])
    assert comments == ["Ring [phone] or [phone], ask"]
    reasons = list(collect(study.tables["tickets"])["reason"])
    assert reasons[0] == "call [e-mail] back"
    assert not study.columns["tickets"] & {"team", "where"}
    notes = " ".join(study.reading[0].notes)
    assert "Requester name identifies a person: left out" in notes


def test_salt_is_made_once_and_private_or_taken_from_the_environment(tmp_path, monkeypatch):
    ids = []
    for salt in (None, None, "one", "one", "two"):
        if salt is not None:
            monkeypatch.setenv("CXANALYSIS_SALT", salt)
        study = open_study(write(tmp_path, 1.0), period="all")
        ids.append(collect(study.tables["tickets"])["customer_id"].iloc[0])
    assert ids[0] == ids[1]
    assert ids[2] == ids[3]
    assert len(set(ids)) == 3
    mode = stat.S_IMODE((tmp_path / ".cxanalysis" / "salt").stat().st_mode)
    assert mode == 0o600


def test_listed_columns_are_hashed_or_dropped(tmp_path):
    write(tmp_path, 1.0)
    toml = tmp_path / "study.toml"
    toml.write_text(toml.read_text() + '\n[privacy]\nhash = ["reason"]\ndrop = ["comment"]\n')
    study = open_study(tmp_path, period="all")
    assert "comment" not in study.columns["surveys"]
    assert "billing" not in set(collect(study.tables["tickets"])["reason"])


def test_ordinary_texts_numbers_and_dates_stay_as_they_are(tmp_path):
    (tmp_path / "customers.csv").write_text(
        "customer_id,plan,since\n4155552671,Gold 2.0,2026-03-01 10:00\nA-1,1.5-3.0 GB,12/2026\n"
    )
    (tmp_path / "study.toml").write_text('name = "x"\n[tables.customers]\npath = "customers.csv"\n')
    table = collect(open_study(tmp_path).tables["customers"])
    expected = {
        "customer_id": ["4155552671", "A-1"],
        "plan": ["Gold 2.0", "1.5-3.0 GB"],
        "since": ["2026-03-01 10:00", "12/2026"],
    }
    assert table.to_dict("list") == expected
    assert isinstance(table, pd.DataFrame)


@pytest.mark.parametrize(
    ("name", "fate"),
    [
        ("RecipientEmail", "hash"),
        ("e-mail address", "hash"),
        ("Mobile Number", "hash"),
        ("phone_no", "hash"),
        ("RecipientLastName", "drop"),
        ("First Name", "drop"),
        ("customer_name", "drop"),
        ("Agent name", "drop"),
        ("IPAddress", "drop"),
        ("client ip", "drop"),
        ("product_name", "keep"),
        ("home_address", "drop"),
        ("Date of birth", "drop"),
        ("LocationLatitude", "drop"),
        ("Kundenname", "drop"),
        ("Prénom", "drop"),
        ("zip", "keep"),
        ("hotel", "keep"),
        ("description", "keep"),
        ("recipient_type", "keep"),
    ],
)
def test_columns_are_recognised_by_name(name, fate):
    assert treatment((name,), Privacy()) == fate


def test_a_name_in_a_rating_and_an_address_in_exclude_do_not_reach_the_account(tmp_path):
    (tmp_path / "s.csv").write_text(
        "mail,score,comment\nann@example.com,Ann Smith,from 2001:db8::7 or ann%40example.com\n"
        "bob@example.org,5,account 12345678901 at 10:00:00\n",
    )
    (tmp_path / "study.toml").write_text(
        'name = "x"\n[limits]\nbad_rows = 1.0\n[tables.surveys]\npath = "s.csv"\n'
        'exclude = { mail = "x@example.com" }\n[tables.surveys.columns]\ncustomer_id = "mail"\n'
        'csat = { column = "score", missing = "-" }\ncomment = "comment"\n'
    )
    with (tmp_path / "s.csv").open("a") as file:
        file.write("x@example.com,5,from 2001:db8::7 or ann%40example.com\n")
    study = open_study(tmp_path)
    assert list(study.rejects()["value"]) == ["[words]"]
    assert study.reading[0].excluded == {"mail = [e-mail]": 1}
    assert list(collect(study.tables["surveys"])["comment"]) == ["account [number] at 10:00:00"]
    kept = everything_in(tmp_path / ".cxanalysis") + repr(check_study(study)).lower()
    assert "example" not in kept
    assert "smith" not in kept


def test_addresses_in_comments_are_masked_whatever_their_form(tmp_path):
    texts = "from 2001:db8::7 or ann%40example.com", "a.b(at)example.com [AT]", "00491715559911"
    (tmp_path / "s.csv").write_text("\n".join(("comment,kind", *(f"{t},{t}" for t in texts))))
    (tmp_path / "study.toml").write_text('name = "x"\n[tables.surveys]\npath = "s.csv"\n')
    table = collect(open_study(tmp_path).tables["surveys"])
    assert list(table["comment"]) == ["from [ip] or [e-mail]", "[e-mail] [AT]", "[phone]"]
    assert list(table["kind"]) == list(table["comment"])


def test_a_header_that_is_data_is_masked_in_the_error(tmp_path):
    (tmp_path / "s.csv").write_text("ann@example.com,5\nbob@example.org,4\n")
    (tmp_path / "study.toml").write_text(
        'name = "x"\n[tables.surveys]\npath = "s.csv"\n[tables.surveys.columns]\ncsat = "score"\n'
    )
    with pytest.raises(DataError) as error:
        open_study(tmp_path)
    assert "Known: [e-mail], 5" in str(error.value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Smith", "[word]"),
        ("Ann Smith", "[words]"),
        ("O'Neil 5", "[words] 5"),
        ("excellent", "excellent"),
        ("not applicable", "not applicable"),
        ("sehr gut", "sehr gut"),
        ("4 stars", "4 stars"),
        ("ann.smith@example.com", "[e-mail]"),
        ("12 Main Street", "[address]"),
        ("moved to Smith", "[words]"),
    ],
)
def test_a_bad_value_shows_only_words_that_name_nobody(tmp_path, value, shown):
    (tmp_path / "s.csv").write_text(f"csat\n{value}\n5\n")
    (tmp_path / "study.toml").write_text(
        'name = "x"\n[limits]\nbad_rows = 1.0\n[tables.surveys]\npath = "s.csv"\n'
        'columns = { csat = "csat" }\n'
    )
    assert list(open_study(tmp_path).rejects()["value"]) == [shown]


@pytest.mark.parametrize(
    "text",
    [
        "Ann Smith",
        "Smith, Ann",
        "ann smith",
        "Mr Jones",
        "Karl-Heinz Groß",
        "MARIA GARCIA LOPEZ",
        "Raul Roa",
    ],
)
def test_names_of_persons_are_told(text):
    assert is_person(text)


@pytest.mark.parametrize(
    "text",
    [
        "Chat",
        "Phone support",
        "Bill payment",
        "San Francisco",
        "Victoria Station",
        "Sam's Club",
        "MS Teams",
        "Web form",
        "Premium plan",
        "Frank Hall",
        "New York",
        "in store",
        "Ann",
    ],
)
def test_names_of_other_things_are_not_taken_for_persons(text):
    assert not is_person(text)


@pytest.mark.parametrize(
    "text",
    [
        "12 Main Street",
        "221B Baker St",
        "Hauptstraße 5",
        "5, rue de la Paix",
        "Calle Mayor 5",
        "Via Roma 12",
        "Kerkstraat 10",
    ],
)
def test_houses_in_streets_are_masked(text):
    assert mask(f"at {text}") == "at [address]"


@pytest.mark.parametrize("text", ["5 days this way", "10 minutes by road", "Plan 5", "web 24"])
def test_other_numbers_beside_words_are_no_houses(text):
    assert mask(text) == text


def among(folder, column, values, privacy=""):
    """What a study of customers holds in a segment column, and what is noted of it."""
    rows = "".join(f'c{number},"{value}"\n' for number, value in enumerate(values))
    (folder / "customers.csv").write_text(f"customer_id,{column}\n{rows}")
    (folder / "study.toml").write_text(
        f'name = "x"\n{privacy}\n[tables.customers]\npath = "customers.csv"\n'
    )
    study = open_study(folder)
    return list(collect(study.tables["customers"])[column]), " ".join(study.reading[0].notes)


def test_a_person_among_the_values_of_a_segment_is_masked_and_counted(tmp_path):
    values = ["Basic", "Gold", "Ann Smith", "Basic", "12 Main Street"]
    found, notes = among(tmp_path, "plan", values)
    assert found == ["Basic", "Gold", "[private]", "Basic", "[private]"]
    assert "plan: 2 of 4 different values look like names of persons" in notes
    assert "Smith" not in everything_in(tmp_path / ".cxanalysis")


def test_a_column_of_persons_is_hashed(tmp_path):
    found, notes = among(tmp_path, "adviser", ["Ann", "Bob Jones", "Clara Weiss", "Ann", "-"])
    assert found[0] == found[3]
    assert all(len(value) == 24 for value in found)
    assert "adviser holds names of persons or addresses of houses: hashed" in notes


def test_names_are_masked_however_many_values_there_are(tmp_path, monkeypatch):
    monkeypatch.setattr("cxanalysis.sources.persons.MOST_VALUES", 10)
    values = [f"Basic plan number {n}" for n in range(50)]
    values[45] = "Ann Smith"
    found, notes = among(tmp_path, "plan", values)
    assert found[45] == "[private]" and found[:45] == values[:45]
    assert "plan: 1 of 50 different values look like names" in notes


def test_a_house_number_right_behind_its_street_is_masked(tmp_path):
    texts = ["Paket ging an Hauptstr.12 in Bonn", "near Kerkstraat12", "Bahnhofstraße12 please"]
    (tmp_path / "s.csv").write_text("\n".join(("comment", *texts)))
    (tmp_path / "study.toml").write_text('name = "x"\n[tables.surveys]\npath = "s.csv"\n')
    found = list(collect(open_study(tmp_path).tables["surveys"])["comment"])
    assert found == ["Paket ging an [address] in Bonn", "near [address]", "[address] please"]


def test_a_number_is_left_out_where_its_column_of_the_file_is_listed(tmp_path):
    (tmp_path / "c.csv").write_text("customer_id,Salary\n00491701234567,50000\nc2,60000\n")
    (tmp_path / "study.toml").write_text(
        'name = "x"\n[privacy]\ndrop = ["Salary"]\n[tables.customers]\npath = "c.csv"\n'
        '[tables.customers.columns]\ncustomer_id = "customer_id"\nvalue = "Salary"\n'
    )
    study = open_study(tmp_path)
    assert study.columns["customers"] == {"customer_id"}
    assert "Salary identifies a person: left out" in study.reading[0].notes
    ids = collect(study.tables["customers"])["customer_id"].tolist()
    assert len(ids[0]) == 24 and ids[1] == "c2"  # a phone number in place of an id is hashed


def test_a_column_that_only_looks_like_persons_can_be_kept(tmp_path):
    brands = ["Christian Dior", "Oscar Mayer", "Ella Baché"]
    kept, notes = among(tmp_path, "brand", brands, '[privacy]\nkeep = ["brand"]')
    assert kept == brands
    assert notes == ""
    assert treatment(("display_name",), Privacy(keep=("display_name",))) == "keep"


def test_a_file_outside_the_study_is_called_by_its_name_alone(tmp_path):
    (tmp_path / "ann.smith").mkdir()
    (tmp_path / "study").mkdir()
    (tmp_path / "ann.smith" / "c.csv").write_text("customer_id\na\n")
    (tmp_path / "study" / "study.toml").write_text(
        'name = "x"\n[tables.customers]\npath = "../ann.smith/c.csv"\n'
    )
    assert open_study(tmp_path / "study").reading[0].files == ("c.csv",)
