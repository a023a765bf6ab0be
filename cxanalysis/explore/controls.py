"""Controls around a view: each move asks for another state, and the view of it is shown."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ipywidgets

from cxanalysis.errors import CxError, ReportError
from cxanalysis.explore import choices
from cxanalysis.explore.picture import Picture
from cxanalysis.explore.rows import Rows
from cxanalysis.explore.saving import command_of, home_of, save_report
from cxanalysis.explore.state import (
    EVERYONE,
    Definition,
    Mark,
    State,
    changes_of,
    service_marks,
)
from cxanalysis.explore.views import (
    ONLY,
    WHOLE,
    WITHOUT,
    View,
    drivers_view,
    journeys_view,
    tickets_view,
    view_of,
)
from cxanalysis.narrative.words import name, to_html, to_plain
from cxanalysis.study import Study

LISTED = 7  # lines of the list of what counts as service
KEPT = 10  # views that are not worked out again
HINT = "Ctrl or ⌘ for several."  # a plain click chooses one in place of all others
PARTS = f"Nothing changes by it as long as Definition is {WHOLE}."
WIDE = {"description_width": "initial"}


@dataclass(frozen=True)
class Kind:
    """One of the three: what is shown, what can be chosen, and the report that shows it too.

    ``rests_on`` is what its figures are of. ``models`` is whether the outcome is that of the
    model. Without ``definitions`` there is no such control, and without ``asks_service`` nobody
    can say what counts as service.
    """

    view: Callable[[Study, State], View]
    report: str
    rests_on: str
    outcomes: Callable[[Study], Sequence[str]]
    definitions: Callable[[Study, str], Sequence[Definition]] | None = None
    asks_service: bool = True
    models: bool = False


DRIVERS = Kind(drivers_view, "cx_report", "answers", choices.outcomes, models=True)
JOURNEYS = Kind(
    journeys_view,
    "journey_report",
    "touches",
    lambda _: ["rating"],
    lambda *_: [Definition(text) for text in (WHOLE, WITHOUT, ONLY)],
)
TICKETS = Kind(
    tickets_view,
    "service_report",
    "contacts",
    choices.figures,
    choices.definitions,
    asks_service=False,
)


def explore_drivers(study: Study, folder: str | Path | None = None) -> Explorer:
    """What goes with the outcome, by segment, period, outcome and what counts as service.

    Parameters
    ----------
    study
        Of everyone; its period is where the view begins.
    folder
        Where "Save as report" writes the notebook of a view: beside the study file where left
        out, and for the sample, which is the project's own, where the notebook runs.

    Returns
    -------
    Explorer
        A widget that shows itself at the end of a cell.

    Raises
    ------
    ReportError
        When the study is narrowed to a segment, or under other definitions, already.
    """
    return Explorer(study, DRIVERS, folder)


def explore_journeys(study: Study, folder: str | Path | None = None) -> Explorer:
    """The journey map by segment and period, of all touches, or by what counts as service.

    Parameters
    ----------
    study, folder
        As in `explore_drivers`.

    Returns
    -------
    Explorer
        A widget that shows itself at the end of a cell.

    Raises
    ------
    ReportError
        As `explore_drivers`.
    """
    return Explorer(study, JOURNEYS, folder)


def explore_tickets(study: Study, folder: str | Path | None = None) -> Explorer:
    """Figures of service by channel, by segment, period and definition.

    Parameters
    ----------
    study, folder
        As in `explore_drivers`.

    Returns
    -------
    Explorer
        A widget that shows itself at the end of a cell.

    Raises
    ------
    ReportError
        As `explore_drivers`.
    """
    return Explorer(study, TICKETS, folder)


class Explorer(ipywidgets.VBox):  # type: ignore[misc]  # it has no types
    """Controls, the sentence of the view, the one before it, the picture and the rows of a bar.

    ``view`` is what is shown now, ``seen`` the last ten, and ``first`` what it opened with: the
    view by the study file's own definitions. As text it is the state and the sentence.
    """

    def __init__(self, study: Study, kind: Kind, folder: str | Path | None) -> None:
        if study.segment is not None or study.settings:
            raise ReportError(
                "This study is narrowed already. Open it anew, of everyone and by the definitions "
                "of its file, and choose here."
            )
        self.study, self.kind = study, kind
        self.folder = home_of(study) if folder is None else Path(folder)
        self.seen: dict[State, View] = {}
        self.tried: set[State] = set()
        self.first: View | None = None
        self.segment = _select("Segment", [(EVERYONE, ""), *_same(choices.segments(study))])
        self.period = _select("Period", _same(choices.periods(study)))
        self.outcome = _select("Outcome", [(_label(one), one) for one in kind.outcomes(study)])
        self.definition = _select("Definition", self._definitions())
        self.service = _select_many(
            "Counts as service", choices.marks(study), service_marks(study.config)
        )
        self.save = ipywidgets.Button(description="Save as report")
        self.stands, self.saved, self.now, self.before, self.rows = (
            ipywidgets.HTML() for _ in range(5)
        )
        self.picture = Picture()
        self.shown: State | None = None
        super().__init__([*self._top(), self.picture, self.rows, self.save, self.saved])
        for control in self._controls():
            control.observe(self._moved, "value")
        self.picture.observe(self._pressed, "chosen")
        self.save.on_click(self._save)
        self._draw()

    @property
    def state(self) -> State:
        """What the controls say."""
        return State(
            segment=self.segment.value,
            period=self.period.value,
            outcome=self.outcome.value,
            service=tuple(sorted(self.service.value)),
            definition=self.definition.value or Definition(""),
        )

    @property
    def view(self) -> View:
        """What is shown now."""
        return self.seen[self.shown or self.state]

    def __repr__(self) -> str:
        return f"{self.state}\n{to_plain(self.view.said)}"

    def _repr_mimebundle_(self, **arguments: Any) -> dict[str, Any]:
        shown: dict[str, Any] = super()._repr_mimebundle_(**arguments)
        return {**shown, "text/plain": repr(self)}  # whole, as it is what a test compares

    def _controls(self) -> list[Any]:
        found = [self.segment, self.period, self.outcome]
        found += [self.definition] if self.kind.definitions else []
        return found + ([self.service] if self.kind.asks_service else [])

    def _asks(self) -> bool:
        """Whether there is more than one outcome to choose from."""
        return len(self.outcome.options) > 1

    def _top(self) -> list[Any]:
        wraps = ipywidgets.Layout(flex_flow="row wrap", grid_gap="4px 16px")
        beside = ipywidgets.Layout(flex_flow="row wrap", grid_gap="4px 24px")
        for said in (self.now, self.before):
            said.layout = ipywidgets.Layout(flex="1 1 20rem", width="auto", max_width="46rem")
        shown = [each for each in self._controls() if each is not self.outcome or self._asks()]
        hint = f"{HINT} {PARTS}" if WHOLE in dict(self.definition.options) else HINT
        shown += [ipywidgets.HTML(_noted(hint))] if self.service in shown else []
        return [
            ipywidgets.HBox(shown, layout=wraps),
            self.stands,
            ipywidgets.HBox([self.now, self.before], layout=beside),
        ]

    def _definitions(self) -> list[tuple[str, Definition]]:
        if self.kind.definitions is None:
            return [("", Definition(""))]
        found = self.kind.definitions(self.study, self.outcome.value)
        return [(definition.text, definition) for definition in found]

    def _moved(self, change: dict[str, Any]) -> None:
        offered = self._definitions()
        if change["owner"] is self.outcome and offered != list(self.definition.options):
            self.definition.unobserve(self._moved, "value")
            self.definition.options = offered
            self.definition.observe(self._moved, "value")
        self._draw()

    def _draw(self) -> None:
        state = self.state
        if state == self.shown:
            return
        before = None if self.shown is None else (self.shown, self.view)
        self.stands.value = '<p class="cx-note" role="status">Working…</p>'
        view = self.seen.pop(state, None) or view_of(self.kind.view, self.study, state)
        self.seen[state] = view
        for old in list(self.seen)[:-KEPT]:
            del self.seen[old]
        self.first = self.first or view
        self.tried.add(state)
        self.shown, self.rows.value, self.saved.value = state, "", ""
        self.picture.show(view)
        self.now.value = _said(view, self._chosen_among())
        self.before.value = _before(*before, self.kind.rests_on) if before else ""
        base = "" if view.answers is None else f" answers={view.answers}"
        stands = html.escape(f"{state}{base}")
        self.stands.value = f'<p class="cx-state" role="status">{stands}</p>'

    def _chosen_among(self) -> str:
        """What becomes of a verdict or an interval once several views were looked at."""
        if self.first is None or len(self.tried) < 2:
            return ""
        own = "" if self.view is self.first else f" As it opened, by the study file: {self._own()}"
        return (
            f"{len(self.tried)} views seen here.{own} A verdict or an interval chosen among "
            "several holds less than it says."
        )

    def _own(self) -> str:
        said = self.first.said if self.first is not None else ""
        bold = re.search(r"\*\*(.+?)\*\*", said)
        return (bold[1] if bold else to_plain(said)).rstrip(".: ") + "."

    def _pressed(self, change: dict[str, Any]) -> None:
        if not change["new"] or self.view.rows is None:
            return
        try:
            self.rows.value = rows_page(self.view.rows(change["new"]))
        except CxError as error:
            self.rows.value = _noted(str(error))

    def _save(self, _: Any) -> None:
        settings = changes_of(self.study.config, self.state, outcome=self.kind.models)
        try:
            made = save_report(self.study, self.state, settings, self.kind.report, self.folder)
        except (CxError, OSError) as error:
            self.saved.value = _noted(str(error))
            return
        command = html.escape(command_of(self.study, made))
        self.saved.value = (
            f'<p class="cx-note" role="status">Saved: {html.escape(made.name)}.'
            f"{html.escape(self._left_behind())} Make the report by <code>{command}</code></p>"
        )

    def _left_behind(self) -> str:
        """What the view is narrowed to and its report is not."""
        chosen = self.state.definition
        if chosen.settings or chosen.text in ("", self.definition.options[0][0]):
            return ""
        return f" The report is of {self.definition.options[0][0]}, not of {chosen.text}."


def rows_page(rows: Rows) -> str:
    """The rows behind a bar as a page's part, under their heading."""
    title = html.escape(f"Rows behind {rows.of}")
    parts = [f"<h3>{title}</h3>", f'<p class="cx-note">{html.escape(rows.note)}</p>']
    if len(rows.table):
        table = rows.table.to_html(index=False, border=0, justify="unset")
        parts.append(
            f'<div class="cx-rows" role="region" tabindex="0" aria-label="{title}">{table}</div>'
        )
    return f'<div class="mathjax_ignore">{"".join(parts)}</div>'


