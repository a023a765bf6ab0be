"""What follows what on the way: from each stage, and from a contact, to the next event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.metrics.journeys.timeline import sees_contacts
from cxanalysis.metrics.journeys.transitions import (
    SERVICE,
    WINDOW_DAYS,
    contact_follows,
    transition_gap,
    transition_kinds,
    transitions,
)
from cxanalysis.study import Study

ALPHA = 0.05


@dataclass(frozen=True)
class Origin:
    """Where ``n`` events of ``customers`` were, and the share of them for each target.

    ``open`` are those whose days are not over, ``tied`` those with the next at the same instant.
    """

    name: str
    n: int
    customers: int
    shares: tuple[Estimate, ...]
    open: int = 0
    tied: int = 0


@dataclass(frozen=True)
class Kind:
    """Share of touches followed by a later, the same or an earlier stage, a contact, nothing."""

    name: str
    share: Estimate = UNKNOWN


@dataclass(frozen=True)
class Contacted:
    """Share of ``n`` touches of a stage after which a contact comes next."""

    stage: str
    n: int
    share: Estimate


@dataclass(frozen=True)
class FlowFinding(Finding):
    """Every origin with its shares in the order of ``targets``; kinds of step among touches.

    ``stages`` are those of the study file, in its order: what is later than what.
    ``contacted`` is the stage after which a contact most often comes next; ``rivals`` are those
    not told apart from it. ``needs`` says why there is nothing, and is empty otherwise.
    """

    kind: ClassVar[str] = "flow"

    period: str
    min_base: int
    days: int = WINDOW_DAYS
    stages: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    origins: tuple[Origin, ...] = ()
    touches: int = 0
    customers: int = 0
    kinds: tuple[Kind, ...] = ()
    contacted: Contacted | None = None
    compared: int = 0
    rivals: tuple[str, ...] = ()
    needs: str = ""

    @property
    def known(self) -> tuple[Origin, ...]:
        """Origins whose shares are not withheld."""
        return tuple(origin for origin in self.origins if origin.shares[0].known)

    def is_onward(self, origin: str, target: str) -> bool:
        """Whether ``target`` is a later stage than ``origin``."""
        place = {stage: number for number, stage in enumerate(self.stages)}
        return origin in place and target in place and place[target] > place[origin]


def find_flow(study: Study, days: int = WINDOW_DAYS) -> FlowFinding:
    """What follows what among the events whose days end in the study's period.

    Parameters
    ----------
    days
        How soon the next event has to come; later than that, nothing followed.
    """
    period, base = period_title(study.period), study.config.metrics.min_base
    gap = transition_gap(study)
    if gap:
        return FlowFinding(period, base, days, needs=gap)
    table, kinds = transitions(study, days), transition_kinds(study, days)
    contacts = contact_follows(study, days)
    told = contacts["share"].sum() > 0
    return FlowFinding(
        period=period,
        min_base=base,
        days=days,
        stages=tuple(study.config.stages),
        targets=tuple(dict.fromkeys(table["target"])),
        origins=tuple(
            Origin(
                str(name),
                int(rows["n"].iloc[0]),
                int(rows["customers"].iloc[0]),
                tuple(
                    Estimate(*each)
                    for each in rows[["share", "conf_low", "conf_high"]].to_numpy(float).tolist()
                ),
                int(rows["open"].iloc[0]),
                int(rows["tied"].iloc[0]),
            )
            for name, rows in table.groupby("origin", sort=False)
        ),
        touches=int(kinds["n"].max()) if len(kinds) else 0,
        customers=int(kinds["customers"].max()) if len(kinds) else 0,
        kinds=tuple(
            Kind(row["kind"], Estimate(row["share"], row["conf_low"], row["conf_high"]))
            for row in kinds.to_dict("records")
            if row["kind"] != SERVICE or sees_contacts(study)
        ),
        contacted=Contacted(
            contacts["stage"].iloc[0],
            int(contacts["n"].iloc[0]),
            Estimate(*contacts[["share", "conf_low", "conf_high"]].iloc[0].tolist()),
        )
        if told
        else None,
        compared=len(contacts),
        rivals=tuple(contacts.loc[contacts["p_adjusted"] >= ALPHA, "stage"]) if told else (),
    )
