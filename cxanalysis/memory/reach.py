"""What customers told in public of their touches, and how many people could read it."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.metrics.experience import DETRACTOR, PROMOTER, has_nps
from cxanalysis.metrics.figures import left_out, notes
from cxanalysis.metrics.journeys.clusters import Ratio, ratios, share_limits
from cxanalysis.metrics.rows import counted, during, lacking, of_segment
from cxanalysis.metrics.scales import boxes, scale_of, worst_boxes
from cxanalysis.study import Study

Lazy = nw.LazyFrame[Any]
BAD, GOOD = "bad", "good"
RECOMMEND = ("detractors", "passives", "promoters")
REACH = (
    "who", "share", "conf_low", "conf_high", "shared", "reach", "largest", "n", "customers", "note",
)  # fmt: skip


def public_reach(study: Study) -> pd.DataFrame:
    """What was told in public of bad and of good touches in the study's period, and to how many.

    Returns
    -------
    DataFrame
        who ("bad": rated as dissatisfied, "good": as satisfied), share (told in public ÷ rated
        so) with conf_low and conf_high (the customer as the unit), shared (number), reach (people
        who could read it, all added up), largest (of one touch; both NaN without
        journeys.reach), n (rated so), customers, note.
    """
    gap = _absent(study, "rating")
    if gap:
        return _nothing(gap)
    scale = scale_of(study, "journeys", "rating")
    good, bad = (nw.col("rating").is_between(*ends) for ends in (boxes(scale), worst_boxes(scale)))
    touches = _touches(study).filter((good | bad).fill_null(False))
    who = nw.when(bad).then(nw.lit(BAD)).otherwise(nw.lit(GOOD))
    return _told(study, touches.with_columns(who=who), (BAD, GOOD))


def reach_of_recommenders(study: Study) -> pd.DataFrame:
    """What detractors, passives and promoters told in public, and to how many.

    Customers are grouped by their latest answer on a scale of 0 to 10 up to the end of the
    study's period; all of their touches in the period count, rated or not.

    Returns
    -------
    DataFrame
        As `public_reach`, with who in detractors, passives, promoters and n all touches.
    """
    gap = _absent(study)
    if not gap and not (has_nps(study) and study.has("surveys", "customer_id", "responded_at")):
        gap = "needs surveys.nps, customer_id and responded_at"
    if gap:
        return _nothing(gap)
    given = study.tables["surveys"].filter(
        ~nw.col("nps").is_null(),
        ~nw.col("customer_id").is_null(),
        ~nw.col("responded_at").is_null(),
    )
    if study.period is not None:
        given = given.filter(nw.col("responded_at") < study.period.end_us)
    last = given.group_by("customer_id").agg(responded_at=nw.col("responded_at").max())
    latest = given.join(last, on=["customer_id", "responded_at"], how="inner")
    latest = latest.group_by("customer_id").agg(nps=nw.col("nps").min())
    who = (
        nw.when(nw.col("nps") >= PROMOTER)
        .then(nw.lit("promoters"))
        .otherwise(
            nw.when(nw.col("nps") <= DETRACTOR)
            .then(nw.lit("detractors"))
            .otherwise(nw.lit("passives"))
        )
    )
    groups = latest.with_columns(who=who).select("customer_id", "who")
    touches = _touches(study).join(groups, on="customer_id", how="inner")
    return _told(study, touches, RECOMMEND)


def _touches(study: Study) -> Lazy:
    touches = of_segment(study, "journeys", study.tables["journeys"])
    return touches.filter(during(study, "occurred_at"), ~nw.col("customer_id").is_null())


def _told(study: Study, touches: Lazy, order: tuple[str, ...]) -> pd.DataFrame:
    """Share told in public and reach by the column who."""
    has_reach = study.has("journeys", "reach")
    reach = nw.col("reach").cast(nw.Float64) if has_reach else nw.lit(0.0)
    touches = touches.with_columns(told=counted(nw.col("shared_publicly")), heard=reach)
    table = ratios(touches, ["who"], {"told": Ratio(nw.lit(1), nw.col("told"))})
    table = table.rename(columns=lambda name: name.removeprefix("told_"))
    sums = collect(
        touches.filter(nw.col("told") == 1)
        .with_columns(unknown=counted(nw.col("heard").is_null()))
        .group_by("who")
        .agg(
            nw.col("unknown").sum(),
            reach=nw.col("heard").sum(),
            largest=nw.col("heard").max(),
            shared=nw.len(),
        )
    ).set_index("who")
    table = table.join(sums).reindex(list(order))
    counts = table[["n", "customers", "shared"]].fillna(0).astype(np.int64)
    limits = share_limits(table["mean"], table["variance"], counts["n"], counts["customers"])
    found = pd.DataFrame({"share": table["mean"], "conf_low": limits.low, "conf_high": limits.high})
    base = study.config.metrics.min_base
    few = (counts["n"] < base).to_numpy()
    found.loc[few] = np.nan
    for name in ("reach", "largest"):
        found[name] = table[name].fillna(0.0) if has_reach else np.nan
    found["note"] = [
        notes(
            f"withheld: fewer than {base}" if small else "",
            left_out(int(unknown), "touch", "touches", "with unknown reach"),
        )
        for small, unknown in zip(few, table["unknown"].fillna(0), strict=True)
    ]
    return found.assign(**counts).reset_index(names="who")[list(REACH)]


def _absent(study: Study, *more: str) -> str:
    gap = lacking(study, "journeys")
    if gap:
        return gap
    absent = [name for name in (*more, "shared_publicly") if not study.has("journeys", name)]
    return f"needs journeys.{absent[0]}" if absent else ""


def _nothing(gap: str) -> pd.DataFrame:
    return pd.DataFrame([dict.fromkeys(REACH, np.nan) | {"n": 0, "customers": 0, "note": gap}])
