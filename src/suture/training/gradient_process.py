"""A process that computes gradients for another, which trains: ``several_processes`` starts it.

    python -m suture.training.gradient_process CONNECTION MEMORY

Both are numbers of open files: a connection on which a ``Job`` comes, then steps, and memory that both processes see,
in which the adapter's weights come and the gradients go. It ends when the connection does, which is also what happens
when the other process is killed.
"""

import contextlib
import mmap
import os
import sys
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import torch

from suture.core.model.train_settings import TrainSettings
from suture.training.deterministic import deterministic
from suture.training.examples import Example
from suture.training.fresh_adapter import with_adapter
from suture.training.frozen_base import FrozenBase
from suture.training.objective import objective_of
from suture.training.pack_losses import as_numbers
from suture.training.quiet import quiet
from suture.training.step_plan import gradients_here
from suture.training.trained_weights import in_one_row, parts_of_row, trained_weights


class Job(NamedTuple):
    """Attributes:
    base: the directory of the prepared base.
    device: type of the device that the other processes use: one that has none would hold all of them up.
    examples: from which a process plans its packs: two to prove attention on, and the longest.
    """

    base: Path
    settings: TrainSettings
    device: str
    examples: Sequence[Example]


def serve(connection: Connection, memory: int) -> None:
    """Answer steps until the other side is gone."""
    job: Job = connection.recv()
    model = with_adapter(job.base, job.settings)
    if model.device.type != job.device:
        raise RuntimeError(f"it found no {job.device} device, and the process that trains has one")
    model.train()
    weights = trained_weights(model)
    row = torch.frombuffer(mmap.mmap(memory, 0), dtype=torch.float32)
    base = FrozenBase(model)
    with (
        deterministic(one_thread=not torch.cuda.is_available()),
        gradients_here(model, base, objective_of(job.settings), job.examples) as here,
    ):
        while True:
            examples, taught = connection.recv()
            with torch.no_grad():
                for weight, now in zip(weights, parts_of_row(row, weights), strict=True):
                    weight.copy_(now)
                    weight.grad = None
            losses = here.add(examples, of=taught)
            row.copy_(in_one_row([weight.grad for weight in weights if weight.grad is not None]))
            connection.send([as_numbers(one) for one in losses])


def main() -> None:
    number, memory = (int(one) for one in sys.argv[1:])
    connection = Connection(number)
    try:
        with quiet():
            serve(connection, memory)
    except Exception as error:
        gone = isinstance(error, (EOFError, BrokenPipeError, ConnectionResetError))
        with contextlib.suppress(OSError):
            connection.send(" ".join(f"{type(error).__name__}: {error}".split())[:300])
        os._exit(0 if gone else 1)


if __name__ == "__main__":
    main()
