"""What changed in service or along the journey since the period before, and what is usual."""

from __future__ import annotations

import pandas as pd

from cxanalysis.metrics.figures import Definition, Figure, tidy, tidy_row
from cxanalysis.metrics.history import PLACE, earlier_of
from cxanalysis.metrics.journey import journey_metrics
from cxanalysis.metrics.journeys.clusters import mean_limits, ratios
from cxanalysis.metrics.journeys.touches import rating_measure, touches
from cxanalysis.metrics.rows import GROUP, lacking
from cxanalysis.metrics.scorecard import beside_earlier
from cxanalysis.metrics.service import service_metrics
from cxanalysis.metrics.service_change import service_change
from cxanalysis.study import Study

# Of the many figures of service those that are watched: each more widens the test of all.
WATCHED = (
    "first_contact_resolution",
    "first_reply",
    "speed_of_answer",
    "abandonment",
    "handle_time",
    "resolution_time",
    "contact_csat",
    "failure_demand",
)
RATING = "rating of "


def service_changes(study: Study) -> pd.DataFrame:
    """The watched figures of service beside the period before and their usual movement.

    Intervals and tests take customers, not contacts, as the unit (see ``service_change``).

    Returns
    -------
    DataFrame
        As `scorecard`, one row per figure.
    """
    current = service_metrics(study, only=WATCHED)
    return beside_earlier(current, earlier_service(study), study.once(service_change))


def earlier_service(study: Study) -> pd.DataFrame:
    """The watched figures of service in the periods before, as `earlier_of` gives them."""
    return study.once(_earlier_service)


def _earlier_service(study: Study) -> pd.DataFrame:
    return earlier_of(
        study, "tickets", "opened_at", lambda past: service_metrics(past, PLACE, WATCHED)
    )


def journey_changes(study: Study) -> pd.DataFrame:
    """Mean ratings of the stages, and promises kept, beside the period before.

    Returns
    -------
    DataFrame
        As `scorecard`; the metrics are "rating of <stage>", with n in customers, which are the
        unit of their intervals, and promises_kept.
    """
    current = pd.concat([stage_ratings(study), journey_metrics(study)], ignore_index=True)
    return beside_earlier(current, earlier_journey(study))


def earlier_journey(study: Study) -> pd.DataFrame:
    """Ratings of the stages and promises kept in the periods before."""
    return study.once(_earlier_journey)


def _earlier_journey(study: Study) -> pd.DataFrame:
    earlier = [
        earlier_of(study, "journeys", "occurred_at", lambda past: stage_ratings(past, PLACE)),
        earlier_of(study, "journeys", "promised_at", lambda past: journey_metrics(past, PLACE)),
    ]
    return pd.concat(earlier, ignore_index=True)


def stage_ratings(study: Study, by: str | None = None) -> pd.DataFrame:
    """Mean rating of the touches at each stage, in the order of the stages.

    Parameters
    ----------
    by
        A column of the journeys, or of the customers, to give the means for each of its values.

    Returns
    -------
    DataFrame
        As `service_metrics`; n counts customers. Empty where no touch is rated.
    """
    if lacking(study, "journeys") or not study.has("journeys", "rating"):
        return tidy([], by)
    means = ratios(touches(study, by), [GROUP, "stage"], {"rating": rating_measure()})
    place = {stage: number for number, stage in enumerate(study.config.stages)}
    means = means[means["rating_n"] > 0].reset_index()
    means = means.assign(_place=means["stage"].map(place)).sort_values([GROUP, "_place"])
    base = study.config.metrics.min_base
    rows = []
    for row in means.to_dict("records"):
        customers = int(row["rating_customers"])
        limits = mean_limits(row["rating_mean"], row["rating_variance"], customers)
        figure = Figure(row["rating_mean"], float(limits.low), float(limits.high), customers)
        definition = Definition(
            f"{RATING}{row['stage']}",
            f"Rating of {row['stage']}",
            "score",
            "mean of its rated touches; n counts customers",
        )
        rows.append(({by: row[GROUP]} if by else {}) | tidy_row(definition, figure, base))
    return tidy(rows, by)
