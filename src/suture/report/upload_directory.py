"""A directory ready to upload: the pack an alias points at, its model card, gate report, manifest and adapter."""

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from suture.core.errors import BadFile, UsageError
from suture.core.gate.gate_report import GateReport
from suture.core.measure.policy import Policy, speaks_anyway
from suture.core.model.adapter_records import ADAPTER_CONFIG, ADAPTER_RECORD, ADAPTER_WEIGHTS
from suture.core.model.pack_manifest import PackManifest
from suture.core.model.registry_events import CHAMPION, standing
from suture.core.plan.stages import HARVEST
from suture.files.atomic import whole_directory
from suture.files.small_files import copy_verified, read_json, read_model, sha256_of, write_json, write_text
from suture.report.build import build_report
from suture.report.card import Ancestor, Card, DataSource, render_card
from suture.report.evidence import overrides_of
from suture.report.markdown import render_gate
from suture.store.datasets import read_dataset
from suture.store.kept_packs import manifest_of
from suture.store.kept_policies import KeptPolicy, copy_adapter, open_policy
from suture.store.ledger import Ledger
from suture.store.past_repairs import repairs_behind
from suture.store.run_paths import RunPaths
from suture.store.store import Store


def export(store: Store, model: str, out: Path, *, alias: str = CHAMPION, base_model: str | None = None) -> Card:
    """Write ``out`` whole or not at all. Nothing in it says where it was made.

    Args:
        base_model: the base's id on the hub, for the card; by default as the recipe names it, if it names one.

    Raises:
        UsageError: ``out`` exists, the alias points at nothing, or at a pack without a gate report.
        BadFile: a file is missing, or was changed since it was gated.
    """
    kept = open_policy(store, model, alias)
    sha256 = speaks_anyway(kept.policy.tiers).pack
    pack = kept.packs[sha256]
    digest = _gate_behind(store.ledger, model, alias)
    run = store.ledger.run_gated(digest)
    gate = _gate_report(store, digest, run)
    report = build_report(store, run, command="suture heal") if run else None
    if report and report.gate.digest != digest:  # the run was decided again since
        report = None
    manifest = manifest_of(pack, sha256)
    lineage = tuple(_ancestors(store.ledger, kept.policy.packs))
    file = f"{model}-{manifest.quantisation.value.upper()}.gguf" if manifest else f"{model}.gguf"
    names = {sha256: file, **{other: f"{model}-{tier}.gguf" for other, tier in _others(kept.policy, sha256)}}
    with whole_directory(out) as partial:
        for held, place in kept.packs.items():
            copy_verified(place, partial / names[held], held)
        if not kept.is_pack:
            _copy_policy(kept, partial)
        write_json(partial / "gate.json", gate.to_json())
        write_text(partial / "gate.md", render_gate(gate, report.changes if report else {}))
        if manifest:
            write_json(partial / f"{file}.json", manifest.to_json())
        write_text(partial / "Modelfile", _modelfile(model, file, alone=kept.is_pack))
        if report and manifest:
            _copy_adapter(_paths(store, report.run), manifest, partial / "adapter", base_model)
        card = Card(
            model=model,
            file=file,
            pack=kept.sha256,
            policy=None if kept.is_pack else kept.policy,
            packs=names,
            gate=gate,
            base_model=base_model or _hub_id(lineage, store.ledger),
            manifest=manifest,
            overrides=tuple(overrides_of(store.ledger.events(), model)),
            run=report,
            lineage=lineage,
            data=_data(store, lineage),
            files={
                path.relative_to(partial).as_posix(): sha256_of(path)
                for path in sorted(partial.rglob("*"))
                if path.is_file()
            },
        )
        write_text(partial / "README.md", render_card(card))
    return card


def _modelfile(model: str, file: str, *, alone: bool) -> str:
    """For Ollama, which takes the chat template out of the file. Greedy, as it was measured."""
    less = "" if alone else "# One tier of the policy: Ollama holds no answer to anything.\n"
    return f"# ollama create {model} -f Modelfile\n{less}FROM ./{file}\nPARAMETER temperature 0\n"


