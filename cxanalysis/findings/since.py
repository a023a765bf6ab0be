"""What changed since the report before: what was published then, and what is published now."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isclose, isnan, nan
from typing import ClassVar, Literal

import pandas as pd

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding
from cxanalysis.findings.counting import Recounted, recounted
from cxanalysis.findings.published import (
    Json,
    Published,
    count_in,
    figures_of,
    items_in,
    text_in,
)
from cxanalysis.metrics.change import NO_CLEAR_CHANGE, NO_COMPARISON, change

Why = Literal["", "all dates", "none", "damaged"]
# Their first sentence tells what moved, which the figures here tell already.
TOLD_BY_FIGURES = ("scorecard", "changes", "since")
AS_PUBLISHED = 1e-5  # findings are published with six digits
_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\d])")
_PERIOD = re.compile(
    r"(the )?(first|second|third|fourth) quarter of \d{4}|"
    r"(January|February|March|April|May|June|July|August|September|October|November|December)"
    r"( \d{4})?"
)
_NUMBER = re.compile(
    r"[+−-]?\d([\d.,:]*\d)?%?|"
    r"\b(about )?(one|two|three|four|five|six|seven|eight|nine|ten|a fifth|a quarter|a third|half)"
    r"( (in|fifths|quarters|thirds|five|ten))*\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"(\b(under|over) )?#(( (to|min|s|hours?|days?|points?))*\b( ?#)?)*")


@dataclass(frozen=True)
class Document:
    """A report as it is published: findings.json and manifest.json."""

    findings: Json = field(repr=False)
    manifest: Json = field(repr=False)

    @property
    def figures(self) -> tuple[Published, ...]:
        """Its headline figures."""
        return figures_of(items_in(self.findings, "findings"))

    def of_kind(self, kind: str) -> Json:
        """Its first finding of a kind, empty where it has none."""
        found = items_in(self.findings, "findings")
        return next((each for each in found if each.get("kind") == kind), {})


@dataclass(frozen=True)
class Moved:
    """A headline figure then and now.

    ``then`` was published with the report before; ``again`` is the same period's figure as
    counted today, NaN where it is not counted again. ``difference`` and ``word`` test the change
    of customers: today's count of both periods where there is one, else the two published
    figures. ``told_apart`` is false where such a change may as well come from counting.
    """

    key: str
    label: str
    unit: str
    now: Estimate
    then: Estimate
    n: int
    n_then: int
    again: float = nan
    difference: Estimate = UNKNOWN
    word: str = NO_COMPARISON
    told_apart: bool = True

    @property
    def is_recounted(self) -> bool:
        """Whether the earlier period is counted again today."""
        return not isnan(self.again)

    @property
    def is_revised(self) -> bool:
        """Whether today's count of the earlier period differs from what was published."""
        return self.is_recounted and not isclose(
            self.again, self.then.value, rel_tol=AS_PUBLISHED, abs_tol=AS_PUBLISHED
        )

    @property
    def has_moved(self) -> bool:
        """Whether the change is more than sampling error."""
        return self.word not in (NO_CLEAR_CHANGE, NO_COMPARISON)


@dataclass(frozen=True)
class Said:
    """The first sentence of a section then and now, where it says something else.

    One of them is empty where the section is new or gone.
    """

    section: str
    then: str
    now: str


@dataclass(frozen=True)
class New:
    """A sentence that is new, and its section."""

    section: str
    text: str


@dataclass(frozen=True)
class SinceFinding(Finding):
    """A report beside the one on the period before.

    ``why`` says why there is nothing to compare with, and is empty otherwise; ``made_before`` is
    when the earlier one was made, in UTC. ``counted`` holds what was counted differently.
    ``new`` holds the sentences, those of ``said`` included, that the earlier report did not have
    in other figures, of the number in ``sentences``; ``n_both`` counts the customers known to
    have answered in both periods, ``lookback_days`` is how far the model reaches back before
    each answer.
    """

    kind: ClassVar[str] = "since"

    period: str
    period_before: str
    why: Why = ""
    made_before: str = ""
    counted: tuple[Recounted, ...] = ()
    figures: tuple[Moved, ...] = ()
    new_figures: tuple[str, ...] = ()
    gone_figures: tuple[str, ...] = ()
    said: tuple[Said, ...] = ()
    new: tuple[New, ...] = ()
    sentences: int = 0
    n_both: int = 0
    lookback_days: int = 0


