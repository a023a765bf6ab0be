"""Whether the silent leave more often, and how many of those who left were never heard before.

Who leaves early in a period has had less time to be heard in it, so silence and leaving in the
same weeks would go together of themselves. Silence is therefore counted in the days before the
period, among customers who were there all that time, and leaving from its first moment on.

References
----------
Anderson, Cain & Gelber (1983), Journal of Clinical Oncology 1:710-719 (landmark analysis).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw
import pandas as pd

from cxanalysis.engine import collect, len_of
from cxanalysis.metrics.contacts import customer_contacts
from cxanalysis.metrics.figures import Definition, Figure, left_out, notes, share, tidy, tidy_row
from cxanalysis.metrics.followup import NO_END, end_of_records, gone_at, span
from cxanalysis.metrics.intervals import Comparison, Interval, difference_interval, p_of_interval
from cxanalysis.metrics.rows import DAY_US, counted, during, lacking, of_segment, whole
from cxanalysis.metrics.silent import NO_BASE, needed
from cxanalysis.study import Study

Lazy = nw.LazyFrame[Any]
TIMES = {"tickets": "opened_at", "surveys": "responded_at"}
SLACK_US = 7 * DAY_US  # records begin within a week of the first day that is looked back to


def silent_losses(study: Study) -> pd.DataFrame:
    """How many of the silent left, how many of the others, and how many left unheard.

    Returns
    -------
    DataFrame
        The tidy columns of `service_metrics`, one row each for

        - lost_silent, lost_heard: customers who left in the period (up to the end of the data),
          of those with neither ticket nor answer, and of those with either, in the lookback days
          before it;
        - lost_without_ticket, lost_unheard: of the customers who left in the period, those
          without a ticket, and with neither ticket nor answer, in the lookback days before their
          last day. Leavers whose lookback days reach back beyond the tickets are left out;
        - kept_without_ticket, kept_unheard: the same of the customers who were still there when
          the period (or the data) ended, in as many days before that.

    Notes
    -----
    Everyone is followed from one day to one day, so no time is censored within a row. Without a
    period silence is counted in the first lookback days of the records.
    """
    definitions, base = _definitions(study), study.config.metrics.min_base
    gap = _gap(study)
    if gap:
        figures = {each.metric: Figure(note=gap) for each in definitions}
    else:
        figures = _after_silence(study) | _before_leaving(study)
    return tidy(tidy_row(each, figures[each.metric], base) for each in definitions)


def losses_gap(table: pd.DataFrame) -> Comparison | None:
    """Compare lost_silent with lost_heard of `silent_losses`; None where either is unknown."""
    rows = table.set_index("metric").to_dict("index")
    silent, heard = rows["lost_silent"], rows["lost_heard"]
    if pd.isna([silent["value"], heard["value"]]).any():
        return None
    limits = difference_interval(silent["value"], _limits(silent), heard["value"], _limits(heard))
    return Comparison(*limits, p_of_interval(silent["value"] - heard["value"], *limits))


def _limits(row: Mapping[Any, Any]) -> Interval:
    return Interval(row["conf_low"], row["conf_high"])


def _definitions(study: Study) -> tuple[Definition, ...]:
    days = study.config.model.lookback_days
    since = f"in the {days} days before the period"
    if study.period is None:
        since = f"in the first {days} days of the records"
    heard = "who left after that, up to the end of the data or period ÷ all of them"
    left = f"in the {days} days before their last day ÷ customers who left in the period"
    stayed = f"in the {days} days before the end ÷ customers still there at the period's end"
    words = {
        "lost_silent": ("Silent who left", f"neither ticket nor answer {since} {heard}"),
        "lost_heard": ("Heard who left", f"a ticket or an answer {since} {heard}"),
        "lost_without_ticket": ("Left without a ticket", f"no ticket {left}"),
        "lost_unheard": ("Left unheard", f"neither ticket nor answer {left}"),
        "kept_without_ticket": ("Stayed without a ticket", f"no ticket {stayed}"),
        "kept_unheard": ("Stayed unheard", f"neither ticket nor answer {stayed}"),
    }
    return tuple(
        Definition(metric, label, "share", f"customers with {text}")
        for metric, (label, text) in words.items()
    )


def _gap(study: Study) -> str:
    if "customers" not in study.tables:
        return NO_BASE
    if not study.has("customers", "active_to"):
        return NO_END
    lacks = lacking(study, "customers")
    absent = [f"needs {t}.{c}" for t, c in TIMES.items() if not study.has(t, c)]
    return lacks or next(iter([needed(study, t) for t in TIMES if needed(study, t)] + absent), "")


def _first(study: Study) -> int:
    """From when on both tickets and answers are on record, microseconds."""
    return max(span(study.tables[table], time)[0] for table, time in TIMES.items())


# --- from silence to leaving ---------------------------------------------------------------


def _after_silence(study: Study) -> dict[str, Figure]:
    names = ("lost_silent", "lost_heard")
    window = study.config.model.lookback_days * DAY_US
    first = _first(study)
    begins = first + window if study.period is None else study.period.start_us
    ends = end_of_records(study)
    if begins - window < first - SLACK_US or begins >= ends:
        days = study.config.model.lookback_days
        return dict.fromkeys(names, Figure(note=f"needs records of the {days} days before"))
    there = gone_at().is_null() | (gone_at() > begins)
    if study.has("customers", "active_from"):
        start = nw.col("active_from")
        there = there & (start.is_null() | (start <= begins - window))
    customers = of_segment(study, "customers", study.tables["customers"]).filter(there)
    heard = _heard(study, begins - window, begins)
    customers = customers.join(heard, on="customer_id", how="left").with_columns(
        _heard=nw.col("_heard").fill_null(0), _lost=counted(gone_at() <= ends)
    )
    sums = collect(customers.group_by("_heard").agg(n=nw.len(), lost=nw.col("_lost").sum()))
    rows = sums.set_index("_heard").reindex([0, 1])
    return {
        name: share(whole(rows.loc[half, "lost"]), whole(rows.loc[half, "n"]))
        for half, name in enumerate(names)
    }


def _heard(study: Study, begins: int, ends: int) -> Lazy:
    """Customers with a ticket or an answer between two moments, marked by 1."""
    parts = []
    for table, time in TIMES.items():
        rows = customer_contacts(study) if table == "tickets" else study.tables[table]
        parts.append(
            rows.filter((nw.col(time) >= begins) & (nw.col(time) < ends)).select("customer_id")
        )
    return nw.concat(parts).unique().with_columns(nw.lit(1).alias("_heard"))


# --- from leaving back to silence ----------------------------------------------------------


def _before_leaving(study: Study) -> dict[str, Figure]:
    window = study.config.model.lookback_days * DAY_US
    first = _first(study)
    lost = of_segment(study, "customers", study.tables["customers"]).filter(
        during(study, "active_to") & (nw.col("active_to") <= end_of_records(study))
    )
    known = lost.filter(nw.col("active_to") - window >= first - SLACK_US)
    n, *unheard = _unheard(study, known.select("customer_id", "active_to"), window)
    early = len_of(lost) - n
    note = notes(left_out(early, "customer", "customers", "who left too early to look back"))
    kept, *of_kept = _unheard(study, _still_there(study, first + window - SLACK_US), window)
    found = dict(zip(("lost_without_ticket", "lost_unheard"), unheard, strict=True))
    base = dict(zip(("kept_without_ticket", "kept_unheard"), of_kept, strict=True))
    return {name: share(count, n, note) for name, count in found.items()} | {
        name: share(count, kept) for name, count in base.items()
    }


def _still_there(study: Study, earliest: int) -> Lazy:
    """Customers still there at the end, as if it were their last day; none before ``earliest``."""
    ends = end_of_records(study)
    there = gone_at().is_null() | (gone_at() > ends)
    if study.has("customers", "active_from"):
        there = there & (nw.col("active_from").is_null() | (nw.col("active_from") < ends))
    customers = of_segment(study, "customers", study.tables["customers"]).filter(there)
    last = customers.select("customer_id", active_to=nw.lit(ends - DAY_US))
    return last.filter(nw.col("active_to") >= earliest)


def _unheard(study: Study, gone: Lazy, window: int) -> tuple[int, int, int]:
    """How many customers; without a ticket before their last day; without an answer as well."""
    for table, time in TIMES.items():
        gone = _mark(study, gone, table, time, window)
    sums = collect(
        gone.select(
            n=nw.len(),
            quiet=(1 - nw.col("_tickets")).sum(),
            unheard=((1 - nw.col("_tickets")) * (1 - nw.col("_surveys"))).sum(),
        )
    ).iloc[0]
    return whole(sums["n"]), whole(sums["quiet"]), whole(sums["unheard"])


def _mark(study: Study, lost: Lazy, table: str, time: str, window: int) -> Lazy:
    """Add 1 for leavers with a row of the table in the window before their last day was over."""
    rows = customer_contacts(study) if table == "tickets" else study.tables[table]
    moment, name = nw.col(time), f"_{table}"
    met = (
        lost.select("customer_id", "active_to")
        .join(rows.select("customer_id", time), on="customer_id", how="inner")
        .filter((moment >= nw.col("active_to") - window) & (moment < gone_at()))
    )
    met = met.select("customer_id").unique().with_columns(nw.lit(1).alias(name))
    lost = lost.join(met, on="customer_id", how="left")
    return lost.with_columns(nw.col(name).fill_null(0))
