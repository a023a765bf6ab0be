"""Changes of channel on the way: how many, what they go with, and which channel was wanted."""

from __future__ import annotations

from typing import Any, Literal

import narwhals as nw
import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

from cxanalysis.engine import collect
from cxanalysis.metrics.contacts import customer_contacts
from cxanalysis.metrics.intervals import CONF_LEVEL, wilson
from cxanalysis.metrics.journeys.clusters import (
    Ratio,
    covariances,
    mean_limits,
    ratios,
    share_limits,
)
from cxanalysis.metrics.journeys.timeline import (
    ORDER,
    TOUCH,
    journey_timeline,
    placed,
    timeline_gap,
)
from cxanalysis.metrics.resolution import add_runs, can_see_repeats, matter_of
from cxanalysis.metrics.rows import DAY_US, counted, during, lacking, of_segment
from cxanalysis.study import Study

Lazy = nw.LazyFrame[Any]
Floats = NDArray[np.float64]
MOST_SWITCHES = 6  # more are counted together
ELSEWHERE = "another channel"
EVERYONE = "everyone"
ONE, SEVERAL = "one channel", "several channels"
SWITCHES = (
    "switches",
    "customers",
    "share",
    "share_low",
    "share_high",
    "events",
    "rating",
    "rating_low",
    "rating_high",
    "outcome",
    "outcome_low",
    "outcome_high",
    "note",
)
GAP = (
    "preferred",
    "used",
    "contacts",
    "n",
    "customers",
    "share",
    "conf_low",
    "conf_high",
    "note",
)


def channel_switches(study: Study) -> pd.DataFrame:
    """Customers by how often they changed channels before an answer, and how they answered.

    The last answer in the study's period of each customer counts, with the touches and contacts
    of known channel in the lookback before it. A switch is an event in another channel than the
    customer's event before it.

    Returns
    -------
    DataFrame
        A row per number of switches (0 to 6, where 6 stands for as many or more): switches,
        customers, share (of all customers counted) with its limits, events (mean per customer),
        rating (mean of the customers' mean ratings of touches), outcome (mean of the model's
        outcome), both with limits, note. Means on fewer than ``min_base`` customers are
        withheld. Empty where ``switch_gap`` says why.
    """
    people = study.once(switchers)
    if people.empty:
        return pd.DataFrame(columns=list(SWITCHES))
    base = study.config.metrics.min_base
    kind = people["switches"].clip(upper=MOST_SWITCHES)
    rows = []
    for number, mine in people.groupby(kind):
        low, high = wilson(len(mine), len(people))
        row = {
            "switches": int(number),
            "customers": len(mine),
            "share": len(mine) / len(people),
            "share_low": low,
            "share_high": high,
            "events": float(mine["events"].mean()),
            "note": f"withheld: fewer than {base}" if len(mine) < base else "",
        }
        row |= _mean(mine["rating"], "rating", base) | _mean(mine["outcome"], "outcome", base)
        rows.append(row)
    return pd.DataFrame(rows, columns=list(SWITCHES))


def switch_slope(study: Study, score: Literal["outcome", "rating"] = "outcome") -> pd.DataFrame:
    """What one switch more goes with in a score, at the same number of events.

    Least squares with a level of its own for each number of events, since who has more events
    can switch more often; errors allow for unequal variances (HC1).

    Parameters
    ----------
    score
        "outcome", that of the model, or "rating", the customer's mean rating of the touches.

    Returns
    -------
    DataFrame
        One row: slope (of the score per switch) with conf_low and conf_high, p_value, n
        (customers who share their number of events with others), note.
    """
    columns = ["slope", "conf_low", "conf_high", "p_value", "n", "note"]
    people = study.once(switchers)
    people = people[people[score].notna()]
    people = people[people.groupby("events")["events"].transform("size") > 1]
    n, base = len(people), study.config.metrics.min_base
    row: dict[str, Any] = dict.fromkeys(columns[:4], np.nan) | {"n": n, "note": ""}
    if n < base:
        row["note"] = switch_gap(study) or f"withheld: fewer than {base}"
        return pd.DataFrame([row], columns=columns)
    groups = people.groupby("events")
    y, x = (
        people[name].to_numpy(float) - groups[name].transform("mean").to_numpy(float)
        for name in (score, "switches")
    )
    freedom = n - groups.ngroups - 1
    if freedom < 1 or np.allclose(x, 0):
        row["note"] = "as many switches wherever there are as many events"
        return pd.DataFrame([row], columns=columns)
    return pd.DataFrame([row | _slope(x, y, freedom)], columns=columns)


