"""Customers on whom a figure hangs: what changes when each is left out."""

from __future__ import annotations

import numpy as np

from cxanalysis.diagnostics.caveat import Caveat
from cxanalysis.drivers import DriverFit
from cxanalysis.drivers.covariance import left_out_basis, sum_by_cluster
from cxanalysis.drivers.design import Design
from cxanalysis.drivers.split import FEWEST_CLUSTERS, WHOLE_SET
from cxanalysis.importance import (
    QUANTITIES,
    Floats,
    Integers,
    centred_cross,
    partition_sets,
    r2_game,
)

# A figure hangs on one customer who makes more than two thirds of its jackknife variance, that is
# Σ (change without a customer)²: among independent customers each has about 1/n of it.
MOST = 2 / 3
# Customers whose removal from the shares is worked out in full.
CANDIDATES = 20
# A change of the share smaller than this is nothing to a reader.
LEAST_CHANGE = 0.02
Z = 1.96


def influence(fit: DriverFit, min_base: int) -> list[Caveat]:
    """``influence``: coefficients, or the service set's share, that hang on one customer.

    ``terms`` holds (term, estimate, estimate without that customer); ``share`` and ``change``
    are there where the share does.
    """
    changes, distance = coefficient_changes(fit.rows)
    facts = {"terms": hanging_terms(fit, changes, min_base), **(hanging_share(fit, distance) or {})}
    return [Caveat("influence", facts)] if facts["terms"] or "share" in facts else []


def coefficient_changes(design: Design) -> tuple[Floats, Floats]:
    """How far each coefficient falls when a customer is left out, and Cook's distances.

    Returns
    -------
    array (clusters, p)
        Coefficient less what it is without the cluster, of standardised columns.
    array (clusters,)
        Cook's distance of the cluster: its changes in the metric of X′X, per column and
        residual variance.

    Notes
    -----
    Exact without refitting, (X′X)⁻¹X_g′(I − H_gg)⁻¹e_g: the terms whose squares sum to the
    CR3 covariance (MacKinnon, Nielsen and Webb 2023).
    """
    x, y = design.weighted
    basis, triangle = np.linalg.qr(x)
    residual = y - basis @ (basis.T @ y)
    scores = sum_by_cluster(left_out_basis(basis, design.starts) * residual[:, None], design.starts)
    variance = residual @ residual / (len(y) - x.shape[1])
    distance = np.sum(scores**2, axis=1) / (x.shape[1] * max(variance, np.finfo(float).tiny))
    return np.linalg.solve(triangle, scores.T).T[:, 1:], distance


def hanging_terms(fit: DriverFit, changes: Floats, min_base: int) -> tuple[tuple[object, ...], ...]:
    """(term, estimate, without) of coefficients whose variance one customer mostly makes.

    Only those of which the interval leaves out 0 with that customer and not without, or the
    other way round: any other change leaves what may be said of the column as it is. Columns
    in which fewer than ``min_base`` customers differ from the usual value are passed over: of
    so few, one makes that much by chance.
    """
    design = fit.rows
    squares = changes**2
    whole, largest = squares.sum(axis=0), squares.max(axis=0)
    estimates = fit.tidy()["estimate"].to_numpy()
    found = []
    for number in np.flatnonzero(largest > MOST * whole):
        column = design.x[:, number]
        scale = design.outcome_spread / _spread(column, design.weights)
        estimate = float(estimates[number])
        without = estimate - scale * float(changes[squares[:, number].argmax(), number])
        left = whole[number] - largest[number]
        with_it = abs(estimate) > Z * scale * np.sqrt(whole[number])
        without_it = abs(without) > Z * scale * np.sqrt(left)
        if with_it != without_it and _customers_unlike_most(design, column) >= min_base:
            found.append((design.columns[number], estimate, without))
    return tuple(found)


def share_changes(design: Design, clusters: Integers, service: int) -> Floats:
    """How far the share of one set rises when a customer is left out; plain R².

    Parameters
    ----------
    clusters : array (m,) of int
        Numbers of the clusters to leave out, one at a time.
    service : int
        Number of the set.
    """
    z = np.column_stack([np.ones(len(design.y)), design.table])
    weighted = z * design.weights[:, None]
    ends = np.append(design.starts[1:], len(z))
    own = [z[design.starts[g] : ends[g]].T @ weighted[design.starts[g] : ends[g]] for g in clusters]
    moments = np.stack([z.T @ weighted, *(z.T @ weighted - each for each in own)])
    cross = centred_cross(moments / moments[:, :1, :1])
    shares = partition_sets(r2_game(cross), design.sets)[..., service, QUANTITIES.index("share")]
    return np.asarray(shares[1:] - shares[0])


def hanging_share(fit: DriverFit, distance: Floats) -> dict[str, float] | None:
    """Change of the service set's share where one customer makes two thirds of its variance.

    ``change`` is the rise without that customer; ``share`` the plain share with everybody.
    None below two points, or where there is no interval to hold it against.
    """
    if fit.n_clusters < FEWEST_CLUSTERS:
        return None
    design = fit.rows
    candidates = np.argsort(-distance, kind="stable")[:CANDIDATES]
    place = list(fit.blocks).index(fit.service_set)
    changes = share_changes(design, candidates, place)
    change = float(changes[np.abs(changes).argmax()])
    spread = float(fit.draws["share"].std())
    if abs(change) < LEAST_CHANGE or not change**2 > MOST * spread**2:
        return None
    share = fit.importance()["share", "raw"][fit.service_set, WHOLE_SET]
    return {"change": change, "share": float(share)}


def _customers_unlike_most(design: Design, column: Floats) -> int:
    """Clusters with a value other than the commonest."""
    values, counts = np.unique(column, return_counts=True)
    unlike = column != values[counts.argmax()]
    return int(np.logical_or.reduceat(unlike, design.starts).sum())


def _spread(column: Floats, weights: Floats) -> float:
    centred = column - np.average(column, weights=weights)
    return float(np.sqrt(np.average(centred**2, weights=weights)))
