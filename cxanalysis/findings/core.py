"""What every finding is made of: an estimate with its interval, and the way to JSON."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any, ClassVar

from cxanalysis.periods import Period
from cxanalysis.shown import Shown

CONF_LEVEL = 0.95
# Words and pictures come later in the flow: they are asked by name, and only by a notebook that
# has a finding to display.
DISPLAY = "cxanalysis.display"


@dataclass(frozen=True)
class Estimate:
    """A figure and the ends of its 95% interval; NaN where it is withheld or unknown."""

    value: float
    low: float = math.nan
    high: float = math.nan

    @property
    def known(self) -> bool:
        """Whether there is a figure at all."""
        return not math.isnan(self.value)

    @property
    def has_interval(self) -> bool:
        """Whether both ends of the interval are known."""
        return not (math.isnan(self.low) or math.isnan(self.high))

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval lies wholly on one side of 0."""
        return self.low > 0 or self.high < 0


UNKNOWN = Estimate(math.nan)


def estimate_of(
    row: Any, value: str = "value", low: str = "conf_low", high: str = "conf_high"
) -> Estimate:
    """The estimate in a row of a metric's table, by the names of its three columns."""
    return Estimate(float(row[value]), float(row[low]), float(row[high]))


@dataclass(frozen=True)
class Finding(Shown):
    """Base of every finding; `kind` is the name of its theme.

    A notebook displays it as `cxanalysis.show` does: its sentences, its picture, its table.
    """

    kind: ClassVar[str]
    where_set: ClassVar[tuple[str, ...]] = ()  # fields that JSON leaves out while they are empty

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        shown: dict[str, Any] = import_module(DISPLAY).bundle(self)
        return shown

    def _repr_html_(self) -> str:
        return str(self._repr_mimebundle_()["text/html"])


def period_title(period: Period | None) -> str:
    """A period as a sentence names it: "October 2026", "the third quarter of 2026"."""
    if period is None:
        return "all dates"
    return f"the {period.title}" if period.kind == "quarter" else period.title


def to_json(finding: Finding) -> dict[str, Any]:
    """A finding as plain JSON values: its kind, then its fields.

    Unknown and infinite numbers become null; floats keep six significant digits, so that the
    same data give the same text on every machine.
    """
    content = asdict(finding)
    for name in finding.where_set:
        if not content[name]:
            del content[name]
    return {"kind": finding.kind, **{key: _plain(item) for key, item in content.items()}}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value
