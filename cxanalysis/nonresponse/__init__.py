"""Who is asked, who answers, and what their silence could change."""

from cxanalysis.nonresponse.models import ResponseModel, answer_model, invitation_model
from cxanalysis.nonresponse.share import share_sensitivity
from cxanalysis.nonresponse.weighting import nps_by_weighting
from cxanalysis.nonresponse.weights import ResponseWeights, response_weights, study_weights

__all__ = [
    "ResponseModel",
    "ResponseWeights",
    "answer_model",
    "invitation_model",
    "nps_by_weighting",
    "response_weights",
    "share_sensitivity",
    "study_weights",
]
