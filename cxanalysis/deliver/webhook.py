"""One JSON message to another program."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from typing import Any

from cxanalysis.config.delivering import Webhook, safe_address
from cxanalysis.deliver.content import Content
from cxanalysis.deliver.errors import DeliveryError, UnreachableError, from_environment
from cxanalysis.deliver.message import subject_of

SCHEMA_VERSION = 1
PAUSE = 1.0  # seconds before the second try, doubled with each further one
MAY_PASS = (408, 425, 429, 500, 502, 503, 504)


class _StayHere(urllib.request.HTTPRedirectHandler):
    """A message and its token go to the address that was given, and to no other."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def payload(content: Content, link: str) -> dict[str, Any]:
    """The message: always the same keys. ``text`` alone is enough for a chat."""
    failure = {
        "cell": content.cell or None,
        "doing": content.doing,
        "why": content.why,
        "tries": content.tries,
    }
    return {
        "schema_version": SCHEMA_VERSION,
        "event": "failure" if content.is_failure else "report",
        "text": subject_of(content),
        "study": content.study,
        "notebook": content.notebook,
        "period": content.period,
        "segment": content.segment,
        "made_at": content.made_at,
        "headline": content.headline,
        "figures": list(content.published),
        "changed": list(content.changed),
        "link": link,
        "failure": failure if content.is_failure else None,
    }


def post(webhook: Webhook, content: Content, link: str) -> None:
    """Send the message, again after a pause where that may help.

    Raises
    ------
    DeliveryError
        When it was not taken; the address is not repeated, since it may be a secret.
    """
    url = webhook.url or from_environment(str(webhook.url_env))
    try:
        safe_address(url)
    except ValueError as error:
        raise DeliveryError(f"{webhook.url_env}: {error}") from None
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "cxanalysis"}
    if webhook.token_env:
        headers["Authorization"] = f"Bearer {_token(webhook.token_env)}"
    body = json.dumps(payload(content, link), ensure_ascii=True).encode("ascii")
    request = urllib.request.Request(url, body, headers, method="POST")
    opener = urllib.request.build_opener(_StayHere)
    for number in range(1, webhook.tries + 1):
        why, may_pass, is_down = _try(opener, request, webhook.wait_seconds)
        if not why:
            return
        if not may_pass or number == webhook.tries:
            kind = UnreachableError if is_down else DeliveryError
            raise kind(f"webhook: {why} (try {number} of {webhook.tries})")
        time.sleep(PAUSE * 2 ** (number - 1))


def _token(name: str) -> str:
    token = from_environment(name)
    if not token.isascii() or not token.isprintable():
        raise DeliveryError(f"{name}: holds signs that no token has")
    return token


def _try(
    opener: urllib.request.OpenerDirector, request: urllib.request.Request, wait: float
) -> tuple[str, bool, bool]:
    """Why the message was not taken, empty where it was; whether another try may help, and whether
    nobody answers there.
    """
    try:
        with opener.open(request, timeout=wait):
            return "", False, False
    except urllib.error.HTTPError as error:
        error.close()
        return f"the server answers {error.code}", error.code in MAY_PASS, False
    except UnicodeError:
        return "its address holds signs that no address has", False, False
    except TimeoutError:  # after the message was sent: a second one might be a repeat
        return f"no answer in {wait:g} seconds, so it may have arrived", False, True
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        return f"the server cannot be reached ({type(reason).__name__})", True, True
