"""Rating scales by their values: range, and codes that stand apart from it."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import duckdb
import numpy as np
import pandas as pd

from cxanalysis.recognise.headers import OUTCOME_SCORES, SURVEY_WORDS
from cxanalysis.recognise.profile import ColumnProfile, FileProfile, clean, percent
from cxanalysis.recognise.stated import Stated, stated_scale
from cxanalysis.recognise.vocabulary import (
    DEMOGRAPHIC_WORDS,
    EFFORT_WORDS,
    RATING_WORDS,
    VERBAL_SCALES,
)
from cxanalysis.recognise.wording import header_score, words
from cxanalysis.sources.sql import quoted

_MOST_CODES = 14  # more distinct whole numbers than this are not a rating scale
_MOST_APART = 3  # more codes than this outside 0 to 10 are a list of answers, no scale
_TOP = 10
_ROWS = 20_000  # rows that are enough to compare means
_ENOUGH_ROWS = 30
_OFTEN = 0.1  # share of a code from which it counts as given often
_FROM_ZERO = 5  # a scale from 0 that goes beyond goes to 10
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?")
_LABELLED = r"(?:[^0-9]+ ?[-–:=(] ?)?([0-9]{1,2})\)?|([0-9]{1,2}) ?[-–:=(] ?[^0-9]+"
_NAMED = 0.7  # weak wordings score 0.6 at most
_MOST_BEYOND = 0.5  # share of answers off the scale of the header from which it is not theirs
_TOGETHER = 0.2  # ratings of one survey correlate at least so much with the rest of it
_RECOMMEND = frozenset(word for phrase in SURVEY_WORDS["nps"].strong for word in words(phrase)) - {
    "score", "likely", "would", "are", "you", "to", "is", "it", "that", "net",
}  # fmt: skip


@dataclass(frozen=True)
class Rating:
    """A rating column: its range, the codes outside it, and how it goes with the others.

    ``together`` is the correlation with the mean of the file's other ratings, NaN where that
    cannot be worked out. ``good`` is the end that is good, as the header says or, of a question
    about effort, as the answers do; "" where nothing speaks against the high one.
    """

    low: int
    high: int
    missing: tuple[str, ...] = ()
    not_applicable: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    why: str = ""
    codes: str = ""
    doubts: tuple[str, ...] = ()
    together: float = float("nan")
    good: Literal["", "low", "high", "not told"] = ""

    @property
    def span(self) -> tuple[int, int]:
        """Low and high."""
        return self.low, self.high


def find_ratings(connection: duckdb.DuckDBPyConnection, file: FileProfile) -> dict[str, Rating]:
    """The rating columns of a file by header, sentinel codes recognised."""
    codes = {
        column.name: _codes(column)
        for column in file.columns
        if column.kind == "integer" and 2 <= len(column.values) <= _MOST_CODES
    }
    outside = {name: sum(not 0 <= code <= _TOP for code in seen) for name, seen in codes.items()}
    codes = {name: seen for name, seen in codes.items() if outside[name] <= _MOST_APART}
    answers = _answers(connection, file, list(codes))
    pool = _pool(file, answers, codes)
    apart = _codes_apart(answers, codes, pool)
    cores = {name: sorted(set(seen) - apart[name].keys()) for name, seen in codes.items()}
    cores = {name: core for name, core in cores.items() if len(core) >= 2 and core[-1] >= 3}
    usual = _usual_high(file, cores)
    found: dict[str, Rating] = {}
    from_zero = any(
        core[0] == 0 and core[-1] >= 8 and not speaks_of_recommending(file.column(name))
        for name, core in cores.items()
    )
    not_used = _codes_of_use(file, apart, pool)
    for name, core in cores.items():
        rating = _scale(file.column(name), core, apart[name], usual, not_used, from_zero)
        if rating is not None:
            found[name] = rating
    found = _with_company(file, answers, found)
    found |= _effort(file, answers, found)
    found = {name: _as_stated(file.column(name), rating) for name, rating in found.items()}
    for column in file.columns:
        verbal = _verbal(column) or _labelled(column)
        if verbal is not None:
            found[column.name] = verbal
    return found


def speaks_of_recommending(column: ColumnProfile) -> bool:
    """Whether the header asks for a likelihood to recommend."""
    return bool(_RECOMMEND & set(column.words))


def stated_of(column: ColumnProfile) -> Stated | None:
    """The scale that the column's question or header states."""
    return stated_scale(column.question) or stated_scale(column.name)


