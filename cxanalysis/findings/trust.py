"""How far to trust a report: what its figures rest on, and what they cannot show."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import Any, ClassVar

from cxanalysis.diagnostics import Caveat, diagnose, halo
from cxanalysis.drivers import DriverFit
from cxanalysis.drivers.split import ROWS_PER_COLUMN
from cxanalysis.findings.answer import usable_answers
from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.findings.fits import Given, fit_of
from cxanalysis.findings.labels import labelled
from cxanalysis.metrics.experience import experience_metrics
from cxanalysis.study import Study

HELD_ELSEWHERE = frozenset(("same_survey", "duplicate", "dependent", "constant"))
"""Caveats that a finding holds in fields of their own: ``same_survey`` and ``left_out``."""


@dataclass(frozen=True)
class LeftOut:
    """A column that could not be used, and why."""

    column: str
    reason: str


@dataclass(frozen=True)
class TrustFinding(Finding):
    """Caveats as facts.

    ``same_survey`` are the drivers asked in the same questionnaire as the outcome;
    ``n_two_part`` and ``n_complete`` are the answers that each coding of what does not apply
    would keep; ``kish_n`` and ``n_effective_customers`` are the answers and customers of equal
    weight that would tell as much;
    ``answered`` is the share of invitations answered, unknown where the survey holds no
    unanswered ones; ``matches`` are pairs of tables with the share of the first's customers
    who are also in the second. ``caveats`` are those diagnostics of the fit that no other field
    holds, with labels in place of the columns' names. ``halo`` is what ratings of contacts go with
    per point of earlier ratings, over ``n_halo`` contacts, where no caveat tells of it: unknown
    where there is no figure, None where there are no contacts.
    """

    kind: ClassVar[str] = "trust"

    period: str
    has_model: bool
    outcome: str
    model: str = ""
    n: int = 0
    n_dropped: int = 0
    n_two_part: int = 0
    n_complete: int = 0
    n_customers: int = 0
    kish_n: float = nan
    n_effective_customers: float = nan
    n_columns: int = 0
    coding: str = "two-part"
    weights: str = ""
    same_survey: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    n_invited: int = 0
    answered: Estimate = UNKNOWN
    matches: tuple[tuple[str, str, float], ...] = ()
    tables: tuple[str, ...] = ()
    lookback_days: int = 0
    replicates: int = 0
    seed: int = 0
    caveats: tuple[Caveat, ...] = ()
    halo: Estimate | None = None
    n_halo: int = 0

    @property
    def crowded(self) -> bool:
        """Whether fewer than 20 answers stand behind each column."""
        return self.has_model and self.n < ROWS_PER_COLUMN * self.n_columns


def find_trust(study: Study, fit: Given = "own") -> TrustFinding:
    """What a report on this study rests on.

    Parameters
    ----------
    study
        The study as it is reported, narrowed to its period and segment.
    fit
        The model behind the report, made where left out; None where there is none.
    """
    config, fit = study.config, fit_of(study, fit)
    figures = experience_metrics(study, weighted=False).set_index("metric").to_dict("index")
    response = figures["response_rate"]
    return TrustFinding(
        period=period_title(study.period),
        has_model=fit is not None,
        outcome=config.model.outcome,
        coding=config.model.not_applicable,
        n_invited=response["n"],
        answered=Estimate(response["value"], response["conf_low"], response["conf_high"]),
        matches=tuple(
            (row["left"], row["right"], float(row["share"]))
            for row in study.matches().to_dict("records")
            if row["n"] > 0
        ),
        tables=tuple(study.tables),
        lookback_days=config.model.lookback_days,
        **({} if fit is None else _of_fit(study, fit)),
    )


def _of_fit(study: Study, fit: DriverFit) -> dict[str, Any]:
    caveats = [
        Caveat(caveat.code, {key: labelled(study, fact) for key, fact in caveat.facts.items()})
        for caveat in diagnose(fit, study)
    ]
    asked = [caveat.facts["items"] for caveat in caveats if caveat.code == "same_survey"]
    told = any(caveat.code == "halo" for caveat in caveats)
    return {
        **({} if told or "tickets" not in study.tables else _halo(study)),
        "model": fit.model,
        "n": fit.n,
        "n_dropped": fit.n_dropped,
        "n_two_part": usable_answers(study),
        "n_complete": usable_answers(study, complete=True),
        "n_customers": fit.n_clusters,
        "kish_n": fit.kish_n,
        "n_effective_customers": fit.n_effective_clusters,
        "n_columns": fit.n_columns,
        "weights": fit.weights or "",
        "same_survey": asked[0] if asked else (),
        "left_out": tuple(
            LeftOut(labelled(study, item.column), item.reason) for item in fit.left_out
        ),
        "replicates": fit.replicates,
        "seed": fit.seed,
        "caveats": tuple(caveat for caveat in caveats if caveat.code not in HELD_ELSEWHERE),
    }


def _halo(study: Study) -> dict[str, Any]:
    """What ratings of contacts go with per point of earlier ratings, not shown to be above 0."""
    found = study.once(halo)
    if found.empty:
        return {"halo": UNKNOWN}
    row = found.iloc[0]
    ends = (float(row[name]) for name in ("estimate", "conf_low", "conf_high"))
    return {"halo": Estimate(*ends), "n_halo": int(row["n"])}
