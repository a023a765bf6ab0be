"""Files at addresses: web servers, object stores through fsspec, and what goes wrong there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import fsspec
import pytest

from cxanalysis.engine import collect
from cxanalysis.errors import DataError
from cxanalysis.sources.remote import place_of_address
from cxanalysis.study import Study, open_study

CSV = "id,customer,opened\n1,a,2026-03-01\n2,b,soon\n"


class Answer(BaseHTTPRequestHandler):
    """Gives CSV to who knows the password, and fails in the ways that servers do."""

    def do_GET(self) -> None:
        content = CSV.encode()
        codes = {"/private.csv": 401, "/gone.csv": 404, "/broken.csv": 503}
        path = self.path.partition("?")[0]
        code = codes.get(path, 200)
        if path == "/private.csv" and self.headers["Authorization"] == "Basic dTpwdw==":
            code = 200
        self.send_response(code)
        more = 7 if path == "/short.csv" else 0
        self.send_header("Content-Length", str(len(content) + more))
        self.end_headers()
        if code == 200:
            self.wfile.write(content)

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    running = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield f"localhost:{running.server_port}"
    running.shutdown()
    running.server_close()
    thread.join()


def read(folder: Path, *addresses: str) -> Study:
    listed = ", ".join(f'"{address}"' for address in addresses)
    (folder / "study.toml").write_text(
        f'name = "test"\n[limits]\nbad_rows = 1.0\n[tables.tickets]\npath = [{listed}]\n'
        '[tables.tickets.columns]\nticket_id = "id"\ncustomer_id = "customer"\n'
        'opened_at = "opened"\n'
    )
    return open_study(folder)


def ids(study: Study) -> list[str]:
    return list(collect(study.tables["tickets"])["ticket_id"])


def test_a_file_of_a_web_server_is_read(tmp_path: Path, server: str) -> None:
    study = read(tmp_path, f"http://{server}/export/tickets.csv?token=secret")
    assert ids(study) == ["1"]
    assert list(study.rejects()["file"]) == [f"http://{server}/export/tickets.csv"]
    assert list(study.rejects()["line"]) == [3]


def test_a_password_reaches_the_server_and_no_message(tmp_path: Path, server: str) -> None:
    assert ids(read(tmp_path, f"http://u:pw@{server}/private.csv")) == ["1"]
    with pytest.raises(DataError, match=r"no access \(the server answers 401\)") as error:
        read(tmp_path, f"http://u:wrong@{server}/private.csv?key=wrong")
    assert "wrong" not in str(error.value)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("gone.csv", "there is no such file (the server answers 404)"),
        ("broken.csv", "the server answers 503"),
        ("short.csv", "bytes arrived"),
    ],
)
def test_what_a_web_server_refuses_is_said(
    tmp_path: Path, server: str, path: str, message: str
) -> None:
    with pytest.raises(DataError) as error:
        read(tmp_path, f"http://{server}/{path}")
    assert message in str(error.value)


def test_a_server_that_is_not_there_is_said(tmp_path: Path, server: str) -> None:
    with pytest.raises(DataError, match="the server does not answer"):
        read(tmp_path, "http://127.0.0.1:1/x.csv")


@pytest.fixture
def bucket() -> Iterator[str]:
    memory = fsspec.filesystem("memory")
    for number in (1, 2):
        memory.pipe(f"/bucket/day={number}/t.csv", CSV.replace("1,a", f"1{number},a").encode())
    memory.pipe("/bucket/other.txt", b"nothing")
    yield "memory://bucket"
    memory.rm("/bucket", recursive=True)


def test_files_of_an_object_store_are_read_by_pattern(tmp_path: Path, bucket: str) -> None:
    study = read(tmp_path, f"{bucket}/day=*/t.csv")
    assert ids(study) == ["11", "12"]
    assert study.reading[0].files == (
        "memory:///bucket/day=1/t.csv",
        "memory:///bucket/day=2/t.csv",
    )


def test_what_changed_in_an_object_store_is_read_anew(tmp_path: Path, bucket: str) -> None:
    address = f"{bucket}/day=1/t.csv"
    assert ids(read(tmp_path, address)) == ["11"]
    fsspec.filesystem("memory").pipe("/bucket/day=1/t.csv", CSV.replace("1,a", "7,a").encode())
    assert ids(read(tmp_path, address)) == ["7"]
    fsspec.filesystem("memory").rm("/bucket/day=1/t.csv")
    with pytest.raises(DataError, match=r"memory://bucket/day=1/t\.csv: there is no such file"):
        read(tmp_path, address)


def test_an_address_from_the_environment_is_not_repeated(
    tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_TEST_EXPORT", f"http://{server}/sEcret/t.csv?sEcret")
    study = read(tmp_path, "${CX_TEST_EXPORT}")
    assert study.reading[0].files == ("${CX_TEST_EXPORT}",)
    assert "sEcret" not in study.reading[0].describe()


def test_local_addresses_are_read(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(CSV)
    assert ids(read(tmp_path, f"file://{tmp_path}/t.csv")) == ["1"]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("memory://bucket/none*.csv", "there is no such file"),
        ("nosuch://u:pw@bucket/x.csv", "nosuch:// is no address that fsspec knows"),
    ],
)
def test_other_addresses_are_refused(tmp_path: Path, address: str, message: str) -> None:
    with pytest.raises(DataError) as error:
        read(tmp_path, address)
    assert message in str(error.value)
    assert "pw" not in str(error.value)


def test_a_missing_driver_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "s3fs", None)
    with pytest.raises(DataError, match="pip install s3fs"):
        read(tmp_path, "s3://bucket/t.csv")


def test_places_hold_no_secrets() -> None:
    assert place_of_address("https://u:pw@h:1/a/b.csv?sig=x#y") == "https://h:1/a/b.csv"
    assert place_of_address("sftp://u:p@w@h/a.csv") == "sftp://h/a.csv"
