"""What each file could be: the four tables tried on it, and the best sharing-out of files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cxanalysis.errors import DataError
from cxanalysis.recognise.headers import EVIDENCE, FILE_WORDS, OUTCOME_SCORES, ROLE_WORDS
from cxanalysis.recognise.lacks import what_lacks
from cxanalysis.recognise.profile import ColumnProfile, FileProfile
from cxanalysis.recognise.ratings import Rating, speaks_of_recommending
from cxanalysis.recognise.roles import Match, assign_roles
from cxanalysis.recognise.vendors import Choice, Known
from cxanalysis.recognise.wording import ENOUGH, OUTRIGHT, header_score, words
from cxanalysis.tables import CONTRACTS

_FILE_NAME = 2.0
_VENDOR = 50.0  # more than any sum of evidence: headers of a vendor leave no doubt
_STEPS = 3  # time columns from which a file of orders counts as one step per column
_CONDITION = r"([\w.]+) ?== ?'([^']*)' && "


@dataclass(frozen=True)
class Source:
    """One or more files of one table.

    ``known`` is the vendor's export that they are, if any; ``ratings`` leaves out its columns.
    ``written`` is what a study file has as their path, ``notes`` what to know of the files.
    """

    paths: tuple[Path, ...]
    profile: FileProfile
    ratings: Mapping[str, Rating]
    known: Known | None = None
    written: tuple[Path | str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def free(self) -> tuple[ColumnProfile, ...]:
        """Columns that no vendor file says anything about."""
        named = frozenset[str]() if self.known is None else self.known.named
        return tuple(column for column in self.profile.columns if column.name not in named)

    def choices(self, role: str) -> tuple[Choice, ...]:
        """The vendor's ways to read a column of ours that find any value in the file."""
        if self.known is None:
            return ()
        empty = {column.name for column in self.profile.columns if column.kind == "empty"}
        ways = self.known.choices.get(role, ())
        return tuple(
            way
            for way in ways
            if (not way.needed or not empty.issuperset(way.needed)) and self._can_hold(way)
        )

    def _can_hold(self, way: Choice) -> bool:
        """Whether an expression "kind=='text' && …" can hold for any row, as far as is known."""
        found = re.match(_CONDITION, way.column or "")
        column = self.profile.find(found[1]) if found else None
        return not found or column is None or not column.values or found[2] in dict(column.values)


@dataclass(frozen=True)
class Draft:
    """A source tried as one table: the roles found and how much speaks for it.

    ``added`` are exports of the same vendor that add columns to its rows. ``no_key`` names a
    column that is called like the table's key and does not tell its rows apart, and the column
    that shows it.
    """

    table: str
    source: Source
    roles: Mapping[str, Match]
    steps: tuple[ColumnProfile, ...]
    score: float
    added: tuple[Source, ...] = ()
    no_key: tuple[str, str] | None = None

    @property
    def name(self) -> str:
        """The first file's name."""
        return self.source.paths[0].name


def draft(table: str, source: Source) -> Draft | None:
    """A source as one table; None where it lacks what that table cannot do without."""
    if source.known is not None:
        return _draft_of_known(table, source, source.known)
    columns = source.profile.columns
    roles = assign_roles(table, columns, source.ratings)
    steps: tuple[ColumnProfile, ...] = ()
    if table == "tickets":
        roles = _with_only_time(roles, "opened_at", columns)
        roles = _with_repeated_key(roles, columns)
    elif table == "surveys":
        roles = _with_only_time(roles, "responded_at", columns)
        roles = _with_likeliest_outcome(roles, source)
    elif table == "journeys":
        steps = _steps(source, roles)
        roles = {} if steps else _with_only_time(roles, "occurred_at", columns)
    if not _possible(table, source, roles, steps):
        return None
    score = sum(EVIDENCE[table].get(role, 0) * match.score for role, match in roles.items())
    score += _FILE_NAME * bool(set(words(source.paths[0].name)) & FILE_WORDS[table])
    if table == "surveys":
        scored = {match.column.name for match in roles.values()}
        score += 0.75 * min(8, len(set(source.ratings) - scored))
    if table == "journeys" and steps:
        score += 2.0 * min(3, len(steps) - 1)
    if table == "customers":
        score += 1.5
    return Draft(table, source, roles, steps, score)


def _draft_of_known(table: str, source: Source, known: Known) -> Draft | None:
    """A vendor's export as the table that it is; what its file leaves open is guessed."""
    if table != known.vendor.table:
        return None
    settled = frozenset(role for role in known.vendor.columns if source.choices(role))
    roles = assign_roles(table, source.free, source.ratings, skip=settled)
    if table == "surveys" and not settled & set(OUTCOME_SCORES):
        roles = _with_likeliest_outcome(roles, source)
    likely = _VENDOR if known.vendor.adds is None else 0.0  # rather looked up than a table itself
    return Draft(table, source, roles, (), likely + known.found)


