"""Diagnostics: what should be known of a fit before it is trusted, as numbers."""

from cxanalysis.diagnostics.caveat import Caveat
from cxanalysis.diagnostics.diagnose import diagnose
from cxanalysis.diagnostics.halo import halo

__all__ = ["Caveat", "diagnose", "halo"]
