"""The touches that a study's journeys report, and what each of them counts for."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from cxanalysis.metrics.journeys.clusters import Ratio
from cxanalysis.metrics.rows import counted, during, grouped, of_segment
from cxanalysis.metrics.scales import ends, scale_of
from cxanalysis.study import Study

Lazy = nw.LazyFrame[Any]
UNNAMED = "(no name)"


def touches(study: Study, by: str | None = None) -> Lazy:
    """Touches of the study's period and segment, with their group; none lacks a touchpoint.

    Raises
    ------
    ReportError
        When no such column ``by`` exists.
    """
    rows = of_segment(study, "journeys", study.tables["journeys"])
    rows = grouped(study, "journeys", rows.filter(during(study, "occurred_at")), by)
    if not study.has("journeys", "touchpoint"):
        return rows.with_columns(touchpoint=nw.lit(UNNAMED))
    return rows.with_columns(touchpoint=nw.col("touchpoint").cast(nw.String).fill_null(UNNAMED))


def named_as_service(study: Study) -> bool:
    """Whether the study file names touches of the journeys as service, and they can be told."""
    service = study.config.service
    return bool(
        (service.channels and study.has("journeys", "channel"))
        or (service.touchpoints and study.has("journeys", "touchpoint"))
    )


def at_service(study: Study) -> nw.Expr:
    """Whether a touch is at a channel or touchpoint that the study file names as service."""
    found = nw.col("occurred_at").is_null()  # no touch is without its time: of none
    for column, names in (
        ("channel", study.config.service.channels),
        ("touchpoint", study.config.service.touchpoints),
    ):
        if names and study.has("journeys", column):
            found = found | nw.col(column).cast(nw.String).is_in(list(names)).fill_null(False)
    return found


def best_rating(study: Study) -> float:
    """The answer that no other can better."""
    low, high = ends(scale_of(study, "journeys", "rating"))
    return high if scale_of(study, "journeys", "rating").higher_is_better else low


def rating_measure() -> Ratio:
    """Mean rating of the touches that were rated."""
    return Ratio(counted(~nw.col("rating").is_null()), nw.col("rating").fill_null(0))


def measures(study: Study) -> dict[str, Ratio]:
    """Every measure that the journeys' columns allow, by name.

    coverage (rated ÷ touches) always; rating and top_box with ``rating``; effort with
    ``effort``.
    """
    rated = study.has("journeys", "rating")
    given = counted(~nw.col("rating").is_null()) if rated else nw.lit(0)
    found = {"coverage": Ratio(nw.lit(1), given)}
    if rated:
        found["rating"] = Ratio(given, nw.col("rating").fill_null(0))
        found["top_box"] = Ratio(given, counted(nw.col("rating") == best_rating(study)))
    if study.has("journeys", "effort"):
        effort = nw.col("effort")
        found["effort"] = Ratio(counted(~effort.is_null()), effort.fill_null(0))
    return found
