"""The base of every stored type: immutable, closed to unknown fields, named by its digest."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from suture.core.digest import digest_of


class Frozen(BaseModel):
    """A value. Two with equal content have equal digests, in any process and on any machine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As pydantic's, but forgets what was computed and kept of the old value (a digest, an index)."""
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
