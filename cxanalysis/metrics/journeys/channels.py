"""Where touches take place, online or not, and whose they are, the company's own or others'.

A touch is online where its channel is one of those that the study file names as such, and
indirect where the journeys say that others than the company had the word: a friend, a review.
"""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import scipy

from cxanalysis.engine import collect
from cxanalysis.errors import ReportError
from cxanalysis.metrics.contacts import customer_contacts
from cxanalysis.metrics.intervals import mean_interval
from cxanalysis.metrics.journeys.clusters import Ratio, mean_limits, ratios, share_limits
from cxanalysis.metrics.journeys.touches import rating_measure, touches
from cxanalysis.metrics.multiple import holm_known
from cxanalysis.metrics.rows import GROUP, counted, during, lacking, of_segment
from cxanalysis.metrics.scales import ends, scale_of
from cxanalysis.study import Study

Lazy = nw.LazyFrame[Any]
PLACE, INFLUENCE = "place", "influence"
ONLINE, OFFLINE, DIRECT, INDIRECT = "online", "offline", "direct", "indirect"
SIDES = {PLACE: (ONLINE, OFFLINE), INFLUENCE: (DIRECT, INDIRECT)}
NEEDED = {PLACE: "channel", INFLUENCE: "influence"}
CONTACT = "contact with service"
ORIGINS = (
    "dimension",
    "origin",
    "touches",
    "share",
    "share_low",
    "share_high",
    "n",
    "customers",
    "rating",
    "rating_low",
    "rating_high",
    "unknown",
    "note",
)
DIFFERENCES = (
    "dimension",
    "first",
    "second",
    "difference",
    "conf_low",
    "conf_high",
    "p_value",
    "p_adjusted",
    "n",
    "rated",
    "note",
)
CATALOGUE = (
    "stage",
    "touchpoint",
    "channel",
    "place",
    "influence",
    "touches",
    "customers",
    "n",
    "rating",
    "rating_low",
    "rating_high",
)


def touch_origins(study: Study, by: str | None = None) -> pd.DataFrame:
    """Touches of the study's period online and offline, direct and indirect: share and rating.

    Parameters
    ----------
    by
        A column of the journeys, or of the customers, to give the rows for each of its values;
        "stage", say.

    Returns
    -------
    DataFrame
        ``by`` where asked for, dimension ("place" or "influence"), origin, touches, share (of
        the touches whose origin is known) with share_low and share_high, n (rated), customers,
        rating (mean) with rating_low and rating_high, unknown (touches whose origin is not
        known), note. Intervals take the customer as the unit. A dimension without its column is
        one row that says what it needs.

    Raises
    ------
    ReportError
        When no such column ``by`` exists.
    """
    columns = [*([by] if by else []), *ORIGINS]
    rows: list[dict[str, Any]] = []
    for dimension, sides in SIDES.items():
        gap = origin_gap(study, dimension)
        if gap:
            nothing = dict.fromkeys(("touches", "n", "customers", "unknown"), 0)
            rows.append({"dimension": dimension, "note": gap} | nothing)
            continue
        frame = with_origin(study, touches(study, by), dimension)
        for group, table in _origin_sums(study, frame, sides).groupby(level=0):
            for side in sides:
                row = {"dimension": dimension, "origin": side}
                row |= _origin(table.iloc[0], side, study.config.metrics.min_base)
                rows.append(({by: group} if by else {}) | row)
    return pd.DataFrame(rows, columns=columns)


def origin_differences(study: Study) -> pd.DataFrame:
    """How differently the same customers rate touches online and offline, direct and indirect.

    Each customer who rated both sides counts once, by the difference of the two means; what
    makes one customer milder than another is thereby left out, but not that other touchpoints
    are met on one side than on the other.

    Returns
    -------
    DataFrame
        A row per dimension: dimension, first, second, difference (first − second) with conf_low
        and conf_high (t interval), p_value, p_adjusted (Holm over the dimensions), n (customers
        who rated both), rated (customers who rated either), note.
    """
    rows = []
    for dimension, sides in SIDES.items():
        row: dict[str, Any] = {"dimension": dimension, "first": sides[0], "second": sides[1]}
        gap = origin_gap(study, dimension)
        if not gap and not study.has("journeys", "rating"):
            gap = "needs journeys.rating"
        rows.append(row | ({"n": 0, "rated": 0, "note": gap} if gap else _paired(study, dimension)))
    found = pd.DataFrame(rows, columns=list(DIFFERENCES))
    return found.assign(p_adjusted=holm_known(found["p_value"]))


