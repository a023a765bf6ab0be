"""The rows behind a bar as they may be looked at: no names, no numbers of persons, no words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from cxanalysis.drivers.fit import model_rows
from cxanalysis.errors import ReportError
from cxanalysis.metrics import rows_behind
from cxanalysis.narrative.words import counted
from cxanalysis.study import Study
from cxanalysis.tables import CONTRACTS

MOST = 100
"""Rows that are listed."""

WITHHELD = ("id", "text")  # kinds of columns: who it was, and in whose words


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
    """Answers in which anything of a group of drivers is not 0, the lowest outcome first.

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
    found = features.loc[touched].sort_values([outcome, "responded_at"], kind="stable")
    note = (
        "As the model takes them: 1 is yes and 0 is no; ratings, times and counts are given less "
        "their mean, and 0 where there is none."
    )
    chosen = [c for c in ("responded_at", outcome) if c in found]
    return _listed(study, of, found[[*chosen, *columns]], "answer", note)


def touches_behind(study: Study, stage: str) -> Rows:
    """Touches of a stage in the study's period and segment."""
    return _behind(study, "touch", stage, "journeys", "touch")


def contacts_behind(study: Study, figure: str, channel: str) -> Rows:
    """Contacts of a channel that a figure of service counts, or all where it has no own rows."""
    known = set(rows_behind(study)["figure"])
    source = figure if figure in known else "contact"
    return _behind(study, source, channel, "tickets", "contact")


def _behind(study: Study, source: str, value: str, table: str, noun: str) -> Rows:
    try:
        found = rows_behind(study, source, value)
    except ReportError as error:
        return Rows(value, 0, pd.DataFrame(), str(error))
    shown = {
        column.name
        for column in CONTRACTS[table].columns
        if column.kind not in WITHHELD and column.name in found
    }
    note = ""
    if "counts" in found:
        shown.add("counts")
        note = "counts: 1 where the row is of those that the share counts, 0 where it is not."
    found = found[[column for column in found if column in shown]]
    return _listed(study, value, found, noun, note)


def _listed(study: Study, of: str, found: pd.DataFrame, noun: str, note: str) -> Rows:
    n, least = len(found), study.config.metrics.min_base
    many = counted(n, noun, "touches" if noun == "touch" else None)
    if n < least:
        why = f"{many}: fewer than {least} are not listed, as in reports (min_base)."
        return Rows(of, n, found.head(0), why)
    first = f"the first {MOST} of {many}" if n > MOST else many
    head = f"{first[0].upper()}{first[1:]}, without what tells a person. {note}".strip()
    return Rows(of, n, _as_text(found.head(MOST), study.config.time_zone), head)


def _as_text(rows: pd.DataFrame, time_zone: str) -> pd.DataFrame:
    """Local times to the minute, whole numbers without decimals, no empty columns."""
    rows = rows.dropna(axis="columns", how="all")
    texts = {str(name).replace("_", " "): _column(rows[name], time_zone) for name in rows}
    return pd.DataFrame(texts).fillna("–")


def _column(values: Any, time_zone: str) -> Any:
    known = values.dropna()
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        local = known.dt.tz_convert(ZoneInfo(time_zone)).dt.strftime("%Y-%m-%d %H:%M")
        return local.reindex(values.index)
    if pd.api.types.is_bool_dtype(known):
        return known.map({True: "yes", False: "no"}).reindex(values.index)
    if pd.api.types.is_numeric_dtype(known):
        form = "{:,.0f}" if (known == known.round()).all() else "{:,.2f}"
        return known.map(lambda value: form.format(value).replace("-", "−")).reindex(values.index)
    return known.astype(str).reindex(values.index)
