"""The kernel of a report: this very Python, whatever kernels the user has registered."""

from __future__ import annotations

import sys

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from traitlets import default

NAME = "python3"
ENVIRONMENT = {
    # The inline backend would draw every open figure once more at the end of a cell.
    "MPLBACKEND": "agg",
    # A report multiplies many small matrices: threads spend longer waiting for each other than
    # one needs alone (tests of the sample's drivers: 16 s of processor time on two, 2 s on one).
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}


class OwnKernelSpecs(KernelSpecManager):
    """Answers for "python3" with the running interpreter.

    A kernel of that name in the user's home may start another environment, in which this
    package is absent or of another version.
    """

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The specification of this interpreter, without history and without a display."""
        if kernel_name != NAME:
            return super().get_kernel_spec(kernel_name)
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
            metadata={"supported_encryption": "curve"},
        )


class OwnKernelManager(AsyncKernelManager):
    """Starts kernels from `OwnKernelSpecs`; what passes to and fro is encrypted."""

    @default("kernel_spec_manager")
    def _own_kernel_specs(self) -> KernelSpecManager:
        return OwnKernelSpecs(parent=self)

    @default("transport_encryption")
    def _where_supported(self) -> str:
        return "auto"
