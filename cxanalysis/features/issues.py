"""First contact resolution as it stood at each response: one of three states per issue.

An issue is *repeated already*, *matured unrepeated*, or *not yet known* because the days in
which a repeat would count are not over. Calling the third kind resolved flatters service.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from cxanalysis.features.answers import Lazy, before_each
from cxanalysis.metrics.contacts import customer_contacts, handled_at
from cxanalysis.metrics.rows import DAY_US

if TYPE_CHECKING:
    from cxanalysis.study import Study

# An issue of a customer: its number or reason, which of the two, and which run of attempts.
ISSUE = ("matter", "numbered", "part")


def issue_features(study: Study, moments: Lazy) -> Lazy:
    """Share of each response's issues resolved at the first contact, and the age of the rest.

    An issue counts when its first handled contact lies in the lookback window. It is repeated
    when any later attempt, answered or not, followed that contact within
    ``metrics.fcr_window_days`` and before the response.

    Returns
    -------
    LazyFrame
        ``response_id``, ``resolved_first`` (share of the issues whose state is known, null
        where none is) and ``resolved_first_open_days`` (mean days since the first handled
        contact of the issues not yet known, null where there is none).
    """
    window = study.config.metrics.fcr_window_days * DAY_US
    lookback = study.config.model.lookback_days * DAY_US
    opened, first, before = (nw.col(name) for name in ("opened_at", "first_at", "responded_at"))
    handled = nw.when(nw.col("handled_at") < before).then(opened)
    repeats = nw.when((opened > first) & (opened <= first + window)).then(opened)
    issues = (
        before_each(moments, attempts(study), "opened_at")
        .with_columns(handled.min().over("response_id", *ISSUE).alias("first_at"))
        .filter(first >= before - lookback)
        .with_columns(repeats.alias("repeated_at"))
        .group_by("response_id", "responded_at", "first_at", *ISSUE)
        .agg(nw.col("repeated_at").min())
    )
    repeated, matured = ~nw.col("repeated_at").is_null(), first + window < before
    resolved = nw.when(repeated).then(nw.lit(0.0)).otherwise(nw.when(matured).then(nw.lit(1.0)))
    days = (before - first).cast(nw.Float64) / DAY_US
    return (
        issues.with_columns(
            resolved.alias("resolved_first"),
            nw.when(~repeated & ~matured).then(days).alias("resolved_first_open_days"),
        )
        .group_by("response_id")
        .agg(nw.col("resolved_first").mean(), nw.col("resolved_first_open_days").mean())
    )


def attempts(study: Study) -> Lazy:
    """Every attempt with its issue: ``customer_id``, `ISSUE`, ``opened_at``, ``handled_at``.

    Where an attempt has no ``issue_id``, an issue is the attempts of one customer for one
    reason with no gap longer than ``metrics.fcr_window_days``. Gaps look back only, so a later
    attempt never changes which issue an earlier one belongs to.
    """
    columns = study.columns["tickets"]
    window = study.config.metrics.fcr_window_days * DAY_US
    steps = (
        customer_contacts(study)
        .filter(~nw.col("customer_id").is_null())
        .with_columns(*_matter(columns), handled_at(columns).alias("handled_at"))
        # Attempts at one instant are one step: their order would be left to chance.
        .group_by("customer_id", "matter", "numbered", "opened_at")
        .agg(nw.col("handled_at").min())
    )
    matter = ("customer_id", "matter", "numbered")
    gap = nw.col("opened_at") - nw.col("opened_at").shift(1).over(*matter, order_by="opened_at")
    begins = nw.when(~nw.col("numbered") & (gap > window)).then(nw.lit(1)).otherwise(nw.lit(0))
    part = nw.col("begins").cum_sum().over(*matter, order_by="opened_at")
    return (
        steps.with_columns(begins.alias("begins"))
        .with_columns(part.cast(nw.Int64).alias("part"))
        .select("customer_id", *ISSUE, "opened_at", "handled_at")
    )


def _matter(columns: frozenset[str]) -> list[nw.Expr]:
    """What an attempt was about, and whether that is the number of an issue."""
    reason = nw.col("reason").cast(nw.String).fill_null("") if "reason" in columns else nw.lit("")
    if "issue_id" not in columns:
        return [reason.alias("matter"), nw.lit(False).alias("numbered")]
    number = nw.col("issue_id").cast(nw.String)
    return [
        nw.coalesce(number, reason).alias("matter"),
        (~number.is_null()).alias("numbered"),
    ]
