"""Which pack a name points at, as a fold over events that are only ever appended."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from suture.core.errors import UsageError
from suture.core.frozen import Frozen

CHAMPION = "champion"


class Action(StrEnum):
    REGISTER = "register"
    """The first pack of a model: nothing was measured against it yet."""
    PROMOTE = "promote"
    ROLLBACK = "rollback"


class RegistryEvent(Frozen):
    """Attributes:
    pack: what the alias points at after this event.
    gate_report: digest of the gate report a promotion rests on.
    at: UTC, ISO 8601. For people; the order of events is their sequence.
    """

    model: str
    alias: str = CHAMPION
    action: Action
    pack: str
    gate_report: str | None = None
    who: str
    why: str
    at: str


def pack_of(events: Iterable[RegistryEvent], model: str, alias: str = CHAMPION) -> str | None:
    """The pack an alias points at now, or None."""
    stack = _stack(events, model, alias)
    return stack[-1] if stack else None


def rollback_target(events: Iterable[RegistryEvent], model: str, alias: str = CHAMPION) -> str:
    """The pack a rollback would put back.

    Raises:
        UsageError: the alias does not exist, or has no earlier pack.
    """
    stack = _stack(events, model, alias)
    if not stack:
        raise UsageError(f"model {model!r} has no alias {alias!r}", mend="suture registry list")
    if len(stack) == 1:
        raise UsageError(f"alias {alias!r} of model {model!r} has no earlier pack to go back to")
    return stack[-2]


def _stack(events: Iterable[RegistryEvent], model: str, alias: str) -> list[str]:
    """Packs in force, oldest first: a promotion adds one, a rollback takes one off."""
    stack: list[str] = []
    for event in events:
        if (event.model, event.alias) != (model, alias):
            continue
        if event.action is Action.ROLLBACK:
            del stack[-1:]
        else:
            stack.append(event.pack)
    return stack


def models(events: Sequence[RegistryEvent]) -> tuple[tuple[str, str], ...]:
    """Every (model, alias) there is, in order of first appearance."""
    return tuple(dict.fromkeys((event.model, event.alias) for event in events))
