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
    first, following, before = (nw.col(name) for name in ("first_at", "next_at", "responded_at"))
    issues = (
        before_each(moments, attempts(study, moments), "opened_at")
        .filter(nw.col("handled_at") < before)
        .group_by("response_id", "responded_at", *ISSUE)
        # Later attempts have later followers, so that the earliest follows the first handled.
        .agg(first_at=nw.col("opened_at").min(), next_at=nw.col("next_at").min())
        .filter(first >= before - lookback)
    )
    repeated = ((following <= first + window) & (following < before)).fill_null(False)
    matured = first + window < before
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


def attempts(study: Study, moments: Lazy) -> Lazy:
    """Attempts of customers who answered: `ISSUE`, ``opened_at``, ``handled_at``, ``next_at``.

    Where an attempt has no ``issue_id``, an issue is the attempts of one customer for one
    reason with no gap longer than ``metrics.fcr_window_days``. Gaps look back only, so a later
    attempt never changes which issue an earlier one belongs to. ``next_at`` is the next attempt
    about the same matter; null where there is none.
    """
    columns = study.columns["tickets"]
    window = study.config.metrics.fcr_window_days * DAY_US
    matter = ("customer_id", "matter", "numbered")
    # Attempts at one instant are one step, whose last row is the one that was handled first:
    # only that row has a follower, and nobody can be told handled before it.
    order = ("opened_at", "handled_last")
    opened = nw.col("opened_at")
    rows = (
        customer_contacts(study)
        .join(moments.select("customer_id"), on="customer_id", how="semi")
        .select("customer_id", "opened_at", *_matter(columns), handled_at=handled_at(columns))
        .with_columns(handled_last=nw.col("handled_at") * -1)
        .with_columns(
            gap=opened - opened.shift(1).over(*matter, order_by=order),
            follower=opened.shift(-1).over(*matter, order_by=order),
        )
    )
    begins = nw.when(~nw.col("numbered") & (nw.col("gap") > window)).then(nw.lit(1))
    return (
        rows.with_columns(begins=begins.otherwise(nw.lit(0)))
        .with_columns(part=nw.col("begins").cum_sum().over(*matter, order_by=order).cast(nw.Int64))
        .select(
            "customer_id",
            *ISSUE,
            "opened_at",
            "handled_at",
            next_at=nw.when(nw.col("follower") > opened).then(nw.col("follower")),
        )
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
