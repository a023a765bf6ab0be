"""Run the cells of a report notebook with papermill, and say where it stopped if it did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import nbformat
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from papermill.engines import papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.execute import prepare_notebook_metadata, raise_for_execution_errors
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

import cxanalysis.errors as ours
from cxanalysis.report import kernel
from cxanalysis.report.limits import NO_LIMITS, Excess, Limits, Watch, watched
from cxanalysis.report.notebooks import heading
from cxanalysis.report.parameters import Value

Progress = Callable[[int, int, str], None]
# What a cell may raise that says more of the machine at that moment than of the cell.
MAY_PASS = ("MemoryError", "OSError", "TimeoutError", "ConnectionResetError", "BrokenPipeError")


class StoppedError(Exception):
    """A run that ended early: the number of the cell, what it was doing, and why.

    ``may_pass`` tells whether the same run may end well another time: its process was lost or
    lacked memory, as against a cell that fails.
    """

    def __init__(self, number: int | None, doing: str, why: str, *, may_pass: bool = False) -> None:
        super().__init__(number, doing, why)
        self.number, self.doing, self.why, self.may_pass = number, doing, why, may_pass

    def one_line(self) -> str:
        """The stop as the end of a sentence, with its full stop."""
        cell = f"cell {self.number}" if self.number else "its kernel"
        doing = f', "{self.doing}"' if self.doing else ""
        return f"stopped in {cell}{doing}: {self.why.rstrip('.')}."


def execute(
    notebook: NotebookNode,
    parameters: Mapping[str, Value],
    output: Path,
    *,
    source: Path,
    scratch: Path,
    progress: Progress | None = None,
    limits: Limits = NO_LIMITS,
    kernels: type[kernel.OwnKernelManager] = kernel.OwnKernelManager,
) -> NotebookNode:
    """Run a notebook with parameters and write it, whole or up to where it stopped.

    Parameters
    ----------
    output
        Where the executed notebook is written, also when a cell fails.
    source
        The notebook's own file: its cells run in that folder, as in Jupyter.
    scratch
        A folder for the kernel's profile, in place of the user's own with its start-up files.
    progress
        Called before each cell with the number of cells done, of all cells, and the heading
        above the cell.
    limits
        How long the kernel may run and how much memory it may hold.
    kernels
        What starts its kernel; those of `kernel.kernels_with` find something prepared.

    Raises
    ------
    StoppedError
        When a cell raises, the kernel ends or goes beyond a limit.
    """
    prepared = parameterize_notebook(
        load_notebook_node(notebook), dict(parameters), kernel_name=kernel.NAME, language="python"
    )
    prepared = prepare_notebook_metadata(prepared, source.name, output.name)
    running = {"cell": 0}
    watch = Watch(limits)

    def on_start(cell: NotebookNode, cell_index: int) -> None:  # noqa: ARG001 (nbclient's names)
        running["cell"] = cell_index
        watch.at_cell()
        if progress is not None:
            progress(cell_index, len(prepared.cells), _doing(prepared, cell_index))

    scratch.mkdir()
    with watch:
        try:
            executed: NotebookNode = papermill_engines.execute_notebook_with_engine(
                None,
                prepared,
                kernel_name=kernel.NAME,
                progress_bar=False,
                autosave_cell_every=0,
                kernel_manager_class=watched(kernels, watch),
                extra_arguments=[f"--ipython-dir={scratch}"],
                resources={"metadata": {"path": str(source.parent)}},
                on_cell_start=on_start,
                # Interrupting an idle kernel, as a graceful end does, prints an error.
                shutdown_kernel="immediate",
            )
            # Looks for failed cells; it marks the failed one and writes the notebook before
            # raising.
            raise_for_execution_errors(executed, str(output))
        except PapermillExecutionError as error:
            doing = _doing(prepared, error.cell_index)
            raise StoppedError(
                error.exec_count, doing, _why(error), may_pass=error.ename in MAY_PASS
            ) from error
        except RuntimeError as error:  # the kernel did not start, or ended by itself
            nbformat.write(prepared, output)
            raise _ended(prepared, running["cell"], error, watch.excess) from error
    nbformat.write(executed, output)
    return executed


def _ended(
    notebook: NotebookNode, index: int, error: RuntimeError, excess: Excess | None
) -> StoppedError:
    number = sum(cell.cell_type == "code" for cell in notebook.cells[: index + 1])
    doing = _doing(notebook, index)
    if excess is not None:
        return StoppedError(number or None, doing, excess.why)
    if not isinstance(error, DeadKernelError):
        return StoppedError(None, "", f"it did not start: {error}", may_pass=True)
    why = "the Python process ended by itself, often for lack of memory"
    return StoppedError(number, doing, why, may_pass=True)


def _why(error: PapermillExecutionError) -> str:
    """One line; our own errors speak for themselves, others are named."""
    text = " ".join(error.evalue.split())
    is_ours = isinstance(getattr(ours, error.ename, None), type)
    return text if is_ours else f"{error.ename}: {text}".removesuffix(": ")


def _doing(notebook: NotebookNode, index: int) -> str:
    """The nearest heading above a cell; papermill's own marks have none."""
    headings = (heading(cell) for cell in reversed(notebook.cells[: index + 1]))
    return next((text for text in headings if text), "")
