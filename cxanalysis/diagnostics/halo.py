"""Halo: do ratings of contacts follow the mood that customers came with?"""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from cxanalysis.diagnostics.caveat import Caveat
from cxanalysis.drivers import fit_drivers
from cxanalysis.drivers.split import ROWS_PER_COLUMN
from cxanalysis.engine import collect
from cxanalysis.errors import ModelError
from cxanalysis.features import code_two_part
from cxanalysis.features.journeys import stage_features
from cxanalysis.metrics.contacts import customer_contacts, wait_seconds
from cxanalysis.metrics.rows import HOUR_US, during, lacking, of_segment
from cxanalysis.metrics.service_handling import counted_rows
from cxanalysis.partition import SERVICE
from cxanalysis.study import Study

OUTCOME = "contact_csat"
EARLIER = "earlier_rating"
RESOLVED = "resolved_first"
_NEEDS = (
    ("tickets", ("ticket_id", "customer_id", "csat")),
    ("journeys", ("customer_id", "rating")),
)


def halo(study: Study) -> pd.DataFrame:
    """Ratings of contacts on earlier ratings of the journey, waiting and resolution held equal.

    Returns
    -------
    DataFrame
        One row, term ``earlier_rating``, with the columns of `DriverFit.tidy`, and ``n``
        contacts, ``n_customers`` and ``held``, the columns held equal. ``estimate`` is in points
        of the contact's rating per point of earlier ones. No row where the tickets lack ratings
        or waiting times, the journeys lack ratings, or contacts are under ``min_base`` or 20 a
        column.

    Raises
    ------
    ModelError
        When given anything but a study, a fit say.

    Notes
    -----
    One row per rated contact in the study's period and segment that follows a rated touch
    outside service within the lookback window. Earlier ratings are taken less the mean of their
    stage and averaged. Least squares, CR3 by customer. A touch counts by its own time: when it
    was rated is not known.
    """
    if not isinstance(study, Study):
        raise ModelError(
            f"halo takes a study, and was given a {type(study).__name__}: halo(study), with "
            "study = open_study(path)."
        )
    waiting = _waiting(study)
    if any(not study.has(table, *columns) for table, columns in _NEEDS) or not waiting:
        return pd.DataFrame()
    if lacking(study, "tickets") is not None:
        return pd.DataFrame()
    frame = _rated_contacts(study, waiting)
    held = [*waiting, RESOLVED]
    columns = [EARLIER, *held, *(f"{name}_known" for name in held)]
    if len(frame) < max(study.config.metrics.min_base, ROWS_PER_COLUMN * len(columns)):
        return pd.DataFrame()
    blocks = {"service": {"held equal": columns[1:]}, "journey": {"earlier": [EARLIER]}}
    try:
        fit = fit_drivers(frame, OUTCOME, blocks, replicates=1)
    except ModelError:  # nothing varies, or all contacts are one customer's
        return pd.DataFrame()
    row = fit.tidy().query("term == @EARLIER").reset_index(drop=True)
    return row.assign(n=fit.n, n_customers=fit.n_clusters, held=pd.Series([tuple(held)]))


def halo_caveat(study: Study) -> list[Caveat]:
    """``halo``: the row of `halo` where its interval lies above 0."""
    found = study.once(halo)
    if found.empty or not found["conf_low"].iloc[0] > 0:
        return []
    row = found.iloc[0]
    facts = {name: float(row[name]) for name in ("estimate", "conf_low", "conf_high")}
    return [Caveat("halo", {**facts, "n": int(row["n"]), "held": row["held"]})]


def _waiting(study: Study) -> list[str]:
    columns = {
        "queue_wait_minutes": "queue_wait_seconds",
        "first_reply_hours": "first_replied_at",
    }
    return [name for name, needed in columns.items() if study.has("tickets", needed)]


def _rated_contacts(study: Study, waiting: list[str]) -> pd.DataFrame:
    """One row per rated contact with an earlier rating, coded in two parts."""
    waited = nw.col("first_replied_at") - nw.col("opened_at")
    figures = {
        "queue_wait_minutes": wait_seconds(study.columns["tickets"]) / 60,
        "first_reply_hours": waited.cast(nw.Float64) / HOUR_US,
    }
    resolved = nw.when(nw.col("_issues") == 1).then(nw.col("_resolved")).cast(nw.Float64)
    narrowed = of_segment(study, "tickets", customer_contacts(study))
    wanted = during(study, "opened_at") & ~nw.col("csat").is_null()
    wanted = wanted & ~nw.col("customer_id").is_null()
    contacts = collect(
        counted_rows(study)
        .filter(wanted)
        .select(
            "customer_id",
            nw.col("ticket_id").alias("response_id"),
            nw.col("csat").cast(nw.Float64).alias(OUTCOME),
            resolved.alias(RESOLVED),
            *(figures[name].alias(name) for name in waiting),
        )
        .sort("response_id")
    )
    if contacts.empty:
        return contacts
    # A contact takes the place that an answer has elsewhere: what came before it counts.
    moments = narrowed.filter(wanted).select(
        nw.col("ticket_id").alias("response_id"),
        "customer_id",
        nw.col("opened_at").alias("responded_at"),
    )
    stages = collect(stage_features(study, moments)).set_index("response_id")
    ratings = [
        name for name in stages.columns if name.endswith("_rating") and name != f"{SERVICE}_rating"
    ]
    earlier = (stages[ratings] - stages[ratings].mean()).mean(axis=1).rename(EARLIER)
    frame = contacts.join(earlier, on="response_id").dropna(subset=[EARLIER])
    return code_two_part(frame, {name: f"{name}_known" for name in (*waiting, RESOLVED)})
