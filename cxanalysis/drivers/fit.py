"""Fit the outcome on all drivers at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from cxanalysis.drivers.design import make_design, weights_name
from cxanalysis.drivers.likelihood import fit_likelihood
from cxanalysis.drivers.linear import fit_linear
from cxanalysis.drivers.linear_sums import fit_sums
from cxanalysis.drivers.outline import Blocks
from cxanalysis.drivers.refusals import too_few_in_effect
from cxanalysis.drivers.resample import Reweighting
from cxanalysis.drivers.result import DriverFit
from cxanalysis.drivers.split import Split
from cxanalysis.drivers.summed import SummedDesign, make_summed
from cxanalysis.engine import collect, len_of
from cxanalysis.errors import ModelError
from cxanalysis.features import build_features, lazy_features
from cxanalysis.features.answers import answers
from cxanalysis.nonresponse import study_weights

if TYPE_CHECKING:
    from cxanalysis.study import Study

Rows = pd.DataFrame | nw.LazyFrame[Any]

MODELS = ("ols", "wls", "ordered", "logit")
CUSTOMER = "customer_id"
CONTACTED = "contacted"
# Answers that are held in memory; of more, sums are made in the engine.
ROWS_IN_MEMORY = 100_000
LIKELIHOOD = ("ordered", "logit")
# Names of weights that are made, and no columns.
MADE = ("raked", "propensity")
# What to do instead of weighting a model that takes no weights.
UNWEIGHTED = {
    "ols": "Fit with model='wls', or without weights=.",
    "ordered": (
        "Statsmodels' ordered logit leaves weights out without a word, so no weighted fit could "
        "be checked against it. Fit with model='wls', with 'logit' and top_box=, or without "
        "weights=."
    ),
}


def fit_drivers(
    frame: Rows,
    outcome: str,
    blocks: Blocks,
    *,
    cluster: str | None = CUSTOMER,
    weights: str | Reweighting | None = None,
    model: str | None = None,
    top_box: float | None = None,
    replicates: int = 2000,
    seed: int = 20260101,
) -> DriverFit:
    """Fit an outcome on all drivers at once, by least squares, ordered logit or logit.

    Parameters
    ----------
    frame : DataFrame or LazyFrame
        One row per answer; never changed. Rows in which the outcome or a driver is missing
        are left out and counted. The rows of a lazy frame of Narwhals stay where they are, on
        DuckDB or Spark: least squares is made of sums over them.
    outcome : str
        Column to be explained.
    blocks : dict of set -> group -> list of columns
        The partition, fixed beforehand: "service" and "journey", with groups inside.
    cluster : str or None
        Column whose equal values go together (a customer's answers); a row where it is
        missing stands by itself, as does every row when None, or when the frame has no
        ``customer_id`` and no other column is named.
    weights : str or Reweighting, optional
        Column of survey weights, or weights made from the sample (against silence, say), which
        are made anew in each bootstrap sample; these go with customers as clusters only.
        Rows of weight 0 are left out.
    model : "ols", "wls", "ordered" or "logit", optional
        Plain or weighted least squares, what ``weights`` calls for when None; ordered
        (cumulative) logit of a score of at most 11 levels; logit of an outcome of 0 and 1.
        "wls" needs weights, "logit" may have them, the others take none.
    top_box : float, optional
        For "logit": the score from which the outcome counts as reached.
    replicates, seed : int
        Bootstrap samples of whole clusters behind intervals of R² and shares; at most 500 are
        drawn of a logit. They are drawn when first asked for.

    Raises
    ------
    ModelError
        Where ``blocks`` are no sets of groups of columns, or ``replicates`` below 1. With the
        columns by name: absent, not numeric, infinite, named twice; unfit weights,
        weights of other rows, or that the model does not go with; too few complete rows, or
        rows of one cluster only; a set of which no column can be estimated; an outcome with
        other values than the model is for; drivers that tell the levels of a logit apart without
        error.

    Notes
    -----
    Constant columns, exact copies and columns that follow from earlier ones are left out and
    listed in ``left_out``: of two copies the earlier in ``blocks`` stays. Covariance is CR3
    (HC3 where each cluster has one row; MacKinnon, Nielsen and Webb 2023). The split of R² is
    that of Grömping (2006) with Owen values inside the sets.

    Of an ordered logit or logit, McFadden's R² is split instead, and covariance is CR3 made
    from scores and information. Compare shares with those of least squares
    (``share_gap_to_ols``), never levels. Its groups inside the sets have point values without
    intervals (``exact_groups`` is False), since each of their unions is a fit of its own.

    Of a lazy frame the rows are read once on DuckDB, for sums of products over groups of whole
    clusters, and put by for the residuals that CR3 is made of: in memory up to 256 MiB, beyond
    that in a file under ``spill_folder``. On Spark the workers go through them twice.
    Coefficients, R² and its split, and CR3 are those of rows in memory. Bootstrap samples are
    of 2,000 groups of clusters, thrown together by chance (each cluster by itself where they
    are no more): the intervals are as long on average, within 1.6 % for the groups. A
    bootstrapped test of a block takes groups, too, as does a floor of outcomes signed anew. The
    frame needs "ols" or "wls" and weights that are a column; give logits and weights that are
    made rows in memory. ``rows`` and ``statsmodels`` are refused, and ``in_rows`` gives them for
    some customers.
    """
    model = _model(model, weights, top_box)
    _check_settings(frame, weights, replicates)
    if cluster == CUSTOMER and CUSTOMER not in _columns(frame):
        cluster = None
    if isinstance(frame, nw.LazyFrame):
        return _fit_lazy(frame, outcome, blocks, cluster, weights, model, replicates, seed)
    if top_box is not None:
        frame = _reached(frame, outcome, top_box)
    if isinstance(weights, Reweighting):
        _check_made(weights, frame, cluster)
    design = make_design(frame, outcome, blocks, cluster, weights)
    if model in LIKELIHOOD:
        split: Split = fit_likelihood(design, model, replicates, seed)
    else:
        split = fit_linear(design, weights is not None, replicates, seed)
    return _usable(
        DriverFit(
            outcome=outcome,
            model=model,
            top_box=top_box,
            cluster=cluster,
            _weights=weights,
            _split=split,
        )
    )


def _fit_lazy(
    frame: nw.LazyFrame[Any],
    outcome: str,
    blocks: Blocks,
    cluster: str | None,
    weights: str | Reweighting | None,
    model: str,
    replicates: int,
    seed: int,
) -> DriverFit:
    if model in LIKELIHOOD or isinstance(weights, Reweighting):
        what = f"model {model!r}" if model in LIKELIHOOD else f"{weights_name(weights)} weights"
        raise ModelError(
            f"{what} cannot be had of a lazy frame: they need the rows in memory. Pass "
            "collect(frame) of cxanalysis.engine, or fit by least squares, weights as a column."
        )
    design = make_summed(frame, outcome, blocks, cluster, weights)
    return _usable(
        DriverFit(
            outcome=outcome,
            model=model,
            top_box=None,
            cluster=cluster,
            _weights=weights,
            _split=fit_sums(design, replicates, seed),
        )
    )


def _usable(fit: DriverFit) -> DriverFit:
    """The fit, if its rows tell enough for what chance explains to be taken off its measure."""
    if np.isnan(fit.r_squared_adjusted):
        raise too_few_in_effect(fit.outcome, fit.n, fit.n_columns, fit.design_effect)
    return fit


def in_rows(fit: DriverFit) -> DriverFit:
    """The fit itself where its rows are in memory; otherwise one of about 20,000 of them.

    All rows of customers drawn by chance, the same ones every time, with the settings of the
    fit: for what needs rows, as diagnostics do.

    Raises
    ------
    ModelError
        As ``fit_drivers``: a set may not vary among those drawn.
    """
    if not isinstance(fit.design, SummedDesign):
        return fit
    return refit(fit, fit.design.sample, fit.blocks)


def model_rows(study: Study) -> Rows:
    """What `fit_study` takes the model from: a frame, or where answers are many a lazy one.

    Up to 100,000 answers are held in memory, any number where the study file asks for a logit
    or for weights that are made.
    """
    settings = study.config.model
    needs_rows = settings.kind in LIKELIHOOD or settings.weights in MADE
    if needs_rows or study.once(usable_rows) <= ROWS_IN_MEMORY:
        return study.once(build_features)
    return lazy_features(study)


def usable_rows(study: Study) -> int:
    """Answers in the period."""
    return len_of(answers(study))


def _columns(frame: Rows) -> Collection[str]:
    if isinstance(frame, nw.LazyFrame):
        return frame.collect_schema().names()
    return set(map(str, frame.columns))


def _model(model: str | None, weights: str | Reweighting | None, top_box: float | None) -> str:
    """The model's name, once it and the weights are known to go together."""
    if model is None:
        model = "ols" if weights is None else "wls"
    if model not in MODELS:
        raise ModelError(f"no model {model!r}. Available: {', '.join(MODELS)}.")
    if model in UNWEIGHTED and weights is not None:
        raise ModelError(
            f"model {model!r} takes no weights, and weights={weights_name(weights)!r} was given. "
            + UNWEIGHTED[model]
        )
    if model == "wls" and weights is None:
        raise ModelError("model 'wls' needs weights=, a column of the frame; without them: 'ols'.")
    if top_box is not None and model != "logit":
        raise ModelError(f"model {model!r} explains the score itself; leave out top_box=.")
    return model


def _check_made(weights: Reweighting, frame: pd.DataFrame, cluster: str | None) -> None:
    """Refuse made weights of other rows, or with clusters other than the customers they draw."""
    if cluster != (CUSTOMER if CUSTOMER in frame else None):
        raise ModelError(
            f"{weights.name} weights are made anew in samples of whole customers, so "
            f"cluster={cluster!r} cannot be had with them. Leave cluster= out, or give weights "
            "as a column."
        )
    weights.check(frame)


def _check_settings(frame: Rows, weights: str | Reweighting | None, replicates: int) -> None:
    if replicates < 1:
        raise ModelError(f"replicates={replicates}: give at least 1, and 2000 for a report.")
    if weights in MADE and weights not in _columns(frame):
        raise ModelError(
            f"weights={weights!r} names no column of the frame. Make such weights from the study "
            f"first, and pass them: weights=response_weights(study, {weights!r})."
        )


def _reached(frame: pd.DataFrame, outcome: str, top_box: float) -> pd.DataFrame:
    """The frame with 1 where the outcome reaches the top box, 0 where not, missing as before."""
    if outcome not in frame or not is_numeric_dtype(frame[outcome]):
        return frame  # refused with all other columns
    scores = frame[outcome].astype("float64")
    known = scores[np.isfinite(scores)]
    if len(known) and not known.min() < top_box <= known.max():
        raise ModelError(
            f"{outcome!r} runs from {known.min():g} to {known.max():g}, so top_box={top_box:g} "
            "does not divide it. Give a score that some reach and others do not."
        )
    return frame.assign(
        **{outcome: (scores >= top_box).astype(float).where(scores.abs() < np.inf, scores)}
    )


def refit(fit: DriverFit, frame: Rows, blocks: Blocks) -> DriverFit:
    """Fit the same model, with the same settings, to other rows or other drivers."""
    return fit_drivers(
        frame,
        fit.outcome,
        blocks,
        cluster=fit.cluster,
        weights=fit.weighting,
        model=fit.model,
        top_box=fit.top_box,
        replicates=fit.replicates,
        seed=fit.seed,
    )


def fit_study(study: Study) -> DriverFit:
    """Fit the outcome of a study on its own partition, by the model its study file names.

    Where the study file asks for "raked" or "propensity" weights, they are made from who was
    asked and who answered, and made anew in each bootstrap sample.

    Raises
    ------
    ModelError
        As ``fit_drivers``, and where such weights cannot be made.

    Notes
    -----
    Above 100,000 answers least squares is made of sums in the engine, as of a lazy frame in
    ``fit_drivers``.
    """
    return _fit(study, model_rows(study), study.blocks)


def fit_contacters(study: Study, fit: DriverFit | None = None) -> DriverFit:
    """Fit the same model among the answers of customers with a contact only.

    It answers another question than ``fit_study``, and neither is the other's bias: customers
    without a contact tell nothing about how help went, but all about not needing it.

    Parameters
    ----------
    study : Study
    fit : DriverFit, optional
        The study's own fit, of which model, weights, replicates and seed are taken; the study
        file's when None.

    Raises
    ------
    ModelError
        As ``fit_drivers``; where nobody's contacts are known; and where answers of customers
        with a contact are fewer than ``min_base``.

    Notes
    -----
    Columns that are constant among these answers, ``contacted`` first of all, are not asked
    for, so they are not listed as left out.
    """
    features = model_rows(study)
    if CONTACTED not in _columns(features):
        raise ModelError("who made contact is not known: tickets with a customer_id are needed.")
    contacters, n, varying = _among_contacters(features, study.blocks)
    least = study.config.metrics.min_base
    if n < least:
        raise ModelError(
            f"{n:,} answers are from customers with a contact, and {least:,} are "
            "needed (min_base). Take a longer period or a wider segment."
        )
    blocks = {
        name: {
            group: [column for column in columns if column in varying]
            for group, columns in groups.items()
        }
        for name, groups in study.blocks.items()
    }
    return _fit(study, contacters, blocks) if fit is None else refit(fit, contacters, blocks)


def _among_contacters(features: Rows, blocks: Blocks) -> tuple[Rows, int, set[str]]:
    """Answers of customers with a contact, how many, and the columns that vary among them."""
    names = [name for groups in blocks.values() for columns in groups.values() for name in columns]
    if isinstance(features, pd.DataFrame):
        rows = features[features[CONTACTED] == 1]
        return rows, len(rows), {name for name in names if rows[name].nunique() > 1}
    among = features.filter(nw.col(CONTACTED) == 1)
    least = [nw.col(name).min().alias(f"low_{name}") for name in names]
    most = [nw.col(name).max().alias(f"high_{name}") for name in names]
    found = collect(among.select(nw.len().alias("n"), *least, *most)).iloc[0]
    varying = {name for name in names if found[f"low_{name}"] < found[f"high_{name}"]}
    return among, int(found["n"]), varying


def _fit(study: Study, features: Rows, blocks: Blocks) -> DriverFit:
    settings = study.config.model
    column = None if settings.weights == "none" else settings.weights
    kind = None if settings.kind == "ols" else settings.kind  # weights make it "wls"
    return fit_drivers(
        features,
        settings.outcome,
        blocks,
        weights=study_weights(study) or column,
        model=kind,
        top_box=settings.top_box,
        replicates=settings.replicates,
        seed=settings.seed,
    )
