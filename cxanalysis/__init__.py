"""How much of your customers' experience goes with your customer service.

Names are imported when first used, so that ``import cxanalysis`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "open_study": "study",
    "check_study": "study",
    "study_of": "study",
    "Study": "study",
    "write_sample": "sample",
    "read_sample": "sample",
    "service_metrics": "metrics",
    "definition_panel": "metrics",
    "sla_by_channel": "metrics",
    "unanswered_by_hour": "metrics",
    "outside_hours": "metrics",
    "backlog": "metrics",
    "experience_metrics": "metrics",
    "journey_holes": "metrics",
    "consistency_index": "metrics",
    "experience_scores": "metrics",
    "journey_completion": "metrics",
    "stage_conversion": "metrics",
    "journey_map": "metrics",
    "weakest_link": "metrics",
    "journey_metrics": "metrics",
    "scorecard": "metrics",
    "silent_customers": "metrics",
    "mix_within": "metrics",
    "paired_change": "metrics",
    "p_chart": "metrics",
    "xmr": "metrics",
    "complaint_metrics": "metrics",
    "feedback_coverage": "metrics",
    "feedback_loop": "metrics",
    "feedback_rows": "metrics",
    "plan_metrics": "metrics",
    "promise_metrics": "metrics",
    "promise_rows": "metrics",
    "data_dictionary": "metrics",
    "journey_timeline": "metrics",
    "transitions": "metrics",
    "contact_reasons": "metrics",
    "silent_traits": "metrics",
    "contact_mix": "metrics",
    "silent_gaps": "metrics",
    "recurrence": "metrics",
    "silent_losses": "metrics",
    "contacts_after_rating": "metrics",
    "contact_effect": "metrics",
    "time_to_contact": "metrics",
    "early_warning": "metrics",
    "proactive_lead": "metrics",
    "contact_by_quality": "metrics",
    "service_share": "metrics",
    "listening_balance": "metrics",
    "service_changes": "metrics",
    "journey_changes": "metrics",
    "lead_time": "metrics",
    "divergence": "metrics",
    "wait_curve": "metrics",
    "wait_slopes": "metrics",
    "rating_spread": "metrics",
    "handling_curve": "metrics",
    "abandonment_curve": "metrics",
    "self_service_first": "metrics",
    "build_features": "features",
    "response_weights": "nonresponse",
    "nps_by_weighting": "nonresponse",
    "answer_model": "nonresponse",
    "invitation_model": "nonresponse",
    "fit_contacters": "drivers",
    "fit_drivers": "drivers",
    "fit_study": "drivers",
    "DriverFit": "drivers",
    "robustness_values": "drivers",
    "share_sensitivity": "drivers",
    "journey_against_touchpoints": "memory",
    "journey_scores": "memory",
    "public_reach": "memory",
    "rating_rules": "memory",
    "recollection_gap": "memory",
    "recollection_slope": "memory",
    "worst_touch": "memory",
    "worst_touchpoints": "memory",
    "decide": "decisions",
    "reliability_contrasts": "decisions",
    "composite_steps": "priorities",
    "priority_matrix": "priorities",
    "recommended_order": "priorities",
    "group_performance": "priorities",
    "group_reach": "priorities",
    "diagnose": "diagnostics",
    "halo": "diagnostics",
    "find_answer": "findings",
    "find_scorecard": "findings",
    "find_drivers": "findings",
    "find_consistency": "findings",
    "find_service": "findings",
    "find_staffing": "findings",
    "find_backlog": "findings",
    "find_conversion": "findings",
    "find_definitions": "findings",
    "find_silent": "findings",
    "find_journey": "findings",
    "find_feedback": "findings",
    "find_promises": "findings",
    "find_quality": "findings",
    "find_dictionary": "findings",
    "find_flow": "findings",
    "find_reasons": "findings",
    "find_sides": "findings",
    "find_changes": "findings",
    "find_memory": "findings",
    "find_lead": "findings",
    "find_divergence": "findings",
    "find_warning": "findings",
    "find_curves": "findings",
    "find_pain": "findings",
    "find_trust": "findings",
    "describe": "narrative",
    "tabulate": "narrative",
    "plot": "plots",
    "show": "display",
    "run_report": "report",
}

__all__ = ["__version__", *_HOMES]  # noqa: PLE0604  (names of the lazy exports)


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'cxanalysis' has no attribute {name!r}")
    # Kept under its name, which the import may have given to a module such as show.
    globals()[name] = value = getattr(import_module(f"cxanalysis.{home}"), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
