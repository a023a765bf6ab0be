"""What became of contacts: handed over, passed on, handled by the rules, solved how soon."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.metrics.contacts import given_up, handled
from cxanalysis.metrics.figures import Definition, Figure, share
from cxanalysis.metrics.intervals import median_interval
from cxanalysis.metrics.parts import Figures, contacts_of
from cxanalysis.metrics.rows import GROUP, HOUR_US, counted, totals, whole
from cxanalysis.study import Study

ENDS = ("opened_at", "first_replied_at", "solved_at")


def definitions(study: Study) -> tuple[Definition, ...]:  # noqa: ARG001  (as all themes)
    """Hand-overs, own rules kept, and time to a solution."""
    return (
        Definition(
            "transferred",
            "Handed over",
            "share",
            "contacts handed over at least once ÷ contacts handled whose hand-overs are known",
            ("transfers",),
        ),
        Definition(
            "escalated",
            "Escalated",
            "share",
            "contacts passed to a higher level ÷ contacts handled of which that is known",
            ("escalated",),
        ),
        Definition(
            "policy_kept",
            "Handled by the company's own rules",
            "share",
            "contacts marked as handled the way the company's own rules say ÷ contacts handled of "
            "which that is known",
            ("policy_kept",),
        ),
        Definition(
            "resolution_time",
            "Time to solution",
            "hours",
            "median time from opening to the solution, by the clock, abandoned contacts left "
            "out; open contacts count as open until the end of the data (Kaplan–Meier)",
            ("solved_at",),
        ),
    )


def figures(study: Study, by: str | None) -> Figures:
    """The figures by group, as far as their columns are there."""
    rows = contacts_of(study, by)
    found: dict[str, dict[str, Figure]] = {}
    for metric, column, condition in (
        ("transferred", "transfers", nw.col("transfers") >= 1),
        ("escalated", "escalated", nw.col("escalated")),
        ("policy_kept", "policy_kept", nw.col("policy_kept")),
    ):
        if study.has("tickets", column):
            for group, figure in _shares(study, rows, column, condition).items():
                found.setdefault(group, {})[metric] = figure
    if study.has("tickets", "solved_at"):
        solved = ~nw.col("solved_at").is_null()
        until = nw.when(solved).then(nw.col("solved_at")).otherwise(nw.lit(last_us(study)))
        waits = rows.filter(~given_up(study.columns["tickets"]))
        for name, part in waits_of(waits, until, solved).groupby(GROUP):
            figure = median_time(part["_wait"] / HOUR_US, part["_over"], "solved")
            found.setdefault(str(name), {})["resolution_time"] = figure
    return found


def _shares(
    study: Study, rows: nw.LazyFrame[Any], column: str, condition: nw.Expr
) -> dict[str, Figure]:
    base = handled(study.columns["tickets"]) & ~nw.col(column).is_null()
    marked = rows.with_columns(_base=counted(base), _hit=counted(base & condition))
    sums = totals(marked, {"_hit": nw.col("_hit").sum(), "_base": nw.col("_base").sum()})
    return {
        str(group): share(whole(row["_hit"]), whole(row["_base"]))
        for group, row in sums.to_dict("index").items()
    }


def waits_of(rows: nw.LazyFrame[Any], until: nw.Expr, over: nw.Expr) -> pd.DataFrame:
    """One row per contact: `GROUP`, microseconds from its opening (``_wait``), ``_over`` (1, 0)."""
    waits = rows.select(GROUP, _wait=until - nw.col("opened_at"), _over=counted(over))
    return each_of(waits, (GROUP, "_wait", "_over"))


def each_of(waits: nw.LazyFrame[Any], columns: Sequence[str]) -> pd.DataFrame:
    """These columns of all rows, in no order.

    The engine hands over every combination once, with how often it occurs: a median needs all
    lengths, but no contact by itself.
    """
    found = collect(waits.group_by(*columns).agg(_n=nw.len()))
    return found.loc[found.index.repeat(found["_n"]), list(columns)].reset_index(drop=True)


def last_us(study: Study) -> int:
    """Until when the tickets show what happened, microseconds."""
    ends = [name for name in ENDS if study.has("tickets", name)]
    tickets = study.tables["tickets"]  # the company's own contacts too show until when
    latest = collect(tickets.select(*[nw.col(name).max().alias(name[:-3]) for name in ends]))
    return whole(latest.iloc[0].max())


def median_time(hours: pd.Series, over: pd.Series, word: str) -> Figure:
    """Median hours by Kaplan–Meier, with the share that is ``word`` ("solved", "answered")."""
    ended = over.to_numpy(bool)
    median, (low, high) = median_interval(hours.to_numpy(float), ended)
    text = f"{ended.mean():.0%} of {len(hours):,} contacts {word}"
    if pd.isna(median):
        text = f"median not reached: {text}"
    return Figure(median, low, high, len(hours), text)
