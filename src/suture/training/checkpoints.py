"""Finds the checkpoint, if any, that a training run may resume from."""

import json
import shutil
from pathlib import Path
from typing import Any

from transformers import TrainerCallback
from transformers.trainer_callback import TrainerState

from suture.files.atomic import sync
from suture.files.small_files import sha256_of, write_json

_KEY = "key.txt"
_WHOLE = "whole.json"


class MarkWhole(TrainerCallback):
    """Marks each checkpoint, once all its files are on the disk, with their digests: one that was cut off by a kill or
    a power failure is not used."""

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        checkpoint = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        for file in _files(checkpoint):
            sync(file)
        write_json(checkpoint / _WHOLE, _digests(checkpoint))


def open_checkpoints(directory: Path, key: str) -> Path | None:
    """The newest whole checkpoint of a run with the same ``key``; those of any other run are removed."""
    if directory.exists() and _read(directory / _KEY) != key:
        shutil.rmtree(directory)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / _KEY).write_text(key)
    found = {int(path.name.rpartition("-")[2]): path for path in directory.glob("checkpoint-*")}
    for step in sorted(found, reverse=True):
        if _is_whole(found[step]):
            return found[step]
        shutil.rmtree(found[step])
    return None


def state_at(checkpoint: Path) -> Any:
    """The Trainer's state as it was then."""
    return TrainerState.load_from_json(str(checkpoint / "trainer_state.json"))


def _is_whole(checkpoint: Path) -> bool:
    mark = _read(checkpoint / _WHOLE)
    return mark is not None and json.loads(mark) == _digests(checkpoint)


def _digests(checkpoint: Path) -> dict[str, str]:
    return {str(file.relative_to(checkpoint)): sha256_of(file) for file in _files(checkpoint)}


def _files(checkpoint: Path) -> list[Path]:
    return sorted(file for file in checkpoint.rglob("*") if file.is_file() and file.name != _WHOLE)


def _read(file: Path) -> str | None:
    return file.read_text() if file.is_file() else None
