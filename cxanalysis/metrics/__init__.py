"""Figures with intervals, bases and printed definitions, from the tables of a study."""

from cxanalysis.metrics.answer_parts import answer_parts
from cxanalysis.metrics.backlog import backlog
from cxanalysis.metrics.balance import listening_balance
from cxanalysis.metrics.behind import rows_behind
from cxanalysis.metrics.change import change
from cxanalysis.metrics.changes import journey_changes, service_changes
from cxanalysis.metrics.control import p_chart, xmr
from cxanalysis.metrics.dictionary import data_dictionary
from cxanalysis.metrics.divergence import divergence
from cxanalysis.metrics.experience import experience_metrics, nps_mix
from cxanalysis.metrics.experience_scores import experience_scores
from cxanalysis.metrics.feedback import complaint_metrics, feedback_loop, feedback_rows
from cxanalysis.metrics.fine import fine_customers
from cxanalysis.metrics.help_outcomes import help_outcomes
from cxanalysis.metrics.horizons import two_horizons
from cxanalysis.metrics.journey import journey_metrics
from cxanalysis.metrics.journeys import (
    consistency_index,
    journey_completion,
    journey_holes,
    journey_map,
    stage_conversion,
    weakest_link,
)
from cxanalysis.metrics.journeys.after_rating import contact_effect, contacts_after_rating
from cxanalysis.metrics.journeys.alarm import early_warning
from cxanalysis.metrics.journeys.by_quality import contact_by_quality
from cxanalysis.metrics.journeys.channels import origin_differences, touch_catalogue, touch_origins
from cxanalysis.metrics.journeys.gestures import gesture_difference
from cxanalysis.metrics.journeys.lead import lead_time
from cxanalysis.metrics.journeys.own_scores import own_score_gap
from cxanalysis.metrics.journeys.proactive import proactive_lead
from cxanalysis.metrics.journeys.recovery import recovery
from cxanalysis.metrics.journeys.switches import (
    channel_gap,
    channel_switches,
    issue_channels,
    switch_slope,
)
from cxanalysis.metrics.journeys.timeline import journey_timeline
from cxanalysis.metrics.journeys.transitions import transitions
from cxanalysis.metrics.journeys.until_contact import time_to_contact
from cxanalysis.metrics.listening import feedback_coverage
from cxanalysis.metrics.loyalty import retention, retention_curves, retention_gaps
from cxanalysis.metrics.loyalty_adjusted import amplification, retention_adjusted
from cxanalysis.metrics.mix import mix_within
from cxanalysis.metrics.moods import contact_moods
from cxanalysis.metrics.others import benchmark_gaps, quoted_figures
from cxanalysis.metrics.pain import pain_points, pain_rows
from cxanalysis.metrics.paired import paired_change
from cxanalysis.metrics.panel import definition_panel
from cxanalysis.metrics.plans import plan_metrics
from cxanalysis.metrics.promises import promise_metrics, promise_rows
from cxanalysis.metrics.reasons import contact_mix, contact_reasons
from cxanalysis.metrics.recurrence import recurrence
from cxanalysis.metrics.referrals import referrals
from cxanalysis.metrics.scorecard import scorecard
from cxanalysis.metrics.service import service_metrics
from cxanalysis.metrics.service_aims import aim_conflicts
from cxanalysis.metrics.service_curves import handling_curve, rating_spread, wait_curve, wait_slopes
from cxanalysis.metrics.service_groups import group_differences, service_by
from cxanalysis.metrics.service_hours import sla_by_channel
from cxanalysis.metrics.service_patience import abandonment_curve, self_service_first
from cxanalysis.metrics.sides import service_share
from cxanalysis.metrics.silent import silent_customers
from cxanalysis.metrics.silent_losses import silent_losses
from cxanalysis.metrics.silent_traits import silent_gaps, silent_traits
from cxanalysis.metrics.since_purchase import contact_timing, contacts_since_purchase
from cxanalysis.metrics.staffing import outside_hours, unanswered_by_hour
from cxanalysis.metrics.steps import five_steps

__all__ = [
    "abandonment_curve",
    "aim_conflicts",
    "amplification",
    "answer_parts",
    "backlog",
    "benchmark_gaps",
    "change",
    "channel_gap",
    "channel_switches",
    "complaint_metrics",
    "consistency_index",
    "contact_by_quality",
    "contact_effect",
    "contact_mix",
    "contact_moods",
    "contact_reasons",
    "contact_timing",
    "contacts_after_rating",
    "contacts_since_purchase",
    "data_dictionary",
    "definition_panel",
    "divergence",
    "early_warning",
    "experience_metrics",
    "experience_scores",
    "feedback_coverage",
    "feedback_loop",
    "feedback_rows",
    "fine_customers",
    "five_steps",
    "gesture_difference",
    "group_differences",
    "handling_curve",
    "help_outcomes",
    "issue_channels",
    "journey_changes",
    "journey_completion",
    "journey_holes",
    "journey_map",
    "journey_metrics",
    "journey_timeline",
    "lead_time",
    "listening_balance",
    "mix_within",
    "nps_mix",
    "origin_differences",
    "outside_hours",
    "own_score_gap",
    "p_chart",
    "pain_points",
    "pain_rows",
    "paired_change",
    "plan_metrics",
    "proactive_lead",
    "promise_metrics",
    "promise_rows",
    "quoted_figures",
    "rating_spread",
    "recovery",
    "recurrence",
    "referrals",
    "retention",
    "retention_adjusted",
    "retention_curves",
    "retention_gaps",
    "rows_behind",
    "scorecard",
    "self_service_first",
    "service_by",
    "service_changes",
    "service_metrics",
    "service_share",
    "silent_customers",
    "silent_gaps",
    "silent_losses",
    "silent_traits",
    "sla_by_channel",
    "stage_conversion",
    "switch_slope",
    "time_to_contact",
    "touch_catalogue",
    "touch_origins",
    "transitions",
    "two_horizons",
    "unanswered_by_hour",
    "wait_curve",
    "wait_slopes",
    "weakest_link",
    "xmr",
]
