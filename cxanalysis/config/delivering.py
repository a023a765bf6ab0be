"""Who gets reports, and how: by mail, as a message to another program, as files elsewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from cxanalysis.config.base import Settings, as_texts

HERE = ("localhost", "127.0.0.1", "::1")
T = TypeVar("T")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


# A message must not repeat what was given: it may be a person's address or a secret.
def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError("not a mail address. Write it bare, with one @ and no name beside it.")
    return text


def _variable(text: str) -> str:
    if not _VARIABLE.fullmatch(text):
        raise ValueError(
            "not the name of an environment variable. Put the secret into a variable, and its "
            "name here."
        )
    return text


def safe_address(url: str) -> str:
    """An address that may be sent secrets: https, or http to this very machine.

    Raises
    ------
    ValueError
        When it is another; the message does not repeat it.
    """
    try:
        parts = urlsplit(url)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE)
        known = is_safe and bool(parts.hostname) and not parts.username
    except ValueError:
        known = False
    if not known or any(sign.isspace() or not sign.isprintable() for sign in url):
        raise ValueError("not an https address without a user in it.")
    return url


def _found_from_anywhere(folder: str) -> str:
    if "://" not in folder and not Path(folder).is_absolute():
        raise ValueError("a scheduler may start anywhere: give a whole path, or an address")
    return folder


def _bare(segments: dict[str, T]) -> dict[str, T]:
    """Segments without white space around their sign, as reports name them."""
    return {"=".join(part.strip() for part in key.split("=", 1)): v for key, v in segments.items()}


MailAddress = Annotated[str, AfterValidator(_address)]
Addresses = Annotated[tuple[MailAddress, ...], BeforeValidator(as_texts)]
Variable = Annotated[str, AfterValidator(_variable)]
WebAddress = Annotated[str, AfterValidator(safe_address)]


class Mail(Settings):
    """Mail over SMTP: a message for each address, with the headline as its subject.

    ``segments`` holds further addresses by segment ("region=east"); failures go to
    ``failures_to``, or ``to`` where that is left out. ``attach`` names files of a report; beyond
    ``attach_mb`` in all they are linked. ``password_env`` is the environment variable that holds
    the password, ``ca_file`` the certificate of a server that no public authority vouches for.
    """

    host: str = Field(min_length=1, pattern=r"^[A-Za-z0-9.:-]+$")
    port: int = Field(587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    sender: MailAddress
    to: Addresses = ()
    segments: Annotated[dict[str, Addresses], AfterValidator(_bare)] = Field(default_factory=dict)
    failures_to: Addresses = ()
    user: str | None = None
    password_env: Variable | None = None
    ca_file: str | None = None
    attach: tuple[Literal["html", "pdf"], ...] = ("html", "pdf")
    attach_mb: float = Field(10, ge=0)
    wait_seconds: float = Field(30, gt=0)

    @model_validator(mode="after")
    def _go_together(self) -> Mail:
        if (self.user is None) != (self.password_env is None):
            raise ValueError("user and password_env go together: give both or neither")
        if self.user is not None and self.security == "none" and self.host not in HERE:
            raise ValueError(
                'a password would cross the network readable: use security = "starttls" or "tls"'
            )
        if not (self.to or self.segments):
            raise ValueError("nobody is named: give to, or segments, or both")
        if not self.watchers:
            raise ValueError("nobody would hear of a failure: give to, or failures_to")
        return self

    def readers(self, segment: str) -> tuple[str, ...]:
        """Addresses that get reports on a segment, each once."""
        return tuple(dict.fromkeys((*self.to, *self.segments.get(segment, ()))))

    @property
    def watchers(self) -> tuple[str, ...]:
        """Addresses that get failures, each once."""
        return tuple(dict.fromkeys(self.failures_to or self.to))


class Webhook(Settings):
    """One JSON message by POST to another program, of reports and of failures.

    ``url_env`` is the environment variable that holds the address where that is itself a secret;
    ``token_env`` that of a token sent as "Authorization: Bearer …".
    """

    url: WebAddress | None = None
    url_env: Variable | None = None
    token_env: Variable | None = None
    wait_seconds: float = Field(10, gt=0)
    tries: int = Field(3, ge=1, le=10)

    @model_validator(mode="after")
    def _one_address(self) -> Webhook:
        if (self.url is None) == (self.url_env is None):
            raise ValueError("give exactly one of url or url_env")
        return self


class Deliver(Settings):
    """What is done with a finished report; nothing where no way is given.

    ``folder`` is a folder or an address such as s3://bucket/reports that gets a copy;
    ``link`` is the address under which readers open the folder of reports.
    """

    folder: Annotated[str, AfterValidator(_found_from_anywhere)] | None = None
    link: WebAddress | None = None
    mail: Mail | None = None
    webhook: Webhook | None = None
