"""Invitations of the sample company, and what each customer would answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxanalysis.config import DEFAULT_STAGES
from cxanalysis.sample.journeys import People
from cxanalysis.sample.process import (
    ANSWER_LOG_ODDS,
    ANSWER_PER_POINT,
    COEFFICIENTS,
    FIRST_INVITATION_DAY,
    LAST_DAY,
    LOOKBACK_DAYS,
    Flags,
    Floats,
    Ints,
    logistic,
    rounded,
)

_CYCLE = 91  # days between two invitations of a customer
_ROUNDS = 3
_STRIDE = 10_000.0  # days between two customers on the common axis: more than any history
_COMMENTS = (
    (
        "Nobody told us that it would be late.",
        "I had to explain everything twice.",
        "Still waiting for an answer.",
        "Parts were missing when it arrived.",
        "The bill was not what we agreed.",
    ),
    (
        "Good product but the date moved.",
        "Fine in the end.",
        "The planner could be easier to use.",
        "Friendly people though hard to reach.",
        "It was all right.",
    ),
    (
        "The fitters were quick and tidy.",
        "Great advice in the showroom.",
        "Everything came on the day.",
        "Very happy with the kitchen.",
        "Easy from start to finish.",
    ),
)


def make_invitations(
    people: People, touches: pd.DataFrame, contacts: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw every invitation with the answer its customer would give, in order of time.

    Returns
    -------
    pandas.DataFrame
        customer, invited, moment (days; when it is, or would be, answered), latent (true
        satisfaction before rounding), answers (whether an answer comes back), and the answer
        itself: overall_satisfaction, nps, csat and ces (about the help; NaN = not asked),
        comment ("" = none).
    """
    phase = np.floor(_CYCLE * rng.random(people.n))
    customer = np.repeat(np.arange(people.n), _ROUNDS)
    day = (
        FIRST_INVITATION_DAY
        + np.repeat(phase, _ROUNDS)
        + np.tile(_CYCLE * np.arange(_ROUNDS), people.n)
    )
    invited = day + 9 / 24
    here = (
        (invited < LAST_DAY)
        & (invited > people.joined[customer] + 14)
        & (invited < people.left[customer])
        & (rng.random(len(customer)) < 0.95)
    )
    customer, invited = customer[here], invited[here]
    moment = invited + 0.02 + 1.8 * rng.standard_exponential(len(invited))
    windows = Windows(customer, moment)
    expected, contacted, help_went = _expected(people, windows, touches, contacts)
    n = len(customer)
    latent = expected + COEFFICIENTS["noise"].value * rng.standard_normal(n)
    willing = ANSWER_LOG_ODDS + ANSWER_PER_POINT * (latent - 3.75)
    answers = (rng.random(n) < logistic(willing)) & (moment < LAST_DAY)
    nps = rounded(7.3 + 2.0 * (latent - 3.75) + 0.9 * rng.standard_normal(n), 0, 10)
    ease = 5.4 + 2.0 * help_went + 0.5 * (latent - 3.75) + 0.8 * rng.standard_normal(n)
    satisfaction = rounded(latent, 1, 5)
    comment = _comments(satisfaction, rng)
    helped = 4.2 + 1.1 * help_went + 0.3 * (latent - 3.75) + 0.6 * rng.standard_normal(n)
    invitations = pd.DataFrame(
        {
            "customer": customer,
            "invited": invited,
            "moment": moment,
            "latent": latent,
            "answers": answers,
            "overall_satisfaction": satisfaction,
            "nps": nps,
            "csat": np.where(contacted, rounded(helped, 1, 5), np.nan),
            "ces": np.where(contacted, rounded(ease, 1, 7), np.nan),
            "comment": comment,
        }
    )
    return invitations.sort_values(["invited", "customer"], kind="stable", ignore_index=True)


@dataclass(frozen=True)
class Windows:
    """The lookback window before each moment: which of a customer's records lie in it."""

    customer: Ints
    moment: Floats

    def of(self, customer: Ints, day: Floats) -> tuple[Ints, Ints]:
        """First and past-the-last row of records sorted by customer and day."""
        axis = customer * _STRIDE + day
        at = self.customer * _STRIDE + self.moment
        first = np.searchsorted(axis, at - LOOKBACK_DAYS, side="left")
        return first, np.searchsorted(axis, at, side="left")

    def totals(self, customer: Ints, day: Floats, values: Floats) -> Floats:
        """Sum of a record's value over each window."""
        first, end = self.of(customer, day)
        running = np.concatenate(([0.0], np.cumsum(values)))
        return np.asarray(running[end] - running[first])


