"""Many reports at once: notebooks × periods × segments, on any executor, resumed after a kill."""

from cxanalysis.batch.jobs import Job
from cxanalysis.batch.outcomes import Empty, Failed, Made, Outcome, There
from cxanalysis.batch.run import BatchResult, run_batch
from cxanalysis.report.limits import Limits

__all__ = [
    "BatchResult",
    "Empty",
    "Failed",
    "Job",
    "Limits",
    "Made",
    "Outcome",
    "There",
    "run_batch",
]
