"""The command line: one module per group of commands.

Heavy imports live inside the commands, so that ``--help`` answers at once.
"""

# Each registers its commands, in this order.
from cxanalysis.cli import begin, figures, reports, copying, batches, teaching  # isort: skip
from cxanalysis.cli.app import app

__all__ = ["app", "batches", "begin", "copying", "figures", "reports", "teaching"]
