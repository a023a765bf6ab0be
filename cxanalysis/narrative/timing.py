"""When customers make contact, in words."""

from __future__ import annotations

from cxanalysis.findings.core import Estimate
from cxanalysis.findings.timing import TimingFinding
from cxanalysis.narrative.core import caption, describe, footnotes
from cxanalysis.narrative.reasons import rate
from cxanalysis.narrative.words import (
    cited,
    counted,
    gap,
    gap_range,
    in_words,
    integer,
    listed,
    small,
    wider,
    with_interval,
)


@describe.register
def _describe(finding: TimingFinding) -> tuple[str, ...]:
    paragraphs = [part for part in _parts(finding) if part]
    if not paragraphs:
        return (f"**When customers make contact cannot be told:** {_why(finding)}",)
    return (*paragraphs, *_gaps(finding))


def _parts(finding: TimingFinding) -> tuple[str, ...]:
    return (_purchase(finding), _risk(finding), _moods(finding), _help(finding))


@caption.register
def _caption(finding: TimingFinding) -> str:
    return _risk(finding) or describe(finding)[0]


@footnotes.register
def _footnotes(finding: TimingFinding) -> tuple[str, ...]:
    lines = []
    if finding.after.known:
        lines.append(
            f"*Since a purchase*: from the customer's last touch at {cited(finding.purchase)}, "
            "which the next one sets back to zero; purchases before the data begin are not on "
            "record. Customers are at risk up to the next purchase or the end of the period; "
            "intervals take the customer as the unit."
        )
    if finding.not_dissatisfied.known:
        lines.append(
            f"*Rating before*: the last one of a touch in the {finding.lookback_days} days before "
            "the contact. A customer may be content with a touch and not with the company, and "
            "who rates is not everyone."
        )
    if finding.help_contacted.known:
        lines.append(
            f"*Self-service*: {listed(finding.help_places)}; each customer counts once, from the "
            f"first visit whose {finding.help_days} days ended in the period. No contact may also "
            "mean that none could be found."
        )
    return tuple(lines)


def _purchase(finding: TimingFinding) -> str:
    if finding.purchase_need or not finding.after.known:
        return ""
    low = finding.before.value < 0.5
    lead = "Most contacts come after a purchase" if low else "Most contacts come before a purchase"
    if finding.after.low <= 0.5 <= finding.after.high:
        lead = "Whether most contacts come before or after a purchase is not settled"
    text = (
        f"**{lead}:** {with_interval(finding.after)} of {counted(finding.n, 'contact')} followed "
        f"a touch of {cited(finding.purchase)} by that customer."
    )
    soon = [(days, share) for days, share in finding.within if share.known]
    if soon:
        (days, share), *rest = soon
        said = [f"{with_interval(share)} came within {days} days"]
        said += [f"{with_interval(share)} within {days}" for days, share in rest]
        text += f" Of the {counted(finding.n_after, 'contact')} after one, {listed(said)}."
    return text


def _risk(finding: TimingFinding) -> str:
    if not finding.gap.known or not _purchase(finding):
        return ""
    weeks = small(finding.soon_weeks)
    text = (
        f"For every 1,000 customers and week there were {rate(finding.soon)} contacts in the "
        f"first {weeks} weeks after a purchase and {rate(finding.later)} in the weeks up to the "
        f"{len(finding.weeks)}th"
    )
    if finding.gap.excludes_zero:
        more = "more" if finding.gap.value > 0 else "fewer"
        size = Estimate(*_sized(finding.gap))
        return f"{text}: {rate(size)} {more} at first."
    return f"{text}, a difference that chance alone could make."


def _sized(gap: Estimate) -> tuple[float, float, float]:
    if gap.value > 0:
        return gap.value, gap.low, gap.high
    return -gap.value, -gap.high, -gap.low


def _moods(finding: TimingFinding) -> str:
    if finding.mood_need or not finding.not_dissatisfied.known:
        return ""
    text = (
        f"{with_interval(finding.not_dissatisfied)} of {counted(finding.n_rated, 'contact')} were "
        f"not from dissatisfied customers: the last rating before was not {finding.bad}. "
        f"{with_interval(finding.after_good)} followed a good one, {finding.good}"
    )
    if finding.good_or_inquiry.known:
        text += f"; with inquiries counted in, {with_interval(finding.good_or_inquiry)}"
    lead = "" if _purchase(finding) else "**Not every contact is a complaint:** "
    return f"{lead}{text}."


def _help(finding: TimingFinding) -> str:
    if finding.help_need or not finding.help_contacted.known:
        return ""
    lead = "" if _purchase(finding) or _moods(finding) else "**Help without a contact:** "
    text = (
        f"{lead}{'of' if lead else 'Of'} {counted(finding.n_help, 'customer')} at self-service "
        f"{with_interval(finding.help_contacted)} made contact within {finding.help_hours:g} "
        f"hours, {with_interval(finding.help_went_on)} did not and touched a later stage within "
        f"{finding.help_days} days, and {with_interval(finding.help_neither)} did neither."
    )
    difference = finding.on_difference
    if not difference.known:
        return text
    both = (
        f" With a contact {with_interval(finding.on_with)} went on, without one "
        f"{with_interval(finding.on_without)}"
    )
    if not difference.excludes_zero:
        return f"{text}{both}, no clear difference."
    size = gap(difference.value, "share")
    more = "more" if difference.value > 0 else "fewer"
    reach = gap_range(difference.low, difference.high, "share")
    return f"{text}{both}: {size} {more} ({reach}), of customers who differ in more than that."


def _gaps(finding: TimingFinding) -> tuple[str, ...]:
    lines = []
    if finding.purchase_need:
        lines.append(
            f"Whether before or after a purchase is not told: it {in_words(finding.purchase_need)}."
        )
    if finding.mood_need:
        lines.append(f"What they had rated before is not told: it {in_words(finding.mood_need)}.")
    return (" ".join(lines),) if lines else ()


def _why(finding: TimingFinding) -> str:
    if finding.purchase_need:
        return f"it {in_words(finding.purchase_need)}."
    return (
        f"{counted(finding.n, 'contact')} of known customers in {finding.period}, fewer than "
        f"{integer(finding.min_base)}. {wider(finding.period)}"
    )
