"""Customers of the sample company and the touches of their projects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxanalysis.sample.process import (
    DELIVERY,
    DELIVERY_AGREED,
    FIRST_DAY,
    INSTALLATION,
    INSTALLATION_AGREED,
    LAST_DAY,
    STEPS,
    THIRD_QUARTER_DAY,
    Flags,
    Floats,
    Ints,
    Touchpoint,
    choose,
    rounded,
)

PLANS = ("basic", "plus", "premium")
REGIONS = ("north", "south", "east", "west")
EAST = 2
_PROJECTS = 4  # at most, per customer, in the time of the export
_NEVER = np.inf


@dataclass(frozen=True)
class People:
    """One entry per customer; days are local days since the export began."""

    disposition: Floats
    plan: Ints
    region: Ints
    joined: Floats
    left: Floats
    value: Floats

    @property
    def n(self) -> int:
        """Number of customers."""
        return len(self.plan)


def make_people(n: int, rng: np.random.Generator) -> People:
    """Draw customers: most joined before the export, a few join or leave during it."""
    new = rng.random(n) < 0.12
    joined = np.where(new, FIRST_DAY + 190 * rng.random(n), -1500 * rng.random(n))
    leaves = rng.random(n) < 0.04
    left = np.where(leaves, np.maximum(joined, 20) + 30 + 150 * rng.random(n), _NEVER)
    plan = choose(rng.random(n), (0.55, 0.30, 0.15))
    value = np.array([900.0, 2100.0, 4800.0])[plan] * np.exp(0.5 * rng.standard_normal(n))
    return People(
        disposition=rng.standard_normal(n),
        plan=plan,
        region=choose(rng.random(n), (0.25, 0.30, 0.20, 0.25)),
        joined=np.floor(joined),
        left=np.where(left < LAST_DAY, np.floor(left), _NEVER),
        value=np.round(value, 2),
    )


def make_touches(people: People, rng: np.random.Generator) -> pd.DataFrame:
    """Draw every touch, one row each, in order of customer and time.

    Returns
    -------
    pandas.DataFrame
        customer (index into people), day, stage, touchpoint, channel, initiator, influence,
        quality (latent, about one standard deviation per unit), rating (NaN = not rated),
        promised and fulfilled (days; NaN = no promise, infinity = never fulfilled).
    """
    projects = _make_projects(people, rng)
    parts = [_make_step(index, projects, rng) for index in range(len(STEPS))]
    purchases = next(part for part in parts if part["stage"].iat[0] == "purchase")
    deliveries = _make_promised(
        purchases,
        people,
        rng,
        chance=0.75,
        kind=("purchase", DELIVERY_AGREED, DELIVERY),
        days_ahead=(6, 15),
        late=(0.20, 0.12),
        mean_late_days=7.0,
    )
    arrived = deliveries[deliveries["touchpoint"] == DELIVERY.name]
    installations = _make_promised(
        arrived,
        people,
        rng,
        chance=0.5,
        kind=("use", INSTALLATION_AGREED, INSTALLATION),
        days_ahead=(5, 13),
        late=(0.25, 0.0),
        mean_late_days=7.0,
    )
    touches = pd.concat([*parts, deliveries, installations], ignore_index=True)
    customer = touches["customer"].to_numpy()
    day = touches["day"].to_numpy()
    exists = (day >= np.maximum(people.joined[customer], FIRST_DAY)) & (
        day < np.minimum(people.left[customer], LAST_DAY)
    )
    ordered: pd.DataFrame = touches[exists].sort_values(
        ["customer", "day"], kind="stable", ignore_index=True
    )
    return ordered


def _make_projects(people: People, rng: np.random.Generator) -> pd.DataFrame:
    """Up to four projects per customer, about a hundred days apart, each with its own luck."""
    gaps = 82 + 60 * rng.standard_exponential((people.n, _PROJECTS))
    gaps[:, 0] = -95 + 140 * rng.random(people.n)
    start = np.cumsum(gaps, axis=1).ravel()
    customer = np.repeat(np.arange(people.n), _PROJECTS)
    base = (
        0.50 * people.disposition[customer]
        + 0.40 * rng.standard_normal(len(customer))
        + np.array([-0.05, 0.0, 0.15])[people.plan[customer]]
    )
    projects = pd.DataFrame({"customer": customer, "start": start, "base": base})
    begun: pd.DataFrame = projects[projects["start"] < LAST_DAY].reset_index(drop=True)
    return begun


def _make_step(index: int, projects: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The touches of one step of all projects."""
    step = STEPS[index]
    taken = projects[rng.random(len(projects)) < step.chance]
    n = len(taken)
    offset = step.first_day + (step.last_day - step.first_day) * rng.random(n)
    day = np.floor(taken["start"].to_numpy() + offset) + (8 + 12 * rng.random(n)) / 24
    which = choose(rng.random(n), (1 / len(step.touchpoints),) * len(step.touchpoints))
    return _touches(taken, day, step.stage, step.touchpoints, which, step.rated, rng)