def _said(view: View, chosen_among: str) -> str:
    small = "".join(
        f'<p class="cx-note">{html.escape(note)}</p>' for note in (view.note, chosen_among) if note
    )
    inside = f"{_paragraphs(view.said)}{small}{_folded(view)}"
    return f'<div class="cx-said mathjax_ignore">{inside}</div>'


def _before(state: State, view: View, rests_on: str) -> str:
    return (
        f'<div class="cx-said cx-before mathjax_ignore"><p class="cx-note">Before: '
        f"{html.escape(str(state))}</p>{_paragraphs(view.said)}"
        f'<p class="cx-note">The two may rest on the same {rests_on}; whether they differ is not '
        "tested.</p></div>"
    )


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{to_html(each)}</p>" for each in text.split("\n\n"))


def _folded(view: View) -> str:
    if not view.more:
        return ""
    inside = "".join(_paragraphs(each) for each in view.more)
    return f"<details><summary>What this rests on</summary>{inside}</details>"


def _noted(text: str) -> str:
    return f'<p class="cx-note" role="status">{html.escape(text)}</p>' if text else ""


def _same(names: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, name) for name in names]


def _label(column: str) -> str:
    text = name(column)
    return text[:1].upper() + text[1:]


def _select(label: str, options: Sequence[tuple[str, Any]]) -> Any:
    return ipywidgets.Dropdown(options=list(options), description=label, style=WIDE)


def _select_many(label: str, options: Sequence[Mark], chosen: Sequence[Mark]) -> Any:
    return ipywidgets.SelectMultiple(
        options=[(str(mark), mark) for mark in options],
        value=tuple(chosen),
        description=label,
        rows=min(LISTED, max(2, len(options))),
        style=WIDE,
        layout=ipywidgets.Layout(width="28rem"),
    )