def _with_only_time(
    roles: dict[str, Match], role: str, columns: Sequence[ColumnProfile]
) -> dict[str, Match]:
    """A table's own time is its only free time column where no header says which."""
    taken = {match.column.name for match in roles.values()}
    free = [column for column in columns if column.kind == "time" and column.name not in taken]
    if role not in roles and len(free) == 1:
        return {**roles, role: Match(role, free[0], ENOUGH, "the only time column")}
    return roles


def _with_repeated_key(
    roles: dict[str, Match], columns: Sequence[ColumnProfile]
) -> dict[str, Match]:
    """A log has a row per change of a ticket: its number comes again and again."""
    taken = {match.column.name for match in roles.values()}
    phrases = ROLE_WORDS["tickets"]["ticket_id"]
    for column in columns:
        score, wording = header_score(column.words, phrases)
        is_id = column.kind in ("integer", "category", "text") and column.distinct > 20
        if "ticket_id" not in roles and score >= ENOUGH and is_id and column.name not in taken:
            return {**roles, "ticket_id": Match("ticket_id", column, score, wording)}
    return roles


def _with_likeliest_outcome(roles: dict[str, Match], source: Source) -> dict[str, Match]:
    """Where no score is named, a rating whose header comes near to asking about everything.

    Of several it is the one that goes best with the other ratings.
    """
    if any(role in roles for role in OUTCOME_SCORES):
        return roles
    phrases = ROLE_WORDS["surveys"]["overall_satisfaction"]
    near = []
    for name, rating in source.ratings.items():
        column = source.profile.column(name)
        score = header_score(column.words, phrases)[0]
        if score > 0 or speaks_of_recommending(column):
            near.append((score, _together(rating), column))
    if not near:
        return roles
    column = max(near, key=lambda found: found[:2])[2]
    return {**roles, "overall_satisfaction": Match("overall_satisfaction", column, 0.0, "")}


def _together(rating: Rating) -> float:
    return rating.together if rating.together == rating.together else -1.0


def _steps(source: Source, roles: Mapping[str, Match]) -> tuple[ColumnProfile, ...]:
    """Time columns of a file with one row per order, in which nothing names an event."""
    times = tuple(column for column in source.profile.columns if column.kind == "time")
    unique = any(column.unique and column.kind != "time" for column in source.profile.columns)
    named = {"stage", "touchpoint"} & roles.keys()
    return times if len(times) >= _STEPS and unique and not named and not source.ratings else ()


def _possible(
    table: str, source: Source, roles: Mapping[str, Match], steps: Sequence[ColumnProfile]
) -> bool:
    customer = _has_customer(table, source.profile)
    if table == "tickets":
        opened = roles.get("opened_at")
        # one time says little: order items have one too
        return opened is not None and (len(roles) > 1 or opened.score >= OUTRIGHT)
    if table == "surveys":
        return any(role in roles for role in OUTCOME_SCORES) or len(source.ratings) >= 2
    if table == "journeys":
        named = "occurred_at" in roles and ("stage" in roles or "touchpoint" in roles)
        return customer and (named or bool(steps))
    unique = [column for column in source.profile.columns if column.unique]
    return customer and bool(unique) and not source.ratings and not _numbers_something_else(unique)


def _numbers_something_else(unique: Sequence[ColumnProfile]) -> bool:
    """Whether a column that is never twice the same outright names tickets, answers or events."""
    keys = [
        ROLE_WORDS[name][contract.key]
        for name, contract in CONTRACTS.items()
        if name != "customers" and contract.key is not None
    ]
    customer = ROLE_WORDS["customers"]["customer_id"]
    return any(
        header_score(column.words, key)[0] >= OUTRIGHT
        and header_score(column.words, customer)[0] < OUTRIGHT
        for column in unique
        for key in keys
    )


def _has_customer(table: str, file: FileProfile) -> bool:
    phrases = ROLE_WORDS[table]["customer_id"]
    return any(
        column.kind in ("integer", "category", "text", "email")
        and (table != "customers" or column.unique)
        and (header_score(column.words, phrases)[0] >= ENOUGH or column.kind == "email")
        for column in file.columns
    )


