"""Columns that cannot be told apart, rest on few customers, or change their sign among others."""

from __future__ import annotations

import numpy as np

from cxanalysis.diagnostics.caveat import SIGNIFICANCE, Caveat
from cxanalysis.drivers import DriverFit
from cxanalysis.drivers.design import Design
from cxanalysis.drivers.split import ROWS_PER_COLUMN
from cxanalysis.importance import Floats

# From here on the variance of a coefficient is ten times that of a column by itself.
HIGH_VIF = 10.0
# Belsley, Kuh and Welsch (1980): from here on dependencies are strong.
HIGH_CONDITION = 30.0


def overlap(fit: DriverFit, rows: Design) -> list[Caveat]:
    """``high_vif``: measures with a VIF of 10 or more; ``condition_number``: 30 or more.

    Columns of two values are passed over as measures: where something may not apply, its
    indicators are nested by the coding (whoever was answered had made contact), so their
    overlap tells nothing of the data; ``rows`` show how many values there are. The condition
    number is that of the standardised columns: the root of the largest over the smallest
    eigenvalue of their correlations.
    """
    terms = fit.tidy().sort_values("vif", ascending=False, kind="stable")
    measures = {
        name for name, column in zip(rows.columns, rows.x.T, strict=True) if _varies(column)
    }
    high = terms[(terms["vif"] >= HIGH_VIF) & terms["term"].isin(measures)]
    found = []
    if len(high):
        values = tuple(zip(high["term"], high["vif"].map(float), strict=True))
        found.append(Caveat("high_vif", {"limit": HIGH_VIF, "terms": values}))
    eigenvalues = np.linalg.eigvalsh(fit.cross[:-1, :-1])
    condition = float(np.sqrt(eigenvalues[-1] / max(eigenvalues[0], np.finfo(float).tiny)))
    if condition >= HIGH_CONDITION:
        facts = {"limit": HIGH_CONDITION, "value": condition}
        found.append(Caveat("condition_number", facts))
    return found


def left_out(fit: DriverFit) -> list[Caveat]:
    """``duplicate``, ``dependent`` and ``constant``: columns that cannot be estimated.

    The first two come with the columns that say the same.
    """
    kinds: dict[str, list[tuple[str, ...]]] = {}
    for item in fit.left_out:
        kinds.setdefault(item.kind, []).append((item.column, *item.origin))
    return [
        Caveat(kind, {"columns": tuple(kinds[kind])})
        for kind in ("duplicate", "dependent", "constant")
        if kind in kinds
    ]


def small_base(fit: DriverFit, min_base: int) -> list[Caveat]:
    """``small_base``: under 20 answers a column, or a group that few customers have anything in.

    ``groups`` holds (set, group, customers) of groups whose columns are all 0 for all but
    fewer than ``min_base`` customers.
    """
    groups = tuple(
        (name, group, customers)
        for name, parts in fit.blocks.items()
        for group, columns in parts.items()
        if (customers := fit.customers_with(columns)) < min_base
    )
    crowded = fit.n < ROWS_PER_COLUMN * fit.n_columns
    if not groups and not crowded:
        return []
    facts = {
        "n": fit.n,
        "n_columns": fit.n_columns,
        "crowded": crowded,
        "min_base": min_base,
        "groups": groups,
    }
    return [Caveat("small_base", facts)]


def sign_conflict(fit: DriverFit) -> list[Caveat]:
    """``sign_conflict``: terms whose sign among the others is not that of their correlation.

    Only terms that stay significant at 5 % after Benjamini and Hochberg's adjustment inside
    their set: among many columns an interval leaves out 0 on the wrong side by chance alone.
    ``terms`` holds (term, estimate, conf_low, conf_high, correlation).
    """
    terms = fit.tidy()
    apart = (terms["p_bh"] < SIGNIFICANCE) & (terms["estimate"] * terms["correlation"] < 0)
    names = ["term", "estimate", "conf_low", "conf_high", "correlation"]
    rows = tuple((row[0], *map(float, row[1:])) for row in terms.loc[apart, names].to_numpy())
    return [Caveat("sign_conflict", {"terms": rows})] if rows else []


def _varies(column: Floats) -> bool:
    """Whether a column has more than two values."""
    return bool(np.any((column != column.min()) & (column != column.max())))