def touch_catalogue(study: Study) -> pd.DataFrame:
    """Every place where customers met the company in the study's period, contacts included.

    Returns
    -------
    DataFrame
        stage, touchpoint, channel, place ("online" or "offline"), influence, touches, customers,
        n (rated), rating with rating_low and rating_high (missing below ``min_base``). Stages in
        the study's order, touchpoints by touches; contacts from the tickets last, one row per
        channel, rated by the satisfaction with them where that is on the scale of the journeys.

    Raises
    ------
    ReportError
        When the study has no journeys, or they cannot be narrowed to its segment.
    """
    gap = lacking(study, "journeys")
    if gap:
        raise ReportError(f"A catalogue of touches {gap}.")
    rows = with_origin(study, with_origin(study, touches(study), PLACE), INFLUENCE)
    columns = study.columns["journeys"]
    channel = nw.col("channel").cast(nw.String).fill_null("") if "channel" in columns else None
    cells = ["stage", "touchpoint", "channel", PLACE, INFLUENCE]
    frame = rows.with_columns(channel=nw.lit("") if channel is None else channel)
    measures = {"all": Ratio(nw.lit(1), nw.lit(0))}
    if study.has("journeys", "rating"):
        measures["rating"] = rating_measure()
    table = _catalogued(ratios(frame, cells, measures).reset_index(), study)
    place = {stage: number for number, stage in enumerate(study.config.stages)}
    order = np.lexsort((-table["touches"], table["stage"].map(place).fillna(len(place))))
    parts = [table.iloc[order], _contact_rows(study)]
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def origin_gap(study: Study, dimension: str) -> str:
    """What is needed to tell the sides of a dimension apart, "needs …"; empty where nothing is."""
    column = NEEDED[dimension]
    gap = lacking(study, "journeys")
    return gap or ("" if study.has("journeys", column) else f"needs journeys.{column}")


def with_origin(study: Study, rows: Lazy, dimension: str) -> Lazy:
    """The rows with a text column named after the dimension: its side, or "" where not known."""
    first, second = SIDES[dimension]
    if not study.has("journeys", NEEDED[dimension]):
        return rows.with_columns(nw.lit("").alias(dimension))
    text = nw.col(NEEDED[dimension]).cast(nw.String).str.strip_chars().str.to_lowercase()
    if dimension == PLACE:
        named = [each.strip().lower() for each in study.config.journey.online]
        side = nw.when(text.is_in(named)).then(nw.lit(first)).otherwise(nw.lit(second))
        known = ~text.is_null()
    else:
        side, known = text, text.is_in([first, second])
    side = nw.when(known.fill_null(False)).then(side).otherwise(nw.lit(""))
    return rows.with_columns(side.alias(dimension))


def _origin_sums(study: Study, frame: Lazy, sides: tuple[str, str]) -> pd.DataFrame:
    """Shares and ratings of both sides by group; the base is what is known of the origin."""
    dimension = next(name for name, pair in SIDES.items() if pair == sides)
    side = nw.col(dimension)
    known = counted(side != "")
    measures = {"unknown": Ratio(nw.lit(1), 1 - known)}
    rated = study.has("journeys", "rating")
    for each in sides:
        here = counted(side == each)
        measures[each] = Ratio(known, here)
        if rated:
            given = here * counted(~nw.col("rating").is_null())
            measures[f"{each}_rating"] = Ratio(given, nw.col("rating").fill_null(0) * given)
    return ratios(frame, [GROUP], measures)


def _origin(row: Any, side: str, base: int) -> dict[str, Any]:
    n, share = int(row[f"{side}_n"]), float(row[f"{side}_mean"])
    found: dict[str, Any] = {
        "touches": round(share * n) if n else 0,
        "unknown": round(row["unknown_mean"] * row["unknown_n"]),
        "n": int(row.get(f"{side}_rating_n", 0)),
        "customers": int(row.get(f"{side}_rating_customers", 0)),
        "note": "",
    }
    if n == 0:
        return found | {"note": "nothing to count"}
    if n < base:
        return found | {"note": f"withheld: fewer than {base}"}
    low, high = share_limits(share, row[f"{side}_variance"], n, row[f"{side}_customers"])
    found |= {"share": share, "share_low": float(low), "share_high": float(high)}
    if found["n"] < base:
        why = "no ratings" if found["n"] == 0 else f"rating withheld: fewer than {base}"
        return found | {"note": why}
    mean, variance = (float(row[f"{side}_rating_{part}"]) for part in ("mean", "variance"))
    low, high = mean_limits(mean, variance, found["customers"])
    return found | {"rating": mean, "rating_low": float(low), "rating_high": float(high)}


