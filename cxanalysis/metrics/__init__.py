"""Figures with intervals, bases and printed definitions, from the tables of a study."""

from cxanalysis.metrics.experience import experience_metrics, nps_mix
from cxanalysis.metrics.journey import journey_metrics
from cxanalysis.metrics.service import service_metrics
from cxanalysis.metrics.silent import silent_customers

__all__ = [
    "experience_metrics",
    "journey_metrics",
    "nps_mix",
    "service_metrics",
    "silent_customers",
]
