"""What every section of the study file is made of: closed, frozen settings and their types."""

from __future__ import annotations

import difflib
import zoneinfo
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict


class Settings(BaseModel):
    """Base of every section: immutable, and closed to keys it does not know."""

    # An error must not repeat what was given: a secret may have got into the file by mistake.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _as_tuple(value: Any) -> Any:
    if value is None or isinstance(value, (list, tuple)):
        return value
    return (value,)


def as_texts(value: Any) -> Any:
    """Codes may be written as numbers in TOML; files hold text."""
    values = _as_tuple(value)
    return tuple(str(item) for item in values) if isinstance(values, (list, tuple)) else values


def _known_zone(name: str) -> str:
    if name not in zoneinfo.available_timezones():
        near = difflib.get_close_matches(name, sorted(zoneinfo.available_timezones()), n=1)
        hint = f" Did you mean {near[0]!r}?" if near else " Write it like 'Europe/Berlin'."
        raise ValueError(f"no time zone {name!r}.{hint}")
    return name


def _one_sign(text: str) -> str:
    if len(text) != 1 or text in "\r\n\0":
        raise ValueError(f"{text!r} is not one sign, such as ',' or a tab ('\\t').")
    return text


def _one_sign_or_none(text: str) -> str:
    return _one_sign(text) if text else text


Sign = Annotated[str, AfterValidator(_one_sign)]
Quote = Annotated[str, AfterValidator(_one_sign_or_none)]
Texts = Annotated[tuple[str, ...], BeforeValidator(as_texts)]
TimeZone = Annotated[str, AfterValidator(_known_zone)]


def closest(name: str, known: Any) -> str:
    """' Did you mean …? Known: …' for an error message; empty where nothing is known."""
    known = [str(item) for item in known]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"{hint} Known: {', '.join(known)}." if known else hint
