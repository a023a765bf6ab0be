"""Persons and homes among the values of a column: what can be told, and what is done.

A value of two to four words that begins with a common given name is taken for a person's, unless
one of its words is that of a place, a shop or a plan. Names within a sentence, and names whose
given name is not in `given_names`, are not recognised. A home is a house number in a street.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from cxanalysis.sources.given_names import GIVEN_NAMES
from cxanalysis.sources.job import Job
from cxanalysis.sources.known_words import STEPS
from cxanalysis.sources.mapping import Field, Step
from cxanalysis.sources.privacy import ADDRESS, MOSTLY

MOST_VALUES = 20_000  # different values of a column that are looked at one by one
MOST_NAMES = 1_000  # names in a column above which it is one of persons
FEWEST = 3  # different values from which a column can be one of persons

_HOME = re.compile(ADDRESS)
_TITLE = re.compile(
    r"^(mr|mrs|ms|miss|dr|prof|herrn?|frau|mme|monsieur|madame|señora?|sra?|sig|signora?)\b\.?\s+",
    re.IGNORECASE,
)
_TITLED = re.compile(r"^(mr|mrs|miss|herrn?|frau|mme|monsieur|señora?|signora?)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_][^\W\d_'’.-]*(?:['’.-][^\W\d_]+)*\.?")
_PLACES = """
the of in at on to for by with and or from not no yes is was very
store stores shop branch office teams team group street road avenue lane drive airport station
hotel plan plans center centre city town north south east west upper lower beach park hall house
inc ltd llc gmbh ag corp co company bank card account line lines desk club bar restaurant café
cafe market mall plaza square bay island lake river mountain valley springs hill hills state
county province region area zone district campus school college university hospital clinic
institute foundation museum bridge tower building gate terminal pro plus premium basic gold
silver bronze standard express prime family business enterprise personal joint student senior
junior saver bundle box set edition model series version class line rolls vans daily weekly
monthly annual digital mobile phone internet tv insurance loan mortgage credit debit
"""
_NO_NAMES = frozenset(f"{_PLACES} {STEPS}".split())


def is_person(text: str) -> bool:
    """Whether a whole text is most likely the name of a person."""
    plain = _TITLE.sub("", text.strip())
    words = [word.strip(",") for word in re.split(r"\s+|(?<=,)", plain) if word.strip(",")]
    titled = _TITLED.match(text.strip()) is not None
    if not (1 if titled else 2) <= len(words) <= 4:
        return False
    if not all(_WORD.fullmatch(word) for word in words):
        return False
    folded = [word.casefold().rstrip(".") for word in words]
    if _NO_NAMES.intersection(folded):
        return False
    given = folded[1] if "," in plain else folded[0]
    return titled or bool(GIVEN_NAMES & {given, *given.split("-")})


def find_persons(job: Job, step: Step, texts: str, columns: Mapping[str, str]) -> Step:
    """Fields whose values name persons or homes: hashed where most do, else these are masked.

    Parameters
    ----------
    texts
        Relation of a reading's texts.
    columns
        Its columns by the names of our columns.
    """
    keep = job.config.privacy.keep
    fields = [
        _looked_at(job, field, texts, columns[field.name])
        if field.kind == "category"
        and field.privacy == "keep"
        and field.columns
        and not {field.name, *field.columns} & set(keep)
        else field
        for field in step.fields
    ]
    return replace(step, fields=tuple(fields))


def _looked_at(job: Job, field: Field, texts: str, column: str) -> Field:
    found = job.connection.execute(
        f"SELECT DISTINCT {column} FROM {texts} WHERE {column} IS NOT NULL LIMIT {MOST_VALUES + 1}"
    ).fetchall()
    if len(found) > MOST_VALUES:  # too many for a kind of thing: only those that may be names
        found = job.connection.execute(
            f"SELECT DISTINCT {column} FROM {texts} WHERE regexp_full_match({column}, "
            f"'[^0-9@:/]+[ ,][^0-9@:/]+|.* [0-9]+.*|[0-9]+.* .*') LIMIT {MOST_VALUES}"
        ).fetchall()
    values = [text for (text,) in found]
    private = tuple(text for text in values if is_person(text) or _HOME.search(text))
    given = sum(text.casefold() in GIVEN_NAMES for text in values)
    mostly = len(values) >= FEWEST and len(private) + given > MOSTLY * len(values)
    if mostly or len(private) > MOST_NAMES:
        job.notes.append(f"{field.name} holds names of persons or addresses of houses: hashed")
        return replace(field, privacy="hash")
    if private:
        job.notes.append(
            f"{field.name}: {len(private):,} of {len(values):,} different values look like names "
            "of persons or addresses of houses and are masked; if they are none, list the column "
            "under privacy.keep"
        )
    return replace(field, private=private)
