"""Contacts of the sample company's customers: what causes them, and how help goes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxanalysis.sample.journeys import People
from cxanalysis.sample.process import (
    LAST_DAY,
    REASONS,
    Flags,
    Floats,
    Ints,
    choose,
    logistic,
    rounded,
)

CHANNELS = ("phone", "email", "chat")
PHONE, EMAIL, CHAT = range(3)
_ATTEMPTS = 4  # at most, about one matter
_HOUR = 1 / 24
_TALK = np.array([reason.talk for reason in REASONS])
_RESOLVED = np.array([reason.resolved for reason in REASONS])
_SUNDAY = 0  # 1 March 2026 is a Sunday


def make_contacts(people: People, touches: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Draw every attempt to make contact, one row each, in order of customer and time.

    Returns
    -------
    pandas.DataFrame
        customer, issue, reason, channel (codes), opened, replied, solved (days; NaN = not
        yet), talk, hold, wrap, wait (seconds; NaN = not applicable), abandoned, transfers,
        reopens, resolved, again (this attempt shows that an earlier handled one about the
        same matter, at most seven days before, did not settle it), help (latent quality of
        the help), csat (NaN = not rated).
    """
    issues = _make_issues(touches, rng)
    habit = choose(rng.random(people.n), (0.55, 0.27, 0.18))
    rounds = []
    waiting = issues
    for _ in range(_ATTEMPTS):
        attempts = _make_attempts(waiting, people, habit, rng)
        rounds.append(attempts)
        waiting = _who_tries_again(attempts, rng)
    contacts = pd.concat(rounds, ignore_index=True)
    left = people.left[contacts["customer"].to_numpy()]
    contacts = contacts[contacts["opened"] < np.minimum(left, LAST_DAY)]
    contacts["solved"] = _solved(contacts, rng)
    ordered: pd.DataFrame = contacts.sort_values(
        ["customer", "opened"], kind="stable", ignore_index=True
    )
    return ordered


def _solved(contacts: pd.DataFrame, rng: np.random.Generator) -> pd.Series:
    """When each handled contact was closed: with its matter, or else mostly by itself later."""
    n = len(contacts)
    by_itself = contacts["replied"] + 5 + 7 * rng.random(n)
    contacts = contacts.assign(closed=by_itself.where(rng.random(n) < 0.75))
    matters = contacts.groupby("issue")
    settled: pd.Series = matters["solved"].transform("max")
    closed: pd.Series = matters["closed"].transform("max")
    return settled.fillna(closed).where(contacts["replied"].notna())


