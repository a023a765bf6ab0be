"""How overall satisfaction goes with service and with the rest of the journey."""

from cxanalysis.drivers.design import LeftOut
from cxanalysis.drivers.fit import DriverFit, fit_drivers, fit_study

__all__ = ["DriverFit", "LeftOut", "fit_drivers", "fit_study"]
