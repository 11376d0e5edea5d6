"""Finds how much of a finished adapter can be used, and writes that adapter."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from suture.core.errors import UsageError
from suture.core.measure.engine_choice import EngineChoice
from suture.core.model.adapter_records import ADAPTER_RECORD, KEPT_ADAPTERS, AdapterRecord
from suture.core.model.pack_manifest import Quantisation
from suture.core.model.scaling import ScaleChoice, ScaleSettings
from suture.core.plan.ports import Progress
from suture.files.small_files import read_model
from suture.loop.adapter_rescue import rescue as search_rescue
from suture.loop.measuring.engine_choice import settle_engine
from suture.loop.measuring.soundness import sound
from suture.suites.catalog import load_suites
from suture.wiring.foundry import TorchFoundry
from suture.wiring.named_models import base_of
from suture.wiring.open_workshop import open_workshop


def rescue(
    adapter: Path,
    base: str,
    suite: Sequence[str],
    out: Path,
    *,
    search: ScaleSettings,
    engine: EngineChoice,
    sources: Mapping[str, Path] | None = None,
    any_name: bool = False,
    home: Path | None = None,
    unsafe_local: bool = False,
    progress: Progress | None = None,
) -> tuple[ScaleChoice, bool]:
    """Search the scales of an adapter, and write the best to ``out`` where it repairs something and loses nothing.

    Returns:
        The trials, and whether ``out`` was written.

    Raises:
        UsageError: steps are to be tried of an adapter that has none, or the base passes none of the tasks.
        BadFile: no adapter there.
        Fault: the engine or the judge failed. Finished batches stay in the store.
    """
    record = _trained(adapter) if search.steps else None
    tasks = load_suites(list(suite), sources=sources)
    workshop_of = open_workshop(home, unsafe_local=unsafe_local, progress=progress)
    with workshop_of as workshop, tempfile.TemporaryDirectory() as folder:
        tasks, broken = sound(workshop, tasks)
        for task in broken:
            workshop.progress.note(task.says)
        foundry, scratch = TorchFoundry(workshop.progress), Path(folder)
        prepared = base_of(workshop.store, foundry, workshop.packs, base, Quantisation.Q8_0)
        engine, _ = settle_engine(workshop, engine, prepared.file)
        for step in (None, *(kept.step for kept in record.kept)) if record else (None,):
            foundry.import_adapter(
                _at(adapter, step), prepared.directory, _at(scratch / "adapter", step), any_name=any_name
            )
        found = search_rescue(
            workshop,
            foundry,
            prepared,
            scratch / "adapter",
            tasks=tasks,
            search=search,
            engine=engine,
            quantisation=Quantisation.Q8_0,
            scratch=scratch,
            record=record,
        )
        best = found.best
        if best.lost or not best.repaired:
            return found, False
        first, last = best.scale * best.first_layer, best.scale
        foundry.scale_layers(_at(scratch / "adapter", best.step), scratch / "rescued", first=first, last=last)
        foundry.import_adapter(scratch / "rescued", prepared.directory, out, any_name=True)
        return found, True


def _trained(adapter: Path) -> AdapterRecord:
    """The record of an adapter with earlier steps beside it."""
    record = read_model(adapter / ADAPTER_RECORD, AdapterRecord, what="trained adapter", mend="leave steps out")
    if not (adapter / KEPT_ADAPTERS).is_dir():
        raise UsageError(f"{adapter} has no earlier steps beside it", mend="leave steps out")
    return record


def _at(adapter: Path, step: int | None) -> Path:
    return adapter if step is None else adapter / KEPT_ADAPTERS / str(step)
