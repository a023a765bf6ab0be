"""Every public figure is the same, whatever was read from and whichever engine worked it out."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cluster import handed_over

import cxanalysis as cx
from cxanalysis.engine import collect
from cxanalysis.errors import CxError, EngineError
from cxanalysis.features import lazy_features
from cxanalysis.study import Study

pytestmark = pytest.mark.engines

RELATIVE = 1e-9  # floats are added up in another order
ABSOLUTE = 1e-12  # of differences that are nothing
HOMES = ("metrics", "features", "nonresponse", "memory")
FIRST = "files on DuckDB"  # the one that all others are held against
OTHERS = ("files on Spark", "PostgreSQL on DuckDB", "PostgreSQL on Spark")
# Every figure is asked of every source and of every engine; files on Spark as well, which adds
# no source and no engine to those, when there is time.
EACH = [pytest.param(OTHERS[0], marks=pytest.mark.long), *OTHERS[1:]]
BY = {"mix_within": "kind", "group_differences": "plan"}  # where it is not the channel
# The 2,000 bootstrap samples of a fit take long and say nothing of engines; features, weights and
# levels, which each fit starts from, are compared with all their digits.
REPLICATES = 50
SUMS = 1e-8  # of a fit from sums that were added up in parts
FEW = 100  # rows that any question of such a fit may bring here


def functions() -> dict[str, Callable[[Study], Any]]:
    """Everything public that works out figures of a study, by its name."""
    found = {}
    for name in cx.__all__:
        made = getattr(cx, name) if cx._HOMES.get(name) in HOMES else None
        if made is None or inspect.isclass(made):
            continue
        given = inspect.signature(made).parameters
        if next(iter(given)) == "study":
            needs_group = "by" in given and given["by"].default is inspect.Parameter.empty
            found[name] = _with_group(made, BY.get(name, "channel")) if needs_group else made
    return found


def _with_group(made: Callable[..., Any], by: str) -> Callable[[Study], Any]:
    return lambda study: made(study, by)


def test_functions_that_need_a_group_are_among_those_compared() -> None:
    assert {"service_metrics", "service_by", "journey_map", "build_features"} <= set(functions())


@pytest.fixture(scope="module")
def expected(studies: Mapping[str, Study]) -> Callable[[str], Any]:
    """What the first study answers, worked out once."""
    return functools.cache(lambda name: answer(functions()[name], studies[FIRST]))


@pytest.mark.parametrize("other", EACH)
@pytest.mark.parametrize("name", functions())
def test_figure_is_the_same_everywhere(
    studies: Mapping[str, Study], expected: Callable[[str], Any], name: str, other: str
) -> None:
    # Two refusals would be alike, too: every figure can be had of the sample.
    assert not isinstance(expected(name), str), expected(name)
    found = answer(functions()[name], studies[other])
    assert_same(found, expected(name), f"{name}, {other}")


GROUPED = {
    "service_metrics": "channel",
    "experience_metrics": "plan",
    "journey_map": "channel",
    "experience_scores": "kind",
}


@pytest.mark.parametrize("name", GROUPED)
def test_figures_of_groups_are_the_same_everywhere(studies: Mapping[str, Study], name: str) -> None:
    def figure(study: Study) -> Any:
        return getattr(cx, name)(study, by=GROUPED[name])

    expected = answer(figure, studies[FIRST])
    for other in OTHERS:
        assert_same(answer(figure, studies[other]), expected, f"{name}, {other}")


def test_narrowed_study_is_the_same_everywhere(studies: Mapping[str, Study]) -> None:
    def figures(study: Study) -> Any:
        part = study.during("2026-Q3").among("region=east")
        return {"experience": cx.experience_metrics(part), "map": cx.journey_map(part)}

    expected = answer(figures, studies[FIRST])
    for other in OTHERS:
        assert_same(answer(figures, studies[other]), expected, other)


def test_drivers_are_the_same_everywhere(studies: Mapping[str, Study]) -> None:
    def drivers(study: Study) -> Any:
        features = cx.build_features(study)
        fit = cx.fit_drivers(
            features, study.config.model.outcome, study.blocks, replicates=REPLICATES
        )
        return {
            "terms": fit.tidy(),
            "importance": fit.importance(),
            "whole": fit.glance(),
            "aims": cx.kpi_alignment(study, fit),
            "contacters": cx.fit_contacters(study, fit).tidy(),
        }

    expected = answer(drivers, studies[FIRST])
    for other in OTHERS:
        assert_same(answer(drivers, studies[other]), expected, other)


def test_drivers_from_sums_are_the_same_everywhere(studies: Mapping[str, Study]) -> None:
    """Fitted where the rows are, as studies of many answers are: no worker hands over rows."""
    expected = _from_sums(studies[FIRST]).tidy().set_index("term")["estimate"]
    for other in OTHERS:
        with handed_over() as rows:
            fit = _from_sums(studies[other])
        found = fit.tidy().set_index("term")["estimate"]
        pd.testing.assert_series_equal(found, expected, rtol=SUMS, atol=SUMS, obj=other)
        assert bool(rows) == other.endswith("Spark")
        assert max(rows, default=0) < FEW < fit.glance()["n"].iloc[0]


def _from_sums(study: Study) -> cx.DriverFit:
    frame = lazy_features(study)
    return cx.fit_drivers(frame, study.config.model.outcome, study.blocks, replicates=REPLICATES)


# --- comparing -----------------------------------------------------------------------------


def answer(figure: Callable[[Study], Any], study: Study) -> Any:
    """What a function says; a refusal is an answer too, and has to be the same."""
    try:
        return figure(study)
    except EngineError:
        raise
    except CxError as error:
        return f"{type(error).__name__}: {error}"


def assert_same(found: Any, expected: Any, where: str) -> None:
    for (place, left), (_, right) in zip(parts(found), parts(expected), strict=True):
        assert type(left) is type(right), f"{where}{place}"
        if isinstance(left, pd.DataFrame):
            pd.testing.assert_frame_equal(
                left, right, rtol=RELATIVE, atol=ABSOLUTE, check_exact=False, obj=f"{where}{place}"
            )
            whole = left.select_dtypes(exclude="floating").columns
            pd.testing.assert_frame_equal(left[whole], right[whole], check_exact=True)
        elif isinstance(left, np.ndarray) and left.dtype.kind in "OUS":
            assert left.tolist() == right.tolist(), f"{where}{place}"
        elif isinstance(left, np.ndarray | float):
            np.testing.assert_allclose(
                left, right, rtol=RELATIVE, atol=ABSOLUTE, err_msg=f"{where}{place}"
            )
        else:
            assert left == right, f"{where}{place}"


def parts(found: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """The frames, numbers and texts that an answer is made of, each with where it stands."""
    if isinstance(found, pd.Series):
        yield place, named_alike(found.to_frame())
    elif isinstance(found, pd.DataFrame):
        yield place, named_alike(found)
    elif isinstance(found, Mapping):
        for key, value in found.items():
            yield from parts(value, f"{place}, {key}")
    elif isinstance(found, tuple | list):
        for number, value in enumerate(found):
            yield from parts(value, f"{place}[{number}]")
    elif is_dataclass(found) and not isinstance(found, type):
        for each in fields(found):
            if not callable(getattr(found, each.name)):
                yield from parts(getattr(found, each.name), f"{place}.{each.name}")
    elif hasattr(found, "collect_schema"):
        table = named_alike(collect(found))
        yield place, table.sort_values(list(table.columns), ignore_index=True)
    else:
        yield place, found


def named_alike(frame: pd.DataFrame) -> pd.DataFrame:
    """Ids made from the place of a row begin with the name of its source, which differs here."""
    texts = frame.select_dtypes(["object", "string"]).columns
    made = re.compile(r"^\w+( query|\.csv):(?=\d)")
    return frame.assign(**{name: frame[name].replace(made, "", regex=True) for name in texts})
