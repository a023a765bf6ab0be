"""Controls around a view: each move asks for another state, and the view of it is shown."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ipywidgets

from cxanalysis.errors import CxError, ReportError
from cxanalysis.explore import choices
from cxanalysis.explore.picture import Picture
from cxanalysis.explore.rows import Rows
from cxanalysis.explore.saving import command_of, save_report
from cxanalysis.explore.state import (
    EVERYONE,
    Definition,
    Mark,
    State,
    named_as_service,
    settings_of,
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
from cxanalysis.narrative.words import to_html, to_plain
from cxanalysis.study import Study

LISTED = 7  # lines of the list of what counts as service
WIDE = {"description_width": "initial"}


@dataclass(frozen=True)
class Kind:
    """One of the three: what is shown, what can be chosen, and the report that shows it too.

    ``models`` is whether the outcome is that of the model. Without ``definitions`` there is no
    such control, and without ``asks_service`` nobody can say what counts as service.
    """

    view: Callable[[Study, State], View]
    report: str
    outcomes: Callable[[Study], Sequence[str]]
    definitions: Callable[[Study, str], Sequence[Definition]] | None = None
    asks_service: bool = True
    models: bool = False


DRIVERS = Kind(drivers_view, "cx_report", choices.outcomes, models=True)
JOURNEYS = Kind(
    journeys_view,
    "journey_report",
    lambda _: ["rating"],
    lambda *_: [Definition(text) for text in (WHOLE, WITHOUT, ONLY)],
)
TICKETS = Kind(
    tickets_view, "service_report", choices.figures, choices.definitions, asks_service=False
)


def explore_drivers(study: Study, folder: str | Path = ".") -> Explorer:
    """What goes with the outcome, by segment, period, outcome and what counts as service.

    Parameters
    ----------
    study
        Of everyone; its period is where the view begins.
    folder
        Where "Save as report" writes the notebook of a view.

    Raises
    ------
    ReportError
        When the study is narrowed to a segment, or under other definitions, already.
    """
    return Explorer(study, DRIVERS, Path(folder))


def explore_journeys(study: Study, folder: str | Path = ".") -> Explorer:
    """The journey map by segment and period, of all touches, or by what counts as service.

    Parameters
    ----------
    study, folder
        As in `explore_drivers`.
    """
    return Explorer(study, JOURNEYS, Path(folder))


def explore_tickets(study: Study, folder: str | Path = ".") -> Explorer:
    """Figures of service by channel, by segment, period and definition.

    Parameters
    ----------
    study, folder
        As in `explore_drivers`.
    """
    return Explorer(study, TICKETS, Path(folder))


class Explorer(ipywidgets.VBox):  # type: ignore[misc]  # it has no types
    """Controls, the sentence of the view, the one before it, the picture and the rows of a bar.

    ``view`` is what is shown now. As text it is the state and the sentence.
    """

    def __init__(self, study: Study, kind: Kind, folder: Path) -> None:
        if study.segment is not None or study.settings:
            raise ReportError(
                "This study is narrowed already. Open it anew, of everyone and by the definitions "
                "of its file, and choose here."
            )
        self.study, self.kind, self.folder = study, kind, folder
        self.seen: dict[State, View] = {}
        self.segment = _select("Segment", [(EVERYONE, ""), *_same(choices.segments(study))])
        self.period = _select("Period", _same(choices.periods(study)))
        self.outcome = _select("Outcome", _same(kind.outcomes(study)))
        self.definition = _select("Definition", self._definitions())
        self.service = _select_many(
            "Counts as service", choices.marks(study), named_as_service(study.config)
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
        return self.seen[self.state]

    def __repr__(self) -> str:
        return f"{self.state}\n{to_plain(self.view.said)}"

    def _repr_mimebundle_(self, **arguments: Any) -> dict[str, Any]:
        shown: dict[str, Any] = super()._repr_mimebundle_(**arguments)
        return {**shown, "text/plain": repr(self)}  # whole, as it is what a test compares

    def _controls(self) -> list[Any]:
        found = [self.segment, self.period, self.outcome]
        found += [self.definition] if self.kind.definitions else []
        return found + ([self.service] if self.kind.asks_service else [])

    def _top(self) -> list[Any]:
        wraps = ipywidgets.Layout(flex_flow="row wrap", grid_gap="4px 16px")
        beside = ipywidgets.Layout(flex_flow="row wrap", grid_gap="4px 24px")
        for said in (self.now, self.before):
            said.layout = ipywidgets.Layout(flex="1 1 20rem", width="auto", max_width="46rem")
        return [
            ipywidgets.HBox(self._controls(), layout=wraps),
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
        before = None if self.shown is None else (self.shown, self.seen[self.shown])
        self.stands.value = '<p class="cx-note" role="status">Working…</p>'
        if state not in self.seen:
            self.seen[state] = view_of(self.kind.view, self.study, state)
        view = self.seen[state]
        self.shown, self.rows.value, self.saved.value = state, "", ""
        self.picture.show(view)
        self.now.value = _said(view.said, view.note)
        self.before.value = _before(*before) if before else ""
        self.stands.value = f'<p class="cx-state" role="status">{html.escape(str(state))}</p>'

    def _pressed(self, change: dict[str, Any]) -> None:
        if change["new"] and self.view.rows is not None:
            self.rows.value = rows_page(self.view.rows(change["new"]))

    def _save(self, _: Any) -> None:
        settings = settings_of(self.study.config, self.state, outcome=self.kind.models)
        try:
            made = save_report(self.study, self.state, settings, self.kind.report, self.folder)
        except (CxError, OSError) as error:
            self.saved.value = f'<p class="cx-note" role="status">{html.escape(str(error))}</p>'
            return
        command = html.escape(command_of(self.study, made))
        self.saved.value = (
            f'<p class="cx-note" role="status">Saved: {html.escape(made.name)}. '
            f"Make the report by <code>{command}</code></p>"
        )


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


def _said(said: str, note: str) -> str:
    small = f'<p class="cx-note">{html.escape(note)}</p>' if note else ""
    return f'<div class="cx-said mathjax_ignore"><p>{to_html(said)}</p>{small}</div>'


def _before(state: State, view: View) -> str:
    return (
        f'<div class="cx-said cx-before mathjax_ignore"><p class="cx-note">Before: '
        f"{html.escape(str(state))}</p><p>{to_html(view.said)}</p></div>"
    )


def _same(names: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, name) for name in names]


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
