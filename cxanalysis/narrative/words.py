"""How numbers and names are written: the one place where figures become text."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable, Sequence

from cxanalysis.findings.core import Estimate, period_title
from cxanalysis.metrics import figures

MINUS = "−"
MOST_DIGITS = 2  # decimals of a percentage
NAMES = {
    "overall_satisfaction": "overall satisfaction",
    "csat": "satisfaction (CSAT)",
    "nps": "likelihood to recommend",
    "ces": "ease (CES)",
    "service": "service",
    "journey": "the rest of the journey",
    "first_reply_hours": "hours to first reply",
    "queue_wait_minutes": "minutes waited in the queue",
    "handle_minutes": "minutes of handling",
    "resolved_first": "resolved at first contact",
    "resolved_first_open_days": "days since a contact that may still be repeated",
    "transfers": "transfers",
    "contact_csat": "satisfaction with the contact",
    "contacted": "whether they contacted us",
    "contacts": "number of contacts",
    "answered": "whether a contact was answered",
    "abandoned": "a mark of abandoned contacts",
    "customer_id": "customer number",
    "first_replied_at": "the time of the first reply",
    "fulfilled_at": "the time of keeping a promise",
    "invited_at": "the time of each invitation",
    "opened_at": "the time of opening",
    "promised_at": "promised times",
    "reopens": "the number of reopenings",
    "responded_at": "the time of each answer",
    "response_id": "answer number",
    "ticket_id": "contact number",
    "event_id": "step number",
    "replied_at": "the time of answering feedback",
    "acted_at": "the time of acting on feedback",
    "told_at": "the time of telling the customer of a change",
    "repromised_at": "later promised times",
    "sla_met": "a mark of contacts within the agreed time",
    "solved_at": "the time of solving",
    "talk_seconds": "talk time",
    "tenure_days": "time as a customer",
    "surveys.ces_effort": "a question on effort (CES 1.0) in surveys",
    "surveys.kind": "the kind of each survey",
    "surveys.met_expectations": "questions on expectations and the ideal in surveys",
    "surveys.rated_effectiveness": "questions on effectiveness, ease and emotion in surveys",
    "surveys.rated_emotion": "a question on emotion in surveys",
    "surveys.touchpoint": "the touchpoint that each answer is about",
    "surveys.ces": "a question on ease (CES) in surveys",
    "surveys.csat": "a question on satisfaction (CSAT) in surveys",
    "surveys.nps": "a question on likelihood to recommend in surveys",
    "surveys.overall_satisfaction": "an overall score in surveys",
    "tickets.csat": "ratings of contacts in tickets",
    "tickets.channel": "the channel of each contact",
    "tickets.escalated": "a mark of contacts passed to a higher level",
    "tickets.policy_kept": "a mark of contacts handled by the company's own rules",
    "tickets.initiator": "who began each contact",
    "tickets.queue_wait_seconds": "time in the queue",
    "tickets.reason": "the reason of each contact",
    "tickets.transfers": "the number of hand-overs",
    "journeys.rating": "ratings on the way",
    "feedback.reasons": "the list of reasons that are complaints",
    "feedback.touchpoints": "the list of touchpoints at which feedback is taken",
    "customers.customer_id": "a customers table",
    "customers.active_to": "each customer's last day",
}
_ENDINGS = (
    ("_known", "whether there is a figure for {}"),
    ("_used", "use of {}"),
    ("_rated", "whether there is a rating of {}"),
    ("_touched", "whether {} was reached"),
    ("_promised", "whether anything was promised in {}"),
    ("_due", "whether a promise was due in {}"),
    ("_late_days", "days late in {}"),
    ("_rating", "rating of {}"),
)
_FRACTIONS = (
    (1 / 10, "about one in ten"),
    (1 / 5, "about a fifth"),
    (1 / 4, "about a quarter"),
    (1 / 3, "about a third"),
    (2 / 5, "about two in five"),
    (1 / 2, "about half"),
    (3 / 5, "about three in five"),
    (2 / 3, "about two thirds"),
    (3 / 4, "about three quarters"),
    (4 / 5, "about four in five"),
    (9 / 10, "about nine in ten"),
)
_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def integer(value: float) -> str:
    """1842 → "1,842"."""
    return signed(f"{round(value):,}")


def small(value: int) -> str:
    """A count in words up to ten, in figures above."""
    return _SMALL[value] if 0 <= value <= 10 else integer(value)


def counted(value: int, noun: str, plural: str | None = None) -> str:
    """1 → "1 answer", 1842 → "1,842 answers"."""
    return f"{integer(value)} {noun if value == 1 else plural or noun + 's'}"


def signed(text: str) -> str:
    """The same text with a true minus sign, and no minus before a zero."""
    bare = text.replace("-", MINUS)
    return bare.removeprefix(MINUS) if not re.search(r"[1-9]", bare) else bare


def percent(share: float, digits: int = 0) -> str:
    """0.347 → "35%"; a share that is not 0 or 1 is never rounded to look so."""
    unit = 10.0**-digits
    shown = 100 * share
    if 0 < shown <= unit / 2:
        return f"under {unit:.{digits}f}%"
    if -0.05 < shown < 0:
        return "just below 0%"
    if -unit / 2 <= shown < 0:
        return signed(f"{shown:.1f}%")
    if 100 - unit / 2 <= shown < 100:
        return f"over {100 - unit:.{digits}f}%"
    return signed(f"{shown:.{digits}f}%")


def points(value: float, digits: int = 0) -> str:
    """An NPS: "+31", "−4", "0"."""
    text = f"{value:.{digits}f}"
    return f"+{text}" if float(text) > 0 else signed(text)


def duration(seconds: float) -> str:
    """Seconds in the unit one would say, with their sign: "5 min 32 s", "−2 min"."""
    text = figures.duration(abs(seconds))
    return signed(f"-{text}") if seconds < 0 else text


def hours(value: float) -> str:
    """Hours in the unit one would say: "2 min 5 s", "40 min", "5.2 hours", "3.1 days"."""
    if abs(value) < 1 / 6:
        return duration(3600 * value)
    if abs(value) < 1.5:
        return signed(f"{60 * value:.0f} min")
    if abs(value) < 72:
        return signed(f"{value:.1f} hours")
    return signed(f"{value / 24:.1f} days")


def score(value: float) -> str:
    """A mean on a rating scale: two decimals."""
    return signed(f"{value:.2f}")


def slope(value: Estimate | float) -> str:
    """A coefficient, with its interval where it has one: "−0.20, −0.30 to −0.10", "+0.0042".

    Its size decides the decimals, since it may be per second or per year.
    """
    estimate = value if isinstance(value, Estimate) else Estimate(value)
    size = abs(estimate.value)
    digits = min(6, 1 - math.floor(math.log10(size))) if 0 < size < 0.1 else 2
    text = points(estimate.value, digits)
    if not estimate.has_interval:
        return text
    return f"{text}, {points(estimate.low, digits)} to {points(estimate.high, digits)}"


_UNITS: dict[str, Callable[[float], str]] = {"seconds": duration, "hours": hours}


def amount(value: float, unit: str, digits: int = 0) -> str:
    """A figure in its unit; "–" where there is none. ``digits`` are of percentages and points."""
    if math.isnan(value):
        return "–"
    if unit == "share":
        return percent(value, digits)
    if unit == "points":
        return points(value, digits)
    return _UNITS.get(unit, score)(value)


def digits_of(estimate: Estimate, unit: str = "share") -> int:
    """Decimals of a percentage or of points: more than none where the interval is narrow."""
    if unit not in ("share", "points") or not estimate.has_interval:
        return 0
    width = (estimate.high - estimate.low) * (100 if unit == "share" else 1)
    return sum(width < least for least in (2.5, 0.25))


def agreeing(total: float, parts: Sequence[float]) -> int:
    """Fewest decimals of percentages at which the parts, as written, add up to the total."""
    for digits in range(MOST_DIGITS + 1):
        written = sum(round(100 * part, digits) for part in parts)
        if round(written, digits) == round(100 * total, digits):
            return digits
    return 1


def gap(value: float, unit: str, digits: int = 0) -> str:
    """The size of a difference, without its sign: "7 points", "0.8 hours", "0.12"."""
    size = abs(value)
    if unit == "share":
        size = 100 * size
    if unit in ("share", "points"):
        text = f"{size:.{digits if size >= 0.95 else max(digits, 1)}f}"
        return f"{text} point" if text == "1" else f"{text} points"
    return amount(size, unit)


def gap_range(low: float, high: float, unit: str, digits: int = 0) -> str:
    """The interval of a difference, both ends with their sign."""
    return f"{signed_gap(low, unit, digits)} to {signed_gap(high, unit, digits)}"


def signed_gap(value: float, unit: str, digits: int = 0) -> str:
    """A difference with its sign; points without the word: "+7", "−48 min"."""
    text = gap(value, unit, digits).removesuffix(" points").removesuffix(" point")
    if not re.search(r"[1-9]", text):
        return text
    return f"{'+' if value > 0 else MINUS}{text}"


def interval(estimate: Estimate, unit: str = "share", digits: int | None = None) -> str:
    """The ends of an interval, "29% to 41%"; one figure where both ends are written alike."""
    digits = digits_of(estimate, unit) if digits is None else digits
    first, last = (amount(end, unit, digits) for end in (estimate.low, estimate.high))
    if first == last:
        return first
    return f"{_bare(first, last)} to {last}"


def _bare(first: str, last: str) -> str:
    """The first of two figures without its unit where both are a number and the same word."""
    start, end = first.split(" "), last.split(" ")
    same = len(start) == len(end) == 2 and start[1] == end[1]
    return start[0] if same else first


def moved(before: float, now: float, unit: str) -> tuple[str, str, int]:
    """A figure then and now with the size of the difference, and the decimals they are given in.

    ("from 5.2 to 6.0 hours", "48 min", 0): the difference is that of the two as written.
    """
    digits = 0
    if unit in ("share", "points"):
        scale = 1 if unit == "share" else 100
        digits = min(1, agreeing(now / scale, (before / scale, (now - before) / scale)))
    first, last = amount(before, unit, digits), amount(now, unit, digits)
    while first == last and digits < MOST_DIGITS:
        digits += 1
        first, last = amount(before, unit, digits), amount(now, unit, digits)
    difference = _as_written(now, unit, digits) - _as_written(before, unit, digits)
    return f"from {_bare(first, last)} to {last}", gap(difference, unit, digits), digits


def _as_written(value: float, unit: str, digits: int) -> float:
    """The value rounded as `amount` rounds it."""
    if unit in ("share", "points"):
        return round(value, digits + (2 if unit == "share" else 0))
    size = abs(value)
    if unit == "seconds":
        step = 1.0 if size < 5400 else 360.0
    elif unit == "hours":
        step = 1 / 3600 if size < 1 / 6 else 1 / 60 if size < 1.5 else 0.1 if size < 72 else 2.4
    else:
        step = 0.01
    return round(value / step) * step


def with_interval(estimate: Estimate, unit: str = "share", digits: int | None = None) -> str:
    """A figure with its interval, "35% (29% to 41%)"; alone where no interval is known."""
    digits = digits_of(estimate, unit) if digits is None else digits
    text = amount(estimate.value, unit, digits)
    if not estimate.has_interval:
        return text
    return f"{text} ({interval(estimate, unit, digits)})"


def roughly(share: float) -> str:
    """A share in ordinary words where one fits within two points, else the percentage."""
    value, words = min(_FRACTIONS, key=lambda item: abs(item[0] - share))
    return words if abs(value - share) <= 0.02 else percent(share)


def name(text: str) -> str:
    """The reader's noun for a column, a group or an outcome; snake_case becomes words."""
    if text in NAMES:
        return NAMES[text]
    for ending, form in _ENDINGS:
        if text.endswith(ending) and len(text) > len(ending):
            return form.format(name(text.removesuffix(ending)))
    return " ".join(text.replace("_", " ").split())


