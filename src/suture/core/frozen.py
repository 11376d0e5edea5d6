"""The base of every stored type: immutable, closed to unknown fields, named by its digest."""

import json
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import PydanticSerializationError

from suture.core.digest import digest_of

M = TypeVar("M", bound=BaseModel)


class Frozen(BaseModel):
    """A value. Two with equal content have equal digests, in any process and on any machine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Copy as pydantic does, but forgets what was computed and kept of the old value (a digest, an index)."""
        copy = super().model_copy(update=update, deep=deep)
        for name in copy.__dict__.keys() - type(self).model_fields.keys():
            del vars(copy)[name]
        return copy

    @property
    def digest(self) -> str:
        """SHA-256 (64 hex digits) of the canonical JSON of this value."""
        return digest_of(self.model_dump(mode="json"))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON types, ready for ``json.dumps``."""
        return self.model_dump(mode="json")

    def to_json_text(self) -> str:
        """One line of JSON that UTF-8 can hold, for a row of a file or of the ledger."""
        try:
            return self.model_dump_json()
        except PydanticSerializationError:  # a lone surrogate, which pydantic cannot write
            return json.dumps(self.to_json(), separators=(",", ":"))

    @classmethod
    def from_json_text(cls, text: str | bytes) -> Self:
        """Raises pydantic's ValidationError: not JSON, or not one of these."""
        return from_json_text(cls, text)


def from_json_text(model: type[M], text: str | bytes) -> M:
    """Read JSON into ``model``; unlike pydantic's own reader this one takes lone surrogates.

    Raises:
        ValidationError: not JSON, or not such a value.
    """
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        if error.errors()[0]["type"] != "json_invalid":
            raise
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            raise error from None
        return model.model_validate(value)
