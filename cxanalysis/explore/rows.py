"""The rows behind a bar as they may be looked at: no names, no numbers of persons, no words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from cxanalysis.drivers.fit import model_rows
from cxanalysis.errors import ReportError
from cxanalysis.features import centres
from cxanalysis.metrics import rows_behind
from cxanalysis.narrative.words import counted
from cxanalysis.partition import two_part_columns
from cxanalysis.study import Study
from cxanalysis.tables import CONTRACTS

MOST = 100
"""Rows that are listed."""

WITHHELD = ("id", "text")  # kinds of columns: who it was, and in whose words
PERSONAL = ("role", "value", "expected_value")  # who acted, and money that few others paid
CUSTOMER = "customer_id"
BARE = "without numbers, names and words of persons, times cut to the day"


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows behind a bar: what they are of, how many there are, and the first of them as texts.

    ``table`` is empty where they are withheld, and ``note`` says why.
    """

    of: str
    n: int
    table: pd.DataFrame
    note: str


def answers_behind(study: Study, of: str, columns: Sequence[str]) -> Rows:
    """Answers with anything of a group of drivers, as they were given; the oldest first.

    Parameters
    ----------
    of
        What the bar is called.
    columns
        The group's columns among the features.
    """
    features = model_rows(study)
    if not isinstance(features, pd.DataFrame):
        note = "There are too many answers to list; take a shorter period or a segment."
        return Rows(of, 0, pd.DataFrame(), note)
    outcome = study.config.model.outcome
    columns = [column for column in columns if column in features]
    touched = features[columns].fillna(0).ne(0).any(axis=1) & features[outcome].notna()
    found = _uncoded(study, features.loc[touched], columns)
    first = [c for c in (CUSTOMER, "responded_at", outcome) if c in found]
    chosen = [*first, *(column for column in columns if column in found)]
    note = (
        "The model takes all answers; these have anything of this group. 1 is yes and 0 is no; "
        "– is where there is none."
    )
    return _listed(study, of, found[chosen], "answer", note)


def touches_behind(study: Study, stage: str) -> Rows:
    """Touches of a stage in the study's period and segment."""
    return _behind(study, "touch", stage, "stage", "journeys", "touch")


def contacts_behind(study: Study, figure: str, channel: str) -> Rows:
    """Contacts of a channel that a main figure of service counts."""
    return _behind(study, figure, channel, "channel", "tickets", "contact")


def _behind(study: Study, figure: str, value: str, column: str, table: str, noun: str) -> Rows:
    try:
        found = rows_behind(study, figure, value, column)
    except ReportError as error:
        return Rows(value, 0, pd.DataFrame(), str(error))
    shown = {
        each.name
        for each in CONTRACTS[table].columns
        if each.kind not in WITHHELD and each.name not in PERSONAL
    }
    shown |= {CUSTOMER, "counts", "handle_seconds"}
    note = ""
    if "counts" in found:
        note = "counts: 1 where the row is of those that the share counts, 0 where it is not."
    found = found[[each for each in found if each in shown]]
    return _listed(study, value, found, noun, note)


def _uncoded(study: Study, rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Features as figures: their mean added back, and missing where nothing was known."""
    middle = centres(study)
    found = rows.copy()
    for value, indicator in two_part_columns(study.config, study.columns).items():
        if value in columns and indicator in found:
            known = found[indicator] == 1
            figure = (found[value] + middle.get(value, 0.0)).round(9)  # without what floats add
            found[value] = figure.where(known)
            found = found.drop(columns=indicator)
    return found


def _listed(study: Study, of: str, found: pd.DataFrame, noun: str, note: str) -> Rows:
    """The rows by day; none where too few, or of too few customers, to be of no one person."""
    n, least = len(found), study.config.metrics.min_base
    many = counted(n, noun, "touches" if noun == "touch" else None)
    if n < least:
        why = f"{many}: fewer than {least} are not listed, as in reports (min_base)."
        return Rows(of, n, found.iloc[:0], why)
    if CUSTOMER in found:
        # One without customer number is of a customer of its own, as in all figures.
        customers = int(found[CUSTOMER].nunique() + found[CUSTOMER].isna().sum())
        found = found.drop(columns=CUSTOMER)
        if customers < least:
            why = (
                f"{many} of {counted(customers, 'customer')}: those of fewer than {least} "
                "customers are not listed (min_base)."
            )
            return Rows(of, n, found.iloc[:0], why)
    found = _by_day(found, study.config.time_zone)
    first = f"the first {MOST} of {many}" if n > MOST else many
    head = f"{first[0].upper()}{first[1:]}, {BARE}. Rows are single cases. {note}".strip()
    return Rows(of, n, _as_text(found.head(MOST)), head)


def _by_day(rows: pd.DataFrame, time_zone: str) -> pd.DataFrame:
    """The rows with local days in place of times, by the first of them.

    Rows of one day are in order of their own figures: the order in which they came would tell
    of the hour.
    """
    names = [str(name) for name in rows]
    times = [name for name in names if isinstance(rows[name].dtype, pd.DatetimeTZDtype)]
    zone = ZoneInfo(time_zone)
    days = {name: rows[name].dt.tz_convert(zone).dt.strftime("%Y-%m-%d") for name in times}
    rows = rows.assign(**days)
    order = times[:1] + [name for name in names if name not in times]
    return rows.sort_values(order, kind="stable") if times else rows


def _as_text(rows: pd.DataFrame) -> pd.DataFrame:
    """Whole numbers without decimals, no empty columns."""
    rows = rows.dropna(axis="columns", how="all")
    texts = {str(name).replace("_", " "): _column(rows[name]) for name in rows}
    return pd.DataFrame(texts).fillna("–")


def _column(values: Any) -> Any:
    known = values.dropna()
    if pd.api.types.is_bool_dtype(known):
        return known.map({True: "yes", False: "no"}).reindex(values.index)
    if pd.api.types.is_numeric_dtype(known):
        form = "{:,.0f}" if (known == known.round()).all() else "{:,.2f}"
        return known.map(lambda value: form.format(value).replace("-", "−")).reindex(values.index)
    return known.astype(str).reindex(values.index)
