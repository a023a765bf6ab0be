"""What a template prepares: kernels find it, failures say why, changes make it anew."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import KernelManager
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from warm_kernels import children_of, ends, kernel, named

from cxanalysis.kernels import NAME, templates

pytestmark = pytest.mark.skipif(not templates.can_fork(), reason="kernels start cold here")

SLIM = {"modules": ["json"]}


@pytest.fixture(autouse=True)
def others() -> Iterator[set[int]]:
    """Processes that earlier tests started; each of these has its own templates, leaving none."""
    yield set(children_of(os.getpid()))
    templates.close_all()


def module(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> Path:
    """A module "prepared" that a template can import, and its file."""
    file = folder / "importable" / "prepared.py"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(file.parent))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    return file


def test_kernels_find_what_was_prepared_and_keep_changes_to_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module(
        tmp_path,
        monkeypatch,
        "import os\nFOUND = {}\ndef prepare(number):\n    FOUND[number] = os.getpid()\n",
    )
    settings = SLIM | {"preload": "prepared:prepare", "arguments": {"number": 7}}
    name = named(tmp_path, monkeypatch, **settings)
    with kernel(name) as one, kernel(name) as other:
        assert one.prints("import prepared; prepared.FOUND[8] = 1; print(len(prepared.FOUND))")
        assert other.prints("import prepared; print(prepared.FOUND)") == f"{{7: {other.template}}}"


def test_each_preload_with_its_arguments_has_a_template(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module(tmp_path, monkeypatch, "def prepare(number):\n    global found\n    found = number\n")
    prepared = [SLIM | {"preload": "prepared:prepare", "arguments": {"number": n}} for n in (1, 2)]
    names = [named(tmp_path, monkeypatch, **settings) for settings in prepared]
    with kernel(names[0]) as one, kernel(names[1]) as other:
        ask = "import prepared; print(prepared.found)"
        assert (one.prints(ask), other.prints(ask)) == ("1", "2")


def test_failing_preload_says_why_and_leaves_no_template(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, others: set[int]
) -> None:
    file = module(
        tmp_path, monkeypatch, "def prepare():\n    raise ValueError('no answers in march')\n"
    )
    name = named(tmp_path, monkeypatch, **SLIM, preload="prepared:prepare")
    manager = KernelManager(kernel_name=name)
    with pytest.raises(templates.TemplateError, match=r"prepared:prepare.*no answers in march"):
        manager.start_kernel()
    assert ends(*set(children_of(os.getpid())) - others)
    manager.cleanup_resources()

    file.write_text("def prepare():\n    print('mended')\n", encoding="utf-8")
    with kernel(name) as running:
        assert running.prints("import prepared; prepared.prepare()") == "mended"


def test_preload_that_ends_its_process_is_told_with_the_exit_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module(tmp_path, monkeypatch, "import os\ndef prepare():\n    os._exit(9)\n")
    name = named(tmp_path, monkeypatch, **SLIM, preload="prepared:prepare")
    manager = KernelManager(kernel_name=name)
    with pytest.raises(templates.TemplateError, match=r"exit status 9 \(prepared:prepare\)"):
        manager.start_kernel()
    manager.cleanup_resources()


def test_preload_that_takes_too_long_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, others: set[int]
) -> None:
    module(tmp_path, monkeypatch, "import time\ndef prepare():\n    time.sleep(600)\n")
    name = named(tmp_path, monkeypatch, **SLIM, preload="prepared:prepare", start_limit=3)
    manager = KernelManager(kernel_name=name)
    with pytest.raises(templates.TemplateError, match=r"not ready after 3 s \(prepared:prepare\)"):
        manager.start_kernel()
    assert ends(*set(children_of(os.getpid())) - others)
    manager.cleanup_resources()


def test_changed_module_gets_a_new_template_and_running_kernels_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = module(tmp_path, monkeypatch, "def prepare():\n    pass\nanswer = 'old'\n")
    name = named(tmp_path, monkeypatch, **SLIM, preload="prepared:prepare")
    ask = "import prepared; print(prepared.answer)"
    with kernel(name) as before:
        file.write_text("def prepare():\n    pass\nanswer = 'new'\n", encoding="utf-8")
        with kernel(name) as after:
            assert after.prints(ask) == "new"
            assert before.prints(ask) == "old"
            assert after.template != before.template
        retired = before.template
    assert ends(retired)


def test_preload_that_leaves_a_thread_makes_kernels_start_cold(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    others: set[int],
) -> None:
    module(
        tmp_path,
        monkeypatch,
        "import threading, time\n"
        "def prepare():\n"
        "    threading.Thread(target=time.sleep, args=(600,), name='busy').start()\n",
    )
    name = named(tmp_path, monkeypatch, **SLIM, preload="prepared:prepare")
    with kernel(name) as one, kernel(name) as other:
        for running in (one, other):
            assert isinstance(running.manager.provisioner.process, subprocess.Popen)
            assert running.prints("print(6 * 7)") == "42"
    assert sum("busy" in message for message in caplog.messages) == 2
    assert ends(*set(children_of(os.getpid())) - others)


def test_kernel_keeps_what_its_template_would_remove_at_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module(
        tmp_path,
        monkeypatch,
        "import tempfile, pathlib\n"
        "def prepare():\n"
        "    global kept\n"
        "    kept = tempfile.TemporaryDirectory()\n",
    )
    name = named(tmp_path, monkeypatch, **SLIM, preload="prepared:prepare")
    with kernel(name) as one, kernel(name) as other:
        folder = Path(one.prints("import prepared; print(prepared.kept.name)"))
        other.manager.shutdown_kernel()
        assert folder.exists()
    templates.close_all()
    assert not folder.exists()


@pytest.mark.parametrize("chosen", [False, True])
def test_settings_of_figures_are_those_of_a_fresh_import(
    chosen: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module(
        tmp_path,
        monkeypatch,
        "import matplotlib.pyplot as plt\n"
        "def prepare():\n"
        "    plt.rcParams['lines.linewidth'] = 9\n"
        "    plt.figure()\n",
    )
    name = named(tmp_path, monkeypatch, modules=["matplotlib.pyplot"], preload="prepared:prepare")
    monkeypatch.delenv("MPLBACKEND", raising=False)
    first = "import matplotlib; matplotlib.use('agg'); " if chosen else ""
    ask = first + "import matplotlib.pyplot as p; print(p.get_fignums(), p.plot([1, 2])[0].figure)"
    then = "print(p.get_backend(), sorted(p.rcParams.items()))"
    with kernel(name) as warm:
        printed = warm.prints(ask), warm.prints(then)
    monkeypatch.setattr(templates, "can_fork", lambda: False)
    with kernel(name) as cold:
        assert printed == (cold.prints(ask), cold.prints(then))


def test_wide_tables_look_as_in_a_cold_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = named(tmp_path, monkeypatch, modules=["pandas"])
    wide = "pd.DataFrame({f'a long name {n}': [n] for n in range(9)})"
    ask = f"import pandas as pd; print(repr({wide}))"
    with kernel(name) as warm:
        printed = warm.prints(ask)
    monkeypatch.setattr(templates, "can_fork", lambda: False)
    with kernel(name) as cold:
        assert printed == cold.prints(ask)


def test_kernels_go_on_with_tables_and_databases_of_their_template(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module(
        tmp_path,
        monkeypatch,
        "import duckdb, pyarrow as pa, pyarrow.compute as pc, pyarrow.parquet as pq\n"
        "def prepare(path):\n"
        "    global table, database\n"
        "    table = pa.table({'x': list(range(300_000))})\n"
        "    pq.write_table(table, path, row_group_size=10_000)\n"
        "    pq.read_table(path)\n"
        "    database = duckdb.connect(config={'threads': 4})\n"
        "    total()\n"
        "def total():\n"
        "    rows = table\n"
        "    return database.sql('select sum(x) from rows').fetchone()[0]\n",
    )
    path = str(tmp_path / "rows.parquet")
    settings = SLIM | {"preload": "prepared:prepare", "arguments": {"path": path}}
    name = named(tmp_path, monkeypatch, **settings)
    ask = f"import prepared as p; path = {path!r}; p.pq.read_table(path); "
    ask += "p.duckdb.read_parquet(path).fetchall(); print(p.pc.sum(p.table['x']), int(p.total()))"
    with kernel(name) as one, kernel(name) as other:
        for running in (one, other):
            assert running.prints(ask) == "44999850000 44999850000"
            process = running.manager.provisioner.process
            running.manager.shutdown_kernel()  # by itself, not killed
            assert process.returncode == 0


def test_kernels_draw_different_random_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = named(tmp_path, monkeypatch, modules=["numpy"])
    draw = "import random, numpy; print(random.random(), numpy.random.rand())"
    with kernel(name) as one, kernel(name) as other:
        first, second = one.prints(draw).split(), other.prints(draw).split()
        assert one.template == other.template
        assert first[0] != second[0]
        assert first[1] != second[1]


def test_template_dies_with_a_client_that_is_killed_while_it_warms_up(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    module(
        tmp_path,
        monkeypatch,
        "import os, pathlib, time\n"
        "def prepare(told):\n"
        "    pathlib.Path(told).write_text(str(os.getpid()))\n"
        "    time.sleep(600)\n",
    )
    told, temporary = tmp_path / "told", tmp_path_factory.mktemp("k")
    settings = SLIM | {"preload": "prepared:prepare", "arguments": {"told": str(told)}}
    start = "import sys\nfrom jupyter_client.manager import KernelManager\n"
    start += "KernelManager(kernel_name=sys.argv[1]).start_kernel()\n"
    process = subprocess.Popen(
        [sys.executable, "-c", start, named(tmp_path, monkeypatch, **settings)],
        env=os.environ | {"TMPDIR": str(temporary)},
    )
    last = time.monotonic() + 30
    while not (told.exists() and told.read_text()) and time.monotonic() < last:
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert ends(int(told.read_text()))
    assert list(temporary.iterdir()) == []


def test_server_of_notebooks_starts_interrupts_and_restarts_kernels_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = named(tmp_path, monkeypatch, **SLIM)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    (tmp_path / "runtime").mkdir()

    async def work() -> None:
        kernels = AsyncMappingKernelManager(connection_dir=str(tmp_path / "runtime"))
        started = await kernels.start_kernel(kernel_name=name, path=str(tmp_path))
        manager = kernels.get_kernel(started)
        assert isinstance(manager.provisioner.process, templates.ForkedKernel)
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready(timeout=30)
        running = asyncio.ensure_future(
            client.execute_interactive("import time; time.sleep(60)", output_hook=lambda _: None)
        )
        await asyncio.sleep(0.5)
        await kernels.interrupt_kernel(started)
        assert (await running)["content"]["ename"] == "KeyboardInterrupt"
        before = manager.provisioner.pid
        await kernels.restart_kernel(started)
        await client.wait_for_ready(timeout=30)
        assert manager.provisioner.pid != before
        client.stop_channels()
        await kernels.shutdown_all(now=True)

    asyncio.run(work())
    assert list((tmp_path / "runtime").iterdir()) == []


def notebook(path: Path, *sources: str) -> Path:
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    made = nbformat.v4.new_notebook(cells=cells)
    made.metadata.kernelspec = {"name": NAME, "language": "python", "display_name": NAME}
    nbformat.write(made, path)
    return path


def run_tool(folder: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run an installed command with a folder for temporary files of its own."""
    temporary = folder / "t"
    temporary.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", *command],
        env=os.environ | {"TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert list(temporary.glob("warm-kernels-*")) == []
    return done


def test_papermill_finds_the_kernel_by_name(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("p")
    source = notebook(
        folder / "in.ipynb", "import os\nprint(open(f'/proc/{os.getppid()}/cmdline').read())"
    )
    done = run_tool(folder, "papermill", "-k", NAME, "--no-progress-bar", source, "out.ipynb")
    assert done.returncode == 0, done.stderr
    made = nbformat.read(folder / "out.ipynb", as_version=4)
    assert "cxanalysis.kernels.template" in made.cells[0].outputs[0].text


def test_nbval_finds_the_kernel_by_name(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("n")
    source = notebook(
        folder / "in.ipynb",
        "import os\nassert 'kernels.template' in open(f'/proc/{os.getppid()}/cmdline').read()",
    )
    done = run_tool(folder, "pytest", "--nbval-lax", "-q", "-p", "no:cacheprovider", source)
    assert done.returncode == 0, done.stdout + done.stderr
