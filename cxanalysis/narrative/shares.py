"""How the parts of an answer are written, so that they add up."""

from __future__ import annotations

from cxanalysis.findings.answer import AnswerFinding
from cxanalysis.findings.core import Estimate
from cxanalysis.narrative.words import agreeing, digits_of, percent, with_interval


def share_of(finding: AnswerFinding, part: Estimate) -> str:
    """A part of what all drivers account for, with its interval.

    All parts of an answer have the decimals at which they add up.
    """
    return with_interval(part, digits=_digits_of(finding, part))


def limit_of(finding: AnswerFinding) -> str:
    """The one-sided limit that decides, in the decimals of the share it belongs to."""
    return limit_beside(finding.limit, finding.alone, _digits_of(finding, finding.alone))


def limit_beside(limit: float, share: Estimate, digits: int | None = None) -> str:
    """A one-sided limit of a share; with a decimal where it would read as the interval's end."""
    digits = digits_of(share) if digits is None else digits
    ends = [percent(end, digits) for end in (share.low, share.high)]
    return percent(limit, max(1, digits) if percent(limit, digits) in ends else digits)


def _digits_of(finding: AnswerFinding, part: Estimate) -> int:
    return max(_digits(finding), digits_of(part))


def _digits(finding: AnswerFinding) -> int:
    sums: list[tuple[Estimate, tuple[Estimate, ...]]] = [
        (finding.alone, (finding.unique, finding.shared)),
        (finding.rest_alone, (finding.rest_unique, finding.shared)),
        (Estimate(1.0), (finding.split, finding.rest_split)),
    ]
    if finding.parts:
        sums.append((finding.split, tuple(part.share for part in finding.parts)))
    return min(1, max(agreeing(whole.value, [p.value for p in parts]) for whole, parts in sums))
