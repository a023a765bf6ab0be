"""What the data hold in words: what was done is one thing, what was felt another."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.dictionary import DictionaryFinding
from cxanalysis.narrative.core import describe, tabulate
from cxanalysis.narrative.words import counted, integer, percent, sentence_case, small

VIEWS = {"who": "who", "done": "what was done", "felt": "what was felt", "own": "your own"}


@describe.register
def _describe(finding: DictionaryFinding) -> tuple[str, ...]:
    if not finding.columns:
        return ("**No table was read**, so there is nothing to describe.",)
    number = {view: sum(c.view == view for c in finding.columns) for view in VIEWS}
    felt = small(number["felt"]) if number["felt"] else "none"
    rest = number["who"] + number["own"]
    told = (
        f"**Of {counted(len(finding.columns), 'column')}, {felt} "
        f"{'tell' if number['felt'] > 1 else 'tells'} what customers felt and "
        f"{small(number['done'])} what was done.**"
    )
    if rest:
        told += f" The other {small(rest)} say who it was, or hold segments of your own."
    apart = (
        "A record of what the company did cannot stand for how it was perceived, nor the other "
        "way round: figures made of the one are never filled up from the other."
    )
    return (told, apart)


@tabulate.register
def _tabulate(finding: DictionaryFinding) -> pd.DataFrame | None:
    rows = [
        {
            "table": column.table,
            "column": column.column,
            "tells": VIEWS[column.view],
            "meaning": sentence_case(column.meaning) if column.meaning else "–",
            "filled": f"{integer(column.filled)} of {integer(column.n)}"
            + (f" ({percent(column.filled / column.n)})" if column.n else ""),
        }
        for column in finding.columns
    ]
    return pd.DataFrame(rows) if rows else None
