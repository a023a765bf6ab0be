"""Delivery: a finished report, or word of one that failed, to those who should have it."""

from cxanalysis.deliver.deliver import Delivery, Sent, awaits_delivery, deliver

__all__ = ["Delivery", "Sent", "awaits_delivery", "deliver"]
