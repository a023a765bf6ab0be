"""Companies small enough to be drawn a thousand times: what the sliders of the course move.

Each takes the truth and gives what a study of it would find. The same arguments give the same
numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxanalysis.importance import partition_sets, r2_game

Floats = NDArray[np.float64]
SEED = 7
TWO_SETS = [[[0]], [[1]]]  # service and the journey, a column each

PROMOTERS, DETRACTORS = 0.45, 0.25  # of the company whose samples are drawn
SCORES = np.arange(11)  # 0 to 10
MINUTES_NEEDED = (6.0, 0.6)  # median and log standard deviation of what a matter takes
RETELLING = 1.5  # minutes that a customer who rings again needs to tell it once more
CUT_SHORT = 0.8  # of the calls over the target, how many an agent ends at it
MOST_CALLS = 6  # a customer makes about one matter


@dataclass(frozen=True)
class Spread:
    """A figure as many studies of one company would find it, and its true value."""

    truth: float
    found: Floats

    @property
    def middle(self) -> tuple[float, float]:
        """Between which values 95 of 100 studies lie."""
        low, high = np.quantile(self.found, [0.025, 0.975])
        return float(low), float(high)


@dataclass(frozen=True)
class Silence:
    """Scores from 0 to 10 of all customers, and which of them answered."""

    scores: Floats
    answered: NDArray[np.bool_]

    @property
    def everyone(self) -> float:
        """NPS of all customers, in points."""
        return nps(self.scores)

    @property
    def heard(self) -> float:
        """NPS of those who answered."""
        return nps(self.scores[self.answered])


@dataclass(frozen=True)
class Split:
    """How much of what is explained goes with service, by three ways of counting."""

    total: float
    unique: float
    shapley: float


@dataclass(frozen=True)
class Handling:
    """A contact centre under a target for handle time.

    ``handle_minutes`` is per contact, ``minutes_per_issue`` all contacts about one matter.
    """

    handle_minutes: float
    first_contact_resolution: float
    contacts_per_issue: float
    minutes_per_issue: float


def nps(scores: Floats) -> float:
    """Percentage of 9 and 10 less percentage of 0 to 6."""
    return 100 * float((scores >= 9).mean() - (scores <= 6).mean())


def sample_nps(answers: int, draws: int = 2000) -> Spread:
    """NPS of samples from one company whose true NPS never changes.

    Parameters
    ----------
    answers
        In each sample.
    """
    rng = np.random.default_rng(SEED)
    shares = [PROMOTERS, DETRACTORS, 1 - PROMOTERS - DETRACTORS]
    counts = rng.multinomial(answers, shares, size=draws)
    return Spread(100 * (PROMOTERS - DETRACTORS), 100 * (counts[:, 0] - counts[:, 1]) / answers)


def silence(tilt: float, customers: int = 20_000, rate: float = 0.2) -> Silence:
    """A company of which a part answers.

    Parameters
    ----------
    tilt
        By how much the log odds of answering rise with one point of satisfaction; 0: chance
        alone decides.
    rate
        The share that answers among those of average satisfaction.
    """
    rng = np.random.default_rng(SEED)
    felt = rng.normal(7.4, 2.0, customers)
    scores = np.clip(np.rint(felt), 0, 10)
    odds = np.log(rate / (1 - rate)) + tilt * (felt - felt.mean())
    return Silence(scores, rng.random(customers) < 1 / (1 + np.exp(-odds)))


def split_of_service(correlation: float, service: float = 1.0, journey: float = 1.0) -> Split:
    """Service's part of R² where service and the journey go together, without any sampling.

    Parameters
    ----------
    correlation
        Between the two.
    service, journey
        Their true slopes, both measured in standard deviations.
    """
    slopes = np.array([service, journey])
    between = np.array([[1.0, correlation], [correlation, 1.0]])
    with_overall = between @ slopes
    explained = slopes @ with_overall
    cross = np.empty((3, 3))
    cross[:2, :2], cross[:2, 2], cross[2, :2] = between, with_overall, with_overall
    cross[2, 2] = 2 * explained  # half of the variation is noise; parts of R² do not depend on it
    (total, unique, _, _, share), _ = partition_sets(r2_game(cross), TWO_SETS)
    return Split(2 * float(total), 2 * float(unique), float(share))


def slopes_of_service(correlation: float, answers: int = 300, draws: int = 400) -> Spread:
    """The slope of service beside the journey, as regressions of many samples find it.

    Parameters
    ----------
    correlation
        Between service and the journey; both have a true slope of 1.
    """
    rng = np.random.default_rng(SEED)
    service = rng.normal(size=(draws, answers))
    apart = rng.normal(size=(draws, answers))
    journey = correlation * service + np.sqrt(1 - correlation**2) * apart
    overall = service + journey + 1.5 * rng.normal(size=(draws, answers))
    return Spread(1.0, _slopes(np.stack([service, journey], axis=2), overall)[:, 0])


def shares_found(share: float, answers: int = 300, draws: int = 400) -> Spread:
    """Service's share of R² in many samples of a company where it is known.

    Parameters
    ----------
    share
        The true one, between 0 and 1; service and journey are independent of each other here.
    """
    rng = np.random.default_rng(SEED)
    service, journey, rest = rng.normal(size=(3, draws, answers))
    overall = np.sqrt(share) * service + np.sqrt(1 - share) * journey + rest
    table = np.stack([service, journey, overall], axis=1)
    table -= table.mean(axis=2, keepdims=True)
    quantities = partition_sets(r2_game(table @ np.swapaxes(table, 1, 2)), TWO_SETS)
    return Spread(share, quantities[:, 0, -1])


def slopes_with_mood(service: float, mood: float, answers: int = 500, draws: int = 400) -> Spread:
    """What a regression finds where the overall mood colours the rating of the service.

    Parameters
    ----------
    service
        The true slope: how much better service raises overall satisfaction.
    mood
        The other way round: how much of overall satisfaction goes into the rating of service.
    """
    rng = np.random.default_rng(SEED)
    served, rest = rng.normal(size=(2, draws, answers))
    overall = service * served + rest
    rated = served + mood * overall
    return Spread(service, _slopes(rated[:, :, None], overall)[:, 0])


def handle_time_target(minutes: float | None, issues: int = 20_000) -> Handling:
    """A contact centre that is told how long a contact may take.

    Agents end most calls that run over; the matter is then open, and the customer rings again
    and begins by telling it once more.

    Parameters
    ----------
    minutes
        The target; none: every contact takes the time that it needs.
    """
    rng = np.random.default_rng(SEED)
    median, spread = MINUTES_NEEDED
    left = median * np.exp(spread * rng.normal(size=issues))
    spent, calls, first = np.zeros(issues), np.zeros(issues), np.zeros(issues, bool)
    open_ones = np.ones(issues, bool)
    for call in range(MOST_CALLS):
        over = left > (np.inf if minutes is None else minutes)
        cut = over & (rng.random(issues) < CUT_SHORT) & (call < MOST_CALLS - 1)
        took = np.where(cut, minutes or 0.0, left)
        spent += np.where(open_ones, took, 0)
        calls += open_ones
        if call == 0:
            first = ~cut
        left = np.maximum(left - took, 0) + RETELLING
        open_ones &= cut
    return Handling(
        float(spent.sum() / calls.sum()),
        float(first.mean()),
        float(calls.mean()),
        float(spent.mean()),
    )


def _slopes(columns: Floats, y: Floats) -> Floats:
    """Least squares slopes, (draws, columns), of (draws, rows, columns) with a constant."""
    x = columns - columns.mean(axis=1, keepdims=True)
    cross = np.swapaxes(x, 1, 2)
    slopes: Floats = np.linalg.solve(
        cross @ x, cross @ (y - y.mean(axis=1, keepdims=True))[..., None]
    )
    return slopes[..., 0]
