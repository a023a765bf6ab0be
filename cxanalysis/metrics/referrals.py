"""Customers whom another one brought, and whether those who would recommend us did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.metrics.cohorts import BANDS, PROMOTERS, first_told, nps_place
from cxanalysis.metrics.figures import Definition, Figure, share, tidy, tidy_row
from cxanalysis.metrics.intervals import Comparison, Interval, difference_interval, p_of_interval
from cxanalysis.metrics.rows import DAY_US, counted, during, lacking, refuse_days, whole
from cxanalysis.metrics.silent import active_customers
from cxanalysis.study import Study

DAYS = 90
OUTSIDE = "not known within a segment: who recommended, or came, may be outside it"
EVERYONE, OTHERS, NEVER = "everyone", "others", "gave no answer"
ANSWERS = (EVERYONE, *BANDS["nps"], OTHERS)
NPS_NEEDS = ("customer_id", "responded_at", "nps")


def referrals(study: Study, days: int = DAYS) -> pd.DataFrame:
    """How many customers came by a recommendation, and who gave it.

    Returns
    -------
    DataFrame
        The columns group and those of `service_metrics`:

        - acquired: of the active customers, and acquired_new: of those who joined in the period,
          who names a customer that recommended us (group "everyone");
        - given_by: of the active customers who name one, by the group of the NPS answer that this
          one gave first (or "gave no answer");
        - has_referred: of customers whose first answer's ``days`` end in the period, by its
          group ("others" are passives and detractors), whom any customer on record names;
        - referred_after: of the same, whom somebody names who joined in the ``days`` after it.

        Within a segment only the first two are known: who recommends, or came, may be outside.

    Parameters
    ----------
    days
        How long after the answer a newcomer counts for referred_after.
    """
    refuse_days(days)
    base, gap = study.config.metrics.min_base, _gap(study)
    definitions = _definitions(days)
    found = {} if gap else _acquired(study) | _answered(study, days)
    rows = []
    for metric, groups in _groups().items():
        for group in groups:
            figure = found.get((metric, group), Figure(note=gap or "nothing to count"))
            rows.append({"group": group} | tidy_row(definitions[metric], figure, base))
    return tidy(rows, "group")


def referral_gap(table: pd.DataFrame) -> Comparison | None:
    """Compare has_referred of promoters with that of all others; None where either is unknown."""
    rows = table[table["metric"] == "has_referred"].set_index("group").to_dict("index")
    first, second = rows[PROMOTERS], rows[OTHERS]
    if pd.isna([first["value"], second["value"]]).any():
        return None
    one, other = (Interval(row["conf_low"], row["conf_high"]) for row in (first, second))
    limits = difference_interval(first["value"], one, second["value"], other)
    return Comparison(*limits, p_of_interval(first["value"] - second["value"], *limits))


def _groups() -> Mapping[str, tuple[str, ...]]:
    return {
        "acquired": (EVERYONE,),
        "acquired_new": (EVERYONE,),
        "given_by": (*BANDS["nps"], NEVER),
        "has_referred": ANSWERS,
        "referred_after": ANSWERS,
    }


def _definitions(days: int) -> dict[str, Definition]:
    named = "who name a customer that recommended us"
    answered = "customers whose first answer's days end in the period"
    each = (
        Definition("acquired", "Came by a recommendation", "share", f"{named} ÷ active customers"),
        Definition(
            "acquired_new",
            "Newcomers by a recommendation",
            "share",
            f"{named} ÷ customers who joined in the period",
        ),
        Definition(
            "given_by",
            "Recommendations by who gave them",
            "share",
            f"active customers {named}, by that one's first NPS answer ÷ all who name one",
        ),
        Definition(
            "has_referred",
            "Brought somebody",
            "share",
            f"named by a customer on record ÷ {answered}",
        ),
        Definition(
            "referred_after",
            "Brought somebody since",
            "share",
            f"named by somebody who joined in the {days} days after the answer ÷ {answered}",
        ),
    )
    return {definition.metric: definition for definition in each}


def _gap(study: Study) -> str:
    if not study.has("customers", "referred_by"):
        return "needs customers.referred_by"
    return lacking(study, "customers") or ""


# --- who came ------------------------------------------------------------------------------


def _acquired(study: Study) -> dict[tuple[str, str], Figure]:
    named = counted(~nw.col("referred_by").is_null())
    active = active_customers(study)
    found = {("acquired", EVERYONE): _share_of(active, named)}
    if study.has("customers", "active_from"):
        joined = active.filter(during(study, "active_from"))
        found["acquired_new", EVERYONE] = _share_of(joined, named)
    else:
        found["acquired_new", EVERYONE] = Figure(note="needs customers.active_from")
    return found | _givers(study, active)


def _share_of(customers: nw.LazyFrame[Any], mark: nw.Expr) -> Figure:
    sums = collect(customers.select(n=nw.len(), marked=mark.sum())).iloc[0]
    return share(whole(sums["marked"]), whole(sums["n"]))


def _givers(study: Study, active: nw.LazyFrame[Any]) -> dict[tuple[str, str], Figure]:
    """Recommendations by the first answer of whoever gave them."""
    groups = (*BANDS["nps"], NEVER)
    if study.segment is not None:
        return {("given_by", group): Figure(note=OUTSIDE) for group in groups}
    if not study.has("surveys", *NPS_NEEDS):
        return {("given_by", group): Figure(note="needs surveys.nps") for group in groups}
    told = study.tables["surveys"].filter(
        ~nw.col("nps").is_null() & ~nw.col("responded_at").is_null()
    )
    keys = ["customer_id", "responded_at"]
    told = told.group_by(*keys).agg(score=nw.col("nps").cast(nw.Float64).mean())
    first = told.group_by("customer_id").agg(responded_at=nw.col("responded_at").min())
    first = told.join(first, on=keys, how="inner").select("customer_id", "score")
    named = active.filter(~nw.col("referred_by").is_null()).select("referred_by")
    scores = collect(
        named.join(first, left_on="referred_by", right_on="customer_id", how="left").select("score")
    )["score"].to_numpy(float)
    places = np.where(np.isnan(scores), 3, nps_place(scores))
    return {
        ("given_by", group): share(int((places == place).sum()), len(places))
        for place, group in enumerate(groups)
    }


# --- who said so, and who did --------------------------------------------------------------


def _answered(study: Study, days: int) -> dict[tuple[str, str], Figure]:
    names = ("has_referred", "referred_after")
    if study.segment is not None or not study.has("surveys", *NPS_NEEDS):
        missing = Figure(note="needs surveys.nps" if study.segment is None else OUTSIDE)
        return {(name, group): missing for name in names for group in ANSWERS}
    first = first_told(study, "nps", days)
    since = study.has("customers", "active_from")
    came = study.tables["customers"].filter(~nw.col("referred_by").is_null())
    came = came.select("referred_by", _came=nw.col("active_from") if since else nw.lit(0))
    met = first.select("customer_id", "at_us").join(
        came, left_on="customer_id", right_on="referred_by", how="inner"
    )
    wait = nw.col("_came") - nw.col("at_us")
    met = met.with_columns(_after=counted((wait > 0) & (wait <= days * DAY_US)))
    brought = met.group_by("customer_id").agg(after=nw.col("_after").max(), ever=nw.len())
    frame = collect(first.join(brought, on="customer_id", how="left"))
    place = nps_place(frame["score"].to_numpy(float))
    ever, after = frame["ever"].notna().to_numpy(), (frame["after"] == 1).to_numpy()
    inside = {
        EVERYONE: np.ones(len(frame), bool),
        **{band: place == number for number, band in enumerate(BANDS["nps"])},
        OTHERS: place > 0,
    }
    found = {}
    for group, mask in inside.items():
        n = int(mask.sum())
        found["has_referred", group] = share(int(ever[mask].sum()), n)
        found["referred_after", group] = (
            share(int(after[mask].sum()), n)
            if since
            else Figure(note="needs customers.active_from")
        )
    return found
