"""What stays in memory: which rule turns ratings on the way into the overall score."""

from cxanalysis.memory.reach import public_reach, reach_of_recommenders
from cxanalysis.memory.recollection import recollection_gap, recollection_slope
from cxanalysis.memory.rules import journey_against_touchpoints, rated_answers, rating_rules
from cxanalysis.memory.scores import journey_scores
from cxanalysis.memory.worst import worst_touch, worst_touchpoints

__all__ = [
    "journey_against_touchpoints",
    "journey_scores",
    "public_reach",
    "rated_answers",
    "rating_rules",
    "reach_of_recommenders",
    "recollection_gap",
    "recollection_slope",
    "worst_touch",
    "worst_touchpoints",
]
