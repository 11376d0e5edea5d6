"""A process that computes gradients for another, which trains: ``several_processes`` starts it.

    python -m suture.training.gradient_process CONNECTION MEMORY

Both are numbers of open files: a connection on which a ``Job`` comes, then what is to be computed, and memory that both
processes see, in which the adapter's weights come and the gradients go. It ends when the connection does, which is also
what happens when the other process is killed.
"""

import contextlib
import mmap
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from multiprocessing.connection import Connection

import torch
from torch import Tensor

from suture.training.deterministic import deterministic
from suture.training.fresh_adapter import on_usual_device, with_adapter
from suture.training.frozen_base import FrozenBase
from suture.training.gradient_messages import READY, Job, OnePass, Step
from suture.training.objective import objective_of
from suture.training.pack_losses import as_numbers
from suture.training.quiet import quiet
from suture.training.sharding import joined, shard
from suture.training.step_gradients import StepGradients
from suture.training.step_plan import gradients_here
from suture.training.trained_weights import in_one_row, parts_of_row, trained_weights


def serve(connection: Connection, memory: int) -> None:
    """Compute until the other side is gone."""
    job: Job = connection.recv()
    connection.send(READY)
    with ExitStack() as stack:
        if job.meeting is not None:
            stack.enter_context(joined(job.meeting))
        model = with_adapter(job.base, job.settings, on_usual_device if job.meeting is None else shard)
        if model.device.type != job.device:
            raise RuntimeError(f"it found no {job.device} device, and the process that trains has one")
        model.train()
        base = FrozenBase(model)
        stack.enter_context(deterministic(one_thread=not torch.cuda.is_available()))
        here = stack.enter_context(gradients_here(model, base, objective_of(job.settings), job.examples))
        row: Tensor | None = None
        while True:
            asked: Step | OnePass = connection.recv()
            if isinstance(asked, OnePass):
                here.pass_along()
                continue
            if row is None:  # it has its size by now
                row = torch.frombuffer(mmap.mmap(memory, 0), dtype=torch.float32)
            connection.send(_gradients(trained_weights(model), here, asked, row))


def _gradients(weights: Sequence[Tensor], here: StepGradients, step: Step, row: Tensor) -> list[list[float | None]]:
    """The losses of a step; ``weights`` become what is in ``row``, and their gradients are written into it."""
    with torch.no_grad():
        for weight, now in zip(weights, parts_of_row(row, weights), strict=True):
            weight.copy_(now)
            weight.grad = None
    losses = here.add(step.examples, of=step.taught, at_least=step.at_least)
    found = [weight.grad for weight in weights if weight.grad is not None]
    row.copy_(in_one_row(found)) if found else row.zero_()
    return [as_numbers(one) for one in losses]


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
