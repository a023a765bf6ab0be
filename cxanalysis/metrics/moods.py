"""Whether contacts come from dissatisfied customers: what each had rated last before."""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from cxanalysis.metrics.figures import Definition, Figure, tidy, tidy_row
from cxanalysis.metrics.journeys.clusters import CUSTOMER, Ratio
from cxanalysis.metrics.journeys.touches import Lazy
from cxanalysis.metrics.parts import contacts_of
from cxanalysis.metrics.rows import DAY_US, counted, of_segment
from cxanalysis.metrics.scales import boxes, boxes_text, scale_of, worst_boxes
from cxanalysis.metrics.since_purchase import clustered_shares, touches_gap
from cxanalysis.study import Study


def mood_gap(study: Study) -> str:
    """What is needed to know a rating before a contact, "needs …"; empty where nothing is."""
    gap = touches_gap(study)
    if gap:
        return gap
    return "" if study.has("journeys", "rating") else "needs journeys.rating"


def contact_moods(study: Study) -> pd.DataFrame:
    """What customers had last rated before they made contact in the study's period.

    The rating is the customer's last one of a touch in the ``lookback_days`` before; of several
    at one instant, their mean. Contacts without one are left out: who rates is not everyone.

    Returns
    -------
    DataFrame
        As `service_metrics`, customers being the unit of the intervals: rated_before (share of
        contacts of known customers), and of those with a rating the shares after_good_rating
        (the best answers), after_bad_rating (the worst), not_dissatisfied (not the worst) and
        good_or_inquiry (the best, or an inquiry by its reason).
    """
    definitions, base = _definitions(study), study.config.metrics.min_base
    gap = mood_gap(study)
    if gap:
        return tidy(tidy_row(each, Figure(note=gap), base) for each in definitions)
    scale = scale_of(study, "journeys", "rating")
    rows, rating = after_ratings(study), nw.col("_rating")
    (best, top), (bottom, worst) = boxes(scale), worst_boxes(scale)
    known = counted(~rating.is_null())
    good = counted((rating >= best) & (rating <= top))
    bad = counted((rating >= bottom) & (rating <= worst))
    asked = counted(nw.col("reason").cast(nw.String).is_in(inquiries(study)))
    measures = {
        "rated_before": Ratio(nw.lit(1), known),
        "after_good_rating": Ratio(known, good),
        "after_bad_rating": Ratio(known, bad),
        "not_dissatisfied": Ratio(known, known - bad),
    }
    if study.has("tickets", "reason") and inquiries(study):
        measures["good_or_inquiry"] = Ratio(known, known * nw.max_horizontal(good, asked))
    table = clustered_shares(study, rows, measures, definitions)
    missing = table["metric"].eq("good_or_inquiry") & ("good_or_inquiry" not in measures)
    table.loc[missing, "note"] = "needs the kind of each reason for contact, in the study file"
    return table


def inquiries(study: Study) -> list[str]:
    """Reasons that are inquiries, as the study file says."""
    return [name for name, each in study.config.reasons.items() if each.kind == "inquiry"]


def after_ratings(study: Study) -> Lazy:
    """Contacts of known customers in the period, with ``_rating``, the last one before."""
    window = study.config.model.lookback_days * DAY_US
    contacts = contacts_of(study, None).filter(~nw.col(CUSTOMER).is_null())
    order = [name for name in ("opened_at", CUSTOMER, "ticket_id") if study.has("tickets", name)]
    contacts = contacts.with_row_index("_row", order_by=order)
    rated = of_segment(study, "journeys", study.tables["journeys"])
    rated = rated.filter(~nw.col("rating").is_null())
    rated = rated.select(CUSTOMER, _at=nw.col("occurred_at"), _rating=nw.col("rating"))
    moment = nw.col("_at")
    before = (
        contacts.select("_row", CUSTOMER, "opened_at")
        .join(rated, on=CUSTOMER, how="inner")
        .filter(moment < nw.col("opened_at"), moment >= nw.col("opened_at") - window)
        .with_columns(_last=moment.max().over("_row"))
        .filter(moment == nw.col("_last"))
        .group_by("_row")
        .agg(_rating=nw.col("_rating").mean())
    )
    return contacts.join(before, on="_row", how="left")


def _definitions(study: Study) -> tuple[Definition, ...]:
    scale, days = scale_of(study, "journeys", "rating"), study.config.model.lookback_days
    low, high = worst_boxes(scale)
    worst = f"{low:g}" if low == high else f"{low:g} or {high:g}"
    whole = f"contacts of customers who rated a touch in the {days} days before"
    return (
        Definition(
            "rated_before",
            "With a rating before",
            "share",
            f"{whole} ÷ contacts of known customers",
        ),
        Definition(
            "after_good_rating",
            "After a good rating",
            "share",
            f"contacts whose customer's last rating before was {boxes_text(scale)} ÷ {whole}",
        ),
        Definition(
            "after_bad_rating",
            "After a bad rating",
            "share",
            f"contacts whose customer's last rating before was {worst} ÷ {whole}",
        ),
        Definition(
            "not_dissatisfied",
            "Not from dissatisfied customers",
            "share",
            f"contacts whose customer's last rating before was not {worst} ÷ {whole}",
        ),
        Definition(
            "good_or_inquiry",
            "After a good rating, or an inquiry",
            "share",
            f"contacts whose customer's last rating before was {boxes_text(scale)}, or whose "
            f"reason is an inquiry ÷ {whole}",
        ),
    )
