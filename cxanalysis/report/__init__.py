"""Reports: a notebook with checked parameters becomes a page, findings and a manifest."""

from cxanalysis.report.run import Report, run_report

__all__ = ["Report", "run_report"]
