"""Split R² between groups of columns: arrays in, arrays out.

Everything follows from one matrix of centred cross-products (``cross``), the outcome last; its
leading axes are replicates and ride along. All figures are of plain R²; ``adjust_optimism``
takes from it what is owed to chance.
"""

from cxanalysis.importance.commonalities import commonality
from cxanalysis.importance.cross import (
    PIVOT_TOLERANCE,
    Adjust,
    Floats,
    Groups,
    Integers,
    centred_cross,
    cross_products,
)
from cxanalysis.importance.dominances import Dominance, dominance
from cxanalysis.importance.games import owen, shapley
from cxanalysis.importance.johnson import relative_weights
from cxanalysis.importance.optimism import adjust_optimism
from cxanalysis.importance.partition import (
    QUANTITIES,
    first,
    last,
    partition,
    partition_r2,
    partition_sets,
    r2_game,
)
from cxanalysis.importance.sampling import SampledShapley, sample_shapley
from cxanalysis.importance.split import owen_cross, owen_r2, shapley_cross, shapley_r2
from cxanalysis.importance.sweep import subset_r2, subset_sizes

__all__ = [
    "PIVOT_TOLERANCE",
    "QUANTITIES",
    "Adjust",
    "Dominance",
    "Floats",
    "Groups",
    "Integers",
    "SampledShapley",
    "adjust_optimism",
    "centred_cross",
    "commonality",
    "cross_products",
    "dominance",
    "first",
    "last",
    "owen",
    "owen_cross",
    "owen_r2",
    "partition",
    "partition_r2",
    "partition_sets",
    "r2_game",
    "relative_weights",
    "sample_shapley",
    "shapley",
    "shapley_cross",
    "shapley_r2",
    "subset_r2",
    "subset_sizes",
]
