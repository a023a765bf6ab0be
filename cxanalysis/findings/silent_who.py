"""Who the silent are, beside those who were heard: worth, ratings, promises, leaving."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isnan, nan

import pandas as pd

from cxanalysis.findings.core import CONF_LEVEL, UNKNOWN, Estimate, estimate_of
from cxanalysis.metrics.multiple import holm
from cxanalysis.metrics.silent_losses import losses_gap, silent_losses
from cxanalysis.metrics.silent_traits import silent_gaps, silent_traits
from cxanalysis.study import Study


@dataclass(frozen=True)
class Trait:
    """One group of active customers: worth, ratings and promises kept; unknown where withheld."""

    group: str
    value: Estimate = UNKNOWN
    median_value: float = nan
    value_share: Estimate = UNKNOWN
    rating: Estimate = UNKNOWN
    promises_kept: Estimate = UNKNOWN


@dataclass(frozen=True)
class Contrast:
    """A figure of the silent beside that of the heard, with the difference of the two.

    ``clear`` is whether they differ beyond chance, with all contrasts of the finding watched.
    """

    metric: str
    silent: Estimate
    heard: Estimate
    difference: Estimate
    n: int
    n_heard: int
    clear: bool = False


@dataclass(frozen=True)
class Who:
    """Who the silent are.

    Parameters
    ----------
    traits
        One entry per group of active customers.
    contrasts
        The silent against the heard: value_mean, rating, promises_kept, and lost: who left in
        the period of those silent, and of those heard, in the lookback days before it.
    n_lost, lost_without_ticket, lost_unheard
        Customers who left in the period, and the shares of them without a ticket, and with
        neither ticket nor answer, in the lookback days before.
    n_kept, kept_without_ticket, kept_unheard
        The same of the customers still there at the end of the period.
    currency
        Of the values; empty where the study file names none.
    """

    traits: tuple[Trait, ...] = ()
    contrasts: tuple[Contrast, ...] = ()
    n_lost: int = 0
    lost_without_ticket: Estimate = UNKNOWN
    lost_unheard: Estimate = UNKNOWN
    n_kept: int = 0
    kept_without_ticket: Estimate = UNKNOWN
    kept_unheard: Estimate = UNKNOWN
    currency: str = ""


NOBODY = Who()


def find_who(study: Study) -> Who:
    """Who the silent of the study's period are; empty where nothing tells."""
    table, losses = silent_traits(study), silent_losses(study)
    lost = losses.set_index("metric").to_dict("index")
    return Who(
        traits=tuple(_traits(table)),
        contrasts=_contrasts(silent_gaps(study), losses),
        n_lost=lost["lost_without_ticket"]["n"],
        lost_without_ticket=estimate_of(lost["lost_without_ticket"]),
        lost_unheard=estimate_of(lost["lost_unheard"]),
        n_kept=lost["kept_without_ticket"]["n"],
        kept_without_ticket=estimate_of(lost["kept_without_ticket"]),
        kept_unheard=estimate_of(lost["kept_unheard"]),
        currency=study.config.metrics.currency,
    )


def _traits(table: pd.DataFrame) -> list[Trait]:
    found = []
    for group, rows in table.groupby("group", sort=False):
        row = rows.set_index("metric").to_dict("index")
        trait = Trait(
            str(group),
            estimate_of(row["value_mean"]),
            row["value_median"]["value"],
            estimate_of(row["value_share"]),
            estimate_of(row["rating"]),
            estimate_of(row["promises_kept"]),
        )
        known = (trait.value, trait.value_share, trait.rating, trait.promises_kept)
        found += [trait] if any(each.known for each in known) else []
    return found


def _contrasts(gaps: pd.DataFrame, losses: pd.DataFrame) -> tuple[Contrast, ...]:
    rows = [
        (
            Contrast(
                row["metric"],
                Estimate(row["silent"]),
                Estimate(row["heard"]),
                Estimate(row["difference"], row["conf_low"], row["conf_high"]),
                row["n"],
                row["n_heard"],
            ),
            row["p_value"],
        )
        for row in gaps.to_dict("records")
    ]
    compared = losses_gap(losses)
    if compared is not None:
        lost = losses.set_index("metric").to_dict("index")
        silent, heard = lost["lost_silent"], lost["lost_heard"]
        difference = Estimate(silent["value"] - heard["value"], compared.low, compared.high)
        both = estimate_of(silent), estimate_of(heard)
        contrast = Contrast("lost", *both, difference, silent["n"], heard["n"])
        rows.append((contrast, compared.p_value))
    rows = [(each, p_value) for each, p_value in rows if not isnan(p_value)]
    adjusted = holm([p_value for _, p_value in rows])
    return tuple(
        _judged(each, float(p_value)) for (each, _), p_value in zip(rows, adjusted, strict=True)
    )


def _judged(contrast: Contrast, p_adjusted: float) -> Contrast:
    return replace(contrast, clear=p_adjusted < 1 - CONF_LEVEL)
