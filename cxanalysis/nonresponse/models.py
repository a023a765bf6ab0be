"""Who is asked and who answers: two logistic models, apart."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.stats import t as t_distribution
from statsmodels.tools.sm_exceptions import ConvergenceWarning, PerfectSeparationWarning

from cxanalysis.importance import Integers
from cxanalysis.metrics.intervals import CONF_LEVEL
from cxanalysis.metrics.multiple import holm
from cxanalysis.metrics.silent import NO_BASE
from cxanalysis.nonresponse.asked import Asked, read_asked
from cxanalysis.nonresponse.levels import Flags, Levels, level_out
from cxanalysis.shown import Shown

if TYPE_CHECKING:
    from cxanalysis.study import Study

INVITED, ANSWERED, ANSWERED_OF_ACTIVE = "invited", "answered", "answered of active"
COLUMNS = (
    *("trait", "level", "reference", "estimate", "conf_low", "conf_high", "log_odds"),
    *("std_error", "statistic", "p_value", "p_holm", "rate", "reference_rate", "n"),
)
LEAST_CLUSTERS = 20
NO_INVITATIONS = "needs surveys.invited_at: being asked and answering cannot be told apart"


@dataclass(frozen=True, eq=False)
class ResponseModel(Shown):
    """With which traits being asked, or answering, goes.

    Attributes
    ----------
    question : str
        "invited": of the customers active throughout the period, who was. "answered": of the
        invitations, which were. "answered of active": of the customers active throughout, who
        answered, where nothing tells being asked from answering.
    terms : DataFrame
        One row per level of a trait: trait, level, reference; estimate (odds ratio to the
        level of reference, other traits held equal) with conf_low and conf_high; log_odds and
        its std_error, statistic and p_value; p_holm over all rows; rate and reference_rate
        (plain shares at both levels); n (rows at the level). Empty where ``note`` says why.
    n, n_yes, n_customers : int
        Rows of the model, those asked or answered, and the customers they are of.
    left_out : dict of str -> str
        Traits that cannot be used, each with its reason.
    note : str
        Why there is no model; empty where there is one.
    """

    question: str
    terms: pd.DataFrame
    n: int
    n_yes: int
    n_customers: int
    left_out: dict[str, str]
    note: str = ""

    def __repr__(self) -> str:
        says = f"{self.terms['trait'].nunique()} traits" if not self.note else self.note
        return f"ResponseModel({self.question}: {self.n_yes:,} of {self.n:,}, {says})"


def invitation_model(study: Study) -> ResponseModel:
    """Which customers active throughout the period were asked.

    Who joined or left within it had less time to be asked, and is left out: else having been a
    customer for longer would go with being asked of itself.

    Traits are those that ``model.respond_by`` names, or every column of the customers table,
    how long they had been customers, and whether they made contact in the lookback window
    before the period. Logistic regression by maximum likelihood; numbers in bands.

    Parameters
    ----------
    study : Study
        Narrowed to a period, from which on customers count as active.

    Returns
    -------
    ResponseModel
        One row per customer is its ``n``; odds ratios are those of being asked.

    Raises
    ------
    DataError, StudyError
        As ``read_asked``. Whatever else is missing is said in the result's ``note``.
    """
    asked = study.once(read_asked)
    least = study.config.metrics.min_base
    if not asked.has_base:
        return _without(INVITED, asked, NO_BASE)
    if not asked.has_invitations:
        return _without(INVITED, asked, NO_INVITATIONS)
    return _of_customers(INVITED, asked, "asked", least)


def answer_model(study: Study) -> ResponseModel:
    """Which invitations of the period were answered.

    Traits are those that ``model.respond_by`` names, or every column of the customers table,
    the kind and touchpoint of the survey, and whether the customer had made contact in the
    lookback window before the invitation. Standard errors are by customer. Without a record of
    invitations it is which customers active throughout answered: ``question`` says so.

    Parameters
    ----------
    study : Study

    Returns
    -------
    ResponseModel
        One row per invitation is its ``n``; odds ratios are those of answering when asked.

    Raises
    ------
    DataError, StudyError
        As ``read_asked``. Whatever else is missing is said in the result's ``note``.
    """
    asked = study.once(read_asked)
    least = study.config.metrics.min_base
    if asked.has_invitations:
        rows = asked.rows[asked.rows["invited"]]
        customers = rows["customer"].to_numpy()
        # An answer of somebody who is not in the customers table is a customer of its own.
        customers = np.where(customers < 0, -1 - np.arange(len(rows)), customers)
        traits = asked.row_traits.loc[rows.index]
        return _fit(ANSWERED, asked, traits, rows["answered"].to_numpy(), customers, least)
    if not asked.has_base:
        return _without(ANSWERED, asked, "needs surveys.invited_at, or a customers table")
    return _of_customers(ANSWERED_OF_ACTIVE, asked, "answers", least)


def _of_customers(question: str, asked: Asked, counts: str, least: int) -> ResponseModel:
    """The model of customers who could be asked as long as one another."""
    there = asked.customers["throughout"].to_numpy(bool)
    event = asked.customers[counts].to_numpy()[there] > 0
    traits = asked.customer_traits[there].reset_index(drop=True)
    return _fit(question, asked, traits, event, np.arange(len(event)), least)


def _fit(
    question: str, asked: Asked, traits: pd.DataFrame, event: Flags, clusters: Integers, least: int
) -> ResponseModel:
    n_customers = len(np.unique(clusters))
    levels = level_out(traits, event, np.ones(len(event), dtype=bool), least)
    unread = {name: why for name, why in asked.left_out.items() if name not in traits}
    left_out = unread | levels.left_out
    note = _impossible(question, event, levels, n_customers)
    terms = pd.DataFrame(columns=list(COLUMNS))
    if not note:
        try:
            terms = _terms(levels, event, clusters, n_customers)
        except (ConvergenceWarning, PerfectSeparationWarning, np.linalg.LinAlgError):
            note = "traits together foretell it without exception, so no odds can be given"
    return ResponseModel(question, terms, len(event), int(event.sum()), n_customers, left_out, note)


def _impossible(question: str, event: Flags, levels: Levels, n_customers: int) -> str:
    verb = "asked" if question == INVITED else "answered"
    if not event.any():
        return f"nobody {verb}"
    if event.all():
        return f"everybody {'was ' if question == INVITED else ''}{verb}"
    if n_customers < LEAST_CLUSTERS:
        return f"fewer than {LEAST_CLUSTERS} customers"
    return "" if levels.traits else "no trait has two levels large enough to compare"


def _terms(levels: Levels, event: Flags, clusters: Integers, n_customers: int) -> pd.DataFrame:
    with warnings.catch_warnings():
        for kind in (ConvergenceWarning, PerfectSeparationWarning):
            warnings.simplefilter("error", kind)
        results = sm.Logit(event.astype(float), levels.design).fit(
            disp=False, cov_type="cluster", cov_kwds={"groups": clusters}
        )
    log_odds, error = results.params[1:], results.bse[1:]
    statistic = log_odds / error
    p_value = 2 * t_distribution.sf(np.abs(statistic), n_customers - 1)
    reach = t_distribution.ppf((1 + CONF_LEVEL) / 2, n_customers - 1) * error
    indicators = levels.design[:, 1:].astype(bool)
    first = {
        trait: event[levels.codes[:, place] == 0].mean()
        for place, trait in enumerate(levels.traits)
    }
    return levels.terms.assign(
        estimate=np.exp(log_odds),
        conf_low=np.exp(log_odds - reach),
        conf_high=np.exp(log_odds + reach),
        log_odds=log_odds,
        std_error=error,
        statistic=statistic,
        p_value=p_value,
        p_holm=holm(p_value),
        rate=[event[column].mean() for column in indicators.T],
        reference_rate=levels.terms["trait"].map(first),
        n=indicators.sum(axis=0),
    )[list(COLUMNS)]


def _without(question: str, asked: Asked, note: str) -> ResponseModel:
    terms = pd.DataFrame(columns=list(COLUMNS))
    return ResponseModel(question, terms, 0, 0, 0, asked.left_out, note)
