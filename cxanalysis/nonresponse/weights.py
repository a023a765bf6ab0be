"""Weights that let the answers stand for everyone who could have answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxanalysis.errors import ModelError
from cxanalysis.features.answers import fingerprint
from cxanalysis.features.build import ANSWERS
from cxanalysis.importance import Floats, Integers
from cxanalysis.metrics.figures import kish
from cxanalysis.nonresponse.asked import Asked, read_asked
from cxanalysis.nonresponse.estimate import Estimator, propensity, raking
from cxanalysis.shown import Shown

if TYPE_CHECKING:
    from cxanalysis.study import Study

How = Literal["raked", "propensity"]
RESPONSE = "response_id"
RAKED: How = "raked"
PROPENSITY: How = "propensity"
# Samples whose weights are estimated at once: more would only take memory.
AT_ONCE = 50


@dataclass(frozen=True, eq=False)
class ResponseWeights(Shown):
    """Weights of the answers of a study's period, against silence; they can be drawn anew.

    Attributes
    ----------
    name : str
        "raked" or "propensity".
    weights : array (answers,)
        In the order of `build_features`, average 1 over the answers that have one; 0 for
        answers of nobody who could be asked (in the customers table and active).
    n, n_without : int
        Answers with a weight, and without.
    kish_n : float
        Kish's effective number of answers.
    n_capped : int
        Answers whose weight was cut to ``MOST_WEIGHT`` times the average.
    gap : float
        Raking: largest difference left between a weighted margin and that of everyone.
    traits : tuple of str
        What the weights are made from.
    left_out : dict of str -> str
        Traits that could not be used, each with its reason.
    whole : str
        Whom the weighted answers stand for: "active customers", or "those asked" where the
        study has no customers table.
    """

    name: str
    weights: Floats
    n: int
    n_without: int
    kish_n: float
    n_capped: int
    gap: float
    traits: tuple[str, ...]
    left_out: dict[str, str]
    whole: str
    _response_ids: NDArray[np.object_]
    _customers: int
    _owner: Integers
    _estimate: Estimator

    def __repr__(self) -> str:
        return (
            f"ResponseWeights({self.name} by {', '.join(self.traits)}, n={self.n:,}, "
            f"kish_n={self.kish_n:,.0f})"
        )

    def of(self, index: pd.Index) -> Floats:
        """Weights of rows of the features, by their index: (rows,).

        Raises
        ------
        ModelError
            When the index is not that of `build_features` of the same study and period.
        """
        return self.weights[self._places(index)]

    def draws(
        self,
        rng: np.random.Generator,
        size: int,
        index: pd.Index,
        clusters: Integers,  # noqa: ARG002  (whole customers are drawn, the silent ones too)
    ) -> Floats:
        """Weights of the same rows in bootstrap samples of whole customers.

        Customers who answered and silent ones are drawn together, and the weights estimated
        anew in every sample; bands and levels stay.

        Returns
        -------
        array (size, rows)
            How many times the customer was drawn × the weight; 0 where it was not.
        """
        places = self._places(index)
        owner = self._owner[places]
        result = np.zeros((size, len(places)))
        for first in range(0, size, AT_ONCE):
            some = min(AT_ONCE, size - first)
            times = _resamples(rng, some, self._customers)
            weights = self._estimate(times).weights[:, places] * times[:, owner]
            result[first : first + some] = np.where(owner >= 0, weights, 0.0)
        return result

    def check(self, frame: pd.DataFrame) -> None:
        """Refuse a frame whose rows are not the answers that these weights are of.

        Rows may be fewer and in another order, as long as they keep the index and the
        ``response_id`` that `build_features` gave them.

        Raises
        ------
        ModelError
            When the frame has no ``response_id``, or is of another period or segment, or its
            rows were numbered anew.
        """
        if RESPONSE not in frame:
            raise ModelError(
                f"{self.name} weights are put to answers by {RESPONSE!r}, and the frame has no "
                "such column. Keep it from build_features."
            )
        made_for = frame.attrs.get(ANSWERS)
        if made_for is not None and made_for != fingerprint(pd.Series(self._response_ids)):
            raise ModelError(
                f"{self.name} weights are of other answers than this frame: {len(self.weights):,} "
                "of another period, segment or study. Make both from one opened study: "
                "response_weights(study) and build_features(study)."
            )
        ids = frame[RESPONSE].astype(str).to_numpy(dtype=object)
        wrong = ids != self._response_ids[self._places(frame.index)]
        if wrong.any():
            raise ModelError(
                f"{int(wrong.sum()):,} of {len(frame):,} rows are not the answers whose number "
                f"they bear (first: {ids[wrong][0]!r} at {frame.index[wrong][0]}), so {self.name} "
                "weights would go to the wrong ones. Keep the index of build_features: no "
                "reset_index, and the same period and segment."
            )

    def _places(self, index: pd.Index) -> Integers:
        places = np.asarray(index)
        known = np.issubdtype(places.dtype, np.integer) and (
            len(places) == 0 or (places.min() >= 0 and places.max() < len(self.weights))
        )
        if not known:
            raise ModelError(
                f"{self.name} weights belong to {len(self.weights):,} answers numbered from 0, as "
                "build_features gives them. Keep its index, and the same period and segment."
            )
        return places.astype(np.int64)


def response_weights(study: Study, how: How = RAKED) -> ResponseWeights:
    """Weights by which answers of the period stand for all active customers.

    Parameters
    ----------
    study : Study
        Whose answers; the features they go with must be of the same period and segment.
    how : "raked" or "propensity"
        "raked": the margins of every trait among answers are brought to those of active
        customers, each customer having one voice. "propensity": the inverse of P(asked) ×
        P(answered | asked), by `invitation_model` and `answer_model`, divided by how often the
        customer was asked; without invitations the inverse of P(answered).

    Returns
    -------
    ResponseWeights
        To be given to `fit_drivers` as ``weights``.

    Raises
    ------
    ModelError
        When there is nothing to weight by; the message says what is missing.
    DataError, StudyError
        As ``read_asked``.

    Notes
    -----
    No weight is above five times the average (DeBell and Krosnick 2009). Weights mend what the
    traits tell; where silence depends on satisfaction itself they do not (`silent_customers`
    gives bounds). Without a customers table the answers are brought to those asked.
    """
    if how not in (RAKED, PROPENSITY):
        raise ModelError(f"no weights {how!r}. Available: {RAKED}, {PROPENSITY}.")
    asked = study.once(read_asked)
    owner = asked.rows["customer"].to_numpy()[: asked.n_answers]
    if not (owner >= 0).any():
        raise ModelError("weights: no answer of the period is of an active customer.")
    if not asked.has_base and not asked.has_invitations:
        raise ModelError(
            "weights: without a customers table and without surveys.invited_at nothing is known "
            "of who did not answer. Add [tables.customers], or map invited_at."
        )
    least = study.config.metrics.min_base
    estimate, levels = (raking if how == RAKED else propensity)(asked, least)
    traits = tuple(dict.fromkeys(name for each in levels for name in each.traits))
    left_out = dict(asked.left_out)
    for each in levels:
        left_out |= each.left_out
    left_out = {name: why for name, why in left_out.items() if name not in traits}
    if not traits:
        why = "; ".join(f"{name} ({why})" for name, why in left_out.items())
        raise ModelError(f"weights: nothing to weight by. Left out: {why or 'no column at all'}.")
    return _weigh(how, asked, estimate, traits, left_out)


def _weigh(
    how: How, asked: Asked, estimate: Estimator, traits: tuple[str, ...], left_out: dict[str, str]
) -> ResponseWeights:
    owner = asked.rows["customer"].to_numpy()[: asked.n_answers]
    known = owner >= 0
    found = estimate(np.ones((1, len(asked.customers))))
    weights = np.where(known, found.weights[0], 0.0)
    weights = weights / weights[known].mean()
    return ResponseWeights(
        name=how,
        weights=weights,
        n=int(known.sum()),
        n_without=int((~known).sum()),
        kish_n=kish(float(weights.sum()), float((weights**2).sum())),
        n_capped=int(found.at_cap[0, known].sum()),
        gap=float(found.gaps[0]),
        traits=traits,
        left_out=left_out,
        whole="active customers" if asked.has_base else "those asked",
        _response_ids=asked.response_ids,
        _customers=len(asked.customers),
        _owner=owner,
        _estimate=estimate,
    )


def study_weights(study: Study) -> ResponseWeights | None:
    """The weights that the study file asks for by ``model.weights``; None where it names none.

    Returns
    -------
    ResponseWeights or None

    Raises
    ------
    ModelError
        As `response_weights`.
    """
    how = study.config.model.weights
    if how == RAKED:
        return response_weights(study, RAKED)
    return response_weights(study, PROPENSITY) if how == PROPENSITY else None


def _resamples(rng: np.random.Generator, size: int, customers: int) -> Floats:
    """How many times each customer is drawn in each of many samples: (size, customers)."""
    drawn = rng.integers(customers, size=(size, customers))
    drawn += customers * np.arange(size)[:, None]
    times = np.bincount(drawn.ravel(), minlength=size * customers)
    return times.reshape(size, customers).astype(np.float64)
