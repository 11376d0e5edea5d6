"""Stage ``train``: a LoRA adapter from the dataset, or the very same one from another run."""

import shutil
from pathlib import Path

from suture.core.errors import BadFile
from suture.core.model.adapter_records import ADAPTER_RECORD, ADAPTER_WEIGHTS, AdapterRecord
from suture.core.model.train_settings import TrainSettings
from suture.core.plan.stages import TRAIN
from suture.core.teach.dataset import Dataset, DatasetManifest
from suture.files.atomic import whole_directory
from suture.files.small_files import read_model, sha256_of
from suture.loop.base_pack import BasePack
from suture.loop.run import Run
from suture.loop.runner import Stage
from suture.store.datasets import read_dataset
from suture.store.run_paths import RunPaths


def adapter(run: Run, base: BasePack, manifest: DatasetManifest) -> AdapterRecord:
    """Train, unless the adapter is there: finished just before the run was stopped, or by another run.

    Raises:
        Fault: training failed; it goes on from its last checkpoint.
    """

    def work() -> AdapterRecord:
        dataset = read_dataset(run.paths.dataset)
        finished = finished_adapter(run.paths.adapter, base, dataset, run.recipe.train)
        if finished is None and run.shares_training:
            finished = trained_elsewhere(run, base, dataset)
        if finished is not None:
            return finished
        with run.workshop.stopwatch.timed("train"):
            return run.foundry.train(
                base.directory, dataset, run.recipe.train, run.paths.adapter, run.paths.checkpoints
            )

    record = run.stages.once(
        Stage(
            TRAIN,
            {"dataset": manifest.rows_sha256},
            work,
            files=lambda _: {"adapter": run.paths.adapter_weights},
            left=lambda _: [run.paths.adapter],
        )
    )
    shutil.rmtree(run.paths.checkpoints, ignore_errors=True)
    return record


def finished_adapter(adapter: Path, base: BasePack, dataset: Dataset, settings: TrainSettings) -> AdapterRecord | None:
    """The record of an adapter that was finished just before the run was stopped; anything else there is removed."""
    try:
        record = read_model(adapter / ADAPTER_RECORD, AdapterRecord, what="trained adapter")
        wanted = (base.record.weights_sha256, dataset.manifest.rows_sha256, settings)
        found = (record.base, record.dataset, record.settings)
        if found == wanted and sha256_of(adapter / ADAPTER_WEIGHTS) == record.sha256:
            return record
    except BadFile:
        pass
    shutil.rmtree(adapter, ignore_errors=True)
    return None


def trained_elsewhere(run: Run, base: BasePack, dataset: Dataset) -> AdapterRecord | None:
    """Copy such an adapter into this run: training is deterministic on one class of processors, so it is the one that
    would be trained. None if there is none, or if its weights were changed since."""
    store, out = run.workshop.store, run.paths.adapter
    wanted = (base.record.weights_sha256, dataset.manifest.rows_sha256, run.recipe.train, run.foundry.computes_on)
    for entry in store.ledger.runs():
        record = store.ledger.result(entry["id"], TRAIN)
        if record is None or store.ledger.plan(entry["id"]).trainer != run.plan.trainer:
            continue
        paths = RunPaths(store.home.absolute(entry["directory"]))
        if (record.base, record.dataset, record.settings, record.computed_on) != wanted or paths.adapter == out:
            continue
        try:
            found = read_model(paths.adapter / ADAPTER_RECORD, AdapterRecord, what="trained adapter")
            intact = found == record and sha256_of(paths.adapter_weights) == record.sha256
        except BadFile:
            continue
        if intact:
            with whole_directory(out) as partial:
                shutil.copytree(paths.adapter, partial, dirs_exist_ok=True)
            return record
    return None
