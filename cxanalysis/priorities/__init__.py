"""What to mend first: steps of composites, importance against performance, and an order."""

from cxanalysis.priorities.matrix import PriorityMatrix, priority_matrix
from cxanalysis.priorities.order import RecommendedOrder, Side, recommended_order
from cxanalysis.priorities.performance import group_performance, group_reach
from cxanalysis.priorities.steps import composite_steps, scenario

__all__ = [
    "PriorityMatrix",
    "RecommendedOrder",
    "Side",
    "composite_steps",
    "group_performance",
    "group_reach",
    "priority_matrix",
    "recommended_order",
    "scenario",
]
