"""What a good contact goes with in the same week, and what one to three months later."""

from __future__ import annotations

from math import nan, sqrt
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

from cxanalysis.engine import collect
from cxanalysis.metrics.cohorts import rated_contacts, satisfied
from cxanalysis.metrics.contacts import customer_contacts
from cxanalysis.metrics.experience import DETRACTOR, PROMOTER
from cxanalysis.metrics.figures import Figure, mean, nps, withhold
from cxanalysis.metrics.intervals import Comparison, normal_difference, nps_difference
from cxanalysis.metrics.multiple import holm_known
from cxanalysis.metrics.rows import DAY_US, during, lacking, of_segment, refuse_unknown
from cxanalysis.study import Study

Floats = NDArray[np.float64]
HORIZONS = {"week": (0, 7), "later": (30, 90)}
"""Days from the contact to the answer: from, up to but without."""
OUTCOMES = ("overall_satisfaction", "nps")
SATISFIED, OTHERS, DIFFERENCE = "satisfied", "others", "difference"
COLUMNS = (
    "horizon",
    "contact",
    "n",
    "value",
    "conf_low",
    "conf_high",
    "p_value",
    "p_adjusted",
    "note",
)


def two_horizons(study: Study, outcome: str | None = None) -> pd.DataFrame:
    """What customers answer after a contact they rated well, soon after it and later.

    An answer of the period is held against the customer's last rated contact before it, where
    that lies within the horizon; an answer with a fresher contact in between, rated or not, is
    left out. A customer counts once per horizon, by the first such answer. Satisfied with the
    contact are the two best answers (of a short scale the best), others all the rest.

    Parameters
    ----------
    outcome
        "overall_satisfaction" (means) or "nps" (points); the first of both that the study has.

    Returns
    -------
    DataFrame
        horizon ("week": up to 7 days; "later": 30 to 90 days), contact ("satisfied", "others", or
        the "difference" of both), n (customers), value, conf_low, conf_high, p_value and
        p_adjusted (Holm over these rows) and note. A last row, horizon "change", is the
        difference later less that of the week; customers in both are allowed for.
    """
    outcome = outcome or outcome_of(study)
    refuse_unknown("outcome", outcome, OUTCOMES)
    gap = horizons_gap(study, outcome)
    if gap:
        return pd.DataFrame([("", "", 0, nan, nan, nan, nan, nan, gap)], columns=list(COLUMNS))
    rows, differences = [], []
    for horizon, days in HORIZONS.items():
        pairs = _pairs(study, outcome, days)
        score, good = pairs["score"].to_numpy(float), pairs["good"].to_numpy(bool)
        found = [_figure(score[mask], outcome) for mask in (good, ~good)]
        shown = [withhold(figure, study.config.metrics.min_base) for figure in found]
        for name, figure in zip((SATISFIED, OTHERS), shown, strict=True):
            rows.append((horizon, name, *_cells(figure), nan, figure.note))
        known = not any(np.isnan(figure.value) for figure in shown)
        compared = _compare(score[good], score[~good], outcome) if known else None
        differences.append((horizon, compared, _influence(pairs, outcome)))
    rows += _differences(differences)
    table = pd.DataFrame(rows, columns=[name for name in COLUMNS if name != "p_adjusted"])
    return table.assign(p_adjusted=holm_known(table["p_value"]))[list(COLUMNS)]


def outcome_of(study: Study) -> str:
    """The score to look at: overall satisfaction, or the NPS where there is none."""
    overall = study.has("surveys", "overall_satisfaction")
    return "overall_satisfaction" if overall else "nps"


def horizons_gap(study: Study, outcome: str) -> str:
    """What it takes to see both horizons; empty where nothing is missing."""
    needs = (
        ("tickets", "customer_id"),
        ("tickets", "csat"),
        ("surveys", "customer_id"),
        ("surveys", "responded_at"),
        ("surveys", outcome),
    )
    absent = [f"needs {table}.{column}" for table, column in needs if not study.has(table, column)]
    if absent:
        return absent[0]
    return lacking(study, "surveys") or lacking(study, "tickets") or ""


def _pairs(study: Study, outcome: str, days: tuple[int, int]) -> pd.DataFrame:
    """Each customer's score, and whether the contact before it was rated well (``good``)."""
    met = study.keep(_met, outcome)
    wait = nw.col("responded_at") - nw.col("at_us")
    met = met.filter((wait >= days[0] * DAY_US) & (wait < days[1] * DAY_US))
    first = met.group_by("customer_id").agg(responded_at=nw.col("responded_at").min())
    met = met.join(first, on=["customer_id", "responded_at"], how="inner")
    each = met.group_by("customer_id").agg(nw.col("score").mean(), nw.col("contact").mean())
    frame = collect(each)
    return frame.assign(good=satisfied(study, "tickets", "csat", frame["contact"]))


