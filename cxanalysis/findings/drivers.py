"""The drivers: which groups of the two sets go with the outcome, and how much."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any, ClassVar

from cxanalysis.drivers import DriverFit, service_paths
from cxanalysis.drivers.paths import PATHS
from cxanalysis.drivers.sensitivity import LINEAR
from cxanalysis.findings.core import UNKNOWN, Estimate, Finding
from cxanalysis.findings.labels import labelled
from cxanalysis.partition import SERVICE

if TYPE_CHECKING:
    from cxanalysis.study import Study

SIGNIFICANCE = 0.05
WHOLE_SET = "all"
MOST_TERMS = 6
"""Single measures a finding names, those with the clearest links first."""


@dataclass(frozen=True)
class Driver:
    """A group of drivers and its part of what the model accounts for.

    ``adds`` is whether the test "adds nothing to the rest" is rejected, ``goes`` whether the
    group alone passes the floor of "goes with nothing at all"; None where a test was not made.
    Both allow for the number of groups by Holm's method; ``p_value`` is that of ``adds``.
    """

    set: str
    name: str
    share: Estimate
    p_value: float
    adds: bool | None
    n_columns: int
    goes: bool | None = None


@dataclass(frozen=True)
class Term:
    """A single measure: what one unit of it goes with, others held equal.

    ``estimate`` is in units of the outcome (log-odds for logits); ``p_bh`` allows for the number
    of measures in its set by Benjamini and Hochberg's method.
    """

    set: str
    name: str
    estimate: Estimate
    p_bh: float


@dataclass(frozen=True)
class Paths:
    """What one standard deviation of service as one goes with, in units of the outcome.

    ``direct`` is with all other drivers held equal, ``with_journey`` the rest of the ``total``.
    """

    total: Estimate
    direct: Estimate
    with_journey: Estimate


@dataclass(frozen=True)
class DriversFinding(Finding):
    """Groups ordered by share, the largest first; the two sets where ``grouped`` is false.

    There are none without a model, with too few answers, or where the interval of what is
    accounted for reaches zero, so that there is nothing to divide. Groups are told apart only
    from 20 answers per column on. ``lead`` is the first's share minus the second's, of those
    that can be compared. ``measure`` is what is divided, "R²" or "McFadden R²". ``terms`` are
    the single measures with the clearest links, of ``n_terms`` that are more than chance;
    ``paths`` is None where the model is not linear or has no intervals.
    """

    kind: ClassVar[str] = "drivers"

    outcome: str
    model: str
    n: int
    accounted: Estimate
    drivers: tuple[Driver, ...]
    grouped: bool = True
    lead: Estimate = UNKNOWN
    measure: str = "R²"
    terms: tuple[Term, ...] = ()
    n_terms: int = 0
    paths: Paths | None = None

    @property
    def point_values(self) -> bool:
        """Whether groups have no intervals though the whole has one."""
        return (
            self.grouped
            and self.accounted.has_interval
            and not any(driver.share.has_interval for driver in self.drivers)
        )

    @property
    def compared(self) -> tuple[Driver, ...]:
        """Groups whose shares may be ranked: all but a whole set beside parts of another."""
        return _comparable(self.drivers)

    @property
    def undivided(self) -> tuple[Driver, ...]:
        """Sets of a single group beside a set that is divided further."""
        return tuple(driver for driver in self.drivers if driver not in self.compared)


def _comparable(drivers: tuple[Driver, ...]) -> tuple[Driver, ...]:
    """A piece is the larger for not being cut, so whole sets compare with whole sets only."""
    groups = Counter(driver.set for driver in drivers)
    divided = tuple(driver for driver in drivers if groups[driver.set] > 1)
    return divided or drivers


def find_drivers(
    fit: DriverFit | None, min_base: int = 30, study: Study | None = None
) -> DriversFinding:
    """The groups of a fit by their Owen shares, with the test whether each adds to the rest.

    Parameters
    ----------
    fit
        None where none could be made, and then nothing can be said.
    min_base
        Fewest answers from which figures are given.
    study
        The study behind the fit, for the labels of its survey items.
    """
    if fit is None or fit.n < min_base:
        n, outcome = (0, "") if fit is None else (fit.n, fit.outcome)
        return DriversFinding(outcome, "", n, UNKNOWN, (), grouped=False)
    whole = fit.glance().iloc[0]
    accounted = Estimate(
        float(whole["r_squared_adjusted"]),
        float(whole["r_squared_low"]),
        float(whole["r_squared_high"]),
    )
    if min(accounted.value, accounted.low) <= 0:
        return DriversFinding(fit.outcome, fit.model, fit.n, accounted, (), grouped=False)
    shares = fit.importance()["share"]
    shown = [key for key in shares.index if (key[1] == WHOLE_SET) != fit.groups_shown]
    p_values = fit.tests().set_index(["set", "group"])["p_holm"]
    alone = fit.floor().set_index(["set", "group"])["p_holm"]
    drivers = [
        Driver(
            set=name,
            name=name if group == WHOLE_SET else group,
            share=Estimate(*(float(row[key]) for key in ("estimate", "conf_low", "conf_high"))),
            p_value=float(p_values[name, group]),
            adds=_adds(float(p_values[name, group])),
            n_columns=_n_columns(fit, name, group),
            goes=bool(alone[name, group] < SIGNIFICANCE),
        )
        for (name, group), row in shares.loc[shown].iterrows()
    ]
    ordered = tuple(sorted(drivers, key=lambda driver: -driver.share.value))
    return DriversFinding(
        outcome=fit.outcome,
        model=fit.model,
        n=fit.n,
        accounted=accounted,
        drivers=ordered,
        grouped=fit.groups_shown,
        lead=_lead(fit, _comparable(ordered)),
        measure=fit.measure,
        paths=_paths(fit),
        **_terms(fit, study),
    )


def _paths(fit: DriverFit) -> Paths | None:
    used = [groups for groups in fit.blocks.values() if any(groups.values())]
    if fit.model not in LINEAR or fit.service_set != SERVICE or len(used) < 2:
        return None
    rows = service_paths(fit).set_index("path")
    total, direct, other = (
        Estimate(*map(float, rows.loc[path, ["estimate", "conf_low", "conf_high"]]))
        for path in PATHS
    )
    return Paths(total, direct, other) if total.has_interval else None


def _terms(fit: DriverFit, study: Study | None) -> dict[str, Any]:
    """The clearest of the single measures whose link is more than chance, and how many are."""
    tidy = fit.tidy()
    clear = tidy[tidy["p_bh"] < SIGNIFICANCE]
    first = clear.sort_values("statistic", key=abs, ascending=False, kind="stable")
    terms = tuple(
        Term(
            row["set"],
            row["term"] if study is None else labelled(study, row["term"]),
            Estimate(float(row["estimate"]), float(row["conf_low"]), float(row["conf_high"])),
            float(row["p_bh"]),
        )
        for row in first.head(MOST_TERMS).to_dict("records")
    )
    return {"terms": terms, "n_terms": len(clear)}


def _lead(fit: DriverFit, ordered: tuple[Driver, ...]) -> Estimate:
    if len(ordered) < 2:
        return UNKNOWN
    keys = [(item.set, item.name if fit.groups_shown else WHOLE_SET) for item in ordered[:2]]
    return Estimate(*map(float, fit.difference(*keys)))


def _adds(p_value: float) -> bool | None:
    return None if isnan(p_value) else p_value < SIGNIFICANCE


def _n_columns(fit: DriverFit, name: str, group: str) -> int:
    groups = fit.blocks[name]
    return sum(map(len, groups.values())) if group == WHOLE_SET else len(groups[group])
