"""What goes with staying, in words: passives, recommendations, and what lasts of a contact."""

from __future__ import annotations

from cxanalysis.findings.core import Estimate
from cxanalysis.findings.loyalty import LoyaltyFinding
from cxanalysis.findings.loyalty_parts import Compared, Lasting, Referred
from cxanalysis.narrative.words import (
    counted,
    digits_of,
    gap_range,
    integer,
    listed,
    name,
    percent,
    signed_gap,
    with_interval,
)

_SCORES = {"nps": "points"}


def verdict(compared: Compared) -> str:
    """What to say after a difference: nothing where it is clear."""
    if compared.clear:
        return ""
    if compared.difference.excludes_zero:
        return ", not clear with all differences here watched"
    return ", no clear difference"


def passives(finding: LoyaltyFinding) -> str:
    """Who says it was fine, and what they do next; empty where it is not known."""
    fine = finding.fine
    if fine is None:
        return ""
    customers = counted(fine.n, "customer")
    sentence = f"{with_interval(fine.share)} of {customers} gave a 7 or 8: fine, and no more."
    band = finding.band("nps", "passives")
    if band is not None and band.share.known:
        kept = {"stays": "were still customers", "returns": "had bought again"}[finding.outcome]
        said = f"{percent(band.share.value, 1)} {kept} {finding.days} days later"
        if band.returned.known:
            said += (
                f"; of {integer(band.buyers)} who had bought before, "
                f"{with_interval(band.returned)} had bought again"
            )
        sentence += f" Of these passives, {said}."
    if fine.up.known:
        sentence += (
            f" Of {integer(fine.n_next)} who answered once more, {with_interval(fine.up)} then "
            f"gave 9 or 10, {with_interval(fine.same)} 7 or 8 again and "
            f"{with_interval(fine.down)} less."
        )
    return sentence


def brought(referred: Referred | None) -> str:
    """Who came by a recommendation, and whether those who would recommend us gave one."""
    if referred is None:
        return ""
    sentence = (
        f"{with_interval(referred.acquired)} of {counted(referred.n, 'active customer')} came by "
        "another's recommendation"
    )
    if referred.new.known and referred.n_new < referred.n:
        sentence += f", of {counted(referred.n_new, 'newcomer')} {with_interval(referred.new)}"
    sentences = [f"{sentence}."]
    if referred.gap is not None:
        size = f"a difference of {_points(referred.gap.difference)}{verdict(referred.gap)}"
        sentences.append(
            f"Of {integer(referred.n_promoters)} customers who would recommend us (9 or 10), "
            f"{with_interval(referred.promoters)} have brought somebody; of "
            f"{integer(referred.n_others)} others, {with_interval(referred.others)}: {size}. "
            "Who has been a customer for longer has had more time to."
        )
    if referred.given_by:
        shares = listed([f"{percent(share)} {_giver(group)}" for group, share in referred.given_by])
        sentences.append(f"Recommendations came {shares}.")
    return " ".join(sentences)


def _giver(group: str) -> str:
    never = "from customers who never answered"
    return never if group == "gave no answer" else f"from {group}"


def lasts(lasting: Lasting | None, base: int) -> str:
    """What a contact rated well goes with later; empty where contacts are not rated."""
    if lasting is None:
        return ""
    n = lasting.n_satisfied + lasting.n_others
    if lasting.gap is None:
        return (
            f"What lasts of a good contact is withheld: only {counted(n, 'customer')} answered 30 "
            f"to 90 days after a contact they had rated, and {base} are needed on both sides."
        )
    unit = _SCORES.get(lasting.outcome, "score")
    sentence = (
        f"30 to 90 days after a contact rated well, {name(lasting.outcome)} is "
        f"{with_interval(lasting.satisfied, unit)} (n {integer(lasting.n_satisfied)}), after other "
        f"contacts {with_interval(lasting.others, unit)} (n {integer(lasting.n_others)}): a "
        f"difference of {_gap(lasting.gap.difference, unit)}{verdict(lasting.gap)}."
    )
    if lasting.week is None:
        return f"{sentence} In the week of the contact too few answered to say what it was then."
    return f"{sentence} Within a week of the contact it is {_gap(lasting.week.difference, unit)}."


def _gap(difference: Estimate, unit: str) -> str:
    ends = gap_range(difference.low, difference.high, unit)
    points = " points" if unit == "points" else ""
    return f"{signed_gap(difference.value, unit)}{points} ({ends})"


def _points(difference: Estimate) -> str:
    digits = digits_of(difference)
    ends = gap_range(difference.low, difference.high, "share", digits)
    return f"{signed_gap(difference.value, 'share', digits)} points ({ends})"
