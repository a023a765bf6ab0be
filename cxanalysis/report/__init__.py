"""Reports: a notebook with checked parameters becomes a page, findings and a manifest."""

from cxanalysis.report.copies import copy_report
from cxanalysis.report.run import Report, run_report

__all__ = ["Report", "copy_report", "run_report"]
