"""Findings of what the data hold, written by hand."""

from __future__ import annotations

from cxanalysis.findings.core import Finding
from cxanalysis.findings.dictionary import Column, DictionaryFinding

COLUMNS = (
    Column("journeys", "occurred_at", "done", "when it happened", 1200, 1200),
    Column("journeys", "rating", "felt", "the customer's rating of this event", 1200, 654),
    Column("surveys", "nps", "felt", "likelihood to recommend", 0, 0),
    Column("customers", "customer_id", "who", "the customer", 90, 90),
    Column("customers", "plan", "own", "", 90, 88),
)
FINDINGS: dict[str, Finding] = {
    "dictionary": DictionaryFinding(COLUMNS),
    "dictionary_one_felt": DictionaryFinding(COLUMNS[:2]),
    "dictionary_none_felt": DictionaryFinding(COLUMNS[:1]),
    "dictionary_no_table": DictionaryFinding(),
}
WITHOUT_PICTURE = set(FINDINGS)
