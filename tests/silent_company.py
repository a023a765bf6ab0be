"""A company of which we know what the silent would have said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxanalysis.config import StudyConfig
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, study_of

PERIOD = "2026-10"
DAY = pd.Timedelta(days=1)
START = pd.Timestamp("2026-10-01", tz="UTC")
# Log odds of answering when asked: by region, by contact, and by satisfaction itself.
BY_REGION, BY_CONTACT = {"north": 0.3, "south": -1.5}, 0.7


@dataclass(frozen=True)
class SilentCompany:
    frames: dict[str, pd.DataFrame]
    nps: float  # of all customers
    csat: float

    def study(self, *without: str, **model: object) -> Study:
        """Its study for October 2026, without some tables or columns ("surveys.invited_at")."""
        frames = {name: frame for name, frame in self.frames.items() if name not in without}
        for name in without:
            table, _, column = name.partition(".")
            if column:
                frames[table] = frames[table].drop(columns=column)
        settings = {"replicates": 300} | model
        config = StudyConfig.model_validate({"name": "Test", "tables": {}, "model": settings})
        study = study_of(config, frames)
        return Study(study.path, config, study.engine, study.tables, parse_period(PERIOD))


def silent_company(customers: int, by_satisfaction: float, seed: int = 7) -> SilentCompany:
    """Customers, contacts and one invitation each of nine in ten (north) or six in ten (south).

    The south is less satisfied and answers less. By ``by_satisfaction`` log odds per standard
    deviation the satisfied answer more, whatever their region.
    """
    rng = np.random.default_rng(seed)
    ids = np.array([f"c{number:05d}" for number in range(customers)])
    region = np.where(rng.random(customers) < 0.35, "south", "north")
    contacted = rng.random(customers) < 0.3
    latent = rng.standard_normal(customers)
    opinion = 7.6 + 1.6 * latent - 2.0 * (region == "south")
    nps = np.clip(np.round(opinion), 0, 10)
    csat = np.clip(np.round(1.0 + opinion / 2.5), 1, 5)
    invited = rng.random(customers) < np.where(region == "north", 0.9, 0.6)
    log_odds = np.array([BY_REGION[name] for name in region]) + BY_CONTACT * contacted
    chance = 1 / (1 + np.exp(-log_odds - by_satisfaction * latent))
    answers = rng.random(customers) < chance
    moment = START + DAY + pd.to_timedelta(rng.integers(0, 20, customers), unit="D")
    surveys = pd.DataFrame(
        {
            "response_id": [f"r{number:05d}" for number in range(customers)],
            "customer_id": ids,
            "invited_at": moment,
            "responded_at": pd.Series(moment + DAY).where(answers),
            "nps": np.where(answers, nps, np.nan),
            "csat": np.where(answers, csat, np.nan),
            "overall_satisfaction": np.where(answers, csat, np.nan),
        }
    )[invited]
    tickets = pd.DataFrame(
        {
            "ticket_id": [f"t{number}" for number in np.flatnonzero(contacted)],
            "customer_id": ids[contacted],
            "opened_at": START - 10 * DAY,
        }
    )
    value = np.round(rng.lognormal(5, 1, customers), 2)
    base = pd.DataFrame({"customer_id": ids, "region": region, "value": value})
    frames = {"customers": base, "surveys": surveys, "tickets": tickets}
    true_nps = 100 * float((nps >= 9).mean() - (nps <= 6).mean())
    return SilentCompany(frames, true_nps, float((csat >= 4).mean()))
