"""How much of your customers' experience goes with your customer service.

    import cxanalysis as cx

    study = cx.open_study("study.toml", period="last")  # cx.read_sample() is a made-up company
    study                                  # what is in it, and what can be told of it
    cx.service_metrics(study)              # figures: a frame, each with n, interval, definition
    fit = cx.fit_study(study)              # the model: fit.importance(), fit.tests()
    cx.find_answer(study, fit)             # a finding: a sentence with its picture
    cx.run_report(study)                   # all of it on one page

Everything takes a study and gives a frame, or a result that shows itself; nothing changes what it
is given. help(cx.service_metrics) explains a name. The names, by what they are for:
"""

# Names are imported when first used, so that ``import cxanalysis`` costs nothing.
from __future__ import annotations

from importlib import import_module
from textwrap import fill
from typing import Any

__version__ = "0.1.0"

# Every public name, by what it is for and where it lives.
_CHAPTERS: dict[str, tuple[tuple[str, str], ...]] = {
    "Open a study and look at it": (
        ("study", "open_study"),
        ("sample", "read_sample"),
        ("study", "study_of Study check_study"),
        ("browsing", "browse"),
        ("metrics", "data_dictionary five_steps"),
        ("sample", "write_sample"),
    ),
    "Service: contacts, how fast, how good, how many": (
        (
            "metrics",
            "service_metrics service_by group_differences definition_panel sla_by_channel backlog "
            "unanswered_by_hour outside_hours abandonment_curve self_service_first wait_curve "
            "wait_slopes rating_spread handling_curve contact_reasons contact_mix recurrence "
            "issue_channels channel_gap service_changes aim_conflicts",
        ),
        ("drivers", "kpi_alignment"),
    ),
    "Answers: NPS, CSAT, CES and the rest": (
        (
            "metrics",
            "experience_metrics experience_scores answer_parts fine_customers paired_change "
            "mix_within divergence two_horizons recovery gesture_difference",
        ),
        ("diagnostics", "halo"),
    ),
    "The journey: stages, touchpoints, promises": (
        (
            "metrics",
            "journey_map journey_metrics weakest_link pain_points pain_rows journey_holes "
            "consistency_index journey_completion stage_conversion transitions journey_timeline "
            "touch_catalogue touch_origins origin_differences channel_switches switch_slope "
            "own_score_gap plan_metrics promise_metrics promise_rows journey_changes",
        ),
    ),
    "Service beside the journey": (
        (
            "metrics",
            "scorecard service_share listening_balance lead_time contact_timing "
            "contacts_since_purchase contacts_after_rating contact_effect time_to_contact "
            "early_warning proactive_lead contact_by_quality contact_moods help_outcomes",
        ),
    ),
    "Who is not heard, and whether feedback is used": (
        ("metrics", "silent_customers silent_traits silent_gaps silent_losses"),
        ("nonresponse", "response_weights nps_by_weighting answer_model invitation_model"),
        ("metrics", "feedback_coverage feedback_loop feedback_rows complaint_metrics"),
    ),
    "Who stays": (
        (
            "metrics",
            "retention retention_gaps retention_curves retention_adjusted amplification referrals",
        ),
    ),
    "Memory: what stays of a journey": (
        (
            "memory",
            "journey_scores rating_rules rated_answers recollection_gap recollection_slope "
            "journey_against_touchpoints worst_touch worst_touchpoints public_reach "
            "reach_of_recommenders",
        ),
    ),
    "Against others, and over time": (
        ("metrics", "benchmark_gaps quoted_figures p_chart xmr rows_behind"),
    ),
    "The model: how much goes with service": (
        ("features", "build_features"),
        ("drivers", "fit_study fit_drivers fit_contacters DriverFit"),
        ("diagnostics", "diagnose"),
        ("decisions", "decide reliability_contrasts"),
        ("drivers", "robustness_values share_sensitivity service_paths"),
    ),
    "What to mend first": (
        (
            "priorities",
            "priority_matrix recommended_order composite_steps scenario group_performance "
            "group_reach soft_and_fast",
        ),
    ),
    "Findings: numbers ready to be told": (
        (
            "findings",
            "find_answer find_scorecard find_drivers find_consistency find_service find_staffing "
            "find_backlog find_conversion find_definitions find_silent find_journey find_feedback "
            "find_promises find_quality find_dictionary find_flow find_reasons find_sides "
            "find_changes find_memory find_lead find_divergence find_warning find_curves "
            "find_pain find_steps find_channels find_worst find_actions find_others find_switches "
            "find_timing find_aims find_experience find_moments find_loyalty find_timeline "
            "find_service_by find_trust",
        ),
    ),
    "Tell it": (
        ("display", "show"),
        ("narrative", "describe tabulate"),
        ("plots", "plot"),
        ("report", "run_report"),
    ),
    "Explore by hand, in a notebook": (
        ("explore", "explore_drivers explore_journeys explore_tickets"),
    ),
}

_HOMES = {
    name: home for places in _CHAPTERS.values() for home, names in places for name in names.split()
}

__all__ = ["__version__", *_HOMES]  # noqa: PLE0604  (names of the lazy exports)


def _contents() -> str:
    """The public names by chapter, for the end of the text above."""
    chapters = []
    for title, places in _CHAPTERS.items():
        names = ", ".join(name for _, some in places for name in some.split())
        listed = fill(names, 96, initial_indent="    ", subsequent_indent="    ")
        chapters.append(f"\n{title}\n{listed}\n")
    return "".join(chapters)


__doc__ = (__doc__ or "") + _contents()


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'cxanalysis' has no attribute {name!r}")
    # Kept under its name, which the import may have given to a module such as show.
    globals()[name] = value = getattr(import_module(f"cxanalysis.{home}"), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
