"""What to mend first: steps of composites, importance against performance, and an order."""

from cxanalysis.priorities.matrix import PriorityMatrix, priority_matrix
from cxanalysis.priorities.order import (
    RecommendedOrder,
    Side,
    SoftAndFast,
    recommended_order,
    soft_and_fast,
)
from cxanalysis.priorities.performance import group_performance, group_reach
from cxanalysis.priorities.steps import (
    Composites,
    composite_steps,
    composites_of,
    scenario,
    steps_of,
)

__all__ = [
    "Composites",
    "PriorityMatrix",
    "RecommendedOrder",
    "Side",
    "SoftAndFast",
    "composite_steps",
    "composites_of",
    "group_performance",
    "group_reach",
    "priority_matrix",
    "recommended_order",
    "scenario",
    "soft_and_fast",
    "steps_of",
]
