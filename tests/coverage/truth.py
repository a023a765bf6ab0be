"""Figures of a whole population, from one very large draw of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from cxanalysis.drivers import fit_drivers
from cxanalysis.importance import centred_cross, partition_r2
from tests.coverage.designs import OUTCOME, SEED, WEIGHT, Company, draw_answers

# 45 times as exact as the largest simulated study: what is left of chance moves no coverage.
ROWS, PORTION = 4_000_000, 200_000
# Of a model that is fitted by iteration: 32 times as exact as a simulated study of it.
FITTED_ROWS = 500_000
# Depends on the others in the population, as it does in every sample of it.
DEPENDS = 1e-9
FIGURES = ("T", "U", "shapley", "share", "S", "N", "R2")


def kept_figures(company: Company, folder: Path) -> dict[str, float]:
    """``true_figures``, drawn once and kept beside the runs."""
    path = folder / "truth.json"
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if company.name not in kept:
        kept[company.name] = true_figures(company)
        path.write_text(json.dumps(kept, indent=1), encoding="utf-8")
    return dict(kept[company.name])


def true_figures(company: Company) -> dict[str, float]:
    """The figures of service, and the slope of every driver by its name.

    T and U are R² of service alone and what it adds, ``shapley`` and ``share`` its Shapley
    value in points and as a part, S and N are T and U as parts, R2 is that of everything.
    """
    if company.model is not None:
        return _fitted(company)
    service, journey = ([*columns] for [columns] in map(dict.values, company.sets_only.values()))
    cross = _population(company, [*service, *journey, OUTCOME])
    slopes = np.linalg.pinv(cross[:-1, :-1], rcond=DEPENDS, hermitian=True) @ cross[:-1, -1]
    return _figures(cross, len(service)) | dict(zip([*service, *journey], slopes, strict=True))


def _fitted(company: Company) -> dict[str, float]:
    """Figures by the product's own fit, where its measure has no closed form."""
    frame = draw_answers(company, FITTED_ROWS, np.random.default_rng(SEED))
    fit = fit_drivers(frame, OUTCOME, company.sets_only, model=company.model, replicates=1)
    points = fit.importance().xs("raw", axis="columns", level="figure").loc[("service", "all")]
    whole = fit.r_squared
    figures = [points[name] for name in ("total", "unique", "shapley", "share")]
    figures += [points["total"] / whole, points["unique"] / whole, whole]
    slopes = fit.tidy().set_index("term")["estimate"]
    return dict(zip(FIGURES, map(float, figures), strict=True)) | slopes.to_dict()


def _population(company: Company, columns: list[str]) -> np.ndarray:
    """Centred cross-products of a very large draw, by portions of it."""
    rng = np.random.default_rng(SEED)
    moments = np.zeros((len(columns) + 1, len(columns) + 1))
    for _ in range(ROWS // PORTION):
        frame = draw_answers(company, PORTION, rng)
        weights = frame[WEIGHT].to_numpy() if company.weighted else np.ones(len(frame))
        z = np.column_stack([np.ones(len(frame)), frame[columns].to_numpy()])
        moments += z.T @ (z * weights[:, None])
    return centred_cross(moments)


def _figures(cross: np.ndarray, service: int) -> dict[str, float]:
    own, rest = list(range(service)), list(range(service, len(cross) - 1))
    rows = partition_r2(cross, [[own], [rest]])
    total, unique, _, shapley, share = rows[0]
    r_squared = shapley + rows[2, 3]
    figures = (total, unique, shapley, share, total / r_squared, unique / r_squared, r_squared)
    return dict(zip(FIGURES, map(float, figures), strict=True))
