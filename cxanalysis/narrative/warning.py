"""What comes before a contact, in words."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.core import Estimate
from cxanalysis.findings.warning import Alarm, Link, WarningFinding
from cxanalysis.narrative.core import caption, describe, footnotes, tabulate
from cxanalysis.narrative.words import (
    cited,
    counted,
    gap,
    gap_range,
    in_words,
    integer,
    listed,
    name,
    percent,
    points,
    sentence_case,
    small,
    with_interval,
)

CLEAR = 0.05
MOST_NAMED = 4
LOW_RATING = "low rating"
NO_P_BELOW = 0.001


@describe.register
def _describe(finding: WarningFinding) -> tuple[str, ...]:
    if finding.needs:
        return (f"**What comes before a contact cannot be told:** it {in_words(finding.needs)}.",)
    paragraphs = [
        " ".join(filter(None, (_headline(finding), _by_place(finding)))),
        _soon(finding),
        *(_as_alarm(alarm, finding.days) for alarm in finding.alarms),
        " ".join(filter(None, (_before(finding), _quality(finding)))),
    ]
    return tuple(paragraph for paragraph in paragraphs if paragraph)


@caption.register
def _caption(finding: WarningFinding) -> str:
    return _soon(finding) or describe(finding)[0]


@tabulate.register
def _tabulate(finding: WarningFinding) -> pd.DataFrame | None:
    rows = [_row(link) for link in finding.stages if link.change.known]
    return pd.DataFrame(rows) if rows else None


@footnotes.register
def _footnotes(finding: WarningFinding) -> tuple[str, ...]:
    if finding.link is None or not finding.link.change.known:
        return ()
    days = finding.days
    young = counted(finding.open, "touch", "touches")
    few = [cited(link.stage) for link in finding.stages if not link.change.known]
    left = f"; no figure with too few touches or contacts: {listed(few)}" if few else ""
    return (
        f"*Change per 100*: from a rating of {_step(finding)}, touches followed by a contact "
        f"within {days} days; average of a logit with touchpoint and contact in the {days} days "
        "before held equal, touches of one customer taken together; p-values allow for there "
        f"being several stages or touchpoints{left}. Not counted, since their {days} days are not "
        f"over: {young}.",
        "*Followed*: by a contact after the touch, for any reason; one at the same moment does "
        "not count. Curves (Kaplan–Meier) take customers without a contact as waiting until the "
        "data end. *Begun by the company*: any touch, such as a delivery or a newsletter.",
        "Only rated touches are seen, a customer's other touches are not held equal, and one "
        "mishap may bring both the rating and the contact: what raising a rating would do this "
        "cannot tell.",
    )


def _step(finding: WarningFinding) -> str:
    return f"{finding.first:g} to {finding.second:g}"


def _row(link: Link) -> dict[str, str]:
    p = link.p_value
    return {
        "stage": sentence_case(name(link.stage)),
        "rated touches": integer(link.n),
        "followed": percent(link.followed / link.n),
        "change per 100": points(link.change.value, 1),
        "95% interval": _range(link.change),
        "p-value": f"{NO_P_BELOW} or less" if p < NO_P_BELOW else f"{p:.3f}",
    }


def _range(change: Estimate) -> str:
    return f"{points(change.low, 1)} to {points(change.high, 1)}"


def _headline(finding: WarningFinding) -> str:
    link, days = finding.link, finding.days
    if link is None or not link.change.known:
        return _cannot_be_told(finding)
    rated = counted(link.n, "rated touch", "rated touches")
    base = f"{rated} of {counted(link.customers, 'customer')}"
    held = "with touchpoint and earlier contact held equal"
    change = link.change
    if not change.excludes_zero:
        return (
            f"**No clear link of ratings with contact after them:** from a rating of "
            f"{_step(finding)}, touches followed by a contact within {days} days change by "
            f"{points(change.value, 1)} in 100 ({_range(change)}), {held} ({base})."
        )
    more = "fewer" if change.value < 0 else "more"
    ends = sorted(abs(end) for end in (change.low, change.high))
    return (
        f"**A better rating goes with {more} contacts:** of 100 touches rated "
        f"{finding.second:g}, {abs(change.value):.1f} ({ends[0]:.1f} to {ends[1]:.1f}) {more} are "
        f"followed by a contact within {days} days than of 100 rated {finding.first:g}, {held} "
        f"({base})."
    )


def _cannot_be_told(finding: WarningFinding) -> str:
    n = finding.link.n if finding.link else 0
    rated = counted(n, "rated touch", "rated touches") if n else "no rated touch"
    have, them = ("has", "it") if n < 2 else ("have", "them")
    why = f": {finding.why.removeprefix('withheld: ')}" if n and finding.why else ""
    return (
        f"**Whether low ratings come before contacts cannot be told for {finding.period}:** "
        f"{rated} {have} {finding.days} days of contacts known after {them}{why}."
    )


def _by_place(finding: WarningFinding) -> str:
    """Where the change is beyond chance: at touchpoints, or stages where those have no name."""
    known = [link for link in finding.touchpoints if link.change.known]
    what = "touchpoint"
    if len(known) < 2:
        known, what = [link for link in finding.stages if link.change.known], "stage"
    if len(known) < 2:
        return ""
    clear = sorted(
        (link for link in known if link.p_value < CLEAR), key=lambda link: link.change.value
    )
    if not clear:
        return f"At none of the {small(len(known))} {what}s alone is the change beyond chance."
    parts = [
        f"{cited(link.stage)} ({points(link.change.value, 1)}, {_range(link.change)})"
        for link in clear[:MOST_NAMED]
    ]
    more = len(clear) - len(parts)
    parts += [f"{small(more)} more"] if more else []
    rest = len(known) - len(clear)
    others = {0: "", 1: "; at the other one it is within chance"}.get(
        rest, f"; at the other {small(rest)} it is within chance"
    )
    return f"Taken by {what}, the change is beyond chance at {listed(parts)}{others}."


def _worst(finding: WarningFinding) -> str:
    first, last = finding.worst
    return f"{first:g}" if first == last else f"{first:g} or {last:g}"


def _soon(finding: WarningFinding) -> str:
    """How many had made contact after low ratings and after others, and the difference."""
    if not (finding.low and finding.other and finding.gaps):
        return ""
    last, difference = finding.gaps[-1]
    times = [day for day, _ in finding.gaps]
    low, other = (
        listed([percent(side[day].value) for day in times]) for side in (finding.low, finding.other)
    )
    when = " and ".join(str(day) for day in times)
    ends = gap_range(difference.low, difference.high, "share")
    verdict = (
        f"{gap(difference.value, 'share')} ({ends})"
        if difference.excludes_zero
        else f"within chance ({ends} points)"
    )
    return (
        f"Of {counted(finding.n_low, 'touch', 'touches')} rated {_worst(finding)}, {low} were "
        f"followed by a contact within {when} {'day' if when == '1' else 'days'}; of "
        f"{integer(finding.n_other)} rated otherwise, {other}. The difference after "
        f"{counted(last, 'day')} is "
        f"{verdict}."
    )


def _as_alarm(alarm: Alarm, days: int) -> str:
    """One alarm: how often right, how often it came first, how long before."""
    what = "any rated touch" if alarm.rule == LOW_RATING else "any promise due"
    parts = [
        f"{sentence_case(alarm.text)}, taken as an alarm, was followed by a contact within {days} "
        f"days in {with_interval(alarm.right)} of {counted(alarm.n, 'case')} ({what}: "
        f"{percent(alarm.base.value)}; {_times(alarm)})."
    ]
    if alarm.recall.known:
        warned = (
            f"It came before {percent(alarm.recall.value)} of {counted(alarm.contacts, 'contact')}"
        )
        parts.append(f"{warned}{_lead(alarm)}.")
    if alarm.acted.known:
        parts.append(
            f"After {percent(alarm.acted.value)} of the alarms that were right the company had "
            "begun a touch before the contact came."
        )
    return " ".join(parts)


def _times(alarm: Alarm) -> str:
    lift = alarm.lift
    if not lift.known:
        return "never right"
    if lift.low <= 1 <= lift.high:
        return "the difference is within chance"
    return f"{lift.value:.1f} times as often, {lift.low:.1f} to {lift.high:.1f}"


def _lead(alarm: Alarm) -> str:
    lead = alarm.lead
    if not lead.known:
        return ""
    ends = f" ({lead.low:.1f} to {lead.high:.1f})" if lead.has_interval else ""
    return f", and a contact that followed it came a median of {lead.value:.1f} days later{ends}"


def _before(finding: WarningFinding) -> str:
    if not finding.acted_before.known:
        return ""
    days = (
        f", a median of {finding.acted_days.value:.0f} days before"
        if finding.acted_days.known
        else ""
    )
    return (
        f"Of {counted(finding.n_first_low, 'customer')} who gave their first low rating, "
        f"{with_interval(finding.acted_before)} had had a touch that the company began in the "
        f"{finding.days} days before it{days}."
    )


def _quality(finding: WarningFinding) -> str:
    quality = finding.quality
    if quality is None:
        return ""
    ends = gap_range(quality.difference.low, quality.difference.high, "share")
    clear = (
        f"{gap(quality.difference.value, 'share')} apart ({ends})"
        if quality.difference.excludes_zero
        else f"no clear difference ({ends} points)"
    )
    return (
        f"Of {counted(quality.n_worst, 'customer')} with the worst mean rating before the last "
        f"{finding.days} days, {percent(quality.worst.value)} made contact in those days, of "
        f"{integer(quality.n_best)} with the best {percent(quality.best.value)}: {clear}."
    )
