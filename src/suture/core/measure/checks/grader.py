"""The check of kind ``grader``: a function of one's own says whether an answer passes."""

from typing import Any, Literal, cast

from pydantic import model_validator

from suture.core.frozen import Frozen
from suture.core.json_types import json_text
from suture.core.measure.checks.python import Limits


class GraderCheck(Frozen):
    """Attributes:
    grader: a Python source that defines ``grade(answer, task) -> bool``.
    expected_text: what the grader finds as ``task["check"]["expected"]``: given as a value, kept as a JSON text.
    """

    kind: Literal["grader"] = "grader"
    grader: str
    expected_text: str = "null"
    limits: Limits = Limits()

    @model_validator(mode="before")
    @classmethod
    def _value_as_text(cls, row: object) -> object:
        if not isinstance(row, dict) or "expected" not in row:
            return cast("object", row)
        fields = dict(cast("dict[str, Any]", row))
        text = json_text(fields.pop("expected"), sort_keys=True)
        return {**fields, "expected_text": text}

    @property
    def evidence(self) -> Any:
        """What decides, as plain JSON: equal for the same check under two names."""
        return self.model_dump(mode="json", exclude={"limits"})