def _mean(total: Floats, n: Floats) -> Floats:
    return np.where(n > 0.5, total / np.maximum(n, 1.0), 0.0)


def _expected(
    people: People, windows: Windows, touches: pd.DataFrame, contacts: pd.DataFrame
) -> tuple[Floats, Flags, Floats]:
    """Latent satisfaction without noise, who had made contact, and what help did to it."""
    effect = {name: coefficient.value for name, coefficient in COEFFICIENTS.items()}
    latent = effect["intercept"] + effect["disposition"] * people.disposition[windows.customer]
    customer, day = touches["customer"].to_numpy(), touches["day"].to_numpy()
    lived = touches["promised"].isna().to_numpy()  # agreeing a date is not an experience yet
    for stage in DEFAULT_STAGES:
        here = (lived & (touches["stage"] == stage).to_numpy()).astype(np.float64)
        n = windows.totals(customer, day, here)
        total = windows.totals(customer, day, here * touches["quality"].to_numpy())
        latent = latent + effect[f"{stage}_quality"] * _mean(total, n)
    for stage, name in (("purchase", "delivery"), ("use", "installation")):
        promises = touches[touches["promised"].notna() & (touches["stage"] == stage)]
        latent = latent + effect[f"{name}_late_days"] * _late_days(windows, promises)
    contacted, help_went = _help(windows, contacts, effect)
    return latent + help_went, contacted, help_went


def _late_days(windows: Windows, promises: pd.DataFrame) -> Floats:
    """Mean days late, as it stood then, of the promises that were due or fulfilled then."""
    first, end = windows.of(promises["customer"].to_numpy(), promises["day"].to_numpy())
    promised = promises["promised"].to_numpy()
    fulfilled = promises["fulfilled"].to_numpy()
    total, n = np.zeros(len(first)), np.zeros(len(first))
    for step in range(int((end - first).max(initial=0))):
        row = np.minimum(first + step, len(promised) - 1)
        counts = (first + step < end) & (np.minimum(promised[row], fulfilled[row]) < windows.moment)
        late = np.minimum(fulfilled[row], windows.moment) - promised[row]
        total += np.where(counts, np.maximum(late, 0.0), 0.0)
        n += counts
    return _mean(total, n)


def _help(
    windows: Windows, contacts: pd.DataFrame, effect: dict[str, float]
) -> tuple[Flags, Floats]:
    """Who had made contact in the window, and what contact and help did to satisfaction."""
    customer, opened = contacts["customer"].to_numpy(), contacts["opened"].to_numpy()

    def total(values: pd.Series) -> Floats:
        return windows.totals(customer, opened, values.fillna(0.0).to_numpy(dtype=np.float64))

    def mean(values: pd.Series) -> Floats:
        return _mean(total(values), total(values.notna()))

    n = total(pd.Series(1.0, index=contacts.index))
    contacted = n > 0.5
    reply_hours = (contacts["replied"] - contacts["opened"]) * 24
    written = contacts["wait"].isna()
    help_went = (
        effect["contacted"] * contacted
        + effect["further_contacts"] * np.maximum(n - 1, 0)
        + effect["had_to_contact_again"] * (total(contacts["again"]) > 0.5)
        + effect["queue_wait_minutes"] * mean(contacts["wait"] / 60)
        + effect["first_reply_hours"] * mean(reply_hours.where(written))
        + effect["help_quality"] * mean(contacts["help"])
    )
    return contacted, np.asarray(help_went)


def _comments(satisfaction: Ints, rng: np.random.Generator) -> NDArray[np.object_]:
    """A few words from one in sixteen, in keeping with the answer."""
    n = len(satisfaction)
    mood = np.searchsorted([3, 4], satisfaction, side="right")
    which = np.floor(len(_COMMENTS[0]) * rng.random(n)).astype(np.int64)
    texts = np.array(_COMMENTS, dtype=object)[mood, which]
    return np.where(rng.random(n) < 1 / 16, texts, "")
