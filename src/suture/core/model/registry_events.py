"""Which pack a name points at, as a fold over events that are only ever appended.

An event's number is its place among all events, from 1.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from suture.core.errors import UsageError
from suture.core.frozen import Frozen

CHAMPION = "champion"
"""What is served. Only a gate moves it, or an override that every report shows from then on."""
CANDIDATE = "candidate"
"""The last pack of a model that the gate held: it waits for a decision."""

_ALIAS = re.compile(r"[a-z][a-z0-9._-]{0,63}")
_OLD_OVERRIDE = re.compile(r"OVERRIDE \([a-z]+\): ")


class Action(StrEnum):
    REGISTER = "register"
    """The first pack of a model: nothing was measured against it yet."""
    PROMOTE = "promote"
    ROLLBACK = "rollback"
    SET = "set"
    """Any alias but the champion, pointed at a pack without asking the gate."""


class RegistryEvent(Frozen):
    """Attributes:
    pack: what the alias points at after this event.
    gate_report: digest of the gate report that stands behind the pack.
    to: of a rollback, the number of the event it went back to; None in old ones, which went back by one.
    override: why the pack was promoted although the gate did not say so.
    at: UTC, ISO 8601. For people; the order of events is their sequence.
    """

    model: str
    alias: str = CHAMPION
    action: Action
    pack: str
    gate_report: str | None = None
    to: int | None = None
    override: str | None = None
    who: str
    why: str
    at: str

    @property
    def against_the_gate(self) -> str | None:
        """``override``, or the same as older ledgers wrote it."""
        old = _OLD_OVERRIDE.match(self.why) if self.action is Action.PROMOTE else None
        return self.override or (self.why[old.end() :] if old else None)


class NumberedEvent(Frozen):
    number: int
    event: RegistryEvent


def numbered_events(
    events: Iterable[RegistryEvent], model: str | None = None, alias: str | None = None
) -> Iterator[NumberedEvent]:
    """The events of a model, or of one alias of it, oldest first."""
    for number, event in enumerate(events, start=1):
        if model in (None, event.model) and alias in (None, event.alias):
            yield NumberedEvent(number=number, event=event)


def require_alias_name(alias: str) -> None:
    """Raises UsageError: not a name an alias may have."""
    if not _ALIAS.fullmatch(alias):
        raise UsageError(f"{alias!r} cannot be an alias", mend="lower-case letters, digits, '.', '_' and '-'")


def pack_of(events: Iterable[RegistryEvent], model: str, alias: str = CHAMPION) -> str | None:
    """The pack an alias points at now, or None."""
    last = None
    for found in numbered_events(events, model, alias):
        last = found.event.pack
    return last


def standing(events: Iterable[RegistryEvent], model: str, alias: str = CHAMPION) -> dict[int, tuple[int, ...]]:
    """After each event of an alias, by its number: the numbers of those that stood then, oldest first.

    A promotion stands on what stood before it; a rollback brings back what stood after an earlier event.
    """
    after: dict[int, tuple[int, ...]] = {}
    now: tuple[int, ...] = ()
    for found in numbered_events(events, model, alias):
        if found.event.action is not Action.ROLLBACK:
            now = (*now, found.number)
        else:
            now = now[:-1] if found.event.to is None else after[found.event.to]
        after[found.number] = now
    return after


def rollback_target(
    events: Sequence[RegistryEvent], model: str, alias: str = CHAMPION, *, to: int | None = None
) -> NumberedEvent:
    """The event a rollback would go back to: the one before the last that stands, or the one called for.

    Raises:
        UsageError: there is none, it is of another alias, or the alias is there already.
    """
    after = standing(events, model, alias)
    history = f"suture registry history {model}"
    if not after:
        raise UsageError(f"model {model!r} has no alias {alias!r}", mend="suture registry list")
    now = after[max(after)]
    if to is None and len(now) == 1:
        raise UsageError(f"alias {alias!r} of model {model!r} has no earlier pack to go back to", mend=history)
    number = now[-2] if to is None else to
    if number not in after:
        raise UsageError(f"event {number} did not move {alias!r} of {model!r}", mend=history)
    if after[number] == now:
        raise UsageError(f"{alias!r} of {model!r} is where event {number} left it already", mend=history)
    return NumberedEvent(number=number, event=events[number - 1])


def gate_behind_rollback(events: Sequence[RegistryEvent], rollback: int) -> str | None:
    """Digest of the gate report whose anchors the pack that was put back must pass.

    It is that of the first promotion undone, whose baseline the pack was; of its own, when none was undone.

    Args:
        rollback: number of the event that put it back.
    """
    event = events[rollback - 1]
    after = standing(events[:rollback], event.model, event.alias)
    before, now = after[max(number for number in after if number < rollback)], after[rollback]
    undone = before[len(now)] if before[: len(now)] == now else now[-1]
    return events[undone - 1].gate_report


def overrides(events: Iterable[RegistryEvent], model: str) -> tuple[NumberedEvent, ...]:
    """Every promotion of a model that the gate did not stand behind, oldest first."""
    return tuple(found for found in numbered_events(events, model) if found.event.against_the_gate is not None)


def models(events: Sequence[RegistryEvent]) -> tuple[tuple[str, str], ...]:
    """Every (model, alias) there is, in order of first appearance."""
    return tuple(dict.fromkeys((event.model, event.alias) for event in events))
