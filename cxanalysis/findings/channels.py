"""Where touches take place, online or not, and who had the word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.metrics.journeys.channels import (
    INDIRECT,
    INFLUENCE,
    NEEDED,
    ONLINE,
    PLACE,
    origin_differences,
    origin_gap,
    touch_catalogue,
    touch_origins,
)
from cxanalysis.metrics.rows import lacking
from cxanalysis.study import Study

ALPHA = 0.05


@dataclass(frozen=True)
class Side:
    """Share of touches on one side, and their mean rating; ``n`` were rated."""

    name: str
    touches: int
    share: Estimate = UNKNOWN
    n: int = 0
    rating: Estimate = UNKNOWN


@dataclass(frozen=True)
class Apart:
    """Mean difference of rating, first side − second, of ``n`` customers who rated both.

    ``is_clear`` says whether it is beyond chance (Holm over both questions).
    """

    first: str
    second: str
    difference: Estimate
    n: int
    is_clear: bool


@dataclass(frozen=True)
class Place:
    """A touchpoint of the catalogue with its channel; ``n`` touches were rated."""

    stage: str
    touchpoint: str
    channel: str
    place: str
    influence: str
    touches: int
    n: int
    rating: Estimate = UNKNOWN


@dataclass(frozen=True)
class ChannelsFinding(Finding):
    """Online and offline, direct and indirect touches, and every touchpoint with its channel.

    ``indirect`` is the share of indirect touches at the first stage of the journey,
    ``indirect_stage``, of ``n_stage`` there. ``needs`` has what is missing for the whole,
    ``lacks`` for either question.
    """

    kind: ClassVar[str] = "channels"

    period: str
    min_base: int
    sides: tuple[Side, ...] = ()
    unknown: int = 0
    apart: tuple[Apart, ...] = ()
    indirect_stage: str = ""
    indirect: Estimate = UNKNOWN
    n_stage: int = 0
    places: tuple[Place, ...] = ()
    higher_is_better: bool = True
    lacks: tuple[str, ...] = ()
    needs: str = ""

    def side(self, name: str) -> Side | None:
        """The side of this name, where its share is known."""
        return next((s for s in self.sides if s.name == name and s.share.known), None)


def find_channels(study: Study) -> ChannelsFinding:
    """Channels and voices of the touches in the study's period."""
    period, base = period_title(study.period), study.config.metrics.min_base
    gap = lacking(study, "journeys")
    if gap is not None:
        return ChannelsFinding(period, base, needs=gap)
    lacks = tuple(f"needs journeys.{NEEDED[d]}" for d in (PLACE, INFLUENCE) if origin_gap(study, d))
    if len(lacks) == 2:
        return ChannelsFinding(period, base, lacks=lacks, needs=lacks[0])
    table = touch_origins(study)
    stage, share, n = _first_stage(study)
    return ChannelsFinding(
        period=period,
        min_base=base,
        sides=tuple(
            Side(row["origin"], row["touches"], _of(row, "share"), row["n"], _of(row, "rating"))
            for row in table[table["origin"].notna()].to_dict("records")
        ),
        unknown=int(table.loc[table["origin"].isin([ONLINE, INDIRECT]), "unknown"].sum()),
        apart=tuple(
            Apart(
                row["first"],
                row["second"],
                Estimate(row["difference"], row["conf_low"], row["conf_high"]),
                row["n"],
                row["p_adjusted"] < ALPHA,
            )
            for row in origin_differences(study).to_dict("records")
            if pd.notna(row["difference"])
        ),
        indirect_stage=stage,
        indirect=share,
        n_stage=n,
        places=tuple(
            Place(
                row["stage"],
                row["touchpoint"],
                row["channel"],
                row["place"],
                row["influence"],
                int(row["touches"]),
                int(row["n"]),
                _of(row, "rating"),
            )
            for row in touch_catalogue(study).to_dict("records")
        ),
        lacks=lacks,
    )


def _of(row: dict[Any, Any], name: str) -> Estimate:
    return Estimate(float(row[name]), float(row[f"{name}_low"]), float(row[f"{name}_high"]))


def _first_stage(study: Study) -> tuple[str, Estimate, int]:
    """Share of indirect touches where the journey begins."""
    if origin_gap(study, INFLUENCE):
        return "", UNKNOWN, 0
    table = touch_origins(study, by="stage")
    table = table[table["dimension"] == INFLUENCE]
    total = table.groupby("stage")["touches"].sum()
    found = table[(table["origin"] == INDIRECT) & table["share"].notna()].set_index("stage")
    order = [stage for stage in study.config.stages if stage in found.index]
    if not order or found["touches"].sum() == 0:
        return "", UNKNOWN, 0
    first = order[0]
    row = found.reset_index().set_index("stage", drop=False).loc[first].to_dict()
    return first, _of(row, "share"), int(total[first])
