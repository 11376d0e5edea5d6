"""Trains a LoRA adapter on failures and anchors."""

from collections.abc import Sequence
from pathlib import Path

from suture.core.errors import UsageError
from suture.core.model.adapter_records import AdapterRecord
from suture.core.model.train_settings import TrainSettings
from suture.core.plan.ports import Progress
from suture.core.plan.startable import no_seed
from suture.core.teach.dataset import TrainingRow
from suture.training.extra import require_four_bit, require_train_extra
from suture.training.mixture import check_rows


def train(
    base: Path,
    rows: Sequence[TrainingRow],
    settings: TrainSettings,
    out: Path,
    *,
    dataset_sha256: str,
    progress: Progress | None = None,
    checkpoints: Path | None = None,
) -> AdapterRecord:
    """Train an adapter for ``base`` and write it to ``out/``, a standard PEFT directory with ``suture.json``.

    Same inputs, same machine: same bytes in ``adapter_model.safetensors``, also when a run was killed and resumed.

    Args:
        base: a directory made by ``prepare_base``.
        rows: rows without a target are never trained on; anchors are ignored by strategy ``naive``.
        out: appears whole or not at all.
        dataset_sha256: recorded, and part of what makes a checkpoint fit.
        checkpoints: where unfinished runs are kept. Given again with the same inputs, training goes on from there.

    Raises:
        UsageError: a seed that no generator takes, no failures to train on, no anchors to protect, no row short
            enough, an unknown target module.
        MissingTool: the extra ``[train]``, or what ``load_in_4bit`` needs, is not installed.
        BadFile: ``base`` cannot be read.
        DiskFull: nothing half-written is left.
    """
    if why := no_seed(settings.seed):
        raise UsageError(f"train.seed {settings.seed}: {why}", mend="train.seed 0")
    check_rows(rows, settings)
    require_train_extra()
    if settings.load_in_4bit:
        require_four_bit()
    from suture.training.fit import fit

    return fit(base, rows, settings, out, dataset_sha256=dataset_sha256, progress=progress, checkpoints=checkpoints)
