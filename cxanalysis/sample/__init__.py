"""The sample company "Acme Home": simulated tables whose truth is known, written as files."""

from cxanalysis.sample.company import simulate
from cxanalysis.sample.files import write_sample

__all__ = ["simulate", "write_sample"]
