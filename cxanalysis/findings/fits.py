"""The model behind a finding: the one that was given, or the study's own."""

from __future__ import annotations

from typing import Literal

from cxanalysis.drivers import DriverFit, fit_study
from cxanalysis.errors import DataError, ModelError
from cxanalysis.study import Study

Given = DriverFit | Literal["own"] | None


def fit_of(study: Study, fit: Given) -> DriverFit | None:
    """The fit, made where it is to be the study's own; None where there is, or can be, none."""
    if not isinstance(fit, str):
        return fit
    try:
        return fit_study(study)
    except (ModelError, DataError):  # too few answers; no surveys at all
        return None
