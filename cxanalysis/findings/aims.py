"""Do the team's aims point to satisfaction, and do any two pull one another's way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from cxanalysis.drivers import DriverFit
from cxanalysis.drivers.aims import kpi_alignment
from cxanalysis.errors import DataError, ModelError, StudyError
from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.metrics.rows import lacking
from cxanalysis.metrics.service_aims import NOT_CLEAR, SAME, aim_conflicts
from cxanalysis.study import Study

NEEDS = "needs "


@dataclass(frozen=True)
class Aim:
    """A figure of a contact and the way it is meant to go, "lower" or "higher".

    ``given`` tells whether the study file says so. ``towards`` is how much better the outcome is
    where the figure lies one standard deviation (``spread``) further the way that is asked;
    ``slope`` is of one ``unit`` of it. ``word`` is "aligned", "against" or "not clear".
    """

    metric: str
    aim: str
    given: bool
    unit: str
    n: int
    towards: Estimate = UNKNOWN
    slope: Estimate = UNKNOWN
    spread: float = float("nan")
    p_adjusted: float = float("nan")
    word: str = NOT_CLEAR


@dataclass(frozen=True)
class Pair:
    """Two aims among ``n`` contacts: "conflict", "together" or "not clear"."""

    metric: str
    aim: str
    other: str
    other_aim: str
    n: int
    correlation: Estimate
    word: str = NOT_CLEAR


@dataclass(frozen=True)
class AimsFinding(Finding):
    """Every aim with its link to the outcome, and every pair of aims.

    ``same`` are pairs that are one measure under two names, so nothing is learnt from their link;
    ``unknown`` are aims of the study file that name no figure of a contact; ``missing`` are
    figures with what they need; ``needs`` says why no link can be given, empty otherwise.
    """

    kind: ClassVar[str] = "aims"

    period: str
    min_base: int
    outcome: str = "overall_satisfaction"
    log_odds: bool = False
    aims: tuple[Aim, ...] = ()
    pairs: tuple[Pair, ...] = ()
    same: tuple[Pair, ...] = ()
    unknown: tuple[str, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    needs: str = ""

    @property
    def known(self) -> tuple[Aim, ...]:
        """Aims whose link to the outcome is known."""
        return tuple(aim for aim in self.aims if aim.towards.known)

    def worded(self, word: str) -> tuple[Aim, ...]:
        """Aims of which that was found, the strongest link first."""
        found = [aim for aim in self.known if aim.word == word]
        return tuple(sorted(found, key=lambda aim: -abs(aim.towards.value)))


def find_aims(study: Study, fit: DriverFit | None = None) -> AimsFinding:
    """Each aim against its link with the outcome, and the aims against each other.

    Parameters
    ----------
    fit
        The study's own fit; made where None.
    """
    period, base = period_title(study.period), study.config.metrics.min_base
    gap, outcome = lacking(study, "tickets"), study.config.model.outcome
    if gap is not None:
        return AimsFinding(period, base, outcome, needs=gap)
    pairs = tuple(
        _pair(row)
        for row in aim_conflicts(study).to_dict("records")
        if row["correlation"] == row["correlation"]
    )
    rows, needs = _rows(study, fit)
    names = {row["metric"] for row in rows}
    return AimsFinding(
        period=period,
        min_base=base,
        outcome=outcome,
        log_odds=study.config.model.kind != "ols" if fit is None else fit.model != "ols",
        aims=tuple(
            _aim(row)
            for row in sorted(rows, key=lambda row: not row["given"])
            if not row["note"].startswith(NEEDS)
        ),
        pairs=tuple(pair for pair in pairs if pair.word != SAME),
        same=tuple(pair for pair in pairs if pair.word == SAME),
        unknown=tuple(sorted(set(study.config.service.aims) - names)) if names else (),
        missing=tuple(
            (row["metric"], row["note"].removeprefix(NEEDS))
            for row in rows
            if row["note"].startswith(NEEDS)
        ),
        needs=needs,
    )


def _rows(study: Study, fit: DriverFit | None) -> tuple[list[dict[Any, Any]], str]:
    """The rows of `kpi_alignment`, or what they would need."""
    if not study.has("surveys", study.config.model.outcome):
        return [], f"needs surveys.{study.config.model.outcome}"
    if not study.has("tickets", "customer_id"):
        return [], "needs tickets.customer_id"
    try:
        return kpi_alignment(study, fit).to_dict("records"), ""
    except (ModelError, DataError, StudyError):
        return [], "needs more answers of customers whose contacts are known"


def _aim(row: Mapping[Any, Any]) -> Aim:
    return Aim(
        metric=row["metric"],
        aim=row["aim"],
        given=bool(row["given"]),
        unit=row["unit"],
        n=int(row["n"]),
        towards=Estimate(row["towards"], row["towards_low"], row["towards_high"]),
        slope=Estimate(row["estimate"], row["conf_low"], row["conf_high"]),
        spread=row["spread"],
        p_adjusted=row["p_adjusted"],
        word=row["word"],
    )


def _pair(row: Mapping[Any, Any]) -> Pair:
    return Pair(
        row["metric"],
        row["aim"],
        row["other"],
        row["other_aim"],
        int(row["n"]),
        Estimate(row["correlation"], row["conf_low"], row["conf_high"]),
        row["word"],
    )
