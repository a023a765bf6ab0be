"""Data and brute force that the tests of importance share."""

import json
from itertools import combinations
from pathlib import Path

import numpy as np

REFERENCE = Path(__file__).parent / "reference"


def reference(name):
    content = json.loads((REFERENCE / name).read_text())
    return np.array(content["data"]["rows"]), content["data"]["columns"], content["expected"]


def swiss():
    rows, columns, expected = reference("swiss_relaimpo.json")
    return rows[:, 1:], rows[:, 0], columns[1:], expected


def some_data(seed=7, n=80, p=6):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, p)) + rng.normal(size=(n, 1))
    return x, x @ rng.normal(size=p) + rng.normal(size=n)


def regression_r2(x, y):
    design = np.column_stack([np.ones(len(y)), x])
    residual = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return 1 - residual @ residual / np.sum((y - y.mean()) ** 2)


def cross_of(x, y):
    table = np.column_stack([x, y])
    table = table - table.mean(axis=0)
    return table.T @ table


def unions(players):
    """Every union of some players, the empty one first."""
    players = list(players)
    return [frozenset(u) for size in range(len(players) + 1) for u in combinations(players, size)]


def regressions(x, y, groups):
    """R² of every union of groups from a regression each."""
    return {
        union: regression_r2(x[:, [column for group in union for column in groups[group]]], y)
        for union in unions(range(len(groups)))
    }
