"""What goes wrong on the way, in words that hold no secret and nobody's address."""

from __future__ import annotations

import os

from cxanalysis.errors import CxError


class DeliveryError(CxError):
    """A report could not be delivered; it stays where it is, and the next batch tries again."""


class UnreachableError(DeliveryError):
    """Nobody answers there, so that the next report would only wait as long."""


def from_environment(name: str) -> str:
    """The value of an environment variable, read at the moment it is needed.

    Raises
    ------
    DeliveryError
        When it is not set.
    """
    value = os.environ.get(name, "")
    if not value:
        raise DeliveryError(f"the environment variable {name} is not set")
    return value
