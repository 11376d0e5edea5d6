"""Promotes a gated pack that is named as people name it: by its file, or by an alias that points at it."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from suture.core.errors import BadFile
from suture.core.gate.gate_report import GateReport
from suture.core.model.adapter_records import ADAPTER_WEIGHTS
from suture.core.model.registry_events import CHAMPION, RegistryEvent, numbered_events
from suture.files.small_files import read_model, write_text
from suture.store.kept_policies import SUFFIX, open_policy
from suture.store.registry import Registry
from suture.store.store import Store
from suture.wiring.gguf_packs import GgufPacks
from suture.wiring.policy_file import policy_files
from suture.wiring.policy_reading import read_policy_file

WRITTEN = (".yaml", ".yml")
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
        pack: a GGUF file; a policy, as a repair left it or as the YAML that was measured; or an alias of ``model``.
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
    with _as_kept(store, file) as (kept, parts):
        try:
            return registry.promote(
                model, kept, gated, why=why, alias=alias, override=override, baseline=baseline, parts=parts
            )
        except BadFile as error:  # which may speak of a copy that is gone then
            raise BadFile(str(error).replace(str(kept), str(file)), mend=error.mend) from error


@contextmanager
def _as_kept(store: Store, file: Path) -> Generator[tuple[Path, dict[str, Path]]]:
    """A written policy as the file that the registry keeps, with what is in it; anything else as it is."""
    if file.suffix not in WRITTEN:
        yield file, {}
        return
    found = policy_files(store, GgufPacks(), read_policy_file(file))
    parts = {sha256: pack.path for sha256, pack in found.packs.items()}
    parts |= {sha256: directory / ADAPTER_WEIGHTS for sha256, directory in found.adapters.items()}
    with TemporaryDirectory() as scratch:
        written = Path(scratch) / f"policy{SUFFIX}"
        write_text(written, found.policy.text)
        yield written, parts


def _what_there_is(store: Store, model: str) -> str:
    known = any(numbered_events(store.ledger.events(), model))
    return f"name a GGUF file, or an alias of `suture registry show {model}`" if known else "name a GGUF file"
