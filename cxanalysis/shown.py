"""How results show themselves: one line as text, and in a notebook what is in them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import Field, dataclass, fields, is_dataclass
from html import escape
from inspect import getdoc
from typing import Any

LONGEST_LINE = 100  # signs of a line of facts
LONGEST_WORD = 40  # signs of a text among the facts
FEW = 3  # plain values that a line shows, such as a figure with its limits
ROWS_SHOWN = 20  # of a frame inside a result
# Works on a light and on a dark page, since it names no colour of its own but a grey line.
STYLE = (
    "<style>.cx-shown{max-width:60em;line-height:1.45}"
    ".cx-shown p{margin:.4em 0}.cx-shown details{margin:.5em 0}"
    ".cx-shown summary{cursor:pointer}"
    ".cx-shown table{border-collapse:collapse;margin:.3em 0 .6em}"
    ".cx-shown caption{caption-side:top;text-align:left;font-weight:600;padding:.2em 0;"
    "color:inherit}"
    ".cx-shown th,.cx-shown td{text-align:left!important;vertical-align:top;"
    "padding:.2em .9em .2em 0;border-bottom:1px solid rgba(128,128,128,.35);"
    "white-space:normal;max-width:34em}"
    ".cx-shown tbody th{font-weight:inherit}"
    ".cx-shown .cx-number{text-align:right!important;font-variant-numeric:tabular-nums;"
    "white-space:nowrap}</style>"
)


class Shown:
    """A result that names itself on one line, the same in every run, and has a page.

    Both follow from the fields of the dataclass; a class with more to say has its own.
    """

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        # A dataclass writes itself a repr, of any length, unless the class has one of its own.
        cls.__repr__ = cls.__repr__  # type: ignore[method-assign]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({line_of(self._facts())})"

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if not name.startswith("_")]

    def _repr_html_(self) -> str:
        told = {name: value for name, value in self._told().items() if _is_told(value)}
        rows = [(words(k), value_text(value)) for k, value in told.items() if not _is_frame(value)]
        tables = [frame_html(each, words(k)) for k, each in told.items() if _is_frame(each)]
        about = (getdoc(type(self)) or "").partition("\n")[0]
        heading = f"<strong>{type(self).__name__}</strong>: {escape(about)}"
        return page(heading, table(rows), *tables)

    def _told(self) -> dict[str, Any]:
        """The fields, those of a figure and its limits in one."""
        known: Sequence[Field[Any]] = fields(self) if is_dataclass(self) else ()
        told: dict[str, Any] = {
            each.name: getattr(self, each.name)
            for each in known
            if each.repr and not each.name.startswith("_")
        }
        for name in [name for name in told if {f"{name}_low", f"{name}_high"} <= set(told)]:
            told[name] = _Limited(told[name], told.pop(f"{name}_low"), told.pop(f"{name}_high"))
        return told

    def _facts(self) -> Iterator[str]:
        for name, value in self._told().items():
            each = value if isinstance(value, Mapping) else {name: value}
            yield from filter(None, (fact(str(key), inner) for key, inner in each.items()))


@dataclass(frozen=True)
class _Limited:
    """A figure whose limits are fields of their own, in the shape that findings give theirs."""

    value: float
    low: float
    high: float

    @property
    def known(self) -> bool:
        return not (self.value is None or math.isnan(self.value))

    @property
    def has_interval(self) -> bool:
        return not any(end is None or math.isnan(end) for end in (self.low, self.high))


def line_of(facts: Iterable[str]) -> str:
    """As many facts as one line holds; "…" stands for the others."""
    kept: list[str] = []
    for each in facts:
        if len(", ".join([*kept, each])) > LONGEST_LINE:
            return ", ".join([*kept, "…"])
        kept.append(each)
    return ", ".join(kept)


def fact(name: str, value: Any) -> str:
    """A field on a line: text and numbers themselves, of all else how much; empty for nothing."""
    if not _is_told(value):
        return ""
    if isinstance(value, str):
        return f"{name}={_cut(value)!r}"
    if isinstance(value, (bool, int, float)) or _is_estimate(value):
        return f"{name}={value_text(value)}"
    if isinstance(value, tuple) and len(value) <= FEW and all(map(_is_plain, value)):
        return f"{name}=({', '.join(_cut(value_text(each)) for each in value)})"
    size = len(value) if hasattr(value, "__len__") else 0
    return f"{name}: {size:,}" if size else ""


def value_text(value: Any) -> str:
    """A value in a cell of a result's page."""
    if isinstance(value, (bool, int, float)):
        return number(value)
    if _is_estimate(value):
        ends = f" ({number(value.low)} to {number(value.high)})" if value.has_interval else ""
        return f"{number(value.value)}{ends}"
    if is_dataclass(value) and not isinstance(value, type):
        value = {words(each.name): getattr(value, each.name) for each in fields(value)}
    if isinstance(value, Mapping):
        return "; ".join(f"{k}: {value_text(each)}" for k, each in value.items() if _is_told(each))
    if isinstance(value, (list, tuple)):
        more = [f"… and {len(value) - ROWS_SHOWN:,} more"] if len(value) > ROWS_SHOWN else []
        between = " | " if any(is_dataclass(each) for each in value) else ", "
        return between.join([*map(value_text, value[:ROWS_SHOWN]), *more])
    return f"{len(value):,} values" if hasattr(value, "dtype") else str(value)


