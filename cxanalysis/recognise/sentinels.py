"""Codes among ratings that are none, such as 99 or a 6 for "not used", told by the answers."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from cxanalysis.recognise.answers import number_of
from cxanalysis.recognise.profile import ColumnProfile, FileProfile
from cxanalysis.recognise.vocabulary import DEMOGRAPHIC_WORDS

TOP = 10  # the highest scale
TOGETHER = 0.2  # ratings of one survey correlate at least so much with the rest of it
ENOUGH_ROWS = 30
_OFTEN = 0.1  # share of a code from which it counts as given often


def counts_of(column: ColumnProfile) -> dict[int, int]:
    """How often a column of numbers holds each; a stray text among them is none."""
    counts: Counter[int] = Counter()
    for text, rows in column.values:
        number = number_of(text)
        if number is not None:
            counts[int(number)] += rows
    return counts


def rated_together(
    file: FileProfile, answers: pd.DataFrame, codes: Mapping[str, list[int]]
) -> frozenset[str]:
    """Columns that go together as the ratings of one survey do, their edges left aside."""
    inner = {name: max((code for code in seen if code in (5, 7, 10)), default=0)
             for name, seen in codes.items()}  # fmt: skip
    pooled: set[str] = set()
    for high in (5, 7, 10):
        names = [name for name in codes if inner[name] == high]
        names = [name for name in names if not set(file.column(name).words) & DEMOGRAPHIC_WORDS]
        if len(names) > 1:
            scores = answers[names].where(answers[names].isin(list(range(1, high + 1))))
            pooled |= set(going_together(scores, names)[0])
    return frozenset(pooled)


def codes_apart(
    answers: pd.DataFrame, codes: Mapping[str, list[int]], pool: frozenset[str]
) -> dict[str, dict[int, str]]:
    """Per column the codes that are not ratings, each with its meaning and the reason.

    A code at an edge belongs to the scale when those who gave it rate everything else further
    out than those who gave the code next to it; "not used" and "blank" do not.
    """
    apart: dict[str, dict[int, str]] = {name: {} for name in codes}
    for name, seen in codes.items():
        inside = [code for code in seen if 0 <= code <= TOP]
        for code in seen:
            if code < 0 or code > TOP:
                apart[name][code] = "outside 0 to 10"
        for before, code in itertools.pairwise(inside):
            if code - before > 2 and before in (3, 4, 5, 7):
                beyond = [other for other in inside if other >= code]
                apart[name] |= dict.fromkeys(beyond, "a gap parts it from the scale")
                break
    for edge, inner in ((6, 5), (8, 7)):
        holders = [
            n for n in sorted(pool) if _top(codes[n], apart[n]) == edge and inner in codes[n]
        ]
        alike = [name for name in sorted(pool) if inner in codes[name]]
        rest = _rest_of_scale(answers, holders, alike, edge, inner, range(1, edge))
        if rest is not None and rest[0] < rest[1]:
            why = _compared(rest, inner)
            for name in holders:
                apart[name][edge] = why
    holders = [
        name
        for name, seen in codes.items()
        if 0 in seen and 1 in seen and _top(seen, apart[name]) in (3, 4, 5, 7)
    ]
    asked = [name for name in holders if name in pool]
    rest = _rest_of_scale(answers, asked, asked, 0, 1, range(1, 8))
    if rest is not None and rest[0] > rest[1]:
        why = _compared(rest, 1)
        for name in holders:
            apart[name][0] = why
    return apart


def codes_of_use(
    file: FileProfile, apart: Mapping[str, Mapping[int, str]], pool: frozenset[str]
) -> frozenset[int]:
    """Codes for "not used": just beyond the top of a scale, 0 in a file that has no such code,
    or a code that some of the ratings in the pool have far more often than others.
    """
    met = {code for codes in apart.values() for code in codes}
    above = met & {6, 8}
    shares: dict[int, list[float]] = {}
    for name in pool:
        column = file.column(name)
        rows = counts_of(column)
        for code in apart[name]:
            shares.setdefault(code, []).append(rows[code] / column.given)
    uneven = {
        code
        for code, found in shares.items()
        if not 0 <= code <= TOP and max(found) >= max(_OFTEN, 3 * min(found))
    }
    return frozenset(uneven | (above or (met & {0})))


def going_together(scores: pd.DataFrame, names: list[str]) -> tuple[list[str], dict[str, float]]:
    """The largest part of some columns each of which goes with the rest, and how well."""
    pool = list(names)
    together = _item_rest(scores, pool)
    while len(pool) > 2 and min(together.values(), default=1.0) < TOGETHER:
        pool.remove(min(together, key=lambda name: together[name]))
        together = _item_rest(scores, pool)
    return pool, together


def _item_rest(scores: pd.DataFrame, pool: list[str]) -> dict[str, float]:
    """Correlation of each column with the row mean of the others, for columns with enough rows."""
    values = scores[pool].to_numpy(float)
    given = ~np.isnan(values)
    total, count = np.nansum(values, axis=1), given.sum(axis=1)
    result = {}
    for place, name in enumerate(pool):
        both = given[:, place] & (count > 1)
        x = values[both, place]
        y = (total[both] - x) / (count[both] - 1)
        if len(x) >= ENOUGH_ROWS and x.std() > 0 and y.std() > 0:
            result[name] = float(np.corrcoef(x, y)[0, 1])
    return result


def _compared(rest: tuple[float, float], neighbour: int) -> str:
    return (
        f"those who gave it rate the rest {rest[0]:.1f}, those who gave {neighbour} {rest[1]:.1f}"
    )


def _top(seen: list[int], apart: Mapping[int, str]) -> int:
    return max((code for code in seen if code not in apart), default=-1)


def _rest_of_scale(
    answers: pd.DataFrame,
    holders: Sequence[str],
    alike: Sequence[str],
    code: int,
    neighbour: int,
    inner: range,
) -> tuple[float, float] | None:
    """Mean rating of everything else by those who gave a code, and by those who gave the next."""
    at_code, at_next = [], []
    ratings = answers[list(alike)].where(answers[list(alike)].isin(list(inner)))
    for name in holders:
        others = ratings.drop(columns=name, errors="ignore").mean(axis=1)
        at_code.append(others[answers[name] == code].dropna())
        at_next.append(others[answers[name] == neighbour].dropna())
    if sum(map(len, at_code)) < 10 or sum(map(len, at_next)) < 10:
        return None
    return float(pd.concat(at_code).mean()), float(pd.concat(at_next).mean())
