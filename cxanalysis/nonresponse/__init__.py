"""Who is asked, who answers, and weights against silence."""

from cxanalysis.nonresponse.models import ResponseModel, answer_model, invitation_model
from cxanalysis.nonresponse.weighting import nps_by_weighting
from cxanalysis.nonresponse.weights import ResponseWeights, response_weights, study_weights

__all__ = [
    "ResponseModel",
    "ResponseWeights",
    "answer_model",
    "invitation_model",
    "nps_by_weighting",
    "response_weights",
    "study_weights",
]
