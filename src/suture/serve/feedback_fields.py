"""A request to ``/v1/feedback``: what a client says of an answer that it got."""

from typing import Any, Literal

from pydantic import Field

from suture.core.measure.served_record import Claim, Opinion
from suture.serve.api_error import invalid
from suture.serve.fields import Wire

MOST_CORRECTION = 256 * 1024
"""Characters."""


class FeedbackFields(Wire):
    """Attributes:
    id: of the completion, as its body and chunks have it.
    index: of the choice, where there were several.
    verdict: ``withdrawn`` takes back the last word of the same key.
    correction: what the answer should have been.
    """

    id: str = Field(min_length=1, max_length=128)
    index: int = Field(default=0, ge=0)
    verdict: Literal["good", "bad", "corrected", "withdrawn"]
    correction: str | None = Field(default=None, min_length=1, max_length=MOST_CORRECTION)
    comment: str = Field(default="", max_length=4096)

    def to_claim(self, by: str, at: str) -> Claim:
        """Raises ApiError: a correction without its verdict, or the other way round."""
        if (self.correction is not None) != (self.verdict == "corrected"):
            raise invalid("verdict 'corrected' comes with a correction, and no other does", "correction")
        return Claim(
            record=self.id,
            choice=self.index,
            opinion=Opinion(self.verdict),
            by=by,
            at=at,
            correction=self.correction,
            comment=self.comment,
        )


def feedback_body(claim: Claim) -> dict[str, Any]:
    """What the client is told of a claim that was kept."""
    return {"object": "feedback", "id": claim.record, "index": claim.choice, "verdict": claim.opinion.value}
