"""Findings of channels and voices, written by hand; no figure here comes from data."""

from __future__ import annotations

from dataclasses import replace

from cxanalysis.findings.channels import Apart, ChannelsFinding, Place, Side
from cxanalysis.findings.core import Estimate, Finding

CHANNELS = ChannelsFinding(
    period="October 2026",
    min_base=30,
    sides=(
        Side("online", 2480, Estimate(0.62, 0.6, 0.64), 1310, Estimate(3.41, 3.34, 3.48)),
        Side("offline", 1520, Estimate(0.38, 0.36, 0.4), 905, Estimate(3.78, 3.7, 3.86)),
        Side("direct", 3680, Estimate(0.92, 0.91, 0.93), 2011, Estimate(3.55, 3.49, 3.61)),
        Side("indirect", 320, Estimate(0.08, 0.07, 0.09), 204, Estimate(3.71, 3.55, 3.87)),
    ),
    apart=(
        Apart("online", "offline", Estimate(-0.31, -0.4, -0.22), 512, True),
        Apart("direct", "indirect", Estimate(-0.06, -0.19, 0.07), 141, False),
    ),
    indirect_stage="awareness",
    indirect=Estimate(0.58, 0.52, 0.64),
    n_stage=402,
    places=(
        Place(
            "awareness", "friend's tip", "in person", "offline", "indirect", 120, 80,
            Estimate(3.9, 3.7, 4.1),
        ),
        Place("purchase", "web_shop", "web", "online", "direct", 1200, 11),
        Place(
            "contact with service", "contact with service", "", "", "direct", 300, 140,
            Estimate(3.3, 3.1, 3.5),
        ),
    ),
)  # fmt: skip
FINDINGS: dict[str, Finding] = {
    "channels": CHANNELS,
    "channels_alike": replace(
        CHANNELS,
        unknown=12,
        apart=(Apart("online", "offline", Estimate(0.02, -0.05, 0.09), 512, False),),
    ),
    "channels_voices_only": replace(
        CHANNELS,
        sides=CHANNELS.sides[2:],
        apart=(replace(CHANNELS.apart[1], difference=Estimate(0.2, 0.1, 0.3), is_clear=True),),
        lacks=("needs journeys.channel",),
    ),
    "channels_few": replace(
        CHANNELS, sides=(Side("online", 11), Side("offline", 4)), apart=(), places=()
    ),
    "channels_nothing": ChannelsFinding("October 2026", 30, needs="needs journeys.channel"),
}
WITHOUT_PICTURE = {"channels_few", "channels_nothing"}
