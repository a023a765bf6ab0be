"""The customers who say it was fine: how many they are, and what they answer next."""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.metrics.cohorts import BANDS, first_told, nps_place
from cxanalysis.metrics.figures import Definition, Figure, share, tidy, tidy_row
from cxanalysis.metrics.rows import lacking, of_segment, refuse_days
from cxanalysis.study import Study

DAYS = 90
NEEDS = ("customer_id", "responded_at", "nps")
_NEXT = "passives' next answer on record ÷ passives who gave a later one"
_DEFINITIONS = (
    Definition("fine", "It was fine", "share", "answers of 7 or 8 ÷ customers' first answers"),
    Definition("next_promoters", "Then 9 or 10", "share", f"9 or 10 at the {_NEXT}"),
    Definition("next_passives", "Then 7 or 8", "share", f"7 or 8 at the {_NEXT}"),
    Definition("next_detractors", "Then 0 to 6", "share", f"0 to 6 at the {_NEXT}"),
)


def fine_customers(study: Study, days: int = DAYS) -> pd.DataFrame:
    """The share of passives (7 or 8 on the NPS question), and what they answer next.

    Customers are those of `retention` by "nps" with the same ``days``, so that its row of
    passives says whether they stay.

    Parameters
    ----------
    days
        As in `retention`.

    Returns
    -------
    DataFrame
        As `service_metrics`: fine, next_promoters, next_passives, next_detractors. Who answers
        again is not like who does not.
    """
    refuse_days(days)
    absent = [f"needs surveys.{name}" for name in NEEDS if not study.has("surveys", name)]
    gap = absent[0] if absent else lacking(study, "surveys")
    base = study.config.metrics.min_base
    found = {each.metric: Figure(note=gap) for each in _DEFINITIONS} if gap else _count(study, days)
    return tidy(tidy_row(each, found[each.metric], base) for each in _DEFINITIONS)


def _count(study: Study, days: int) -> dict[str, Figure]:
    first = first_told(study, "nps", days)
    answers = of_segment(study, "surveys", study.tables["surveys"])
    answers = answers.filter(~nw.col("nps").is_null() & ~nw.col("responded_at").is_null())
    answers = answers.select("customer_id", "responded_at", nps=nw.col("nps").cast(nw.Float64))
    later = first.select("customer_id", "at_us").join(answers, on="customer_id", how="inner")
    later = later.filter(nw.col("responded_at") > nw.col("at_us"))
    soonest = later.group_by("customer_id").agg(responded_at=nw.col("responded_at").min())
    later = later.join(soonest, on=["customer_id", "responded_at"], how="inner")
    following = later.group_by("customer_id").agg(again=nw.col("nps").mean())
    frame = collect(first.join(following, on="customer_id", how="left"))
    fine = nps_place(frame["score"].to_numpy(float)) == 1
    again = frame.loc[fine, "again"].dropna().to_numpy(float)
    places = nps_place(again)
    return {"fine": share(int(fine.sum()), len(fine))} | {
        f"next_{band}": share(int((places == number).sum()), len(again))
        for number, band in enumerate(BANDS["nps"])
    }
