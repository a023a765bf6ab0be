"""Features: one row per survey response, holding only what was known before it."""

from cxanalysis.features.build import (
    build_features,
    centres,
    lazy_features,
    share_features,
    unmatched_responses,
)
from cxanalysis.features.coding import code_two_part

__all__ = [
    "build_features",
    "centres",
    "code_two_part",
    "lazy_features",
    "share_features",
    "unmatched_responses",
]
