"""Promotes a gated pack that is named as people name it: by its file, or by an alias that points at it."""

from pathlib import Path

from suture.core.errors import BadFile
from suture.core.gate.decision import GateReport
from suture.core.model.registry_events import CHAMPION, RegistryEvent, numbered_events
from suture.files.small_files import read_model
from suture.store.kept_policies import open_policy
from suture.store.registry import Registry
from suture.store.store import Store

USUAL_REPORT = Path("gate.json")


def promote(
    store: Store,
    model: str,
    pack: str,
    *,
    report: Path | None = None,
    alias: str = CHAMPION,
    override: str | None = None,
    baseline: Path | None = None,
    why: str | None = None,
    who: str | None = None,
) -> RegistryEvent:
    """Point an alias of ``model`` at ``pack``, as ``Registry.promote`` does.

    Args:
        pack: a GGUF file, a policy's file, or an alias of ``model`` that points at the pack.
        report: the gate's; by default the one the alias was set with, or ``gate.json``.

    Raises:
        BadFile: no such file and no such alias, no gate report, or a file that differs from the one that was gated.
        UsageError, StaleEvidence: as ``Registry.promote``.
    """
    file = Path(pack)
    if not file.exists():
        moves = list(numbered_events(store.ledger.events(), model, pack))
        if not moves:
            raise BadFile(f"{pack}: no such file, and no alias of {model!r}", mend=_what_there_is(store, model))
        digest = moves[-1].event.gate_report
        report = report or (store.home.gate_report(digest) if digest else None)
        file = open_policy(store, model, pack).file
    mend = "suture gate BASELINE CANDIDATE, or name the report: --report FILE"
    gated = read_model(report or USUAL_REPORT, GateReport, what="gate report", mend=mend)
    why = why or f"gate report {gated.digest[:12]}"
    registry = Registry(store, who=who)
    return registry.promote(model, file, gated, why=why, alias=alias, override=override, baseline=baseline)


def _what_there_is(store: Store, model: str) -> str:
    known = any(numbered_events(store.ledger.events(), model))
    return f"name a GGUF file, or an alias of `suture registry show {model}`" if known else "name a GGUF file"
