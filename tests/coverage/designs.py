"""Simulated companies: answers drawn from a population whose figures are known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np
import pandas as pd
from scipy.stats import norm

from cxanalysis.features.coding import code_two_part

SEED = 20260101
OUTCOME, CUSTOMER, WEIGHT = "overall_satisfaction", "customer_id", "weight"
Blocks = dict[str, dict[str, list[str]]]

# Scale of 1 to 5, as in a survey; ratings are whole numbers.
MEAN_RATING, RATING_SD = 3.6, 0.9
# Points that 100 % more of a rating goes with, one per stage; a stage of 0 adds nothing.
BASE_STAGES = (0.40, 0.30, 0.20, 0.0)
MANY_STAGES = (0.22, 0.16, 0.12, 0.10, 0.08, 0.05, 0.0, 0.0)
BASE_VISITED = (0.95, 0.80, 0.60, 0.45)
MANY_VISITED = (1.0, 1.0, 1.0, 1.0, 1.0, 0.8, 0.7, 0.6)
MOST_ANSWERS = 6
# Customers who made contact scatter more: robust errors have something to be robust against.
CONTACTED_NOISE = 1.25


@dataclass(frozen=True)
class Company:
    """One population. ``service`` and ``journey`` scale how much of the outcome goes with each.

    ``together`` is the correlation of ratings of two stages, from the first to the last;
    ``causes_contact`` how far bad journeys cause contacts; ``points`` the steps of the outcome
    where it is ordinal; ``nothing`` names the (set, group) that add nothing to the rest.
    """

    name: str
    contacted: float = 0.30
    stages: tuple[float, ...] = BASE_STAGES
    visited: tuple[float, ...] = BASE_VISITED
    always_rated: bool = False
    together: tuple[float, float] = (0.30, 0.30)
    causes_contact: float = 0.5
    service: float = 1.0
    journey: float = 1.0
    uneven_noise: bool = True
    repeated: bool = False
    logged: bool = False
    points: int | None = None
    weighted: bool = False
    model: str | None = None
    nothing: tuple[tuple[str, str], ...] = (("journey", "stage_4"),)

    @property
    def blocks(self) -> Blocks:
        """The partition, in the product's own names."""
        went = ["answered", "resolved_first_known", "resolved_first"]
        metrics = ["first_reply_hours", "handle_minutes"] if self.logged else ["contact_csat"]
        for metric in metrics:
            went += [f"{metric}_known", metric]
        stages = range(1, len(self.stages) + 1)
        return {
            "service": {"needing help": ["contacted", "contacts"], "how help went": went},
            "journey": {
                f"stage_{s}": [f"stage_{s}_touched", f"stage_{s}_rated", f"stage_{s}_rating"]
                for s in stages
            },
        }

    @property
    def sets_only(self) -> Blocks:
        """The same partition without groups: enough for the figures of the sets."""
        return {
            name: {name: [column for columns in groups.values() for column in columns]}
            for name, groups in self.blocks.items()
        }


BASE = Company("base")
COMPANIES = (
    BASE,
    replace(BASE, name="clusters", repeated=True),
    replace(
        BASE,
        name="correlated stages",
        stages=MANY_STAGES,
        visited=MANY_VISITED,
        always_rated=True,
        together=(0.70, 0.50),
        nothing=(("journey", "stage_7"), ("journey", "stage_8")),
    ),
    replace(BASE, name="10 % contacted", contacted=0.10, service=1.5),
    replace(BASE, name="60 % contacted", contacted=0.60, nothing=()),
    replace(BASE, name="logged service", logged=True, nothing=()),
    replace(BASE, name="ordinal, 5 points", points=5, nothing=()),
    replace(BASE, name="ordinal, 11 points", points=11, nothing=()),
    replace(BASE, name="unequal weights", weighted=True, nothing=()),
    replace(BASE, name="service is all", journey=0.0, service=1.6, nothing=(("journey", "all"),)),
    replace(BASE, name="at the margin", journey=0.394546, nothing=()),
    replace(
        BASE,
        name="service is noise",
        service=0.0,
        causes_contact=0.0,
        uneven_noise=False,
        nothing=(
            ("service", "all"),
            ("service", "needing help"),
            ("service", "how help went"),
        ),
    ),
    replace(BASE, name="ordered logit", points=5, model="ordered", nothing=()),
)
BY_NAME = {company.name: company for company in COMPANIES}


@dataclass(frozen=True)
class Cell:
    """A company, and how many answers are drawn from it."""

    company: Company
    n: int

    def __str__(self) -> str:
        return f"{self.company.name}, n = {self.n:,}"

    def random(self, run: int) -> np.random.Generator:
        """The run's own numbers, whatever ran before it."""
        return np.random.default_rng([SEED, crc32(self.company.name.encode()), self.n, run])


def cells() -> Iterator[Cell]:
    """Every company at every size; the ordered logit at one, since it takes long."""
    for n in (500, 200, 2000):
        for company in COMPANIES:
            if company.model is None or n == 500:
                yield Cell(company, n)


