"""Who stays, in words: kept by what they told, and what else goes with staying."""

from __future__ import annotations

import math

import pandas as pd

from cxanalysis.findings.core import Estimate
from cxanalysis.findings.loyalty import LoyaltyFinding
from cxanalysis.findings.loyalty_parts import Compared, Followed
from cxanalysis.narrative.core import describe, footnotes, tabulate
from cxanalysis.narrative.loyalty_more import brought, lasts, passives, verdict
from cxanalysis.narrative.words import (
    counted,
    digits_of,
    gap_range,
    in_words,
    integer,
    listed,
    name,
    score,
    signed_gap,
    with_interval,
)

BY = {
    "nps": "likelihood to recommend",
    "overall": "overall satisfaction",
    "csat": "rating of a contact",
    "joint": "contact and journey",
}
BANDS = {
    "promoters": "promoters (9–10)",
    "passives": "passives (7–8)",
    "detractors": "detractors (0–6)",
    "high": "the satisfied",
    "middle": "those between",
    "low": "the dissatisfied",
    "both good": "both rated well",
    "service good": "contact rated well, journey not",
    "journey good": "journey rated well, contact not",
    "neither good": "neither rated well",
}
_WHERE = {
    "both good": "where both were rated well",
    "service good": "where only the contact was",
    "journey good": "where only the journey was",
    "neither good": "where neither was",
}
_KEPT = {
    "stays": "were still customers",
    "returns": "who had bought before had bought again",
}
_VERBS = {"stays": ("stay", "stays", "left"), "returns": ("return", "returns", "returned")}


@describe.register
def _describe(finding: LoyaltyFinding) -> tuple[str, ...]:
    parts = (
        _headline(finding),
        _held(finding),
        _amplified(finding),
        passives(finding),
        brought(finding.referred),
        lasts(finding.lasting, finding.min_base),
    )
    return tuple(part for part in parts if part)


@tabulate.register
def _tabulate(finding: LoyaltyFinding) -> pd.DataFrame | None:
    known = [each for each in finding.followed if each.share.known or each.returned.known]
    if not known:
        return None
    kept = {"stays": f"customers after {finding.days} days", "returns": "bought again"}
    rows, last = [], ""
    for each in known:
        row = {
            "told apart by": BY[each.by] if each.by != last else "",
            "": BANDS[each.band],
            "customers": integer(each.n),
            _VERBS[finding.outcome][2]: integer(each.events),
            kept[finding.outcome]: _share(each.share),
        }
        if any(one.returned.known for one in known):
            row["had bought before"] = integer(each.buyers)
            row["bought again"] = _share(each.returned)
        rows.append(row)
        last = each.by
    return pd.DataFrame(rows)


@footnotes.register
def _footnotes(finding: LoyaltyFinding) -> tuple[str, ...]:
    if not any(each.share.known for each in finding.followed):
        return ()
    notes = [
        f"*{'Kept' if finding.outcome == 'stays' else 'Followed'}*: Kaplan–Meier, from a "
        "customer's first answer (or first rated contact) whose "
        f"{finding.days} days end in the period; who is still there when the data end counts as "
        "followed until then. Those who did not answer are not in it, and may differ."
    ]
    if any(each.returned.known for each in finding.followed) or finding.outcome == "returns":
        notes.append(_bought_again(finding))
    if any(each.by == "joint" and each.share.known for each in finding.followed):
        notes.append(
            "*Rated well*: the contact by one of the two best answers; the journey by a mean "
            f"rating at least as good over the {counted(finding.lookback_days, 'day')} before it."
        )
    if finding.adjusted is not None:
        notes.append(
            "*Held equal*: Cox regression, the groups named as strata. Whatever else goes with "
            "both the answer and staying is not."
        )
    return tuple(notes)


def _bought_again(finding: LoyaltyFinding) -> str:
    counted_as = (
        " that the company did not begin, so that a delivery is none"
        if finding.purchases_told
        else "; who began it is not on record, so it may belong to the purchase before"
    )
    return (
        "*Bought again*: of customers with a purchase on record by the time of the answer, who "
        f"made another after it. A purchase is a touch at the purchase stage{counted_as}."
    )


def _share(estimate: Estimate) -> str:
    return with_interval(estimate, digits=_digits(estimate)) if estimate.known else "–"


def _digits(estimate: Estimate) -> int:
    """Shares near all of them need a decimal to differ."""
    return max(digits_of(estimate), 1 if estimate.value > 0.9 else 0)


# --- who stays -----------------------------------------------------------------------------


