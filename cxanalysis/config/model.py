"""The question: what is explained, by which model, and how the answer is decided."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from cxanalysis.config.base import Settings, Texts


class Model(Settings):
    """What is explained, by which model, from how far back, and how the answer is decided.

    ``top_box`` is the score from which an outcome counts as reached, for ``kind`` "logit".
    ``weights`` is "none", a column of the surveys, or how weights against silence are made:
    "raked" or "propensity", from the columns in ``respond_by`` (all usable ones when empty).
    ``robustness`` names, beforehand, the drivers of which robustness values are reported.
    """

    outcome: str = "overall_satisfaction"
    kind: Literal["ols", "ordered", "logit"] = "ols"
    top_box: float | None = None
    lookback_days: int = Field(90, ge=1)
    not_applicable: Literal["two-part", "complete-cases"] = "two-part"
    weights: str = "none"
    respond_by: Texts = ()
    robustness: Texts = ()
    margin: float = Field(0.20, gt=0, lt=1)
    replicates: int = Field(2000, ge=200)
    seed: int = 20260101

    @model_validator(mode="after")
    def _settings_go_together(self) -> Model:
        if self.kind == "ordered" and self.weights != "none":
            raise ValueError(
                f"an ordered logit takes no weights, and weights is {self.weights!r}: use "
                'kind = "ols" or "logit", or weights = "none"'
            )
        if self.top_box is not None and self.kind != "logit":
            raise ValueError(f'top_box goes with kind = "logit" only; kind is {self.kind!r}')
        if self.robustness and self.kind != "ols":
            raise ValueError(f'robustness goes with kind = "ols" only; kind is {self.kind!r}')
        return self
