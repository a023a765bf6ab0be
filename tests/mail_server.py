"""A real SMTP server on this machine, with STARTTLS and a login where asked for."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

USER, PASSWORD = "reports", "hunter2-never-to-be-seen"


@dataclass
class Mails:
    """What the server took: for each message its readers and the message itself."""

    port: int
    refuse: set[str] = field(default_factory=set)
    taken: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    logins: int = 0

    async def handle_RCPT(self, _s: Any, _: Any, envelope: Any, address: str, __: Any) -> str:  # noqa: N802
        if address in self.refuse:
            return "450 try later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.taken.append((envelope.rcpt_tos, message))
        return "250 OK"

    @property
    def readers(self) -> list[str]:
        return [reader for readers, _ in self.taken for reader in readers]


@dataclass(frozen=True)
class Certificate:
    """A certificate that only those trust who are told of it, and its key."""

    certificate: Path
    key: Path


def make_certificate(folder: Path) -> Certificate:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl on this machine to make a certificate with")
    made = Certificate(folder / "server.pem", folder / "server.key")
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command += ["-keyout", str(made.key), "-out", str(made.certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return made


@contextmanager
def mail_server(
    certificate: Certificate | None = None, from_the_start: bool = False
) -> Iterator[Mails]:
    """A server that asks for STARTTLS and a login where it has a certificate.

    One that is encrypted from the start asks for no login.
    """
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    mails = Mails(port)

    def login(_server: Any, _session: Any, _envelope: Any, _way: str, given: Any) -> AuthResult:
        mails.logins += 1
        ok = given == LoginPassword(USER.encode(), PASSWORD.encode())
        return AuthResult(success=ok, handled=False)

    settings: dict[str, Any] = {}
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate.certificate, certificate.key)
        asks = {"require_starttls": True, "auth_required": True, "authenticator": login}
        settings = {"ssl_context": context} if from_the_start else {"tls_context": context, **asks}
    controller = Controller(mails, hostname="localhost", port=port, **settings)
    controller.start()
    try:
        yield mails
    finally:
        controller.stop()
