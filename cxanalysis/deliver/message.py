"""A report or a failure as a mail: subject, text and page."""

from __future__ import annotations

import re
from html import escape

from cxanalysis.deliver.content import Content, Figure

LONGEST_SUBJECT = 180  # signs
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")

_BODY = (
    "margin:0;padding:24px 12px;background:#ffffff;color:#1b1f24;font:16px/1.5 -apple-system,"
    "'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
)
_QUIET = "color:#57606a;font-size:13px;margin:0 0 14px"
_CELL = "padding:6px 10px 6px 0;border-bottom:1px solid #d0d7de;font-size:14px"
_ENDS = "color:#57606a;font-size:12px"
_RIGHT = "text-align:right;white-space:nowrap"
_BUTTON = (
    "display:inline-block;padding:9px 16px;background:#0b57a4;color:#ffffff;border-radius:5px;"
    "text-decoration:none;font-weight:600"
)


def one_line(text: str, longest: int = LONGEST_SUBJECT) -> str:
    """A text for a header: one line, nothing that steers a terminal or a mail program."""
    line = " ".join(_CONTROL.sub(" ", text).split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def subject_of(content: Content) -> str:
    """The headline, then which report it is; of a failure, where it stopped."""
    about = one_line(f"{content.study}, {content.about}", LONGEST_SUBJECT // 2)
    if content.is_failure:
        return one_line(f"Not made: {about}: {_where(content)}")
    headline = one_line(content.headline, LONGEST_SUBJECT - len(about) - len(" ()"))
    return f"{headline.removesuffix('.')} ({about})" if headline else about


def text_of(content: Content, link: str, notes: list[str]) -> str:
    """The mail as plain text.

    Parameters
    ----------
    link
        Where the page, or the partial notebook, is; empty where nowhere.
    notes
        What to know of the attached files.
    """
    lines = [f"{content.study}: {content.about}", ""]
    if content.is_failure:
        lines += [f"This report could not be made. {_sentence(content)}", ""]
        lines += [f"Partial notebook: {link}", ""] if link else []
    else:
        lines += [content.headline, ""]
        lines += [f"- {_figure(figure)}" for figure in content.figures]
        lines += ["", "Since the last report", *_spaced(content.changed)] if content.changed else []
        lines += ["", f"The report: {link}"] if link else []
    lines += ["", *_small(content, notes)]
    return "\n".join(_plain(line) for line in lines) + "\n"


def html_of(content: Content, link: str, notes: list[str]) -> str:
    """The mail as a page: no script, no picture, nothing to fetch."""
    inside = _failed(content) if content.is_failure else _report(content)
    label = "Open the partial notebook" if content.is_failure else "Open the report"
    is_address = link.startswith("https://") or link.startswith("http://")
    if is_address:
        inside += (
            f'<p style="margin:18px 0"><a href="{_safe(link)}" style="{_BUTTON}">{label}</a></p>'
        )
    elif link:
        inside += f'<p style="{_QUIET}">It lies at {_safe(link)}</p>'
    small = " ".join(_small(content, notes))
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{_safe(subject_of(content))}</title></head>"
        f'<body style="{_BODY}"><div style="max-width:600px;margin:0 auto">'
        f'<p style="{_QUIET}">{_safe(content.study)} · {_safe(content.about)}</p>{inside}'
        f'<p style="{_QUIET};border-top:1px solid #d0d7de;padding-top:10px;margin-top:22px">'
        f"{_safe(small)}</p></div></body></html>\n"
    )


def _report(content: Content) -> str:
    rows = "".join(_row(figure) for figure in content.figures)
    table = (
        '<table style="border-collapse:collapse;width:100%;margin:0 0 18px"><thead><tr>'
        f"{_head('figure')}{_head('with its 95% interval', right=True)}{_head('n', right=True)}"
        f"</tr></thead><tbody>{rows}</tbody></table>"
    )
    changed = "".join(f'<p style="margin:0 0 12px">{_safe(text)}</p>' for text in content.changed)
    heading = '<h2 style="font-size:17px;margin:22px 0 8px">Since the last report</h2>'
    return (
        f'<h1 style="font-size:21px;line-height:1.3;margin:0 0 14px">{_safe(content.headline)}</h1>'
        f"{table if rows else ''}{heading + changed if changed else ''}"
    )


def _row(figure: Figure) -> str:
    ends = f'<br><span style="{_ENDS}">{_safe(figure.interval)}</span>' if figure.interval else ""
    return (
        f'<tr><th scope="row" style="{_CELL};text-align:left;font-weight:400">'
        f'{_safe(figure.label)}</th><td style="{_CELL};{_RIGHT}"><b>{_safe(figure.value)}</b>{ends}'
        f'</td><td style="{_CELL};{_RIGHT}">{figure.n:,}</td></tr>'
    )


def _head(text: str, right: bool = False) -> str:
    side = _RIGHT if right else "text-align:left"
    return f'<th scope="col" style="{_CELL};{side};color:#57606a;font-weight:600">{text}</th>'


def _small(content: Content, notes: list[str]) -> list[str]:
    made = [f"{'Tried' if content.is_failure else 'Made'} {content.made}."] if content.made else []
    return [*notes, *made]


def _failed(content: Content) -> str:
    return (
        '<h1 style="font-size:21px;line-height:1.3;margin:0 0 14px;color:#a40e26">'
        "This report could not be made</h1>"
        f'<p style="margin:0 0 12px">{_safe(_sentence(content))}</p>'
    )


def _sentence(content: Content) -> str:
    tries = f" After {content.tries} tries." if content.tries > 1 else ""
    where = _where(content)
    return (
        f"It {where}: {content.why.rstrip('.')}.{tries} An earlier report stays "
        "as it was, and the next run tries again."
    )


def _where(content: Content) -> str:
    where = f"stopped in cell {content.cell}" if content.cell else "stopped"
    return f'{where}, "{content.doing}"' if content.doing else where


def _figure(figure: Figure) -> str:
    ends = f" ({figure.interval}; n = {figure.n:,})" if figure.interval else f" (n = {figure.n:,})"
    return f"{figure.label}: {figure.value}{ends}"


def _spaced(texts: tuple[str, ...]) -> list[str]:
    return [line for text in texts for line in ("", text)]


def _plain(text: str) -> str:
    return _CONTROL.sub(" ", text)


def _safe(text: str) -> str:
    return escape(_CONTROL.sub(" ", text))