def draw_answers(company: Company, n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Coded drivers, outcome, customer and weight of ``n`` answers."""
    raw = _draw_uncoded(company, 3 * n if company.weighted else n, rng)
    if company.weighted:
        # Who had contact answers more often, and so does one half of the customers.
        eager = rng.random(len(raw)) < 0.5
        answers = np.where(raw["contacted"] == 1, 0.8, 0.4) * np.where(eager, 1.0, 0.4)
        raw = raw.assign(weight=1 / answers)[rng.random(len(raw)) < answers].head(n)
    return code_two_part(raw, _pairs(company))


def _draw_uncoded(company: Company, n: int, rng: np.random.Generator) -> pd.DataFrame:
    customer = _customers(n, rng) if company.repeated else np.arange(n)
    own = rng.standard_normal(customer[-1] + 1)[customer]
    quality = rng.standard_normal(n)
    if company.repeated:
        quality = np.sqrt(0.5) * (own + quality)
    columns, signal = _stages(company, quality, rng)
    contact, service = _contact(company, quality, own, rng)
    noise = rng.standard_normal(n)
    if company.repeated:
        habit = rng.standard_normal(customer[-1] + 1)[customer]
        noise = np.sqrt(0.35) * habit + np.sqrt(0.65) * noise
    if company.uneven_noise:
        noise = noise * np.where(contact["contacted"] == 1, CONTACTED_NOISE, 1.0)
    outcome = company.journey * signal + company.service * service + 0.75 * noise
    columns |= contact
    columns[OUTCOME] = _steps(outcome, company.points)
    columns[CUSTOMER] = customer
    return pd.DataFrame(columns)


def _customers(n: int, rng: np.random.Generator) -> np.ndarray:
    """Customers who answer one to six times, until there are n answers."""
    answers = rng.integers(1, MOST_ANSWERS + 1, size=n)
    return np.repeat(np.arange(n), answers)[:n]


def _stages(
    company: Company, quality: np.ndarray, rng: np.random.Generator
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Columns of the stages, and what of the outcome goes with them."""
    columns: dict[str, np.ndarray] = {}
    signal = np.zeros(len(quality))
    together = np.linspace(*company.together, len(company.stages))
    for place, (slope, visited) in enumerate(zip(company.stages, company.visited, strict=True)):
        share = together[place]
        own = rng.standard_normal(len(quality))
        rating = _rating(np.sqrt(share) * quality + np.sqrt(1 - share) * own)
        touched = rng.random(len(quality)) < visited
        rated = touched & (company.always_rated | (rng.random(len(quality)) < 0.85))
        name = f"stage_{place + 1}"
        columns[f"{name}_touched"] = touched.astype(float)
        columns[f"{name}_rating"] = np.where(rated, rating, np.nan)
        signal += slope * np.where(rated, rating - MEAN_RATING, 0.0)
        signal += 0.3 * slope * (touched.astype(float) - visited)
    return columns, signal


def _contact(
    company: Company, quality: np.ndarray, own: np.ndarray, rng: np.random.Generator
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Columns of contacts, and what of the outcome goes with them."""
    n = len(quality)
    cause = company.causes_contact
    need = -cause * quality + np.sqrt(1 - cause**2) * rng.standard_normal(n)
    contacted = need > norm.isf(company.contacted)
    answered = contacted & (rng.random(n) < 0.9)
    follows = 0.3 if cause else 0.0
    help_went = follows * quality + np.sqrt(1 - follows**2) * rng.standard_normal(n)
    contacts = 1.0 + rng.poisson(0.5, n)
    resolved = (0.7 * help_went + 0.7 * rng.standard_normal(n) > -0.4).astype(float)
    known = answered & (rng.random(n) < 0.85)
    columns = {
        "contacted": contacted.astype(float),
        "contacts": np.where(contacted, contacts, np.nan),
        "answered": answered.astype(float),
        "resolved_first": np.where(known, resolved, np.nan),
    }
    signal = -0.5 * contacted - 0.1 * np.where(contacted, contacts - 1.5, 0.0) + 0.4 * answered
    signal += 0.6 * np.where(known, resolved - 0.6, 0.0)
    if company.logged:
        # Hours and minutes as a helpdesk logs them, far from normal; the customer judges the
        # handling itself, of which they tell only a part.
        hours = np.exp(1.0 - 0.6 * help_went + 0.8 * rng.standard_normal(n))
        minutes = np.exp(2.0 - 0.3 * help_went + 0.7 * rng.standard_normal(n))
        clocked = answered & (rng.random(n) < 0.95)
        columns["first_reply_hours"] = np.where(clocked, hours, np.nan)
        columns["handle_minutes"] = np.where(answered & (rng.random(n) < 0.8), minutes, np.nan)
        return columns, signal + 0.7 * np.where(answered, help_went, 0.0)
    rating = _rating(help_went)
    rated = answered & (rng.random(n) < 0.7)
    columns["contact_csat"] = np.where(rated, rating, np.nan)
    return columns, signal + 0.6 * np.where(rated, rating - MEAN_RATING, 0.0)


def _rating(quality: np.ndarray) -> np.ndarray:
    return np.clip(np.round(MEAN_RATING + RATING_SD * quality), 1, 5)


def _steps(outcome: np.ndarray, points: int | None) -> np.ndarray:
    """The outcome as a survey asks for it: few steps, and most answers near the top."""
    if points is None:
        return outcome
    width = 5.0 / points
    top = points - (points == 11)
    return np.clip(np.ceil((outcome + 0.6) / width + 0.65 * points), points - top, top)


def _pairs(company: Company) -> dict[str, str]:
    metrics = ["first_reply_hours", "handle_minutes"] if company.logged else ["contact_csat"]
    pairs = {"contacts": "contacted", "resolved_first": "resolved_first_known"}
    pairs |= {metric: f"{metric}_known" for metric in metrics}
    stages = range(1, len(company.stages) + 1)
    return pairs | {f"stage_{s}_rating": f"stage_{s}_rated" for s in stages}
