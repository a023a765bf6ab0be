"""The sample company "Acme Home": simulated tables whose truth is known, written as files."""

from cxanalysis.sample.company import simulate
from cxanalysis.sample.files import read_sample, write_sample

__all__ = ["read_sample", "simulate", "write_sample"]
