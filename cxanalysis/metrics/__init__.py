"""Figures with intervals, bases and printed definitions, from the tables of a study."""

from cxanalysis.metrics.service import service_metrics

__all__ = ["service_metrics"]
