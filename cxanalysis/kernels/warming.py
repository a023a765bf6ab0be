"""What a template does before it forks: import, draw once, run the preloaded function."""

from __future__ import annotations

import gc
import io
import os
import sys
import sysconfig
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

USUAL = ("numpy", "pandas", "matplotlib.pyplot")
COLUMNS = 20  # that pandas shows of a table in a kernel
# What a kernel loads at its start; loading makes neither sockets nor threads.
KERNEL = (
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "tornado.platform.asyncio",
    "tornado.queues",
)


def warm_up(modules: Sequence[str] | None, preload: str, arguments: Mapping[str, Any]) -> None:
    """Load the libraries, draw a figure nobody sees, and run the preloaded function.

    Parameters
    ----------
    modules
        Modules to import; those of `USUAL` that are installed where None.
    preload
        "package.module:function", or nothing.
    arguments
        What the function is called with.

    Raises
    ------
    Exception
        Whatever an import or the function raises.
    """
    for name in KERNEL:
        with suppress(ModuleNotFoundError):
            import_module(name)
    for name in USUAL if modules is None else modules:
        try:
            import_module(name)
        except ModuleNotFoundError:
            if modules is not None:
                raise
    if "matplotlib.pyplot" in sys.modules:
        _draw_once(sys.modules["matplotlib.pyplot"])
    if preload:
        module, _, function = preload.partition(":")
        prepare = getattr(import_module(module), function)
        _show_columns()  # before the function, which may want another number
        prepare(**arguments)
    else:
        _show_columns()
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
        sys.modules["matplotlib"].rc_file_defaults()  # the settings found after importing it


def _draw_once(pyplot: ModuleType) -> None:
    """Fonts, glyphs and renderers are loaded with the first figure, for about a second."""
    figure, axes = pyplot.subplots(figsize=(2, 1))
    axes.plot([0, 1], [0, 1], label="label")
    axes.set_title("title")
    axes.legend()
    figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")
    pyplot.close(figure)


def _show_columns() -> None:
    """Have pandas show as many columns as in a kernel.

    Imported where there is no kernel yet, it takes the place for a terminal, and then shows as
    many as fit into the width.
    """
    if "pandas" in sys.modules:
        sys.modules["pandas"].set_option("display.max_columns", COLUMNS)


def running_threads() -> list[str]:
    """Names of the threads beside the main one: a fork would lose them and keep their locks."""
    return [t.name for t in threading.enumerate() if t is not threading.main_thread()]


def loaded_files() -> dict[str, int]:
    """When each file that a change would make outdated was last changed, in nanoseconds.

    Those are the files of loaded modules that somebody may be editing, and in place of installed
    ones the folders they are installed in, which every installation touches.
    """
    fixed = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    inside = tuple(f"{folder}{os.sep}" for folder in fixed)
    files = {module.__file__ for module in list(sys.modules.values()) if _has_file(module)}
    edited = {str(file) for file in files if not str(file).startswith(inside)}
    return {path: Path(path).stat().st_mtime_ns for path in edited | fixed if Path(path).exists()}


def _has_file(module: ModuleType) -> bool:
    return isinstance(getattr(module, "__file__", None), str)


def settle() -> None:
    """Leave the memory as it will stay, so that kernels share it instead of copying it."""
    gc.collect()
    gc.freeze()
