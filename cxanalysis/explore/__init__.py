"""Exploring by hand: a study behind controls, its pictures with bars that show their rows."""

from cxanalysis.explore.controls import explore_drivers, explore_journeys, explore_tickets

__all__ = ["explore_drivers", "explore_journeys", "explore_tickets"]
