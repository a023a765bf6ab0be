"""Who had a touch rated as badly as can be, what follows it, where it is, who hears of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, estimate_of, period_title
from cxanalysis.memory import public_reach, reach_of_recommenders, worst_touch, worst_touchpoints
from cxanalysis.metrics.scales import ends, scale_of, worst_boxes
from cxanalysis.study import Study


@dataclass(frozen=True)
class Hit:
    """Customers with a touch rated so badly, and the overall score after one against the rest.

    ``rated`` says how badly, from ``worst`` to ``mildest``. ``held`` is the difference at equal
    mean and number of ratings, over ``n_held`` answers.
    """

    worst: float
    mildest: float
    share: Estimate = UNKNOWN
    n: int = 0
    after: Estimate = UNKNOWN
    n_after: int = 0
    rest: Estimate = UNKNOWN
    n_rest: int = 0
    difference: Estimate = UNKNOWN
    held: Estimate = UNKNOWN
    n_held: int = 0


@dataclass(frozen=True)
class Place:
    """A touchpoint: how many of its ``n`` ratings were as bad, and of all such ratings."""

    touchpoint: str
    stage: str
    share: Estimate
    worst: int
    of_all: float
    n: int


@dataclass(frozen=True)
class Told:
    """What a group told in public: of ``n`` touches a share, read by ``reach`` people in all.

    ``largest`` is the reach of a single touch; both are NaN where nobody recorded it.
    """

    who: str
    n: int
    shared: int
    share: Estimate = UNKNOWN
    reach: float = float("nan")
    largest: float = float("nan")


@dataclass(frozen=True)
class WorstFinding(Finding):
    """Touches at the lowest rating (``lowest``), and all that count as dissatisfied (``low``).

    ``places`` are the touchpoints that are not withheld, highest share first, counted at the
    lowest rating; ``n_withheld`` how many are, and ``n_worst`` such ratings in all. ``told`` is
    by rating, ``recommenders`` by their answer on recommending; both are empty where nobody
    recorded it.
    """

    kind: ClassVar[str] = "worst"

    period: str
    min_base: int
    outcome: str
    days: int
    lowest: Hit | None = None
    low: Hit | None = None
    places: tuple[Place, ...] = ()
    n_withheld: int = 0
    n_worst: int = 0
    told: tuple[Told, ...] = ()
    recommenders: tuple[Told, ...] = ()
    needs: str = ""
    needs_answers: str = ""


def find_worst(study: Study) -> WorstFinding:
    """The worst touches of the study's period."""
    lowest, low = worst_touch(study), worst_touch(study, low=True)
    notes = lowest.set_index("metric")["note"]
    gap = _gap(notes["customers_hit"])
    source = ("journeys", "rating") if study.has("journeys", "rating") else ("tickets", "csat")
    scale = scale_of(study, *source)
    first, last = ends(scale)
    worst = first if scale.higher_is_better else last
    boxed = worst_boxes(scale)
    mildest = boxed[1] if scale.higher_is_better else boxed[0]
    shown = not pd.isna(lowest["value"].iloc[0])
    places = worst_touchpoints(study) if shown else pd.DataFrame(columns=["share", "worst"])
    known = places[places["share"].notna()]
    return WorstFinding(
        period=period_title(study.period),
        min_base=study.config.metrics.min_base,
        outcome=study.config.model.outcome,
        days=study.config.model.lookback_days,
        lowest=None if gap else _hit(lowest, worst, worst),
        low=None if gap or mildest == worst else _hit(low, worst, mildest),
        places=tuple(_place(row) for row in known.to_dict("records")),
        n_withheld=len(places) - len(known),
        n_worst=int(places["worst"].sum()),
        told=_told(public_reach(study)),
        recommenders=_told(reach_of_recommenders(study)),
        needs=gap,
        needs_answers=_gap(notes["difference"]),
    )


def _gap(note: str) -> str:
    return note if note.startswith("needs") else ""


def _hit(table: pd.DataFrame, worst: float, mildest: float) -> Hit:
    rows = table.set_index("metric")
    found = {
        metric: Estimate(row["value"], row["conf_low"], row["conf_high"])
        for metric, row in rows.iterrows()
    }
    n = rows["n"].astype(int)
    return Hit(
        worst=worst,
        mildest=mildest,
        share=found["customers_hit"],
        n=int(n["customers_hit"]),
        after=found["score_after"],
        n_after=int(n["score_after"]),
        rest=found["score_else"],
        n_rest=int(n["score_else"]),
        difference=found["difference"],
        held=found["difference_held"],
        n_held=int(n["difference_held"]),
    )


def _place(row: Mapping[Any, Any]) -> Place:
    share = estimate_of(row, "share")
    counts = (int(row["worst"]), float(row["of_all"]), int(row["n"]))
    return Place(str(row["touchpoint"]), str(row["stage"]), share, *counts)


def _told(table: pd.DataFrame) -> tuple[Told, ...]:
    if str(table["note"].iloc[0]).startswith("needs"):
        return ()
    return tuple(
        Told(
            row["who"],
            row["n"],
            row["shared"],
            Estimate(row["share"], row["conf_low"], row["conf_high"]),
            row["reach"],
            row["largest"],
        )
        for row in table.to_dict("records")
    )
