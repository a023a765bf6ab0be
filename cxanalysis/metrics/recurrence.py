"""Whether a reason for contact comes back: issues followed by another one of the same customer."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import pandas as pd

from cxanalysis.errors import ReportError
from cxanalysis.metrics.contacts import customer_contacts
from cxanalysis.metrics.issues import Lazy, issues
from cxanalysis.metrics.journeys.clusters import CUSTOMER, Ratio, ratios, share_limits
from cxanalysis.metrics.reasons import reasons_gap
from cxanalysis.metrics.resolution import extent
from cxanalysis.metrics.rows import DAY_US, counted, refuse_days
from cxanalysis.study import Study

RECUR_DAYS = 90
ALL = "all reasons"
COLUMNS = (
    "reason",
    "n",
    "customers",
    "same_reason",
    "same_low",
    "same_high",
    "any_reason",
    "any_low",
    "any_high",
    "note",
)
_SHARES = {"same": "same_reason", "any": "any_reason"}


def recurrence_gap(study: Study) -> str:
    """What is needed to see reasons come back, "needs …"; empty where nothing is."""
    gap = reasons_gap(study)
    return gap or ("" if study.has("tickets", CUSTOMER) else "needs tickets.customer_id")


def recurrence(study: Study, days: int = RECUR_DAYS) -> pd.DataFrame:
    """Of the issues with each reason, how many were followed by another one within ``days``.

    An issue is followed when its customer began a new one, later than it began itself. It counts
    in the period in which its ``days`` end: only then is it known. Issues of unknown customers
    or reasons are left out.

    Parameters
    ----------
    days
        How long after an issue began a new one still counts.

    Returns
    -------
    DataFrame
        One row per reason, most frequent first, and one for all of them: reason, n (issues),
        customers, same_reason (share followed by an issue with the same reason), any_reason
        (with any), each with the limits of its 95 % interval (customer as the unit); note.

    Raises
    ------
    ReportError
        When the tickets have no reasons or customers, or cannot be narrowed to the segment.
    """
    refuse_days(days)
    gap = recurrence_gap(study)
    if gap:
        raise ReportError(f"Whether reasons come back cannot be told: that {gap}.")
    measures = {name: Ratio(nw.lit(1), nw.col(name)) for name in _SHARES}
    rows = study.keep(matured_issues, days)
    table = ratios(rows, ["reason"], measures).sort_values("same_n", ascending=False, kind="stable")
    whole = ratios(rows.with_columns(reason=nw.lit(ALL)), ["reason"], measures)
    table = pd.concat([table, whole])
    base = study.config.metrics.min_base
    found = pd.DataFrame({"n": table["same_n"], "customers": table["same_customers"]})
    shown = (found["n"] >= base).to_numpy()
    for name, label in _SHARES.items():
        value = table[f"{name}_mean"].to_numpy(float)
        variance = table[f"{name}_variance"].to_numpy(float)
        low, high = share_limits(value, variance, found["n"], found["customers"])
        for column, figure in ((label, value), (f"{name}_low", low), (f"{name}_high", high)):
            found[column] = np.where(shown, figure, np.nan)
    found["note"] = np.where(shown, "", f"withheld: fewer than {base}")
    return found.reset_index()[list(COLUMNS)]


def matured_issues(study: Study, days: int = RECUR_DAYS) -> Lazy:
    """Issues whose ``days`` ended in the period, with ``same`` and ``any``: 1 where followed."""
    window = days * DAY_US
    _, last_us = extent(customer_contacts(study))
    known = issues(study).filter(~nw.col(CUSTOMER).is_null(), ~nw.col("reason").is_null())
    rows = _followed(known, [CUSTOMER, "reason"], "same", window)
    rows = _followed(rows, [CUSTOMER], "any", window)
    end = nw.col("began_at") + window
    rows = rows.filter(end <= last_us)
    if study.period is not None:
        rows = rows.filter(end >= study.period.start_us, end < study.period.end_us)
    return rows


def _followed(rows: Lazy, of: list[str], name: str, window: int) -> Lazy:
    """Whether a later issue of the same customer, or customer and reason, began in the window.

    Issues that begin at one instant do not follow each other.
    """
    began = nw.col("began_at")
    steps = rows.select(*of, "began_at").unique()
    following = began.shift(-1).over(*of, order_by="began_at")
    steps = steps.with_columns(**{name: counted(following - began <= window)})
    return rows.join(steps, on=[*of, "began_at"], how="left")
