"""What counts as what: service, thresholds, feedback, the company's words for its journey."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from cxanalysis.config.base import Settings, Texts


class Service(Settings):
    """What counts as service besides the tickets themselves.

    ``self_service`` names touchpoints or channels where customers help themselves; a contact
    within ``self_service_hours`` after it counts as one that it did not spare. ``aims`` holds by
    figure of a contact (``handle_minutes``, say) which way its team is asked to move it.
    """

    channels: Texts = ()
    touchpoints: Texts = ()
    self_service: Texts = ()
    self_service_hours: float = Field(24, gt=0)
    aims: dict[str, Literal["lower", "higher"]] = Field(default_factory=dict)


class Metrics(Settings):
    """Thresholds of the definitions; each is printed beside the figure it shapes.

    ``not_first_level`` names the reasons that a first contact cannot settle,
    ``failure_reasons`` those for which nobody would have to make contact had all gone well.
    ``cost_per_hour`` is what an hour of handling costs, in ``currency``. ``reply_hours`` holds
    by channel how many hours a first reply may take, in opening hours where these are given.
    """

    fcr_window_days: int = Field(7, ge=1, le=90)
    short_abandon_seconds: float = Field(5, ge=0)
    service_level_seconds: float = Field(20, gt=0)
    not_first_level: Texts = ()
    failure_reasons: Texts = ()
    cost_per_hour: float | None = Field(None, gt=0)
    currency: str = ""
    reply_hours: dict[str, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    min_base: int = Field(30, ge=2)


class Feedback(Settings):
    """Where customers complain: touchpoints of the journeys, reasons of the tickets."""

    touchpoints: Texts = ()
    reasons: Texts = ()


class Reason(Settings):
    """Where a reason for contact belongs: at which stage it arises, and what kind it is."""

    stage: str | None = None
    kind: Literal["inquiry", "troubleshooting", "payment", "complaint"] | None = None


class Journey(Settings):
    """How the company names parts of its journey.

    ``purchase`` is the stage at which somebody buys; touches in ``online`` channels are online,
    all others are not. ``gestures`` are touchpoints where the company does something unasked.
    ``own_scores`` holds by stage the mean rating that the company believes it gets.
    """

    purchase: str = "purchase"
    online: Texts = ("app", "chat", "email", "online", "social media", "web", "website")
    gestures: Texts = ()
    own_scores: dict[str, float] = Field(default_factory=dict)
