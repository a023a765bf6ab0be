"""The command line: one module per group of commands.

Heavy imports live inside the commands, so that ``--help`` answers at once.
"""

from cxanalysis.cli import begin, figures, reports  # each registers its commands, in this order
from cxanalysis.cli.app import app

__all__ = ["app", "begin", "figures", "reports"]
