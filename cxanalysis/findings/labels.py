"""Columns of a wide survey under the labels that its study file gives them."""

from __future__ import annotations

from typing import Any

from cxanalysis.partition import item_columns
from cxanalysis.study import Study


def labelled(study: Study, fact: Any) -> Any:
    """A column with its item's name replaced by the item's label, where it has one.

    Of a tuple, every part; anything that is no column stays as it is.
    """
    if isinstance(fact, tuple):
        return tuple(labelled(study, part) for part in fact)
    surveys = study.config.tables.surveys
    if not isinstance(fact, str) or surveys is None:
        return fact
    coding = study.config.model.not_applicable
    for name, item in surveys.items.items():
        if item.label and fact in item_columns(name, coding):
            return item.label + fact.removeprefix(name)
    return fact