def share_out(sources: Sequence[Source]) -> tuple[dict[str, Draft], list[tuple[Source, str]]]:
    """Give each table the source that is likeliest to be it.

    A source is never put to its second-best table because another has its best: tickets would
    count as a journey.

    Returns
    -------
    The draft chosen for each table, and the sources left over with the reason.

    Raises
    ------
    DataError
        When no file is any of the four tables, or two files fit one table equally well.
    """
    drafts = {
        (index, table): found
        for index, source in enumerate(sources)
        for table in CONTRACTS
        if (found := draft(table, source)) is not None
    }
    if not drafts:
        names = ", ".join(source.paths[0].name for source in sources)
        raise DataError(
            f"{names}: none of the four tables is recognised. A tickets file needs a time of "
            "opening, a survey a rating, an event file customer, time and event, a customer list "
            "a customer number that comes once. Rename the headers so, or write study.toml by hand."
        )
    best: dict[str, Draft] = {}
    for index in range(len(sources)):
        own = [drafts[index, table] for table in CONTRACTS if (index, table) in drafts]
        likeliest = max(own, key=lambda found: found.score, default=None)
        rival = best.get(likeliest.table) if likeliest is not None else None
        if likeliest is not None and (rival is None or _rank(likeliest) > _rank(rival)):
            best[likeliest.table] = likeliest
    return best, _left_over(sources, drafts, best)


def with_added(
    drafts: Mapping[str, Draft], left: Sequence[tuple[Source, str]]
) -> tuple[dict[str, Draft], list[tuple[Source, str]]]:
    """Exports that add columns to another of the same vendor go with it."""
    found = dict(drafts)
    rest = []
    for source, why in left:
        vendor = source.known.vendor if source.known is not None else None
        base = found.get(vendor.table) if vendor is not None and vendor.adds is not None else None
        known = base.source.known if base is not None else None
        if vendor is None or base is None or known is None or known.vendor.name != vendor.name:
            rest.append((source, why))
        elif len(source.paths) > 1:
            rest.append((source, f"it would add columns to {base.name}: put it into one file"))
        else:
            found[vendor.table] = replace(base, added=(*base.added, source))
    return found, rest


def _rank(found: Draft) -> tuple[int, float]:
    """What decides between files for one table; of two surveys the one that asks more is taken."""
    return (len(questions(found)) if found.table == "surveys" else 0, found.score)


def questions(found: Draft) -> set[str]:
    """The rated questions of a survey: scores and items."""
    settled = {way.column or role for role in OUTCOME_SCORES for way in found.source.choices(role)}
    scores = {found.roles[role].column.name for role in OUTCOME_SCORES if role in found.roles}
    return settled | scores | set(found.source.ratings)


def _left_over(
    sources: Sequence[Source], drafts: Mapping[tuple[int, str], Draft], best: Mapping[str, Draft]
) -> list[tuple[Source, str]]:
    left = []
    used = [chosen.source for chosen in best.values()]
    for index, source in enumerate(sources):
        if any(source is other for other in used):
            continue
        own = [drafts[index, table] for table in CONTRACTS if (index, table) in drafts]
        if not own:
            left.append((source, f"it is none of the four tables{what_lacks(source.profile)}"))
            continue
        likeliest = max(own, key=lambda found: found.score)
        rival = best[likeliest.table]
        if _rank(rival) == _rank(likeliest):
            raise DataError(
                f"{_names(rival.source)} and {_names(source)} both look like {likeliest.table}, "
                f"and nothing tells which is meant. {_unlike(rival.source, source)}Give one of "
                "them, or put them into one file."
            )
        left.append((source, _second(likeliest, rival)))
    return left


def _names(source: Source) -> str:
    return ", ".join(path.name for path in source.paths)


def _unlike(one: Source, other: Source) -> str:
    """The headers that keep two files from being read as parts of one table."""
    mine, yours = ([column.name for column in source.profile.columns] for source in (one, other))
    known = {name.casefold() for name in mine} & {name.casefold() for name in yours}
    only = [[n for n in names if n.casefold() not in known][:5] for names in (mine, yours)]
    if not any(only):
        return "Their delimiters or encodings differ. "
    said = [
        f"{', '.join(map(repr, names))} only in {source.paths[0].name}"
        for names, source in zip(only, (one, other), strict=True)
        if names
    ]
    return f"Their headers differ: {'; '.join(said)}. "


def _second(found: Draft, rival: Draft) -> str:
    """Why a file is not used that another is preferred to, and how to have both."""
    rows = f"its {found.source.profile.rows:,} rows are left out"
    why = f"it looks like {found.table} too, and {rival.name} is taken ({_holds(rival)}"
    return (
        f"{why}; this one {_holds(found)}); {rows}. A study has one table of {found.table}: to "
        "have both, put them under the same headers and give both again; or give this one alone"
    )


def _holds(found: Draft) -> str:
    if found.table == "surveys":
        number = len(questions(found))
        return f"{number} rated question{'' if number == 1 else 's'}"
    return f"{found.source.profile.rows:,} rows"
