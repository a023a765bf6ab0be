"""The two ways of wording a finding; each theme registers its own."""

from __future__ import annotations

from functools import singledispatch

import pandas as pd

from cxanalysis.errors import CxError
from cxanalysis.findings.core import Finding
from cxanalysis.narrative.words import to_plain

ALSO = "also"
"""First cell of a table's row that parts what comes first from the rest."""


@singledispatch
def describe(finding: Finding) -> tuple[str, ...]:
    """A finding in paragraphs, the first of which is its headline.

    ``**bold**`` and ``*emphasis*`` are the only markup.

    Raises
    ------
    CxError
        Of anything else than a finding.
    """
    raise CxError(
        f"{type(finding).__name__} is no finding and has no wording. Make a finding of it first, "
        "by find_answer(study, fit) or find_drivers(fit), say, and pass that."
    )


@singledispatch
def tabulate(finding: Finding) -> pd.DataFrame | None:  # noqa: ARG001
    """A finding's table as texts to print; None where it has none."""
    return None


@singledispatch
def caption(finding: Finding) -> str:
    """The paragraph that says in words what the finding's picture shows."""
    return describe(finding)[0]


@singledispatch
def footnotes(finding: Finding) -> tuple[str, ...]:  # noqa: ARG001
    """Small print under a finding's table: definitions, one line each."""
    return ()


def headline(finding: Finding) -> str:
    """The first paragraph of a finding, without markup."""
    return to_plain(describe(finding)[0])
