"""What the company does unasked, and how those who got it differ from the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.metrics.experience import PROMOTER
from cxanalysis.metrics.figures import notes
from cxanalysis.metrics.journeys.followed import DAYS
from cxanalysis.metrics.journeys.held_equal import Gap, gap_held_equal, numbered, share_gap
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
from cxanalysis.metrics.rows import DAY_US, counted, during, of_segment, refuse_days, whole
from cxanalysis.study import Study

SOON_DAYS = 7
COLUMNS = (
    "metric",
    "label",
    "unit",
    "with_value",
    "without_value",
    "difference",
    "conf_low",
    "conf_high",
    "p_value",
    "p_adjusted",
    "n_with",
    "n_without",
    "note",
)
LABELS = {
    "score": ("Overall score", "score"),
    "score_adjusted": ("Overall score, held equal", "score"),
    "response": ("Answered the invitation", "share"),
    "recommends": ("Would recommend (9 or 10)", "share"),
    "told": ("Told it in public", "share"),
    "referred": ("Brought a customer", "share"),
    "score_soon": ("Overall score, asked soon after", "score"),
}
TESTED = ("score_adjusted", "response", "recommends", "told", "referred")


def gesture_gap(study: Study) -> str:
    """What is needed to see gestures before answers, "needs …"; empty where nothing is."""
    gap = answer_gap(study)
    if not gap and not study.config.journey.gestures:
        gap = f"needs {SETTING}list of gestures"
    if not gap and not study.has("journeys", "touchpoint"):
        gap = "needs journeys.touchpoint"
    return gap


def gesture_difference(study: Study, days: int = DAYS) -> pd.DataFrame:
    """Customers with a gesture in the lookback before their answer against those without.

    Gestures are touches at the touchpoints that the study file names as such. Who gets one is
    seldom left to chance, so the plain difference also tells how far along customers were;
    held equal are earlier ratings (before the gesture), the number of other touches and the
    stages touched. What no table holds, such as who was liked, is not.

    Parameters
    ----------
    days
        How long after an answer a public word, or a new customer who names this one, counts.

    Returns
    -------
    DataFrame
        One row per metric, label, unit: with_value, without_value, difference with conf_low and
        conf_high, p_value, p_adjusted (Holm, over the figures that are tested), n_with,
        n_without (answers; invitations for response), note. score; score_adjusted (means of the
        two are not adjusted); response; recommends (9 or 10); told (in public) and referred,
        within ``days`` after the answer; score_soon: of those with a gesture, asked within 7
        days after it (with) against asked later (without). No rows where something is needed.
    """
    refuse_days(days)
    if gesture_gap(study):
        return pd.DataFrame(columns=list(COLUMNS))
    frame = _answers(study)
    rows = [
        _scores(study, frame, adjusted=False),
        _scores(study, frame, adjusted=True),
        _response(study),
        _recommends(study, frame),
        _told(study, frame, days),
        _referred(study, frame, days),
        _soon(study, frame),
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table["p_adjusted"] = holm_known(table["p_value"].where(table["metric"].isin(TESTED)))
    return table


def _gestures(study: Study) -> Lazy:
    touchpoint = nw.col("touchpoint").cast(nw.String)
    named = touchpoint.is_in(list(study.config.journey.gestures)).fill_null(False)
    rows = study.tables["journeys"].filter(named)
    return rows.select("customer_id", _given=nw.col("occurred_at"))


def _mark(study: Study, rows: Lazy, at: str, key: str) -> Lazy:
    """Rows with the first and last gesture in the lookback before an instant."""
    moment, given = nw.col(at), nw.col("_given")
    window = study.config.model.lookback_days * DAY_US
    found = (
        rows.select(key, "customer_id", at)
        .join(_gestures(study), on="customer_id", how="inner")
        .filter((given < moment) & (given >= moment - window))
        .group_by(key)
        .agg(_event=given.min(), _latest=given.max())
    )
    return rows.join(found, on=key, how="left")


def _answers(study: Study) -> pd.DataFrame:
    """Answers with what came before: ``gift`` and ``lag`` (days from the gesture to asking)."""
    answers = _mark(study, scored_answers(study), "responded_at", ANSWER)
    asked = nw.col("responded_at")
    if study.has("surveys", "invited_at"):
        asked = nw.coalesce(nw.col("invited_at"), asked)
    answers = answers.with_columns(
        _gift=counted(~nw.col("_event").is_null()),
        _until=nw.col("responded_at"),
        _lag=(asked - nw.col("_latest")).cast(nw.Float64) / DAY_US,
    )
    frame = with_past(study, answers, study.config.journey.gestures)
    return frame.assign(gift=frame["_gift"] == 1, customer=numbered(frame["customer_id"]))


def _row(
    study: Study, metric: str, sides: tuple[int, int], make: Callable[[], tuple[float, float, Gap]]
) -> dict[str, Any]:
    """A row of the table, withheld where either side is small."""
    base = study.config.metrics.min_base
    label, unit = LABELS[metric]
    row: dict[str, Any] = {"metric": metric, "label": label, "unit": unit, "note": ""}
    row |= {"n_with": sides[0], "n_without": sides[1]}
    if min(sides) < base:
        if sides[0] == 0 < sides[1]:
            places = " or ".join(map(repr, study.config.journey.gestures))
            return row | {"note": f"no touch at {places} in the lookback"}
        return row | {"note": f"withheld: fewer than {base}"}
    given, not_given, gap = make()
    row |= {"with_value": given, "without_value": not_given, "difference": gap.value}
    return row | {"conf_low": gap.low, "conf_high": gap.high, "p_value": gap.p_value}


def _absent(metric: str, what: str) -> dict[str, Any]:
    label, unit = LABELS[metric]
    row = {"metric": metric, "label": label, "unit": unit, "n_with": 0, "n_without": 0}
    return row | {"note": f"needs {what}"}


def _sides(group: Any) -> tuple[int, int]:
    return int(np.sum(group)), int(np.sum(~group))


def _scores(study: Study, frame: pd.DataFrame, *, adjusted: bool) -> dict[str, Any]:
    group, score = frame["gift"].to_numpy(bool), frame["_score"].to_numpy(float)

    def make() -> tuple[float, float, Gap]:
        held = held_equal(study, frame)[:, : None if adjusted else 0]
        gap = gap_held_equal(
            score, group[:, None].astype(float), held, frame["customer"].to_numpy(), np.ones(1)
        )
        return float(score[group].mean()), float(score[~group].mean()), gap

    return _row(study, "score_adjusted" if adjusted else "score", _sides(group), make)


def _soon(study: Study, frame: pd.DataFrame) -> dict[str, Any]:
    """Those asked soon after the gesture against those asked later."""
    given = frame[frame["gift"]]
    soon, score = (given["_lag"] <= SOON_DAYS).to_numpy(), given["_score"].to_numpy(float)

    def make() -> tuple[float, float, Gap]:
        who = numbered(given["customer_id"])
        group = soon[:, None].astype(float)
        gap = gap_held_equal(score, group, np.zeros((len(score), 0)), who, np.ones(1))
        return float(score[soon].mean()), float(score[~soon].mean()), gap

    return _row(study, "score_soon", _sides(soon), make)


def _share(study: Study, metric: str, frame: pd.DataFrame, flag: Any) -> dict[str, Any]:
    group, happened = frame["gift"].to_numpy(bool), np.asarray(flag, bool)
    customers = numbered(frame["customer_id"])
    return _row(study, metric, _sides(group), lambda: share_gap(happened, group, customers))


def _response(study: Study) -> dict[str, Any]:
    if not study.has("surveys", "invited_at"):
        return _absent("response", "surveys.invited_at")
    rows = of_segment(study, "surveys", study.tables["surveys"])
    rows = rows.filter(during(study, "invited_at") & ~nw.col("customer_id").is_null())
    rows = rows.select("customer_id", "invited_at", "responded_at")
    rows = rows.with_row_index("_row", order_by=["customer_id", "invited_at", "responded_at"])
    marked = _mark(study, rows, "invited_at", "_row")
    frame = collect(
        marked.select(
            "customer_id",
            gift=~nw.col("_event").is_null(),
            answered=~nw.col("responded_at").is_null(),
        )
    )
    return _share(study, "response", frame, frame["answered"])


def _recommends(study: Study, frame: pd.DataFrame) -> dict[str, Any]:
    if "nps" not in frame:
        return _absent("recommends", "surveys.nps")
    given = frame[frame["nps"].notna()]
    return _share(study, "recommends", given, given["nps"] >= PROMOTER)


def _told(study: Study, frame: pd.DataFrame, days: int) -> dict[str, Any]:
    if not study.has("journeys", "shared_publicly"):
        return _absent("told", "journeys.shared_publicly")
    journeys = study.tables["journeys"]
    told = journeys.filter(nw.col("shared_publicly").fill_null(False))
    moments = told.select("customer_id", _moment=nw.col("occurred_at"))
    last = collect(journeys.select(last=nw.col("occurred_at").max()))
    return _later(study, "told", frame, moments, whole(last["last"].iloc[0]), days)


def _referred(study: Study, frame: pd.DataFrame, days: int) -> dict[str, Any]:
    if not study.has("customers", "referred_by", "active_from"):
        return _absent("referred", "customers.referred_by")
    customers = study.tables["customers"]
    named = customers.filter(~nw.col("referred_by").is_null())
    moments = named.select(
        customer_id=nw.col("referred_by").cast(nw.String), _moment=nw.col("active_from")
    )
    last = collect(customers.select(last=nw.col("active_from").max()))
    return _later(study, "referred", frame, moments, whole(last["last"].iloc[0]), days)


def _later(
    study: Study, metric: str, frame: pd.DataFrame, moments: Lazy, last_us: int, days: int
) -> dict[str, Any]:
    """Whether something followed an answer in time; answers too young are open."""
    at = frame["responded_at"].dt.as_unit("us").astype("int64")
    over = (at <= last_us - days * DAY_US).to_numpy()
    old = frame.loc[over, ["customer_id", "gift"]].assign(_at=at[over], _row=np.arange(over.sum()))
    moment, start = nw.col("_moment"), nw.col("_at")
    found = collect(
        study.engine.register(old[["_row", "customer_id", "_at"]])
        .join(moments, on="customer_id", how="inner")
        .filter((moment > start) & (moment <= start + days * DAY_US))
        .select("_row")
        .unique()
    )
    row = _share(study, metric, old, np.isin(old["_row"], found["_row"]))
    open_ = int((~over).sum())
    young = f"{open_:,} answers less than {days} days old left out" if open_ else ""
    return row | {"note": notes(row["note"], young)}
