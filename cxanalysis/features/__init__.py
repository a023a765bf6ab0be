"""Features: one row per survey response, holding only what was known before it."""

from cxanalysis.features.build import build_features, centres, unmatched_responses
from cxanalysis.features.coding import code_two_part

__all__ = ["build_features", "centres", "code_two_part", "unmatched_responses"]
