"""Warm kernels: notebooks run in forks of a process that has already imported the libraries.

A kernel spends most of its start on imports and on drawing for the first time. Here one process,
the template, does both once; each kernel is a fork of it, which takes milliseconds, and otherwise
an ordinary ipykernel: its own process, its own memory, its own crashes. Installing this package
makes the kernel known by name to papermill, nbval, nbconvert and JupyterLab::

    papermill -k python3-warm report.ipynb made.ipynb          # one notebook: no gain, no loss

    for month in months:                                       # many from one process: they share
        papermill.execute_notebook("report.ipynb", f"{month}.ipynb", {"month": month},
                                   kernel_name="python3-warm")

What a notebook needs beyond imports can be prepared once, too. A kernelspec of your own names a
function and its arguments; it runs in the template, and every kernel finds in its memory what the
function left in its module::

    {"argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}",
              "--HistoryManager.enabled=False"],
     "display_name": "Reports", "language": "python",
     "metadata": {"kernel_provisioner": {"provisioner_name": "warm-fork", "config": {
         "modules": ["pandas", "seaborn"],
         "preload": "mypackage.warm:prepare",
         "arguments": {"path": "/data/answers.parquet"}}}}}

Settings: ``modules`` to import (numpy, pandas and matplotlib, where installed), ``preload`` and
``arguments``, ``start_limit`` (seconds that warming up may take), ``idle_limit`` (seconds after
which a template without kernels ends).

- A template belongs to the process that asks for kernels, starts with the first one and ends with
  that process, however it ends; no kernel outlives either, nor does anything it started.
- A changed file of a loaded module, an installation, another setting or another environment
  variable that libraries read while they are imported means a new template.
- A preloaded function may leave data, never threads: where a thread still runs, or where a system
  cannot fork safely (anything but Linux), kernels of this name start cold, with the same results.
  What it leaves is shared: a kernel may read a file that the template opened, and must not
  remove one.
"""

NAME = "python3-warm"
PROVISIONER = "warm-fork"
