"""Weights by raking, in many bootstrap samples at once: arrays only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxanalysis.importance import Floats, Integers

# No weight is more than this many times the average one (DeBell and Krosnick 2009).
MOST_WEIGHT = 5.0
TOLERANCE = 1e-6
CYCLES = 200


def rake(
    mass: Floats, targets: Sequence[Floats], levels: Sequence[Integers]
) -> tuple[Floats, Floats]:
    """Factors that bring the margins of respondents to those of everyone.

    Parameters
    ----------
    mass : array (b, patterns)
        Respondents of each pattern of levels, in each of b samples.
    targets : sequence of array (b, levels)
        For each trait the share of everyone at each level.
    levels : sequence of array (patterns,)
        For each trait the level of each pattern.

    Returns
    -------
    factors : array (b, patterns)
        Average 1 over respondents, none above ``MOST_WEIGHT``; 1 for patterns without any.
    gaps : array (b,)
        Largest difference that is left between a margin and its target: more than rounding
        where the cap or an empty level stands in the way.

    References
    ----------
    Deming and Stephan (1940); the cap within every cycle as in DeBell and Krosnick (2009),
    Computing weights for American National Election Study survey data.
    """
    # Patterns that nobody in any sample answers from have factors that nothing depends on.
    met = np.flatnonzero((mass > 0).any(axis=0))
    mass = mass[:, met]
    flags = [
        np.eye(target.shape[1])[level[met]] for target, level in zip(targets, levels, strict=True)
    ]
    spreads = [np.ascontiguousarray(flag.T) for flag in flags]
    # What is carried along is mass × factor: one array less to go through at every margin.
    per_mass = np.divide(1.0, mass, out=np.zeros_like(mass), where=mass > 0)
    weighted, ratios = mass.copy(), np.empty_like(mass)
    for _ in range(CYCLES):
        before = weighted.copy()
        for target, flag, spread in zip(targets, flags, spreads, strict=True):
            have = weighted @ flag
            # Nothing of a level without any is left to be multiplied, whatever it is by.
            ratio = target / (have + (have == 0))
            weighted *= np.matmul(ratio, spread, out=ratios)
        weighted = _capped(weighted, mass)
        before -= weighted
        before *= per_mass
        if max(before.max(initial=0.0), -before.min(initial=0.0)) < TOLERANCE:
            break
    total = mass.sum(axis=1, keepdims=True)
    gaps = [
        np.abs(weighted @ flag / total - target).max(axis=1)
        for target, flag in zip(targets, flags, strict=True)
    ]
    factors = np.ones((len(mass), len(levels[0])))
    factors[:, met] = np.where(mass > 0, weighted * per_mass, 1.0)
    return factors, np.max(gaps, axis=0)


def capped(factors: Floats, mass: Floats) -> Floats:
    """Factors with average 1 over ``mass``, none above ``MOST_WEIGHT``: (b, m) both.

    What is cut off is spread over the others, again and again until nothing is above.
    """
    weighted = _capped(factors * mass, mass)
    return np.where(mass > 0, weighted / np.where(mass > 0, mass, 1.0), 1.0)


def _capped(weighted: Floats, mass: Floats) -> Floats:
    """As `capped`, of mass × factor: (b, m), and so is the result."""
    total, most = mass.sum(axis=1), MOST_WEIGHT * mass
    beyond = (1 + TOLERANCE) * most
    for _ in range(CYCLES):
        weighted = weighted * (total / weighted.sum(axis=1))[:, None]
        if not (weighted > beyond).any():
            break
        weighted = np.minimum(weighted, most)
    return np.minimum(weighted, most)
