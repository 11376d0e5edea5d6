"""Promote and roll back: the alias moves in one appended event, and only to the bytes that were gated."""

import getpass
from pathlib import Path

from suture.core.errors import BadFile, StaleEvidence, UsageError
from suture.core.gate import Decision, GateReport
from suture.core.registry import CHAMPION, Action, RegistryEvent, pack_of, rollback_target
from suture.files.read_write import copy_verified, sha256_of
from suture.loop.workshop import now
from suture.store.home import Home
from suture.store.ledger import Ledger
from suture.store.packs import verified_pack


class Registry:
    def __init__(self, home: Home, ledger: Ledger) -> None:
        self._home, self._ledger = home, ledger

    def champion(self, model: str) -> str | None:
        """SHA-256 of the pack the model's champion points at, or None."""
        return pack_of(self._ledger.events(), model)

    def register(self, model: str, pack: Path, sha256: str, *, why: str) -> None:
        """Make ``pack`` the model's first champion; does nothing when there is one."""
        if self.champion(model) is None:
            self._keep(pack, sha256)
            self._append(model, Action.REGISTER, sha256, why=why, over=None)

    def promote(
        self, model: str, pack: Path, report: GateReport, *, why: str, override: str | None = None
    ) -> RegistryEvent:
        """Point the model's champion at ``pack``; doing it twice appends nothing.

        Raises:
            UsageError: the report is no PROMOTE (and nothing overrides it).
            StaleEvidence: it was measured against another pack than today's champion.
            BadFile: ``pack`` does not hold the bytes that were gated.
        """
        if report.decision is not Decision.PROMOTE and override is None:
            raise UsageError(
                f"the gate said {report.decision.value}: {report.reasons[0]}",
                mend='repair again, or say why it must be promoted all the same: --override "reason"',
            )
        if (found := sha256_of(pack)) != report.candidate_pack:
            raise BadFile(f"{pack} is not the file that was gated ({report.candidate_pack[:12]}, now {found[:12]})")
        champion = self.champion(model)
        if champion == report.candidate_pack:
            return next(event for event in reversed(self._ledger.events()) if event.model == model)
        if champion not in (None, report.baseline_pack):
            raise StaleEvidence(
                f"the champion of {model!r} is {champion[:12]}, but this pack was gated against "
                f"{report.baseline_pack[:12]}: what the champion can do was never protected",
                mend="set `base: champion` in the recipe and run `suture heal` again",
            )
        self._keep(pack, report.candidate_pack)
        reason = why if override is None else f"OVERRIDE ({report.decision.value}): {override}"
        return self._append(
            model, Action.PROMOTE, report.candidate_pack, why=reason, over=champion, report=report.digest
        )

    def rollback(self, model: str, *, why: str) -> RegistryEvent:
        """Put the earlier pack back, after checking that its bytes are what they were.

        Raises:
            UsageError: no earlier pack.
            BadFile: the earlier pack is missing or was changed.
        """
        target = rollback_target(self._ledger.events(), model)
        self.path_of(target)
        return self._append(model, Action.ROLLBACK, target, why=why, over=self.champion(model))

    def path_of(self, sha256: str) -> Path:
        """The file of a kept pack, its bytes checked. Raises BadFile when they are not what the name says."""
        return verified_pack(self._home, self._ledger, sha256)

    def _keep(self, pack: Path, sha256: str) -> None:
        """Keep the bytes under their hash, where the registry finds them."""
        kept = self._home.pack(sha256)
        copy_verified(pack, kept, sha256)
        self._ledger.add_pack(sha256, self._home.relative(kept))

    def _append(
        self, model: str, action: Action, pack: str, *, why: str, over: str | None, report: str | None = None
    ) -> RegistryEvent:
        event = RegistryEvent(
            model=model, alias=CHAMPION, action=action, pack=pack, gate_report=report, who=_user(), why=why, at=now()
        )
        self._ledger.add_event(event, over=over)
        return event


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
