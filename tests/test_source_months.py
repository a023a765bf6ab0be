"""Months named in other languages are read as the English ones."""

from __future__ import annotations

import duckdb
import pytest

from cxanalysis.sources.months import MONTHS, english_months, with_english_month


@pytest.mark.parametrize(
    ("text", "form", "english"),
    [
        ("19/ene/26 12:47 PM", "%d/%b/%y %I:%M %p", "19/Jan/26 12:47 PM"),
        ("3 août 2025", "%d %B %Y", "3 August 2025"),
        ("12. März 2025", "%d. %B %Y", "12. March 2025"),
        ("01-juil.-2025", "%d-%b-%Y", "01-Jul-2025"),
        ("7 juin 2025", "%d %b %Y", "7 Jun 2025"),
        ("5 Dez 2024", "%d %b %Y", "5 Dec 2024"),
        ("5 Foo 2024", "%d %b %Y", "5 Foo 2024"),
        ("mar 5 mar 2024", "%a %d %b %Y", "mar 5 mar 2024"),
        ("2024-03-05", "%Y-%m-%d", "2024-03-05"),
    ],
)
def test_a_month_gets_its_english_name(text: str, form: str, english: str) -> None:
    quoted = f"'{text}'"
    assert duckdb.sql(f"SELECT {english_months(quoted, form)}").fetchall() == [(english,)]
    assert with_english_month(text, form) == english


def test_no_beginning_means_two_months() -> None:
    beginnings = [one for several in MONTHS.values() for one in several]
    assert len(set(beginnings)) == len(beginnings)
    clashes = {
        (month, other)
        for month, own in MONTHS.items()
        for other, theirs in MONTHS.items()
        for one in own
        for two in theirs
        if month != other and one.startswith(two)
    }
    assert not clashes
