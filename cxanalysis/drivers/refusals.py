"""What no model can be made of, in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from cxanalysis.config import closest
from cxanalysis.drivers.outline import Blocks
from cxanalysis.errors import ModelError
from cxanalysis.partition import SERVICE


def _check_shape(blocks: Any) -> None:
    """Refuse what is no sets of groups of columns."""
    sets = blocks.values() if isinstance(blocks, Mapping) else [None]
    groups = [
        names
        for each in (sets or [None])
        for names in (each.values() if isinstance(each, Mapping) else [None])
    ]
    if any(names is None or isinstance(names, str) for names in groups):
        raise ModelError(
            "blocks= needs sets, in them groups, and in these lists of columns: "
            "{'service': {'waiting': ['first_reply_hours']}, 'journey': {'delivery': "
            f"['days_late']}}}}. It is {blocks!r}."
        )


def named_drivers(blocks: Blocks, outcome: str) -> list[str]:
    """All columns in the blocks.

    Raises
    ------
    ModelError
        Where these are no sets of groups of columns, or a column is named twice or the outcome.
    """
    _check_shape(blocks)
    drivers = [
        column for groups in blocks.values() for names in groups.values() for column in names
    ]
    twice = sorted({name for name in drivers if drivers.count(name) > 1})
    if twice:
        raise ModelError(
            f"blocks= names {', '.join(twice)} more than once; keep each in one group."
        )
    if outcome in drivers:
        raise ModelError(f"{outcome!r} is the outcome and cannot be its own driver in blocks=.")
    return drivers


def check_present(columns: Collection[str], names: Sequence[str]) -> None:
    """Refuse names that are no column."""
    for name in names:
        if name not in columns:
            raise ModelError(f"no column {name!r} in the frame.{closest(name, columns)}")


def check_compared(blocks: Blocks) -> None:
    """Refuse sets of which nothing can be said about service and the rest.

    Raises
    ------
    ModelError
        Where no set is called "service", or there is no other.
    """
    if SERVICE not in blocks:
        raise ModelError(
            f"no set is called {SERVICE!r}, and service against the rest is what is decided."
            f"{closest(SERVICE, blocks)} Give the set of service that name in blocks=."
        )
    if len(blocks) < 2:
        raise ModelError(
            f"{SERVICE!r} is the only set, so there is no rest to compare it with. Name the other "
            "drivers in a set of their own in blocks=, 'journey' say."
        )


def no_rows(outcome: str) -> ModelError:
    """A frame without rows."""
    return ModelError(
        f"the frame has no rows, so {outcome!r} cannot be explained. Take a longer period or a "
        "wider segment."
    )


def not_numeric(names: Sequence[str]) -> ModelError:
    """Columns that hold no numbers."""
    return ModelError(
        f"not numeric: {', '.join(names)}. Turn categories into one column of 0 and 1 per level."
    )


def too_large(name: str, infinite: int, rows: int) -> ModelError:
    """A column with values beyond all numbers."""
    return ModelError(
        f"{name!r} is infinite in {infinite:,} of {rows:,} rows. Correct them, or set them to "
        "missing to leave these rows out."
    )


def none_complete(missing: pd.Series[int], rows: int) -> ModelError:
    """No row in which everything is known; ``missing`` counts by column."""
    found = missing.sort_values(ascending=False, kind="stable").head(3)
    most = ", ".join(f"{name} ({count:,})" for name, count in found.items())
    return ModelError(
        f"none of {rows:,} rows has the outcome and every driver. Missing most often: {most}. "
        "Leave these out of blocks=, or code them with not_applicable = 'two-part'."
    )


def does_not_vary(outcome: str, value: float, rows: int) -> ModelError:
    """An outcome of which there is nothing to explain."""
    return ModelError(
        f"outcome {outcome!r} is {value:g} in all {rows:,} complete rows, so there is nothing to "
        "explain. Choose another outcome or a longer period."
    )


def one_cluster(cluster: str | None, rows: int) -> ModelError:
    """Rows of one cluster only."""
    return ModelError(
        f"all {rows:,} complete rows have the same {cluster!r}, so what varies between clusters "
        "cannot be seen. Take more rows, or pass cluster=None if each stands by itself."
    )


def too_few(outcome: str, rows: int, drivers: int) -> ModelError:
    """Fewer rows than a model of so many drivers takes."""
    return ModelError(
        f"{rows:,} complete rows do not suffice for {drivers} drivers of {outcome!r}. Take a "
        "longer period, or fewer drivers in blocks=."
    )


def too_few_in_effect(outcome: str, rows: int, drivers: int, effect: float) -> ModelError:
    """Rows that go together so much that they tell less than a model of so many drivers takes."""
    return ModelError(
        f"{rows:,} complete rows tell as much as {rows / effect:,.0f} independent ones (design "
        f"effect {effect:.1f}), which do not suffice for {drivers} drivers of {outcome!r}. Take a "
        "longer period, or fewer drivers in blocks=."
    )


def unfit_weights(name: str, what: str, wrong: int, rows: int, first: str = "") -> ModelError:
    """Weights that are missing, infinite or negative."""
    return ModelError(
        f"weights {name!r} are {what} in {wrong:,} of {rows:,} rows{first}. Correct them, or fit "
        "without weights=."
    )
