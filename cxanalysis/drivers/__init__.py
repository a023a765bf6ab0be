"""How overall satisfaction goes with service and with the rest of the journey."""

from cxanalysis.drivers.aims import kpi_alignment
from cxanalysis.drivers.fit import (
    fit_contacters,
    fit_drivers,
    fit_study,
    in_rows,
    model_rows,
    refit,
)
from cxanalysis.drivers.outline import LeftOut
from cxanalysis.drivers.paths import service_paths
from cxanalysis.drivers.resample import Reweighting, draw_counts
from cxanalysis.drivers.result import DriverFit
from cxanalysis.drivers.sensitivity import RobustnessValue, robustness, robustness_values
from cxanalysis.drivers.tilt import share_sensitivity

__all__ = [
    "DriverFit",
    "LeftOut",
    "Reweighting",
    "RobustnessValue",
    "draw_counts",
    "fit_contacters",
    "fit_drivers",
    "fit_study",
    "in_rows",
    "kpi_alignment",
    "model_rows",
    "refit",
    "robustness",
    "robustness_values",
    "service_paths",
    "share_sensitivity",
]
