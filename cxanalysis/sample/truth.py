"""What is true of the sample company: its coefficients, and its shares under the reported model."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from cxanalysis.config import StudyConfig
from cxanalysis.features import build_features, code_two_part
from cxanalysis.importance import PIVOT_TOLERANCE, QUANTITIES, centred_cross, partition_r2
from cxanalysis.partition import Blocks, block_columns, two_part_columns
from cxanalysis.periods import parse_period
from cxanalysis.sample.company import simulate_all
from cxanalysis.sample.process import COEFFICIENTS, LOOKBACK_DAYS, PERIOD, TIME_ZONE, Floats
from cxanalysis.sample.study_file import STUDY_FILE
from cxanalysis.study import Study, study_of

LARGE = 100_000  # customers: the Monte-Carlo error of a share is then well below .01
BATCHES = 20
_SEED_OFFSET = 1_000_003  # the large company must not repeat the sample's own draws


def find_truth(customers: int, seed: int, large: int = LARGE) -> dict[str, Any]:
    """What a report on the sample company should find, from a large company of the same kind.

    Parameters
    ----------
    customers, seed
        Of the sample that the truth is written for; the truth depends on the seed only by
        Monte-Carlo error.
    large
        Customers of the simulated large company.

    Returns
    -------
    dict
        Plain numbers, lists and texts, ready for JSON. Shares of R² are those of
        `cxanalysis.importance.partition_r2`; with so many answers per column its plain R²
        needs no adjustment. Standard errors leave out one batch of customers at a time.
    """
    config = StudyConfig.model_validate(tomllib.loads(STUDY_FILE))
    frames, latent = simulate_all(large, seed + _SEED_OFFSET)
    study = replace(study_of(config, frames), period=parse_period(PERIOD, TIME_ZONE))
    everyone = build_features(study)
    came_back = latent["answers"].to_numpy()
    returned = frames["surveys"]["response_id"][came_back]
    answered = _recoded(everyone[everyone["response_id"].isin(returned)], study)
    return {
        "seed": seed,
        "customers": customers,
        "outcome": config.model.outcome,
        "period": PERIOD,
        "coding": {"not_applicable": config.model.not_applicable, "lookback_days": LOOKBACK_DAYS},
        "partition": study.blocks,
        "coefficients": {
            name: {"value": coefficient.value, "unit": coefficient.unit}
            for name, coefficient in COEFFICIENTS.items()
        },
        "monte_carlo": {"customers": large, "seed": seed + _SEED_OFFSET, "batches": BATCHES},
        "coefficients_as_reported": _slopes(answered, study.blocks, config.model.outcome),
        "shares": _shares(answered, study.blocks, config.model.outcome),
        "shares_if_everyone_answered": _shares(everyone, study.blocks, config.model.outcome),
        "scores": _scores(answered),
        "scores_if_everyone_answered": _scores(everyone),
    }


def _recoded(features: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Features of some of the rows, centred on these rows' own means as a report would."""
    pairs = two_part_columns(study.config, study.columns)
    raw = {value: features[value].where(features[known] > 0.5) for value, known in pairs.items()}
    return code_two_part(features.assign(**raw), pairs)


def _shares(features: pd.DataFrame, blocks: Blocks, outcome: str) -> dict[str, Any]:
    """Split of R² by set and by group inside, and slopes, each with its Monte-Carlo error."""
    cross = _crosses(features, blocks, outcome)
    figures = partition_r2(cross, _places(blocks))
    r_squared = np.asarray(
        figures[:, 0, 3] / figures[:, 0, 4]
    )  # Shapley value by share, of the first set
    shares: dict[str, Any] = {"n": len(features), "r_squared": _with_error(r_squared), "sets": {}}
    rows = [(name, group) for name, groups in blocks.items() for group in ("all", *groups)]
    for place, (name, group) in enumerate(rows):
        entry = {
            quantity: _with_error(figures[:, place, column])
            for column, quantity in enumerate(QUANTITIES)
        }
        if group == "all":
            shares["sets"][name] = {**entry, "groups": {}}
        else:
            shares["sets"][name]["groups"][group] = entry
    return shares


def _slopes(features: pd.DataFrame, blocks: Blocks, outcome: str) -> dict[str, Any]:
    """Coefficients of the reported model by column; columns that add nothing have none.

    They differ from the latent model's: ratings are noisy readings of what was lived through,
    and the outcome is rounded to a scale that ends at its highest point.
    """
    names = block_columns(blocks)
    cross = _crosses(features, blocks, outcome)
    kept = _independent(cross[0, :-1, :-1])
    slopes = np.asarray(
        np.linalg.solve(cross[:, kept][:, :, kept], cross[:, kept, -1:])[..., 0], dtype=np.float64
    )
    return {names[column]: _with_error(slopes[:, place]) for place, column in enumerate(kept)}


def _independent(cross: Floats) -> list[int]:
    """Columns, in order, that are not constant and not a combination of those before them."""
    left = cross.copy()
    kept = []
    for column, variance in enumerate(np.diag(cross)):
        pivot = left[column, column]
        if pivot > PIVOT_TOLERANCE * variance:
            kept.append(column)
            left -= np.outer(left[:, column], left[column]) / pivot
    return kept


def _places(blocks: Blocks) -> list[list[list[int]]]:
    """Column numbers of every group of every set, in the order of the blocks."""
    number = {name: place for place, name in enumerate(block_columns(blocks))}
    return [
        [[number[name] for name in group] for group in groups.values()]
        for groups in blocks.values()
    ]


def _crosses(features: pd.DataFrame, blocks: Blocks, outcome: str) -> Floats:
    """Centred cross-products of all customers, then of all but each one batch of them."""
    moments = _moments(features, [*block_columns(blocks), outcome])
    everything = moments.sum(axis=0)
    return centred_cross(np.concatenate([everything[None], everything - moments]))


def _moments(features: pd.DataFrame, names: list[str]) -> Floats:
    """Cross-products (batch, q, q) of 1, columns and outcome; a customer is in one batch."""
    table = np.column_stack([np.ones(len(features)), features[names].to_numpy(dtype=np.float64)])
    batch = features["customer_id"].str.slice(1).astype("int64").to_numpy() % BATCHES
    return np.stack([table[batch == part].T @ table[batch == part] for part in range(BATCHES)])


def _with_error(values: Floats) -> dict[str, float]:
    """The figure of all customers and its jackknife standard error, to six decimals."""
    left_out = values[1:]
    error = np.sqrt((len(left_out) - 1) * np.var(left_out))
    return {"value": round(float(values[0]), 6), "monte_carlo_se": round(float(error), 6)}


def _scores(features: pd.DataFrame) -> dict[str, float]:
    nps = features["nps"].to_numpy(dtype=np.float64)
    points = 100 * (np.mean(nps >= 9) - np.mean(nps <= 6))
    return {
        "overall_satisfaction": round(float(features["overall_satisfaction"].mean()), 4),
        "nps": round(float(points), 2),
    }
