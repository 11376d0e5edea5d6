"""Trains an adapter on a harvested dataset."""

import shutil
from pathlib import Path

from suture.core.model.adapter_records import AdapterRecord
from suture.core.model.pack_manifest import Quantisation
from suture.core.model.train_settings import TrainSettings
from suture.core.plan.ports import Progress
from suture.loop.workshop import Silent
from suture.store.datasets import read_dataset
from suture.store.store import open_store
from suture.wiring.foundry import TorchFoundry
from suture.wiring.gguf_packs import GgufPacks
from suture.wiring.named_models import base_of


def train(
    dataset: Path,
    base: str,
    settings: TrainSettings,
    out: Path,
    *,
    home: Path | None = None,
    progress: Progress | None = None,
) -> AdapterRecord:
    """Train a LoRA adapter into ``out``, which must not exist; called again after a stop it goes on.

    Raises:
        BadFile: the dataset is incomplete or was changed.
        UsageError: no such base, or nothing to train on.
    """
    rows = read_dataset(dataset)
    with open_store(home) as store:
        foundry = TorchFoundry(progress or Silent())
        prepared = base_of(store, foundry, GgufPacks(), base, Quantisation.Q8_0)
        checkpoints = out.with_name(f".{out.name}.checkpoints")
        record = foundry.train(prepared.directory, rows, settings, out, checkpoints)
        shutil.rmtree(checkpoints, ignore_errors=True)
        return record
