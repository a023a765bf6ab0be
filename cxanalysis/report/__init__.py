"""Reports: a notebook with checked parameters becomes a page, findings and a manifest."""

import sys

# jsonschema, which nbformat checks notebooks with, would compile a grammar of internationalised
# addresses that no notebook holds: two of the five seconds that these imports take.
_OPTIONAL = "rfc3987_syntax"
_absent = _OPTIONAL not in sys.modules
if _absent:
    sys.modules[_OPTIONAL] = None  # type: ignore[assignment]  # an import of it then fails

from cxanalysis.report.run import Report, run_report  # noqa: E402

if _absent:
    del sys.modules[_OPTIONAL]

__all__ = ["Report", "run_report"]