def find_since(period: str, period_before: str, now: Document, before: Document) -> SinceFinding:
    """What changed between two reports of the same notebook on the same customers.

    Figures that a section of this report counts anew for the earlier period keep that section's
    test, which takes both periods from the same data and rules; the others are compared as they
    were published, as figures of independent periods (see `metrics.change`), Holm over all of
    these. Customers, or touches before an answer, that are in both periods make the two alike,
    so that such a test rather misses a change than invents one.

    Parameters
    ----------
    period, period_before
        Titles of the two periods.
    """
    counted = recounted(before.manifest, now.manifest, (_quality(before), _quality(now)))
    then = {figure.key: figure for figure in before.figures}
    today = {figure.key: figure for figure in now.figures}
    shared = [f for key, f in today.items() if key in then and then[key].unit == f.unit]
    texts = [items_in(each.findings, "said") for each in (before, now)]
    told = [said for said in texts[1] if said.get("kind") not in TOLD_BY_FIGURES]
    return SinceFinding(
        period=period,
        period_before=period_before,
        made_before=text_in(before.manifest, "made_at"),
        counted=counted,
        figures=_moved(shared, then, bool(counted)),
        new_figures=tuple(f.label for key, f in today.items() if key not in then),
        gone_figures=tuple(f.label for key, f in then.items() if key not in today),
        said=_said(*texts),
        new=_new(texts[0], told),
        sentences=sum(len(sentences_in(said)) for said in told),
        n_both=max((count_in(row, "n") for row in _paired(now)), default=0),
        lookback_days=count_in(now.of_kind("trust"), "lookback_days"),
    )


def _quality(document: Document) -> Json:
    return document.of_kind("quality")


def _paired(document: Document) -> list[Json]:
    return items_in(document.of_kind("scorecard"), "paired")


def _moved(
    shared: Sequence[Published], then: Mapping[str, Published], counted_differently: bool
) -> tuple[Moved, ...]:
    published = [figure for figure in shared if isnan(figure.again)]
    tested = _tested(published, [then[figure.key] for figure in published])
    return tuple(
        replace(
            _both(figure, then[figure.key]),
            difference=tested[figure.key][0],
            word=tested[figure.key][1],
            told_apart=not counted_differently,
        )
        if figure.key in tested
        else replace(
            _both(figure, then[figure.key]),
            again=figure.again,
            difference=figure.difference,
            word=figure.word or NO_COMPARISON,
        )
        for figure in shared
    )


def _said(before: Sequence[Json], now: Sequence[Json]) -> tuple[Said, ...]:
    """Sections whose first sentence says something else, in this report's order, then gone ones."""
    then, today = (
        {text_in(said, "kind"): said for said in each if sentences_in(said)}
        for each in (before, now)
    )
    found = []
    for kind in [kind for kind in {**today, **then} if kind not in TOLD_BY_FIGURES]:
        first, last = (sentences_in(each.get(kind, {}))[:1] for each in (then, today))
        if [form_of(text) for text in first] != [form_of(text) for text in last]:
            section = text_in(today.get(kind, then.get(kind, {})), "section")
            found.append(Said(section, *("".join(text) for text in (first, last))))
    return tuple(found)


def _new(before: Sequence[Json], now: Sequence[Json]) -> tuple[New, ...]:
    known = {form_of(sentence) for said in before for sentence in sentences_in(said)}
    return tuple(
        New(text_in(said, "section"), sentence)
        for said in now
        for sentence in sentences_in(said)
        if form_of(sentence) not in known
    )


def sentences_in(said: Json) -> list[str]:
    """What a section says, sentence by sentence."""
    texts = said.get("texts")
    paragraphs = (
        [each for each in texts if isinstance(each, str)] if isinstance(texts, list) else []
    )
    return [sentence for text in paragraphs for sentence in _END.split(text) if sentence]


def form_of(sentence: str) -> str:
    """A sentence without its figures and periods: what it says whatever they are."""
    return _FIGURE.sub("#", _NUMBER.sub("#", _PERIOD.sub("#", sentence)))


def _both(now: Published, then: Published) -> Moved:
    return Moved(now.key, now.label, now.unit, now.now, then.now, now.n, then.n)


def _tested(now: Sequence[Published], then: Sequence[Published]) -> dict[str, tuple[Estimate, str]]:
    """By key: the difference of two published figures, and the word for it."""
    if not now:
        return {}
    rows = change(_tidy(now), _tidy(then)).to_dict("records")
    return {
        row["metric"]: (
            Estimate(row["difference"], row["conf_low"], row["conf_high"]),
            row["word"],
        )
        for row in rows
    }


def _tidy(figures: Sequence[Published]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "metric": figure.key,
                "value": figure.now.value,
                "conf_low": figure.now.low,
                "conf_high": figure.now.high,
                "n": figure.n,
                "unit": figure.unit,
            }
            for figure in figures
        ]
    )