def issue_channels(study: Study) -> pd.DataFrame:
    """Matters that took several contacts: over one channel or several, and how these were rated.

    A matter is as for first-contact resolution; it counts in the period of its last contact.

    Returns
    -------
    DataFrame
        Two rows, "one channel" and "several channels": kind, issues, share with conf_low and
        conf_high, n (contacts rated), csat (mean satisfaction with those contacts) with
        csat_low and csat_high, difference (several − one) with difference_low and
        difference_high, note. Customers are the unit.
    """
    columns = [
        *("kind", "issues", "share", "conf_low", "conf_high", "n", "csat", "csat_low"),
        *("csat_high", "difference", "difference_low", "difference_high", "note"),
    ]
    gap = issue_gap(study)
    if gap:
        rows = [{"kind": kind, "issues": 0, "n": 0, "note": gap} for kind in (ONE, SEVERAL)]
        return pd.DataFrame(rows, columns=columns)
    issues = _issues(study)
    several = counted(nw.col("kind") == SEVERAL)
    whole = ratios(
        issues.with_columns(all=nw.lit("all")),
        ["all"],
        {ONE: Ratio(nw.lit(1), 1 - several), SEVERAL: Ratio(nw.lit(1), several)},
    )
    measure = Ratio(nw.col("rated"), nw.col("csat"))
    rated = ratios(issues, ["kind"], {"csat": measure})
    base = study.config.metrics.min_base
    rows = []
    for kind in (ONE, SEVERAL):
        row: dict[str, Any] = {"kind": kind, "issues": 0, "n": 0, "note": "nothing to count"}
        if len(whole):
            row |= _issue_share(whole.iloc[0], kind, base)
        if kind in rated.index:
            row |= _issue_rating(rated.loc[kind], base)
        rows.append(row)
    rows[1] |= _rating_gap(rated, issues, measure, base)
    return pd.DataFrame(rows, columns=columns)


def channel_gap(study: Study) -> pd.DataFrame:
    """Contacts of the study's period by the channel their customer would rather use and did use.

    Returns
    -------
    DataFrame
        A row per preferred and used channel: preferred ("everyone" first), used ("another
        channel" first: any but the preferred one), contacts, n (contacts of customers with that
        preference), customers, share with conf_low and conf_high (customers as the unit), note.
        Empty where ``preference_gap`` says what is needed. Why a customer used another channel is
        not known: it need not have been forced.
    """
    if preference_gap(study):
        return pd.DataFrame(columns=list(GAP))
    rows = of_segment(study, "tickets", customer_contacts(study))
    rows = rows.filter(during(study, "opened_at"), ~nw.col("channel").is_null())
    wish = study.tables["customers"].filter(~nw.col("preferred_channel").is_null())
    wish = wish.select("customer_id", preferred=_clean("preferred_channel"))
    both = rows.select("customer_id", used=_clean("channel")).join(
        wish, on="customer_id", how="inner"
    )
    both = both.with_columns(other=counted(nw.col("used") != nw.col("preferred")))
    used = sorted(collect(both.select("used").unique())["used"])
    measures = {ELSEWHERE: Ratio(nw.lit(1), nw.col("other"))} | {
        name: Ratio(nw.lit(1), counted(nw.col("used") == name)) for name in used
    }
    base, found = study.config.metrics.min_base, []
    everyone = both.with_columns(preferred=nw.lit(EVERYONE))
    for frame in (everyone, both):
        for name, cell in ratios(frame, ["preferred"], measures).iterrows():
            found += [
                {"preferred": name, "used": target} | _share(cell, target, base)
                for target in measures
            ]
    return pd.DataFrame(found, columns=list(GAP))


