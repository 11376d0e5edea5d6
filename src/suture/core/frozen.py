"""The base of every stored type: immutable, closed to unknown fields, named by its digest."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from suture.core.digest import digest_of


class Frozen(BaseModel):
    """A value. Two with equal content have equal digests, in any process and on any machine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    def digest(self) -> str:
        """SHA-256 (64 hex digits) of the canonical JSON of this value."""
        return digest_of(self.model_dump(mode="json"))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON types, ready for ``json.dumps``."""
        return self.model_dump(mode="json")
