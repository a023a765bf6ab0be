"""Contacts after a rated touch: how often by rating, and what a better rating goes with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxanalysis.metrics.journeys.clusters import Ratio, ratios, share_limits
from cxanalysis.metrics.journeys.followed import (
    DAYS,
    follow_gap,
    rated_frame,
    rated_touches,
    watched,
    within,
)
from cxanalysis.metrics.journeys.logit import Step, average_step, enough, indicators
from cxanalysis.metrics.multiple import holm_known
from cxanalysis.metrics.rows import DAY_US, GROUP, counted, refuse_days
from cxanalysis.metrics.scales import ends, scale_of
from cxanalysis.study import Study

Floats = NDArray[np.float64]
MOST_STEPS = 10  # of a scale on which one step is one point; longer ones go by tenths
SHARES = ("rating", "n", "customers", "share", "conf_low", "conf_high", "open", "note")
EFFECTS = (
    "n",
    "customers",
    "followed",
    "from_rating",
    "to_rating",
    "at_from",
    "at_to",
    "change",
    "conf_low",
    "conf_high",
    "p_value",
    "p_adjusted",
    "note",
)


def contacts_after_rating(study: Study, days: int = DAYS, by: str | None = None) -> pd.DataFrame:
    """How many touches of the period were followed by a contact within ``days``, by rating.

    A touch counts once, however many contacts followed, and only where contacts are known for
    all of its ``days``: the others are open, whether or not a contact came already. A contact
    at the moment of the touch is none that followed, and touches at the channels and
    touchpoints of service do not count.

    Parameters
    ----------
    days
        How long after a touch a contact still counts.
    by
        A column of the journeys or customers, such as stage or touchpoint, to give the shares
        for each of its values.

    Returns
    -------
    DataFrame
        ``by`` where asked for, rating, n (touches), customers, share with conf_low and
        conf_high (the customer as the unit), open (touches too young to count), note. No rows
        where ratings or contacts are lacking.

    Raises
    ------
    ReportError
        When no such column ``by`` exists.
    """
    refuse_days(days)
    columns = [*([by] if by else []), *SHARES]
    if follow_gap(study):
        return pd.DataFrame(columns=columns)
    seen = watched(study).for_days("occurred_at", days)
    rows = rated_touches(study, by).with_columns(_full=counted(seen), _open=counted(~seen))
    measures = {
        "in_time": Ratio(nw.col("_full"), nw.col("_full") * within(days, "occurred_at")),
        "open": Ratio(nw.lit(1), nw.col("_open")),
    }
    table = ratios(rows, [GROUP, "rating"], measures)
    n, clusters = table["in_time_n"].to_numpy(), table["in_time_customers"].to_numpy()
    shown = n >= study.config.metrics.min_base
    share = table["in_time_mean"].to_numpy()
    low, high = share_limits(share, table["in_time_variance"].to_numpy(), n, clusters)
    young = table["open_mean"] * table["open_n"]
    result = pd.DataFrame(
        {
            "rating": table.index.get_level_values("rating").astype(float),
            "n": n,
            "customers": clusters,
            "share": np.where(shown, share, np.nan),
            "conf_low": np.where(shown, low, np.nan),
            "conf_high": np.where(shown, high, np.nan),
            "open": young.round().astype("int64").to_numpy(),
            "note": [_note(study, each) for each in n],
        }
    )
    if by:
        result.insert(0, by, table.index.get_level_values(GROUP))
    return result


def contact_effect(study: Study, days: int = DAYS, by: str | None = None) -> pd.DataFrame:
    """How much less often a contact follows a touch that is rated one step better.

    A logit of contact within ``days`` on the rating, with touchpoints (of each stage) and
    earlier contact in as many days held equal; robust to touches of one customer. From it the
    average over all touches of the chance at the middle of the scale and at the next better
    answer, 3 and 4 of five. It is an association: other touches of the same customer are not
    held equal, and who is unhappy may rate and contact alike.

    Parameters
    ----------
    days
        How long after a touch a contact still counts.
    by
        A column of the journeys or customers, such as stage or touchpoint, to fit the logit for
        each of its values; Holm's p-values allow for there being several.

    Returns
    -------
    DataFrame
        ``by`` where asked for, n (touches whose days are over), customers, followed (touches
        with a contact after), from_rating, to_rating, at_from and at_to (touches followed, per
        100), change (per 100, at_to − at_from) with conf_low, conf_high, p_value and
        p_adjusted, note. No rows where ratings or contacts are lacking.

    Raises
    ------
    ReportError
        When no such column ``by`` exists.
    """
    refuse_days(days)
    columns = [*([by] if by else []), *EFFECTS]
    if follow_gap(study):
        return pd.DataFrame(columns=columns)
    frame = rated_frame(study, by)
    frame = frame[frame["left_us"] >= days * DAY_US].copy()
    frame["_followed"] = frame["wait_us"] <= days * DAY_US
    frame["_earlier"] = frame["since_us"] <= days * DAY_US
    step = middle_step(study)
    found = [
        ({by: group} if by else {}) | _effect(study, part, step)
        for group, part in _parts(study, frame, by)
    ]
    table = pd.DataFrame(found, columns=columns)
    table["p_adjusted"] = holm_known(table["p_value"])
    return table


def middle_step(study: Study) -> tuple[float, float]:
    """The middle answer of the rating's scale and the next better one: (3, 4) of five."""
    scale = scale_of(study, "journeys", "rating")
    low, high = ends(scale)
    step = 1.0 if high - low <= MOST_STEPS else (high - low) / MOST_STEPS
    if scale.higher_is_better:
        start = low + step * np.floor((high - low) / 2 / step)
        return float(start), float(start + step)
    start = low + step * np.ceil((high - low) / 2 / step)
    return float(start), float(start - step)


def _parts(study: Study, frame: pd.DataFrame, by: str | None) -> Iterable[tuple[str, pd.DataFrame]]:
    """Touches by group: stages in the study's order, anything else by name."""
    if by is None:
        return [("", frame)]
    groups = dict(list(frame.groupby(GROUP)))
    order = study.config.stages if by == "stage" else sorted(map(str, groups))
    return [(name, groups.get(name, frame.iloc[:0])) for name in order]


def _effect(study: Study, frame: pd.DataFrame, ends: tuple[float, float]) -> dict[str, Any]:
    event = frame["_followed"].to_numpy(bool)
    step = Step(note=_note(study, len(frame)))
    if not step.note:
        step = average_step(
            event, frame["rating"].to_numpy(float), _controls(frame), frame["customer_id"], ends
        )
    return {
        "n": len(frame),
        "customers": frame["customer_id"].nunique(),
        "followed": int(event.sum()),
        "from_rating": ends[0],
        "to_rating": ends[1],
        "at_from": 100 * step.first,
        "at_to": 100 * step.second,
        "change": 100 * step.change,
        "conf_low": 100 * step.low,
        "conf_high": 100 * step.high,
        "p_value": step.p_value,
        "p_adjusted": np.nan,
        "note": step.note,
    }


def _controls(frame: pd.DataFrame) -> Floats:
    """Columns for touchpoints and for earlier contact, as far as they can be told apart."""
    event = frame["_followed"].to_numpy(bool)
    columns = indicators(frame["stage"].astype(str) + "\n" + frame["touchpoint"], event)
    earlier = frame["_earlier"].to_numpy(bool)
    return np.column_stack([columns, earlier]) if enough(earlier, event) else columns


def _note(study: Study, n: int) -> str:
    base = study.config.metrics.min_base
    if n == 0:
        return "nothing to count"
    return f"withheld: fewer than {base}" if n < base else ""
