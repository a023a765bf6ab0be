"""A Dask cluster as an executor."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from cxanalysis.errors import ReportError

SECONDS = 30  # to reach the scheduler


@contextmanager
def dask_executor(address: str) -> Iterator[Executor]:
    """The executor of a running cluster; the cluster goes on when the block ends.

    Parameters
    ----------
    address
        Of the scheduler, such as "tcp://host:8786".

    Raises
    ------
    ReportError
        When Dask is not installed, or no scheduler answers.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise ReportError(
            "Dask is not installed. Install it on this machine and on every worker: "
            "pip install 'cxanalysis[dask]'"
        ) from error
    try:
        client: Any = Client(address, timeout=SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise ReportError(
            f"No Dask scheduler answers at {address}. Start one with: dask scheduler"
        ) from error
    with client:
        # Reports differ by what lies on the disk: a result is never taken from an earlier one.
        yield client.get_executor(pure=False)
