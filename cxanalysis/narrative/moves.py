"""What moved since the period before, in words: shared by every section that compares periods."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.changes import ChangesFinding
from cxanalysis.findings.core import Estimate
from cxanalysis.findings.scorecard import Figure, Mix, ScorecardFinding
from cxanalysis.narrative.core import ALSO
from cxanalysis.narrative.words import (
    amount,
    cited,
    digits_of,
    gap_range,
    in_sentence,
    in_words,
    integer,
    interval,
    listed,
    moved,
    sentence_case,
    signed_gap,
    small,
)

FEW = 2  # of the first figures: so few are not parted from the others
_VERBS = {"up": "rose", "down": "fell"}


# A finding whose figures stand beside those of the period before.
Compared = ScorecardFinding | ChangesFinding


def moves(finding: Compared) -> list[str]:
    """The headline, a paragraph for each figure that moved, and what to bear in mind."""
    if not finding.figures:
        return [f"**No figure can be shown for {finding.period}.**"]
    movers = [figure for figure in finding.figures if figure.word in _VERBS]
    compared = [figure for figure in finding.figures if figure.word != "no comparison"]
    paragraphs = [_headline(finding, movers, compared)]
    paragraphs += [_move(figure, finding) for figure in movers]
    paragraphs.append(_open(finding, [each for each in movers if each.beyond_usual is None]))
    if len(compared) > 1:
        paragraphs.append(_caution(compared))
    return [paragraph for paragraph in paragraphs if paragraph]


def gaps(finding: Compared) -> list[str]:
    """What is withheld, and what the study cannot give."""
    lines = []
    if finding.withheld:
        items = [
            f"{in_sentence(figure.label)} ({integer(figure.n)})" for figure in finding.withheld
        ]
        lines.append(f"Withheld, with fewer than {finding.min_base} behind them: {listed(items)}.")
    if finding.missing:
        lines.append(f"Not shown: {'; '.join(_missing(finding))}.")
    return lines


def figures_table(finding: Compared) -> pd.DataFrame | None:
    """The figures of both periods, those that lead first; None where there are none."""
    if not finding.figures:
        return None
    compared = any(figure.before.known for figure in finding.figures)
    first = [figure for figure in finding.figures if figure.leads]
    others = [figure for figure in finding.figures if not figure.leads]
    rows = [_row(figure, finding, compared) for figure in first]
    if len(first) > FEW and others:
        rows.append({"figure": ALSO})
    rows += [_row(figure, finding, compared) for figure in others]
    return pd.DataFrame(rows).fillna("")


def definitions(finding: Compared) -> tuple[str, ...]:
    """A line for each figure: what it counts, and what to know of it."""
    return tuple(definition(figure) for figure in finding.figures)


def usual_range(figure: Figure) -> str:
    """The range a figure usually moves in, "+24 to +37"."""
    estimate = Estimate(figure.now.value, figure.usual_low, figure.usual_high)
    return interval(estimate, figure.unit)


def _headline(finding: Compared, movers: list[Figure], compared: list[Figure]) -> str:
    if not compared:
        return (
            f"**{sentence_case(_figures(len(finding.figures)))} for {finding.period}.** "
            "There is no earlier period to compare with."
        )
    if not movers:
        return (
            f"**No clear change since {finding.period_before}:** of {_figures(len(compared))} "
            "that can be compared, none moved beyond sampling error."
        )
    number = sentence_case(small(len(movers)))
    return (
        f"**{number} of {_figures(len(compared))} moved beyond sampling error** since "
        f"{finding.period_before}: {listed([_short(figure) for figure in movers])}."
    )


def _figures(number: int) -> str:
    return f"{small(number)} figure{'' if number == 1 else 's'}"


def _short(figure: Figure) -> str:
    return f"{in_sentence(figure.label)} ({figure.word})"


def _move(figure: Figure, finding: Compared) -> str:
    change, size, digits = moved(figure.before.value, figure.now.value, figure.unit)
    ends = gap_range(figure.difference.low, figure.difference.high, figure.unit, digits)
    sentences = [
        f"{sentence_case(figure.label)} {_VERBS[figure.word]} {change}, by {size} "
        f"(95% interval {ends}; {integer(figure.n)} now, {integer(figure.n_before)} before).",
        _usual(figure, finding.every),
        _mixes([mix for mix in finding.mixes if mix.metric == figure.metric], figure.unit),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _usual(figure: Figure, every: str) -> str:
    """Whether the figure left the range it usually moves in; empty where that is not known."""
    if figure.beyond_usual is None:
        return ""
    span = f"{usual_range(figure)}, by {small(figure.n_earlier)} earlier {every}s"
    if figure.beyond_usual:
        return f"It is also outside the range it usually moves in from {every} to {every} ({span})."
    return f"Yet it stays within the range it usually moves in from {every} to {every} ({span})."


def _open(finding: Compared, movers: list[Figure]) -> str:
    """That usual movement is not known yet for some of what moved."""
    if not movers or not finding.every:
        return ""
    moved_all = len(movers) == sum(figure.word in _VERBS for figure in finding.figures)
    one = len(movers) == 1
    which = "this change is" if one else "these changes are"
    if not moved_all:
        names = listed([in_sentence(figure.label) for figure in movers])
        which = f"the change{'' if one else 's'} of {names} {'is' if one else 'are'}"
    most = max(figure.n_earlier for figure in movers)
    unlike = any(figure.n_earlier != most for figure in movers)
    return (
        f"Whether {which} more than the usual movement from {finding.every} to {finding.every} "
        f"cannot be told yet: that takes {small(finding.periods_needed)} earlier "
        f"{finding.every}s, and there {'is' if most == 1 else 'are'} "
        f"{'at most ' if unlike else ''}{small(most)}."
    )


def _mixes(mixes: list[Mix], unit: str) -> str:
    """What the mix of respondents accounts for, by each column that parts them."""
    if not mixes:
        return ""
    parts = [_mix(mix, unit, number == 0) for number, mix in enumerate(mixes)]
    return (
        f"The mix of respondents accounts for {listed(parts)}; the rest happened within these "
        "segments."
    )


def _mix(mix: Mix, unit: str, first: bool) -> str:
    ends = gap_range(mix.mix.low, mix.mix.high, unit, digits=1)
    text = (
        f"{signed_gap(mix.mix.value, unit, 1)} points {'of the change ' if first else ''}by "
        f"{cited(mix.segments)} ({'95% interval ' if first else ''}{ends})"
    )
    if mix.alone == 0:
        return text
    return f"{text}, apart from {signed_gap(mix.alone, unit, 1)} by segments that came or went"


def _caution(compared: list[Figure]) -> str:
    """That many figures are watched, and which of them would have passed alone."""
    near = [
        figure
        for figure in compared
        if figure.word not in _VERBS and figure.difference.excludes_zero
    ]
    if not near:
        if not any(figure.word in _VERBS for figure in compared):
            return ""
        return f"The test allows for {small(len(compared))} figures being watched at once."
    changes = [
        f"{in_sentence(figure.label)} "
        f"({moved(figure.before.value, figure.now.value, figure.unit)[0]})"
        for figure in near
    ]
    return (
        f"With {small(len(compared))} figures watched at once, some pass the usual line by chance. "
        f"{sentence_case(listed(changes))} would have passed it if watched alone, and "
        f"{'does' if len(near) == 1 else 'do'} not once that is allowed for."
    )


def _row(figure: Figure, finding: Compared, compared: bool) -> dict[str, str]:
    ends = "–"
    if figure.now.has_interval:
        ends = interval(figure.now, figure.unit)
    digits = digits_of(figure.now, figure.unit)
    row = {
        "figure": figure.label,
        _heading(finding.period): amount(figure.now.value, figure.unit, digits),
        "95% interval": ends,
        "n": integer(figure.n),
    }
    if compared:
        row[_heading(finding.period_before)] = amount(figure.before.value, figure.unit, digits)
        if any(each.beyond_usual is not None for each in finding.figures):
            row["usual range"] = "–" if figure.beyond_usual is None else usual_range(figure)
        row["change"] = figure.word
    return row


def _heading(period: str) -> str:
    return sentence_case(period.removeprefix("the "))


def definition(figure: Figure) -> str:
    """What a figure counts, and what to know of it."""
    note = f" {sentence_case(figure.note)}." if figure.note else ""
    return f"{cited(figure.label)}: {figure.definition}.{note}"


def _missing(finding: Compared) -> list[str]:
    """Figures that are missing for the same reason, together."""
    labels: dict[str, list[str]] = {}
    for item in finding.missing:
        labels.setdefault(in_words(item.needs), []).append(in_sentence(item.label))
    return [
        f"{listed(names)} ({'needs' if len(names) == 1 else 'need'} {needs})"
        for needs, names in labels.items()
    ]
