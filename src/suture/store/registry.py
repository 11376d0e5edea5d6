"""Moves aliases: each move is one appended event, and leads only to bytes that were checked just before."""

import getpass
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from suture.core.errors import BadFile, StaleEvidence, UsageError
from suture.core.gate.gate_report import Decision, GateReport
from suture.core.model.registry_events import (
    CHAMPION,
    Action,
    RegistryEvent,
    numbered_events,
    pack_of,
    require_alias_name,
    rollback_target,
)
from suture.files.small_files import sha256_of
from suture.store.clock import now
from suture.store.kept_policies import SUFFIX, keep_json, keep_pack, keep_policy, verified_policy
from suture.store.store import Store
from suture.store.vouching import intact_copies

WHO_VARIABLE = "SUTURE_WHO"


class Registry:
    """``who`` is written into every event; by default ``$SUTURE_WHO``, else the user's name on this machine."""

    def __init__(self, store: Store, *, who: str | None = None) -> None:
        self._store, self._who = store, who or user_name()

    def pack(self, model: str, alias: str = CHAMPION) -> str | None:
        """SHA-256 of the pack an alias points at, or None."""
        return pack_of(self._store.ledger.events(), model, alias)

    def register(self, model: str, pack: Path, sha256: str, *, why: str) -> None:
        """Make ``pack`` the model's first champion; does nothing when there is one, or another run is first."""
        if self.pack(model) is None:
            self._keep(pack, sha256)
            with suppress(StaleEvidence):
                self._append(model, CHAMPION, Action.REGISTER, sha256, why=why, over=None)

    def promote(
        self,
        model: str,
        pack: Path,
        report: GateReport,
        *,
        why: str,
        alias: str = CHAMPION,
        override: str | None = None,
        baseline: Path | None = None,
        parts: Mapping[str, Path] | None = None,
    ) -> RegistryEvent:
        """Point an alias at ``pack``, a pack's file or a policy's; doing it twice appends nothing.

        Args:
            baseline: the file the pack was gated against, for a model without a champion: it is the first one, so that
                a rollback has something to go back to. Looked for in the store when left out.
            parts: of a policy: files by SHA-256. Looked for in the store when left out.

        Raises:
            UsageError: the report is no PROMOTE (and nothing overrides it), or the baseline is needed and not found.
            StaleEvidence: it was measured against a pack that is no longer the champion.
            BadFile: a file does not hold the bytes that were gated, or a part of the policy is not in the store.
        """
        require_alias_name(alias)
        if report.decision is Decision.PROMOTE and not report.uncounted:
            override = None
        elif report.decision is Decision.PROMOTE and not override:
            raise UsageError(
                "this report is a check whose look at the held-out tasks was not counted, and promotes nothing",
                mend="suture gate BASELINE CANDIDATE --policy no-lost --looks count --out gate.json",
            )
        elif not override:
            raise UsageError(
                f"the gate said {report.decision.value}: {report.reasons[0]}",
                mend='repair again, or say why it must be promoted all the same: --override "reason"',
            )
        if (found := sha256_of(pack)) != report.candidate_pack:
            raise BadFile(
                f"{pack} is not the file that was gated ({report.candidate_pack[:12]}, now {found[:12]})",
                mend="name the file that was gated, or measure and gate this one: suture bench, suture gate",
            )
        current = self.pack(model, alias)
        if current == report.candidate_pack:
            return self._last(model, alias)
        self._require_fresh(model, alias, report)
        if alias == CHAMPION and current is None:
            current = self._register_baseline(model, report, baseline)
        self._keep(pack, report.candidate_pack, parts)
        return self._append(
            model, alias, Action.PROMOTE, report.candidate_pack, why=why, over=current, report=report, override=override
        )

    def point(self, model: str, alias: str, pack: Path, *, why: str, report: GateReport | None = None) -> RegistryEvent:
        """Point an alias at a file, without asking the gate; doing it twice appends nothing. A champion may only begin
        so: where there is one, the gate alone moves it.

        A file of the store stays where it is, since its bytes are checked whenever it is opened; another is copied in.

        Raises:
            UsageError: the alias is a champion that stands already, or no alias's name.
            BadFile: no such file.
        """
        require_alias_name(alias)
        sha256, current = sha256_of(pack), self.pack(model, alias)
        if alias == CHAMPION and current is None:
            self.register(model, pack, sha256, why=why)
            return self._last(model, alias)
        if alias == CHAMPION and current != sha256:
            mend = f"suture promote {model} {pack}"
            raise UsageError(f"only the gate moves the champion of {model!r}", mend=mend)
        if current == sha256 and (last := self._last(model, alias)).gate_report == (report.digest if report else None):
            return last
        if pack.suffix != SUFFIX and pack.absolute().is_relative_to(self._store.home.root):
            self._store.ledger.add_pack(sha256, self._store.home.relative(pack))
        else:
            self._keep(pack, sha256)
        return self._append(model, alias, Action.SET, sha256, why=why, over=current, report=report)

    def rollback(self, model: str, *, why: str, alias: str = CHAMPION, to: int | None = None) -> RegistryEvent:
        """Put an earlier pack back, after checking that its bytes are what they were.

        Args:
            to: number of the event to go back to; the one before the last that stands when left out.

        Raises:
            UsageError: no earlier pack, or no such event of this alias.
            BadFile: the earlier pack is missing or was changed.
        """
        target = rollback_target(self._store.ledger.events(), model, alias, to=to)
        verified_policy(self._store, target.event.pack)
        return self._append(
            model, alias, Action.ROLLBACK, target.event.pack, why=why, over=self.pack(model, alias), to=target.number
        )

    def _require_fresh(self, model: str, alias: str, report: GateReport) -> None:
        """The pack was gated against what the alias replaces or against the champion, or it is the champion."""
        known = [pack for pack in (self.pack(model), self.pack(model, alias)) if pack]
        if known and report.candidate_pack not in known and report.baseline_pack not in known:
            raise StaleEvidence(
                f"the champion of {model!r} is {known[0][:12]}, but this pack was gated against "
                f"{report.baseline_pack[:12]}: what the champion can do was never protected",
                mend="gate it against the champion: `base: champion` in a recipe, or suture gate with its scoreboard",
            )

    def _register_baseline(self, model: str, report: GateReport, baseline: Path | None) -> str:
        sha256 = report.baseline_pack
        file = baseline or next(intact_copies(self._store, sha256), None)
        if file is None:
            raise UsageError(
                f"{model!r} has no champion, and the pack this one was gated against ({sha256[:12]}) is not in the "
                "store: a rollback would have nothing to go back to",
                mend="name its file: --baseline FILE",
            )
        self.register(model, file, sha256, why="baseline of the first promotion")
        return sha256

    def _keep(self, file: Path, sha256: str, parts: Mapping[str, Path] | None = None) -> None:
        """A pack, or a policy with everything in it."""
        if file.suffix == SUFFIX:
            keep_policy(self._store, file, sha256, parts)
        else:
            keep_pack(self._store, file, sha256)

    def _last(self, model: str, alias: str) -> RegistryEvent:
        return [found.event for found in numbered_events(self._store.ledger.events(), model, alias)][-1]

    def _append(
        self,
        model: str,
        alias: str,
        action: Action,
        pack: str,
        *,
        why: str,
        over: str | None,
        report: GateReport | None = None,
        to: int | None = None,
        override: str | None = None,
    ) -> RegistryEvent:
        if report is not None:
            keep_json(self._store, self._store.home.gate_report(report.digest), report.to_json())
        event = RegistryEvent(
            model=model,
            alias=alias,
            action=action,
            pack=pack,
            gate_report=report.digest if report else None,
            to=to,
            override=override,
            who=self._who,
            why=why,
            at=now(),
        )
        self._store.ledger.add_event(event, over=over)
        return event


def user_name() -> str:
    if named := os.environ.get(WHO_VARIABLE):
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
