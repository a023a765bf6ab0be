"""Which columns are ratings, each with its scale, by header, values and company."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import duckdb
import pandas as pd

from cxanalysis.recognise.answers import Aside, in_halves, marks_of, number_of, set_aside
from cxanalysis.recognise.headers import OUTCOME_SCORES, SURVEY_WORDS
from cxanalysis.recognise.profile import ColumnProfile, FileProfile, clean, percent
from cxanalysis.recognise.sentinels import (
    ENOUGH_ROWS,
    TOGETHER,
    TOP,
    codes_apart,
    codes_of_use,
    counts_of,
    going_together,
    rated_together,
)
from cxanalysis.recognise.stated import Stated, stated_scale
from cxanalysis.recognise.vocabulary import (
    BARE_SERVICE,
    DEMOGRAPHIC_WORDS,
    EFFORT_WORDS,
    PART_WORDS,
    RATING_WORDS,
    SERVICE_WORDS,
    STAGE_WORDS,
    VERBAL_SCALES,
)
from cxanalysis.recognise.wording import header_score, words
from cxanalysis.sources.sql import literals, quoted

_MOST_CODES = 14  # more distinct whole numbers than this are not a rating scale
_MOST_APART = 3  # more codes than this outside 0 to 10 are a list of answers, no scale
_ROWS = 20_000  # rows that are enough to compare means
_FROM_ZERO = 5  # a scale from 0 that goes beyond goes to 10
_LABELLED = r"(?:[^0-9]+ ?[-–:=(] ?)?([0-9]{1,2})\)?|([0-9]{1,2}) ?[-–:=(] ?[^0-9]+"
_NAMED = 0.7  # weak wordings score 0.6 at most
_NOT_USED = ("n/a", "n.a.", "n.v.t.", "s/o")  # or no answer: nobody can tell
_MOST_BEYOND = 0.5  # share of answers off the scale of the header from which it is not theirs
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
    """The rating columns of a file by header, sentinel codes and words for them recognised."""
    without_words = {column.name: set_aside(column) for column in file.columns}
    file = replace(file, columns=tuple(column for column, _ in without_words.values()))
    return {
        name: _with_words(
            replace(rating, doubts=(*rating.doubts, *_usual_words(connection, file, name))),
            without_words[name][1],
        )
        for name, rating in _ratings_of(connection, file).items()
    }


def _usual_words(
    connection: duckdb.DuckDBPyConnection, file: FileProfile, name: str
) -> tuple[str, ...]:
    """A question about N/A among ratings: it is read as missing, and may mean "not used"."""
    rows = connection.execute(
        f"SELECT trim({quoted(name)}) AS v, count(*) FROM {file.relation} "
        f"WHERE lower(v) IN {literals(_NOT_USED)} GROUP BY v ORDER BY v"
    ).fetchall()
    if not rows:
        return ()
    texts, share = [text for text, _ in rows], sum(n for _, n in rows) / file.rows
    return (
        f"{name!r}: {texts[0]!r} ({percent(share)}) is read as missing; if it means that this was "
        f"not used, write not_applicable = [{', '.join(repr(text) for text in texts)}] for it and "
        "take it out of the missing of the table",
    )


def _with_words(rating: Rating, aside: Aside) -> Rating:
    """A rating with the words that are none of its answers."""
    why = rating.why
    for texts, meaning in (
        (aside.not_applicable, "not applicable"),
        (aside.missing, "missing"),
    ):
        if texts:
            why += f"; {', '.join(repr(text) for text in texts)} read as {meaning}"
    return replace(
        rating,
        missing=(*rating.missing, *aside.missing),
        not_applicable=(*rating.not_applicable, *aside.not_applicable),
        why=why,
    )


def _ratings_of(connection: duckdb.DuckDBPyConnection, file: FileProfile) -> dict[str, Rating]:
    codes = {
        column.name: _codes(column)
        for column in file.columns
        if column.kind == "integer" or (column.kind == "number" and in_halves(column))
    }
    codes = {name: seen for name, seen in codes.items() if 2 <= len(seen) <= _MOST_CODES}
    outside = {name: sum(not 0 <= code <= TOP for code in seen) for name, seen in codes.items()}
    codes = {name: seen for name, seen in codes.items() if outside[name] <= _MOST_APART}
    answers = _answers(connection, file, list(codes))
    pool = rated_together(file, answers, codes)
    apart = codes_apart(answers, codes, pool)
    cores = {name: sorted(set(seen) - apart[name].keys()) for name, seen in codes.items()}
    cores = {name: core for name, core in cores.items() if len(core) >= 2 and core[-1] >= 3}
    usual = _usual_high(file, cores)
    found: dict[str, Rating] = {}
    from_zero = any(
        core[0] == 0 and core[-1] >= 8 and not speaks_of_recommending(file.column(name))
        for name, core in cores.items()
    )
    not_used = codes_of_use(file, apart, pool)
    for name, core in cores.items():
        rating = _scale(file.column(name), core, apart[name], usual, not_used, from_zero)
        if rating is not None:
            found[name] = rating
    found = _with_company(file, answers, found)
    found |= _effort(file, answers, found)
    found = {name: _as_stated(file.column(name), rating) for name, rating in found.items()}
    for column in file.columns:
        verbal = _verbal(column) or _labelled(column) or _marked(column)
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
    numbers = [number_of(text) for text, _ in column.values]
    return sorted({int(edge) for n in numbers if n is not None for edge in (n // 1, -(-n // 1))})


def _answers(
    connection: duckdb.DuckDBPyConnection, file: FileProfile, names: list[str]
) -> pd.DataFrame:
    if not names:
        return pd.DataFrame()
    columns = ", ".join(
        f"try_cast(replace({clean(name)}, ',', '.') AS DOUBLE) AS {quoted(name)}" for name in names
    )
    return connection.execute(
        f"SELECT {columns} FROM {file.relation} USING SAMPLE reservoir({_ROWS} ROWS) REPEATABLE (1)"
    ).df()


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
        high = TOP
    if high < 4 or low > max(3, high - 4):
        return None
    if high == 6:
        doubts += (f"{column.name!r}: a scale up to 6, or does 6 mean 'not used'?",)
    starts_at_zero = from_zero or speaks_of_recommending(column)
    starts_at_zero = low == 0 or (starts_at_zero and not {"1", "10"} <= set(column.words))
    low = 0 if high == TOP and starts_at_zero else 1
    return _with_codes(column, (low, high), apart, not_used, doubts)


def _on_stated_scale(
    column: ColumnProfile, stated: Stated, apart: Mapping[int, str], not_used: frozenset[int]
) -> Rating | None:
    """A rating as its header says; None where hardly an answer is on that scale."""
    counts = counts_of(column)
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
    counts = counts_of(column)
    missing: list[int] = []
    not_applicable: list[int] = []
    for code in sorted(apart):
        # What is not used was not rated; a blank is an answer that is lost.
        is_use = code in not_used and (high < TOP or code > TOP)
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
    pool, together = going_together(scores, pool)
    kept = {}
    for name, rating in found.items():
        says_so = _says_so(file.column(name))
        is_other = bool(set(file.column(name).words) & DEMOGRAPHIC_WORDS) and not says_so
        goes = together.get(name, float("nan"))
        if (name in pool and len(pool) > 2 and goes >= TOGETHER) or (says_so and not is_other):
            kept[name] = replace(rating, together=goes)
        elif len(answers) < ENOUGH_ROWS and name in pool and len(pool) > 2 and not is_other:
            kept[name] = rating
    return kept | _between(file, found, kept) | _by_its_part(file, found, kept)


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
        hard = len(pairs) >= ENOUGH_ROWS and with_rest <= -TOGETHER
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
    if good == "low" and rating.together >= TOGETHER:
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
            doubts = (*rating.doubts, _little_company(column.name))
            more[column.name] = replace(rating, doubts=doubts)
    return more


def _by_its_part(
    file: FileProfile, found: Mapping[str, Rating], kept: Mapping[str, Rating]
) -> dict[str, Rating]:
    """Columns on the scale of the ratings whose header names service, a stage or a quality."""
    spans = {rating.span for rating in kept.values()}
    parts = SERVICE_WORDS | BARE_SERVICE | PART_WORDS | frozenset().union(*STAGE_WORDS.values())
    return {
        name: replace(rating, doubts=(*rating.doubts, _little_company(name)))
        for name, rating in found.items()
        if name not in kept
        and rating.span in spans
        and set(file.column(name).words) & parts
        and not set(file.column(name).words) & DEMOGRAPHIC_WORDS
    }


def _little_company(name: str) -> str:
    return f"{name!r} goes little with the other ratings: is it one?"


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


def _marked(column: ColumnProfile) -> Rating | None:
    """Stars, "3/5", and percentages where the header speaks of rating."""
    found = marks_of(column)
    if found is None:
        return None
    marks, top, why = found
    if top == TOP and "hundred" in why and not _says_so(column):
        return None
    low = 0 if top == TOP or 0 in marks.values() else 1
    values = {text: str(mark) for text, mark in marks.items()}
    return Rating(low, top, values=values, why=f"{low} to {top}: {why}")


def _labelled(column: ColumnProfile) -> Rating | None:
    """Numbers some of which say what they mean, as in "Not at all likely - 0", 1, 2, …"""
    if column.kind not in ("category", "text") or not 2 <= len(column.values) <= TOP + 1:
        return None
    numbers = {}
    for text, _ in column.values:
        match = re.fullmatch(_LABELLED, text)
        if match is None:
            return None
        numbers[text] = int(match[1] or match[2])
    low, high = min(numbers.values()), max(numbers.values())
    if len(set(numbers.values())) < len(numbers) or not (0 <= low <= 1 and 3 <= high <= TOP):
        return None
    low, high = (0, TOP) if low == 0 and high > _FROM_ZERO else (low, high)
    values = {text: str(number) for text, number in numbers.items() if text != str(number)}
    return Rating(low, high, values=values, why=f"{low} to {high}, with words beside some numbers")
