"""What ties a customer to the company besides buying: who recommended it, how to be reached."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxanalysis.sample.contacts import CHANNELS
from cxanalysis.sample.journeys import People
from cxanalysis.sample.process import Ints, choose

_REFERRED = 0.16
# Customers of a kinder disposition recommend more.
_PER_DISPOSITION = 0.5
_PREFERENCES = (0.35, 0.25, 0.40)


@dataclass(frozen=True)
class Ties:
    """One entry per customer: the preferred channel, and who recommended (−1: nobody)."""

    preferred: NDArray[np.object_]
    referrer: Ints


def make_ties(people: People, rng: np.random.Generator) -> Ties:
    """Draw preferred channels, and for some customers one who joined before them."""
    preferred = np.array(CHANNELS, dtype=object)[choose(rng.random(people.n), _PREFERENCES)]
    order = np.argsort(people.joined, kind="stable")
    pull = np.cumsum(np.exp(_PER_DISPOSITION * people.disposition[order]))
    before = np.concatenate(([0.0], pull[:-1]))
    chosen = np.searchsorted(pull, rng.random(people.n) * before, side="right")
    referred = (rng.random(people.n) < _REFERRED) & (before > 0)
    referrer = np.full(people.n, -1, dtype=np.int64)
    referrer[order] = np.where(referred, order[np.minimum(chosen, people.n - 1)], -1)
    return Ties(preferred, referrer)
