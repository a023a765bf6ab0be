"""How overall satisfaction goes with service and with the rest of the journey."""

from cxanalysis.drivers.design import LeftOut
from cxanalysis.drivers.fit import fit_drivers, fit_study
from cxanalysis.drivers.result import DriverFit

__all__ = ["DriverFit", "LeftOut", "fit_drivers", "fit_study"]
