"""Sentences: each hand-made finding reads exactly as its golden text; words keep their rules."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from findings_by_hand import DRIVERS, FINDINGS, MOVED, NO, QUARTER_SILENT, SILENT, TWO_PART

from cxanalysis.display import bundle
from cxanalysis.errors import CxError
from cxanalysis.findings.core import Estimate
from cxanalysis.narrative import describe, footnotes, headline, tabulate, words

GOLDEN = Path(__file__).parent / "golden"
ALL = list(FINDINGS)


def as_text(name: str) -> str:
    finding = FINDINGS[name]
    table = tabulate(finding)
    parts = list(describe(finding))
    if table is not None:
        parts.append(table.to_string(index=False))
    parts += footnotes(finding)
    return "\n\n".join(parts) + "\n"


@pytest.mark.parametrize("name", ALL)
def test_finding_reads_as_its_golden_text(name: str) -> None:
    assert as_text(name) == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def test_no_golden_text_is_left_without_its_finding() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(ALL)


@pytest.mark.parametrize("word", [describe, headline, bundle])
def test_what_is_no_finding_is_refused_with_the_way_to_one(word: Callable[..., object]) -> None:
    with pytest.raises(CxError, match=r"DataFrame is no finding.*find_answer\(study, fit\)"):
        word(pd.DataFrame())


@pytest.mark.parametrize("name", ALL)
def test_sentences_promise_no_more_than_an_association(name: str) -> None:
    text = " ".join(describe(FINDINGS[name])).lower()
    assert not re.search(
        r"\bcauses\b(?!:\*\*)|\bbecause of service\b|\bdrives\b|\bleads to\b", text
    )


@pytest.mark.parametrize("name", ALL)
def test_sentences_hold_no_column_name_and_no_unknown_number(name: str) -> None:
    text = " ".join(describe(FINDINGS[name]))
    assert not re.search(r"\w_\w", text)
    assert "nan" not in text.lower().split()
    assert "inf" not in text.lower().split()


@pytest.mark.parametrize("name", ALL)
def test_paragraphs_are_whole_sentences(name: str) -> None:
    for paragraph in describe(FINDINGS[name]):
        assert paragraph == paragraph.strip()
        assert words.to_plain(paragraph)[-1] in ".)"
        assert "  " not in paragraph


def test_headline_is_the_first_paragraph_without_markup() -> None:
    assert headline(NO).startswith("No: service does not carry what the whole journey carries. ")
    assert "*" not in headline(DRIVERS)


def test_a_figure_outside_its_own_interval_is_said_to_be_none_to_quote() -> None:
    said = "A figure outside its own interval is none to quote"
    assert said not in describe(NO)[0]
    for part in ("alone", "unique", "split"):
        figure = replace(getattr(NO, part), value=getattr(NO, part).high + 0.01)
        assert said in describe(replace(NO, **{part: figure}))[0]


def test_answers_of_unequal_weight_are_counted_for_what_they_tell() -> None:
    base = replace(TWO_PART, n=883, n_customers=201, weights="raked")
    light = " ".join(describe(replace(base, kish_n=735.2, n_effective_customers=150.0)))
    assert "Weighted, they tell as much as 735 plain answers." in light
    assert "of equal weight" not in light
    heavy = " ".join(describe(replace(base, kish_n=12.3, n_effective_customers=4.1)))
    assert "12 plain answers: a few answers weigh more" in heavy
    assert "as much as 4 customers of equal weight" in heavy


def test_more_is_claimed_only_where_the_difference_excludes_zero() -> None:
    sure = " ".join(describe(DRIVERS))
    unsure = " ".join(describe(replace(DRIVERS, lead=Estimate(0.07, -0.001, 0.14))))
    assert "is ahead by 7 points" in sure
    assert "is ahead by" not in unsure
    assert "not settled" in unsure


def test_change_within_noise_gets_no_sentence_of_its_own() -> None:
    text = " ".join(describe(MOVED))
    assert "NPS rose" not in text
    assert "Promises kept fell" in text


def test_without_a_period_no_test_of_change_is_spoken_of() -> None:
    assert "tests of change" in " ".join(describe(TWO_PART))
    assert "tests of change" not in " ".join(describe(replace(TWO_PART, period="all dates")))


def test_without_invitations_no_bound_is_claimed_for_the_nps() -> None:
    text = " ".join(describe(replace(SILENT, nps_low=math.nan, nps_high=math.nan)))
    assert "as collected" in text
    assert "lies between" not in text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0%"),
        (0.004, "under 1%"),
        (0.005, "under 1%"),
        (0.347, "35%"),
        (0.996, "over 99%"),
        (1.0, "100%"),
        (-0.0002, "just below 0%"),
        (-0.004, "−0.4%"),
        (-0.03, "−3%"),
        (1.04, "104%"),
    ],
)
def test_share_is_never_rounded_to_nothing_or_to_all(share: float, text: str) -> None:
    assert words.percent(share) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (31.4, "points", "+31"),
        (-12.0, "points", "−12"),
        (-0.3, "points", "0"),
        (48.2, "seconds", "48 s"),
        (332.0, "seconds", "5 min 32 s"),
        (-120.0, "seconds", "−2 min"),
        (9000.0, "seconds", "2.5 hours"),
        (0.7, "hours", "42 min"),
        (0.035, "hours", "2 min 6 s"),
        (5.24, "hours", "5.2 hours"),
        (96.0, "hours", "4.0 days"),
        (3.456, "score", "3.46"),
        (math.nan, "share", "–"),
    ],
)
def test_figure_is_written_in_the_unit_one_would_say(value: float, unit: str, text: str) -> None:
    assert words.amount(value, unit) == text


@pytest.mark.parametrize(
    ("low", "high", "unit", "text"),
    [
        (0.29, 0.41, "share", "29% to 41%"),
        (0.301, 0.304, "share", "30.1% to 30.4%"),
        (0.3001, 0.3002, "share", "30.01% to 30.02%"),
        (-0.003, 0.006, "share", "−0.3% to 0.6%"),
        (38.8, 40.9, "points", "+38.8 to +40.9"),
        (4.9, 5.5, "hours", "4.9 to 5.5 hours"),
        (0.9, 3.0, "hours", "54 min to 3.0 hours"),
        (-3.1, 7.1, "points", "−3 to +7"),
    ],
)
def test_interval_names_its_unit_once(low: float, high: float, unit: str, text: str) -> None:
    assert words.interval(Estimate(low, low, high), unit) == text


@pytest.mark.parametrize(
    ("share", "digits", "text"),
    [
        (0.0004, 1, "under 0.1%"),
        (0.9996, 1, "over 99.9%"),
        (0.0093, 1, "0.9%"),
        (-0.004, 1, "−0.4%"),
        (0.347, 2, "34.70%"),
    ],
)
def test_share_with_decimals_keeps_the_rule(share: float, digits: int, text: str) -> None:
    assert words.percent(share, digits) == text


@pytest.mark.parametrize(
    ("total", "parts", "digits"),
    [
        (0.25, (0.14, 0.11), 0),
        (0.252, (0.146, 0.106), 1),  # 25 is not 15 + 11, but 25.2 is 14.6 + 10.6
        (1.0, (0.046, 0.098, 0.235, 0.621), 1),
        (1.0, (0.0455, 0.0985, 0.2355, 0.6205), 2),
    ],
)
def test_parts_get_the_decimals_at_which_they_add_up(
    total: float, parts: tuple[float, ...], digits: int
) -> None:
    assert words.agreeing(total, parts) == digits


@pytest.mark.parametrize(
    ("before", "now", "unit", "text", "size"),
    [
        (0.91, 0.84, "share", "from 91% to 84%", "7 points"),
        (0.0112, 0.0093, "share", "from 1.1% to 0.9%", "0.2 points"),
        (0.818, 0.734, "share", "from 81.8% to 73.4%", "8.4 points"),
        (29.4, 31.6, "points", "from +29.4 to +31.6", "2.2 points"),
        (29.0, 31.0, "points", "from +29 to +31", "2 points"),
        (5.24, 6.06, "hours", "from 5.2 to 6.1 hours", "54 min"),
        (0.7814, 0.6957, "share", "from 78.1% to 69.6%", "8.5 points"),
        (474.6, 490.4, "seconds", "from 7 min 55 s to 8 min 10 s", "15 s"),
    ],
)
def test_ends_of_a_change_agree_with_its_size(
    before: float, now: float, unit: str, text: str, size: str
) -> None:
    assert words.moved(before, now, unit)[:2] == (text, size)


@pytest.mark.parametrize(
    ("column", "label"),
    [
        ("first_reply_hours", "hours to first reply"),
        ("first_reply_hours_known", "whether there is a figure for hours to first reply"),
        ("use_late_days", "days late in use"),
        ("quality of information_rated", "whether there is a rating of quality of information"),
        ("after_sales", "after sales"),
        ("response_id", "answer number"),
        ("overall_satisfaction", "overall satisfaction"),
    ],
)
def test_column_is_called_by_the_readers_noun(column: str, label: str) -> None:
    assert words.name(column) == label


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.333, "about a third"), (0.51, "about half"), (0.45, "45%"), (0.9, "about nine in ten")],
)
def test_share_gets_ordinary_words_only_where_they_fit(share: float, text: str) -> None:
    assert words.roughly(share) == text


def test_markup_in_a_name_cannot_change_the_markup_of_a_sentence() -> None:
    assert words.to_html(words.cited("a*b<i>")) == "<em>a∗b&lt;i&gt;</em>"


def test_single_things_are_named_in_the_singular() -> None:
    assert words.counted(1, "answer") == "1 answer"
    assert words.counted(1842, "answer") == "1,842 answers"
    assert words.listed(["a", "b", "c"]) == "a, b and c"


def test_longer_period_is_offered_only_where_a_period_leaves_some_out() -> None:
    assert "longer period" in words.wider("October 2026")
    assert "period" not in words.wider("all dates")


def test_needs_are_told_in_the_reader_s_words() -> None:
    assert words.in_words("needs journeys.rating") == "needs ratings on the way"
    told = words.in_words("needs feedback.reasons in the study file")
    assert told == "needs the list of reasons that are complaints in the study file"


def test_period_of_a_quarter_fits_into_the_sentence() -> None:
    assert "(6,475 of 9,120, the third quarter of 2026)" in headline(QUARTER_SILENT)