def _met(study: Study, outcome: str) -> nw.LazyFrame[Any]:
    """Answers of the period with the rated contact that was the customer's last before."""
    answers = of_segment(study, "surveys", study.tables["surveys"]).filter(
        during(study, "responded_at") & ~nw.col(outcome).is_null()
    )
    asked = answers.select("customer_id", "responded_at", score=nw.col(outcome).cast(nw.Float64))
    met = asked.join(rated_contacts(study), on="customer_id", how="inner", suffix="_contact")
    met = met.filter(nw.col("responded_at") >= nw.col("at_us"))
    answer = ["customer_id", "responded_at"]
    last = met.group_by(*answer).agg(at_us=nw.col("at_us").max())
    met = met.join(last, on=[*answer, "at_us"], how="inner")
    return met.join(_fresher(study, last), on=answer, how="anti")


def _fresher(study: Study, last: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Answers with another contact between the last rated one and them."""
    contacts = customer_contacts(study).select("customer_id", "opened_at")
    met = last.join(contacts, on="customer_id", how="inner")
    opened = nw.col("opened_at")
    between = met.filter((opened > nw.col("at_us")) & (opened <= nw.col("responded_at")))
    return between.select("customer_id", "responded_at").unique()


def _influence(pairs: pd.DataFrame, outcome: str) -> pd.Series[float]:
    """What each customer adds to the difference of a horizon, by customer."""
    score = pairs["score"].astype(float)
    if outcome == "nps":
        score = 100.0 * (score >= PROMOTER) - 100.0 * (score <= DETRACTOR)
    groups = score.groupby(pairs["good"])
    n = groups.transform("size")
    own: pd.Series[float] = (score - groups.transform("mean")) / np.sqrt(n * (n - 1).clip(lower=1))
    return own.where(pairs["good"], -own).set_axis(pairs["customer_id"])


def _figure(score: Floats, outcome: str) -> Figure:
    if outcome == "nps":
        promoters, detractors, n = _counts(score)
        return nps(promoters, detractors, int(n))
    spread = float(score.std(ddof=1)) if len(score) > 1 else nan
    return mean(float(score.mean()) if len(score) else nan, spread, len(score))


def _cells(figure: Figure) -> tuple[Any, ...]:
    return figure.n, figure.value, figure.conf_low, figure.conf_high


def _counts(score: Floats) -> tuple[float, float, float]:
    return float((score >= PROMOTER).sum()), float((score <= DETRACTOR).sum()), float(len(score))


@np.errstate(divide="ignore", invalid="ignore")
def _compare(good: Floats, others: Floats, outcome: str) -> tuple[float, float, Comparison]:
    """Difference, its standard error, and its limits with the p-value."""
    if outcome == "nps":
        one, other = _counts(good), _counts(others)
        found = nps_difference(one, other)
        values = [100 * (promoters - detractors) / n for promoters, detractors, n in (one, other)]
        error = 100 * (found.high - found.low) / 2 / float(scipy.stats.norm.ppf(0.975))
        limits = Comparison(100 * found.low, 100 * found.high, found.p_value)
        return values[0] - values[1], error, limits
    error = sqrt(good.var(ddof=1) / len(good) + others.var(ddof=1) / len(others))
    result = scipy.stats.ttest_ind(good, others, equal_var=False)
    low, high = result.confidence_interval()
    limits = Comparison(float(low), float(high), float(result.pvalue))
    return float(good.mean() - others.mean()), error, limits


def _differences(
    found: list[tuple[str, tuple[float, float, Comparison] | None, pd.Series[float]]],
) -> list[tuple[Any, ...]]:
    rows = []
    for horizon, compared, own in found:
        if compared is not None:
            rows.append((horizon, DIFFERENCE, len(own), compared[0], *compared[2], ""))
    if len(rows) == len(found):
        (_, week, of_week), (_, later, own) = found
        if week is not None and later is not None:
            both = own.index.intersection(of_week.index)
            shared = float((own[both] * of_week[both]).sum())
            error = sqrt(max(later[1] ** 2 + week[1] ** 2 - 2 * shared, 0.0))
            value = later[0] - week[0]
            if error > 0:
                change = normal_difference((value, error), (0.0, 0.0))
                rows.append(("change", DIFFERENCE, len(own), value, *change, ""))
    return rows
