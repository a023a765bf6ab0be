"""Who is asked, who answers, and what their silence could change."""

from cxanalysis.nonresponse.models import ResponseModel, answer_model, invitation_model
from cxanalysis.nonresponse.weights import ResponseWeights, response_weights, study_weights

__all__ = [
    "ResponseModel",
    "ResponseWeights",
    "answer_model",
    "invitation_model",
    "response_weights",
    "study_weights",
]
