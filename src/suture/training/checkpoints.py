"""Finds the checkpoint, if any, that a training run may resume from."""

import shutil
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

_KEY = "key.txt"
_WHOLE = "whole"


class MarkWhole(TrainerCallback):
    """Marks each checkpoint once all its files are written: one cut off by a kill has no mark and is not used."""

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        (Path(args.output_dir) / f"checkpoint-{state.global_step}" / _WHOLE).touch()


def open_checkpoints(directory: Path, key: str) -> Path | None:
    """The newest whole checkpoint of a run with the same ``key``; those of any other run are removed."""
    if directory.exists() and _read(directory / _KEY) != key:
        shutil.rmtree(directory)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / _KEY).write_text(key)
    found = {int(path.name.rpartition("-")[2]): path for path in directory.glob("checkpoint-*")}
    whole = [step for step, path in found.items() if (path / _WHOLE).is_file()]
    for step, path in found.items():
        if step not in whole:
            shutil.rmtree(path)
    return found[max(whole)] if whole else None


def _read(file: Path) -> str | None:
    return file.read_text() if file.is_file() else None