def switch_gap(study: Study) -> str:
    """What is missing to see switches before answers, "needs …"; empty where nothing is."""
    outcome = study.config.model.outcome
    gap = lacking(study, "journeys") or timeline_gap(study)
    if not gap and not study.has("journeys", "channel"):
        gap = "needs journeys.channel"
    for column in ("customer_id", "responded_at", outcome):
        if not gap and not study.has("surveys", column):
            gap = lacking(study, "surveys") or f"needs surveys.{column}"
    return gap or lacking(study, "surveys") or ""


def issue_gap(study: Study) -> str:
    """What is missing to see the channels of a matter, "needs …"; empty where nothing is."""
    gap = lacking(study, "tickets")
    if gap:
        return gap
    if not study.has("tickets", "channel"):
        return "needs tickets.channel"
    return "" if can_see_repeats(study) else "needs tickets.customer_id"


def one_channel_only(study: Study) -> bool:
    """Whether all contacts come by one channel, so that none can be changed."""
    channels = study.tables["tickets"].select(n=nw.col("channel").n_unique())
    return bool(collect(channels)["n"].iloc[0] < 2)


def preference_gap(study: Study) -> str:
    """What is missing to compare channels used and wanted; empty where nothing is."""
    gap = lacking(study, "tickets")
    for table, column in (
        ("tickets", "customer_id"),
        ("tickets", "channel"),
        ("customers", "preferred_channel"),
    ):
        if not gap and not study.has(table, column):
            gap = f"needs {table}.{column}"
    return gap or ""


def switchers(study: Study) -> pd.DataFrame:
    """One row per customer with an answer in the period and events in the lookback before it.

    Returns
    -------
    DataFrame
        customer_id, outcome, events, channels, switches, rating (mean of the touches' ratings,
        missing without any).
    """
    columns = ["customer_id", "outcome", "events", "channels", "switches", "rating"]
    if switch_gap(study):
        return pd.DataFrame(columns=columns)
    outcome, moment = nw.col(study.config.model.outcome), nw.col("responded_at")
    answers = of_segment(study, "surveys", study.tables["surveys"])
    answers = answers.filter(
        during(study, "responded_at"), ~outcome.is_null(), ~nw.col("customer_id").is_null()
    ).select("customer_id", "responded_at", outcome=outcome.cast(nw.Float64))
    last = answers.filter(moment == moment.max().over("customer_id"))
    answers = last.group_by("customer_id", "responded_at").agg(outcome=nw.col("outcome").mean())
    before = nw.col("responded_at") - nw.col("occurred_at")
    window = study.config.model.lookback_days * DAY_US
    events = placed(study, journey_timeline(study)).join(answers, on="customer_id", how="inner")
    events = events.filter(before > 0, before <= window, ~nw.col("channel").is_null())
    events = events.with_columns(channel=_clean("channel"))
    earlier = nw.col("channel").shift(1).over("customer_id", order_by=list(ORDER))
    events = events.with_columns(
        switch=counted(earlier != nw.col("channel")),
        touch_rating=nw.when(nw.col("kind") == TOUCH).then(nw.col("rating")),
    )
    found = collect(
        events.group_by("customer_id").agg(
            outcome=nw.col("outcome").max(),
            events=nw.len(),
            channels=nw.col("channel").n_unique(),
            switches=nw.col("switch").sum(),
            rating=nw.col("touch_rating").mean(),
        )
    )
    return found[columns].sort_values("customer_id", ignore_index=True)


def _clean(name: str) -> nw.Expr:
    return nw.col(name).cast(nw.String).str.strip_chars().str.to_lowercase()


def _mean(values: pd.Series[Any], name: str, base: int) -> dict[str, float]:
    known = values.dropna().to_numpy(float)
    if len(known) < base:
        return dict.fromkeys((name, f"{name}_low", f"{name}_high"), np.nan)
    mean, n = float(known.mean()), len(known)
    low, high = mean_limits(mean, known.var(ddof=1) / n, n)
    return {name: mean, f"{name}_low": float(low), f"{name}_high": float(high)}


