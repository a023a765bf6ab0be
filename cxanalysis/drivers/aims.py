"""Whether what a service team is asked for goes with satisfaction, other drivers held equal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxanalysis.drivers.fit import fit_study, model_rows
from cxanalysis.drivers.frames import CONF_LEVEL
from cxanalysis.drivers.result import DriverFit
from cxanalysis.engine import collect
from cxanalysis.features.build import raw_features
from cxanalysis.metrics.multiple import holm_known
from cxanalysis.metrics.scales import scale_of
from cxanalysis.metrics.service_aims import NOT_CLEAR, aims_of
from cxanalysis.partition import CONTACT_METRICS, two_part_columns

if TYPE_CHECKING:
    from cxanalysis.study import Study

ALIGNED, AGAINST = "aligned", "against"
COLUMNS = (
    "metric",
    "aim",
    "given",
    "unit",
    "n",
    "estimate",
    "conf_low",
    "conf_high",
    "spread",
    "towards",
    "towards_low",
    "towards_high",
    "p_adjusted",
    "word",
    "note",
)


def kpi_alignment(study: Study, fit: DriverFit | None = None) -> pd.DataFrame:
    """Each figure of a contact: the way it is meant to go, and how the outcome goes with it.

    Parameters
    ----------
    study : Study
    fit : DriverFit, optional
        The study's own fit; made where None. Slopes of contact figures hang on the answers of
        customers with such a figure alone, since the others are coded apart.

    Returns
    -------
    DataFrame
        metric, aim ("lower" or "higher"), given (the study file says so; else what most teams are
        asked for), unit, n (answers with the figure), estimate (per unit, log-odds for logits)
        with conf_low and conf_high, spread (standard deviation of the figure), towards (how much
        better the outcome is where the figure lies one such deviation further the way that the
        aim asks) with towards_low and towards_high, p_adjusted (Holm, over all figures), word
        ("aligned", "against", "not clear") and note (what is missing). Figures of fewer than
        ``min_base`` answers are withheld.

    Raises
    ------
    ModelError
        As ``fit_study``, where no fit is given and none can be made.
    """
    fit = fit_study(study) if fit is None else fit
    terms = {row["term"]: row for row in fit.tidy().to_dict("records")}
    known, better = _known(study), _better(study, fit.outcome)
    rows = [
        _row(study, metric.name, metric.unit, metric.needs, terms, known, better)
        for metric in CONTACT_METRICS
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table["p_adjusted"] = holm_known(table["p_adjusted"])
    clear = table["p_adjusted"] < 1 - CONF_LEVEL
    table["word"] = np.where(clear, np.where(table["towards"] > 0, ALIGNED, AGAINST), NOT_CLEAR)
    return table


def _known(study: Study) -> dict[str, tuple[int, float]]:
    """Answers that have each figure, and the standard deviation of the figure among them."""
    rows = model_rows(study)
    names = [metric.name for metric in CONTACT_METRICS]
    if isinstance(rows, pd.DataFrame):
        raw = raw_features(study)
        return {
            name: (int(raw[name].count()), float(raw[name].std())) for name in names if name in raw
        }
    pairs = two_part_columns(study.config, study.columns)
    held = [name for name in names if name in rows.collect_schema()]
    counts = [nw.col(pairs[name]).sum().alias(f"n_{name}") for name in held]
    # A figure coded in two parts is its difference from the mean, and 0 where it is not known.
    squares = [(nw.col(name) * nw.col(name)).sum().alias(f"s_{name}") for name in held]
    found = collect(rows.select(nw.len().alias("rows"), *counts, *squares)).iloc[0]
    return {
        name: (int(found[f"n_{name}"]), float(np.sqrt(found[f"s_{name}"] / free)))
        for name in held
        if (free := found[f"n_{name}"] - 1) > 0
    }


def _better(study: Study, outcome: str) -> int:
    """1 where a higher outcome is the better one, −1 where a lower one is."""
    try:
        return 1 if scale_of(study, "surveys", outcome).higher_is_better else -1
    except KeyError:  # an item of the company's own
        return 1


def _row(
    study: Study,
    metric: str,
    unit: str,
    needs: tuple[str, ...],
    terms: dict[Any, dict[Any, Any]],
    known: dict[str, tuple[int, float]],
    better: int,
) -> dict[str, Any]:
    aim, given = aims_of(study)[metric]
    row: dict[str, Any] = dict.fromkeys(COLUMNS, np.nan)
    row |= {"metric": metric, "aim": aim, "given": given, "unit": unit, "n": 0, "note": ""}
    lacks = [name for name in needs if not study.has("tickets", name)]
    if lacks:
        return row | {"note": f"needs tickets.{lacks[0]}"}
    base = study.config.metrics.min_base
    row["n"], spread = known.get(metric, (0, np.nan))
    if row["n"] < base:
        return row | {"note": f"withheld: fewer than {base}"}
    if metric not in terms:
        return row | {"note": "not in the model: it does not vary apart from the others"}
    term = terms[metric]
    estimate, low, high = (term[name] for name in ("estimate", "conf_low", "conf_high"))
    sign = better * (1 if aim == "higher" else -1) * spread
    ends = sorted((sign * low, sign * high))
    return row | {
        "estimate": estimate,
        "conf_low": low,
        "conf_high": high,
        "spread": spread,
        "towards": sign * estimate,
        "towards_low": ends[0],
        "towards_high": ends[1],
        "p_adjusted": term["p_value"],
    }
