"""Where drivers come from: the outcome's own questionnaire, ratings without a time, the whole."""

from __future__ import annotations

from cxanalysis.config import Item
from cxanalysis.diagnostics.caveat import Caveat
from cxanalysis.drivers import DriverFit
from cxanalysis.partition import CONTACT_METRICS, item_columns, survey_items
from cxanalysis.recognise.items import is_global
from cxanalysis.recognise.wording import words
from cxanalysis.study import Study

# Columns of the package's own making, whose names are no question's words.
OF_CONTACTS = {f"{metric.name}{end}" for metric in CONTACT_METRICS for end in ("", "_known")}


def used_items(study: Study, fit: DriverFit) -> dict[str, Item]:
    """Items of the outcome's own questionnaire that the model uses, by name."""
    coding = study.config.model.not_applicable
    used = set(_columns(fit))
    return {
        name: item
        for name, item in survey_items(study.config).items()
        if used & set(item_columns(name, coding))
    }


def same_survey(study: Study, fit: DriverFit) -> list[Caveat]:
    """``same_survey``: drivers asked in the same questionnaire as the outcome, by item."""
    items = tuple(used_items(study, fit))
    return [Caveat("same_survey", {"items": items})] if items else []


def global_item(fit: DriverFit, study: Study | None) -> list[Caveat]:
    """``global_item``: questions about the whole, which are the outcome asked once more.

    ``kept_out`` are those that the study file declares (``global_item = true``), which no model
    uses; ``used`` are drivers that by their name or label ask about the whole ("overall
    quality") and were not declared.
    """
    labels: dict[str, str] = {}
    kept_out: tuple[str, ...] = ()
    if study is not None and study.config.tables.surveys is not None:
        items = study.config.tables.surveys.items
        labels = {name: item.label for name, item in items.items() if item.label}
        kept_out = tuple(name for name, item in items.items() if item.global_item)
        named = tuple(used_items(study, fit))
    else:
        named = _columns(fit)
    named = tuple(name for name in named if name not in OF_CONTACTS)
    used = tuple(name for name in named if is_global(words(labels.get(name, name))))
    if not kept_out and not used:
        return []
    return [Caveat("global_item", {"kept_out": kept_out, "used": used})]


def undated_ratings(study: Study, fit: DriverFit) -> list[Caveat]:
    """``outcome_before_driver``: ratings that may have been given after the outcome.

    Records count from the moment they were known, strictly before the answer. A rating of a
    contact or of a touch has no time of its own in the tables: it counts once the contact was
    over or the touch had happened, though the customer may have rated it later. ``columns``
    are those the model uses.
    """
    used = set(_columns(fit))
    columns = [f"{stage}_rating" for stage in (*study.config.stages, "service")]
    undated = [name for name in dict.fromkeys(columns) if study.has("journeys", "rating")]
    if study.has("tickets", "csat"):
        undated.append("contact_csat")
    found = tuple(name for name in undated if name in used and name not in used_items(study, fit))
    return [Caveat("outcome_before_driver", {"columns": found})] if found else []


def _columns(fit: DriverFit) -> tuple[str, ...]:
    return tuple(
        column for groups in fit.blocks.values() for names in groups.values() for column in names
    )
