"""What the modules of service figures share: their shape, their rows, and what they lack."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from cxanalysis.metrics.contacts import customer_contacts
from cxanalysis.metrics.figures import Definition, Figure
from cxanalysis.metrics.rows import during, grouped, of_segment
from cxanalysis.study import Study

PARTS = ("talk_seconds", "hold_seconds", "wrap_seconds")
SETTING = "the study file's "
Figures = Mapping[str, Mapping[str, Figure]]
"""Figures by group, then by metric."""


@dataclass(frozen=True)
class Theme:
    """Figures that belong together: what they are, and how they are made.

    ``of_contacts`` is false where rows that the company began count too.
    """

    definitions: Callable[[Study], tuple[Definition, ...]]
    figures: Callable[[Study, str | None], Figures]
    of_contacts: bool = True


def gap(study: Study, definition: Definition) -> str:
    """The first thing that a figure needs and the study lacks, "needs …"; empty for none.

    A need is a column of the tickets, "table.column", or, with spaces, a thing in words that
    no column can give.
    """
    for need in definition.needs:
        table, _, column = need.rpartition(".")
        if " " in need or not study.has(table or "tickets", column):
            return f"needs {need if ' ' in need or table else f'tickets.{need}'}"
    return ""


def needed(given: object, words: str) -> tuple[str, ...]:
    """A need that the study file meets or leaves open: ``words`` where nothing is given."""
    return () if given else (words,)


def in_currency(study: Study) -> str:
    """The end of a label of money, " (EUR)"; empty where the study file names no currency."""
    currency = study.config.metrics.currency
    return f" ({currency})" if currency else ""


def contacts_of(
    study: Study, by: str | None, contacts: nw.LazyFrame[Any] | None = None
) -> nw.LazyFrame[Any]:
    """Contacts of the period and segment with their group.

    ``contacts`` are those of all dates, where columns were added to them: an issue may reach
    beyond the period.
    """
    if contacts is None:
        contacts = customer_contacts(study)
    tickets = of_segment(study, "tickets", contacts).filter(during(study, "opened_at"))
    return grouped(study, "tickets", tickets, by)


def handle_seconds(study: Study) -> nw.Expr:
    """Talk, hold and wrap-up of a contact; missing where one part is, since unknown is not 0."""
    first, *others = [nw.col(name).cast(nw.Float64) for name in PARTS if study.has("tickets", name)]
    seconds = first
    for part in others:
        seconds = seconds + part
    return seconds
