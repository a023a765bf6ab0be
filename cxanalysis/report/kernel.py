"""The kernel of a report: this very Python, warm where that can be, and no kernel of the user's."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from traitlets import Dict, default

from cxanalysis.kernels import PROVISIONER

NAME = "python3"
ENVIRONMENT = {
    # The inline backend would draw every open figure once more at the end of a cell.
    "MPLBACKEND": "agg",
    # A report multiplies many small matrices: threads spend longer waiting for each other than
    # one needs alone (tests of the sample's drivers: 16 s of processor time on two, 2 s on one).
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}
# What reports import, loaded once for all that one process makes; display brings the rest.
MODULES = ["matplotlib.pyplot", "cxanalysis.study", "cxanalysis.display"]


class OwnKernelSpecs(KernelSpecManager):
    """Answers for "python3" with the running interpreter, forked from a warm one where it can be.

    A kernel of that name in the user's home may start another environment, in which this
    package is absent or of another version.
    """

    prepared = Dict(help="More settings of the provisioner: preload and arguments.")

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The specification of this interpreter, without history and without a display."""
        if kernel_name != NAME:
            return super().get_kernel_spec(kernel_name)
        settings = {"modules": MODULES, **self.prepared}
        return KernelSpec(
            argv=[
                sys.executable,
                "-m",
                "ipykernel_launcher",
                "-f",
                "{connection_file}",
                "--HistoryManager.enabled=False",
            ],
            display_name="Python 3",
            language="python",
            env=ENVIRONMENT,
            metadata={
                "supported_encryption": "curve",
                "kernel_provisioner": {"provisioner_name": PROVISIONER, "config": settings},
            },
        )


class OwnKernelManager(AsyncKernelManager):
    """Starts kernels from `OwnKernelSpecs`; what passes to and fro is encrypted."""

    prepared: Mapping[str, Any] = {}

    @default("kernel_spec_manager")
    def _own_kernel_specs(self) -> KernelSpecManager:
        return OwnKernelSpecs(parent=self, prepared=self.prepared)

    @default("transport_encryption")
    def _where_supported(self) -> str:
        return "auto"


def kernels_with(preload: str, arguments: Mapping[str, Any]) -> type[OwnKernelManager]:
    """Kernels in whose memory a function has prepared what their reports share.

    Parameters
    ----------
    preload, arguments
        "package.module:function", and what it is called with, once for all kernels.

    Returns
    -------
    type[OwnKernelManager]
        A class for nbclient's ``kernel_manager_class``.
    """
    settings = {"preload": preload, "arguments": dict(arguments)}
    return type("PreparedKernelManager", (OwnKernelManager,), {"prepared": settings})
