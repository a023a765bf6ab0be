"""Commonality analysis: R² as a sum of parts, each common to exactly some groups."""

from __future__ import annotations

from cxanalysis.errors import ModelError
from cxanalysis.importance.checks import checked
from cxanalysis.importance.cross import Floats, Groups
from cxanalysis.importance.sweep import subset_r2

# The terms double with each group, and beyond a thousand nobody reads them.
MOST_GROUPS_IN_COMMON = 10


def commonality(cross: Floats, groups: Groups) -> Floats:
    """Parts of R² that exactly the groups of each union have in common.

    Parameters
    ----------
    cross : array (…, p + 1, p + 1)
        Centred cross-products, the outcome last; leading axes are replicates.
    groups : sequence of sequences of int
        Column numbers of each of the k groups, at most ten.

    Returns
    -------
    array (…, 2**k − 1)
        In R² points, which sum to the R² of all groups. Entry ``mask − 1`` belongs to the
        groups whose bits are set in ``mask``: with one bit it is what that group alone adds to
        the rest, with several what any of them could tell instead of the others (Nimon &
        Oswald 2013). Terms of several groups may be negative, under suppression.

    Raises
    ------
    ModelError
        With more than ten groups; where ``cross`` is not square and finite, or a column is in
        two groups or not there.
    """
    cross, groups = checked(cross, groups)
    if len(groups) > MOST_GROUPS_IN_COMMON:
        raise ModelError(
            f"commonality: {len(groups)} groups have {2 ** len(groups) - 1:,} terms, and it stops "
            f"at {MOST_GROUPS_IN_COMMON} groups. Join some of them, or use shapley_cross, which "
            "gives one figure per group."
        )
    values = subset_r2(cross, groups)
    # What is lost without a union sums over all parts inside it; differences undo the sums.
    terms: Floats = values[..., -1:] - values[..., ::-1]
    for group in range(len(groups)):
        halves = terms.reshape(*terms.shape[:-1], -1, 2, 2**group)
        halves[..., 1, :] -= halves[..., 0, :]
    return terms[..., 1:]