def number(value: float) -> str:
    """A number in three digits behind nothing: 1,050; 0.256; yes and no for what is true or not."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) or float(value).is_integer():
        return f"{value:,.0f}"
    if math.isnan(value):
        return "unknown"
    return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def words(name: str) -> str:
    """A field's name as words."""
    return name.replace("_", " ")


def page(heading: str, *parts: str, mark: str = "cx-shown") -> str:
    """The page of a result, from pieces of HTML."""
    # Jupyter takes what stands between two dollar signs for a formula, unless told not to.
    inside = "".join([f"<p>{heading}</p>", *filter(None, parts)])
    return f'{STYLE}<section class="{mark} mathjax_ignore">{inside}</section>'


def folded(inside: str, summary: str, *, opened: bool = False) -> str:
    """Something to open, or to close."""
    return f"<details{' open' if opened else ''}><summary>{summary}</summary>{inside}</details>"


def listed(items: Iterable[str]) -> str:
    """A list of plain texts; empty where there are none."""
    inside = "".join(f"<li>{escape(item)}</li>" for item in items)
    return f"<ul>{inside}</ul>" if inside else ""


def table(
    rows: Iterable[Iterable[Any]],
    heads: Sequence[str] = (),
    caption: str = "",
    numbers: Collection[str] = (),
) -> str:
    """Rows of plain values as a table; empty where there are none.

    Parameters
    ----------
    heads
        Of the columns; without any the first cell of a row is its head.
    numbers
        Heads of the columns that are set flush right.
    """
    right = [head in numbers for head in heads]
    lines = []
    for row in rows:
        cells = [escape(str(value)) for value in row]
        marks = [' class="cx-number"' if number else "" for number in right] or [""] * len(cells)
        first = f'<th scope="row">{cells[0]}</th>'
        rest = (f"<td{mark}>{c}</td>" for mark, c in zip(marks[1:], cells[1:], strict=True))
        lines.append(f"<tr>{first}{''.join(rest)}</tr>")
    if not lines:
        return ""
    titles = "".join(
        f'<th scope="col"{" class=cx-number" if number else ""}>{escape(head)}</th>'
        for head, number in zip(heads, right, strict=True)
    )
    top = f"<thead><tr>{titles}</tr></thead>" if titles else ""
    said = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<table>{said}{top}<tbody>{''.join(lines)}</tbody></table>"


def frame_html(frame: Any, caption: str) -> str:
    """The first rows of a frame inside a result, folded, with the number of all."""
    size = f"{len(frame):,} row{'' if len(frame) == 1 else 's'}"
    if len(frame) > ROWS_SHOWN:
        size = f"first {ROWS_SHOWN} of {size}"
    text = frame.head(ROWS_SHOWN).to_html(border=0, float_format=number, na_rep="")
    return folded(text, f"{escape(caption)}: {size}")


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_WORD else line[: LONGEST_WORD - 1] + "…"


def _is_frame(value: Any) -> bool:
    return hasattr(value, "to_html")


def _is_estimate(value: Any) -> bool:
    return hasattr(value, "has_interval")


def _is_plain(value: Any) -> bool:
    return isinstance(value, (str, bool, int, float))


def _is_told(value: Any) -> bool:
    """Whether a field holds anything."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return False
    if _is_estimate(value):
        return bool(value.known)
    if isinstance(value, tuple) and value and all(isinstance(each, float) for each in value):
        return not all(map(math.isnan, value))
    return not hasattr(value, "__len__") or len(value) > 0
