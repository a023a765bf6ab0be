"""Relative weights: R² split through the uncorrelated variables nearest to the columns."""

from __future__ import annotations

import numpy as np

from cxanalysis.importance.checks import checked
from cxanalysis.importance.cross import PIVOT_TOLERANCE, Floats, correlations


def relative_weights(cross: Floats) -> Floats:
    """Johnson's relative weight of each column, which is Genizi's split of R².

    Parameters
    ----------
    cross : array (…, p + 1, p + 1)
        Centred cross-products, the outcome last; leading axes are replicates.

    Returns
    -------
    array (…, p)
        In R² points; they sum to the R² of all columns and are never negative. NaN where the
        outcome is constant.

    Raises
    ------
    ModelError
        Where ``cross`` is not square and finite.

    Notes
    -----
    With Λ the symmetric root of the columns' correlations and r their correlations with the
    outcome, the weights are Λ²-wise sums of squared slopes: (Λ∘Λ)(Λ⁻¹r ∘ Λ⁻¹r). Directions
    in which dependent columns do not vary are left out. Genizi (1993), Johnson (2000).
    """
    table = correlations(checked(cross)[0])
    spread, directions = np.linalg.eigh(table[..., :-1, :-1])
    root = np.sqrt(np.where(spread > PIVOT_TOLERANCE, spread, 0.0))
    inverse = 1.0 / np.where(root > 0, root, np.inf)
    turned = np.swapaxes(directions, -1, -2)
    loadings = (directions * root[..., None, :]) @ turned
    slopes = (directions * inverse[..., None, :]) @ (turned @ table[..., :-1, -1:])
    weights: Floats = (loadings**2 @ slopes**2)[..., 0]
    return weights
