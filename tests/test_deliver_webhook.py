"""The message to another program: one fixed form, tried again where that may help."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from archive_of_reports import CHANGED, put, put_failure

from cxanalysis.config import Deliver
from cxanalysis.deliver import Delivery, deliver, webhook

TOKEN = "hunter2-token"


class Server(HTTPServer):
    """Answers with the codes given, then 200; keeps what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.codes: list[int] = []
        self.taken: list[tuple[str, dict[str, str], Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook/hunter2-path"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.path, dict(self.headers), json.loads(body)))
        code = self.server.codes.pop(0) if self.server.codes else 200
        self.send_response(code)
        if code == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        self.server.taken.append((self.path, dict(self.headers), None))

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on standard error."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(webhook, "PAUSE", 0.0)
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def send(folder: Path, server: Server, **changes: Any) -> Delivery:
    content = {"webhook": {"url": server.url, **changes}, "link": "https://cx.acme.example"}
    return deliver(folder, Deliver.model_validate(content))


def test_a_report_is_one_message_of_a_fixed_form(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_TOKEN", TOKEN)
    folder = put(tmp_path, "cx_report", "2026-10", "region=east")
    assert [s.outcome for s in send(folder, server, token_env="CX_TOKEN").sent] == ["sent"]
    assert [s.outcome for s in send(folder, server, token_env="CX_TOKEN").sent] == ["sent before"]
    ((path, headers, message),) = server.taken
    assert path == "/hook/hunter2-path"
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert (message["schema_version"], message["event"]) == (1, "report")
    assert (message["notebook"], message["period"], message["segment"]) == (
        "cx_report",
        "2026-10",
        "region=east",
    )
    assert message["figures"][0]["key"] == "answer.split"
    assert message["changed"] == list(CHANGED)
    assert message["link"].endswith("/cx_report/2026-10/region%3Deast/cx_report.html")
    assert message["failure"] is None


def test_a_failure_has_the_same_keys(tmp_path: Path, server: Server) -> None:
    send(put(tmp_path, "cx_report", "2026-10"), server)
    send(put_failure(tmp_path, "cx_report", "2026-11"), server)
    (_, _, report), (_, _, failed) = server.taken
    assert report.keys() == failed.keys()
    assert failed["event"] == "failure"
    assert failed["failure"]["cell"] == 7 and "41 answers" in failed["failure"]["why"]


def test_what_may_pass_is_tried_again_and_what_cannot_is_not(
    tmp_path: Path, server: Server
) -> None:
    server.codes = [503, 429]
    assert send(put(tmp_path, "a", "2026-10"), server).problems == ()
    assert len(server.taken) == 3
    server.codes = [404]
    (problem,) = send(put(tmp_path, "b", "2026-10"), server).problems
    assert "the server answers 404 (try 1 of 3)" in problem
    server.codes = [500, 500, 500]
    (problem,) = send(put(tmp_path, "c", "2026-10"), server).problems
    assert "the server answers 500 (try 3 of 3)" in problem
    assert "hunter2" not in problem


def test_a_message_and_its_token_follow_no_redirect(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_TOKEN", TOKEN)
    server.codes = [302]
    found = send(put(tmp_path, "a", "2026-10"), server, token_env="CX_TOKEN")
    assert "the server answers 302" in found.problems[0]
    assert [path for path, _, _ in server.taken] == ["/hook/hunter2-path"]


def test_a_server_that_is_silent_is_left_after_a_while(tmp_path: Path, server: Server) -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as silent:  # never answers
        url = f"http://127.0.0.1:{silent.server_port}/"
        settings = {"url": url, "wait_seconds": 0.05, "tries": 2}
        folder = put(tmp_path, "a", "2026-10")
        (problem,) = deliver(folder, Deliver.model_validate({"webhook": settings})).problems
    assert "no answer in 0.05 seconds, so it may have arrived (try 1 of 2)" in problem
    assert (folder / "a.html").is_file() and not (folder / "delivered.json").exists()


@pytest.mark.parametrize(
    "address", ["", "http://acme.example/hunter2", "https://me:hunter2@acme.example", "file:///x"]
)
def test_an_address_from_the_environment_must_be_safe_and_is_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("CX_HOOK", address)
    config = Deliver.model_validate({"webhook": {"url_env": "CX_HOOK"}})
    (problem,) = deliver(put(tmp_path, "a", "2026-10"), config).problems
    assert "CX_HOOK" in problem and "hunter2" not in problem


def test_a_token_that_would_break_the_header_is_refused_unseen(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_TOKEN", "hunter2\r\nX-Evil: 1")
    (problem,) = send(put(tmp_path, "a", "2026-10"), server, token_env="CX_TOKEN").problems
    assert "CX_TOKEN: holds signs that no token has" in problem
    assert server.taken == []
