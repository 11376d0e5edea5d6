"""The check of kind ``json``: the answer is one JSON value, equal to another, valid by a schema, or both."""

from typing import Any, Literal, cast

from pydantic import Field, StrictBool, field_validator, model_validator

from suture.core.frozen import Frozen
from suture.core.json_types import json_text
from suture.core.measure.checks.true_is_no_number import true_is_no_number


class JsonCheck(Frozen):
    """At least one of ``equals`` and ``schema`` is given, as values; they are kept as JSON texts. Both must hold.

    Attributes:
        equals_text: the wanted value.
        schema_text: a JSON Schema: draft 2020-12, or the draft that its ``$schema`` names.
        subset: an object of the answer may have more keys than the wanted one, at every depth.
        unordered: lists are compared as multisets, at every depth.
        abs_tol, rel_tol: how far a number may be off, absolutely or relative to the wanted number; the larger counts.
        assert_format: ``format`` in the schema is asserted.
    """

    kind: Literal["json"] = "json"
    equals_text: str | None = None
    schema_text: str | None = None
    subset: StrictBool = False
    unordered: StrictBool = False
    abs_tol: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    rel_tol: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    assert_format: StrictBool = False

    _numbers = field_validator("abs_tol", "rel_tol", mode="before")(true_is_no_number)

    @model_validator(mode="before")
    @classmethod
    def _values_as_texts(cls, row: object) -> object:
        if not isinstance(row, dict):
            return row
        fields = cast("dict[str, Any]", row)
        texts = {
            f"{name}_text": json_text(fields[name], sort_keys=True) for name in ("equals", "schema") if name in fields
        }
        return {name: value for name, value in fields.items() if name not in ("equals", "schema")} | texts

    @model_validator(mode="after")
    def _something_decides(self) -> "JsonCheck":
        if self.equals_text is None and self.schema_text is None:
            raise ValueError("a json check needs `equals`, `schema`, or both")
        return self

    @property
    def evidence(self) -> Any:
        """What decides, as plain JSON: equal for the same check under two names."""
        return self.model_dump(mode="json")
