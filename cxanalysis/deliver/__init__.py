"""Delivery: a finished report, or word of one that failed, to those who should have it."""

from cxanalysis.deliver.deliver import Delivery, Sent, Way, awaits_delivery, deliver

__all__ = ["Delivery", "Sent", "Way", "awaits_delivery", "deliver"]