def _make_issues(touches: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Matters that a customer makes contact about: each is caused by one touch."""
    parts = [_late_promises(touches, rng)]
    for code, reason in enumerate(REASONS):
        if not reason.touchpoints:
            continue
        cause = touches[touches["touchpoint"].isin(reason.touchpoints)]
        chance = logistic(reason.log_odds + reason.per_quality * cause["quality"].to_numpy())
        n = len(cause)
        opened = cause["day"].to_numpy() + 0.1 + 3.9 * rng.random(n)
        happens = rng.random(n) < chance
        parts.append(
            pd.DataFrame({"customer": cause["customer"], "opened": opened, "reason": code})[happens]
        )
    issues = pd.concat(parts, ignore_index=True)
    issues["issue"] = np.arange(len(issues))
    issues["failed_at"] = np.nan
    return issues


def _late_promises(touches: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Customers who ask where their order is, while it is late; the later, the more of them."""
    promises = touches[touches["promised"].notna()]
    promised, fulfilled = promises["promised"].to_numpy(), promises["fulfilled"].to_numpy()
    late_days = np.clip(fulfilled - promised, 0, 60)
    n = len(promises)
    asks = rng.random(n) < 0.38 * (1 - np.exp(-late_days / 4))
    opened = promised + 0.3 + 2.5 * rng.random(n)
    rows = pd.DataFrame({"customer": promises["customer"], "opened": opened, "reason": 0})
    asking: pd.DataFrame = rows[asks & (opened < fulfilled)]
    return asking


def _in_opening_hours(day: Floats, phone: Flags) -> Floats:
    """Move calls to between 8:00 and 20:00 and from Sunday to Monday; write any time."""
    whole = np.floor(day)
    opening = whole + (8 + 12 * (day - whole)) / 24
    opening = np.where(whole % 7 == _SUNDAY, opening + 1, opening)
    return np.asarray(np.where(phone, opening, day))


def _make_attempts(
    issues: pd.DataFrame, people: People, habit: Ints, rng: np.random.Generator
) -> pd.DataFrame:
    """One attempt about each matter."""
    n = len(issues)
    customer = issues["customer"].to_numpy()
    reason = issues["reason"].to_numpy()
    channel = np.where(rng.random(n) < 0.85, habit[customer], PHONE)
    phone = channel == PHONE
    opened = _in_opening_hours(issues["opened"].to_numpy(), phone)
    wait, abandoned = _queue(opened, phone, rng)
    transfers = np.minimum((rng.random(n) < 0.2).astype(int) + (rng.random(n) < 0.05), 2)
    settles = rng.random(n) < _RESOLVED[reason] - 0.15 * (transfers > 0)
    resolved = settles & ~abandoned
    reply_hours = _reply_hours(channel, wait, rng)
    # How well the person helped: partly seen in the rating, partly in the overall answer.
    help_quality = 0.85 * rng.standard_normal(n) + 0.15 * people.disposition[customer]
    rating = 3.45 + 0.75 * help_quality + 0.8 * (resolved - 0.6) - 0.05 * np.minimum(wait / 60, 15)
    told = (rng.random(n) < 0.45) & ~abandoned
    talk = _TALK[reason] * np.exp(0.45 * rng.standard_normal(n)) * np.where(phone, 1.0, 1.3)
    holds = (rng.random(n) < 0.35) * 70 * rng.standard_exponential(n)
    wrap = 35 + 45 * rng.standard_exponential(n)
    handled = np.where(abandoned, np.nan, 1.0)
    replied = opened + reply_hours * _HOUR
    closing = np.where(rng.random(n) < 0.7, 0.01, 0.2 + 2 * rng.standard_exponential(n))
    gives_up = ~resolved & ~abandoned & (rng.random(n) < 0.15)
    solved = np.where(resolved, replied + talk / 86400 + closing, np.nan)
    solved = np.where(gives_up, replied + 3 + 4 * rng.random(n), solved)
    failed_at = issues["failed_at"].to_numpy()
    return pd.DataFrame(
        {
            "customer": customer,
            "issue": issues["issue"].to_numpy(),
            "reason": reason,
            "channel": channel,
            "opened": opened,
            "replied": np.where(abandoned, np.nan, replied),
            "solved": solved,
            "talk": np.rint(talk) * handled,
            "hold": np.where(phone, np.rint(holds), 0.0) * handled,
            "wrap": np.rint(wrap) * handled,
            "wait": np.where(phone, np.rint(wait), np.nan),
            "abandoned": abandoned,
            "transfers": transfers * handled,
            "reopens": (rng.random(n) < 0.05) * handled,
            "resolved": resolved,
            "again": opened - failed_at <= 7,
            "handled_at": np.where(abandoned, failed_at, opened),
            "help": np.where(abandoned, np.nan, help_quality),
            "csat": np.where(told, rounded(rating + 0.35 * rng.standard_normal(n), 1, 5), np.nan),
        }
    )


def _queue(opened: Floats, phone: Flags, rng: np.random.Generator) -> tuple[Floats, Flags]:
    """Seconds in the queue, and who gave up: a caller whose patience ends before the wait."""
    n = len(opened)
    holidays = (opened >= 122) & (opened < 184)  # July and August: fewer people answer
    wait = np.where(holidays, 210, 120) * rng.standard_exponential(n)
    wait = np.where(rng.random(n) < 0.3, 4 + 8 * rng.random(n), wait)
    patience = 8 + 600 * rng.standard_exponential(n)
    abandoned = phone & (wait > patience)
    return np.where(phone, np.minimum(wait, patience), 0.0), abandoned


def _reply_hours(channel: Ints, wait: Floats, rng: np.random.Generator) -> Floats:
    """Hours to the first reply: the queue by phone, minutes in a chat, most of a day by e-mail."""
    draw = np.exp(0.6 * rng.standard_normal(len(channel)))
    written = np.where(channel == EMAIL, 9.0 * draw, draw / 30)
    return np.where(channel == PHONE, wait / 3600, written)


def _who_tries_again(attempts: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Matters that are still open and make the customer come back within days."""
    n = len(attempts)
    abandoned = attempts["abandoned"].to_numpy()
    returns = rng.random(n) < np.where(abandoned, 0.65, 0.85)
    pause = np.where(abandoned, 0.02 + rng.random(n), 0.5 + 5.2 * rng.random(n))
    again = pd.DataFrame(
        {
            "customer": attempts["customer"],
            "issue": attempts["issue"],
            "reason": attempts["reason"],
            "opened": attempts["opened"] + pause,
            "failed_at": attempts["handled_at"],
        }
    )
    stuck = ~attempts["resolved"].to_numpy() & returns
    return again[stuck & attempts["solved"].isna().to_numpy()].reset_index(drop=True)