def _slope(x: Floats, y: Floats, freedom: int) -> dict[str, float]:
    """Slope of centred values with White's errors, scaled by n ÷ degrees of freedom."""
    squares = float(x @ x)
    slope = float(x @ y) / squares
    left = y - slope * x
    error = float(np.sqrt((x**2) @ (left**2) * len(x) / freedom)) / squares
    reach = float(scipy.stats.t.ppf((1 + CONF_LEVEL) / 2, freedom)) * error
    p_value = 2 * float(scipy.stats.t.sf(abs(slope) / error, freedom)) if error else np.nan
    return {
        "slope": slope,
        "conf_low": slope - reach,
        "conf_high": slope + reach,
        "p_value": p_value,
    }


def _issues(study: Study) -> Lazy:
    """Matters of several contacts whose last one lies in the period, one row each."""
    rows = of_segment(study, "tickets", customer_contacts(study)).with_columns(**matter_of(study))
    rows = add_runs(study, rows, study.config.metrics.fcr_window_days * DAY_US)
    named = nw.col("_numbered") | ~nw.col("_owner").is_null()
    rows = rows.filter(named, ~nw.col("channel").is_null())
    known = study.has("tickets", "csat")
    score = nw.col("csat").cast(nw.Float64) if known else nw.lit(None, nw.Float64)
    owner = nw.col("customer_id") if study.has("tickets", "customer_id") else nw.col("_matter")
    rows = rows.with_columns(
        _score=score, _who=nw.coalesce(owner.cast(nw.String), nw.col("_matter"))
    )
    issues = rows.group_by("_owner", "_matter", "_numbered", "_since").agg(
        customer_id=nw.col("_who").max(),
        attempts=nw.len(),
        channels=nw.col("channel").n_unique(),
        opened_at=nw.col("opened_at").max(),
        rated=nw.col("_score").count(),
        csat=nw.col("_score").sum(),
    )
    kind = nw.when(nw.col("channels") > 1).then(nw.lit(SEVERAL)).otherwise(nw.lit(ONE))
    return issues.filter(nw.col("attempts") > 1, during(study, "opened_at")).with_columns(
        kind=kind, csat=nw.col("csat").fill_null(0.0)
    )


def _issue_share(row: Any, kind: str, base: int) -> dict[str, Any]:
    found = _share(row, kind, base)
    return {
        "issues": found["contacts"],
        **{name: found[name] for name in ("share", "conf_low", "conf_high", "note")},
    }


def _issue_rating(row: Any, base: int) -> dict[str, Any]:
    n = int(row["csat_n"])
    if n < base:
        return {"n": n}
    mean = float(row["csat_mean"])
    low, high = mean_limits(mean, row["csat_variance"], row["csat_customers"])
    return {"n": n, "csat": mean, "csat_low": float(low), "csat_high": float(high)}


def _rating_gap(rated: pd.DataFrame, issues: Lazy, measure: Ratio, base: int) -> dict[str, float]:
    """Several channels − one; a customer may have matters of both kinds."""
    means = rated.rename(columns=lambda name: name.removeprefix("csat_"))
    means = means[(means["n"] >= base) & (means["customers"] > 1)]
    if len(means) < 2:
        return {}
    means = means.loc[[SEVERAL, ONE]]
    matrix = covariances(issues, ["kind"], measure, means)
    value = float(means["mean"].iloc[0] - means["mean"].iloc[1])
    variance = matrix[0, 0] + matrix[1, 1] - 2 * matrix[0, 1]
    low, high = mean_limits(value, variance, means["customers"].min())
    return {"difference": value, "difference_low": float(low), "difference_high": float(high)}


def _share(cell: Any, name: str, base: int) -> dict[str, Any]:
    share, variance, n, customers = (
        float(cell[f"{name}_{part}"]) for part in ("mean", "variance", "n", "customers")
    )
    found: dict[str, Any] = {
        "contacts": round(share * n),
        "n": int(n),
        "customers": int(customers),
        "share": np.nan,
        "conf_low": np.nan,
        "conf_high": np.nan,
        "note": f"withheld: fewer than {base}",
    }
    if n < base:
        return found
    low, high = share_limits(share, variance, n, customers)
    return found | {"share": share, "conf_low": float(low), "conf_high": float(high), "note": ""}
