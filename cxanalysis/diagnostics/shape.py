"""Do straight lines do? A RESET-type test of each set, with the size of what they miss."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxanalysis.diagnostics.caveat import SIGNIFICANCE, Caveat
from cxanalysis.drivers import DriverFit
from cxanalysis.drivers.blocktest import block_tests
from cxanalysis.drivers.frames import holm
from cxanalysis.drivers.split import WHOLE_SET
from cxanalysis.importance import PIVOT_TOLERANCE

# R² gained below which a bend is nothing to a reader.
LEAST_GAIN = 0.01


def nonlinear(fit: DriverFit) -> list[Caveat]:
    """``nonlinear``: sets whose part of the model bends, and how much R² that leaves out.

    Returns
    -------
    list of Caveat
        At most one. ``sets`` holds (set, R² gained, direction, p_holm): direction is −1 where
        the outcome gains less at the upper end of the set's fitted part than at the lower, and
        +1 where it gains more.

    Notes
    -----
    The square of the set's fitted part Xβ is added as one more column and tested as a block is
    (CR3, by restricted wild bootstrap where customers are few), Holm over the sets. As a
    function of the fitted coefficients it keeps the test's level (Ramsey 1969; Milliken and
    Graybill 1970). A bend in a direction other than the fitted one is not seen. It is tested
    and told only where R² grows by .01 or more; Holm's adjustment counts the others as well.
    """
    found = _bends(fit)
    if not found:
        return []
    adjusted = holm(pd.DataFrame({"group": WHOLE_SET, "p_value": [each[-1] for each in found]}))
    bent = tuple(
        (name, gain, direction, float(p_holm))
        for (name, gain, direction, _), p_holm in zip(found, adjusted, strict=True)
        if p_holm < SIGNIFICANCE
    )
    return [Caveat("nonlinear", {"sets": bent})] if bent else []


def _bends(fit: DriverFit) -> list[tuple[str, float, int, float]]:
    """Each set with the R² gained by its square, the square's direction, and its p-value."""
    design = fit.rows
    root = np.sqrt(design.weights)
    x, y = design.weighted
    basis, triangle = np.linalg.qr(x)
    slopes = np.linalg.solve(triangle, basis.T @ y)[1:]
    found = []
    for name, groups in zip(fit.blocks, design.sets, strict=True):
        columns = [column for group in groups for column in group]
        square = (design.table[:, columns] @ slopes[columns]) ** 2 * root
        rest = square - basis @ (basis.T @ square)
        if rest @ rest <= PIVOT_TOLERANCE * (square @ square):
            continue  # a single yes or no cannot bend
        rest /= np.sqrt(rest @ rest)
        gain = float((rest @ y) ** 2 / (y @ y))
        p_value = 1.0
        if gain >= LEAST_GAIN:
            last, wide = [x.shape[1]], np.column_stack([x, rest])
            (test,) = block_tests(wide, y, design.starts, [last], [fit.n_clusters], fit.seed)
            p_value = test.p_value
        found.append((name, gain, int(np.sign(rest @ y)), p_value))
    return found
