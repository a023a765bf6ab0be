"""Which reports are due, asked as often as one likes: a missed night is caught up."""

from cxanalysis.schedule.due import Agenda, Due, Waiting, due_reports
from cxanalysis.schedule.run import run_due

__all__ = ["Agenda", "Due", "Waiting", "due_reports", "run_due"]
