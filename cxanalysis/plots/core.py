"""The way from a finding to its picture; each theme registers its own."""

from __future__ import annotations

from functools import singledispatch

from matplotlib.figure import Figure

from cxanalysis.findings.core import Finding


@singledispatch
def plot(finding: Finding) -> Figure | None:  # noqa: ARG001
    """The picture of a finding; None where no picture would say more than the sentence."""
    return None
