"""First contact resolution as it stood at each response: one of three states per issue.

An issue is *repeated already*, *matured unrepeated*, or *not yet known* because the days in
which a repeat would count are not over. Calling the third kind resolved flatters service.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from cxanalysis.features.answers import DAY_US, Lazy, before_each
from cxanalysis.features.tickets import handled_at

if TYPE_CHECKING:
    from cxanalysis.study import Study


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
        contact of the issues not yet known, 0 where there is none).
    """
    window = study.config.metrics.fcr_window_days * DAY_US
    lookback = study.config.model.lookback_days * DAY_US
    pairs = before_each(moments, attempts(study), "opened_at")
    firsts = (
        pairs.filter(nw.col("handled_at") < nw.col("responded_at"))
        .group_by("response_id", "responded_at", "issue")
        .agg(nw.col("opened_at").min().alias("first_at"))
        .filter(nw.col("first_at") >= nw.col("responded_at") - lookback)
    )
    repeats = (
        pairs.join(firsts.drop("responded_at"), on=["response_id", "issue"], how="inner")
        .filter(
            nw.col("opened_at") > nw.col("first_at"),
            nw.col("opened_at") <= nw.col("first_at") + window,
        )
        .group_by("response_id", "issue")
        .agg(nw.len().alias("repeats"))
    )
    since = nw.col("responded_at") - nw.col("first_at")
    resolved = nw.when(since > window).then(nw.lit(1.0))
    state = nw.when(~nw.col("repeats").is_null()).then(nw.lit(0.0)).otherwise(resolved)
    return (
        firsts.join(repeats, on=["response_id", "issue"], how="left")
        .with_columns(state.alias("resolved_first"), since.cast(nw.Float64).alias("since"))
        .with_columns(
            nw.when(nw.col("resolved_first").is_null())
            .then(nw.col("since") / DAY_US)
            .alias("resolved_first_open_days")
        )
        .group_by("response_id")
        .agg(nw.col("resolved_first").mean(), nw.col("resolved_first_open_days").mean())
    )


def attempts(study: Study) -> Lazy:
    """Every attempt with its issue: ``customer_id``, ``issue``, ``opened_at``, ``handled_at``.

    Where an attempt has no ``issue_id``, an issue is the attempts of one customer for one
    reason with no gap longer than ``metrics.fcr_window_days``. Gaps look back only, so a later
    attempt never changes which issue an earlier one belongs to.
    """
    columns = study.columns["tickets"]
    reason = nw.col("reason").cast(nw.String).fill_null("") if "reason" in columns else nw.lit("")
    matter = nw.concat_str(nw.lit("reason "), reason)
    if "issue_id" in columns:
        number = nw.concat_str(nw.lit("issue "), nw.col("issue_id").cast(nw.String))
        matter = nw.when(~nw.col("issue_id").is_null()).then(number).otherwise(matter)
    one_matter = ["customer_id", "matter"]
    previous = nw.col("opened_at").shift(1).over(*one_matter, order_by="opened_at")
    gap = (nw.col("opened_at") - previous) > study.config.metrics.fcr_window_days * DAY_US
    if "issue_id" in columns:
        gap = gap & nw.col("issue_id").is_null()
    starts = nw.when(gap).then(nw.lit(1)).otherwise(nw.lit(0))
    return (
        study.tables["tickets"]
        .filter(~nw.col("customer_id").is_null())
        .with_columns(matter.alias("matter"), handled_at(columns).alias("handled_at"))
        .with_columns(starts.alias("starts"))
        .with_columns(
            nw.col("starts").cum_sum().over(*one_matter, order_by="opened_at").alias("part")
        )
        .with_columns(
            nw.concat_str(
                nw.col("matter"), nw.lit(" "), nw.col("part").cast(nw.Int64).cast(nw.String)
            ).alias("issue")
        )
        .select("customer_id", "issue", "opened_at", "handled_at")
    )
