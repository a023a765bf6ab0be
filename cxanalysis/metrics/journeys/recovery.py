"""Whether customers whose problem was solved rate as those who never had one."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.metrics.chases import contact_gap
from cxanalysis.metrics.contacts import customer_contacts
from cxanalysis.metrics.journeys.held_equal import gap_held_equal, numbered
from cxanalysis.metrics.journeys.past import (
    ANSWER,
    Lazy,
    answer_gap,
    held_equal,
    scored_answers,
    with_past,
)
from cxanalysis.metrics.multiple import holm_known
from cxanalysis.metrics.parts import SETTING
from cxanalysis.metrics.rows import DAY_US, counted, whole
from cxanalysis.study import Study

FAILED_DAYS = 30
"""So long before the first contact about a problem it may have begun: nothing is held equal."""
NONE, SOLVED, UNSOLVED = "none", "solved", "unsolved"
CONTRASTS = ((SOLVED, NONE), (UNSOLVED, NONE), (SOLVED, UNSOLVED))
COLUMNS = (
    "first",
    "second",
    "n_first",
    "n_second",
    "first_mean",
    "second_mean",
    "difference",
    "conf_low",
    "conf_high",
    "adjusted",
    "adjusted_low",
    "adjusted_high",
    "p_value",
    "p_adjusted",
    "note",
)


def problem_reasons(study: Study) -> tuple[str, ...]:
    """Reasons for contact that are a problem: failures and complaints."""
    complaints = [name for name, each in study.config.reasons.items() if each.kind == "complaint"]
    named = (*study.config.metrics.failure_reasons, *study.config.feedback.reasons, *complaints)
    return tuple(dict.fromkeys(named))


def recovery_gap(study: Study) -> str:
    """What is needed to see problems and their end before answers; empty where nothing is."""
    gap = answer_gap(study) or contact_gap(study)
    absent = [name for name in ("reason", "solved_at") if not study.has("tickets", name)]
    if not gap and absent:
        gap = f"needs tickets.{absent[0]}"
    if not gap and not problem_reasons(study):
        gap = f"needs {SETTING}list of failure_reasons"
    return gap


def recovery(study: Study) -> pd.DataFrame:
    """Overall score of customers whose problem was solved, was not, and who had none.

    A problem is a matter with a contact, in the lookback before the answer, for a reason that the
    study file calls a failure or a complaint. It counts as solved when it was so at the moment
    of the answer and no attempt about it came after. Customers may have had problems that they
    never told. Held equal are ratings, the number of touches and the stages touched in a window
    that ends 30 days before the first contact about a problem, so that what failed is not in it;
    of customers without one it ends as long before the answer as at the median of the others.

    Returns
    -------
    DataFrame
        One row per contrast: first and second ("solved", "unsolved", "none"), n_first and
        n_second (answers), first_mean, second_mean, difference with conf_low and conf_high,
        adjusted with adjusted_low and adjusted_high, p_value and p_adjusted (of the adjusted
        difference; Holm over the contrasts), note. No rows where something is needed.

    Notes
    -----
    "Solved" above "none" is known as the recovery paradox; de Matos, Henrique & Rossi (2007),
    Journal of Service Research 10:60-77, find it for satisfaction and not for what customers
    intend to do.

    Simulated with 1,500 answers, a fifth after a problem that spoils the last touch before the
    contact, half of the ratings missing and a true difference of -0.05: it comes out as -0.04,
    the interval holds the truth in 92 % of 130 runs and lies above 0 in none (in all of them if
    ratings up to the contact are held equal, as the spoilt touch is then among them). Where
    problems come more often to those with poorer journeys, a few earlier ratings take away a
    part of that: -0.15 then, against -0.22 with nothing held equal.
    """
    if recovery_gap(study):
        return pd.DataFrame(columns=list(COLUMNS))
    frame = with_past(study, _ending(_problems(study, scored_answers(study))))
    state = np.where(frame["_event"].isna(), NONE, np.where(frame["_open"] == 1, UNSOLVED, SOLVED))
    rows = [_contrast(study, frame, state, *sides) for sides in CONTRASTS]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table["p_adjusted"] = holm_known(table["p_value"])
    return table


def _problems(study: Study, answers: Lazy) -> Lazy:
    """Answers with their first problem's moment and whether one was not solved by then."""
    window = study.config.model.lookback_days * DAY_US
    named = nw.col("reason").cast(nw.String).is_in(list(problem_reasons(study))).fill_null(False)
    matter = nw.col("reason").cast(nw.String)
    if study.has("tickets", "issue_id"):
        matter = nw.coalesce(nw.col("issue_id").cast(nw.String), matter)
    tickets = customer_contacts(study).filter(named).with_columns(_matter=matter)
    tickets = tickets.select("customer_id", "opened_at", "solved_at", "_matter")
    opened, answered = nw.col("opened_at"), nw.col("responded_at")
    solved = nw.when(nw.col("solved_at") < answered).then(nw.col("solved_at"))
    matters = (
        answers.select(ANSWER, "customer_id", "responded_at")
        .join(tickets, on="customer_id", how="inner")
        .filter((opened < answered) & (opened >= answered - window))
        .with_columns(_solved=solved)
        .group_by(ANSWER, "_matter")
        .agg(_first=opened.min(), _last=opened.max(), _solved=nw.col("_solved").max())
        .with_columns(_open=1 - counted(nw.col("_solved") >= nw.col("_last")))
    )
    found = matters.group_by(ANSWER).agg(_event=nw.col("_first").min(), _open=nw.col("_open").max())
    return answers.join(found, on=ANSWER, how="left")