def _others(policy: Policy, sha256: str) -> Iterator[tuple[str, str]]:
    """Every pack but one, with the name of the first tier that has it."""
    for other in policy.packs:
        if other != sha256:
            yield other, next(tier.name for tier in policy.tiers if tier.pack == other).replace(" ", "-")


def _copy_policy(kept: KeptPolicy, out: Path) -> None:
    """The policy's file, and the adapters that it loads beside a pack."""
    copy_verified(kept.file, out / "policy.json", kept.sha256)
    for sha256, directory in kept.adapters.items():
        copy_adapter(directory, out / "adapters" / sha256[:12], sha256)


def _gate_behind(ledger: Ledger, model: str, alias: str) -> str:
    """Digest of the gate report behind what stands now: a rollback stands on an earlier event's."""
    events = ledger.events()
    after = standing(events, model, alias)
    digest = events[after[max(after)][-1] - 1].gate_report
    if digest is None:
        raise UsageError(
            f"{alias} of {model!r} was never gated, so there is nothing to say of it",
            mend="suture heal RECIPE, or suture gate and suture promote",
        )
    return digest


def _gate_report(store: Store, digest: str, run: str | None) -> GateReport:
    """As the registry keeps it; older stores have it with its run only."""
    path = store.home.gate_report(digest)
    if not path.exists() and run is not None:
        path = _paths(store, run).gate
    gate = read_model(path, GateReport, what="gate report")
    if gate.digest != digest:
        raise BadFile(f"{path} was changed: it is not the gate report that was decided on", mend="suture verify")
    return gate


def _paths(store: Store, run: str) -> RunPaths:
    return RunPaths(
        store.home.absolute(next(entry["directory"] for entry in store.ledger.runs() if entry["id"] == run))
    )


def _ancestors(ledger: Ledger, packs: Sequence[str]) -> Iterator[Ancestor]:
    """The repairs that led to these packs, nearest first: of several runs that made the same pack, the newest."""
    told: set[str] = set()
    for repair in (repair for pack in reversed(packs) for repair in repairs_behind(ledger, pack)):
        dataset = ledger.result(repair.run, HARVEST)
        if dataset is None or repair.pack in told:
            continue
        told.add(repair.pack)
        yield Ancestor(run=repair.run, recipe=repair.name, base=repair.base, dataset=dataset)


def _hub_id(lineage: tuple[Ancestor, ...], ledger: Ledger) -> str | None:
    """The first base of all, if its recipe names it as the hub does: OWNER/NAME, and no file of this machine."""
    base = ledger.plan(lineage[-1].run).recipe.base if lineage else ""
    owner, _, name = base.partition("/")
    on_hub = owner and name and "/" not in name and not base.startswith(".") and not base.endswith(".gguf")
    return base if on_hub and not Path(base).exists() else None


def _data(store: Store, lineage: tuple[Ancestor, ...]) -> tuple[DataSource, ...]:
    """What was trained on over all repairs, by suite."""
    rows: Counter[tuple[str, str, str]] = Counter()
    for ancestor in lineage:
        found = read_dataset(_paths(store, ancestor.run).dataset).rows
        rows.update((row.suite, row.origin, row.licence) for row in found if row.trainable)
    return tuple(DataSource(*source, rows=count) for source, count in sorted(rows.items()))


def _copy_adapter(paths: RunPaths, manifest: PackManifest, out: Path, base_model: str | None) -> None:
    """The adapter that was merged, if it is still there; its configuration without this machine's paths."""
    for directory in (paths.chosen, paths.adapter):
        weights = directory / ADAPTER_WEIGHTS
        if manifest.adapter is None or not weights.exists() or sha256_of(weights) != manifest.adapter:
            continue
        copy_verified(weights, out / ADAPTER_WEIGHTS, manifest.adapter)
        if (directory / ADAPTER_RECORD).exists():
            shutil.copyfile(directory / ADAPTER_RECORD, out / ADAPTER_RECORD)
        if (directory / ADAPTER_CONFIG).exists():
            config = read_json(directory / ADAPTER_CONFIG, what="configuration")
            write_json(out / ADAPTER_CONFIG, {**config, "base_model_name_or_path": base_model or manifest.base_name})
        return
