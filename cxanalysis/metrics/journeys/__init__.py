"""Journeys: what customers lived through, stage by stage, from the journeys table."""

from cxanalysis.metrics.journeys.consistency import consistency_index, journey_holes
from cxanalysis.metrics.journeys.conversion import journey_completion, stage_conversion
from cxanalysis.metrics.journeys.stages import journey_map, weakest_link

__all__ = [
    "consistency_index",
    "journey_completion",
    "journey_holes",
    "journey_map",
    "stage_conversion",
    "weakest_link",
]
