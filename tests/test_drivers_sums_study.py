"""A study of more answers than are held in memory says what one in memory says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cxanalysis.drivers import fit, fit_study, kpi_alignment
from cxanalysis.priorities.performance import group_reach
from cxanalysis.sample import read_sample

SAME = 1e-8


def test_sums_of_a_study_give_its_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    study = read_sample()
    rows = fit_study(study)
    reach, aims = group_reach(study, rows), kpi_alignment(study, rows)
    monkeypatch.setattr(fit, "ROWS_IN_MEMORY", 100)
    sums = fit_study(study)
    with pytest.raises(fit.ModelError, match="made of sums"):
        assert sums.rows
    for name in ("estimate", "std_error"):
        np.testing.assert_allclose(sums.tidy()[name], rows.tidy()[name], rtol=SAME)
    np.testing.assert_allclose(sums._split.estimates, rows._split.estimates, atol=SAME)
    pd.testing.assert_series_equal(group_reach(study, sums), reach, rtol=SAME)
    pd.testing.assert_frame_equal(kpi_alignment(study, sums), aims, rtol=SAME)
