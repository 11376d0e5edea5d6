"""A process that computes gradients for another, which trains: ``several_processes`` starts it.

    python -m suture.training.gradient_process CONNECTION MEMORY

Both are numbers of open files: a connection on which a ``Job`` comes, then what is to be computed, and memory that both
processes see, in which the adapter's weights come and the gradients go. It ends when the connection does, which is also
what happens when the other process is killed.
"""

import contextlib
import os
import select
import sys
from collections.abc import Sequence
from multiprocessing.connection import Connection
from threading import Thread
from typing import Any

import torch
from torch import Tensor

from suture.training.deterministic import deterministic
from suture.training.fresh_adapter import on_usual_device, with_adapter
from suture.training.frozen_base import FrozenBase
from suture.training.gradient_messages import READY, Job, OnePass, Step
from suture.training.load import usual_device
from suture.training.objective import objective_of
from suture.training.pack_losses import as_numbers
from suture.training.quiet import quiet
from suture.training.sharding import join, shard
from suture.training.step_gradients import StepGradients, pass_along
from suture.training.step_plan import PlanOfPacks, gradients_here
from suture.training.trained_weights import in_one_row, parts_of_row, shared_row, trained_weights


def serve(connection: Connection, memory: int) -> None:
    """Compute until the other side is gone. It never leaves a group that it joined: it ends."""
    job: Job = connection.recv()
    if usual_device() != job.device:
        raise RuntimeError(f"it found no {job.device} device, and the process that trains has one")
    connection.send(READY)
    if job.meeting is not None:
        join(job.meeting)
    model = with_adapter(job.base, job.settings, on_usual_device if job.meeting is None else shard)
    model.train()
    base, weights = FrozenBase(model), trained_weights(model)
    plan: PlanOfPacks = _asked(connection, base)
    with (
        deterministic(one_thread=not torch.cuda.is_available()),
        gradients_here(model, base, objective_of(job.settings), plan) as here,
    ):
        row = shared_row(memory, weights)
        while True:
            connection.send(_gradients(weights, here, _asked(connection, base), row))


def _asked(connection: Connection, base: FrozenBase) -> Any:
    """The next plan or step; passes of others that come before it are made.

    Raises EOFError: the other side is gone.
    """
    while isinstance(asked := connection.recv(), OnePass):
        pass_along(base)
    return asked


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


def _end_with(connection: Connection) -> None:
    """End when the other side is gone, also in the middle of a pass that waits for it."""
    gone = select.poll()
    gone.register(connection.fileno(), select.POLLRDHUP)
    gone.poll()
    os._exit(0)


def main() -> None:
    number, memory = (int(one) for one in sys.argv[1:])
    connection = Connection(number)
    Thread(target=_end_with, args=[connection], daemon=True).start()
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
