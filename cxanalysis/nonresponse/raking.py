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
    counts = (mass > 0).astype(np.float64)
    found, weighted, ratios = np.ones_like(mass), np.empty_like(mass), np.empty_like(mass)
    for _ in range(CYCLES):
        before = found.copy()
        for target, flag, spread in zip(targets, flags, spreads, strict=True):
            have = np.multiply(mass, found, out=weighted) @ flag
            ratio = np.where(have > 0, target / np.where(have > 0, have, 1.0), 1.0)
            found *= np.matmul(ratio, spread, out=ratios)
        found = capped(found, mass)
        if np.max(np.abs(found - before) * counts, initial=0.0) < TOLERANCE:
            break
    total = mass.sum(axis=1, keepdims=True)
    gaps = [
        np.abs((mass * found) @ flag / total - target).max(axis=1)
        for target, flag in zip(targets, flags, strict=True)
    ]
    factors = np.ones((len(mass), len(levels[0])))
    factors[:, met] = found
    return factors, np.max(gaps, axis=0)


def capped(factors: Floats, mass: Floats) -> Floats:
    """Factors with average 1 over ``mass``, none above ``MOST_WEIGHT``: (b, m) both.

    What is cut off is spread over the others, again and again until nothing is above.
    """
    total = mass.sum(axis=1)
    for _ in range(CYCLES):
        factors = factors * (total / np.einsum("bm,bm->b", factors, mass))[:, None]
        above = factors > MOST_WEIGHT * (1 + TOLERANCE)
        if not (above.any() and (above & (mass > 0)).any()):
            break
        factors = np.minimum(factors, MOST_WEIGHT)
    return np.minimum(factors, MOST_WEIGHT)
