"""Was somebody in: attempts by local hour and weekday, and how many of them went unanswered."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import pandas as pd
import scipy
from numpy.typing import ArrayLike, NDArray

from cxanalysis.engine import collect
from cxanalysis.metrics.contacts import given_up, handled_at
from cxanalysis.metrics.intervals import wilson
from cxanalysis.metrics.multiple import holm
from cxanalysis.metrics.parts import contacts_of
from cxanalysis.metrics.rows import DAY_US, counted, lacking
from cxanalysis.metrics.service_outcomes import last_us
from cxanalysis.periods import business_seconds, calendar
from cxanalysis.study import Study

BIN_US = 900_000_000  # a quarter of an hour: no two time zones differ by less
FIGURES = ("n", "value", "conf_low", "conf_high", "note")
ANSWER = ("abandoned", "first_replied_at")


def unanswered_by_hour(study: Study, width: int = 1) -> pd.DataFrame:
    """Share of attempts that went unanswered, by weekday and hour of the study's time zone.

    An attempt went unanswered where the customer gave up or nobody answered within a day; one
    less than a day old without an answer is not judged.

    Parameters
    ----------
    width
        Hours in one block: 1, 2, 3, 4, 6, 8, 12 or 24.

    Returns
    -------
    DataFrame
        weekday (0 is Monday), hour (the first of the block), n, value (share unanswered),
        conf_low, conf_high and note; a share of fewer than ``min_base`` attempts is withheld.
        Blocks without an attempt have no row. Empty where the tickets cannot tell what was
        answered.
    """
    bins = _bins(study)
    local = pd.to_datetime(bins["bin"] * BIN_US, unit="us", utc=True)
    local = local.dt.tz_convert(study.config.time_zone)
    blocks = bins.assign(weekday=local.dt.day_of_week, hour=local.dt.hour // width * width)
    table = blocks.groupby(["weekday", "hour"], as_index=False)[["n", "hit"]].sum()
    return _shares(table, study.config.metrics.min_base)[["weekday", "hour", *FIGURES]]


def unanswered(study: Study) -> pd.DataFrame:
    """The same share of all attempts, in one row without weekday and hour."""
    bins = _bins(study)
    table = bins[["n", "hit"]].sum().to_frame().T
    return _shares(table, study.config.metrics.min_base)[list(FIGURES)]


def above_the_rest(hits: ArrayLike, n: ArrayLike, all_hits: int, all_n: int) -> NDArray[np.float64]:
    """P-values (m,) of blocks against all attempts outside them, Holm over the blocks.

    Fisher's exact test, one-sided: that the block has more unanswered ones than its part.
    """
    return holm(scipy.stats.hypergeom.sf(np.asarray(hits) - 1, all_n, all_hits, np.asarray(n)))


def outside_hours(study: Study) -> pd.DataFrame:
    """The same share inside and outside the opening hours of the study file.

    Returns
    -------
    DataFrame
        open (True or False), n, value, conf_low, conf_high, note; empty where the study file
        gives no opening hours.
    """
    opening = study.config.opening_hours
    bins = _bins(study)
    if opening is None or bins.empty:
        return pd.DataFrame(columns=["open", *FIGURES])
    start = bins["bin"].to_numpy("int64") * BIN_US
    ends = pd.to_datetime([start.min() - DAY_US, start.max() + DAY_US], unit="us", utc=True)
    first, last = ends.tz_convert(study.config.time_zone)
    days = calendar(first.date(), last.date(), study.config.time_zone, opening)
    is_open = business_seconds(days, start, start + BIN_US) > 0
    table = bins.assign(open=is_open).groupby("open", as_index=False)[["n", "hit"]].sum()
    return _shares(table, study.config.metrics.min_base)[["open", *FIGURES]]


def _bins(study: Study) -> pd.DataFrame:
    """Attempts and unanswered ones by quarter of an hour, counted in the engine."""
    empty = pd.DataFrame({"bin": [], "n": [], "hit": []}, dtype="int64")
    told = any(study.has("tickets", column) for column in ANSWER)
    if lacking(study, "tickets") is not None or not told:
        return empty
    columns = study.columns["tickets"]
    opened, answered, gone = nw.col("opened_at"), handled_at(columns), given_up(columns)
    missed = gone | answered.is_null() | (answered > opened + DAY_US)
    old = opened <= last_us(study) - DAY_US
    rows = contacts_of(study, None).filter((~missed | gone | old).fill_null(False))
    rows = rows.select(bin=opened // BIN_US, _hit=counted(missed))
    found = collect(rows.group_by("bin").agg(n=nw.len(), hit=nw.col("_hit").sum()))
    return found.sort_values("bin", ignore_index=True) if len(found) else empty


def _shares(table: pd.DataFrame, min_base: int) -> pd.DataFrame:
    low, high = wilson(table["hit"].to_numpy(), table["n"].to_numpy())
    shown = table["n"] >= min_base
    return table.assign(
        value=(table["hit"] / table["n"]).where(shown),
        conf_low=np.where(shown, low, np.nan),
        conf_high=np.where(shown, high, np.nan),
        note=np.where(shown, "", f"withheld: fewer than {min_base}"),
    )
