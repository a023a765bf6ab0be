"""Kernels that start cold, for tests whose notebooks import nothing that is worth preparing."""

from __future__ import annotations

import sys
from pathlib import Path

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from traitlets import default

from cxanalysis.batch import work
from cxanalysis.report.kernel import OwnKernelManager


class ColdSpecs(KernelSpecManager):
    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python")


class ColdKernelManager(OwnKernelManager):
    @default("kernel_spec_manager")
    def _own_kernel_specs(self) -> KernelSpecManager:
        return ColdSpecs(parent=self)


def cold(study: Path, inputs: str) -> type[OwnKernelManager]:
    return ColdKernelManager


if __name__ == "__main__":  # the command, with these kernels
    work.kernels_for = cold  # type: ignore[assignment]
    from cxanalysis.cli import app

    app()
