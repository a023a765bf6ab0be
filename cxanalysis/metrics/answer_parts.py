"""How answers part into the worst, the middle and the best: who is merely fine."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import pandas as pd

from cxanalysis.metrics.experience import DETRACTOR, PROMOTER
from cxanalysis.metrics.figures import Figure, share, withhold
from cxanalysis.metrics.rows import during, grouped, lacking, of_segment, totals, whole
from cxanalysis.metrics.scales import boxes, ends, scale_of, worst_boxes
from cxanalysis.study import Study

SCORES = ("overall_satisfaction", "csat", "nps")
PARTS = ("worst", "middle", "best")
NPS_ENDS = (0.0, 10.0)
COLUMNS = ("score", "part", "n", "share", "conf_low", "conf_high", "note")


def answer_parts(study: Study, by: str | None = None) -> pd.DataFrame:
    """Share of the worst, the middle and the best answers of each score, by ``responded_at``.

    The best and the worst are the two boxes at either end of a scale (one each of a scale of
    fewer than five points); of the likelihood to recommend on 0 to 10 they are promoters and
    detractors. The middle is everything between: neither pleased nor displeased.

    Parameters
    ----------
    by
        A column of the surveys, or of the customers, to part the answers of each of its values.

    Returns
    -------
    DataFrame
        ``by`` where asked for, score (overall_satisfaction, csat, nps), part, n (answers to the
        question), share with conf_low and conf_high (Wilson), note; scores that the surveys
        lack are left out, shares on fewer than ``min_base`` answers withheld.

    Raises
    ------
    ReportError
        When no such column ``by`` exists.
    """
    columns = [*([by] if by else []), *COLUMNS]
    scores = [name for name in SCORES if study.has("surveys", name)]
    if lacking(study, "surveys") is not None or not scores:
        return pd.DataFrame(columns=columns)
    rows = grouped(study, "surveys", of_segment(study, "surveys", study.tables["surveys"]), by)
    if study.has("surveys", "responded_at"):
        rows = rows.filter(during(study, "responded_at"))
    flags = {}
    for name in scores:
        for part, inside in _parts(study, name).items():
            flags[f"_{name}_{part}"] = inside.cast(nw.Int64)
    rows = rows.with_columns(**flags)
    sums: dict[str, nw.Expr] = {flag: nw.col(flag).sum() for flag in flags}
    sums |= {f"_{name}_n": nw.col(f"_{name}_best").count() for name in scores}
    found = []
    for group, row in totals(rows, sums).to_dict("index").items():
        for name in scores:
            n, base = whole(row[f"_{name}_n"]), study.config.metrics.min_base
            for part in PARTS:
                figure = withhold(share(whole(row[f"_{name}_{part}"]), n), base)
                found.append(({by: group} if by else {}) | _row(name, part, figure))
    return pd.DataFrame(found, columns=columns)


def _parts(study: Study, name: str) -> dict[str, nw.Expr]:
    """Whether an answer lies in each part; null where there is none."""
    answer = nw.col(name).cast(nw.Float64)
    scale = scale_of(study, "surveys", name)
    best, worst = boxes(scale), worst_boxes(scale)
    if name == "nps" and ends(scale) == NPS_ENDS:
        best, worst = (float(PROMOTER), NPS_ENDS[1]), (NPS_ENDS[0], float(DETRACTOR))
    is_best = (answer >= best[0]) & (answer <= best[1])
    is_worst = (answer >= worst[0]) & (answer <= worst[1])
    return {"best": is_best, "worst": is_worst, "middle": ~is_best & ~is_worst}


def _row(name: str, part: str, figure: Figure) -> dict[str, Any]:
    return {
        "score": name,
        "part": part,
        "n": figure.n,
        "share": figure.value,
        "conf_low": figure.conf_low,
        "conf_high": figure.conf_high,
        "note": figure.note,
    }
