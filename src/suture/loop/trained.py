"""An adapter that another run trained from the very same base, rows, settings and libraries."""

import shutil
from pathlib import Path

from suture.core.errors import BadFile
from suture.core.model.adapter import ADAPTER_RECORD, AdapterRecord
from suture.core.plan.recipe import Plan
from suture.core.teach.dataset import Dataset
from suture.files.read_write import read_model, sha256_of
from suture.files.whole import whole_directory
from suture.loop.packing import BasePack
from suture.loop.workshop import Workshop
from suture.store.run_paths import RunPaths


def trained_elsewhere(
    workshop: Workshop, plan: Plan, base: BasePack, dataset: Dataset, out: Path
) -> AdapterRecord | None:
    """Copy such an adapter to ``out``: training is deterministic, so it is the one that would be trained. None if there
    is none, or if its weights were changed since."""
    wanted = (base.record.weights_sha256, dataset.manifest.rows_sha256, plan.recipe.train)
    for entry in workshop.store.ledger.runs():
        stage = workshop.store.ledger.stage(entry["id"], "train")
        if stage is None or workshop.store.ledger.plan(entry["id"]).trainer != plan.trainer:
            continue
        record = AdapterRecord.model_validate(stage["output"])
        paths = RunPaths(workshop.store.home.absolute(entry["directory"]))
        if (record.base, record.dataset, record.settings) != wanted or paths.adapter == out:
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
