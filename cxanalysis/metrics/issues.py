"""Issues, one row each: whose, what the first contact was about, and when it began."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from cxanalysis.metrics.contacts import customer_contacts
from cxanalysis.metrics.resolution import add_runs, extent, matter_of
from cxanalysis.metrics.rows import DAY_US, of_segment
from cxanalysis.study import Study

Lazy = nw.LazyFrame[Any]
ISSUE = ("_owner", "_matter", "_numbered", "_since")


def issues(study: Study) -> Lazy:
    """`issues_found`, worked out once for a study."""
    return study.keep(issues_found)


def issues_found(study: Study) -> Lazy:
    """Issues of all the data and the study's segment, as first-contact resolution groups them.

    Returns
    -------
    LazyFrame
        customer_id and reason of the first contact, ``began_at`` and ``contacts``. Contacts
        that no issue can be told of are left out, and so are issues without a number in the
        first days of the data, where an earlier contact may lie before them.
    """
    window = study.config.metrics.fcr_window_days * DAY_US
    contacts = customer_contacts(study)
    first_us, _ = extent(contacts)
    contacts = of_segment(study, "tickets", contacts).with_columns(**matter_of(study))
    contacts = add_runs(study, contacts, window).with_columns(_one=nw.lit(1))
    named = nw.col("_numbered") | ~nw.col("_owner").is_null()
    past_known = nw.col("_numbered") | (nw.col("_since") >= first_us + window)
    placed = contacts.with_columns(contacts=nw.col("_one").sum().over(*ISSUE))
    first = placed.filter(named & past_known & nw.col("_begins"))
    who = nw.col("customer_id") if study.has("tickets", "customer_id") else nw.lit(None, nw.String)
    why = nw.col("reason") if study.has("tickets", "reason") else nw.lit(None, nw.String)
    return first.select(
        "contacts", customer_id=who, reason=why.cast(nw.String), began_at=nw.col("opened_at")
    )
