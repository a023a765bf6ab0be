"""The journey map: every stage in the study's order, how it was rated, and its weakest link."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import scipy

from cxanalysis.errors import ReportError
from cxanalysis.metrics.intervals import CONF_LEVEL
from cxanalysis.metrics.journeys.clusters import (
    covariances,
    mean_limits,
    ratios,
    share_limits,
)
from cxanalysis.metrics.journeys.touches import measures, rating_measure, touches
from cxanalysis.metrics.rows import EVERYONE, GROUP, lacking
from cxanalysis.metrics.scales import scale_of
from cxanalysis.study import Study

SHARES, MEANS = ("coverage", "top_box"), ("rating", "effort")
LINK = (
    "stage",
    "rating",
    "next_stage",
    "difference",
    "conf_low",
    "conf_high",
    "is_clear",
    "rivals",
)


def journey_map(
    study: Study, by: str | None = None, *, by_touchpoint: bool = False
) -> pd.DataFrame:
    """Each stage of the journey as customers met and rated it in the study's period.

    Touches count by ``occurred_at``. Intervals take the customer as the unit that was sampled.
    A stage of the study without a touch stays in, with zero touches.

    Parameters
    ----------
    by
        A column of the journeys, or of the customers, to give the map for each of its values.
    by_touchpoint
        One row per touchpoint inside each stage, in place of one per stage; touchpoints stand
        in the order of their names.

    Returns
    -------
    DataFrame
        ``by`` where asked for, stage, touchpoint where asked for, touches, customers; coverage
        (rated ÷ touches); n (rated touches), rating (mean, on its scale) and top_box (share of
        the best answer); n_effort, effort (mean); each figure with ``_low`` and ``_high``, its
        95 % interval; note. Means and shares on fewer than ``min_base`` touches are withheld.

    Raises
    ------
    ReportError
        When the study has no journeys, they cannot be narrowed to its segment, or no such
        column ``by`` exists.
    """
    table = study.once(_ratios, by, by_touchpoint).reset_index()
    rows = pd.DataFrame({by or GROUP: table[GROUP], "stage": table["stage"]})
    if by_touchpoint:
        rows["touchpoint"] = table["touchpoint"]
    rows["touches"] = table["coverage_n"]
    rows["customers"] = table["coverage_customers"]
    base = study.config.metrics.min_base
    for name, count in (
        ("coverage", "touches"),
        ("rating", "n"),
        ("top_box", "n"),
        ("effort", "n_effort"),
    ):
        rows[count] = table.get(f"{name}_n", 0)
        for part, values in _figure(table, name, base).items():
            rows[part] = values
    rows["note"] = [_note(study, row, base) for row in rows.to_dict("records")]
    return rows if by else rows.drop(columns=GROUP)


def weakest_link(
    study: Study, by: str | None = None, *, by_touchpoint: bool = False
) -> pd.DataFrame:
    """The worst rated stage, and whether it is clearly the worst.

    The test is that of the worst against the next worst, at the usual level although the worst
    was chosen after looking (Gutmann & Maymin 1987); the two means share customers, and the
    interval allows for that.

    Parameters
    ----------
    by, by_touchpoint
        As in `journey_map`; by touchpoint, a stage's name holds both: "use: installation".

    Returns
    -------
    DataFrame
        One row per group: stage, rating, next_stage, difference (next worst − worst), its
        conf_low and conf_high, is_clear (the interval excludes 0), rivals (a tuple: those not
        told apart from the worst, one by one). Groups with fewer than two stages of
        ``min_base`` ratings are left out.

    References
    ----------
    Gutmann & Maymin (1987), Annals of Statistics 15:456-461.
    """
    columns = [*([by] if by else []), *LINK]
    if not study.has("journeys", "rating"):
        return pd.DataFrame(columns=columns)
    table = study.once(_ratios, by, by_touchpoint)
    enough = table[table["rating_n"] >= max(study.config.metrics.min_base, 2)]
    rows = []
    for group in enough.index.unique(GROUP):
        cells = enough.loc[enough.index.get_level_values(GROUP) == group]
        if len(cells) > 1:
            rows.append(({by: group} if by else {}) | _link(study, cells, by))
    return pd.DataFrame(rows, columns=columns)


def _ratios(study: Study, by: str | None, by_touchpoint: bool) -> pd.DataFrame:
    """All measures by group, stage and touchpoint, stages in the study's order."""
    gap = lacking(study, "journeys")
    if gap is not None:
        raise ReportError(f"The journey map {gap}. Name the table in the study file.")
    cells = [GROUP, "stage", *(["touchpoint"] if by_touchpoint else [])]
    table = ratios(touches(study, by), cells, measures(study))
    groups = list(table.index.unique(GROUP)) or [EVERYONE]
    found = table.index.unique("stage")
    order = [*study.config.stages, *sorted(set(found) - set(study.config.stages))]
    if by_touchpoint:
        place = {stage: number for number, stage in enumerate(order)}
        return table.sort_index(
            key=lambda values: values.map(place) if values.name == "stage" else values
        )
    wanted = pd.MultiIndex.from_product([groups, order], names=[GROUP, "stage"])
    full = table.reindex(wanted)
    counts = [name for name in full.columns if name.endswith(("_n", "_customers"))]
    return full.fillna(dict.fromkeys(counts, 0)).astype(dict.fromkeys(counts, "int64"))


