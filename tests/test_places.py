"""Folders of reports on a disk and in object storage answer alike, and nothing leaves them."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from cxanalysis.errors import ReportError
from cxanalysis.places import LARGEST, inside, place


@pytest.fixture(params=["disk", "storage"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "reports") if request.param == "disk" else f"memory://{uuid4()}/reports"


def test_what_is_written_is_found_and_read(address: str) -> None:
    folder = place(address)
    assert folder.files() == []
    where = folder.write("a/2026-10/x=1 é/page.html", b"<p>")
    assert where.endswith("reports/a/2026-10/x=1 é/page.html")
    folder.write("index.html", b"old")
    folder.write("index.html", b"new")
    folder.write("a/b/c/d/too-deep.json", b"{}")
    folder.write(".report-x/2026/everyone/manifest.json", b"{}")
    assert folder.files() == ["a/2026-10/x=1 é/page.html", "index.html"]
    assert folder.files("a/b") == ["a/b/c/d/too-deep.json"]
    assert folder.files("nowhere") == []
    folder.remove("a/b/c/d/too-deep.json")
    assert folder.files("a/b") == []
    assert folder.read(["index.html", "gone.html"]) == {"index.html": b"new"}


def test_a_file_too_large_to_be_ours_is_not_read(address: str) -> None:
    place(address).write("big.json", b"x" * (LARGEST + 1))
    assert place(address).read(["big.json"]) == {}


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "a\\..\\x", "c:/x"])
def test_a_path_that_leaves_the_folder_is_refused(address: str, name: str) -> None:
    with pytest.raises(ReportError, match="outside its folder"):
        place(address).write(name, b"")
    with pytest.raises(ReportError, match="outside its folder"):
        inside(name)


def test_a_write_that_fails_leaves_what_was_there_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = place(tmp_path)
    folder.write("index.html", b"old")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        folder.write("index.html", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]
    assert (tmp_path / "index.html").read_bytes() == b"old"


def test_links_on_a_disk_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/manifest.json").write_bytes(b"{}")
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/a").symlink_to(tmp_path / "secret")
    (tmp_path / "reports/b.json").symlink_to(tmp_path / "secret/manifest.json")
    assert place(tmp_path / "reports").files() == []


def test_storage_that_refuses_us_is_named_and_its_own_words_are_not_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("key=hunter2")

    folder = place("memory://bucket/reports")
    for name in ("find", "cat", "pipe_file", "exists"):
        monkeypatch.setattr(f"fsspec.implementations.memory.MemoryFileSystem.{name}", refuse)
    for ask in (folder.files, lambda: folder.read(["a"]), lambda: folder.write("a", b"")):
        with pytest.raises(ReportError, match=r"memory://bucket/reports: .*RuntimeError") as caught:
            ask()
        assert "hunter2" not in str(caught.value)


def test_storage_that_connects_at_once_and_finds_nobody_is_named() -> None:
    with pytest.raises(ReportError, match=r"ftp://localhost:1/x: cannot be opened \(Connection"):
        place("ftp://me:hunter2@localhost:1/x")


def test_an_address_nobody_can_open_names_the_package_and_no_password() -> None:
    with pytest.raises(ReportError, match=r"unheard://bucket: a package.*sources") as caught:
        place("unheard://me:hunter2@bucket")
    assert "hunter2" not in str(caught.value)