def _paired(study: Study, dimension: str) -> dict[str, Any]:
    """Mean difference of the customers who rated both sides."""
    rows = with_origin(study, touches(study), dimension)
    rows = rows.filter(~nw.col("rating").is_null(), nw.col(dimension) != "")
    first, second = SIDES[dimension]
    parts = {
        name: nw.when(nw.col(dimension) == side).then(nw.col("rating").cast(nw.Float64))
        for name, side in (("one", first), ("two", second))
    }
    means = rows.with_columns(**parts).group_by("customer_id")
    each = means.agg(one=nw.col("one").mean(), two=nw.col("two").mean())
    gap = nw.col("one") - nw.col("two")
    each, diff = each.with_columns(gap=gap), nw.col("gap")
    sums = collect(
        each.select(rated=nw.len(), n=diff.count(), mean=diff.mean(), std=diff.std())
    ).iloc[0]
    n, base = int(sums["n"]), study.config.metrics.min_base
    found: dict[str, Any] = {"n": n, "rated": int(sums["rated"]), "note": ""}
    if n < base:
        return found | {"note": f"withheld: fewer than {base}" if n else "nobody rated both"}
    mean, std = float(sums["mean"]), float(sums["std"])
    low, high = mean_interval(mean, std, n)
    t = mean / (std / np.sqrt(n)) if std > 0 else (np.inf if mean else 0.0)
    p_value = 2 * float(scipy.stats.t.sf(abs(t), n - 1))
    return found | {"difference": mean, "conf_low": low, "conf_high": high, "p_value": p_value}


def _catalogued(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Sums of `ratios` as rows of the catalogue."""
    base = study.config.metrics.min_base
    found = table.rename(columns={"all_n": "touches", "all_customers": "customers"})
    found["n"] = table.get("rating_n", 0)
    parts = ("rating", "rating_low", "rating_high")
    if "rating_n" in table:
        mean, variance, people = (
            table[f"rating_{part}"].to_numpy(float) for part in ("mean", "variance", "customers")
        )
        low, high = mean_limits(mean, variance, people)
        shown = table["rating_n"].to_numpy() >= base
        for name, values in zip(parts, (mean, low, high), strict=True):
            found[name] = np.where(shown, values, np.nan)
    else:
        found = found.assign(**dict.fromkeys(parts, np.nan))
    return found[list(CATALOGUE)]


def _contact_rows(study: Study) -> pd.DataFrame:
    """Contacts of known customers by channel."""
    nothing = pd.DataFrame(columns=list(CATALOGUE))
    if lacking(study, "tickets") or not study.has("tickets", "customer_id"):
        return nothing
    rows = of_segment(study, "tickets", customer_contacts(study))
    rows = rows.filter(during(study, "opened_at"), ~nw.col("customer_id").is_null())
    has_channel = study.has("tickets", "channel")
    channel = nw.col("channel").cast(nw.String).fill_null("") if has_channel else nw.lit("")
    named = [each.strip().lower() for each in study.config.journey.online]
    online = nw.col("channel").str.strip_chars().str.to_lowercase().is_in(named)
    side = nw.when(online).then(nw.lit(ONLINE)).otherwise(nw.lit(OFFLINE))
    rows = rows.with_columns(channel=channel).with_columns(
        stage=nw.lit(CONTACT),
        touchpoint=nw.lit(CONTACT),
        place=nw.when(nw.col("channel") == "").then(nw.lit("")).otherwise(side),
        influence=nw.lit(DIRECT),
    )
    measures = {"all": Ratio(nw.lit(1), nw.lit(0))}
    if study.has("tickets", "csat") and _one_scale(study):
        rated = counted(~nw.col("csat").is_null())
        measures["rating"] = Ratio(rated, nw.col("csat").fill_null(0))
    cells = ["stage", "touchpoint", "channel", PLACE, INFLUENCE]
    table = ratios(rows, cells, measures).reset_index()
    return _catalogued(table, study).sort_values("touches", ascending=False, kind="stable")


def _one_scale(study: Study) -> bool:
    """Whether ratings of touches and of contacts mean the same by the same number."""
    one, two = scale_of(study, "journeys", "rating"), scale_of(study, "tickets", "csat")
    return ends(one) == ends(two) and one.higher_is_better == two.higher_is_better