def _codes(column: ColumnProfile) -> list[int]:
    return sorted(_counts(column))


def _counts(column: ColumnProfile) -> dict[int, int]:
    """How often a column of numbers holds each; a stray text among them is none."""
    return {int(float(text)): n for text, n in column.values if _NUMBER.fullmatch(text.strip())}


def _answers(
    connection: duckdb.DuckDBPyConnection, file: FileProfile, names: list[str]
) -> pd.DataFrame:
    if not names:
        return pd.DataFrame()
    columns = ", ".join(f"try_cast({clean(name)} AS DOUBLE) AS {quoted(name)}" for name in names)
    return connection.execute(
        f"SELECT {columns} FROM {file.relation} USING SAMPLE reservoir({_ROWS} ROWS) REPEATABLE (1)"
    ).df()


def _pool(
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
            pooled |= set(_going_together(scores, names)[0])
    return frozenset(pooled)


def _going_together(scores: pd.DataFrame, names: list[str]) -> tuple[list[str], dict[str, float]]:
    """The largest part of some columns each of which goes with the rest, and how well."""
    pool = list(names)
    together = _item_rest(scores, pool)
    while len(pool) > 2 and min(together.values(), default=1.0) < _TOGETHER:
        pool.remove(min(together, key=lambda name: together[name]))
        together = _item_rest(scores, pool)
    return pool, together


def _codes_apart(
    answers: pd.DataFrame, codes: Mapping[str, list[int]], pool: frozenset[str]
) -> dict[str, dict[int, str]]:
    """Per column the codes that are not ratings, each with its meaning and the reason.

    A code at an edge belongs to the scale when those who gave it rate everything else further
    out than those who gave the code next to it; "not used" and "blank" do not.
    """
    apart: dict[str, dict[int, str]] = {name: {} for name in codes}
    for name, seen in codes.items():
        inside = [code for code in seen if 0 <= code <= _TOP]
        for code in seen:
            if code < 0 or code > _TOP:
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


def _codes_of_use(
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
        rows = _counts(column)
        for code in apart[name]:
            shares.setdefault(code, []).append(rows[code] / column.given)
    uneven = {
        code
        for code, found in shares.items()
        if not 0 <= code <= _TOP and max(found) >= max(_OFTEN, 3 * min(found))
    }
    return frozenset(uneven | (above or (met & {0})))


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


def _usual_high(file: FileProfile, cores: Mapping[str, list[int]]) -> int | None:
    """The top that most columns of the file reach, of those that could be ratings."""
    tops = Counter(
        core[-1]
        for name, core in cores.items()
        if core[-1] in (5, 7, 10) and not set(file.column(name).words) & DEMOGRAPHIC_WORDS
    )
    return tops.most_common(1)[0][0] if tops else None


def _scale(
    column: ColumnProfile,
    core: list[int],
    apart: Mapping[int, str],
    usual: int | None,
    not_used: frozenset[int],
    from_zero: bool,
) -> Rating | None:
    stated = stated_of(column)
    if stated is not None:
        return _on_stated_scale(column, stated, apart, not_used)
    low, high = core[0], core[-1]
    doubts: tuple[str, ...] = ()
    if low == 0 and high <= 7 and not column.distinct <= 2 and "nps" not in column.words:
        # Too few answers to tell: a zero below a 1-to-5 or 1-to-7 scale mostly means "not used".
        apart = {**apart, 0: "below the usual scale of 1 to 5 or 1 to 7"}
        doubts = ("a rating of 0 is read as no rating; correct that where 0 is the worst",)
        low = core[1]
    if high in (3, 4, 5):
        high = 5 if usual == 5 or high == 5 else high
    elif high in (6, 7):
        high = 7 if usual == 7 or high == 7 else high
    elif high >= 8:
        high = _TOP
    if high < 4 or low > max(3, high - 4):
        return None
    if high == 6:
        doubts += (f"{column.name!r}: a scale up to 6, or does 6 mean 'not used'?",)
    starts_at_zero = from_zero or speaks_of_recommending(column)
    starts_at_zero = low == 0 or (starts_at_zero and not {"1", "10"} <= set(column.words))
    low = 0 if high == _TOP and starts_at_zero else 1
    return _with_codes(column, (low, high), apart, not_used, doubts)


def _on_stated_scale(
    column: ColumnProfile, stated: Stated, apart: Mapping[int, str], not_used: frozenset[int]
) -> Rating | None:
    """A rating as its header says; None where hardly an answer is on that scale."""
    counts = _counts(column)
    beyond = {code for code in counts if not stated.low <= code <= stated.high}
    if sum(counts[code] for code in beyond) > _MOST_BEYOND * column.given:
        return None
    outside = f"outside {stated.low} to {stated.high}"
    kept = {code: apart.get(code, outside) for code in beyond}
    return _with_codes(column, (stated.low, stated.high), kept, not_used, ())


def _with_codes(
    column: ColumnProfile,
    span: tuple[int, int],
    apart: Mapping[int, str],
    not_used: frozenset[int],
    doubts: tuple[str, ...],
) -> Rating:
    """A rating of a range, each code outside it read as not applicable or as missing."""
    low, high = span
    counts = _counts(column)
    missing: list[int] = []
    not_applicable: list[int] = []
    for code in sorted(apart):
        # What is not used was not rated; a blank is an answer that is lost.
        is_use = code in not_used and (high < _TOP or code > _TOP)
        (not_applicable if is_use else missing).append(code)
    why, brief = f"{low} to {high}", []
    for code in sorted(apart):
        meaning = "not applicable" if code in not_applicable else "missing"
        share = percent(counts.get(code, 0) / column.given)
        brief.append(f"{code} is {share}")
        why += f"; {code} ({share}) read as {meaning}: {apart[code]}"
    return Rating(
        low,
        high,
        tuple(str(code) for code in missing),
        tuple(str(code) for code in not_applicable),
        why=why,
        codes=", ".join(brief),
        doubts=doubts,
    )


def _with_company(
    file: FileProfile, answers: pd.DataFrame, found: Mapping[str, Rating]
) -> dict[str, Rating]:
    """Keep columns that go together with the other ratings, or that a header calls ratings."""
    if not found:
        return {}
    spans = Counter(
        rating.span
        for name, rating in found.items()
        if not set(file.column(name).words) & DEMOGRAPHIC_WORDS
    )
    usual = spans.most_common(1)[0][0] if spans else None
    scores = pd.DataFrame(
        {
            name: answers[name].where(answers[name].between(rating.low, rating.high))
            for name, rating in found.items()
        }
    )
    pool = [name for name, rating in found.items() if rating.span == usual]
    pool, together = _going_together(scores, pool)
    kept = {}
    for name, rating in found.items():
        says_so = _says_so(file.column(name))
        is_other = bool(set(file.column(name).words) & DEMOGRAPHIC_WORDS) and not says_so
        goes = together.get(name, float("nan"))
        if (name in pool and len(pool) > 2 and goes >= _TOGETHER) or (says_so and not is_other):
            kept[name] = replace(rating, together=goes)
        elif len(answers) < _ENOUGH_ROWS and name in pool and len(pool) > 2 and not is_other:
            kept[name] = rating
    return kept | _between(file, found, kept)


def _effort(
    file: FileProfile, answers: pd.DataFrame, found: Mapping[str, Rating]
) -> dict[str, Rating]:
    """Questions about effort, and whether those who gave them much rated the rest low."""
    asked = {name for name in found if set(file.column(name).words) & EFFORT_WORDS}
    others = [name for name in found if name not in asked]
    result = {}
    for name in asked:
        pairs = answers[[name, *others]].where(
            answers[[name, *others]].apply(
                lambda scores: scores.between(found[scores.name].low, found[scores.name].high)
            )
        )
        with_rest = pairs[others].corrwith(pairs[name]).mean()
        hard = len(pairs) >= _ENOUGH_ROWS and with_rest <= -_TOGETHER
        told = f"{found[name].why}; who gave much rated the rest low"
        result[name] = replace(
            found[name],
            good="low" if hard else "not told",
            why=told if hard else found[name].why,
        )
    return result


def _as_stated(column: ColumnProfile, rating: Rating) -> Rating:
    """A rating with the good end that its header gives; a scale that does not fit is doubted."""
    stated = stated_of(column)
    if stated is None:
        return rating
    if (stated.low, stated.high) != rating.span:
        doubt = (
            f"{column.name!r} gives its scale as {stated.low} to {stated.high}, its answers look "
            f"like {rating.low} to {rating.high}: correct low and high"
        )
        return replace(rating, doubts=(*rating.doubts, doubt))
    good = stated.good or rating.good
    if good == "not told" and rating.good in ("low", "high"):
        good = rating.good  # which the answers have shown
    doubts = rating.doubts
    if good == "low" and rating.together >= _TOGETHER:
        doubts += (
            f"{column.name!r} says that {rating.low} is the best, yet who gave much gave much "
            "elsewhere too: is the header right, or are the other questions turned round as well?",
        )
    return replace(rating, good=good, doubts=doubts, why=f"{rating.why}; {stated.why}")


def _says_so(column: ColumnProfile) -> bool:
    """Whether a header speaks of rating, states a scale, or names a score beyond a weak hint."""
    header = column.words
    named = (header_score(header, SURVEY_WORDS[role])[0] for role in OUTCOME_SCORES)
    return (
        bool(set(header) & (RATING_WORDS | _RECOMMEND))
        or max(named) >= _NAMED
        or (stated_of(column) is not None)
    )


def _between(
    file: FileProfile, found: Mapping[str, Rating], kept: Mapping[str, Rating]
) -> dict[str, Rating]:
    """Columns between two ratings of the same scale, which questionnaires rarely interrupt."""
    more = {}
    for before, column, after in zip(
        file.columns, file.columns[1:], file.columns[2:], strict=False
    ):
        rating = found.get(column.name)
        if rating is None or column.name in kept or set(column.words) & DEMOGRAPHIC_WORDS:
            continue
        if all(near.name in kept and kept[near.name].span == rating.span
               for near in (before, after)):  # fmt: skip
            doubt = f"{column.name!r} goes little with the other ratings: is it one?"
            more[column.name] = replace(rating, doubts=(*rating.doubts, doubt))
    return more


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
        if len(x) >= _ENOUGH_ROWS and x.std() > 0 and y.std() > 0:
            result[name] = float(np.corrcoef(x, y)[0, 1])
    return result


def _verbal(column: ColumnProfile) -> Rating | None:
    """Answers in words, where all of them belong to one known scale."""
    if column.kind not in ("category", "text") or not 2 <= len(column.values) <= 7:
        return None
    spoken = {" ".join(words(text)): text for text, _ in column.values}
    for scale in VERBAL_SCALES:
        if set(spoken) <= set(scale) and (len(scale) > 2 or len(spoken) == 2):
            if scale == ("no", "yes"):
                return None  # a yes/no column is a flag unless a header says otherwise
            first = 1 if len(scale) > 2 else 0
            values = {spoken[word]: str(first + place) for place, word in enumerate(scale)
                      if word in spoken}  # fmt: skip
            high = first + len(scale) - 1
            return Rating(first, high, values=values, why=f"words read as {first} to {high}")
    return None


def _labelled(column: ColumnProfile) -> Rating | None:
    """Numbers some of which say what they mean, as in "Not at all likely - 0", 1, 2, …"""
    if column.kind not in ("category", "text") or not 2 <= len(column.values) <= _TOP + 1:
        return None
    numbers = {}
    for text, _ in column.values:
        match = re.fullmatch(_LABELLED, text)
        if match is None:
            return None
        numbers[text] = int(match[1] or match[2])
    low, high = min(numbers.values()), max(numbers.values())
    if len(set(numbers.values())) < len(numbers) or not (0 <= low <= 1 and 3 <= high <= _TOP):
        return None
    low, high = (0, _TOP) if low == 0 and high > _FROM_ZERO else (low, high)
    values = {text: str(number) for text, number in numbers.items() if text != str(number)}
    return Rating(low, high, values=values, why=f"{low} to {high}, with words beside some numbers")
