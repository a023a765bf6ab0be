"""Only results leave the engine: twice the company brings no more rows to the process that asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import cxanalysis as cx
from cxanalysis import engine
from cxanalysis.study import Study

IDS = ("customer_id", "ticket_id", "issue_id", "response_id", "event_id")
REDUCED: dict[str, Callable[[Study], Any]] = {
    "service_metrics": cx.service_metrics,
    "service_metrics by channel": lambda study: cx.service_metrics(study, by="channel"),
    "experience_metrics": cx.experience_metrics,
    "experience_scores": cx.experience_scores,
    "journey_map": cx.journey_map,
    "journey_map by channel": lambda study: cx.journey_map(study, by="channel"),
    "journey_metrics": cx.journey_metrics,
    "journey_holes": cx.journey_holes,
    "transitions": cx.transitions,
    "recurrence": cx.recurrence,
    "listening_balance": cx.listening_balance,
    "divergence": cx.divergence,
    "silent_customers": cx.silent_customers,
    "data_dictionary": cx.data_dictionary,
}


@pytest.fixture(scope="module")
def companies() -> tuple[Study, Study]:
    """The sample company by the clock, and beside it one with every customer twice."""
    sample = cx.read_sample()
    config = sample.config.model_copy(update={"opening_hours": None})
    frames = {name: engine.collect(table) for name, table in sample.tables.items()}
    twice = {name: pd.concat([frame, _others(frame)]) for name, frame in frames.items()}
    return cx.study_of(config, frames), cx.study_of(config, twice)


def _others(frame: pd.DataFrame) -> pd.DataFrame:
    """The same rows of other customers."""
    return frame.assign(**{name: frame[name] + " again" for name in IDS if name in frame})


def rows_handed_over(
    figure: Callable[[Study], Any], study: Study, monkeypatch: pytest.MonkeyPatch
) -> int:
    rows = []

    def counting(arrow: Any) -> pd.DataFrame:
        rows.append(arrow.num_rows)
        return frames(arrow)

    frames = engine.to_pandas
    with monkeypatch.context() as patch:
        patch.setattr(engine, "to_pandas", counting)
        figure(study)
    return sum(rows)


@pytest.mark.parametrize("name", REDUCED)
def test_more_customers_bring_no_more_rows(
    name: str, companies: tuple[Study, Study], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = (rows_handed_over(REDUCED[name], study, monkeypatch) for study in companies)
    assert 0 < two <= one