def in_words(text: str) -> str:
    """A sentence of ours with every column name in it put into words.

    "tickets.talk_seconds" → "talk time in tickets".
    """
    text = re.sub(
        r"\b(surveys|tickets|journeys|customers|feedback)\.(\w+)",
        lambda found: NAMES.get(found[0], f"{name(found[2])} in {found[1]}"),
        text,
    )
    column = r"(?<=same as )\w+|\b[a-z0-9]+(?:_[a-z0-9]+)+\b"
    return re.sub(column, lambda found: name(found[0]), text)


def cited(text: str) -> str:
    """A group's name set apart from the sentence."""
    return f"*{name(text).replace('*', '∗')}*"


def coded(text: str, kind: str) -> str:
    """A name that is only a number, with what it is: "42" → "reason 42"."""
    return text if re.search(r"[^\W\d_]", text) else f"{kind} {text}"


def listed(items: Sequence[str], last: str = "and") -> str:
    """("a", "b", "c") → "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def in_sentence(label: str) -> str:
    """A label as it stands inside a sentence: "Handle time" → "handle time", "NPS" stays."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def wider(period: str = "") -> str:
    """What to do where answers are too few: no period is longer than all dates."""
    if period == period_title(None):
        return "Collect more answers or, where a segment is chosen, take a wider one."
    if not period:
        return (
            "Collect more answers or, where one period or segment is chosen, take more of the data."
        )
    return "Take a longer period or, where a segment is chosen, a wider one."


def sentence_case(text: str) -> str:
    """The text with its first letter in upper case, markup left in place."""
    return re.sub(r"^(\**)(\w)", lambda found: found[1] + found[2].upper(), text)


def to_plain(text: str) -> str:
    """A paragraph without its markup."""
    return re.sub(r"\*(.+?)\*", r"\1", re.sub(r"\*\*(.+?)\*\*", r"\1", text))


def to_html(text: str) -> str:
    """A paragraph as HTML: everything escaped, then bold and emphasis put back."""
    escaped = html.escape(text)
    bold = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", escaped)
    return re.sub(r"\*(.+?)\*", r"<em>\1</em>", bold)
