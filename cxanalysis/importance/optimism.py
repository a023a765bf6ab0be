"""What R² owes to chance; every other module here takes R² as it is."""

from __future__ import annotations

import numpy as np

from cxanalysis.importance.cross import Floats, Integers


def adjust_optimism(r2: Floats, n: int, p: int | Integers, d: float = 1.0) -> Floats:
    """R² less what p columns explain by chance: 1 − (1 − R²)(n − 1)/(n − d·p − 1).

    Parameters
    ----------
    r2 : array
        Plain R².
    n : int
        Rows.
    p : int or array broadcastable to r2
        Columns behind each R².
    d : float
        Design effect of clusters and weights on the coefficients; 1 for independent rows.

    Returns
    -------
    array
        Adjusted R², negative where less is explained than chance would; NaN where the rows
        do not suffice. Apply once to estimates and twice to bootstrap replicates, whose plain
        R² carries the optimism of the sample and that of the resampling.
    """
    left = np.asarray(n - d * np.asarray(p) - 1.0)
    return 1.0 - (1.0 - r2) * (n - 1.0) / np.where(left > 0, left, np.nan)
