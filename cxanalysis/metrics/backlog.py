"""Contacts still open at the end of each period, and how old they were then."""

from __future__ import annotations

from datetime import date

import narwhals as nw
import numpy as np
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.metrics.contacts import customer_contacts, given_up
from cxanalysis.metrics.rows import DAY_US, lacking, of_segment
from cxanalysis.metrics.service_outcomes import last_us
from cxanalysis.periods import Period, parse_period
from cxanalysis.study import Study

MOST = 13  # ends of periods: a year and the same one before
COLUMNS = ("period", "at", "open", "age_p50", "age_p90", "note")


def backlog(study: Study) -> pd.DataFrame:
    """Contacts open at the ends of up to 13 periods, the study's own last.

    A contact is open from ``opened_at`` until ``solved_at``; abandoned ones never are. What was
    opened before the data begin is not seen, so the first counts may be too low.

    Returns
    -------
    DataFrame
        period, at (UTC), open (a count), age_p50 and age_p90 (days since opening; missing
        below ``min_base``) and note. Months where the study reports all dates. Empty where
        solutions are not in the data.
    """
    if lacking(study, "tickets") is not None or not study.has("tickets", "solved_at"):
        return pd.DataFrame(columns=list(COLUMNS))
    tickets = of_segment(study, "tickets", customer_contacts(study))
    tickets = tickets.filter(~given_up(study.columns["tickets"]))
    frame = collect(
        tickets.select(_from=nw.col("opened_at"), _to=nw.col("solved_at").cast(nw.Int64))
    )
    opened = frame["_from"].dropna().to_numpy("int64")
    if not len(opened):
        return pd.DataFrame(columns=list(COLUMNS))
    never = np.iinfo("int64").max
    solved = frame.loc[frame["_from"].notna(), "_to"].fillna(never).to_numpy(float)
    rows = [
        _row(period, opened, solved, study.config.metrics.min_base)
        for period in _periods(study, int(opened.min()))
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _periods(study: Study, first_us: int) -> list[Period]:
    """The periods whose ends are in the data, oldest first."""
    end_us, period = last_us(study), study.period
    if period is None:
        day = pd.Timestamp(end_us, unit="us", tz="UTC").tz_convert(study.config.time_zone)
        period = parse_period(f"{date(day.year, day.month, 1):%Y-%m}", study.config.time_zone)
    found: list[Period] = []
    while period is not None and len(found) < MOST and period.end_us > first_us:
        if period.end_us <= end_us:
            found.append(period)
        period = period.previous()
    return found[::-1]


def _row(
    period: Period, opened: np.ndarray, solved: np.ndarray, min_base: int
) -> dict[str, object]:
    still = (opened < period.end_us) & (solved >= period.end_us)
    ages = (period.end_us - opened[still]) / DAY_US
    shown = len(ages) >= min_base
    p50, p90 = np.quantile(ages, [0.5, 0.9]) if shown else (np.nan, np.nan)
    return {
        "period": period.title,
        "at": pd.Timestamp(period.end_us, unit="us", tz="UTC"),
        "open": len(ages),
        "age_p50": float(p50),
        "age_p90": float(p90),
        "note": "" if shown else f"ages withheld: fewer than {min_base}",
    }
