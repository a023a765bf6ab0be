"""How weights are estimated from who was drawn how often: once, or in many samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from cxanalysis.importance import Floats, Integers
from cxanalysis.nonresponse.asked import Asked
from cxanalysis.nonresponse.levels import Flags, Levels, level_out
from cxanalysis.nonresponse.logistic import logit_probabilities, logit_slopes
from cxanalysis.nonresponse.raking import MOST_WEIGHT, capped, rake

# A probability estimated as lower counts as this one.
LEAST_PROBABILITY = 1e-6


class Estimated(NamedTuple):
    """Weights (b, answers) of b samples, which are at the cap, and the gap (b,) that is left."""

    weights: Floats
    at_cap: Flags
    gaps: Floats


# From how many times each customer is counted: (b, customers).
Estimator = Callable[[Floats], Estimated]


def raking(asked: Asked, least: int) -> tuple[Estimator, list[Levels]]:
    """Raking of customers who answered to all, or of answered invitations to those asked."""
    units = _units(asked)
    levels = level_out(units.traits, units.answered, units.mass > 0, least)
    patterns, pattern = np.unique(levels.codes, axis=0, return_inverse=True)
    pattern = pattern.ravel()
    everyone = _summed(units.customer, pattern, units.mass, asked, len(patterns))
    voices = np.where(units.answered, units.mass, 0.0)
    answering = _summed(units.customer, pattern, voices, asked, len(patterns))
    flags = [np.eye(len(labels)) for labels in levels.labels]
    owner = asked.rows["customer"].to_numpy()[: asked.n_answers]
    answers = np.maximum(asked.customers["answers"].to_numpy()[owner], 1)
    of_row = pattern[units.of_answer]

    def estimate(times: Floats) -> Estimated:
        all_of_them = times @ everyone
        total = all_of_them.sum(axis=1, keepdims=True)
        targets = [
            all_of_them @ flag[patterns[:, place]] / total for place, flag in enumerate(flags)
        ]
        factors, gaps = rake(times @ answering, targets, list(patterns.T))
        rows = factors[:, of_row]
        return Estimated(rows / answers, rows >= MOST_WEIGHT * (1 - LEAST_PROBABILITY), gaps)

    return estimate, [levels]


def propensity(asked: Asked, least: int) -> tuple[Estimator, list[Levels]]:
    """Inverse of the probability of being asked times that of answering when asked."""
    stages = _stages(asked, least)
    owner = asked.rows["customer"].to_numpy()[: asked.n_answers]
    counts = asked.customers["asked" if asked.has_invitations else "answers"].to_numpy()
    often = np.maximum(counts[owner], 1)

    def estimate(times: Floats) -> Estimated:
        probability = np.ones((len(times), len(owner)))
        for stage in stages:
            found = logit_probabilities(
                stage.design, times @ stage.cases, times @ stage.events, stage.slopes
            )
            probability *= found[:, stage.of_answer]
        mass = np.where(owner >= 0, times[:, owner], 0.0)
        raw = 1 / (np.maximum(probability, LEAST_PROBABILITY) * often)
        weights = capped(raw, mass)
        at_cap = weights >= MOST_WEIGHT * (1 - LEAST_PROBABILITY)
        return Estimated(weights, at_cap, np.zeros(len(times)))

    return estimate, [stage.levels for stage in stages]


# --- raking --------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Units:
    """What is raked: customers, or invitations where there is no customers table."""

    traits: pd.DataFrame
    customer: Integers
    mass: Floats
    answered: Flags
    of_answer: Integers


def _units(asked: Asked) -> _Units:
    owner = asked.rows["customer"].to_numpy()
    if asked.has_base:
        n = len(asked.customers)
        answered = asked.customers["answers"].to_numpy() > 0
        of_answer = np.maximum(owner[: asked.n_answers], 0)
        return _Units(asked.customer_traits, np.arange(n), np.ones(n), answered, of_answer)
    mass = 1 / asked.customers["asked"].to_numpy()[owner]
    answered = asked.rows["answered"].to_numpy(dtype=bool)
    return _Units(asked.row_traits, owner, mass, answered, np.arange(asked.n_answers))


# --- propensity ----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Stage:
    """One logistic regression, its rows gathered by pattern of levels and by customer.

    ``slopes`` are those of everyone counted once.
    """

    levels: Levels
    design: Floats
    cases: csr_array
    events: csr_array
    slopes: Floats
    of_answer: Integers


def _stages(asked: Asked, least: int) -> list[_Stage]:
    owner = asked.rows["customer"].to_numpy()
    stages = []
    if asked.has_base:
        name = "asked" if asked.has_invitations else "answers"
        event = asked.customers[name].to_numpy() > 0
        everyone = np.ones(len(event), dtype=bool)
        customers, of_answer = np.arange(len(event)), np.maximum(owner[: asked.n_answers], 0)
        stages.append(
            _stage(asked, asked.customer_traits, event, everyone, customers, of_answer, least)
        )
    if asked.has_invitations:
        event = asked.rows["answered"].to_numpy(dtype=bool)
        counted = (owner >= 0) & asked.rows["invited"].to_numpy()
        answers = np.arange(asked.n_answers)
        stages.append(_stage(asked, asked.row_traits, event, counted, owner, answers, least))
    return stages


def _stage(
    asked: Asked,
    traits: pd.DataFrame,
    event: Flags,
    counted: Flags,
    customer: Integers,
    of_answer: Integers,
    least: int,
) -> _Stage:
    levels = level_out(traits, event, counted, least)
    patterns, pattern = np.unique(levels.design, axis=0, return_inverse=True)
    pattern = pattern.ravel()
    cases = _summed(customer, pattern, counted.astype(float), asked, len(patterns))
    events = _summed(customer, pattern, (counted & event).astype(float), asked, len(patterns))
    everyone = np.ones((1, len(asked.customers)))
    return _Stage(
        levels=levels,
        design=patterns,
        cases=cases,
        events=events,
        slopes=logit_slopes(patterns, everyone @ cases, everyone @ events)[0],
        of_answer=pattern[of_answer],
    )


def _summed(
    customer: Integers, pattern: Integers, mass: Floats, asked: Asked, patterns: int
) -> csr_array:
    """Mass of each customer in each pattern: (customers, patterns)."""
    known = (customer >= 0) & (mass > 0)
    places = (customer[known], pattern[known])
    return csr_array((mass[known], places), shape=(len(asked.customers), patterns))
