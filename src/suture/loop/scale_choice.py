"""Chooses the scale of a trained adapter, on anchors and dev tasks, never on held-out ones."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.splits import Split
from suture.core.measure.task import Task
from suture.core.model.adapter_records import (
    ADAPTER_CONFIG,
    ADAPTER_RECORD,
    ADAPTER_WEIGHTS,
    KEPT_ADAPTERS,
    AdapterRecord,
)
from suture.core.model.pack_manifest import Quantisation
from suture.core.model.scaling import ScaleChoice, ScaleSettings, ScaleTrial, choose, fewest_lost
from suture.core.plan.ports import Foundry, Packs
from suture.core.plan.recipe import Recipe
from suture.core.teach.dataset import Dataset, RowKind
from suture.core.teach.findings import Findings
from suture.core.teach.seeded import seeded_few
from suture.files.atomic import whole_directory
from suture.files.small_files import sha256_of, write_json
from suture.loop.base_pack import BasePack
from suture.loop.measuring.pack_file import PackFile
from suture.loop.measuring.scale_search import Assume, search_scales
from suture.loop.workshop import Workshop
from suture.store.run_paths import RunPaths


@dataclass(frozen=True)
class ChosenAdapter:
    """The adapter to merge, where it lies, and the trial that says at which scale."""

    adapter: AdapterRecord
    directory: Path
    trial: ScaleTrial

    def __str__(self) -> str:
        return str(self.trial)


class ScaledAdapter(NamedTuple):
    """A PEFT directory to try at several scales."""

    step: int | None
    first_layer: float
    directory: Path


@dataclass(frozen=True)
class ScaleTasks:
    """Ids of the tasks a choice is made on: what must be kept, and what should be repaired."""

    anchors: tuple[str, ...]
    failures: tuple[str, ...]


def scale_tasks_of(found: Findings, dataset: Dataset, search: ScaleSettings) -> ScaleTasks:
    """Anchors that may be replayed and those of dev; failures that were trained on and those of dev.

    Not lucky passes, which nothing protects, nor gate-only anchors or held-out tasks: what a choice was made on proves
    nothing afterwards.
    """
    trained = [row for row in dataset.rows if row.kind is RowKind.FAILURE and row.trainable]
    board, passed = found.scoreboard, set(found.scoreboard.passed)
    failed = [row for row in trained if row.task_id not in passed]  # a vacuous pass cannot be repaired
    asked = seeded_few(failed, search.failures, lambda row: row.task_digest, seed=0)
    dev = [task_id for task_id, split in found.splits.items() if split is Split.DEV and task_id in board.by_task]
    replay = [row.task_id for row in dataset.rows if row.kind is RowKind.ANCHOR and row.task_id not in found.lucky]
    return ScaleTasks(
        anchors=(*replay, *(task_id for task_id in dev if task_id in passed.difference(found.lucky))),
        failures=(*(row.task_id for row in asked), *(task_id for task_id in dev if task_id not in passed)),
    )


def scaled_adapters_of(
    foundry: Foundry, adapter: Path, record: AdapterRecord | None, search: ScaleSettings, scratch: Path
) -> Iterator[ScaledAdapter]:
    """The adapter, those kept on the way to it if the search wants them, each with every distribution over depth.

    Args:
        record: None for an adapter that Suture did not train.
        scratch: where adapters are written whose layers have scales of their own.
    """
    along = record.kept if record is not None and search.steps else ()
    earlier = [kept.step for kept in along if record is None or kept.sha256 != record.sha256]
    for step in (None, *earlier):
        directory = adapter if step is None else adapter / KEPT_ADAPTERS / str(step)
        for first_layer in search.first_layer:
            if first_layer == 1:
                yield ScaledAdapter(step, first_layer, directory)
                continue
            out = scratch / f"{step or 'last'}-{first_layer:g}"
            if not out.exists():
                foundry.scale_layers(directory, out, first=first_layer, last=1.0)
            yield ScaledAdapter(step, first_layer, out)


def try_all(
    workshop: Workshop,
    base: PackFile,
    adapters: Sequence[ScaledAdapter],
    *,
    scales: Sequence[float],
    tasks: Sequence[Task],
    grounds: ScaleTasks,
    engine: EngineChoice,
    pack_of: Callable[[ScaledAdapter, float], PackFile],
    assume: Assume = Assume.OUTPUT,
) -> ScaleChoice:
    """Try every adapter at every scale: the anchors first, then the failures where the fewest anchors are lost.

    No other trial can be chosen, so this chooses what asking everything everywhere would.

    Args:
        pack_of: makes the pack of one adapter at one scale, for engines that load no adapter beside a pack.

    Raises:
        Fault: the engine or the judge failed. Finished batches stay recorded.
    """

    asked: list[int] = []

    def passes(adapter: ScaledAdapter, scales: Sequence[float], ids: Sequence[str]) -> dict[float, int]:
        wanted = set(ids)
        search = search_scales(
            workshop,
            base,
            adapter.directory,
            scales,
            [task for task in tasks if task.id in wanted],
            engine=engine,
            assume=assume,
            merged=lambda scale: pack_of(adapter, scale),
        )
        asked.append(search.cost.asked)
        return {row.scale: len(row.passed) for row in search.rows}

    trials: dict[tuple[int, float], ScaleTrial] = {}
    for at, adapter in enumerate(adapters):
        for scale, kept in passes(adapter, scales, grounds.anchors).items():
            anchors = len(grounds.anchors)
            trials[at, scale] = ScaleTrial(
                step=adapter.step,
                first_layer=adapter.first_layer,
                scale=scale,
                anchors=anchors,
                kept=kept,
                failures=0,
                repaired=0,
            )
    still_open = fewest_lost(trials.values())
    for at, adapter in enumerate(adapters):
        left = [scale for (of, scale), trial in trials.items() if of == at and trial in still_open]
        for scale, repaired in (passes(adapter, left, grounds.failures) if left else {}).items():
            found = {"failures": len(grounds.failures), "repaired": repaired}
            trials[at, scale] = trials[at, scale].model_copy(update=found)
    full = len(trials) * (len(grounds.anchors) + len(grounds.failures))
    return choose(trials.values(), asked=sum(asked), full=full)


def choose_adapter(
    workshop: Workshop,
    foundry: Foundry,
    base: BasePack,
    trained: AdapterRecord,
    paths: RunPaths,
    *,
    recipe: Recipe,
    engine: EngineChoice,
    tasks: Sequence[Task],
    grounds: ScaleTasks,
) -> tuple[ScaleChoice, AdapterRecord]:
    """Try what a run trained as its recipe's ``scale_search`` says, and keep the best if it is not ``trained`` itself.

    Returns:
        The trials, and the record of the adapter to merge: ``trained``, or that of ``paths.chosen``.
    """
    search = recipe.scale_search or ScaleSettings()
    adapters = list(scaled_adapters_of(foundry, paths.adapter, trained, search, paths.trials))
    choice = try_all(
        workshop,
        base.file,
        adapters,
        scales=search.scales,
        tasks=tasks,
        grounds=grounds,
        engine=engine,
        pack_of=lambda tried, scale: trial_pack(
            foundry, workshop.packs, base, recipe.quantisation, scratch=paths.trials, adapter=tried, scale=scale
        ),
    )
    place = (choice.best.step, choice.best.first_layer)
    source = next(found.directory for found in adapters if (found.step, found.first_layer) == place)
    record = trained if source == paths.adapter else keep_chosen(source, trained, paths.chosen)
    shutil.rmtree(paths.trials, ignore_errors=True)
    return choice, record


def keep_chosen(source: Path, trained: AdapterRecord, out: Path) -> AdapterRecord:
    """Copy an adapter of ``trained``'s training to ``out``, as an adapter with a record of its own."""
    with whole_directory(out) as partial:
        for name in (ADAPTER_WEIGHTS, ADAPTER_CONFIG):
            if (source / name).exists():
                shutil.copyfile(source / name, partial / name)
        record = trained.model_copy(update={"sha256": sha256_of(partial / ADAPTER_WEIGHTS)})
        write_json(partial / ADAPTER_RECORD, record.to_json())
    return record


def trial_pack(
    foundry: Foundry,
    packs: Packs,
    base: BasePack,
    quantisation: Quantisation,
    *,
    scratch: Path,
    adapter: ScaledAdapter,
    scale: float,
) -> PackFile:
    """Packs one adapter at one scale, in ``scratch``."""
    name = f"{adapter.step or 'last'}-{adapter.first_layer:g}-{scale:g}"
    merged, pack = scratch / f"{name}.merged", scratch / f"{name}.gguf"
    if not pack.exists():
        shutil.rmtree(merged, ignore_errors=True)
        foundry.merge(base.directory, adapter.directory, scale, merged)
        foundry.pack(merged, base.directory, quantisation, pack, {"base": base.record.source_sha256})
        shutil.rmtree(merged)
    return PackFile(pack, sha256_of(pack), packs.template(pack))
