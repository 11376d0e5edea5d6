"""Processes that compute gradients beside the one that trains: started, spoken to, and ended.

Where the base is shared (``sharding``) each pass of one process needs all others. Outside of steps, where the process
that trains looks at the model alone, the others are told of each of its passes.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from suture.core.errors import Fault, UsageError
from suture.training.gpus import Processes
from suture.training.gradient_messages import READY, Job, OnePass, Step
from suture.training.loss import plain_model
from suture.training.memory import no_memory
from suture.training.pack_losses import PackLosses, from_numbers
from suture.training.sharding import Meeting, join, leave
from suture.training.step_plan import PlanOfPacks
from suture.training.trained_weights import parts_of_row, shared_row

_MOMENT = 5.0
"""Seconds."""
_AGAIN = "run the command again: training goes on from its last checkpoint"


class OtherProcesses:
    """Those beside this one.

    Attributes:
        processes: in the order of their numbers; none where one process trains.
        share_base: each pass of this process needs all of them.
    """

    def __init__(self, processes: Sequence["OtherProcess"], *, share_base: bool) -> None:
        self.processes, self.share_base = processes, share_base
        self._told = True

    def accompany(self, model: Any) -> None:
        """From now on tell them of each pass of ``model``, where they are needed for it."""
        if self.share_base:
            plain_model(model).get_decoder().register_forward_pre_hook(self._tell_of_pass, prepend=True)

    @contextmanager
    def on_their_own(self) -> Iterator[None]:
        """While it is open they are told of no pass: they know what to compute."""
        self._told = False
        try:
            yield
        finally:
            self._told = True

    @contextmanager
    def planning(self, plan: PlanOfPacks) -> Iterator[PlanOfPacks]:
        """All plan their packs at the same time, by the same plan."""
        for process in self.processes:
            process.say(plan)
        with self.on_their_own():
            yield plan

    def _tell_of_pass(self, *_: object) -> None:
        if self._told:
            for process in self.processes:
                process.say(OnePass())


class OtherProcess:
    """One that computes gradients; ``gradient_process`` is what runs in it."""

    def __init__(self, number: int) -> None:
        """``number``: of the GPU that it uses, where there are any."""
        ours, theirs = socket.socketpair()
        self._memory = os.memfd_create("suture-gradients")
        self._shared = torch.empty(0)
        with theirs:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-P", "-m", "suture.training.gradient_process"),
                    *(str(theirs.fileno()), str(self._memory)),
                ],
                pass_fds=(theirs.fileno(), self._memory),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the process that trains
                env={**os.environ, "CUDA_VISIBLE_DEVICES": _device(number)},
            )
        self._connection = Connection(ours.detach())

    def wait_until_ready(self) -> None:
        """Raises Fault: it ended before it was."""
        said = self._hear()
        if said != READY:
            raise _ended(str(said))

    def make_room(self, weights: Sequence[Tensor]) -> None:
        """For the weights of an adapter, and later their gradients."""
        self._shared = shared_row(self._memory, weights)

    def begin(self, weights: Tensor, step: Step) -> None:
        """``weights``: all of the adapter's, as one row of numbers."""
        self._shared.copy_(weights)
        self.say(step)

    def result(self, weights: Sequence[Tensor]) -> tuple[list[PackLosses], list[Tensor]]:
        """What ``begin`` asked for: losses, and the gradients of ``weights``."""
        losses = self._hear()
        if isinstance(losses, str):
            raise _ended(losses)
        device = weights[0].device
        gradients = [part.to(device, copy=True) for part in parts_of_row(self._shared, weights)]
        return [from_numbers(one, device) for one in losses], gradients

    def say(self, message: object) -> None:
        try:
            self._connection.send(message)
        except OSError as error:
            raise self.gone() from error

    def _hear(self) -> Any:
        try:
            return self._connection.recv()
        except (EOFError, OSError) as error:
            raise self.gone() from error

    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def gone(self) -> Fault | UsageError:
        """Why it ended."""
        said: object = None
        with suppress(EOFError, OSError):
            while self._connection.poll():
                said = self._connection.recv()
        return _ended(said if isinstance(said, str) and said != READY else f"exit status {self._exit_status()}")

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> None:
        """Wait until it has ended; it must have been killed."""
        self._process.wait()
        self._connection.close()
        os.close(self._memory)

    def _exit_status(self) -> int:
        """Of a process that has ended by itself or been killed for taking too long."""
        try:
            return self._process.wait(_MOMENT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


@contextmanager
def other_processes(job: Job, processes: Processes) -> Iterator[OtherProcesses]:
    """Those beside this one. Where they share the base, all of them have joined a group, this one too.

    Raises:
        Fault: one of them is gone, now or while they are used.
    """
    others: list[OtherProcess] = []
    with ExitStack() as stack:
        if processes.share_base:
            place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            job = job._replace(meeting=Meeting(place / "meeting", processes.number))
            stack.callback(leave)
        stack.callback(_end, others)
        for number in range(1, processes.number):
            others.append(OtherProcess(number))
            others[-1].say(job._replace(meeting=job.meeting and job.meeting._replace(number=number)))
        for process in others:
            process.wait_until_ready()
        if job.meeting is not None:
            stack.enter_context(_explained(others))
            join(job.meeting)
        yield OtherProcesses(others, share_base=processes.share_base)


@contextmanager
def _explained(others: Sequence[OtherProcess]) -> Iterator[None]:
    """Where torch says that a process has left which it waits for, it is said what became of that one."""
    try:
        yield
    except torch.OutOfMemoryError:
        raise
    except RuntimeError as error:
        ended = _first_to_end(others)
        if ended is None:
            raise
        raise ended.gone() from error


def _first_to_end(others: Sequence[OtherProcess]) -> OtherProcess | None:
    """One that has ended, or does in a moment."""
    ends = time.monotonic() + _MOMENT
    while time.monotonic() < ends:
        for process in others:
            if process.has_ended():
                return process
        time.sleep(0.05)
    return None


def _end(others: Sequence[OtherProcess]) -> None:
    """They keep nothing that has to be put away, and may be waiting for one another."""
    for process in others:
        process.kill()
    for process in others:
        process.close()


def _ended(why: str) -> Fault | UsageError:
    if why.startswith("OutOfMemoryError"):
        return no_memory()
    return Fault(f"a process that computes gradients ended: {why}", mend=_AGAIN)


def _device(number: int) -> str:
    """The GPU with this number among those that this process may use."""
    mine = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    names = [name.strip() for name in mine.split(",")] if mine else []
    return names[number] if number < len(names) else str(number)
