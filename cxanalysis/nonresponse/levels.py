"""Traits as a few levels each: numbers in bands, rare values together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxanalysis.importance import Floats, Integers

Flags = NDArray[np.bool_]
Labels = tuple[str, ...]
Enough = Callable[[Integers, Sequence[str]], dict[str, bool]]

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
            codes.append(values)
    table = np.column_stack(codes) if codes else np.zeros((len(traits), 0))
    return Levels(tuple(names), tuple(labels), table.astype(np.int64), left_out)


def _levels_of(
    trait: pd.Series[Any], event: Flags, counted: Flags, least: int
) -> tuple[Labels, Integers]:
    """Labels that are large enough, reference first, and which of them every row has.

    A row that has none of them gets that of reference.
    """
    happened = event[counted]

    def enough(codes: Integers, labels: Sequence[str]) -> dict[str, bool]:
        """Whether each label of a row counted is large enough; the most frequent first."""
        places = codes[counted]
        rows = np.bincount(places, minlength=len(labels))
        events = np.bincount(places[happened], minlength=len(labels))
        large = (rows >= least) & (np.minimum(events, rows - events) >= LEAST_EVENTS)
        order = sorted(np.flatnonzero(rows).tolist(), key=lambda code: (-rows[code], labels[code]))
        return {labels[code]: bool(large[code]) for code in order}

    if not counted.any():
        return (), np.zeros(len(trait), dtype=np.int64)
    if pd.api.types.is_bool_dtype(trait):
        trait = trait.map({True: "yes", False: "no"})
    if pd.api.types.is_numeric_dtype(trait):
        return _bands(trait.astype("float64"), counted, enough)
    codes, texts = pd.factorize(trait.astype("string"), use_na_sentinel=False)
    named = [UNKNOWN if pd.isna(text) else str(text) for text in texts]
    codes, labels = _relabelled(codes, named)
    frequent = pd.Series(codes[counted]).value_counts().index
    if len(frequent) > MOST_VALUES:
        kept = {labels[code] for code in frequent[:MOST_VALUES]}
        codes, labels = _relabelled(codes, [name if name in kept else OTHER for name in labels])
    return _merged(codes, labels, enough)


def _bands(numbers: pd.Series[float], counted: Flags, enough: Enough) -> tuple[Labels, Integers]:
    """As many bands as are all large enough; where values repeat, fewer."""
    values, missing = numbers.to_numpy(), numbers.isna().to_numpy()
    known = numbers[counted]
    for bands in BANDS:
        cuts = known.quantile(np.linspace(0, 1, bands + 1)[1:-1])
        edges = np.unique(cuts[cuts < known.max()])
        count = len(edges) + 1
        names = _NAMES.get(count) if count == bands else None
        names = names or tuple(f"band {place} of {count}" for place in range(1, count + 1))
        codes = np.where(missing, count, np.searchsorted(edges, values, side="left"))
        large = enough(codes, (*names, UNKNOWN))
        if all(large.get(name, False) for name in names):
            if large.get(UNKNOWN, False):
                return (*names, UNKNOWN), codes
            most = next(label for label in large if label != UNKNOWN)
            return names, np.where(missing, names.index(most), codes)
    return (), np.zeros(len(numbers), dtype=np.int64)


def _merged(codes: Integers, labels: Sequence[str], enough: Enough) -> tuple[Labels, Integers]:
    """Values with the small ones together, or else with the most frequent one."""
    large = enough(codes, labels)
    if not all(large.values()):
        codes, labels = _relabelled(codes, [x if large.get(x, False) else OTHER for x in labels])
        large = enough(codes, labels)
    if not all(large.values()) and any(large.values()):
        most = next(label for label, is_large in large.items() if is_large)
        codes, labels = _relabelled(codes, [x if large.get(x, False) else most for x in labels])
        large = enough(codes, labels)
    found = tuple(label for label, is_large in large.items() if is_large)
    places = np.array([found.index(x) if x in found else 0 for x in labels], dtype=np.int64)
    return found, places[codes]


def _relabelled(codes: Integers, labels: Sequence[str]) -> tuple[Integers, list[str]]:
    """Codes by other labels, of which several may be alike, and these labels once each."""
    found = list(dict.fromkeys(labels))
    places = np.array([found.index(label) for label in labels], dtype=np.int64)
    return places[codes], found
