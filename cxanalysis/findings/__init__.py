"""Findings: what a section of a report states, as frozen final numbers; a theme per file."""

from cxanalysis.findings.actions import find_actions
from cxanalysis.findings.aims import find_aims
from cxanalysis.findings.answer import find_answer
from cxanalysis.findings.backlog import find_backlog
from cxanalysis.findings.changes import find_changes
from cxanalysis.findings.channels import find_channels
from cxanalysis.findings.consistency import find_consistency
from cxanalysis.findings.conversion import find_conversion
from cxanalysis.findings.core import to_json
from cxanalysis.findings.curves import find_curves
from cxanalysis.findings.definitions import find_definitions
from cxanalysis.findings.dictionary import find_dictionary
from cxanalysis.findings.divergence import find_divergence
from cxanalysis.findings.drivers import find_drivers
from cxanalysis.findings.experience import find_experience
from cxanalysis.findings.feedback import find_feedback
from cxanalysis.findings.flow import find_flow
from cxanalysis.findings.journey import find_journey
from cxanalysis.findings.lead import find_lead
from cxanalysis.findings.loyalty import find_loyalty
from cxanalysis.findings.memory import find_memory
from cxanalysis.findings.moments import find_moments
from cxanalysis.findings.others import find_others
from cxanalysis.findings.pain import find_pain
from cxanalysis.findings.promises import find_promises
from cxanalysis.findings.quality import find_quality
from cxanalysis.findings.reasons import find_reasons
from cxanalysis.findings.scorecard import find_scorecard
from cxanalysis.findings.service import find_service
from cxanalysis.findings.service_by import find_service_by
from cxanalysis.findings.sides import find_sides
from cxanalysis.findings.silent import find_silent
from cxanalysis.findings.staffing import find_staffing
from cxanalysis.findings.steps import find_steps
from cxanalysis.findings.switches import find_switches
from cxanalysis.findings.timeline import find_timeline
from cxanalysis.findings.timing import find_timing
from cxanalysis.findings.trust import find_trust
from cxanalysis.findings.warning import find_warning
from cxanalysis.findings.worst import find_worst

__all__ = [
    "find_actions",
    "find_aims",
    "find_answer",
    "find_backlog",
    "find_changes",
    "find_channels",
    "find_consistency",
    "find_conversion",
    "find_curves",
    "find_definitions",
    "find_dictionary",
    "find_divergence",
    "find_drivers",
    "find_experience",
    "find_feedback",
    "find_flow",
    "find_journey",
    "find_lead",
    "find_loyalty",
    "find_memory",
    "find_moments",
    "find_others",
    "find_pain",
    "find_promises",
    "find_quality",
    "find_reasons",
    "find_scorecard",
    "find_service",
    "find_service_by",
    "find_sides",
    "find_silent",
    "find_staffing",
    "find_steps",
    "find_switches",
    "find_timeline",
    "find_timing",
    "find_trust",
    "find_warning",
    "find_worst",
    "to_json",
]
