"""How well each group of drivers does, from 0 (worst answer) to 100 (best), and whom it reaches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxanalysis.config import Item, Scale
from cxanalysis.drivers import DriverFit, model_rows
from cxanalysis.engine import collect
from cxanalysis.features.answers import answers
from cxanalysis.features.journeys import stage_or_service
from cxanalysis.metrics import service_metrics
from cxanalysis.metrics.journeys.clusters import CUSTOMER, Ratio, mean_limits, ratios
from cxanalysis.metrics.journeys.touches import rating_measure, touches
from cxanalysis.metrics.parts import contacts_of
from cxanalysis.metrics.rows import counted, lacking
from cxanalysis.metrics.scales import ends, scale_of
from cxanalysis.partition import (
    HOW_HELP_WENT,
    JOURNEY,
    NEEDING_HELP,
    SERVICE,
    TOUCHPOINTS,
    item_columns,
    survey_items,
)
from cxanalysis.study import Study

Lazy = nw.LazyFrame[Any]
FIGURES = ("performance", "performance_low", "performance_high", "n_performance", "measured_by")
ITEMS, STAGE, CONTACTS, RESOLVED = "items", "stage", "contacts", "resolved"
FCR = "first_contact_resolution"
REACHED = ("contacted", "answered")
_WHOLE = "_whole"
_WEIGHT = "_weight"


def group_performance(study: Study) -> pd.DataFrame:
    """Mean rating of each group of drivers in the study's period, on a scale from 0 to 100.

    0 stands for the worst answer of the scale, 100 for the best. A group of survey items has
    the mean over all their ratings, a stage that over the ratings of its touches. How help went
    is what contacts were rated, and where none were, first-contact resolution in percent.
    Intervals take the customer as the unit.

    Returns
    -------
    DataFrame
        Index (set, group); performance, performance_low, performance_high, n_performance
        (ratings, or issues), measured_by ("items", "stage", "contacts", "resolved"; empty where
        there is no measure), note (why there is none, or why it is withheld).
    """
    found = {**_resolved(study), **_contacts(study), **_stages(study), **_items(study)}
    base = study.config.metrics.min_base
    rows = {}
    for name, groups in study.blocks.items():
        for group in groups:
            value, low, high, n, by = found.get((name, group), (np.nan, np.nan, np.nan, 0, ""))
            note = "" if n else _absent(group)
            if 0 < n < base:
                value, low, high, note = np.nan, np.nan, np.nan, f"withheld: fewer than {base}"
            rows[name, group] = (value, low, high, n, by, note)
    index = pd.MultiIndex.from_tuples(rows, names=["set", "group"])
    return pd.DataFrame(list(rows.values()), index=index, columns=[*FIGURES, "note"])


def group_reach(study: Study, fit: DriverFit) -> pd.Series:
    """Share of the answers behind a fit of which each group can say anything, by (set, group).

    Those with a touch at the stage, a contact, a contact that was answered, or an item that
    was used, in the time that the model looks back; all where every answer has them.

    Parameters
    ----------
    study : Study
    fit : DriverFit
        Of the same study.

    Returns
    -------
    Series
        Index (set, group); 0 to 1.
    """
    marks = {
        (name, group): [column for column in columns if _marks(column)]
        for name, groups in study.blocks.items()
        for group, columns in groups.items()
    }
    reached = _reached(study, fit, [names for names in marks.values() if names])
    found = {key: next(reached) if names else 1.0 for key, names in marks.items()}
    return pd.Series(found, name="reach", dtype=float).rename_axis(["set", "group"])


def _marks(column: str) -> bool:
    return column in REACHED or column.endswith(("_touched", "_used"))


def _reached(study: Study, fit: DriverFit, marks: list[list[str]]) -> Iterator[float]:
    """Weighted share of the rows of the fit in which any of each list of columns is above 0."""
    rows = model_rows(study)
    if isinstance(rows, pd.DataFrame):
        used = rows.reindex(fit.rows.index)
        weights = fit.rows.weights
        for names in marks:
            yield float(np.average((used[names] > 0).any(axis="columns"), weights=weights))
        return
    left_out = [item.column for item in fit.left_out]  # they were looked at as all others
    given = (fit.outcome, *fit.design.columns, *left_out)
    needed = [~nw.col(name).is_null() for name in given]
    weight = nw.lit(1.0) if fit.weights is None else nw.col(fit.weights)
    weighed = rows.filter(*needed, weight > 0).with_columns(weight.alias(_WEIGHT))
    sums = [
        nw.when(nw.any_horizontal(*(nw.col(name) > 0 for name in names), ignore_nulls=True))
        .then(nw.col(_WEIGHT))
        .otherwise(nw.lit(0.0))
        .sum()
        .alias(str(number))
        for number, names in enumerate(marks)
    ]
    found = collect(weighed.select(nw.col(_WEIGHT).sum(), *sums)).iloc[0]
    yield from (float(found[str(number)] / found[_WEIGHT]) for number in range(len(marks)))


def _absent(group: str) -> str:
    if group == NEEDING_HELP:
        return "needing help is not done well or badly"
    return "no ratings"


Found = dict[tuple[str, str], tuple[float, float, float, int, str]]


def _items(study: Study) -> Found:
    """Groups of survey items: the mean over all ratings of them, the customer as the unit."""
    if not survey_items(study.config) or lacking(study, "surveys") is not None:
        return {}
    rows = answers(study)
    if not study.has("surveys", CUSTOMER):
        if not study.has("surveys", "response_id"):
            return {}
        rows = rows.with_columns(nw.col("response_id").alias(CUSTOMER))
    elif study.has("surveys", "response_id"):
        rows = rows.with_columns(nw.coalesce(CUSTOMER, "response_id").alias(CUSTOMER))
    groups = dict(_grouped_items(study))
    measures = {f"g{place}": _rated(study, items) for place, items in enumerate(groups.values())}
    table = ratios(rows.with_columns(nw.lit(_WHOLE).alias(_WHOLE)), [_WHOLE], measures)
    return {
        key: _figure(table.iloc[0], f"g{place}", 0.0, 100.0, ITEMS)
        for place, key in enumerate(groups)
        if len(table)
    }


def _grouped_items(study: Study) -> Iterator[tuple[tuple[str, str], dict[str, Item]]]:
    coding = study.config.model.not_applicable
    items = survey_items(study.config)
    for name, groups in study.blocks.items():
        for group, columns in groups.items():
            own = {
                item: settings
                for item, settings in items.items()
                if set(item_columns(item, coding)) <= set(columns)
            }
            if own:
                yield (name, group), own


def _rated(study: Study, items: Mapping[str, Item]) -> Ratio:
    """All ratings of the items, each from 0 to 100."""
    counts, values = [], []
    for name, item in items.items():
        low, high, better = _item_scale(study, item)
        known = ~nw.col(name).is_null()
        if study.has("surveys", f"{name}_na"):
            known = known & ~nw.col(f"{name}_na").fill_null(False)
        share = (nw.col(name).cast(nw.Float64) - low) * (100 / (high - low))
        share = share if better else 100 - share
        counts.append(counted(known))
        values.append(nw.when(known).then(share).otherwise(nw.lit(0.0)).fill_null(0.0))
    return Ratio(nw.sum_horizontal(*counts), nw.sum_horizontal(*values))


def _item_scale(study: Study, item: Item) -> tuple[float, float, bool]:
    """Lowest and highest answer of an item, and whether high is good; 1 to 5 where none is said."""
    surveys = study.config.tables.surveys
    common = Scale() if surveys is None else surveys.scale
    own = item if {"low", "high"} & item.model_fields_set else common
    better = item if "higher_is_better" in item.model_fields_set else common
    low = 1.0 if own.low is None else own.low
    return low, 5.0 if own.high is None else own.high, better.higher_is_better


def _stages(study: Study) -> Found:
    """Stages of the journeys: the mean over the ratings of their touches."""
    if lacking(study, "journeys") is not None or not study.has("journeys", "rating"):
        return {}
    rows = touches(study).with_columns(stage_or_service(study).alias("stage"))
    table = ratios(rows, ["stage"], {"rating": rating_measure()})
    low, high, better = _ends(scale_of(study, "journeys", "rating"))
    worst, best = (low, high) if better else (high, low)
    found: Found = {}
    for stage, row in table.iterrows():
        key = (SERVICE, TOUCHPOINTS) if stage == SERVICE else (JOURNEY, str(stage))
        if row["rating_n"]:
            found[key] = _figure(row, "rating", worst, best, STAGE)
    return found


def _contacts(study: Study) -> Found:
    """How help went: the mean over the ratings of contacts."""
    if lacking(study, "tickets") is not None or not study.has("tickets", "csat", CUSTOMER):
        return {}
    rows = contacts_of(study, None)
    if study.has("tickets", "ticket_id"):  # a contact of nobody known stands by itself
        rows = rows.with_columns(nw.coalesce(CUSTOMER, "ticket_id").alias(CUSTOMER))
    rating = nw.col("csat")
    measure = Ratio(counted(~rating.is_null()), rating.cast(nw.Float64).fill_null(0.0))
    table = ratios(rows.with_columns(nw.lit(_WHOLE).alias(_WHOLE)), [_WHOLE], {"csat": measure})
    if not len(table) or not table["csat_n"].iloc[0]:
        return {}
    low, high, better = _ends(scale_of(study, "tickets", "csat"))
    worst, best = (low, high) if better else (high, low)
    return {(SERVICE, HOW_HELP_WENT): _figure(table.iloc[0], "csat", worst, best, CONTACTS)}


def _resolved(study: Study) -> Found:
    """How help went without ratings: first-contact resolution."""
    if lacking(study, "tickets") is not None or study.has("tickets", "csat"):
        return {}
    (row,) = service_metrics(study, only=[FCR]).to_dict("records")
    if row["n"] == 0:
        return {}
    value, low, high = (100 * float(row[name]) for name in ("value", "conf_low", "conf_high"))
    return {(SERVICE, HOW_HELP_WENT): (value, low, high, int(row["n"]), RESOLVED)}


def _ends(scale: Scale) -> tuple[float, float, bool]:
    return *ends(scale), scale.higher_is_better


def _figure(
    row: Any, name: str, worst: float, best: float, by: str
) -> tuple[float, float, float, int, str]:
    """A mean with its interval, from 0 at the worst answer to 100 at the best."""
    mean, n = float(row[f"{name}_mean"]), int(row[f"{name}_n"])
    low, high = mean_limits(mean, row[f"{name}_variance"], row[f"{name}_customers"])
    value, *both = (100 * (each - worst) / (best - worst) for each in (mean, low, high))
    first, last = sorted(float(np.clip(each, 0.0, 100.0)) for each in both)
    return float(value), first, last, n, by
