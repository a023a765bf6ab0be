"""The parts of who stays: bands followed, recommendations, passives, what lasts of a contact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import isnan, nan
from typing import Any

from cxanalysis.findings.core import CONF_LEVEL, UNKNOWN, Estimate, estimate_of
from cxanalysis.metrics.cohorts import (
    BANDS,
    PROMOTERS,
    By,
    Cohort,
    Outcome,
    cohort_gap,
    follow,
    returning,
)
from cxanalysis.metrics.fine import fine_customers
from cxanalysis.metrics.horizons import outcome_of, two_horizons
from cxanalysis.metrics.loyalty import EVERYONE, curves_of, gaps_of, pairs_of, table_of
from cxanalysis.metrics.loyalty_adjusted import adjusted_of, amplification_of
from cxanalysis.metrics.multiple import holm
from cxanalysis.metrics.referrals import OTHERS, referral_gap, referrals
from cxanalysis.study import Study

Row = Mapping[Any, Any]
MAIN: tuple[By, ...] = ("nps", "overall", "csat")
WAYS: tuple[By, ...] = (*MAIN, "joint")
FEW_EVENTS = 10  # fewer than these in four groups tell nothing of how two things join
TICK_DAYS = 30  # how often the picture says how many are still followed


@dataclass(frozen=True)
class Followed:
    """Customers of one band: how many, how many left (or returned), and the share kept.

    ``returned`` is the share that bought again of the ``buyers``, who had bought before, where
    that is another figure. ``curve`` holds the share kept at each day, ``at_risk`` (day, customers
    still followed); both for the picture.
    """

    by: str
    band: str
    n: int
    events: int
    share: Estimate = UNKNOWN
    returned: Estimate = UNKNOWN
    buyers: int = 0
    curve: tuple[float, ...] = ()
    at_risk: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Compared:
    """A difference of two shares, and whether it is beyond chance with all of them watched.

    ``detectable`` is the difference that would be found four times in five.
    """

    by: str
    first: str
    second: str
    difference: Estimate
    n: int
    detectable: float = nan
    p_value: float = field(default=nan, repr=False)
    clear: bool = False


@dataclass(frozen=True)
class Adjusted:
    """How many times as fast the first band leaves (or returns) as the second, others equal."""

    first: str
    second: str
    ratio: Estimate
    events: int
    held: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fine:
    """The share of passives among ``n``, and the next answers of the ``n_next`` who gave one."""

    share: Estimate
    n: int
    n_next: int = 0
    up: Estimate = UNKNOWN
    same: Estimate = UNKNOWN
    down: Estimate = UNKNOWN


@dataclass(frozen=True)
class Referred:
    """Who came by a recommendation, who gave them, and whether promoters gave more."""

    acquired: Estimate
    n: int
    new: Estimate = UNKNOWN
    n_new: int = 0
    given_by: tuple[tuple[str, float], ...] = ()
    promoters: Estimate = UNKNOWN
    n_promoters: int = 0
    others: Estimate = UNKNOWN
    n_others: int = 0
    gap: Compared | None = None


@dataclass(frozen=True)
class Lasting:
    """Scores ``outcome`` one to three months after a contact rated well, and after others.

    ``week`` is the difference within a week of the contact, ``gap`` the later one.
    """

    outcome: str
    satisfied: Estimate = UNKNOWN
    n_satisfied: int = 0
    others: Estimate = UNKNOWN
    n_others: int = 0
    gap: Compared | None = None
    week: Compared | None = None


def follow_all(study: Study, days: int, outcome: Outcome) -> dict[By, Cohort]:
    """The cohort of every way to tell customers apart that the study allows."""
    possible = [by for by in WAYS if not cohort_gap(study, by, outcome)]
    bought = outcome == "stays" and not cohort_gap(study, MAIN[0], "returns")
    return {by: follow(study, by, days, outcome, purchases=bought) for by in possible}


def bands_of(
    cohorts: Mapping[By, Cohort],
    main: By | None,
    days: int,
    outcome: Outcome,
    base: int,
) -> Iterable[Followed]:
    """Every band with its share; also of those who bought again, where that is known."""
    for by, cohort in cohorts.items():
        table = table_of(cohort, by, days, outcome, base).to_dict("records")
        again: dict[Any, tuple[Estimate, int]] = {}
        if outcome == "stays" and "again_days" in cohort.frame:
            bought = table_of(returning(cohort), by, days, "returns", base).to_dict("records")
            again = {row["band"]: (estimate_of(row), row["n"]) for row in bought}
        curves = _curves(cohort, by, days, outcome, base) if by == main else {}
        for row in table:
            if row["band"] == EVERYONE:
                continue
            curve, at_risk = curves.get(row["band"], ((), ()))
            returned, buyers = again.get(row["band"], (UNKNOWN, 0))
            share, events = estimate_of(row), row["events"]
            yield Followed(
                by, row["band"], row["n"], events, share, returned, buyers, curve, at_risk
            )


def _curves(
    cohort: Cohort, by: By, days: int, outcome: Outcome, base: int
) -> dict[str, tuple[tuple[float, ...], tuple[tuple[int, int], ...]]]:
    table = curves_of(cohort, by, days, outcome, base)
    found = {}
    for band, rows in table.groupby("band", sort=False):
        at = rows.set_index("day")["at_risk"]
        ticks = sorted({*range(0, days, TICK_DAYS), days})
        at_risk = tuple((day, int(at[day])) for day in ticks)
        found[str(band)] = (tuple(rows["value"].astype(float)), at_risk)
    return found


def gaps_between(
    cohorts: Mapping[By, Cohort], days: int, outcome: Outcome, base: int
) -> list[Compared]:
    """The best known band against the worst, of each way to tell customers apart but the joint."""
    found = []
    for by, cohort in cohorts.items():
        pairs = gaps_of(pairs_of(cohort, by, days, outcome, base)).to_dict("records")
        if by == "joint" or not pairs:
            continue
        widest = max(pairs, key=lambda row: _apart(by, row))
        found.append(
            Compared(
                by,
                widest["first"],
                widest["second"],
                Estimate(widest["difference"], widest["conf_low"], widest["conf_high"]),
                widest["n"],
                widest["detectable"],
                widest["p_value"],
            )
        )
    return found


def _apart(by: By, row: Row) -> int:
    return BANDS[by].index(row["second"]) - BANDS[by].index(row["first"])


def amplified_in(
    cohorts: Mapping[By, Cohort], days: int, outcome: Outcome, base: int
) -> tuple[Compared | None, Outcome]:
    """The difference of differences, and of what; None where one of four shares is withheld."""
    joint = cohorts.get("joint")
    if joint is None:
        return None, outcome
    events = int((joint.frame["ended"] & (joint.frame["days"] <= days)).sum())
    if outcome == "stays" and events < FEW_EVENTS and "again_days" in joint.frame:
        joint, outcome = returning(joint), "returns"
    row = amplification_of(joint, days, outcome, base).to_dict("records")[0]
    if isnan(row["difference"]):
        return None, outcome
    difference = Estimate(row["difference"], row["conf_low"], row["conf_high"])
    return Compared("joint", "", "", difference, row["n"], p_value=row["p_value"]), outcome


def adjust(cohort: Cohort, by: By, days: int, base: int) -> Adjusted | None:
    """The ratio of speeds; None where too little happened, or nothing can be held equal."""
    row = adjusted_of(cohort, by, days, base).to_dict("records")[0]
    if isnan(row["ratio"]):
        return None
    ratio = Estimate(row["ratio"], row["conf_low"], row["conf_high"])
    return Adjusted(
        row["first"], row["second"], ratio, row["events"], tuple(row["held"].split(", "))
    )


def find_fine(study: Study, days: int) -> Fine | None:
    """Passives and their next answer; None where the share is not known."""
    rows = fine_customers(study, days).set_index("metric").to_dict("index")
    if isnan(rows["fine"]["value"]):
        return None
    nexts = [rows[f"next_{band}"] for band in BANDS["nps"]]
    return Fine(
        estimate_of(rows["fine"]),
        rows["fine"]["n"],
        nexts[0]["n"],
        *(estimate_of(row) for row in nexts),
    )


def find_referred(study: Study, days: int) -> Referred | None:
    """Recommendations; None where it is not known who came by one."""
    table = referrals(study, days)
    rows = table.set_index(["metric", "group"]).to_dict("index")
    acquired, new = rows["acquired", EVERYONE], rows["acquired_new", EVERYONE]
    if isnan(acquired["value"]):
        return None
    promoters, others = rows["has_referred", PROMOTERS], rows["has_referred", OTHERS]
    compared, gap = referral_gap(table), None
    if compared is not None:
        difference = Estimate(promoters["value"] - others["value"], compared.low, compared.high)
        n = promoters["n"] + others["n"]
        gap = Compared("referred", PROMOTERS, OTHERS, difference, n, p_value=compared.p_value)
    given = table.loc[table["metric"] == "given_by", ["group", "value"]].dropna()
    return Referred(
        estimate_of(acquired),
        acquired["n"],
        estimate_of(new),
        new["n"],
        tuple(zip(given["group"], given["value"], strict=True)),
        estimate_of(promoters),
        promoters["n"],
        estimate_of(others),
        others["n"],
        gap,
    )


def find_lasting(study: Study) -> Lasting | None:
    """Scores after a contact; None where contacts are not rated or nobody answered since."""
    outcome = outcome_of(study)
    table = two_horizons(study, outcome)
    if table.iloc[0]["contact"] == "":
        return None
    rows = table.set_index(["horizon", "contact"]).to_dict("index")
    satisfied, others = rows["later", "satisfied"], rows["later", "others"]
    if satisfied["n"] + others["n"] == 0:
        return None
    return Lasting(
        outcome,
        estimate_of(satisfied),
        satisfied["n"],
        estimate_of(others),
        others["n"],
        _horizon(rows, "later"),
        _horizon(rows, "week"),
    )


def _horizon(rows: Mapping[Any, Row], name: str) -> Compared | None:
    row = rows.get((name, "difference"))
    if row is None:
        return None
    return Compared(name, "satisfied", "others", estimate_of(row), row["n"], p_value=row["p_value"])


def judged(compared: Iterable[Compared | None]) -> list[Compared | None]:
    """The same comparisons with their verdict, p-values adjusted over all of them."""
    found = list(compared)
    p_values = [each.p_value for each in found if each is not None]
    adjusted = iter(holm(p_values))
    return [
        None if each is None else replace(each, clear=bool(next(adjusted) < 1 - CONF_LEVEL))
        for each in found
    ]
