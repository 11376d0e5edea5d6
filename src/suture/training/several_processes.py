"""The rows of a step spread over several processes, one for each GPU.

One process holds the optimiser, the schedule, the order of rows and the checkpoints; the others compute gradients and
know nothing of training. At each step they are given the adapter's weights and their rows, and give gradients back:
a few megabytes each way, in memory that both see. So processes cannot drift apart, a step is divided by what the whole
step teaches whatever each process was given, and a step with fewer rows than processes is no special case.
"""

import mmap
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from suture.core.errors import Fault
from suture.core.model.train_settings import TrainSettings
from suture.training.examples import Example
from suture.training.gradient_process import Job
from suture.training.pack_losses import PackLosses, from_numbers
from suture.training.packing import share_evenly, taught_tokens
from suture.training.step_gradients import StepGradients
from suture.training.trained_weights import add_gradients, in_one_row, parts_of_row, trained_weights

_AGAIN = "run the command again: training goes on from its last checkpoint"


class SpreadGradients:
    """As ``StepGradients``, with ``others`` beside it. Gradients are added in the order of the processes."""

    def __init__(self, model: Any, here: StepGradients, others: Sequence["OtherProcess"]) -> None:
        self._here, self._others = here, others
        self._weights = trained_weights(model)

    def add(self, examples: Sequence[Example]) -> list[PackLosses]:
        """Raises Fault: one of the processes is gone."""
        taught = max(1, taught_tokens(examples))
        shares = share_evenly([len(example.ids) for example in examples], 1 + len(self._others))
        mine, *theirs = ([examples[row] for row in share] for share in shares)
        busy = [(process, share) for process, share in zip(self._others, theirs, strict=True) if share]
        weights = in_one_row(self._weights).cpu()
        for process, share in busy:
            process.begin(weights, share, taught)
        found = self._here.add(mine, of=taught)
        for process, _ in busy:
            losses, gradients = process.result(self._weights)
            found += losses
            add_gradients(self._weights, gradients)
        return found


class OtherProcess:
    """One that computes gradients; ``gradient_process`` is what runs in it."""

    def __init__(self, number: int, job: Job, size: int) -> None:
        """Args:
        number: of the GPU that it uses, where there are any.
        size: numbers that the adapter has.
        """
        ours, theirs = socket.socketpair()
        memory = os.memfd_create("suture-gradients")
        os.truncate(memory, 4 * size)
        self._shared = torch.frombuffer(mmap.mmap(memory, 4 * size), dtype=torch.float32)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "suture.training.gradient_process", str(theirs.fileno()), str(memory)],
                pass_fds=(theirs.fileno(), memory),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the process that trains
                env={**os.environ, "CUDA_VISIBLE_DEVICES": _device(number)},
            )
        os.close(memory)
        self._connection = Connection(ours.detach())
        self._say(job)

    def begin(self, weights: Tensor, examples: Sequence[Example], taught: int) -> None:
        """``weights``: all of the adapter's, as one row of numbers."""
        self._shared.copy_(weights)
        self._say((examples, taught))

    def result(self, weights: Sequence[Tensor]) -> tuple[list[PackLosses], list[Tensor]]:
        """What ``begin`` asked for: losses, and the gradients of ``weights``."""
        try:
            losses = self._connection.recv()
        except (EOFError, OSError) as error:
            raise self._gone() from error
        if isinstance(losses, str):
            raise Fault(f"a process that computes gradients ended: {losses}", mend=_AGAIN)
        device = weights[0].device
        gradients = [part.to(device, copy=True) for part in parts_of_row(self._shared, weights)]
        return [from_numbers(one, device) for one in losses], gradients

    def _say(self, message: object) -> None:
        try:
            self._connection.send(message)
        except OSError as error:
            raise self._gone() from error

    def _gone(self) -> Fault:
        said: object = None
        with suppress(EOFError, OSError):
            said = self._connection.recv() if self._connection.poll() else None
        why = said if isinstance(said, str) else f"exit status {self._ended()}"
        return Fault(f"a process that computes gradients ended: {why}", mend=_AGAIN)

    def let_go(self) -> None:
        """Close the connection, which is how it is told to end."""
        self._connection.close()

    def close(self) -> None:
        self.let_go()
        self._ended()

    def _ended(self) -> int:
        """Its exit status, once it has ended by itself or been killed for taking too long."""
        try:
            return self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


@contextmanager
def spread(
    model: Any, here: StepGradients, base: Path, settings: TrainSettings, examples: Sequence[Example], *, processes: int
) -> Iterator[StepGradients | SpreadGradients]:
    """``here`` alone, or with as many processes beside it as ``processes`` says more than one."""
    size = sum(weight.numel() for weight in trained_weights(model))
    job = Job(base, settings, model.device.type, [*examples[:2], max(examples, key=lambda example: len(example.ids))])
    others: list[OtherProcess] = []
    try:
        for number in range(1, processes):
            others.append(OtherProcess(number, job, size))
        yield SpreadGradients(model, here, others) if others else here
    finally:
        for process in others:
            process.let_go()
        for process in others:
            process.close()


def _device(number: int) -> str:
    """The GPU with this number among those that this process may use."""
    mine = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    names = [name.strip() for name in mine.split(",")] if mine else []
    return names[number] if number < len(names) else str(number)
