"""Write the sample company as a folder that a report can be run on."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from cxanalysis.errors import SampleError
from cxanalysis.sample.company import simulate
from cxanalysis.sample.study_file import STUDY_FILE
from cxanalysis.sample.truth import find_truth
from cxanalysis.shipped import shipped
from cxanalysis.study import Study, open_study
from cxanalysis.tables import CONTRACTS

MIN_CUSTOMERS = 100
FILES = (*(f"{table}.csv" for table in CONTRACTS), "study.toml", "truth.json")


def write_sample(
    folder: Path | str, customers: int = 3000, seed: int = 2026, *, overwrite: bool = False
) -> None:
    """Write journeys, tickets, surveys, customers, their study file and their truth.

    Parameters
    ----------
    folder
        Made where absent.
    customers
        How many customers the company has.
    seed
        The same seed writes the same CSV files, byte for byte.
    overwrite
        Replace files of these names that are there already.

    Raises
    ------
    SampleError
        When there are fewer than 100 customers, too few for every kind of record to occur, or
        when a file of these names is there already and may not be replaced.
    """
    if customers < MIN_CUSTOMERS:
        raise SampleError(
            f"customers is {customers}; the sample company needs at least {MIN_CUSTOMERS}."
        )
    folder = Path(folder)
    there = [name for name in FILES if (folder / name).exists()]
    if there and not overwrite:
        raise SampleError(
            f"{folder}: {', '.join(there)} would be replaced. Name another folder, or delete "
            "them first if they are no longer needed."
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in simulate(customers, seed).items():
        _as_text(frame).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    (folder / "study.toml").write_text(STUDY_FILE, encoding="utf-8", newline="\n")
    truth = json.dumps(find_truth(customers, seed), indent=1, ensure_ascii=False)
    (folder / "truth.json").write_text(truth + "\n", encoding="utf-8", newline="\n")


def read_sample(period: str = "all") -> Study:
    """Open the sample company that comes with the project.

    Parameters
    ----------
    period
        As in `open_study`: "all" for everything, "last" for what its report covers.
    """
    return open_study(shipped("data/sample"), period=period)


def _as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Times to the second in UTC, yes/no as true/false, money with cents; empty = missing."""
    texts: dict[str, pd.Series[str]] = {}
    for name in frame.columns:
        column = frame[name]
        if isinstance(column.dtype, pd.DatetimeTZDtype):
            texts[name] = column.dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        elif column.dtype in (bool, object):
            texts[name] = column.map({True: "true", False: "false"})
        elif column.dtype == float:
            texts[name] = column.map("{:.2f}".format)
    return frame.assign(**texts)