def _ending(answers: Lazy) -> Lazy:
    """Answers with the end of what is held equal, before anything failed, alike for all."""
    answered, event = nw.col("responded_at"), nw.col("_event")
    ahead = collect(answers.select(_ahead=(answered - event).cast(nw.Float64).median()))
    typical = ahead["_ahead"].fillna(0).iloc[0]
    begun = nw.coalesce(event, answered - whole(typical))
    return answers.with_columns(_until=begun - FAILED_DAYS * DAY_US)


def _contrast(
    study: Study, frame: pd.DataFrame, state: Any, first: str, second: str
) -> dict[str, Any]:
    """One difference, plain and held equal, from a model of all three groups."""
    base, sides = study.config.metrics.min_base, (state == first, state == second)
    row: dict[str, Any] = {"first": first, "second": second, "note": ""}
    row |= {"n_first": int(sides[0].sum()), "n_second": int(sides[1].sum())}
    if min(row["n_first"], row["n_second"]) < base:
        return row | {"note": f"withheld: fewer than {base}"}
    # A group too small to show has no place in the model either.
    shown = [name for name in (SOLVED, UNSOLVED) if (state == name).sum() >= base]
    rows = (
        np.isin(state, [NONE, *shown]) if (state == NONE).sum() >= base else np.isin(state, shown)
    )
    part, own = frame[rows], state[rows]
    levels = [name for name in shown if NONE in own or name != second]
    groups = np.column_stack([own == name for name in levels]).astype(float)
    contrast = np.array([float(name == first) - float(name == second) for name in levels])
    score, who = part["_score"].to_numpy(float), numbered(part["customer_id"])
    held = held_equal(study, part)
    plain = gap_held_equal(score, groups, held[:, :0], who, contrast)
    equal = gap_held_equal(score, groups, held, who, contrast)
    return row | {
        "first_mean": float(frame["_score"][sides[0]].mean()),
        "second_mean": float(frame["_score"][sides[1]].mean()),
        "difference": plain.value,
        "conf_low": plain.low,
        "conf_high": plain.high,
        "adjusted": equal.value,
        "adjusted_low": equal.low,
        "adjusted_high": equal.high,
        "p_value": equal.p_value,
    }
