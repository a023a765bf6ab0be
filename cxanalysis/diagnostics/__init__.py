"""Diagnostics: what should be known of a fit before it is trusted, as numbers."""

from cxanalysis.diagnostics.caveat import Caveat
from cxanalysis.diagnostics.diagnose import diagnose

__all__ = ["Caveat", "diagnose"]
