"""Persons and homes among the values of a column: hashed where most are, else masked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from cxanalysis.sources.given_names import GIVEN_NAMES
from cxanalysis.sources.job import Job
from cxanalysis.sources.mapping import Field, Step
from cxanalysis.sources.person_names import is_person
from cxanalysis.sources.privacy import ADDRESS, MOSTLY

MOST_VALUES = 20_000  # different values of a column that are all looked at one by one
MOST_NAMES = 1_000  # names in a column above which it is one of persons
FEWEST = 3  # different values from which a column can be one of persons

_HOME = re.compile(ADDRESS)


def find_persons(job: Job, step: Step, values: Mapping[str, str]) -> Step:
    """Fields whose values name persons or homes: hashed where most do, else these are masked.

    Parameters
    ----------
    values
        Tables of the different texts, ``value``, of fields by their names.
    """
    keep = job.config.privacy.keep
    fields = [
        _looked_at(job, field, values[field.name])
        if field.name in values
        and field.privacy == "keep"
        and not {field.name, *field.columns} & set(keep)
        else field
        for field in step.fields
    ]
    return replace(step, fields=tuple(fields))


def _looked_at(job: Job, field: Field, values: str) -> Field:
    count = job.number(f"SELECT count(*) FROM {values}")
    query = f"SELECT value FROM {values}"
    if count > MOST_VALUES:  # too many for a kind of thing: only those that may be names
        query += (
            " WHERE regexp_full_match(value, "
            "'[^0-9@:/]+[ ,][^0-9@:/]+|.* [0-9]+.*|[0-9]+.* .*|.*[a-zß.][0-9]+.*')"
        )
    found = job.connection.execute(query)
    private: tuple[str, ...] = ()
    looked_at = given = 0
    while len(private) <= MOST_NAMES and (part := found.fetchmany(MOST_VALUES)):
        texts = [text for (text,) in part]
        private += tuple(text for text in texts if is_person(text) or _HOME.search(text))
        given += sum(text.casefold() in GIVEN_NAMES for text in texts)
        looked_at += len(texts)
    mostly = looked_at >= FEWEST and len(private) + given > MOSTLY * looked_at
    if mostly or len(private) > MOST_NAMES:
        job.notes.append(f"{field.name} holds names of persons or addresses of houses: hashed")
        return replace(field, privacy="hash")
    if private:
        job.notes.append(
            f"{field.name}: {len(private):,} of {count:,} different values look like names "
            "of persons or addresses of houses and are masked; if they are none, list the column "
            "under privacy.keep"
        )
    return replace(field, private=private)