def _headline(finding: LoyaltyFinding) -> str:
    if finding.needs:
        return f"**Who stays cannot be told:** it {in_words(finding.needs)}."
    many, one, _ = _VERBS[finding.outcome]
    if finding.n == 0:
        of_whom = ", of customers who had bought before" if finding.outcome == "returns" else ""
        return (
            f"**Who stays cannot be told for {finding.period}:** no answer's {finding.days} days "
            f"ended then{of_whom}."
        )
    if not finding.share.known:
        return (
            f"**Withheld: only {counted(finding.n, 'customer')}** could be followed for "
            f"{finding.days} days, and below {finding.min_base} no figure is given."
        )
    everyone = (
        f"{finding.days} days after they answered, {_share(finding.share)} of "
        f"{counted(finding.n, 'customer')} {_KEPT[finding.outcome]}"
    )
    known = [each for each in finding.followed if each.by == finding.main and each.share.known]
    digits = max((_digits(each.share) for each in known), default=0)
    shares = [
        f"{with_interval(each.share, digits=digits)} of {integer(each.n)} {_plain(each)}"
        for each in known
    ]
    by_band = f": {listed(shares)}" if len(shares) > 1 else ""
    gap = next((each for each in finding.gaps if each.by == finding.main), None)
    if gap is None:
        return f"**Who {one} can be told for all together only.** {everyone}."
    if gap.clear:
        first, second = _pair(gap)
        if gap.difference.value < 0:
            first, second = second, first
        lead = f"{first.capitalize()} {many} more often than {second}."
    else:
        lead = f"What customers told goes with no clear difference in who {one}."
    return f"**{lead}** {everyone}{by_band}. {_size(gap)}"


def _plain(band: Followed) -> str:
    return BANDS[band.band].split(" (")[0].removeprefix("the ")


def _pair(gap: Compared) -> tuple[str, str]:
    first, second = (BANDS[band].split(" (")[0] for band in (gap.first, gap.second))
    return first, second


def _size(gap: Compared) -> str:
    first, second = _pair(gap)
    said = f"Between {first} and {second} that is {_points(gap.difference)}"
    if gap.difference.excludes_zero:
        said += verdict(gap)
    if gap.clear or math.isnan(gap.detectable):
        return f"{said}."
    least = f"{100 * gap.detectable:.1f}"
    return f"{said}; a true difference below {least} points would often go unnoticed here."


def _points(difference: Estimate) -> str:
    digits = max(digits_of(difference), 1)
    ends = gap_range(difference.low, difference.high, "share", digits)
    return f"{signed_gap(difference.value, 'share', digits)} points ({ends})"


# --- what else there is to it --------------------------------------------------------------


def _held(finding: LoyaltyFinding) -> str:
    sentences = [_adjusted(finding), _other_gaps(finding)]
    return " ".join(sentence for sentence in sentences if sentence)


def _adjusted(finding: LoyaltyFinding) -> str:
    adjusted = finding.adjusted
    if adjusted is None:
        if finding.gaps:
            return (
                "Who has been a customer for longer, or on another plan, may both answer and "
                "leave otherwise; too little happened, or is on record, to hold that equal."
                if finding.outcome == "stays"
                else "What else differs between them could not be held equal."
            )
        return ""
    held = listed([name(each) for each in adjusted.held])
    first, second = (BANDS[band].split(" (")[0] for band in (adjusted.first, adjusted.second))
    verb = _VERBS[finding.outcome][2]
    ratio = adjusted.ratio
    said = (
        f"With {held} held equal, {first} {verb} {score(ratio.value)} times as fast as {second} "
        f"({score(ratio.low)} to {score(ratio.high)}; {integer(adjusted.events)} {verb})"
    )
    return said + ("; no clear difference." if ratio.low <= 1 <= ratio.high else ".")


def _other_gaps(finding: LoyaltyFinding) -> str:
    others = [gap for gap in finding.gaps if gap.by != finding.main]
    said = []
    for gap in others:
        first, second = _pair(gap)
        size = f"{_points(gap.difference)}{verdict(gap)}"
        said.append(f"by {BY[gap.by]}, {first} against {second}, {size}")
    if not said:
        return ""
    text = "; ".join(said)
    return f"{text[:1].upper()}{text[1:]}."


def _amplified(finding: LoyaltyFinding) -> str:
    joint = [each for each in finding.followed if each.by == "joint"]
    events, n = (sum(getattr(each, what) for each in joint) for what in ("events", "n"))
    if n < finding.min_base:
        return ""
    few = ""
    if finding.amplified_outcome != finding.outcome:
        count = f"Only {integer(events)}" if events else "None"
        few = (
            f"{count} of {counted(n, 'customer')} with a rated contact "
            f"{_VERBS[finding.outcome][2]}, too few to tell how contact and journey go together "
            "with that. "
        )
    if finding.amplified is None:
        if few:
            return few.strip()
        return (
            "Whether good service and a good journey amplify each other is withheld: one of the "
            f"four groups has fewer than {finding.min_base} customers."
        )
    again = finding.amplified_outcome == "returns"
    shares = [
        f"{_share(each.returned if again and finding.outcome == 'stays' else each.share)} "
        f"{_WHERE[each.band]}"
        for each in joint
    ]
    sign = "" if finding.amplified.clear else ", no clear sign that the two amplify each other"
    did = "Of those who had bought before, so many bought again" if again else "Who stayed"
    return (
        f"{few}{did}: {listed(shares)}. What a well-rated contact goes "
        "with differs between customers with a good journey and the others by "
        f"{_points(finding.amplified.difference)}{sign}."
    )
