"""Which values of the data may name a person, so that no study file holds them."""

from __future__ import annotations

import itertools
import re

from cxanalysis.sources.person_names import is_person
from cxanalysis.sources.privacy import mask


def may_name(text: str) -> bool:
    """Whether a text may name or reach a person, by itself or with other words around.

    A name is likely in "call with Surname, Given", and where a known given name is.
    """
    if mask(text) != text:
        return True
    pairs = itertools.pairwise(text.split())
    known = any(a[0].isupper() and b[0].isupper() and is_person(f"{a} {b}") for a, b in pairs)
    return (
        known or re.search(r"\b[a-z]+ [^\W\d_a-z][\w'’-]+, [^\W\d_a-z][\w'’-]+$", text) is not None
    )
