"""Mail really sent: over STARTTLS with a login, to whom it concerns, once, with no secret in it."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from archive_of_reports import failure, manifest, put, put_failure
from mail_server import PASSWORD, USER, Certificate, Mails, mail_server, make_certificate

from cxanalysis.config import Deliver
from cxanalysis.deliver import deliver
from cxanalysis.deliver.message import one_line

SENDER, DIRECTOR, EAST = "reports@acme.example", "director@acme.example", "east@acme.example"
ANALYST = "analyst@acme.example"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def mails() -> Iterator[Mails]:
    """A server on this machine that asks for nothing."""
    with mail_server() as server:
        yield server


def settings(port: int, **changes: Any) -> Deliver:
    mail = {
        "host": "localhost",
        "port": port,
        "security": "none",
        "sender": SENDER,
        "to": [DIRECTOR],
        "segments": {"region = east": [EAST, DIRECTOR]},
        "failures_to": [ANALYST],
        **changes,
    }
    return Deliver.model_validate({"mail": mail, "link": "https://reports.acme.example/cx/"})


def outcomes(folder: Path, config: Deliver) -> list[str]:
    return [each.outcome for each in deliver(folder, config).sent]


def test_a_report_is_mailed_over_an_encrypted_login(
    tmp_path: Path, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_MAIL", PASSWORD)
    folder = put(tmp_path, "cx_report", "2026-10")
    with mail_server(certificate) as server:
        login = {"security": "starttls", "user": USER, "password_env": "CX_MAIL"}
        config = settings(server.port, ca_file=str(certificate.certificate), **login)
        assert deliver(folder, config).problems == ()
    ((readers, message),) = server.taken
    assert (readers, server.logins) == ([DIRECTOR], 1)
    assert message["Subject"] == (
        "No: service does not carry what the whole journey carries (Acme Home, cx report, "
        "October 2026)"
    )
    assert (message["To"], message["From"]) == (DIRECTOR, SENDER)
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "- NPS: +31 (+24 to +32; n = 900)" in text
    assert "https://reports.acme.example/cx/cx_report/2026-10/everyone/cx_report.html" in text
    page = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "<h1" in page and "<script" not in page and "src=" not in page
    (attached,) = message.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("cx_report.html", "x")


@pytest.mark.parametrize(
    ("changes", "environment", "why"),
    [
        ({}, {"CX_MAIL": "wrong-hunter2"}, "refused the user or the password in CX_MAIL"),
        ({}, {}, "the environment variable CX_MAIL is not set"),
        ({"ca_file": None}, {"CX_MAIL": PASSWORD}, "its certificate is not trusted"),
        ({"ca_file": "/none.pem"}, {"CX_MAIL": PASSWORD}, "holds no certificate to be read"),
    ],
    ids=["password", "unset", "certificate", "ca_file"],
)
def test_a_server_that_refuses_us_is_named_and_the_secret_is_not(
    tmp_path: Path,
    certificate: Certificate,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    changes: dict[str, Any],
    environment: dict[str, str],
    why: str,
) -> None:
    monkeypatch.delenv("CX_MAIL", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    folder = put(tmp_path, "cx_report", "2026-10")
    with mail_server(certificate) as server:
        login = {"security": "starttls", "user": USER, "password_env": "CX_MAIL"}
        known = {"ca_file": str(certificate.certificate), **login, **changes}
        found = deliver(folder, settings(server.port, **known))
    assert server.taken == []
    (problem,) = found.problems
    assert why in problem and "The next cxanalysis batch or run-due tries again." in problem
    assert "hunter2" not in problem + repr(found) + caplog.text
    assert not (folder / "delivered.json").exists()


def test_a_server_that_is_encrypted_from_the_start(
    tmp_path: Path, certificate: Certificate
) -> None:
    with mail_server(certificate, from_the_start=True) as server:
        known = {"security": "tls", "ca_file": str(certificate.certificate)}
        found = deliver(put(tmp_path, "a", "2026-10"), settings(server.port, **known))
    assert found.problems == () and server.readers == [DIRECTOR]


def test_without_encryption_on_offer_nothing_is_sent(tmp_path: Path, mails: Mails) -> None:
    found = deliver(put(tmp_path, "a", "2026-10"), settings(mails.port, security="starttls"))
    assert "does not offer encryption (STARTTLS)" in found.problems[0]
    assert mails.taken == []


def test_nothing_is_mailed_twice_and_a_changed_report_is_news(tmp_path: Path, mails: Mails) -> None:
    folder, config = put(tmp_path, "cx_report", "2026-10"), settings(mails.port)
    assert outcomes(folder, config) == ["sent"]
    assert outcomes(folder, config) == ["sent before"]
    assert len(mails.taken) == 1
    (folder / "manifest.json").write_text('{"schema_version": 1}', encoding="utf-8")
    assert outcomes(folder, config) == ["sent"]


def test_a_report_on_a_segment_goes_to_its_readers_too_each_on_their_own(
    tmp_path: Path, mails: Mails
) -> None:
    deliver(put(tmp_path, "cx_report", "2026-10", "region=east"), settings(mails.port))
    assert mails.readers == [DIRECTOR, EAST]
    assert [message["To"] for _, message in mails.taken] == [DIRECTOR, EAST]
    assert len({message["Message-ID"] for _, message in mails.taken}) == 2
    only = settings(mails.port, to=[])  # its failures go to the analyst
    assert deliver(put(tmp_path, "cx_report", "2026-09"), only).sent == ()


def test_only_readers_who_were_refused_are_tried_again(tmp_path: Path, mails: Mails) -> None:
    folder = put(tmp_path, "cx_report", "2026-10", "region=east")
    config = settings(mails.port)
    mails.refuse = {DIRECTOR}
    found = deliver(folder, config)
    assert "refused 1 of 2 readers" in found.problems[0]
    assert "@" not in found.problems[0] and "@" not in (folder / "delivered.json").read_text()
    mails.refuse = set()
    assert outcomes(folder, config) == ["sent"]
    assert mails.readers == [EAST, DIRECTOR]


def test_a_server_that_is_not_there_loses_nothing(tmp_path: Path) -> None:
    with mail_server() as gone:
        pass
    folder, config = put(tmp_path, "cx_report", "2026-10"), settings(gone.port)
    found = deliver(folder, config)
    assert "cannot be reached (ConnectionRefusedError)" in found.problems[0]
    assert found.sent[0].is_down
    assert deliver(folder, config, without={"mail"}).sent == ()
    assert (folder / "cx_report.html").is_file()


def test_a_server_that_takes_the_call_and_says_nothing_is_waited_for_once(tmp_path: Path) -> None:
    with socket.create_server(("localhost", 0)) as silent:
        config = settings(silent.getsockname()[1], wait_seconds=0.1)
        found = deliver(put(tmp_path, "cx_report", "2026-10"), config)
    assert found.sent[0].is_down
    assert "answers nothing, or hangs up" in found.problems[0]


def test_a_failure_is_mailed_once_for_each_reason_with_the_partial_notebook(
    tmp_path: Path, mails: Mails
) -> None:
    config = settings(mails.port)
    folder = put_failure(tmp_path, "cx_report", "2026-10")
    assert outcomes(folder, config) == ["sent"]
    for path in folder.iterdir():  # the next try fails likewise and replaces the folder
        path.unlink()
    folder.rmdir()
    put_failure(tmp_path, "cx_report", "2026-10")
    assert outcomes(folder, config) == ["sent before"]
    ((readers, message),) = mails.taken
    assert readers == [ANALYST]
    assert message["Subject"] == (
        "Not made: Acme Home, cx report, October 2026: stopped in cell 7, "
        '"What goes with satisfaction"'
    )
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "only 41 answers for 6 drivers. After 2 tries." in text
    assert [part.get_filename() for part in message.iter_attachments()] == ["cx_report.ipynb"]

    why = "only 39 answers for 6 drivers"  # another number is the same reason
    (folder / "failure.json").write_text(
        json.dumps(failure("cx_report", "2026-10", why=why)), encoding="utf-8"
    )
    assert outcomes(folder, config) == ["sent before"]

    other = failure("cx_report", "2026-10", why="the kernel ended")
    (folder / "failure.json").write_text(json.dumps(other), encoding="utf-8")
    assert outcomes(folder, config) == ["sent"]
    deliver(put(tmp_path, "cx_report", "2026-10"), config)  # it works again
    assert outcomes(folder, config) == ["sent"]  # so the next failure is news


def test_files_too_large_to_attach_are_named(tmp_path: Path, mails: Mails) -> None:
    folder = put(tmp_path, "cx_report", "2026-10")
    (folder / "cx_report.html").write_bytes(b"x" * 20_000)
    (folder / "cx_report.pdf").write_bytes(b"%PDF-")
    deliver(folder, settings(mails.port, attach_mb=0.01))
    ((_, message),) = mails.taken
    assert [part.get_filename() for part in message.iter_attachments()] == ["cx_report.pdf"]
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Too large to attach: cx_report.html." in text


EVIL = "x\r\nBcc: thief@evil.example\r\n\r\n<script>alert(1)</script>\u2028\x00\ud800"


def test_no_name_of_a_segment_or_study_becomes_a_header_or_markup(
    tmp_path: Path, mails: Mails
) -> None:
    known = manifest("cx_report", "2026-10", study=EVIL, segment=EVIL, headline=EVIL, made_at=EVIL)
    known["figures"][0]["label"] = EVIL
    deliver(put(tmp_path, "cx_report", "2026-10", content=known), settings(mails.port))
    folder = tmp_path / "b\r\nBcc: thief@evil.example" / "2026-10" / "everyone.failed"
    folder.mkdir(parents=True)
    (folder / "a\r\nX-Evil: 1.ipynb").write_text("{}", encoding="utf-8")
    record = failure(EVIL, EVIL, segment=EVIL, doing=EVIL, why=EVIL)
    (folder / "failure.json").write_text(json.dumps(record), encoding="utf-8")
    deliver(folder, settings(mails.port))
    assert mails.readers == [DIRECTOR, ANALYST]
    for _, message in mails.taken:
        assert message["Bcc"] is None and message["X-Evil"] is None
        for part in message.walk():
            assert part["X-Evil"] is None
        page = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
        assert "<script" not in page and "&lt;script&gt;" in page


def test_a_header_is_one_line_of_bounded_length() -> None:
    assert one_line("a\tb\r\n c\x1b[31m") == "a b c [31m"
    assert len(one_line("long " * 100)) <= 180
