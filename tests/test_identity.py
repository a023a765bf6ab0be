"""One customer, one number: an id map, and addresses that are written in several ways."""

import pandas as pd
import pytest

from cxanalysis.engine import collect
from cxanalysis.errors import DataError
from cxanalysis.study import open_study

TICKETS = """id,requester,opened
1,901,2026-03-01
2,902.0,2026-03-02
3,903,2026-03-03
4,,2026-03-04
5,955,2026-03-05
"""
SURVEYS = """mail,when,score
Ann@Example.org,2026-03-05,5
mailto:ann.two@example.org,2026-03-06,4
bob@example.org,2026-03-06,3
stranger@example.org,2026-03-07,2
"""
CUSTOMERS = "customer_id,referred_by\nC1,\nC2,ANN@example.org\nC3,901\n"
MAP = """number,helpdesk,address
C1,901,ann@example.org
C1,,Ann.Two@example.org
C2,902,<BOB@example.org>
C3,903,
,904,nobody@example.org
"""
STUDY = """
name = "one"
[identity]
map = "{map}"
customer_id = "number"
others = ["helpdesk", "address"]
[tables.tickets]
path = "tickets.csv"
columns = {{ ticket_id = "id", customer_id = "requester", opened_at = "opened" }}
[tables.surveys]
path = "surveys.csv"
columns = {{ customer_id = "mail", responded_at = "when", csat = "score" }}
[tables.customers]
path = "customers.csv"
"""


def write(folder, id_map="map.csv", content=MAP):
    (folder / "tickets.csv").write_text(TICKETS)
    (folder / "surveys.csv").write_text(SURVEYS)
    (folder / "customers.csv").write_text(CUSTOMERS)
    (folder / "study.toml").write_text(STUDY.format(map=id_map))
    if content is not None:
        (folder / id_map).write_text(content)
    return folder


def customers(study, table, column="customer_id"):
    return [None if pd.isna(v) else v for v in collect(study.tables[table])[column]]


def test_every_table_has_the_number_of_the_map(tmp_path):
    study = open_study(write(tmp_path))
    assert customers(study, "tickets") == ["C1", "C2", "C3", None, "955"]
    surveys = customers(study, "surveys")
    assert surveys[:3] == ["C1", "C1", "C2"]
    assert len(surveys[3]) == 24  # not in the map: a hash
    assert customers(study, "customers") == ["C1", "C2", "C3"]
    assert customers(study, "customers", "referred_by") == [None, "C1", "C1"]


def test_customers_that_the_map_does_not_know_are_counted(tmp_path):
    study = open_study(write(tmp_path))
    notes = {reading.table: " ".join(reading.notes) for reading in study.reading}
    assert "customer_id: 1 of 4 different values are not in map.csv" in notes["tickets"]
    assert "customer_id: 1 of 4 different values are not in map.csv" in notes["surveys"]
    assert "map.csv" not in notes["customers"]
    assert "example" not in str(notes)


def test_a_map_may_have_any_format_and_a_change_of_it_is_seen(tmp_path):
    write(tmp_path, "map.parquet", None)
    rows = [line.split(",") for line in MAP.splitlines()]
    frame = pd.DataFrame(rows[1:], columns=rows[0])
    frame.to_parquet(tmp_path / "map.parquet")
    assert customers(open_study(tmp_path), "tickets")[0] == "C1"
    frame.replace("C1", "K1").to_parquet(tmp_path / "map.parquet")
    study = open_study(tmp_path)
    assert customers(study, "tickets")[0] == "K1"
    assert "map.parquet" in study.reading[0].hashes


def test_a_name_that_two_customers_share_is_refused_with_its_line(tmp_path):
    shared = MAP + "C4,902,\nC5,904,ANN@example.org\nC6,,x@example.org\n"
    with pytest.raises(DataError) as error:
        open_study(write(tmp_path, content=shared))
    message = str(error.value)
    assert "map.csv: 2 values of helpdesk, address belong to more than one number" in message
    assert "first: line 7" in message
    assert "example.org" not in message


