"""A finished stage as the ledger records it: its result, the hashes of its files, and what it was made from."""

import json
from dataclasses import dataclass
from typing import Generic

from pydantic import ValidationError

from suture.core.errors import BadFile
from suture.core.plan.stages import R, StageOf


@dataclass(frozen=True)
class Finished(Generic[R]):
    """Attributes:
    sha256: of the files the stage vouches for, by a name of their own.
    inputs: digest of what the result was made from; None in ledgers of before inputs were recorded.
    """

    result: R
    sha256: dict[str, str]
    inputs: str | None = None

    def as_text(self) -> str:
        recorded = {"output": self.result.to_json(), "sha256": self.sha256}
        return json.dumps(recorded if self.inputs is None else {**recorded, "inputs": self.inputs})

    @classmethod
    def from_text(cls, text: str, stage: StageOf[R], *, where: str) -> "Finished[R]":
        """Raises BadFile naming ``where``: a form that this Suture does not know."""
        try:
            recorded = json.loads(text)
            result = stage.result.model_validate(recorded["output"])
            return cls(result, recorded.get("sha256", {}), recorded.get("inputs"))
        except (ValidationError, KeyError, TypeError, AttributeError) as error:
            first = str(error).splitlines()[0]
            raise BadFile(
                f"{where}: stage {stage.name!r} is recorded in a form this Suture does not know ({first})"
            ) from None
