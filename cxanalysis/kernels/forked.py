"""What a fork does to be a kernel like any other."""

from __future__ import annotations

import atexit
import logging
import os
import sys
import tempfile
import threading
import time
import traceback
import weakref
from typing import Any, NoReturn


def become_kernel(argv: list[str], env: dict[str, str], cwd: str, out: int, err: int) -> NoReturn:
    """Run ipykernel in this process, a fresh fork of a template, and end with it.

    Parameters
    ----------
    argv
        What follows ``python -m`` in the command of a cold kernel, the launcher's name first.
    env, cwd
        The kernel's whole environment, and the folder it runs in.
    out, err
        Descriptors that become its standard output and error.
    """
    code = 1
    try:
        _take_place(argv, env, cwd, out, err)
        _forget_the_template()
        _start(argv[1:])
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
    finally:
        # Libraries opened by the template may wait at the very end for threads that a fork does
        # not have, so this process ends without taking its memory apart.
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        for stream in (sys.__stdout__, sys.__stderr__):
            if stream is not None:
                stream.flush()
        os._exit(code)


def _take_place(argv: list[str], env: dict[str, str], cwd: str, out: int, err: int) -> None:
    """A session, streams, folder and environment of its own, as a started process has them."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, standard in ((nothing, 0), (out, 1), (err, 2)):
        os.dup2(descriptor, standard)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    time.tzset()
    sys.argv[:] = argv


def _forget_the_template() -> None:
    """What two kernels must not share: random numbers, chosen folders, tasks for the end."""
    tempfile.tempdir = None
    if "numpy.random" in sys.modules:  # Python's own generator is seeded anew by the fork
        sys.modules["numpy.random"].seed()
    # What the template shall do at its end is not this process's to do: a temporary folder, say,
    # which every other kernel reads too.
    atexit._clear()
    atexit.register(logging.shutdown)
    finalize: Any = weakref.finalize
    for task in list(finalize._registry):
        task.atexit = False
    finalize._registered_with_atexit = False


def _start(arguments: list[str]) -> None:
    from ipykernel.kernelapp import IPKernelApp

    class ForkedKernelApp(IPKernelApp):
        def init_gui_pylab(self) -> None:
            super().init_gui_pylab()  # type: ignore[no-untyped-call]
            # The template drew with a backend of its own; this kernel's is chosen, as in a started
            # one, when it draws first.
            if "matplotlib.pyplot" in sys.modules:
                sys.modules["matplotlib"].rcParams["backend"] = os.environ["MPLBACKEND"]
                vars(sys.modules["matplotlib.pyplot"])["_backend_mod"] = None
                # This one looks for its notebook while it is imported.
                sys.modules.pop("matplotlib_inline.backend_inline", None)

    # 1 keeps ipykernel from watching its parent, which is the template and watched already.
    ForkedKernelApp.launch_instance(arguments, parent_handle=1)
