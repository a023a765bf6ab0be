"""Traits as a few levels each: numbers in bands, rare values together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxanalysis.importance import Floats, Integers

Flags = NDArray[np.bool_]
Labels = tuple[str, ...]
Enough = Callable[["pd.Series[Any]"], "pd.Series[bool]"]

# Five bands leave a tenth of the bias that a number's trend would cause (Cochran 1968); fewer
# where a band would be too small.
BANDS = (5, 3, 2)
_NAMES: dict[int, Labels] = {
    5: ("lowest fifth", "second fifth", "middle fifth", "fourth fifth", "highest fifth"),
    3: ("lowest third", "middle third", "highest third"),
    2: ("lower half", "upper half"),
}
# Fewest of either kind (answered or silent) at a level, and per column of a model.
LEAST_EVENTS = 10
MOST_VALUES = 20
UNKNOWN, OTHER = "unknown", "other"


@dataclass(frozen=True, eq=False)
class Levels:
    """Traits as codes.

    Attributes
    ----------
    traits : tuple of str
    labels : tuple of tuple of str
        The levels of each trait, that of reference first.
    codes : array (n, traits)
        Which level each row has.
    left_out : dict of str -> str
        Traits that cannot be used, each with its reason.
    """

    traits: tuple[str, ...]
    labels: tuple[Labels, ...]
    codes: Integers
    left_out: dict[str, str]

    @property
    def design(self) -> Floats:
        """Intercept and a column of 0 and 1 for every level but the references."""
        columns = [np.ones(len(self.codes))]
        for place, labels in enumerate(self.labels):
            columns += [self.codes[:, place] == level for level in range(1, len(labels))]
        return np.column_stack(columns).astype(np.float64)

    @property
    def terms(self) -> pd.DataFrame:
        """Trait, level and level of reference of each column of ``design`` but the first."""
        rows = [
            (trait, label, labels[0])
            for trait, labels in zip(self.traits, self.labels, strict=True)
            for label in labels[1:]
        ]
        return pd.DataFrame(rows, columns=["trait", "level", "reference"])


def level_out(traits: pd.DataFrame, event: Flags, counted: Flags, least: int) -> Levels:
    """Traits as levels that are large enough to be compared.

    Parameters
    ----------
    traits : DataFrame (n)
        Numbers are cut into bands of equal size, the lowest being the reference; texts keep
        their values (the twenty most frequent), the first being the reference. What is missing
        is a level.
    event : array (n,)
        Whether each row answered (or was asked).
    counted : array (n,)
        Rows that bands and sizes are taken from; the others are only given a level.
    least : int
        Fewest rows at a level; besides, it needs ``LEAST_EVENTS`` rows with the event and as
        many without. Smaller values become "other", or join the most frequent;
        bands become fewer.

    Returns
    -------
    Levels
        Traits are taken in their order for as long as there are ``LEAST_EVENTS`` of the rarer
        outcome for every column.
    """
    event, counted = np.asarray(event, dtype=bool), np.asarray(counted, dtype=bool)
    room = min(int(event[counted].sum()), int((~event)[counted].sum())) // LEAST_EVENTS
    names, labels, codes = [], [], []
    left_out: dict[str, str] = {}
    for name in map(str, traits):
        found, values = _levels_of(traits[name], event, counted, least)
        columns = len(found) - 1
        if columns < 1:
            left_out[name] = f"fewer than two levels of {least} rows, {LEAST_EVENTS} of each kind"
        elif columns > room:
            left_out[name] = f"fewer than {LEAST_EVENTS} of each kind for every column"
        else:
            room -= columns
            names.append(name)
            labels.append(found)
            codes.append(np.maximum(pd.Index(found).get_indexer(pd.Index(values)), 0))
    table = np.column_stack(codes) if codes else np.zeros((len(traits), 0))
    return Levels(tuple(names), tuple(labels), table.astype(np.int64), left_out)


def _levels_of(
    trait: pd.Series[Any], event: Flags, counted: Flags, least: int
) -> tuple[Labels, pd.Series[Any]]:
    """Labels that are large enough, reference first, and the label of every row."""

    def enough(values: pd.Series[Any]) -> pd.Series[bool]:
        """Whether each label is large enough; the most frequent first."""
        places, names = pd.factorize(values[counted].to_numpy(), sort=True)
        rows = np.bincount(places, minlength=len(names))
        happened = np.bincount(places[event[counted]], minlength=len(names))
        large = (rows >= least) & (np.minimum(happened, rows - happened) >= LEAST_EVENTS)
        order = np.argsort(-rows, kind="stable")
        return pd.Series(large[order], index=names[order])

    if not counted.any():
        return (), trait
    if pd.api.types.is_bool_dtype(trait):
        trait = trait.map({True: "yes", False: "no"})
    if pd.api.types.is_numeric_dtype(trait):
        return _bands(trait.astype("float64"), counted, enough)
    values = trait.astype("string").astype(object)
    values = values.where(values.notna(), UNKNOWN)
    if values[counted].nunique() > MOST_VALUES:
        frequent = values[counted].value_counts().index[:MOST_VALUES]
        values = values.where(values.isin(frequent), OTHER)
    return _merged(values, enough)


def _bands(
    numbers: pd.Series[float], counted: Flags, enough: Enough
) -> tuple[Labels, pd.Series[Any]]:
    """As many bands as are all large enough; where values repeat, fewer."""
    for bands in BANDS:
        cuts = numbers[counted].quantile(np.linspace(0, 1, bands + 1)[1:-1])
        edges = np.unique(cuts[cuts < numbers[counted].max()])
        count = len(edges) + 1
        names = _NAMES.get(count) if count == bands else None
        names = names or tuple(f"band {place} of {count}" for place in range(1, count + 1))
        place = np.searchsorted(edges, numbers.to_numpy(), side="left")
        values = pd.Series(np.array(names, dtype=object)[np.minimum(place, count - 1)])
        values = values.set_axis(numbers.index).where(numbers.notna(), UNKNOWN)
        large = enough(values)
        if large.reindex(names, fill_value=False).all():
            known = large.get(UNKNOWN, False)
            most = next(label for label in large.index if label != UNKNOWN)
            return (
                (*names, UNKNOWN) if known else names,
                values if known else values.where(numbers.notna(), most),
            )
    return (), numbers


def _merged(values: pd.Series[Any], enough: Enough) -> tuple[Labels, pd.Series[Any]]:
    """Values with the small ones together, or else with the most frequent one."""
    large = enough(values)
    if not large.all():
        values = values.where(values.isin(large.index[large]), OTHER)
        large = enough(values)
    if not large.all() and large.any():
        most = large.index[large][0]
        values = values.where(values.isin(large.index[large]), most)
        large = enough(values)
    return tuple(map(str, large.index[large])), values
