"""Which pack each alias points at now, and where its file lies."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from suture.core.errors import UnknownName
from suture.core.model.registry_events import models, numbered_events
from suture.store.store import Store


@dataclass(frozen=True)
class Alias:
    """Attributes:
    pack: SHA-256 of the file at ``path``, whose bytes are not checked here.
    since: number of the event that moved it there.
    """

    model: str
    alias: str
    pack: str
    path: Path
    since: int

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "path": str(self.path)}


def aliases(store: Store, model: str | None = None) -> tuple[Alias, ...]:
    """Every alias of a model, or of all.

    Raises:
        UnknownName: no such model.
    """
    if model is not None:
        require_model(store, model)
    found = [one for one in models(store.ledger.events()) if model in (None, one[0])]
    return tuple(alias_of(store, name, alias) for name, alias in found)


def require_model(store: Store, model: str) -> None:
    """Raises UnknownName when no event is of ``model``."""
    known = {event.model for event in store.ledger.events()}
    if model not in known:
        raise UnknownName("model", model, known, mend="suture registry list")


def alias_of(store: Store, model: str, alias: str) -> Alias:
    """Return what an existing alias points at now."""
    last = list(numbered_events(store.ledger.events(), model, alias))[-1]
    path = store.home.absolute(store.ledger.pack_path(last.event.pack))
    return Alias(model, alias, last.event.pack, path, last.number)
