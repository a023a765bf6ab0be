"""Public data sets become a study with no hand edit, and check tells what is odd about them."""

from __future__ import annotations

from pathlib import Path

import pytest

import cxanalysis as cx
from cxanalysis.recognise import recognise, write_study

DATA = Path(__file__).parents[3] / "shared" / "data"

pytestmark = pytest.mark.real

# Folder, files, rows kept by table, and what init or check must say of the data's quirks.
REAL = (
    ("bpi2016_complaints", ("BPI2016_Complaints.csv",), {"tickets": 289}, ("no survey",)),
    ("ecsi_bank", ("satisfaction_bank_plspm.csv",), {"surveys": 250}, ("'sat2' is taken",)),
    (
        "anonymous_bank_calls",
        ("data_anonymous_bank_february.txt",),
        {"tickets": 33_344},
        ("'call_id' comes again beside another 'customer_id'",),
    ),
    (
        "uci_incident_log",
        ("tickets_last_state.csv.gz",),
        {"tickets": 24_918},
        ("carry no zone", "caller_id identifies a person: hashed"),
    ),
    (
        "sfo_airport_survey",
        ("2017_SFO_Customer_Survey.csv",),
        {"surveys": 2831},
        ("24 rating questions", "the files hold no times"),
    ),
    (
        "olist_journey",
        (
            "olist_customers_dataset.csv",
            "olist_order_reviews_dataset.csv",
            "olist_orders_dataset.csv",
        ),
        {"journeys": 27_647, "surveys": 8191, "customers": 8135},
        (
            "left out: 2,965, no time for delivered customer",
            "duplicate id: 34",
            "8,112 of 8,135 customers in journeys are also in surveys",
        ),
    ),
    (
        "airline_satisfaction",
        ("airline_passenger_satisfaction.csv.gz",),
        {"surveys": 129_880},
        ("12 rating questions",),
    ),
)


@pytest.mark.parametrize(("folder", "files", "kept", "told"), REAL, ids=[row[0] for row in REAL])
def test_a_public_data_set_loads_and_its_quirks_are_told(
    folder: str,
    files: tuple[str, ...],
    kept: dict[str, int],
    told: tuple[str, ...],
    tmp_path: Path,
) -> None:
    if not DATA.is_dir():
        pytest.skip(f"no real data: {DATA.name}/ is not in {DATA.parent.name}/ by the checkout")
    guess = recognise([str(DATA / folder / file) for file in files])
    study = cx.open_study(write_study(guess, tmp_path / "study.toml"))
    assert {reading.table: reading.rows_kept for reading in study.reading} == kept
    said = f"{guess}\n{cx.check_study(study)}"
    assert [words for words in told if words not in said] == []
