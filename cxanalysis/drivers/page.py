"""What a notebook shows of a fit: what went into it, and where its figures are."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from cxanalysis.shown import folded, listed, page, table

if TYPE_CHECKING:
    from cxanalysis.drivers.result import DriverFit

# A figure of a fit without its interval would be read as more than it is, so none stands here.
ASK = (
    ("importance()", "what each set and group accounts for, with 95% intervals"),
    ("tests()", "whether it adds anything to the rest"),
    ("floor()", "how far a total reaches where nothing goes with the outcome"),
    ("tidy()", "one row per driver: its slope, interval and p-value"),
    ("glance()", "one row about the whole fit"),
)


def fit_html(fit: DriverFit) -> str:
    """The page of a fit; nothing is worked out for it that takes samples or tests."""
    rows = [
        (name, group, f"{len(columns):,}", ", ".join(columns))
        for name, groups in fit.blocks.items()
        for group, columns in groups.items()
    ]
    facts = [f"{fit.n:,} answers", f"{fit.n_clusters:,} customers" if fit.cluster else ""]
    facts += [f"{fit.measure} {fit.r_squared:.2f} of {fit.n_columns} drivers", f"model {fit.model}"]
    facts += [f"weights {fit.weights}" if fit.weights else "", f"errors {fit.cov_type}"]
    facts += [f"{fit.n_dropped:,} rows not used" if fit.n_dropped else ""]
    left_out = [f"{each.column}: {each.reason}" for each in fit.left_out]
    return page(
        f"<strong>How {escape(fit.outcome)} goes with its drivers</strong>",
        f"<p>{escape('; '.join(filter(None, facts)))}</p>",
        table(rows, ("Set", "Group", "Drivers", "Columns"), numbers=("Drivers",)),
        folded(listed(left_out), f"Columns left out of the model: {len(left_out)}")
        if left_out
        else "",
        table(ASK, ("Ask the fit", "for"), "Its figures"),
    )
