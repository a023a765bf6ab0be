"""Served well and still not content: how ratings of contacts and the overall score part."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import scipy

from cxanalysis.metrics.contacts import customer_contacts
from cxanalysis.metrics.intervals import CONF_LEVEL
from cxanalysis.metrics.journeys.clusters import (
    CUSTOMER,
    Ratio,
    covariances,
    ratios,
    share_limits,
)
from cxanalysis.metrics.multiple import holm
from cxanalysis.metrics.rows import DAY_US, counted, during, lacking, of_segment
from cxanalysis.metrics.scales import boxes, scale_of
from cxanalysis.study import Study

Lazy = nw.LazyFrame[Any]
HIGH, LOW = "high", "low"
ALL = "all"
CELLS = ((HIGH, HIGH), (HIGH, LOW), (LOW, HIGH), (LOW, LOW))
FIGURES = ("share", "within")
COLUMNS = (
    "service",
    "overall",
    "n",
    "customers",
    "share",
    "share_low",
    "share_high",
    "within",
    "within_low",
    "within_high",
    "note",
)
POINTS = (
    "stage",
    "touchpoint",
    "n",
    "rating",
    "n_others",
    "others",
    "difference",
    "conf_low",
    "conf_high",
    "p_value",
    "p_adjusted",
)


def divergence(study: Study) -> pd.DataFrame:
    """Answers by the rating of the last contact before them and by their own overall score.

    Only answers count that have a rated contact in the ``lookback_days`` before them. A contact
    counts from when it was solved, as it is rated once it is over, and from when it was opened
    where it was not; of two at the same instant, the lower rating counts. High are the two best
    answers of a scale (the one best of a scale of fewer than five points), everything else is
    low.

    Returns
    -------
    DataFrame
        Four rows, service and overall "high" or "low": n (answers), customers; share of all
        such answers, and within: share among the answers whose contact was rated alike; each
        with its 95 % interval, the customer being the unit; note. Withheld below ``min_base``
        answers in all, or with the contact rated alike. Empty where the study lacks a column.
    """
    if divergence_gap(study):
        return pd.DataFrame(columns=list(COLUMNS))
    pairs = _pairs(study)
    everyone = pairs.with_columns(_all=nw.lit("all"))
    measures = {}
    for service, overall in CELLS:
        here = counted((nw.col("service") == service) & (nw.col("overall") == overall))
        alike = counted(nw.col("service") == service)
        measures[f"share_{service}_{overall}"] = Ratio(nw.lit(1), here)
        measures[f"within_{service}_{overall}"] = Ratio(alike, here)
        measures[f"cell_{service}_{overall}"] = Ratio(here, here)
    table = ratios(everyone, ["_all"], measures)
    base = study.config.metrics.min_base
    rows = [
        {"service": service, "overall": overall, "note": ""}
        | _cell(table, f"{service}_{overall}", base)
        for service, overall in CELLS
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def divergence_gap(study: Study) -> str:
    """Why service and overall scores cannot be held against each other; empty where they can."""
    for table in ("surveys", "tickets"):
        gap = lacking(study, table)
        if gap is not None:
            return gap
    for table, name in (
        ("tickets", "csat"),
        ("tickets", CUSTOMER),
        ("surveys", "overall_satisfaction"),
        ("surveys", CUSTOMER),
        ("surveys", "responded_at"),
    ):
        if not study.has(table, name):
            return f"needs {table}.{name}"
    return ""


def content_difference(study: Study) -> pd.Series[float]:
    """How much oftener answers are not content after a contact rated low than after one high.

    Returns
    -------
    Series
        difference (of the two shares ``within`` of `divergence`), conf_low, conf_high; NaN where
        either side has fewer than ``min_base`` answers. Customers with answers on both sides
        count in both, and the interval allows for that.
    """
    unknown = pd.Series(np.nan, index=["difference", "conf_low", "conf_high"])
    if divergence_gap(study):
        return unknown
    pairs = _pairs(study)
    unhappy = Ratio(nw.lit(1), counted(nw.col("overall") == LOW))
    table = ratios(pairs, ["service"], {"x": unhappy}).reindex([LOW, HIGH])
    if not (table["x_n"] >= study.config.metrics.min_base).all():
        return unknown
    gap, error, freedom = _gap(pairs, ["service"], unhappy, table)
    reach = scipy.stats.t.ppf((1 + CONF_LEVEL) / 2, freedom) * error
    return pd.Series([gap, gap - reach, gap + reach], index=unknown.index)


def divergence_touchpoints(study: Study, level: str = "touchpoint") -> pd.DataFrame:
    """What those served well and still not content met, against those served well and content.

    Rated touches of the journeys in the ``lookback_days`` before each answer, by touchpoint. A
    touch before two answers counts with both.

    Parameters
    ----------
    level
        "touchpoint"; "stage", or "journey" for all touches together, where few answers leave
        nothing of that.

    Returns
    -------
    DataFrame
        stage, touchpoint, n (ratings before answers served well and not content), rating (their
        mean), n_others and others (the same before answers served well and content), difference
        (rating − others) with conf_low, conf_high and p_value, p_adjusted (Holm over the rows);
        the lowest rating first. Touchpoints with fewer than ``min_base`` ratings on either side
        are left out; "stage" and "touchpoint" are "all" where they were not told apart.
    """
    empty = pd.DataFrame(columns=list(POINTS))
    if divergence_gap(study) or not study.has("journeys", "rating"):
        return empty
    points = ["stage", "touchpoint"]
    rated = study.keep(_touches_before, level)
    measure = Ratio(nw.lit(1), nw.col("rating"))
    table = ratios(rated, ["overall", *points], {"x": measure})
    if table.empty:
        return empty
    wide = table["x_n"].unstack("overall").reindex(columns=[LOW, HIGH]).fillna(0)
    enough = wide[(wide >= max(study.config.metrics.min_base, 2)).all(axis=1)]
    rows = [_point(rated, points, measure, table, place) for place in enough.index]
    found = pd.DataFrame(rows, columns=list(POINTS))
    if found.empty:
        return found
    better = scale_of(study, "journeys", "rating").higher_is_better
    found["p_adjusted"] = holm(found["p_value"])
    return found.sort_values("rating", ascending=better, kind="stable").reset_index(drop=True)


def _pairs(study: Study) -> Lazy:
    """Answers with their overall score and the rating of the last contact before, high or low."""
    return study.keep(_paired)


def _paired(study: Study) -> Lazy:
    answers = of_segment(study, "surveys", study.tables["surveys"])
    answers = answers.filter(
        during(study, "responded_at")
        & ~nw.col("overall_satisfaction").is_null()
        & ~nw.col(CUSTOMER).is_null()
    ).select("response_id", CUSTOMER, "responded_at", "overall_satisfaction")
    contacts = of_segment(study, "tickets", customer_contacts(study))
    contacts = contacts.filter(~nw.col("csat").is_null())
    over = nw.col("opened_at")
    if study.has("tickets", "solved_at"):
        over = nw.coalesce(nw.col("solved_at"), over)
    contacts = contacts.select(CUSTOMER, "csat", over_at=over)
    before = _before(study, answers.join(contacts, on=CUSTOMER, how="inner"), "over_at")
    last = before.group_by("response_id").agg(over_at=nw.col("over_at").max())
    upwards = scale_of(study, "tickets", "csat").higher_is_better
    rating = nw.col("csat").min() if upwards else nw.col("csat").max()
    rated = before.join(last, on=["response_id", "over_at"], how="inner")
    rated = rated.group_by("response_id").agg(csat=rating)
    return answers.join(rated, on="response_id", how="inner").select(
        "response_id",
        CUSTOMER,
        "responded_at",
        _level(study, "tickets", "csat").alias("service"),
        _level(study, "surveys", "overall_satisfaction").alias("overall"),
    )


def _before(study: Study, pairs: Lazy, column: str) -> Lazy:
    """Pairs of an answer and something known to lie in the window before it."""
    moment, answer = nw.col(column), nw.col("responded_at")
    start = answer - study.config.model.lookback_days * DAY_US
    return pairs.filter((moment < answer) & (moment >= start))


def _level(study: Study, table: str, name: str) -> nw.Expr:
    first, last = boxes(scale_of(study, table, name))
    inside = (nw.col(name) >= first) & (nw.col(name) <= last)
    return nw.when(inside).then(nw.lit(HIGH)).otherwise(nw.lit(LOW))


def _cell(table: pd.DataFrame, cell: str, base: int) -> dict[str, Any]:
    """Count and shares of one of the four; what stands on too few answers is left out."""
    if table.empty:
        return {"n": 0, "customers": 0, "note": "no such answers"}
    row = table.iloc[0]
    found: dict[str, Any] = {
        "n": int(row[f"cell_{cell}_n"]),
        "customers": int(row[f"cell_{cell}_customers"]),
    }
    for name in FIGURES:
        value, variance, n, customers = (
            row[f"{name}_{cell}_{part}"] for part in ("mean", "variance", "n", "customers")
        )
        if n < base:
            found["note"] = f"withheld: fewer than {base}" if n else "no such answers"
            continue
        low, high = share_limits(value, variance, n, customers)
        found |= {name: value, f"{name}_low": float(low), f"{name}_high": float(high)}
    return found


def _touches_before(study: Study, level: str) -> Lazy:
    """Rated touches before the answers of customers served well, with what they said overall."""
    served = _pairs(study).filter(nw.col("service") == HIGH)
    rated = study.tables["journeys"].filter(~nw.col("rating").is_null())
    named = level == "touchpoint" and study.has("journeys", "touchpoint")
    rated = rated.select(
        CUSTOMER,
        "occurred_at",
        nw.lit(ALL).alias("stage") if level == "journey" else nw.col("stage").cast(nw.String),
        nw.col("touchpoint").cast(nw.String) if named else nw.lit(ALL).alias("touchpoint"),
        nw.col("rating").cast(nw.Float64),
    )
    found = _before(study, served.join(rated, on=CUSTOMER, how="inner"), "occurred_at")
    found = found.select(CUSTOMER, "overall", "stage", "touchpoint", "rating")
    return found.filter(~nw.col("stage").is_null() & ~nw.col("touchpoint").is_null())


def _point(
    rated: Lazy, points: list[str], measure: Ratio, table: pd.DataFrame, place: Any
) -> dict[str, Any]:
    here = rated.filter((nw.col("stage") == place[0]) & (nw.col("touchpoint") == place[1]))
    sides = pd.DataFrame(table.xs(place, level=points)).reindex([LOW, HIGH])
    gap, error, freedom = _gap(here, ["overall"], measure, sides)
    reach = scipy.stats.t.ppf((1 + CONF_LEVEL) / 2, freedom) * error
    return dict(zip(points, place, strict=True)) | {
        "n": int(sides["x_n"][LOW]),
        "rating": sides["x_mean"][LOW],
        "n_others": int(sides["x_n"][HIGH]),
        "others": sides["x_mean"][HIGH],
        "difference": gap,
        "conf_low": gap - reach,
        "conf_high": gap + reach,
        "p_value": 2 * float(scipy.stats.t.sf(abs(gap) / error, freedom)) if error else np.nan,
    }


def _gap(
    frame: Lazy, cells: list[str], measure: Ratio, table: pd.DataFrame
) -> tuple[float, float, float]:
    """Mean of the first cell less that of the second, its standard error and degrees of freedom."""
    means = pd.DataFrame({part: table[f"x_{part}"] for part in ("mean", "n", "customers")})
    matrix = covariances(frame, cells, measure, means)
    error = float(np.sqrt(max(matrix[0, 0] + matrix[1, 1] - 2 * matrix[0, 1], 0.0)))
    freedom = max(float(means["customers"].min()) - 1, 1.0)
    return float(means["mean"].iloc[0] - means["mean"].iloc[1]), error, freedom
