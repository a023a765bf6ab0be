"""A frame as a table that filters and sorts in a running notebook, without any network."""

from __future__ import annotations

from typing import Any

import pandas as pd
from itables.widget import ITable

MOST_ROWS = 10_000  # each goes to the browser: more would make the page slow and the file large
FEW_ROWS = 10  # on the first page, and where no kernel runs
LONGEST_CELL = 80  # signs of a text


class Browser(ITable):
    """What `browse` gives: a widget, with the first rows as text where no kernel runs."""

    def __init__(self, frame: pd.DataFrame, rows: int = FEW_ROWS) -> None:
        self._first = frame.head(rows)
        self._size = f"{_count(len(frame), 'row')}, {_count(frame.shape[1], 'column')}"
        cut = f"The first {MOST_ROWS:,} of {len(frame):,} rows." if len(frame) > MOST_ROWS else ""
        super().__init__(
            _readable(frame.head(MOST_ROWS)),
            caption=cut,
            pageLength=rows,
            maxBytes=0,
            maxColumns=0,
            text_in_header_can_be_selected=False,  # else a click on a name would not sort
            style="table-layout:auto;width:auto;margin:0;caption-side:top",
        )

    def __repr__(self) -> str:
        return f"Browser({self._size})"

    def _repr_mimebundle_(self, **given: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        shown, about = super()._repr_mimebundle_(**given) or ({}, {})
        said = f"{self._size}: they filter and sort while the notebook runs."
        text = self._first.to_string(max_colwidth=LONGEST_CELL)
        page = self._first.to_html(border=0)
        shown |= {"text/plain": f"{text}\n\n{said}", "text/html": f"{page}<p>{said}</p>"}
        return shown, about


def browse(frame: pd.DataFrame | pd.Series, rows: int = FEW_ROWS) -> Browser:
    """A table to filter and to sort, in a running notebook.

    Type into the search field to keep the rows that hold each word, click on a column's name to
    sort by it. Of more than 10,000 rows it takes the first 10,000 and says so: narrow the frame
    before. It is for looking, not for reports, which show its first rows as they stand.

    Parameters
    ----------
    frame
        Any frame: what a metric gives, `Study.frame`, `Study.rejects`, `rows_behind`.
    rows
        Rows on a page.

    Returns
    -------
    Browser
        A widget that can stand among others; ``df`` is the frame it shows.
    """
    return Browser(frame.to_frame() if isinstance(frame, pd.Series) else frame, rows)


def _readable(frame: pd.DataFrame) -> pd.DataFrame:
    """Missing texts empty, and times without the fractions of a second nobody looks for."""
    shown = frame.copy(deep=False)
    for place, dtype in enumerate(frame.dtypes):
        column = frame.iloc[:, place]
        if isinstance(dtype, pd.DatetimeTZDtype):
            shown.isetitem(place, column.dt.strftime("%Y-%m-%d %H:%M:%S %Z").fillna("").array)
        elif not pd.api.types.is_numeric_dtype(dtype):
            shown.isetitem(place, column.astype(object).where(column.notna(), "").array)
    return shown


def _count(n: int, name: str) -> str:
    return f"{n:,} {name}{'' if n == 1 else 's'}"
