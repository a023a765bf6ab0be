"""The worst touches: who had one, what score follows, where they are, how far word of them goes."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.memory.rated import absent, group_starts, rated_before, rated_in_view
from cxanalysis.memory.slopes import first_slope
from cxanalysis.metrics.figures import Definition, Figure, share, tidy, tidy_row
from cxanalysis.metrics.journeys.clusters import Ratio, mean_limits, ratios, share_limits
from cxanalysis.metrics.rows import counted, whole
from cxanalysis.study import Study

WORST = 1e-9  # ratings run from 0; what is below was rated at the lowest
HIT = Definition(
    "customers_hit", "Customers with such a touch", "share",
    "customers with a touch rated so low ÷ customers with a rated touch",
)  # fmt: skip
AFTER = Definition(
    "score_after", "Score after such a touch", "score",
    "mean overall score with a touch rated so low in the window before",
)  # fmt: skip
REST = Definition(
    "score_else", "Score without one", "score",
    "mean overall score with rated touches before, none so low",
)  # fmt: skip
APART = Definition(
    "difference", "Difference", "score", "score after such a touch less score without one"
)
HELD = Definition(
    "difference_held", "Difference, mean rating held equal", "score",
    "the same at equal mean and number of ratings, by least squares; two ratings or more",
)  # fmt: skip
POINTS = ("touchpoint", "stage", "share", "conf_low", "conf_high", "worst", "of_all", "n", "note")


def worst_touch(study: Study, low: bool = False) -> pd.DataFrame:
    """Who had a touch rated at the lowest, and the overall score after it.

    "Such a touch" is one at the lowest answer of its scale. The share is of customers with a
    rated touch in the study's period. Scores are those of the period's answers, with the rated
    touches of the lookback window before; intervals take the customer as the unit.

    Returns
    -------
    DataFrame
        Tidy rows customers_hit, score_after, score_else, difference, and difference_held: at
        equal mean rating and equal number of ratings (least squares, CR3), which says whether
        the worst touch goes with more than its part in the mean.

    Parameters
    ----------
    low
        Count every touch whose rating is one of the dissatisfied ones (1 or 2 of 5), where those
        at the very lowest may be too few.
    """
    base = study.config.metrics.min_base
    gap = absent(study, answers=False)
    figures = {HIT: Figure(note=gap) if gap else _hit(study, low)}
    gap = absent(study)
    figures |= dict.fromkeys((AFTER, REST, APART, HELD), Figure(note=gap))
    if not gap:
        figures |= _scores(study, base, low)
    return tidy(tidy_row(definition, figure, base) for definition, figure in figures.items())


def worst_touchpoints(study: Study, low: bool = False) -> pd.DataFrame:
    """Where the touches rated at the lowest are, in the study's period.

    Returns
    -------
    DataFrame
        touchpoint, stage, share (rated at the lowest ÷ rated) with conf_low and conf_high (the
        customer as the unit), worst (number), of_all (of all worst touches), n (rated), note.
        Highest share first; touchpoints with fewer than ``min_base`` ratings have no share.

    Parameters
    ----------
    low
        Count every dissatisfied rating, as in `worst_touch`.
    """
    gap = absent(study, answers=False)
    if gap:
        return pd.DataFrame([dict.fromkeys(POINTS, np.nan) | {"n": 0, "note": gap}])
    at_worst = _bad(low)
    cells = ["stage", "touchpoint"]
    table = ratios(rated_in_view(study), cells, {"worst": Ratio(nw.lit(1), at_worst)})
    table = table.rename(columns=lambda name: name.removeprefix("worst_")).reset_index()
    limits = share_limits(table["mean"], table["variance"], table["n"], table["customers"])
    base = study.config.metrics.min_base
    table["share"], table["conf_low"], table["conf_high"] = table["mean"], *limits
    table["worst"] = (table["mean"] * table["n"]).round().astype(np.int64)
    total = int(table["worst"].sum())
    table["of_all"] = table["worst"] / total if total else np.nan
    few = table["n"] < base
    table.loc[few, ["share", "conf_low", "conf_high"]] = np.nan
    table["note"] = np.where(few, f"withheld: fewer than {base}", "")
    order = ["share", "n", "touchpoint"]
    table = table.sort_values(order, ascending=[False, False, True], ignore_index=True)
    return table[list(POINTS)]


def _bad(low: bool) -> nw.Expr:
    """1 where a touch is rated at the lowest, or as one of the dissatisfied."""
    return nw.col("low") if low else counted(nw.col("rating") < WORST)


def _hit(study: Study, low: bool) -> Figure:
    """The share of customers with a worst touch; one case a customer, so Wilson's interval."""
    customers = rated_in_view(study).with_columns(hit=_bad(low)).group_by("customer_id")
    row = collect(customers.agg(nw.col("hit").max()).select(n=nw.len(), hit=nw.col("hit").sum()))
    return share(whole(row["hit"].iloc[0]), whole(row["n"].iloc[0]))


def _scores(study: Study, base: int, low: bool) -> dict[Definition, Figure]:
    """Mean scores with and without a worst touch before, and their difference in two ways."""
    answers = _answers(study, low)
    found = {
        definition: _mean(study, answers[answers["hit"] == side])
        for definition, side in ((AFTER, 1), (REST, 0))
    }
    found[APART] = _compared(answers, ["hit"], base)
    several = answers[answers["ratings"] > 1]
    found[HELD] = _compared(several, ["hit", "mean", "ratings"], base)
    return found


def _compared(answers: pd.DataFrame, columns: list[str], base: int) -> Figure:
    """The slope of the first column, withheld where one of both sides has too few answers."""
    sides = answers["hit"].value_counts().reindex([0, 1], fill_value=0)
    if sides.min() < base:
        return Figure(n=len(answers), note=f"withheld: fewer than {base} on one side")
    score = answers["score"].to_numpy(float)
    slope = first_slope(answers[columns].to_numpy(float), score, answers["customer_id"])
    return Figure(slope.value, slope.low, slope.high, len(answers))


def _answers(study: Study, low: bool) -> pd.DataFrame:
    """Answers with a rated touch before: score, hit (1 or 0), mean and number of ratings."""
    rows = rated_before(study)
    rows = rows[rows["rating"].notna()].reset_index(drop=True)
    starts = group_starts(rows["response_id"])
    ratings = rows["rating"].to_numpy()
    sizes = np.diff(starts, append=len(rows))
    bad = rows["low"].to_numpy(float) if low else (ratings < WORST).astype(float)
    hit = np.maximum.reduceat(bad, starts) if len(rows) else np.empty(0)
    total = np.add.reduceat(ratings, starts) if len(rows) else np.empty(0)
    firsts = rows.iloc[starts]
    return pd.DataFrame(
        {
            "customer_id": firsts["customer_id"].to_numpy(),
            "score": firsts["score"].to_numpy(),
            "hit": hit.astype(np.int64),
            "mean": total / sizes,
            "ratings": sizes,
        }
    )


def _mean(study: Study, answers: pd.DataFrame) -> Figure:
    if not len(answers):
        return Figure(note="nothing to count")
    frame = study.engine.register(answers[["customer_id", "score"]].assign(cell=0))
    row = ratios(frame, ["cell"], {"x": Ratio(nw.lit(1), nw.col("score"))}).iloc[0]
    limits = mean_limits(row["x_mean"], row["x_variance"], row["x_customers"])
    return Figure(row["x_mean"], float(limits.low), float(limits.high), len(answers))
