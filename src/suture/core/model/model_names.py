"""Reads names of the registry as people write them: ``NAME``, or ``NAME@ALIAS``. Pure: nothing is looked up."""

from typing import NamedTuple

from suture.core.model.registry_events import CHAMPION


class RegisteredName(NamedTuple):
    """Attributes:
    stated: the alias was written, so that the name cannot mean anything else.
    """

    model: str
    alias: str
    stated: bool

    @property
    def written(self) -> str:
        """The name as every verb takes it, whatever files lie about."""
        return f"{self.model}@{self.alias}"


def registered_name(name: str) -> RegisteredName | None:
    """Read a name as one of the registry; None for one that can only be a path, a hub id or a package's."""
    model, at, alias = name.rpartition("@") if "@" in name else (name, "", "")
    if not model or (at and not alias) or "/" in name or ":" in name or name.startswith("."):
        return None
    return RegisteredName(model, alias or CHAMPION, stated=bool(at))
