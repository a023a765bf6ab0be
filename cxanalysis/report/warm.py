"""What all reports of a study share, prepared once in the process that their kernels fork from."""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path

from cxanalysis.errors import ReportError
from cxanalysis.report.kernel import OwnKernelManager, kernels_with
from cxanalysis.report.manifest import sha256
from cxanalysis.study import Study, prepare_study

PREPARE = "cxanalysis.report.warm:prepare"


def prepare(study: str, inputs: str) -> None:
    """Read a study, work out what lies behind all its answers, and draw what all reports draw.

    Parameters
    ----------
    study
        The path of its study.toml.
    inputs
        `inputs_of` the study for whose reports this is.

    Raises
    ------
    ReportError
        When the files are no longer those.
    """
    from cxanalysis.display import bundle
    from cxanalysis.features import share_features
    from cxanalysis.findings import find_scorecard

    opened = prepare_study(study)
    if inputs_of(opened) != inputs:
        raise changed(opened)
    with contextlib.suppress(Exception):  # whatever it is, the reports say it where it matters
        share_features(opened)
    with contextlib.suppress(Exception):
        bundle(find_scorecard(opened))


def inputs_of(study: Study) -> str:
    """A short name for the study file and everything that was read, as it was then."""
    hashes = {study.path.name: sha256(study.path)}
    for reading in study.reading:
        hashes |= reading.hashes
    return hashlib.sha256(json.dumps(hashes, sort_keys=True).encode()).hexdigest()


def changed(study: Study) -> ReportError:
    """The files are not those that the reports were planned for."""
    return ReportError(
        f"{study.path.name} or a file that it names changed after the reports were planned. "
        "Call it again."
    )


def kernels_for(study: Path, inputs: str) -> type[OwnKernelManager]:
    """Kernels that find a study read, of these inputs: for many reports of the same study."""
    return kernels_with(PREPARE, {"study": str(study), "inputs": inputs})