def _figure(table: pd.DataFrame, name: str, base: int) -> dict[str, Any]:
    """A measure with its interval, NaN on fewer cases than the base."""
    if f"{name}_n" not in table:
        return dict.fromkeys((name, f"{name}_low", f"{name}_high"), np.nan)
    value, variance, n, customers = (
        table[f"{name}_{part}"].to_numpy(float) for part in ("mean", "variance", "n", "customers")
    )
    if name in SHARES:
        low, high = share_limits(value, variance, n, customers)
    else:
        low, high = mean_limits(value, variance, customers)
    shown = n >= base
    parts = {name: value, f"{name}_low": low, f"{name}_high": high}
    return {part: np.where(shown, values, np.nan) for part, values in parts.items()}


def _note(study: Study, row: dict[Any, Any], base: int) -> str:
    if row["touches"] == 0:
        return "no touches"
    if not study.has("journeys", "rating"):
        return "needs journeys.rating"
    if row["n"] == 0:
        return "no ratings"
    return f"rating withheld: fewer than {base}" if row["n"] < base else ""


def _link(study: Study, cells: pd.DataFrame, by: str | None) -> dict[str, Any]:
    better = scale_of(study, "journeys", "rating").higher_is_better
    means = pd.DataFrame(
        {part: cells[f"rating_{part}"] for part in ("mean", "n", "customers")}, index=cells.index
    )
    matrix = covariances(
        touches(study, by), list(map(str, cells.index.names)), rating_measure(), means
    )
    value = means["mean"].to_numpy(float)
    order = np.argsort(value if better else -value, kind="stable")
    worst, others = order[0], order[1:]
    gap = value[others] - value[worst]
    variance = matrix[worst, worst] + np.diag(matrix)[others] - 2 * matrix[worst, others]
    customers = means["customers"].to_numpy(float)
    freedom = np.minimum(customers[worst], customers[others]) - 1
    reach = scipy.stats.t.ppf((1 + CONF_LEVEL) / 2, np.maximum(freedom, 1)) * np.sqrt(variance)
    apart = np.abs(gap) > reach
    names = [": ".join(map(str, key[1:])) for key in cells.index]
    return {
        "stage": names[worst],
        "rating": value[worst],
        "next_stage": names[others[0]],
        "difference": gap[0],
        "conf_low": gap[0] - reach[0],
        "conf_high": gap[0] + reach[0],
        "is_clear": bool(apart[0]),
        "rivals": tuple(names[other] for other, far in zip(others, apart, strict=True) if not far),
    }
