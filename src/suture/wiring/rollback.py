"""Measures what a rollback brought back: the anchors of the gate report behind it."""

from dataclasses import dataclass
from pathlib import Path

from suture.core.errors import UsageError
from suture.core.model.registry_events import Action, NumberedEvent, gate_behind_rollback, numbered_events
from suture.core.plan.ports import Progress
from suture.loop.measuring.policy_files import measured_of
from suture.loop.measuring.remeasure_anchors import AnchorCheck, find_gate, remeasure_anchors
from suture.loop.workshop import Workshop
from suture.report.evidence import overrides_of
from suture.store.kept_policies import verified_policy
from suture.wiring.open_workshop import open_workshop


@dataclass(frozen=True)
class RolledBack:
    """A rollback, and what the pack that was put back does now.

    Attributes:
        anchors: None where no run of this store has the gate report that names them.
        overrides: what was promoted of this model although the gate did not say so, one line each.
    """

    event: NumberedEvent
    anchors: AnchorCheck | None
    overrides: tuple[str, ...]


def check_rollback(
    model: str,
    alias: str,
    *,
    home: Path | None = None,
    unsafe_local: bool = False,
    progress: Progress | None = None,
) -> RolledBack:
    """Ask and judge the anchors of an alias that was rolled back, and was not moved since.

    Raises:
        UsageError: the alias's last move is no rollback.
        BadFile: the pack's bytes are not what they were.
        Fault: the engine or the judge failed.
    """
    with open_workshop(home, unsafe_local=unsafe_local, progress=progress) as workshop:
        last = _last_rollback(workshop, model, alias)
        anchors = _anchors(workshop, last)
        return RolledBack(last, anchors, tuple(overrides_of(workshop.store.ledger.events(), model)))


def _last_rollback(workshop: Workshop, model: str, alias: str) -> NumberedEvent:
    found = list(numbered_events(workshop.store.ledger.events(), model, alias))
    if not found:
        raise UsageError(f"model {model!r} has no alias {alias!r}", mend="suture registry list")
    if found[-1].event.action is not Action.ROLLBACK:
        mend = f"suture registry history {model} --alias {alias}"
        raise UsageError(
            f"the last move of {alias!r} of {model!r} is no rollback: there is nothing to check", mend=mend
        )
    return found[-1]


def _anchors(workshop: Workshop, rollback: NumberedEvent) -> AnchorCheck | None:
    digest = gate_behind_rollback(workshop.store.ledger.events(), rollback.number)
    found = find_gate(workshop, digest) if digest else None
    if found is None:
        return None
    sha256 = rollback.event.pack
    put_back = measured_of(workshop.packs, verified_policy(workshop.store, sha256))
    return remeasure_anchors(workshop, put_back, *found)
