"""Service in words: answered, solved, at what cost, and why customers made contact."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.service import Channel, Figure, ServiceFinding
from cxanalysis.narrative.core import caption, describe, footnotes, tabulate
from cxanalysis.narrative.words import (
    amount,
    cited,
    digits_of,
    hours,
    in_sentence,
    in_words,
    integer,
    interval,
    listed,
    percent,
    sentence_case,
    wider,
    with_interval,
)

_LEADS = {
    "first_contact_resolution": "{} of issues were settled at the first contact",
    "service_level": "{} of contacts in the queue were answered within {limit:g} s",
    "reply_on_time": "{} of contacts were answered within the target of their channel",
    "abandonment": "{} of contacts were given up before an answer",
    "sla_met": "{} of contacts were handled within the agreed time",
    "resolution_time": "half of all contacts were solved within {}",
    "transferred": "{} of contacts were handed over at least once",
    "handle_time": "a contact took {} to handle",
}
_HEADLINE = 2


@describe.register
def _describe(finding: ServiceFinding) -> tuple[str, ...]:
    if not finding.figures:
        missing = tuple(text.replace("*", "") for text in _missing(finding))
        nothing = f"**No figure of service can be shown for {finding.period}.**"
        return (nothing, *_gaps(finding), *missing)
    found = {figure.metric: figure for figure in finding.figures}
    paragraphs = [_headline(finding, found), _work(found), _demand(found), _channels(finding)]
    return (*(paragraph for paragraph in paragraphs if paragraph), *_gaps(finding))


def _headline(finding: ServiceFinding, found: dict[str, Figure]) -> str:
    said = [
        sentence.format(_value(found[metric]), limit=finding.level_seconds)
        for metric, sentence in _LEADS.items()
        if metric in found
    ]
    if not said:
        return f"**Some figures of service can be shown for {finding.period}.**"
    first = sentence_case(listed(said[:_HEADLINE]))
    rest = f" {sentence_case(listed(said[_HEADLINE:5]))}." if said[_HEADLINE:] else ""
    return f"**{first}** ({finding.period}).{rest}"


def _work(found: dict[str, Figure]) -> str:
    """What an issue takes, and how much of the work need not have been."""
    sentences = []
    if "contacts_per_issue" in found:
        takes = f"An issue takes {_value(found['contacts_per_issue'])} contacts on average"
        more = [
            text.format(_value(found[metric]))
            for metric, text in (
                ("issue_handle_time", "{} of handling"),
                ("issue_customer_time", "{} of the customer's own time"),
            )
            if metric in found
        ]
        sentences.append(f"{listed([takes, *more])}.")
    if "avoidable_handling" in found:
        figure = found["avoidable_handling"]
        share = with_interval(figure.now)
        what = "Repeats and failures" if "failure" in figure.definition else "Repeats"
        sentences.append(f"{what} take up {share} of handling time ({figure.note}).")
    return " ".join(sentences)


def _demand(found: dict[str, Figure]) -> str:
    sentences = []
    if "contact_rate" in found:
        rate = found["contact_rate"]
        sentences.append(
            f"For every 100 active customers there were {_value(rate)} contacts "
            f"({interval(rate.now, rate.unit)})."
        )
    if "failure_demand" in found:
        share = with_interval(found["failure_demand"].now)
        sentences.append(f"{share} of contacts came for a reason that is a failure.")
    if "reactive" in found:
        share = with_interval(found["reactive"].now)
        sentences.append(f"{share} were begun by the customer rather than by the company.")
    return " ".join(sentences)


def _channels(finding: ServiceFinding) -> str:
    known = [channel for channel in finding.channels if channel.on_time.known]
    if not known:
        return ""
    clock = "counted in opening hours" if finding.opening_hours else "by the clock"
    kept = [
        f"{cited(channel.name)} {with_interval(channel.on_time)} within "
        f"{hours(channel.target_hours)}"
        for channel in known
    ]
    return f"Answered within target, {clock}: {'; '.join(kept)}."


@caption.register
def _caption(finding: ServiceFinding) -> str:
    return _channels(finding)


@tabulate.register
def _tabulate(finding: ServiceFinding) -> pd.DataFrame | None:
    if not finding.figures:
        return None
    rows, area = [], ""
    for figure in finding.figures:
        rows.append(
            {
                "about": "" if figure.area == area else sentence_case(figure.area),
                "figure": figure.label,
                "value": _value(figure),
                "95% interval": interval(figure.now, figure.unit)
                if figure.now.has_interval
                else "–",
                "n": integer(figure.n),
            }
        )
        area = figure.area
    rows += [_channel_row(channel, index) for index, channel in enumerate(finding.channels)]
    return pd.DataFrame(rows)


def _channel_row(channel: Channel, index: int) -> dict[str, str]:
    times = ""
    if channel.on_time.known:
        middle, late = amount(channel.median_hours, "hours"), amount(channel.p90_hours, "hours")
        times = f"; half in {middle}, nine in ten in {late}"
    return {
        "about": "" if index else "Within target",
        "figure": f"{channel.name}, {hours(channel.target_hours)}{times}",
        "value": amount(channel.on_time.value, "share", digits_of(channel.on_time)),
        "95% interval": interval(channel.on_time) if channel.on_time.has_interval else "–",
        "n": integer(channel.n),
    }


@footnotes.register
def _footnotes(finding: ServiceFinding) -> tuple[str, ...]:
    if not finding.figures:
        return ()
    return tuple(
        f"{cited(figure.label)}: {in_words(figure.definition)}."
        f"{f' {sentence_case(figure.note)}.' if figure.note else ''}"
        for figure in finding.figures
    ) + _missing(finding)


def _missing(finding: ServiceFinding) -> tuple[str, ...]:
    """What each figure that is not shown would need, those with the same need together."""
    labels: dict[str, list[str]] = {}
    for item in finding.missing:
        labels.setdefault(in_words(item.needs), []).append(in_sentence(item.label))
    said = [
        f"{listed(names)} ({'needs' if len(names) == 1 else 'need'} {needs})"
        for needs, names in labels.items()
    ]
    return (f"*Not shown*: {'; '.join(said)}.",) if said else ()


def _gaps(finding: ServiceFinding) -> tuple[str, ...]:
    lines = []
    if finding.withheld:
        items = [f"{in_sentence(each.label)} ({integer(each.n)})" for each in finding.withheld]
        lines.append(
            f"Withheld, with fewer than {finding.min_base} behind them: {listed(items)}. "
            f"{wider(finding.period)}"
        )
    return tuple(lines)


def _value(figure: Figure) -> str:
    if figure.unit == "share":
        return percent(figure.now.value, digits_of(figure.now))
    return amount(figure.now.value, figure.unit)
