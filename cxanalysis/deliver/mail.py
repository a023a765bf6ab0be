"""Send a mail over SMTP, encrypted unless the study file says otherwise."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from pathlib import Path

from cxanalysis.config.delivering import Mail
from cxanalysis.deliver.content import Content
from cxanalysis.deliver.errors import DeliveryError, UnreachableError, from_environment
from cxanalysis.deliver.message import html_of, one_line, subject_of, text_of

TYPES = {
    ".html": ("text", "html"),
    ".pdf": ("application", "pdf"),
    ".ipynb": ("application", "json"),
}


def send(mail: Mail, content: Content, readers: Sequence[str], link: str) -> Iterator[str]:
    """Send a message to each reader; yields those whose message the server took, one by one.

    Raises
    ------
    DeliveryError
        When the server cannot be reached or refuses us, or when it refused some readers and the
        others have got theirs.
    """
    message = _message(mail, content, link)
    refused = 0
    with _server(mail) as server:
        for reader in readers:
            del message["To"], message["Message-ID"]
            message["To"] = reader
            message["Message-ID"] = make_msgid(domain=mail.sender.rpartition("@")[2])
            try:
                server.send_message(message, mail.sender, [reader])
            except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError):
                refused += 1
            else:
                yield reader
    if refused:
        raise DeliveryError(f"{_where(mail)}: refused {refused} of {len(readers)} readers")


def _message(mail: Mail, content: Content, link: str) -> EmailMessage:
    files, left = _files(mail, content)
    notes = [f"Too large to attach: {', '.join(path.name for path in left)}."] if left else []
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject_of(content)
    message["From"] = mail.sender
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text_of(content, link, notes))
    message.add_alternative(html_of(content, link, notes), subtype="html")
    for path in files:
        kind, subtype = TYPES[path.suffix]
        name = one_line(path.name)
        message.add_attachment(path.read_bytes(), maintype=kind, subtype=subtype, filename=name)
    return message


def _files(mail: Mail, content: Content) -> tuple[list[Path], list[Path]]:
    """What to attach, and what is too large together with what comes before it."""
    endings = [".ipynb"] if content.is_failure else [f".{kind}" for kind in mail.attach]
    attached: list[Path] = []
    left: list[Path] = []
    room = mail.attach_mb * 1e6
    for path in filter(None, map(content.file, endings)):
        size = path.stat().st_size
        (attached if size <= room else left).append(path)
        room -= size if size <= room else 0
    return attached, left


@contextmanager
def _server(mail: Mail) -> Iterator[smtplib.SMTP]:
    """A connection, logged in where there is a user; what goes wrong in our words."""
    where = _where(mail)
    try:
        with _connected(mail) as server:
            if mail.user is not None and mail.password_env is not None:
                server.login(mail.user, from_environment(mail.password_env))
            yield server
    except smtplib.SMTPAuthenticationError as error:
        raise DeliveryError(
            f"{where}: refused the user or the password in {mail.password_env} "
            f"(code {error.smtp_code})"
        ) from None
    except smtplib.SMTPNotSupportedError:
        raise DeliveryError(
            f"{where}: does not offer {_wanted(mail)}, without which nothing is sent"
        ) from None
    except ssl.SSLCertVerificationError as error:
        raise DeliveryError(
            f"{where}: its certificate is not trusted ({error.verify_message}). Where it is your "
            "own, name the file of its authority in ca_file"
        ) from None
    except smtplib.SMTPResponseException as error:
        raise DeliveryError(f"{where}: refused the message (code {error.smtp_code})") from None
    except smtplib.SMTPServerDisconnected:  # also what a server that never answers comes to
        raise UnreachableError(f"{where}: answers nothing, or hangs up") from None
    except (smtplib.SMTPException, UnicodeError) as error:  # a password beyond ASCII, say
        raise DeliveryError(f"{where}: {type(error).__name__}") from None
    except OSError as error:
        raise UnreachableError(f"{where}: cannot be reached ({type(error).__name__})") from None


@contextmanager
def _connected(mail: Mail) -> Iterator[smtplib.SMTP]:
    try:
        context = ssl.create_default_context(cafile=mail.ca_file)
    except OSError:
        raise DeliveryError(f"ca_file {mail.ca_file}: holds no certificate to be read") from None
    name = mail.sender.rpartition("@")[2]  # in place of this machine's own
    if mail.security == "tls":
        with smtplib.SMTP_SSL(
            mail.host, mail.port, name, timeout=mail.wait_seconds, context=context
        ) as server:
            yield server
        return
    with smtplib.SMTP(mail.host, mail.port, name, timeout=mail.wait_seconds) as server:
        if mail.security == "starttls":
            server.starttls(context=context)
        yield server


def _where(mail: Mail) -> str:
    return f"mail server {mail.host}:{mail.port}"


def _wanted(mail: Mail) -> str:
    return "encryption (STARTTLS)" if mail.security == "starttls" else "a login"
