"""One training run, from rows to a saved adapter."""

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch
from transformers import TrainingArguments

from suture.core.digest import digest_of
from suture.core.errors import UsageError
from suture.core.model.adapter_records import ADAPTER_RECORD, AdapterRecord
from suture.core.model.train_settings import TrainSettings
from suture.core.plan.ports import Progress
from suture.core.teach.dataset import REHEARSED, TAUGHT, RowKind, TrainingRow
from suture.files.atomic import whole_directory
from suture.files.small_files import sha256_of, write_json
from suture.machine.graphics import computing_class
from suture.training.adapter_keeper import AdapterKeeper, drift_prompts, kept_in
from suture.training.base_directory import read_base_record
from suture.training.checkpoints import MarkWhole, open_checkpoints, state_at
from suture.training.deterministic import deterministic
from suture.training.examples import Example, encode_rows
from suture.training.fresh_adapter import on_usual_device, with_adapter
from suture.training.frozen_base import FrozenBase
from suture.training.gpus import processes_for
from suture.training.gradient_messages import Job
from suture.training.journal import Journal, epoch_records, step_records
from suture.training.load import load_tokenizer, parameters_of, usual_device
from suture.training.masking import mask_unlikely
from suture.training.memory import no_memory
from suture.training.mixture import anchors_for, replays, turn_of
from suture.training.objective import objective_of
from suture.training.other_processes import other_processes
from suture.training.precision import choose_precision
from suture.training.quiet import quiet
from suture.training.repair_trainer import RepairTrainer
from suture.training.several_processes import SpreadGradients
from suture.training.sharding import shard
from suture.training.step_plan import gradients_here, planned_from
from suture.training.trained_weights import trained_weights

CHECKPOINTS_PER_RUN = 20


def fit(
    base: Path,
    rows: Sequence[TrainingRow],
    settings: TrainSettings,
    out: Path,
    *,
    dataset_sha256: str,
    progress: Progress | None,
    checkpoints: Path | None,
) -> AdapterRecord:
    """See ``trainer.train``, which checks what can be checked without torch."""
    record = read_base_record(base)
    tokenizer = load_tokenizer(base)
    examples, too_long = encode_rows(rows, tokenizer, settings.max_len)
    epoch = _epoch(examples, rows, settings)
    with ExitStack() as stack:
        partial = stack.enter_context(whole_directory(out))
        apart = not torch.cuda.is_available()
        stack.enter_context(deterministic(one_thread=apart and settings.batch > 1))
        stack.enter_context(quiet())
        if checkpoints is None:
            scratch, last = Path(stack.enter_context(tempfile.TemporaryDirectory())), None
        else:
            key = digest_of([record.weights_sha256, dataset_sha256, settings.to_json(), [e.ids for e in epoch]])
            scratch, last = checkpoints, open_checkpoints(checkpoints, key)
        job = Job(base, settings, usual_device())
        others = stack.enter_context(other_processes(job, processes_for(base, settings)))
        model = with_adapter(base, settings, shard if others.share_base else on_usual_device)
        others.accompany(model)
        objective, frozen = objective_of(settings), FrozenBase(model)
        if objective.mask_below:
            epoch = mask_unlikely(epoch, frozen, objective.mask_below)
        journal = Journal(progress)
        with others.planning(planned_from(epoch, objective)) as planned:
            here = stack.enter_context(gradients_here(model, frozen, objective, planned))
        trainer = RepairTrainer(
            model=model,
            args=_arguments(settings, scratch, rows=len(epoch), save=checkpoints is not None),
            train_dataset=epoch,
            journal=journal,
            gradients=SpreadGradients(model, here, others) if others.processes else here,
        )
        prompts = drift_prompts(rows, tokenizer, settings)
        each = here.each if apart and settings.batch > 1 else map
        keeper = AdapterKeeper(frozen, prompts, settings, scratch, Path(record.source).name, each=each)
        trainer.add_callback(keeper)
        trainer.add_callback(MarkWhole())
        state = state_at(last) if last else None
        if state is None or not keeper.is_over(state):
            try:
                trainer.train(resume_from_checkpoint=str(last) if last else None)
            except torch.OutOfMemoryError as error:
                raise no_memory() from error
            state = trainer.state
        keeper.move_into(partial, state)
        trainable = sum(weight.numel() for weight in trained_weights(model))
        adapter = AdapterRecord(
            sha256=sha256_of(partial / "adapter_model.safetensors"),
            base=record.weights_sha256,
            dataset=dataset_sha256,
            settings=settings,
            precision=choose_precision(settings.precision),
            rows_trained=len(epoch),
            rows_too_long=too_long,
            tokens_masked=sum(e.taught.count(False) for e in epoch if e.taught),
            trainable_parameters=trainable,
            total_parameters=parameters_of(model),
            computed_on=computing_class(),
            epochs=epoch_records(state),
            steps=step_records(state),
            kept=kept_in(state),
        )
        write_json(partial / ADAPTER_RECORD, adapter.to_json())
    return adapter


def _epoch(examples: list[Example], rows: Sequence[TrainingRow], settings: TrainSettings) -> list[Example]:
    def of(*kinds: RowKind) -> list[Example]:
        return [example for example in examples if rows[example.key].kind in kinds]

    failures, anchors = of(*TAUGHT), of(RowKind.ANCHOR)
    if not failures or (replays(settings) and not anchors):
        which = "anchor" if failures else "failure"
        raise UsageError(f"every {which} row is longer than max_len ({settings.max_len} tokens)", mend="raise max_len")
    rehearsals = of(*REHEARSED) if replays(settings) else []
    replayed = anchors_for(len(failures), anchors, settings, lambda example: turn_of(rows[example.key]))
    return failures + replayed + rehearsals


def _arguments(settings: TrainSettings, scratch: Path, *, rows: int, save: bool) -> TrainingArguments:
    gpu = torch.cuda.is_available()
    steps = -(-rows // settings.batch) * settings.epochs
    options: dict[str, Any] = {
        "output_dir": str(scratch),
        "num_train_epochs": settings.epochs,
        "learning_rate": settings.lr,
        "lr_scheduler_type": "linear",
        "optim": "adamw_torch_fused",
        "weight_decay": 0.0,
        "per_device_train_batch_size": settings.batch,
        "seed": settings.seed,
        "data_seed": settings.seed,
        "use_cpu": not gpu,
        "remove_unused_columns": False,
        "dataloader_pin_memory": False,
        "save_strategy": "steps" if save else "no",
        "save_steps": max(1, steps // CHECKPOINTS_PER_RUN),
        "save_total_limit": 2,
        "logging_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "log_level": "error",
    }
    arguments = TrainingArguments(**options)
    arguments._n_gpu = min(1, arguments.n_gpu)  # several would be wrapped in DataParallel, which hides the adapter
    return arguments