def test_a_customers_number_that_is_anothers_in_a_second_system_is_refused(tmp_path):
    with pytest.raises(DataError, match="2 values of helpdesk, address belong"):
        open_study(write(tmp_path, content="number,helpdesk,address\n1,2,\n2,1,\n3,1,\n"))


def test_a_map_without_its_columns_or_its_file_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"map\.csv: no column 'address'"):
        open_study(write(tmp_path, content="number,helpdesk\nC1,901\n"))
    (tmp_path / "map.csv").unlink()
    with pytest.raises(DataError, match=r"no file 'map\.csv'"):
        open_study(tmp_path)


def test_rows_keep_the_order_of_the_file(tmp_path):
    write(tmp_path)
    lines = [f"{n},{901 + n % 3},2026-03-01" for n in range(5000)]
    (tmp_path / "tickets.csv").write_text("id,requester,opened\n" + "\n".join(lines) + "\n")
    numbers = collect(open_study(tmp_path).tables["tickets"])["ticket_id"]
    assert list(numbers) == [str(n) for n in range(5000)]


WRITTEN = (
    "ann@example.org",
    "ANN@Example.ORG",
    '"  ann@example.org "',
    "mailto:ann@example.org",
    "Ann Smith <Ann@example.org>",
    "ann%40example.org",
    "<ann@example.org>;",
    "MAILTO:ann@example.org?subject=hello",
)


def test_an_address_is_the_same_customer_however_it_is_written(tmp_path):
    lines = "".join(f"{value},2026-03-05,5\n" for value in WRITTEN)
    for name in ("tickets", "surveys"):
        (tmp_path / f"{name}.csv").write_text(f"{name}_key,when,score\n{lines}")
    (tmp_path / "study.toml").write_text(
        'name = "x"\n[tables.tickets]\npath = "tickets.csv"\n'
        'columns = { customer_id = "tickets_key", opened_at = "when" }\n'
        '[tables.surveys]\npath = "surveys.csv"\n[tables.surveys.columns]\n'
        'customer_id = "surveys_key"\nresponded_at = "when"\ncsat = "score"\n'
        "[privacy]\nhash = ['surveys_key']\n"
    )
    study = open_study(tmp_path)
    found = {*customers(study, "tickets"), *customers(study, "surveys")}
    assert len(found) == 1
    assert len(found.pop()) == 24


@pytest.mark.parametrize(
    "value",
    [
        "Ann Smith",
        '"Smith, Ann"',
        "O'Neil Bob",
        "+49 30 1234567",
        "whatsapp:+4915112345678",
        "(030) 1234567",
        "06 12 34 56 78",
        "2001:db8::7",
        "192.168.10.77",
        "ticket of ann@example.org",
    ],
)
def test_an_id_that_is_or_holds_a_person_is_hashed(tmp_path, value):
    (tmp_path / "customers.csv").write_text(f"customer_id\n{value}\nA-17\n2026-01 17\n")
    (tmp_path / "study.toml").write_text('name = "x"\n[tables.customers]\npath = "customers.csv"\n')
    found = customers(open_study(tmp_path), "customers")
    assert len(found[0]) == 24
    assert found[1:] == ["A-17", "2026-01 17"]


def test_one_phone_number_is_one_customer_and_two_internet_addresses_are_two(tmp_path):
    values = ["+49 30 1234567", "+49 (30) 123-4567", "192.16.81.77", "192.168.1.77"]
    (tmp_path / "tickets.csv").write_text(
        "customer_id,opened_at\n" + "".join(f"{value},2026-03-05\n" for value in values)
    )
    (tmp_path / "study.toml").write_text('name = "x"\n[tables.tickets]\npath = "tickets.csv"\n')
    one, same, other, fourth = customers(open_study(tmp_path), "tickets")
    assert one == same
    assert len({one, other, fourth}) == 3


def test_codes_for_missing_in_the_map_name_nobody(tmp_path):
    content = MAP + "C5,N/A,NULL\nC6,N/A,NULL\n"
    study = open_study(write(tmp_path, content=content))
    assert customers(study, "tickets")[:3] == ["C1", "C2", "C3"]
