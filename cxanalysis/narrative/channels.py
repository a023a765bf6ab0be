"""Where touches take place and who had the word, in sentences."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.channels import Apart, ChannelsFinding, Place
from cxanalysis.metrics.journeys.channels import CONTACT, DIRECT, INDIRECT, OFFLINE, ONLINE
from cxanalysis.narrative.core import describe, footnotes, tabulate
from cxanalysis.narrative.words import (
    cited,
    counted,
    gap_range,
    in_words,
    integer,
    name,
    score,
    sentence_case,
    with_interval,
)


@describe.register
def _describe(finding: ChannelsFinding) -> tuple[str, ...]:
    if finding.needs:
        return (
            f"**Channels and voices of the journey cannot be told:** it {in_words(finding.needs)}.",
        )
    paragraphs = [_place(finding), _voice(finding), _mix(finding)]
    told = tuple(paragraph for paragraph in paragraphs if paragraph)
    return told or (
        f"**Channels and voices are withheld for {finding.period}:** there are fewer than "
        f"{finding.min_base} touches.",
    )


@tabulate.register
def _tabulate(finding: ChannelsFinding) -> pd.DataFrame | None:
    rows = [_row(place) for place in finding.places]
    return pd.DataFrame(rows) if rows else None


@footnotes.register
def _footnotes(finding: ChannelsFinding) -> tuple[str, ...]:
    if not any(side.share.known for side in finding.sides):
        return ()
    left = (
        f" {counted(finding.unknown, 'touch is', 'touches are')} left out where one of both is "
        "not known."
        if finding.unknown
        else ""
    )
    lacking = "".join(
        f" Telling {what} needs {in_words(need.removeprefix('needs '))}."
        for need, what in (
            ("needs journeys.channel", "online from offline touches"),
            ("needs journeys.influence", "the company's own touches from others'"),
        )
        if need in finding.lacks
    )
    return (
        "*Online*: channels that the study file names so; *indirect*: touches in which others "
        f"than the company had the word, such as reviews and friends.{left}{lacking}",
        "*Difference of the same customers*: mean of their ratings on one side − mean on the "
        "other, of customers who rated both; they are not everyone. Tested for both questions "
        "together (Holm). Intervals take customers as what was sampled.",
    )


def _row(place: Place) -> dict[str, str]:
    contact = place.stage == CONTACT
    return {
        "touchpoint": sentence_case(name(place.touchpoint)),
        "stage": "–" if contact else name(place.stage),
        "channel": place.channel or "–",
        "where": place.place or "–",
        "voice": place.influence or "–",
        "touches": integer(place.touches),
        "rated": integer(place.n),
        "rating": with_interval(place.rating, "score") if place.rating.known else "–",
    }


def _place(finding: ChannelsFinding) -> str:
    online, offline = finding.side(ONLINE), finding.side(OFFLINE)
    if online is None or offline is None:
        return ""
    total = online.touches + offline.touches
    text = f"**{with_interval(online.share)} of {counted(total, 'touch', 'touches')} are online.**"
    return f"{text}{_told(finding, ONLINE, 'touches there')}"


def _voice(finding: ChannelsFinding) -> str:
    direct, indirect = finding.side(DIRECT), finding.side(INDIRECT)
    if direct is None or indirect is None:
        return ""
    total = direct.touches + indirect.touches
    text = (
        f"In {with_interval(indirect.share)} of {counted(total, 'touch', 'touches')} others than "
        "the company have the word"
    )
    if finding.indirect.value > 0:
        text += (
            f"; at {cited(finding.indirect_stage)} in {with_interval(finding.indirect)} of "
            f"{integer(finding.n_stage)}"
        )
    if finding.side(ONLINE) is None:
        text = f"**{text}.**"
    else:
        text += "."
    return f"{text}{_told(finding, DIRECT, 'direct touches')}"


def _told(finding: ChannelsFinding, first: str, what: str) -> str:
    """How the same customers rate both sides."""
    apart = next((each for each in finding.apart if each.first == first), None)
    if apart is None:
        return ""
    value, who = apart.difference.value, f"The {counted(apart.n, 'customer')}"
    ends = gap_range(apart.difference.low, apart.difference.high, "score")
    if not apart.is_clear:
        return (
            f" {who} who rated both rate {what} alike within noise: the "
            f"difference is {_signed(apart)} ({ends})."
        )
    word = "higher" if value > 0 else "lower"
    other = "indirect ones" if first == DIRECT else "offline ones"
    return f" {who} who rated both rate {what} {score(abs(value))} {word} than {other} ({ends})."


def _signed(apart: Apart) -> str:
    value = apart.difference.value
    return f"{'+' if value > 0 else ''}{score(value)}"


def _mix(finding: ChannelsFinding) -> str:
    if not any(apart.is_clear for apart in finding.apart):
        return ""
    return (
        "Other touchpoints are met on one side than on the other, so a difference need not be "
        "that of the channel or the voice."
    )
