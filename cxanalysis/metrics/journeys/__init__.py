"""Journeys: what customers lived through, stage by stage, from the journeys table."""

from cxanalysis.metrics.journeys.stages import journey_map, weakest_link

__all__ = ["journey_map", "weakest_link"]
