"""Who could have been asked in the period, who was, and who answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxanalysis.config import closest
from cxanalysis.engine import collect
from cxanalysis.errors import DataError, StudyError
from cxanalysis.features.answers import answers
from cxanalysis.metrics.contacts import customer_contacts
from cxanalysis.metrics.rows import during, of_segment
from cxanalysis.metrics.silent import active_customers
from cxanalysis.tables import CUSTOMERS

if TYPE_CHECKING:
    from cxanalysis.study import Study

CONTACTED, TENURE = "contacted", "tenure_days"
DAY_SECONDS = 86_400
OF_INVITATIONS = ("kind", "touchpoint")
NO_MOMENT = "needs a period: without one there is no moment before which to look for contacts"


@dataclass(frozen=True, eq=False)
class Asked:
    """Customers of the period and what they were asked.

    Attributes
    ----------
    rows : DataFrame
        Answers of the period, with the index of `build_features`, then invitations of the
        period without an answer: ``customer`` (row number in ``customers``; −1 for an answer
        of nobody in there), ``answered``, and ``invited`` (False for an answer that nobody
        asked for).
    row_traits : DataFrame
        What may say who answers, for every row of ``rows``.
    customers : DataFrame
        Active customers of the period; those asked where the study has no customers table:
        ``asked`` and ``answers``, their numbers of rows; and ``throughout``, whether they were
        customers all the time from the beginning of the period to its end (without a period: from
        the first of ``rows`` to the last), so that all could be asked as long.
    customer_traits : DataFrame
        What may say who is asked and answers, for every row of ``customers``; no columns
        where the study has no customers table.
    n_answers : int
        Rows at the top of ``rows`` that are answers.
    response_ids : array (n_answers,)
        Their ``response_id``, as text.
    has_base, has_invitations : bool
        Whether there is a customers table, and a record of invitations.
    left_out : dict of str -> str
        Traits that cannot be used, each with its reason.
    """

    rows: pd.DataFrame
    row_traits: pd.DataFrame
    customers: pd.DataFrame
    customer_traits: pd.DataFrame
    n_answers: int
    response_ids: NDArray[np.object_]
    has_base: bool
    has_invitations: bool
    left_out: dict[str, str]


def read_asked(study: Study) -> Asked:
    """Answers, unanswered invitations and active customers of a study's period.

    An invitation counts as unanswered when it has no ``responded_at``; one that was answered
    after the period belongs to the period of its answer. A contact counts when it was made in
    the lookback window before the invitation and, for customers, before the period.

    Raises
    ------
    DataError
        When there are no surveys, or their answers have no ``response_id``.
    StudyError
        When ``model.respond_by`` names a column that neither customers nor surveys have.
    """
    _check_named(study)
    left_out: dict[str, str] = {}
    rows, n_answers = _rows(study)
    has_base = "customers" in study.tables
    customers = _active(study) if has_base else _those_asked(rows)
    rows["customer"] = pd.Index(customers["customer_id"]).get_indexer(rows["customer_id"])
    known = rows[rows["customer"] >= 0]
    base = _of_customers(study, customers, rows["moment"].max(), left_out)
    of_rows = base.reindex(rows["customer"]).set_axis(rows.index)
    return Asked(
        rows=rows[["customer", "answered", "invited"]],
        row_traits=of_rows.join(_of_rows(study, rows, left_out)),
        customers=pd.DataFrame(
            {
                "asked": np.bincount(known["customer"], minlength=len(customers)),
                "answers": np.bincount(
                    known.loc[known["answered"], "customer"], minlength=len(customers)
                ),
                "throughout": _throughout(study, customers, rows["moment"]),
            }
        ),
        customer_traits=base.join(_contact_before_period(study, customers, left_out)),
        n_answers=n_answers,
        response_ids=rows["response_id"].iloc[:n_answers].astype(str).to_numpy(dtype=object),
        has_base=has_base,
        has_invitations=study.has("surveys", "invited_at", "responded_at"),
        left_out=left_out,
    )


# --- rows and customers --------------------------------------------------------------------


def _rows(study: Study) -> tuple[pd.DataFrame, int]:
    """Answers in the order of the features, then silent invitations; and how many answers."""
    if "surveys" in study.tables and not study.has("surveys", "response_id"):
        raise DataError("surveys: no column response_id, so weights cannot be put to answers.")
    names = ["response_id", "customer_id", "invited_at", "responded_at", *_survey_names(study)]
    names = [name for name in dict.fromkeys(names) if study.has("surveys", name)]
    answered = collect(answers(study).select(*names).sort("response_id"))
    rows = answered.assign(answered=True)
    if study.has("surveys", "invited_at", "responded_at"):
        surveys = of_segment(study, "surveys", study.tables["surveys"])
        unanswered = during(study, "invited_at") & nw.col("responded_at").is_null()
        silent = collect(surveys.filter(unanswered).select(*names).sort("response_id"))
        rows = pd.concat([rows, silent.assign(answered=False)], ignore_index=True)
    never = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us, UTC]")
    invited, responded = (rows.get(name, never) for name in ("invited_at", "responded_at"))
    ids = rows.get("customer_id", pd.Series(None, index=rows.index, dtype=object))
    rows = rows.assign(
        invited=invited.notna(), moment=invited.fillna(responded), customer_id=ids.astype(object)
    )
    return rows, len(answered)


def _active(study: Study) -> pd.DataFrame:
    customers = collect(active_customers(study))
    return customers.drop_duplicates("customer_id", ignore_index=True)


def _throughout(
    study: Study, customers: pd.DataFrame, moments: pd.Series[Any]
) -> NDArray[np.bool_]:
    """Who was a customer all the time; an unknown first or last day counts as being there."""
    begins, ends = _start(study), moments.max()
    if study.period is not None:
        ends = pd.Timestamp(study.period.end_us, unit="us", tz="UTC")
    there = np.ones(len(customers), dtype=bool)
    if "active_from" in customers:
        there &= ~(customers["active_from"] > (begins or moments.min())).to_numpy(bool)
    if "active_to" in customers:  # the last day, which is over a day later
        there &= ~(customers["active_to"] + pd.Timedelta(days=1) < ends).to_numpy(bool)
    return there


def _those_asked(rows: pd.DataFrame) -> pd.DataFrame:
    """Everyone asked; a row without customer number stands for a customer of its own."""
    alone = rows["customer_id"].isna()
    rows.loc[alone, "customer_id"] = [f"row {number}" for number in np.flatnonzero(alone)]
    return pd.DataFrame({"customer_id": rows["customer_id"].unique()})


# --- what may say who answers --------------------------------------------------------------


def _of_customers(
    study: Study, customers: pd.DataFrame, latest: pd.Timestamp, left_out: dict[str, str]
) -> pd.DataFrame:
    """Traits out of the customers table: those named, or every one that can serve."""
    fixed = ("customer_id", "active_from", "active_to")
    traits = customers.drop(columns=[name for name in fixed if name in customers])
    if "active_from" in customers:
        moment = _start(study) or latest
        traits[TENURE] = (moment - customers["active_from"]).dt.total_seconds() / DAY_SECONDS
    traits = traits[[name for name in traits if _wanted(study, str(name))]]
    unknown = [name for name in traits if not traits[name].notna().any()]
    left_out.update(dict.fromkeys(map(str, unknown), "not known of any customer"))
    return traits.drop(columns=unknown)


def _contact_before_period(
    study: Study, customers: pd.DataFrame, left_out: dict[str, str]
) -> pd.DataFrame:
    nothing = pd.DataFrame(index=customers.index)
    if "customers" not in study.tables or not _contacts_count(study):
        return nothing
    start = _start(study)
    if start is None:
        left_out[CONTACTED] = NO_MOMENT
        return nothing
    ids = customers["customer_id"].astype(object)
    moments = pd.DataFrame({"customer_id": ids, "moment": start})
    return nothing.assign(**{CONTACTED: _contacted(study, moments)})


def _of_rows(study: Study, rows: pd.DataFrame, left_out: dict[str, str]) -> pd.DataFrame:
    """Traits that are of the invitation and not of the customer."""
    names = _survey_names(study)
    # A column that is filled in with the answer would foretell the answer.
    partly = [name for name in names if rows[name].isna().any()]
    left_out.update(dict.fromkeys(partly, "not known of every invitation"))
    traits = rows[[name for name in names if name not in partly]]
    if _contacts_count(study):
        traits = traits.assign(**{CONTACTED: _contacted(study, rows)})
    return traits


def _survey_names(study: Study) -> list[str]:
    """Columns of the surveys that may say who answers: those named, else what was asked about."""
    named = study.config.model.respond_by or OF_INVITATIONS
    of_others = study.columns.get("customers", frozenset()) | {CONTACTED, TENURE}
    return [name for name in named if study.has("surveys", name) and name not in of_others]


def _wanted(study: Study, name: str) -> bool:
    named = study.config.model.respond_by
    return not named or name in named


def _contacts_count(study: Study) -> bool:
    return study.has("tickets", "customer_id") and _wanted(study, CONTACTED)


def _start(study: Study) -> pd.Timestamp | None:
    if study.period is None:
        return None
    return pd.Timestamp(study.period.start_us, unit="us", tz="UTC")


def _contacted(study: Study, frame: pd.DataFrame) -> pd.Series[str]:
    """Whether the customer had made contact in the lookback window before ``moment``."""
    contacts = collect(customer_contacts(study).select("customer_id", "opened_at")).dropna()
    known = frame[["customer_id", "moment"]].dropna().reset_index().sort_values("moment")
    if known.empty or contacts.empty:
        return pd.Series("no", index=frame.index)
    latest = pd.merge_asof(
        known.astype({"moment": "datetime64[us, UTC]"}),
        contacts.astype({"customer_id": object}).sort_values("opened_at"),
        left_on="moment",
        right_on="opened_at",
        by="customer_id",
        tolerance=pd.Timedelta(days=study.config.model.lookback_days),
        allow_exact_matches=False,
    ).set_index("index")
    yes = latest["opened_at"].notna().reindex(frame.index, fill_value=False)
    return yes.map({True: "yes", False: "no"})


def _check_named(study: Study) -> None:
    known = {CONTACTED, TENURE}
    for table in ("customers", "surveys"):
        known |= study.columns.get(table, frozenset())
    known -= {column.name for column in CUSTOMERS.columns if column.kind in ("id", "time")}
    for name in study.config.model.respond_by:
        if name not in known:
            raise StudyError(
                f"model.respond_by: {name!r} is no column of customers or surveys that can say "
                f"who answers.{closest(name, sorted(known))}"
            )
