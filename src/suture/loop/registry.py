"""Promote and roll back: the alias moves in one appended event, and only to the bytes that were gated."""

import getpass
from pathlib import Path

from suture.core.errors import BadFile, UsageError
from suture.core.gate import Decision, GateReport
from suture.core.registry import CHAMPION, Action, RegistryEvent, pack_of, rollback_target
from suture.files.read_write import sha256_of
from suture.files.whole import link_or_copy
from suture.loop.workshop import Workshop


def register(workshop: Workshop, model: str, pack: Path, sha256: str, *, why: str) -> None:
    """Make ``pack`` the model's first champion; does nothing when there is one."""
    if pack_of(workshop.ledger.events(), model) is None:
        keep_pack(workshop, pack, sha256)
        _append(workshop, model, Action.REGISTER, sha256, why=why)


def promote(
    workshop: Workshop, model: str, pack: Path, report: GateReport, *, why: str, override: str | None = None
) -> RegistryEvent:
    """Point the model's champion at ``pack``; doing it twice appends nothing.

    Raises:
        UsageError: the report is no PROMOTE (and nothing overrides it), is about other bytes than ``pack`` holds, or
            was measured against another pack than today's champion.
    """
    if report.decision is not Decision.PROMOTE and override is None:
        raise UsageError(
            f"the gate said {report.decision.value}: {report.reasons[0]}",
            mend='repair again, or say why it must be promoted all the same: --override "reason"',
        )
    sha256 = sha256_of(pack)
    if sha256 != report.candidate_pack:
        raise UsageError(f"{pack} is not the file that was gated ({report.candidate_pack[:12]}, now {sha256[:12]})")
    events = workshop.ledger.events()
    champion = pack_of(events, model)
    if champion == sha256:
        return next(event for event in reversed(events) if event.model == model)
    if champion not in (None, report.baseline_pack):
        raise UsageError(
            f"the champion of {model!r} is {champion[:12]}, but this pack was gated against "
            f"{report.baseline_pack[:12]}: what the champion can do was never protected",
            mend="set `base: champion` in the recipe and run `suture heal` again",
        )
    keep_pack(workshop, pack, sha256)
    reason = why if override is None else f"OVERRIDE: {override}"
    return _append(workshop, model, Action.PROMOTE, sha256, why=reason, report=report.digest)


def rollback(workshop: Workshop, model: str, *, why: str) -> RegistryEvent:
    """Put the earlier pack back, after checking that its bytes are what they were.

    Raises:
        UsageError: no earlier pack.
        BadFile: the earlier pack is missing or was changed.
    """
    target = rollback_target(workshop.ledger.events(), model)
    require_pack(workshop, target)
    return _append(workshop, model, Action.ROLLBACK, target, why=why)


def require_pack(workshop: Workshop, sha256: str) -> Path:
    """The file of a kept pack, its bytes checked. Raises BadFile when they are not what the name says."""
    path = workshop.home.absolute(workshop.ledger.pack_path(sha256))
    if (found := sha256_of(path)) != sha256:
        raise BadFile(f"{path} was changed: it should be {sha256[:12]} and is {found[:12]}")
    return path


def keep_pack(workshop: Workshop, pack: Path, sha256: str) -> Path:
    """Keep the bytes under their hash, where the registry finds them."""
    kept = workshop.home.pack(sha256)
    link_or_copy(pack, kept)
    workshop.ledger.add_pack(sha256, workshop.home.relative(kept))
    return kept


def _append(
    workshop: Workshop, model: str, action: Action, pack: str, *, why: str, report: str | None = None
) -> RegistryEvent:
    event = RegistryEvent(
        model=model,
        alias=CHAMPION,
        action=action,
        pack=pack,
        gate_report=report,
        who=_user(),
        why=why,
        at=workshop.now(),
    )
    workshop.ledger.add_event(event)
    return event


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
