"""What drives the sample company: calendar, touchpoints, reasons for contact, true effects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

DAY = 86_400
LOOKBACK_DAYS = 90
TIME_ZONE = "Europe/Berlin"
PERIOD = "2026-Q3"

# Local days are counted from the first day of the export.
_FIRST_MIDNIGHT = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())
_SUMMER_TIME = int(datetime(2026, 3, 29, 1, tzinfo=UTC).timestamp())
FIRST_DAY = 0  # 1 March 2026
FIRST_INVITATION_DAY = 31  # 1 April 2026
THIRD_QUARTER_DAY = 122  # 1 July 2026
LAST_DAY = 221  # 8 October 2026: nothing is recorded from this day on


def instant(day: Floats) -> Ints:
    """Local days since 1 March 2026 (fraction = time of day) as UTC seconds since 1970."""
    local = _FIRST_MIDNIGHT + np.rint(np.asarray(day) * DAY).astype(np.int64)
    return local - np.where(local - 3600 < _SUMMER_TIME, 3600, 7200)


LAST_INSTANT = int(instant(np.array(float(LAST_DAY))))


@dataclass(frozen=True)
class Touchpoint:
    """A touchpoint with a plain name, and how well it does on average (standard deviations)."""

    name: str
    channel: str
    initiator: str = "customer"
    influence: str = "direct"
    quality: float = 0.0


@dataclass(frozen=True)
class Step:
    """A step of a project: how often and when it happens, where, and how often it is rated."""

    stage: str
    chance: float
    first_day: float
    last_day: float
    touchpoints: tuple[Touchpoint, ...]
    rated: float


T = Touchpoint
CHECKOUTS = (T("online checkout", "web", quality=0.2), T("store checkout", "in person"))
DELIVERY_AGREED = T("delivery date agreed", "email", "company")
DELIVERY = T("delivery", "in person", "company", quality=0.1)
INSTALLATION_AGREED = T("installation date agreed", "phone", "company")
INSTALLATION = T("installation", "in person", "company", quality=-0.1)
STEPS = (
    Step(
        "awareness",
        0.5,
        0,
        5,
        (
            T("online review", "web", influence="indirect", quality=0.1),
            T("friend's tip", "in person", influence="indirect", quality=0.4),
            T("advertisement", "web", "company", quality=-0.3),
        ),
        0.65,
    ),
    Step(
        "discovery",
        0.5,
        3,
        12,
        (T("website visit", "web"), T("newsletter", "email", "company", quality=-0.2)),
        0.65,
    ),
    Step(
        "attraction",
        0.5,
        6,
        20,
        (T("showroom visit", "in person", quality=0.4), T("online planner", "web")),
        0.65,
    ),
    Step(
        "interaction",
        0.6,
        10,
        28,
        (
            T("consultation", "in person", quality=0.3),
            T("quote by phone", "phone", quality=-0.1),
            T("chat with a planner", "chat"),
        ),
        0.65,
    ),
    Step("purchase", 0.8, 18, 35, CHECKOUTS, 0.55),
    Step("use", 0.3, 50, 75, (T("daily use", "in person", quality=0.2),), 0.7),
    Step(
        "cultivation",
        0.42,
        50,
        85,
        (
            T("care tips", "email", "company"),
            T("follow-up call", "phone", "company", quality=0.3),
        ),
        0.6,
    ),
    Step(
        "advocacy",
        0.28,
        60,
        100,
        (
            T("own online review", "web", influence="indirect"),
            T("recommended to a friend", "in person", influence="indirect", quality=0.2),
        ),
        0.6,
    ),
)


@dataclass(frozen=True)
class Reason:
    """A reason for contact: its log odds after a touch of quality 0, and per point of quality.

    ``resolved`` is the chance that one handled contact settles it; ``talk`` is its usual
    length in seconds.
    """

    name: str
    touchpoints: tuple[str, ...]
    log_odds: float
    per_quality: float
    resolved: float
    talk: float


WHERE_IS_MY_ORDER = "where is my order"
REASONS = (
    Reason(WHERE_IS_MY_ORDER, (), 0.0, 0.0, 0.62, 210),
    Reason("fault", ("delivery", "installation", "daily use"), -2.6, -0.8, 0.55, 420),
    Reason("billing", ("online checkout", "store checkout"), -3.2, -1.2, 0.72, 300),
    Reason(
        "question",
        ("showroom visit", "online planner", "consultation", "quote by phone", "website visit"),
        -3.7,
        -0.9,
        0.85,
        240,
    ),
)


@dataclass(frozen=True)
class Coefficient:
    """A true effect on the latent satisfaction, in points of the 1–5 scale per unit."""

    value: float
    unit: str


_STAGE_WEIGHTS = {
    "awareness": 0.05,
    "discovery": 0.10,
    "attraction": 0.15,
    "interaction": 0.26,
    "purchase": 0.30,
    "use": 0.40,
    "cultivation": 0.18,
    "advocacy": 0.06,
}
COEFFICIENTS = {
    "intercept": Coefficient(3.85, "points"),
    **{
        f"{stage}_quality": Coefficient(
            weight, "points per unit of mean latent quality of the stage's touches"
        )
        for stage, weight in _STAGE_WEIGHTS.items()
    },
    "delivery_late_days": Coefficient(-0.18, "points per day that a delivery is late"),
    "installation_late_days": Coefficient(-0.18, "points per day that an installation is late"),
    "contacted": Coefficient(-0.35, "points for having had to make contact at all"),
    "further_contacts": Coefficient(-0.10, "points per contact after the first"),
    "had_to_contact_again": Coefficient(
        -0.50, "points for another contact about the same matter within seven days"
    ),
    "queue_wait_minutes": Coefficient(-0.05, "points per minute of mean wait in the queue"),
    "first_reply_hours": Coefficient(-0.015, "points per hour of mean wait for a first reply"),
    "help_quality": Coefficient(0.55, "points per unit of mean latent quality of the help"),
    "disposition": Coefficient(0.22, "points per standard deviation of the customer's disposition"),
    "noise": Coefficient(0.50, "points, standard deviation of a single answer"),
}
ANSWER_LOG_ODDS = -0.45  # of answering an invitation at a latent satisfaction of 3.75
ANSWER_PER_POINT = 0.45  # and per point above: the unhappy answer less often


def choose(uniform: Floats, probabilities: tuple[float, ...]) -> Ints:
    """Index of the alternative that each uniform draw falls on."""
    edges = np.cumsum(probabilities)[:-1]
    return np.searchsorted(edges, uniform, side="right").astype(np.int64)


def logistic(log_odds: Floats) -> Floats:
    """Probabilities of log odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)))


def rounded(latent: Floats, low: int, high: int) -> Ints:
    """A latent score as an answer on a scale."""
    return np.clip(np.rint(latent), low, high).astype(np.int64)