def _touches(
    projects: pd.DataFrame,
    day: Floats,
    stage: str,
    touchpoints: tuple[Touchpoint, ...],
    which: Ints,
    rated: float,
    rng: np.random.Generator,
    handicap: Floats | float = 0.0,
) -> pd.DataFrame:
    """Rows for touches whose place and time are known; draws their quality and rating."""
    n = len(projects)
    average = np.array([touchpoint.quality for touchpoint in touchpoints])[which]
    quality = average + projects["base"].to_numpy() + 0.70 * rng.standard_normal(n) + handicap
    rating = rounded(3.65 + 0.85 * quality + 0.35 * rng.standard_normal(n), 1, 5)
    told = rng.random(n) < rated
    columns: dict[str, object] = {
        "customer": projects["customer"].to_numpy(),
        "base": projects["base"].to_numpy(),
        "day": day,
        "stage": stage,
        "quality": quality,
        "rating": np.where(told, rating, np.nan),
        "promised": np.nan,
        "fulfilled": np.nan,
    }
    for name in ("name", "channel", "initiator", "influence"):
        texts = np.array([getattr(touchpoint, name) for touchpoint in touchpoints], dtype=object)
        columns["touchpoint" if name == "name" else name] = texts[which]
    return pd.DataFrame(columns)


def _make_promised(
    before: pd.DataFrame,
    people: People,
    rng: np.random.Generator,
    *,
    chance: float,
    kind: tuple[str, Touchpoint, Touchpoint],
    days_ahead: tuple[int, int],
    late: tuple[float, float],
    mean_late_days: float,
) -> pd.DataFrame:
    """A date agreed after an earlier touch, and the touch that fulfils it, if it comes.

    ``late`` is the share of promises broken, and what is added to it from the third quarter
    on; in the east both deliveries and installations are late more often.
    """
    stage, agreed, fulfilment = kind
    taken = before[rng.random(len(before)) < chance]
    n = len(taken)
    made = np.floor(taken["day"].to_numpy()) + 1 + (8 + 8 * rng.random(n)) / 24
    low, high = days_ahead
    promised = np.floor(made) + low + np.floor((high - low) * rng.random(n)) + 20 / 24
    share = late[0] + late[1] * (promised >= THIRD_QUARTER_DAY)
    share = share + 0.06 * (people.region[taken["customer"].to_numpy()] == EAST)
    is_late: Flags = rng.random(n) < share
    late_days = np.ceil(np.minimum(mean_late_days * rng.standard_exponential(n), 28))
    early_days = np.floor(3 * rng.random(n))
    time_of_day = (10 * rng.random(n)) / 24  # up to ten hours before 20:00
    fulfilled = promised - time_of_day + np.where(is_late, late_days, -early_days)
    fulfilled = np.where(rng.random(n) < 0.008, _NEVER, fulfilled)
    zeros = np.zeros(n, dtype=np.int64)
    promises = _touches(taken, made, stage, (agreed,), zeros, 0.0, rng)
    promises["promised"], promises["fulfilled"] = promised, fulfilled
    handicap = -0.09 * np.where(is_late, late_days, 0.0)
    done = _touches(taken, fulfilled, stage, (fulfilment,), zeros, 0.75, rng, handicap)
    return pd.concat([promises, done[np.isfinite(fulfilled)]], ignore_index=True)
