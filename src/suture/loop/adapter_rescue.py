"""A repair without training: the largest part of an adapter that loses nothing."""

from collections.abc import Sequence
from pathlib import Path

from suture.core.errors import UsageError
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.task import Task
from suture.core.model.adapter_records import AdapterRecord
from suture.core.model.pack_manifest import Quantisation
from suture.core.model.scaling import ScaleChoice, ScaleSettings
from suture.core.plan.ports import Foundry
from suture.core.teach.seeded import seeded_few
from suture.loop.base_pack import BasePack
from suture.loop.measuring.measure import measure
from suture.loop.scale_choice import ScaleTasks, scaled_adapters_of, trial_pack, try_all
from suture.loop.workshop import Workshop


def rescue(
    workshop: Workshop,
    foundry: Foundry,
    base: BasePack,
    adapter: Path,
    *,
    tasks: Sequence[Task],
    search: ScaleSettings,
    engine: EngineChoice,
    quantisation: Quantisation,
    scratch: Path,
    record: AdapterRecord | None = None,
) -> ScaleChoice:
    """Measure the base, then the adapter at every scale, on the tasks the base passes and some that it fails.

    Args:
        record: of an adapter that Suture trained, whose earlier steps may be tried too.

    Raises:
        UsageError: no pass of the base shows skill: there is nothing to keep.
        Fault: the engine or the judge failed. Finished batches stay recorded.
    """
    baseline = measure(workshop, base.file, tasks, engine=engine, selectors=(), title="bench")
    if not baseline.skilled:
        raise UsageError("no anchors to protect: the base passes none of these tasks, or only by saying nothing")
    packs = workshop.packs
    tasks = [task for task in tasks if task.id in baseline.by_task]
    failed = [task for task in tasks if not baseline.by_task[task.id].verdict.passed]
    asked = seeded_few(failed, search.failures, lambda task: task.content_digest, seed=0)
    return try_all(
        workshop,
        base.file,
        list(scaled_adapters_of(foundry, adapter, record, search, scratch)),
        scales=search.scales,
        tasks=tasks,
        grounds=ScaleTasks(anchors=baseline.skilled, failures=tuple(task.id for task in asked)),
        engine=engine,
        pack_of=lambda tried, scale: trial_pack(
            foundry, packs, base, quantisation, scratch=scratch, adapter=tried, scale=scale
        ),
    )
